"""Crafted frames for the tests, and their rows."""

from __future__ import annotations

import struct

import numpy as np

from nalpml.capture.decoding import Decoder
from nalpml.capture.formats import Records
from nalpml.capture.packets import PacketTable


def table(frames: list[bytes], *, link: int = 1, times=None, wire=None) -> PacketTable:
    """Decode frames; times in ns, a second apart unless said otherwise."""
    lengths = np.array([len(f) for f in frames], np.int64)
    offsets = np.cumsum(lengths) - lengths
    n = len(frames)
    records = Records(
        0,
        np.arange(n, dtype=np.int64) * 10**9 if times is None else np.asarray(times, np.int64),
        offsets,
        lengths,
        lengths.copy() if wire is None else np.asarray(wire, np.int64),
        np.full(n, link, np.int64),
        ended=True,
        damage="",
    )
    with np.errstate(over="ignore"):
        return Decoder("frames").decode(np.frombuffer(b"".join(frames), np.uint8), records)


def row(frame: bytes, *, link: int = 1, wire: int | None = None):
    """The only row of one frame."""
    rows = table([frame], link=link, wire=None if wire is None else [wire]).rows
    assert len(rows) == 1
    return rows[0]


def ipv4(proto: int, src: int, dst: int, body: bytes, *, ident: int = 1, frag: int = 0) -> bytes:
    """An IPv4 packet between 10.0.0.src and 10.0.0.dst; its header checksum is not computed."""
    head = struct.pack(
        ">BBHHHBBHII", 0x45, 0, 20 + len(body), ident, frag, 64, proto, 0,
        0x0A000000 + src, 0x0A000000 + dst,
    )  # fmt: skip
    return head + body


def udp(sport: int, dport: int, data: bytes = b"") -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data


def tcp(sport: int, dport: int, flags: int, data: bytes = b"") -> bytes:
    return struct.pack(">HHIIBBHHH", sport, dport, 1, 1, 0x50, flags, 100, 0, 0) + data


def icmp(kind: int, ident: int = 0, data: bytes = b"", code: int = 0) -> bytes:
    return struct.pack(">BBHHH", kind, code, 0, ident, 1) + data


def bits(array: np.ndarray) -> list[bytes]:
    """Every field of structured rows, bit by bit; what lies between fields has no meaning."""
    return [array[name].tobytes() for name in array.dtype.names]
