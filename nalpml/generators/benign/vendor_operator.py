"""Operators' signalling, overlays and flow export.

RFC 7348 and 8926 (VXLAN, GENEVE), RFC 9300 and 9301 (LISP), RFC 3954 and 7011 (NetFlow, IPFIX),
sFlow 5, RFC 9260 (SCTP), RFC 5415 (CAPWAP), 3GPP TS 29.060, 29.281, 29.274, 29.244 (GTP, PFCP).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, output, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._inner import inner_packets
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_design import Design
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _inside(rng: Rng, net: Network) -> list[Conversation]:
    """What an overlay carries: web, mail and drawn protocols of the hosts behind it."""
    out = []
    for _ in range(int(rng.integers(1, 4))):
        stream = rng.random() < 0.7
        port = int(pick(rng, (80, 443, 25, 3306, 53, 5060, 8080)))
        conv = (tcp if stream else udp)(rng, net, port, version=4, scope="lan")
        design = Design(rng, not stream)
        for k in range(int(rng.integers(1, 6))):
            text = (
                output(rng, lot(rng, 20, 900)) if stream else design.message(lot(rng, 20, 900), 0)
            )
            conv.say(k % 2, text, wait(rng))
        out.append(conv)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay(Profile):
    """Other hosts' packets in VXLAN, GENEVE or GTP, as clouds and radio networks carry them."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one tunnel's packets."""
        kind = pick(rng, ("vxlan", "geneve", "gtp", "lisp"))
        port = {"vxlan": pick(rng, (4789, 8472)), "geneve": 6081, "gtp": 2152, "lisp": 4341}[kind]
        ends = net.ends(rng, scope="lan")
        number = rng.bytes(3)
        out: dict[int, Conversation] = {}
        for t, d, text in inner_packets(_inside(rng, net), rng, limit=lot(rng, 1, 120)):
            frame = (
                ends.client.mac.to_bytes(6, "big")
                + ends.server.mac.to_bytes(6, "big")
                + b"\x08\0"
                + text
            )
            if kind == "vxlan":
                body = b"\x08\0\0\0" + number + b"\0" + frame
            elif kind == "geneve":
                body = b"\0\0\x65\x58" + number + b"\0" + frame
            elif kind == "gtp":
                body = b"\x30\xff" + short(len(text)) + number + b"\1" + text
            else:
                body = b"\x80" + number + b"\0\0\0\1" + text
            sport = port if kind == "gtp" else 49152 + (_spread(text) & 0x3FFF)
            if sport not in out:
                out[sport] = Conversation(ends, 17, sport=sport, dport=port)
            out[sport].at(t, d if kind == "gtp" else 0, body)
        return list(out.values())


def _spread(text: bytes) -> int:
    """A number of an inner IPv4 flow: its addresses, summed."""
    return sum(text[12:20]) * 2654435761 >> 7


def _flows(rng: Rng, conv: Conversation) -> None:
    """NetFlow 5 and 9, IPFIX, sFlow: one way, up to a full packet."""
    style, seq = int(rng.integers(4)), int(rng.integers(1 << 20))
    for _ in range(lot(rng, 1, 25)):
        n = int(rng.integers(1, 28))
        if style == 0:
            body = (
                struct.pack(">HHIIII", 5, n, 60000, 1_700_000_000, 0, seq)
                + bytes(4)
                + b"".join(
                    rng.bytes(12)
                    + bytes(4)
                    + struct.pack(
                        ">IIII", int(rng.integers(99)), int(rng.integers(9999)), 59000, 60000
                    )
                    + rng.bytes(4)
                    + b"\0\x18\6\0"
                    + bytes(8)
                    for _ in range(n)
                )
            )
        elif style == 3:
            body = (
                struct.pack(">II", 5, 1)
                + rng.bytes(4)
                + struct.pack(">IIII", 0, seq, 60000, n % 7 + 1)
                + b"".join(
                    struct.pack(">IIIIIII", 2, 108, seq, 3, 1, 1, 88)
                    + struct.pack(">IIIII", 3, 6, 0, 10**8, 1)
                    + b"\0\0\0\3"
                    + rng.bytes(64)
                    for _ in range(n % 7 + 1)
                )
            )
        else:
            template = b"\0\0\0\x14\1\0\0\3\0\x08\0\4\0\x0c\0\4\0\1\0\4"
            data = b"".join(
                rng.bytes(8) + struct.pack(">I", int(loguniform(rng, 40, 1e6))) for _ in range(n)
            )
            body = template + b"\1\0" + short(4 + len(data)) + data
            head = (
                struct.pack(">HHIIII", 9, n + 1, 60000, 1_700_000_000, seq, 1)
                if style == 1
                else struct.pack(">HHIII", 10, 16 + len(body), 1_700_000_000, seq, 1)
            )
            body = head + body
        conv.say(0, body[:1460], loguniform(rng, 1e-3, 30))
        seq += n


def _lisp(rng: Rng, conv: Conversation) -> None:
    """Registrations signed by an HMAC, requests for mappings, notifications."""
    key, eid = rng.bytes(20), rng.bytes(4)
    for _ in range(int(rng.geometric(0.3))):
        record = b"\0\0\5\xa0\1\x20\x10\0\0\0\0\1" + eid + b"\1\1\xff\0\0\5\0\1" + rng.bytes(4)
        conv.say(
            0,
            b"\x30\0\1\1" + rng.bytes(8) + b"\0\1\0\x14" + key + record,
            float(pick(rng, (1.0, 60.0))),
        )
        if rng.random() < 0.5:
            conv.say(
                1, b"\x40\0\0\1" + rng.bytes(8) + b"\0\1\0\x14" + rng.bytes(20) + record, wait(rng)
            )


def _capwap(rng: Rng, conv: Conversation) -> None:
    data = conv.dport == 5247
    mac, count, name = rng.bytes(6), [0], word(rng).encode()
    vendor = b"\0\x25\0\x1a\0\0\x40\x96\0\1" + rng.bytes(20)

    def frame(kind: int, text: bytes) -> bytes:
        count[0] += 1
        head = b"\0\x10\2" + (b"\0" if not data else b"\x10") + bytes(4)
        return head + struct.pack(">IBHB", kind, count[0] & 255, len(text) + 3, 0) + text

    if data:
        for k in range(lot(rng, 1, 120)):
            conv.say(
                int(rng.integers(2)),
                b"\0\x10\3"
                + bytes(5)
                + b"\x42\x08\0\0"
                + mac
                + rng.bytes(12)
                + short(k << 4)
                + bytes((k & 255, 0, 0, 32))
                + bytes(4)
                + cipher(rng, 40, 1300),
                loguniform(rng, 1e-3, 2),
            )
        return
    for _ in range(int(rng.integers(1, 5))):
        conv.say(0, frame(1, b"\0\x14\0\1\1\0\x2c\0\1\4\0\x2d\0\1\1" + vendor), 5.0)
        if rng.random() < 0.6:
            conv.say(1, frame(2, b"\0\4" + short(len(name)) + name + vendor), wait(rng))
    if rng.random() < 0.6:
        for k in range(lot(rng, 1, 40)):
            size = lot(rng, 40, 300)
            conv.say(
                int(rng.integers(2)),
                b"\1\0\0\0\x17\xfe\xff\0\1" + k.to_bytes(6, "big") + short(size) + rng.bytes(size),
                loguniform(rng, 0.01, 30),
            )


def _gtp(rng: Rng, conv: Conversation) -> None:
    """GTPv1-C, GTPv2-C, GTP' and PFCP: echoes and sessions."""
    two = conv.dport in (2123, 8805)
    head = {2123: b"\x40", 3386: b"\x4e", 8805: b"\x20"}.get(conv.dport, b"\x32")

    def frame(kind: int, k: int, text: bytes) -> bytes:
        if two and kind < 3:
            return (
                head + bytes((kind,)) + short(4 + len(text)) + k.to_bytes(3, "big") + b"\0" + text
            )
        if two:
            wide = rng.bytes(8) if conv.dport == 8805 else rng.bytes(4)
            return (
                bytes((head[0] | (1 if conv.dport == 8805 else 8), kind))
                + short(len(wide) + 4 + len(text))
                + wide
                + k.to_bytes(3, "big")
                + b"\0"
                + text
            )
        return head + bytes((kind,)) + short(len(text)) + short(k) + text

    recovery = b"\0\x60\0\4" + rng.bytes(4) if conv.dport == 8805 else b"\3\0\1\0\1"
    beat = conv.dport != 8805 or rng.random() < 0.6
    rounds(
        rng,
        conv,
        lambda k: (
            frame(1, k, recovery if two else b"")
            if beat
            else frame(50, k, b"\0\x3c\0\5\0" + rng.bytes(4) + b"\0\x39\0\x0d\2" + rng.bytes(12))
        ),
        lambda k: (
            frame(2, k, recovery if two else b"\x0e\0")
            if beat
            else frame(51, k, b"\0\x13\0\1\1\0\x39\0\x0d\2" + rng.bytes(12))
        ),
        pause=(0.01, 60),
        most=30,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sctp(Profile):
    """Associations of signalling: INIT to COOKIE, data and heartbeats, check sums by CRC32c."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one association; ports are in the payload."""
        conv = Conversation(net.ends(rng, scope="lan", version=4), 132)
        ports = struct.pack(">HH", 2905, 2905)
        tags = (rng.bytes(4), rng.bytes(4))

        def put(d: int, kind: int, flags: int, text: bytes, gap: float) -> None:
            chunk = bytes((kind, flags)) + short(4 + len(text)) + text + bytes(-len(text) % 4)
            head = ports + (bytes(4) if kind == 1 else tags[1 - d])
            conv.say(d, head + struct.pack("<I", _crc32c(head + bytes(4) + chunk)) + chunk, gap)

        base = int(rng.integers(1 << 31))
        if rng.random() < 0.5:
            put(0, 1, 0, tags[0] + struct.pack(">IHHI", 106496, 10, 65535, base), 0.0)
            put(
                1,
                2,
                0,
                tags[1]
                + struct.pack(">IHHI", 106496, 10, 10, base)
                + b"\0\7\0\x54"
                + rng.bytes(80),
                wait(rng),
            )
            put(0, 10, 0, rng.bytes(80), wait(rng))
            put(1, 11, 0, b"", wait(rng))
        for k in range(lot(rng, 1, 40)):
            d = int(rng.integers(2))
            if rng.random() < 0.4:
                text = b"\0\1\0\x2c" + rng.bytes(40)
                put(d, 4, 0, text, 10.0)
                put(1 - d, 5, 0, text, wait(rng))
            else:
                put(
                    d,
                    0,
                    3,
                    struct.pack(">IHHI", base + k, 0, k & 0xFFFF, 3) + _beat(rng),
                    loguniform(rng, 1e-3, 5),
                )
                put(1 - d, 3, 0, struct.pack(">IIHH", base + k, 106496, 0, 0), wait(rng))
        return [conv]


def _beat(rng: Rng) -> bytes:
    """A heartbeat of M3UA (RFC 4666) with any content."""
    size = 4 * lot(rng, 4, 60)
    return b"\1\0\3\3" + struct.pack(">IHH", 12 + size, 9, 4 + size) + rng.bytes(size)


def _crc32c(text: bytes) -> int:
    value = 0xFFFFFFFF
    for octet in text:
        value = _CRC[(value ^ octet) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def _table() -> tuple[int, ...]:
    out = []
    for k in range(256):
        for _ in range(8):
            k = k >> 1 ^ 0x82F63B78 if k & 1 else k >> 1
        out.append(k)
    return tuple(out)


_CRC = _table()


PROFILES: tuple[Profile, ...] = (
    Overlay(name="operator.overlay", about="VXLAN, GENEVE, GTP, LISP."),
    Sctp(name="operator.sctp", about="Signalling over SCTP (RFC 9260)."),
    Named(name="operator.flows", about="Flow exporters.", write=_flows,
        ports=(2055, 9995, 4739, 6343), over="udp"),
    Named(name="operator.lisp", about="LISP control.", write=_lisp, ports=(4342,), over="udp",
        sport=-1),
    Named(name="operator.capwap", about="CAPWAP and its data.", write=_capwap, ports=(5246, 5247),
        over="udp"),
    Named(name="operator.gtp", about="GTP and PFCP.", write=_gtp, ports=(2123, 3386, 8805),
        over="udp", sport=-1),
)  # fmt: skip
