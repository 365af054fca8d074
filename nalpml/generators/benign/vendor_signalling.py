"""Sessions of operators.

Operators' sessions: RFC 6733 (Diameter), SMPP 3.4, OpenFlow 1.0 and 1.3, RFC 5036 (LDP), RFC 4271
(BGP).
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import (
    hostname,
    loguniform,
    pick,
    sentence,
    word,
)
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, lot, rounds, short, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _diameter(rng: Rng, conv: Conversation) -> None:
    def avp(code: int, text: bytes) -> bytes:
        return (
            struct.pack(">IB", code, 0x40)
            + (8 + len(text)).to_bytes(3, "big")
            + text
            + bytes(-len(text) % 4)
        )

    host = hostname(rng).encode()

    def frame(k: int, answer: bool, code: int) -> bytes:
        text = avp(263, host + b";1;" + str(k).encode()) if code != 280 else b""
        text += (
            (avp(268, struct.pack(">I", 2001)) if answer else b"")
            + avp(264, host)
            + avp(296, b"example.net")
        )
        if code not in (257, 280):
            text += (
                avp(1, word(rng).encode())
                + avp(461, b"32251@3gpp.org")
                + avp(873, rng.bytes(lot(rng, 8, 200)))
            )
        return (
            b"\1"
            + (20 + len(text)).to_bytes(3, "big")
            + bytes((0 if answer else 0x80,))
            + code.to_bytes(3, "big")
            + struct.pack(">III", 0 if code in (257, 280) else 4, k, k + 7)
            + text
        )

    codes = [257] + [int(pick(rng, (272, 272, 280, 316, 318))) for _ in range(100)]
    rounds(rng, conv, lambda k: frame(k, False, codes[k]), lambda k: frame(k, True, codes[k]))


def _smpp(rng: Rng, conv: Conversation) -> None:
    def frame(kind: int, k: int, text: bytes) -> bytes:
        return struct.pack(">IIII", 16 + len(text), kind, 0, k) + text

    conv.say(0, frame(9, 1, word(rng).encode() + b"\0secret\0\0\x34\0\0\0"), 1e-3)
    conv.say(1, frame(0x80000009, 1, word(rng).encode() + b"\0"), wait(rng))

    def ask(k: int) -> bytes:
        if rng.random() < 0.3:
            return frame(0x15, k + 2, b"")
        text = sentence(rng, int(rng.integers(1, 18))).encode()[:150]
        return frame(
            4,
            k + 2,
            b"\0\1\x01491700000\0\1\x01491711111\0" + bytes(8) + bytes((0, len(text))) + text,
        )

    rounds(rng, conv, ask, lambda k: frame(0x80000004, k + 2, rng.bytes(4).hex().encode() + b"\0"))


def _openflow(rng: Rng, conv: Conversation) -> None:
    """The switch connects; hellos, features, configuration, packets, flows, echoes."""
    old = rng.random() < 0.5
    version, start = (1 if old else int(pick(rng, (4, 4, 5)))), int(rng.integers(1 << 20))

    def frame(kind: int, k: int, text: bytes = b"") -> bytes:
        return struct.pack(">BBHI", version, kind, 8 + len(text), start + k) + text

    def arp() -> bytes:
        here = rng.bytes(6)
        head = b"\xff" * 6 + here + b"\x08\6\0\1\x08\0\6\4\0\1"
        return head + here + rng.bytes(4) + bytes(6) + rng.bytes(4)

    conv.say(1, frame(0, 0), 1e-3)
    conv.say(0, frame(0, 0), wait(rng))
    conv.say(1, frame(5, 1), wait(rng))
    features = (
        bytes(2) + rng.bytes(6) + struct.pack(">IB", 256, 254) + bytes(3) + b"\0\0\0\x4f" + bytes(4)
    )
    ports = b"".join(
        short(j) + rng.bytes(6) + b"eth".ljust(16, b"\0") + bytes(24) for j in range(4)
    )
    conv.say(0, frame(6, 1, features + (ports if old else b"")), wait(rng))
    pace = loguniform(rng, 0.01, 5)
    for k in range(2, lot(rng, 3, 90)):
        u, d = rng.random(), int(rng.integers(2))
        if u < 0.4:
            conv.say(d, frame(2, k), float(pick(rng, (1.0, 5.0, 10.0, 15.0))))
            conv.say(1 - d, frame(3, k), wait(rng))
        elif u < 0.6:
            inner = arp()
            match = b"" if old else bytes(9) + b"\0\1\0\x0c\x80\0\0\4\0\0\0\3\0\0\0\0\0\0"
            head = b"\xff\xff\xff\xff" + short(len(inner))
            head += b"\0\3\0\0" if old else b"\0" + match
            conv.say(0, frame(10, k, head + inner), pace * float(rng.exponential()))
        elif u < 0.75:
            if old:
                text = b"\0\x38\x20\xff" + bytes(36) + rng.bytes(8) + b"\0\0\0\x0a\0\0\0\1"
                text += b"\xff\xff\xff\xff\xff\xff\0\0\0\0\0\x08\0\2\0\0"
            else:
                text = (
                    rng.bytes(8)
                    + bytes(10)
                    + b"\0\x0a\0\0\0\1"
                    + b"\xff" * 12
                    + bytes(4)
                    + b"\0\1\0\4"
                    + bytes(4)
                )
            conv.say(1, frame(14, k, text), pace)
        elif u < 0.9:
            conv.say(1, frame(18 if old else 20, k), pace)
            conv.say(0, frame(19 if old else 21, k), wait(rng))
        else:
            conv.say(1, frame(7, k), pace)
            conv.say(0, frame(8, k, b"\0\0\0\x80"), wait(rng))


def _ldp(rng: Rng, conv: Conversation) -> None:
    router = rng.bytes(4)

    def pdu(d: int, k: int, kind: int, text: bytes) -> bytes:
        inner = struct.pack(">HHI", kind, 4 + len(text), k) + text
        return (
            struct.pack(">HH", 1, 6 + len(inner))
            + (router if d else router[::-1])
            + b"\0\0"
            + inner
        )

    for d in (0, 1):
        conv.say(d, pdu(d, 1, 0x200, b"\5\0\0\x0e\0\1\0\xb4\0\0\0\0" + router + b"\0\0"), wait(rng))
    for k in range(lot(rng, 2, 40)):
        d = k % 2
        if rng.random() < 0.7:
            conv.say(
                d,
                pdu(d, k, 0x201, b""),
                float(pick(rng, (10.0, 30.0, 60.0))) if d == 0 else wait(rng),
            )
        else:
            conv.say(
                d,
                pdu(
                    d,
                    k,
                    0x400,
                    b"\1\0\0\x08\2\0\1\x20"
                    + rng.bytes(4)
                    + b"\2\0\0\4"
                    + struct.pack(">I", 16 + k),
                ),
                wait(rng),
            )


def _bgp(rng: Rng, conv: Conversation) -> None:
    def frame(kind: int, text: bytes = b"") -> bytes:
        return b"\xff" * 16 + short(19 + len(text)) + bytes((kind,)) + text

    for d in (0, 1):
        conv.say(
            d, frame(1, b"\4\xfd\xe8\0\xb4" + rng.bytes(4) + b"\x08\2\6\1\4\0\1\0\1"), wait(rng)
        )
    for k in range(lot(rng, 1, 40)):
        if rng.random() < 0.6:
            conv.say(
                k % 2,
                frame(4),
                float(pick(rng, (10.0, 20.0, 30.0, 60.0))) if k % 2 == 0 else wait(rng),
            )
        else:
            routes = b"".join(b"\x18" + rng.bytes(3) for _ in range(lot(rng, 1, 200)))
            conv.say(
                k % 2,
                frame(
                    2,
                    b"\0\0\0\x14\x40\1\1\0\x40\2\6\2\2"
                    + rng.bytes(4)[:4]
                    + b"\x40\3\4"
                    + rng.bytes(4)
                    + routes,
                )[:4096],
                wait(rng),
            )


PROFILES: tuple[Profile, ...] = (
    Named(name="operator.diameter", about="Diameter (RFC 6733).", write=_diameter, ports=(3868,)),
    Named(name="operator.smpp", about="SMPP 3.4.", write=_smpp, ports=(2775, 3550), scope=None),
    Named(name="operator.openflow", about="OpenFlow 1.0 and 1.3.", write=_openflow,
        ports=(6633, 6653), most=3),
    Named(name="operator.ldp", about="LDP sessions (RFC 5036).", write=_ldp, ports=(646,)),
    Named(name="operator.bgp", about="BGP (RFC 4271).", write=_bgp, ports=(179,)),
)  # fmt: skip
