"""Real-time and peer-to-peer UDP: QUIC, RTP and its signalling, STUN, games, BitTorrent.

RFC 9000 (QUIC), RFC 3550 (RTP), RFC 3261 (SIP), RFC 8489 (STUN), BEP 5 and BEP 29 (DHT, uTP).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import udp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quic(Profile):
    """Initial, handshake and short-header packets of a QUIC v1 connection."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one connection."""
        conv = udp(rng, net, pick(rng, (443, 443, 443, 8443, 853)), scope="wan")
        cid, sid = rng.bytes(8), rng.bytes(int(pick(rng, (8, 8, 16, 20))))
        top = min(conv.ends.path.mtu - 48, pick(rng, (1200, 1250, 1357, 1378, 1452)))
        conv.say(0, _long(rng, 0xC0, cid, b"", 1200), 0)
        conv.say(1, _long(rng, 0xC0, b"", sid, 1200), loguniform(rng, 1e-3, 0.03))
        conv.say(1, _long(rng, 0xE0, b"", sid, int(rng.integers(600, 1200))), 1e-5)
        conv.say(0, _long(rng, 0xE0, sid, b"", int(rng.integers(70, 130))), 1e-3)
        for _ in range(int(rng.integers(1, 20))):
            conv.say(
                0, self._short(rng, sid, int(loguniform(rng, 30, 900))), loguniform(rng, 1e-3, 8)
            )
            for k in range(max(1, int(loguniform(rng, 1, 60)))):
                conv.say(1, self._short(rng, b"", top), 0.005 if k == 0 else 2e-5)
                if k % 4 == 3:
                    conv.at(
                        conv.now + conv.ends.path.owd,
                        0,
                        self._short(rng, sid, int(rng.integers(28, 42))),
                    )
            conv.say(1, self._short(rng, b"", int(rng.integers(25, top))), 2e-5)
        return [conv]

    @staticmethod
    def _short(rng: np.random.Generator, cid: bytes, size: int) -> bytes:
        return (
            bytes((0x40 | int(rng.integers(64)),)) + cid + rng.bytes(max(20, size - 1 - len(cid)))
        )


def _long(rng: np.random.Generator, kind: int, to: bytes, own: bytes, size: int) -> bytes:
    head = bytes((kind | int(rng.integers(4)),)) + b"\0\0\0\x01" + bytes((len(to),)) + to
    head += bytes((len(own),)) + own + (b"\0" if kind == 0xC0 else b"")
    rest = size - len(head) - 2
    return head + struct.pack(">H", 0x4000 | rest) + rng.bytes(rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rtp(Profile):
    """A call: SIP, perhaps STUN, RTP both ways, RTCP every five seconds."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one call."""
        signal = udp(rng, net, 5060, sport=5060 if rng.random() < 0.5 else None)
        ends = signal.ends
        call, user = rng.bytes(8).hex(), word(rng)
        domain = hostname(rng)
        head = (
            f"Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK{call[:8]}\r\n"
            f"From: <sip:{user}@{domain}>;"
            f"tag={call[4:10]}\r\nTo: <sip:{word(rng)}@{domain}>\r\n"
            f"Call-ID: {call}\r\nCSeq: 1 INVITE\r\n"
        )
        sdp = "v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\n"
        sdp += "m=audio 16400 RTP/AVP 0\r\n"
        tail = f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
        empty = "Content-Length: 0\r\n\r\n"
        signal.say(0, f"INVITE sip:{user}@{domain} SIP/2.0\r\n{head}{tail}".encode(), 0)
        signal.say(1, f"SIP/2.0 100 Trying\r\n{head}{empty}".encode(), 0.01)
        signal.say(1, f"SIP/2.0 180 Ringing\r\n{head}{empty}".encode(), 0.2)
        signal.say(1, f"SIP/2.0 200 OK\r\n{head}{tail}".encode(), loguniform(rng, 0.5, 8))
        signal.say(0, f"ACK sip:{user}@{domain} SIP/2.0\r\n{head}{empty}".encode(), 0.01)
        start, length = signal.now + 0.05, loguniform(rng, 3, 45)
        signal.say(0, f"BYE sip:{user}@{domain} SIP/2.0\r\n{head}{empty}".encode(), length)
        signal.say(1, f"SIP/2.0 200 OK\r\n{head}{empty}".encode(), 0.01)
        port, peer = 2 * int(rng.integers(5000, 32000)), 2 * int(rng.integers(5000, 32000))
        media = Conversation(ends, 17, sport=port, dport=peer, start=start)
        control = Conversation(ends, 17, sport=port + 1, dport=peer + 1, start=start)
        kind, size, step = pick(
            rng,
            (
                (0, 160, 0.02),
                (8, 160, 0.02),
                (18, 20, 0.02),
                (111, 80, 0.02),
                (111, 120, 0.06),
                (96, 1000, 0.012),
            ),
        )
        for d in (0, 1):
            if rng.random() < 0.08:
                continue
            seq, stamp, source = int(rng.integers(65536)), int(rng.integers(1 << 32)), rng.bytes(4)
            quiet = rng.random() < 0.3
            n = int(length / step)
            noise = rng.exponential(step * loguniform(rng, 0.002, 0.05), n)
            for k in range(n):
                if quiet and (k // 120) % 3 == 1:
                    continue
                body = rng.bytes(size if kind in (0, 8, 18) else int(rng.integers(size // 2, size)))
                if kind in (0, 8):
                    body = bytes(b | 0x50 for b in body[:40]) * 4
                first = struct.pack(
                    ">BBHI", 0x80, kind, (seq + k) & 0xFFFF, (stamp + 160 * k) & 0xFFFFFFFF
                )
                media.at(k * step + float(noise[k]), d, first + source + body)
            for k in range(int(length / 5) + 1):
                report = struct.pack(">BBH", 0x80, 200, 6) + source + rng.bytes(20)
                control.at(5 * k + 0.5, d, report)
        return [c for c in (signal, media, control) if c.t]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stun(Profile):
    """Binding requests and consent checks to a server or a peer."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one agent's checks."""
        conv = udp(rng, net, pick(rng, (3478, 3478, 19302, int(rng.integers(20000, 60000)))))
        check = rng.random() < 0.5
        for _ in range(int(rng.integers(1, 40))):
            transaction = rng.bytes(12)
            attributes = b""
            if check:
                attributes = (
                    b"\x00\x06\x00\x09" + word(rng).encode()[:4].ljust(4, b"x") + b":abcd\0\0\0"
                )
                attributes += (
                    b"\x80\x2a\x00\x08" + rng.bytes(8) + b"\x00\x24\x00\x04" + rng.bytes(4)
                )
            head = struct.pack(">HHI", 1, len(attributes), 0x2112A442)
            conv.say(0, head + transaction + attributes, loguniform(rng, 0.05, 16))
            mapped = b"\x00\x20\x00\x08\x00\x01" + rng.bytes(6)
            conv.say(
                1, struct.pack(">HHI", 0x101, len(mapped), 0x2112A442) + transaction + mapped, 5e-4
            )
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Game(Profile):
    """A game session: many small state updates at a tick rate, each way its own."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = udp(
            rng,
            net,
            int(pick(rng, (27015, 7777, 3074, 25565, 9987, int(rng.integers(2000, 60000))))),
            scope="wan",
        )
        if rng.random() < 0.5:
            conv.say(0, b"\xff\xff\xff\xffTSource Engine Query\0", 0)
            conv.say(
                1,
                b"\xff\xff\xff\xffI\x11"
                + word(rng).encode()
                + b"\0de_dust2\0csgo\0Game\0"
                + rng.bytes(20),
                0.001,
            )
        begin, length = conv.now + 0.1, loguniform(rng, 4, 40)
        for d in (0, 1):
            rate = float(pick(rng, (10, 20, 30, 60, 64, 66)))
            size, spread = (
                (int(loguniform(rng, 24, 120)), 0.2)
                if d == 0
                else (int(loguniform(rng, 60, 500)), 0.5)
            )
            n = int(length * rate)
            sizes = np.clip(rng.lognormal(np.log(size), spread, n), 8, 1200).astype(int).tolist()
            noise = rng.exponential(0.1 / rate, n).tolist()
            constant = rng.bytes(3)
            base = int(rng.integers(1 << 20))
            state = bytearray(rng.bytes(1300))
            for k in range(n):
                head = constant + struct.pack("<II", base + k, base + 2 * k)
                at = k % 1000
                state[at] = (state[at] + 7) & 255
                conv.at(begin + k / rate + noise[k], d, head + bytes(state[: sizes[k]]))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class BitTorrent(Profile):
    """DHT queries to many peers, and a uTP transfer with one of them."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one client's minute."""
        ends = net.ends(rng, scope="wan", new=1.0, version=4)
        port, ident = int(rng.integers(6881, 65000)), rng.bytes(20)
        out = []
        for k in range(int(rng.integers(3, 30))):
            peer = net.outside(rng, new=0.9)
            path = net.path(rng, client=ends.client, server=peer)
            conv = Conversation(
                Ends(client=ends.client, server=peer, version=4, path=path),
                17,
                sport=port,
                dport=int(rng.integers(1024, 65000)),
                start=k * 0.3,
            )
            mark = rng.bytes(2)
            ask = (
                b"d1:ad2:id20:"
                + ident
                + b"6:target20:"
                + rng.bytes(20)
                + b"e1:q9:find_node1:t2:"
                + mark
                + b"1:y1:qe"
            )
            conv.say(0, ask, float(rng.random()))
            if rng.random() < 0.6:
                nodes = rng.bytes(26 * 8)
                conv.say(
                    1,
                    b"d1:rd2:id20:"
                    + rng.bytes(20)
                    + b"5:nodes208:"
                    + nodes
                    + b"e1:t2:"
                    + mark
                    + b"1:y1:re",
                    0.01,
                )
            out.append(conv)
        data = Conversation(ends, 17, sport=port, dport=int(rng.integers(1024, 65000)), start=2.0)
        conn = int(rng.integers(65536))
        d = int(rng.integers(2))
        data.say(0, _utp(rng, 4, conn, 0, b""), 0)
        data.say(1, _utp(rng, 2, conn, 0, b""), 1e-3)
        data.say(
            0,
            _utp(rng, 0, conn + 1, 1, b"\x13BitTorrent protocol" + bytes(8) + rng.bytes(40)),
            1e-3,
        )
        data.say(
            1, _utp(rng, 0, conn, 1, b"\x13BitTorrent protocol" + bytes(8) + rng.bytes(40)), 1e-3
        )
        for k in range(int(loguniform(rng, 10, 500))):
            data.say(
                d, _utp(rng, 0, conn + 1 - d, k + 2, rng.bytes(1380)), loguniform(rng, 1e-5, 5e-3)
            )
            if k % 2:
                data.at(data.now + data.ends.path.owd, 1 - d, _utp(rng, 2, conn + d, 1, b""))
        return [*out, data]


def _utp(rng: np.random.Generator, kind: int, conn: int, seq: int, body: bytes) -> bytes:
    stamps = rng.bytes(4) + struct.pack(">II", int(rng.integers(200000)), 1048576)
    head = struct.pack(">BBH", kind << 4 | 1, 0, conn & 0xFFFF) + stamps
    return head + struct.pack(">HH", seq & 0xFFFF, seq & 0xFFFF) + body


PROFILES: tuple[Profile, ...] = (
    Quic(name="quic.web", about="HTTP/3 and DNS over QUIC (RFC 9000)."),
    Rtp(name="rtp.call", about="SIP signalling, RTP of six codecs, RTCP (RFC 3261, RFC 3550)."),
    Stun(name="stun.binding", about="STUN and ICE checks (RFC 8489)."),
    Game(name="game.session", about="Small state updates at 10 to 66 ticks a second."),
    BitTorrent(
        name="bittorrent.swarm",
        about="DHT and uTP with random-looking peers and content (BEP 5, 29).",
    ),
)
