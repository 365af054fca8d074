"""Bodies of rarer IP protocols as their specifications have them.

RFC 2205 (RSVP), 2236 (IGMP), 2328 (OSPF), 2332 (NHRP), 2637 and 2784 (GRE), 3768 (VRRP), 3828
(UDP-Lite), 4340 (DCCP), 7761 (PIM), 7868 (EIGRP).
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import pick
from nalpml.generators.benign.vendor_named import lot, short

__all__ = ["BODIES", "gre", "summed"]

Rng = np.random.Generator


def summed(body: bytes, at: int) -> bytes:
    """A body with the Internet checksum (RFC 1071) of the whole put into it at an octet."""
    padded = body + b"\0" * (len(body) & 1)
    total = int(np.frombuffer(padded, ">u2").sum(dtype=np.int64))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return body[:at] + short(0xFFFF - total) + body[at + 2 :]


def _dccp(rng: Rng, k: int) -> bytes:
    head = short(int(rng.integers(1024, 65536))) + short(5001)
    if k == 0:  # request: a service code
        return head + struct.pack(">BBHBBHII", 5, 0, 0, 1, 0, 0, 77, 42)
    ack = struct.pack(">HHI", 0, 0, 90 + k)
    return (
        head + struct.pack(">BBHBBHI", 6, 0, 0, 9, 0, 0, 77 + k) + ack + rng.bytes(lot(rng, 4, 190))
    )


def _udp_lite(rng: Rng, k: int) -> bytes:
    return struct.pack(">HHHH", 5004, 5004, pick(rng, (0, 8, 8)), 1 + k) + rng.bytes(
        lot(rng, 4, 190)
    )


def _igmp(rng: Rng, k: int) -> bytes:
    return summed(b"\x16\0\0\0\xef" + rng.bytes(3), 2)


def _rsvp(rng: Rng, k: int) -> bytes:
    objects = b"".join(short(12) + b"\x01\x01" + rng.bytes(8) for _ in range(lot(rng, 1, 6)))
    return summed(struct.pack(">BBHBBH", 0x10, 1, 0, 64, 0, 8 + len(objects)) + objects, 2)


def _eigrp(rng: Rng, k: int) -> bytes:
    numbers = struct.pack(">BBHIIII", 2, pick(rng, (5, 5, 1)), 0, 0, k, 0, 100)
    return summed(numbers + b"\0\1\0\x0c\1\0\1\0\0\0\0\x0f", 2)


def _ospf(rng: Rng, k: int) -> bytes:
    hello = b"\xff\xff\xff\0\0\x0a\2\1\0\0\0\x28" + bytes(8)
    head = struct.pack(">BBHIIHH", 2, 1, 24 + len(hello), 0x0A000001, 0, 0, 0)
    return summed(head + hello, 12)[:16] + bytes(8) + hello  # authentication is not summed


def _pim(rng: Rng, k: int) -> bytes:
    return summed(b"\x20\0\0\0\0\1\0\2\0\x69\0\x14\0\4" + rng.bytes(4), 2)


def _vrrp(rng: Rng, k: int) -> bytes:
    count = lot(rng, 1, 4)
    head = struct.pack(">BBBBBBH", 0x21, 7, 100, count, 0, 1, 0)
    return summed(head + rng.bytes(4 * count) + bytes(8), 6)


BODIES = {
    2: _igmp, 33: _dccp, 46: _rsvp, 88: _eigrp, 89: _ospf, 103: _pim, 112: _vrrp, 136: _udp_lite,
}  # fmt: skip
"""By protocol number, a packet's body: of the generator and the packet's number."""


def gre(rng: Rng, k: int) -> bytes:
    """GRE of one kind or another around a small packet, the `k`-th of a session."""
    inner = (
        b"\x45\0" + short(20 + 20) + rng.bytes(2) + b"\x40\0\x40\1" + rng.bytes(10) + rng.bytes(20)
    )
    kind = int(rng.integers(6))
    if kind == 0:
        return b"\0\0\x08\0" + inner
    if kind == 1:  # ERSPAN
        return b"\0\0\x88\xbe" + inner
    if kind == 2:
        return b"\x10\0\x88\xbe" + struct.pack(">I", k) + inner
    if kind == 3:  # PPTP: the length of PPP, the call
        ppp = b"\xff\3\0\x21" + inner
        return b"\x30\1\x88\x0b" + short(len(ppp)) + rng.bytes(2) + struct.pack(">I", k) + ppp
    if kind == 4:
        return b"\x20\0\x08\0" + rng.bytes(4) + inner
    return b"\0\0\x65\x58" + b"\x02" + rng.bytes(5) + b"\x02" + rng.bytes(5) + b"\x08\0" + inner
