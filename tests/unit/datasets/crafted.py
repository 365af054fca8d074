"""Captures of a few packets, byte by byte."""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path

import numpy as np

from nalpml.capture.writer import write_pcap

Packet = tuple[float, int, str, int, str, int]


def _frame(proto: int, src: str, sport: int, dst: str, dport: int, data: bytes) -> bytes:
    if proto == 6:
        body = struct.pack(">HHIIBBHHH", sport, dport, 1, 1, 0x50, 0x18, 8192, 0, 0) + data
    elif proto == 17:
        body = struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data
    else:
        body = struct.pack(">BBHHH", 8, 0, 0, sport, 1) + data
    ends = b"".join(ipaddress.ip_address(a).packed for a in (src, dst))
    if ":" in src:
        head = struct.pack(">IHBB", 6 << 28, len(body), proto, 64)
        return bytes(12) + b"\x86\xdd" + head + ends + body
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 7, 0, 64, proto, 0)
    return bytes(12) + b"\x08\x00" + head + ends + body


def write(path: Path, packets: list[Packet], data: bytes = b"some data") -> Path:
    """Write packets of (seconds, protocol, source, port, destination, port)."""
    frames = [_frame(*packet[1:], data) for packet in packets]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_pcap(
        path,
        np.array([int(p[0] * 1e9) for p in packets], dtype=np.int64),
        np.cumsum([0, *map(len, frames)]).astype(np.int64),
        np.frombuffer(b"".join(frames), dtype=np.uint8),
    )
    return path


def talk(start: float, proto: int, src: str, sport: int, dst: str, dport: int) -> list[Packet]:
    """Six packets of two hosts, in turn, a quarter of a second apart."""
    forth, back = (src, sport, dst, dport), (dst, dport, src, sport)
    return [(start + i / 4, proto, *(back if i % 2 else forth)) for i in range(6)]
