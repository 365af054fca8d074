"""``mirror.py KIND DEVICE COLLECTOR SECONDS``: copy what passes a device to a collector, one way.

KIND: ``erspan2`` and ``erspan3`` (GRE), ``nvgre`` and ``teb`` (GRE with Ethernet inside, with and
without a virtual network's number), ``tzsp`` (UDP 37008), ``sflow`` (heads of frames, UDP 6343).
"""

from __future__ import annotations

import socket
import struct
import sys
import time

MOST = 1300
"""Octets of a frame that are copied at most: the copy has to fit a packet."""


def _gre(kind: str, number: int, frame: bytes) -> bytes:
    if kind == "erspan2":
        head = struct.pack(">HHI", 0x1000, 0x88BE, number)
        return head + struct.pack(">HHI", 0x1000 | 1, 0x0064, 0x11) + frame
    if kind == "erspan3":
        clock = int(time.time() * 10_000) & 0xFFFFFFFF
        head = struct.pack(">HHI", 0x1000, 0x22EB, number)
        return head + struct.pack(">HHIHH", 0x2000 | 1, 0x0064, clock, 0, 0x0008) + frame
    if kind == "nvgre":
        return struct.pack(">HHI", 0x2000, 0x6558, 0x00138801) + frame
    return struct.pack(">HH", 0, 0x6558) + frame


def _datagram(kind: str, number: int, frame: bytes) -> bytes:
    if kind == "tzsp":
        return struct.pack(">BBHB", 1, 0, 1, 1) + frame
    head = frame[:128]
    padded = head + bytes(-len(head) % 4)
    record = struct.pack(">IIIIII", 1, len(padded) + 16, 1, len(frame) + 4, 4, len(head)) + padded
    sample = struct.pack(">IIIIIIII", number, 3, 64, number * 64, 0, 3, 4, 1) + record
    start = struct.pack(">II4sIIII", 5, 1, bytes((10, 9, 8, 7)), 0, number, number * 900, 1)
    return start + struct.pack(">II", 1, len(sample)) + sample


def main(kind: str, device: str, collector: str, seconds: float) -> None:
    """Copy until the time is over."""
    udp = kind in ("tzsp", "sflow")
    out = (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if udp
        else socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
    )
    target = (collector, {"tzsp": 37008, "sflow": 6343}.get(kind, 0))
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    tap.bind((device, 0))
    tap.settimeout(0.5)
    far = socket.inet_aton(collector)
    end, number = time.time() + seconds, 0
    while time.time() < end:
        try:
            frame = tap.recv(4096)
        except TimeoutError:
            continue
        if far in (frame[26:30], frame[30:34]):
            continue  # what goes to the collector is not copied to it again
        number += 1
        if kind == "sflow" and number % 3:
            continue
        make = _datagram if udp else _gre
        out.sendto(make(kind, number, frame[:MOST]), target)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
