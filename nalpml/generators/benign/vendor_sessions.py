"""Long encrypted sessions from their middle, lone answers, lone echoes, rare IP protocols.

RFC 8446 (TLS records), RFC 4253 (SSH binary packets), RFC 1035, 5905 and 3416 (answers that are
seen without their questions), RFC 792 and 4443 (echo), RFC 4303 and 4302 (ESP, AH), RFC 2637 and
2784 (GRE, with PPTP's), RFC 1701, RFC 4340 (DCCP), RFC 3208 (PGM), RFC 2332 (NHRP), RFC 3173
(IPComp), RFC 8200 (no next header), RFC 6275 (mobility), RFC 3378 (EtherIP), RFC 2205 (RSVP),
RFC 3931 (L2TPv3), RFC 3828 (UDP-Lite), RFC 8986 (Ethernet in IPv6).
"""

from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, output, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._icmp import echo, icmp_conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import ephemeral, tcp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.rare_bodies import BODIES, gre
from nalpml.generators.benign.vendor_named import cipher, lot, short, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions(Profile):
    """A session that began before the capture: records of TLS or packets of SSH, at any pace.

    Parameters
    ----------
    ports : tuple of int
        Server ports to choose from.
    terminal : bool
        SSH instead of TLS.
    """

    ports: tuple[int, ...]
    terminal: bool = False

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = tcp(rng, net, pick(rng, self.ports), scope=None if self.terminal else "wan")
        conv.opening, conv.now = "none", 0.0
        if rng.random() < 0.5:
            conv.closing = "none"
        block, pace = int(pick(rng, (8, 16))), loguniform(rng, 0.005, 30)
        person, joined = rng.random() < 0.5, rng.random() < 0.25
        for _ in range(lot(rng, 1, 90)):
            gap = float(rng.lognormal(np.log(pace), 0.9)) if person else pace
            conv.say(0, self._message(rng, lot(rng, 8, 900), block, joined=joined), gap)
            for _ in range(int(rng.geometric(0.6))):
                size = lot(rng, 8, 4000 if rng.random() < 0.8 else 40_000)
                conv.say(1, self._message(rng, size, block, joined=joined), wait(rng))
            if conv.now > 300:
                break
        return [conv]

    def _message(self, rng: Rng, size: int, block: int, *, joined: bool) -> bytes:
        if self.terminal:
            return rng.bytes(block * (size // block + 2) + 16)
        out = b""
        while size > 0:
            part = min(size, int(pick(rng, (1369, 4096, 16368))))
            out += b"\x17\3\3" + short(part + 24) + rng.bytes(part + 24)
            size -= part
        # What is seen first may be the end of a record.
        return out[int(rng.integers(len(out))) :] if joined else out


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers(Profile):
    """Answers of public services without their questions: one way, one packet a flow in most."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw the answers that pass in a moment."""
        out = []
        kind = pick(rng, ("dns", "dns", "dns", "ntp", "snmp", "quic", "stun"))
        for k in range(int(rng.integers(1, 30))):
            ends = net.ends(rng, inbound=True, new=0.4, scope="wan")
            back = Ends(
                client=ends.server, server=ends.client, version=ends.version, path=ends.path
            )
            port = {"dns": 53, "ntp": 123, "snmp": 161, "quic": 443, "stun": 3478}[kind]
            turned = bool(rng.random() < 0.25)
            here, there = (ephemeral(rng, back), port) if turned else (port, ephemeral(rng, back))
            conv = Conversation(
                ends, 17, sport=here, dport=there, start=k * loguniform(rng, 1e-3, 2)
            )
            for _ in range(int(rng.geometric(0.85))):
                conv.say(0, self._answer(rng, kind, asked=turned), loguniform(rng, 0.01, 5))
            out.append(conv)
        return out

    @staticmethod
    def _answer(rng: Rng, kind: str, *, asked: bool) -> bytes:
        if kind == "dns":
            name = (
                b"".join(bytes((len(p),)) + p for p in hostname(rng).encode().split(b".")) + b"\0"
            )
            if asked:
                return rng.bytes(2) + b"\1\0\0\1" + bytes(6) + name + b"\0\1\0\1"
            n = int(rng.integers(0, 8))
            head = (
                rng.bytes(2)
                + (b"\x81\x80" if n else b"\x81\x83")
                + struct.pack(">HHHH", 1, n, 0, 0)
            )
            record = b"\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4"
            return head + name + b"\0\1\0\1" + b"".join(record + rng.bytes(4) for _ in range(n))
        if kind == "ntp":
            return (b"\x23" if asked else b"\x24") + b"\2\6\xec" + bytes(8) + rng.bytes(36)
        if kind == "snmp":
            tag = b"\xa0" if asked else b"\xa2"
            value = b"\5\0" if asked else b"\x41\4" + rng.bytes(4)
            bind = b"\6\x08\x2b\6\1\2\1\1\3\0" + value
            rest = b"\2\1\7\2\1\0\2\1\0\x30" + bytes((len(bind) + 2, 0x30, len(bind))) + bind
            body = b"\2\1\1\4\6public" + tag + bytes((len(rest),)) + rest
            return b"\x30" + bytes((len(body),)) + body
        if kind == "quic":
            return bytes((0x40 | int(rng.integers(64)),)) + cipher(rng, 24, 1300)
        if asked:
            return b"\0\1\0\0\x21\x12\xa4\x42" + rng.bytes(12)
        return b"\1\1\0\x0c\x21\x12\xa4\x42" + rng.bytes(12) + b"\0\x20\0\x08\0\1" + rng.bytes(6)


_LETTERS = b"abcdefghijklmnopqrstuvwabcdefghi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Echoes(Profile):
    """One or a few echo requests, or replies alone, with the fill of some ping."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw a few pairs of hosts."""
        out = []
        for k in range(int(rng.geometric(0.4))):
            ends = net.ends(rng, new=0.4)
            conv = icmp_conversation(ends, start=k * loguniform(rng, 0.01, 5))
            stamp = struct.pack("<QQ", 1_700_000_000 + k, int(rng.integers(10**6)))
            fill = bytes(range(16, 56))
            size = lot(rng, 8, 1400)
            data = pick(
                rng,
                (
                    _LETTERS,
                    stamp + fill,
                    stamp[:8] + bytes(range(8, 56)),
                    b"",
                    bytes(size),
                    (_LETTERS[:23] * 70)[:size],
                    fill[:4] + stamp + bytes(20),
                    b"\xaa" * 56,
                ),
            )
            ident, first, alone = (
                int(rng.integers(1 << 16)),
                int(rng.integers(1, 300)),
                rng.random(),
            )
            for n in range(int(rng.geometric(0.5))):
                reply = alone < 0.25
                at = n * 1.0
                if not reply:
                    conv.at(
                        at, 0, data, echo(ends.version, reply=False, ident=ident, seq=first + n)
                    )
                if reply or alone > 0.6:
                    late = at + (0.0 if reply else ends.path.owd + 3e-5)
                    conv.at(
                        late,
                        0 if reply else 1,
                        data,
                        echo(ends.version, reply=True, ident=ident, seq=first + n),
                    )
            out.append(conv)
        return out


def _sequenced(rng: Rng, k: int) -> bytes:
    return struct.pack(">I", k + 1) + rng.bytes(16 * lot(rng, 3, 60) + 12)


_NUMBERS = (33, 113, 103, 54, 108, 59, 135, 143, 97, 46, 115, 136, 89, 88, 112, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare(Profile):
    """IP protocols that are neither TCP, UDP nor ICMP and nobody hides in: a few packets of one.

    Parameters
    ----------
    numbers : tuple of int
        Protocols to choose from.
    """

    numbers: tuple[int, ...] = _NUMBERS

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw packets of one protocol between two hosts."""
        number = int(pick(rng, self.numbers))
        ends = net.ends(rng, version=6 if number in (59, 135, 143) else None)
        ends = dataclasses.replace(ends, path=dataclasses.replace(ends.path, mtu=1500))
        conv = Conversation(ends, number)
        spi, ports, both = (
            rng.bytes(4),
            struct.pack(">HH", *rng.integers(1024, 65536, 2)),
            rng.random() < 0.5,
        )
        pace, text = loguniform(rng, 1e-3, 10), output(rng, 200)
        for k in range(int(rng.geometric(0.35)) if rng.random() < 0.7 else lot(rng, 2, 120)):
            if number == 50:
                body = spi + _sequenced(rng, k)
            elif number == 51:
                body = (
                    b"\6\4\0\0"
                    + spi
                    + struct.pack(">I", k + 1)
                    + rng.bytes(12)
                    + ports
                    + rng.bytes(16)
                    + text[: k % 90]
                )
            elif number == 47:
                body = gre(rng, k)
            elif number in BODIES:
                body = BODIES[number](rng, k)
            elif number == 59:
                body = bytes(8 * int(rng.integers(0, 4)))
            elif number in (97, 143):
                body = (
                    (b"\x30\0" if number == 97 else b"")
                    + rng.bytes(12)
                    + b"\x08\6\0\1\x08\0\6\4\0\1"
                    + rng.bytes(20)
                )
            elif number == 113:
                body = ports + struct.pack(">I", k + 77) + bytes(4) + text[: lot(rng, 4, 190)]
            elif number == 108:
                body = b"\6\0\0\2" + rng.bytes(lot(rng, 30, 1200))
            elif number == 115:
                body = spi + b"\0\0\0\0" + rng.bytes(12) + b"\x08\0" + text[:60]
            else:
                body = (
                    (b"\0\1\x08\0" if number == 54 else b"\x16\0")
                    + bytes(6)
                    + rng.bytes(lot(rng, 2, 24))
                    + bytes(8)
                )
            conv.say(int(both and rng.random() < 0.5), body, pace * float(rng.exponential()))
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Sessions(name="vendor.middle_tls", about="TLS sessions from their middle.",
        ports=(443, 443, 443, 5223, 5228, 853, 993, 8443, 995, 465, 5061, 8883)),
    Sessions(name="vendor.middle_ssh", about="SSH sessions from their middle.",
        ports=(22, 22, 2222), terminal=True),
    Answers(name="vendor.answers", about="Lone answers and questions of public services."),
    Echoes(name="net.echoes", about="A few echoes, or their replies alone."),
    Rare(name="vendor.rare", about="Packets of rarer IP protocols."),
    Rare(name="vendor.ipsec", about="ESP and AH without their negotiation.", numbers=(50, 50, 51)),
    Rare(name="vendor.gre", about="GRE of ERSPAN, NHRP, PPTP and plain.", numbers=(47,)),
)  # fmt: skip
