"""Peer-to-peer networks: coins, file sharing, overlays.

devp2p (RLPx, discv4 and discv5), the Bitcoin developer reference, BEP 3, 5, 10, 14, 15 and 29
(BitTorrent, DHT, local discovery, trackers, uTP) and the message stream encryption page, libp2p's
multistream-select, Syncthing's BEP, Gnutella 0.6, eDonkey as dissected, IPFS' ports, Nano's node
protocol, Stratum's JSON lines, the Tor link specification (outside: TLS).
"""

from __future__ import annotations

import json
import struct

import numpy as np

from nalpml.generators._content import loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, Writer, lot, short, wait
from nalpml.generators.benign.vendor_partial import pieces

__all__ = ["PROFILES", "Swarm", "swarm"]

Rng = np.random.Generator


class Swarm(Named):
    """A node with one port and many peers, some of which are gone or never answer."""

    __slots__ = ()

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw the contacts of one node."""
        host, own = net.host(rng), pick(rng, self.ports)
        inbound = rng.random() < 0.3
        out = []
        for k in range(int(rng.integers(1, 16))):
            peer = net.outside(rng, new=0.95)
            pair = (peer, host) if inbound else (host, peer)
            ends = Ends(
                client=pair[0],
                server=pair[1],
                version=4,
                path=net.path(rng, client=pair[0], server=pair[1]),
            )
            port = pick(rng, self.ports) if rng.random() < 0.5 else int(rng.integers(1024, 65535))
            source = own if self.over == "udp" and not inbound else ephemeral(rng, ends)
            conv = Conversation(
                ends,
                17 if self.over == "udp" else 6,
                sport=source,
                dport=own if inbound else port,
                start=k * loguniform(rng, 0.02, 3),
                closing=pick(rng, ("fin", "rst", "none")),
            )
            if self.over == "tcp" and rng.random() < 0.35:
                conv.opening, conv.closing = pick(rng, ("syn", "refused")), "none"
                out.append(conv)
                continue
            self.write(rng, conv)
            if self.over == "udp" and rng.random() < 0.3:
                keep = max(1, int(rng.integers(1, 3)))
                sent = [i for i, d in enumerate(conv.d) if d == 0][:keep]
                alone = Conversation(ends, 17, sport=conv.sport, dport=conv.dport, start=conv.start)
                for i in sent:
                    alone.at(conv.t[i], 0, conv.payloads[i])
                conv = alone
            out.append(conv)
        silent = [c for c in out if not c.t and c.opening in ("syn", "refused")]
        return pieces(rng, [c for c in out if c.t], 0.2) + silent


def swarm(name: str, about: str, write: Writer, ports: tuple[int, ...], over: str = "tcp") -> Swarm:
    """Describe a swarm profile."""
    return Swarm(name=name, about=about, write=write, ports=ports, over=over, scope="wan")


def _rlpx(rng: Rng, conv: Conversation) -> None:
    """Two handshake messages of random length, then frames of whole blocks: no clear octet."""
    for d, least in ((0, 194), (1, 97)):
        size = least + 113 + int(rng.integers(100, 250))
        conv.say(d, short(size) + b"\4" + rng.bytes(size - 1), wait(rng))
    for _ in range(lot(rng, 1, 30)):
        conv.say(
            int(rng.integers(2)),
            rng.bytes(32 + 16 * lot(rng, 1, 60) + 16),
            loguniform(rng, 1e-3, 15),
        )


def _discv4(rng: Rng, conv: Conversation) -> None:
    def packet(kind: int, text: bytes) -> bytes:
        return rng.bytes(97) + bytes((kind,)) + text

    end = b"\xcb\x84" + rng.bytes(4) + b"\x82" + rng.bytes(2) + b"\x82" + rng.bytes(2)
    for _ in range(int(rng.integers(1, 6))):
        conv.say(
            0, packet(1, b"\xdd\4" + end + end + b"\x84" + rng.bytes(4)), loguniform(rng, 0.01, 10)
        )
        conv.say(
            1,
            packet(2, b"\xf2" + end + b"\xa0" + rng.bytes(32) + b"\x84" + rng.bytes(4)),
            wait(rng),
        )
        if rng.random() < 0.5:
            conv.say(
                0,
                packet(3, b"\xf8\x48\xb8\x40" + rng.bytes(64) + b"\x84" + rng.bytes(4)),
                wait(rng),
            )
            for n in (12, 4):
                conv.say(
                    1,
                    packet(
                        4,
                        b"\xf9"
                        + short(n * 79)
                        + b"".join(
                            b"\xf8\x4d\x84"
                            + rng.bytes(4)
                            + b"\x82\x76\x5f\x82\x76\x5f\xb8\x40"
                            + rng.bytes(64)
                            for _ in range(n)
                        ),
                    ),
                    wait(rng),
                )


def _discv5(rng: Rng, conv: Conversation) -> None:
    """Headers masked by the recipient's identity: random octets of typical lengths."""
    for size in (63 + 16 + lot(rng, 1, 30), 63, 400 + lot(rng, 1, 100), 100 + lot(rng, 1, 400))[
        : int(rng.integers(1, 5))
    ]:
        conv.say(len(conv.t) % 2, rng.bytes(size), wait(rng) if conv.t else 0.0)


def _payload(rng: Rng, name: str, size: int) -> bytes:
    if name == "tx":
        text = b"\1\0\0\0\1" + rng.bytes(36) + b"\x6a" + rng.bytes(106) + b"\xff" * 4 + b"\2"
        return (
            text
            + (rng.bytes(4) + bytes(4) + b"\x19\x76\xa9\x14" + rng.bytes(20) + b"\x88\xac") * 2
            + bytes(4)
        )
    if name in ("ping", "pong", "cmpctblock"):
        return rng.bytes(size)
    kinds = {"inv": (36, b"\1\0\0\0"), "getdata": (36, b"\1\0\0\0")}
    each, head = kinds.get(name, (size - 1, b""))
    end = b"\0" if name == "headers" else b""
    rest = each - len(head) - len(end)
    return bytes(((size - 1) // each,)) + (head + rng.bytes(rest) + end) * ((size - 1) // each)


def _bitcoin(rng: Rng, conv: Conversation) -> None:
    magic = pick(
        rng,
        (
            b"\xf9\xbe\xb4\xd9",
            b"\xf9\xbe\xb4\xd9",
            b"\x0b\x11\x09\x07",
            b"\xfb\xc0\xb6\xdb",
            b"\xc0\xc0\xc0\xc0",
        ),
    )

    def message(name: str, text: bytes) -> bytes:
        return (
            magic
            + name.encode().ljust(12, b"\0")
            + struct.pack("<I", len(text))
            + rng.bytes(4)
            + text
        )

    for d in (0, 1):
        conv.say(
            d,
            message(
                "version",
                struct.pack("<IQQ", 70015, 1033, 1_700_000_000)
                + bytes(52)
                + rng.bytes(8)
                + b"\x10/Satoshi:0.21.0/"
                + rng.bytes(5),
            ),
            wait(rng),
        )
        conv.say(d, message("verack", b""), wait(rng))
    for _ in range(lot(rng, 1, 60)):
        name, size = pick(
            rng,
            (
                ("inv", 37),
                ("inv", 73),
                ("tx", 0),
                ("ping", 8),
                ("pong", 8),
                ("getdata", 37),
                ("addr", 31),
                ("headers", 82),
                ("cmpctblock", 3000),
            ),
        )
        conv.say(
            int(rng.integers(2)),
            message(name, _payload(rng, name, size)),
            loguniform(rng, 0.01, 20),
        )


def _streams(rng: Rng, conv: Conversation) -> None:
    """libp2p: protocols by name behind a varint, then Noise or TLS frames of two-octet lengths."""

    def name(text: str) -> bytes:
        return bytes((len(text) + 1,)) + text.encode() + b"\n"

    for d in (0, 1):
        conv.say(
            d, name("/multistream/1.0.0") + name(pick(rng, ("/noise", "/tls/1.0.0"))), wait(rng)
        )
    for d, size in ((0, 32), (1, 200), (0, 170)):
        conv.say(d, short(size) + rng.bytes(size), wait(rng))
    for _ in range(lot(rng, 1, 60)):
        size = lot(rng, 20, 1500)
        conv.say(int(rng.integers(2)), short(size) + rng.bytes(size), loguniform(rng, 1e-3, 15))


def _stratum(rng: Rng, conv: Conversation) -> None:
    def line(value: object) -> bytes:
        return json.dumps(value).encode() + b"\n"

    conv.say(0, line({"id": 1, "method": "mining.subscribe", "params": [f"{word(rng)}/1.0"]}), 1e-3)
    conv.say(
        1,
        line(
            {
                "id": 1,
                "result": [[["mining.notify", rng.bytes(4).hex()]], rng.bytes(4).hex(), 4],
                "error": None,
            }
        ),
        wait(rng),
    )
    for k in range(lot(rng, 1, 30)):
        if rng.random() < 0.6:
            conv.say(
                1,
                line(
                    {
                        "id": None,
                        "method": "mining.notify",
                        "params": [
                            rng.bytes(4).hex(),
                            rng.bytes(32).hex(),
                            rng.bytes(80).hex(),
                            [],
                            "20000000",
                            "1a0ffff0",
                            True,
                        ],
                    }
                ),
                loguniform(rng, 1, 40),
            )
        else:
            conv.say(
                0,
                line(
                    {
                        "id": k + 4,
                        "method": "mining.submit",
                        "params": [word(rng), rng.bytes(4).hex(), rng.bytes(4).hex()],
                    }
                ),
                loguniform(rng, 1, 40),
            )
            conv.say(1, line({"id": k + 4, "result": True, "error": None}), wait(rng))


PROFILES: tuple[Profile, ...] = (
    swarm("p2p.rlpx", "Ethereum's RLPx.", _rlpx, (30303, 30303, 30304, 30301)),
    swarm("p2p.discv4", "Ethereum's discovery 4.", _discv4, (30303, 30303, 30301, 30304), "udp"),
    swarm("p2p.discv5", "Ethereum's discovery 5.", _discv5, (9000, 30303, 12000, 13000), "udp"),
    swarm("p2p.bitcoin", "Bitcoin and its children.", _bitcoin,
        (8333, 8333, 18333, 9333, 22556)),
    swarm("p2p.libp2p", "libp2p streams.", _streams, (4001, 30333, 9000)),
    Named(name="p2p.stratum", about="Mining pools that a site allows.", write=_stratum,
        ports=(3333, 4444, 8332), scope="wan"),
)  # fmt: skip
