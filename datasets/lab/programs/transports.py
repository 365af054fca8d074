"""Rare transports over raw sockets: ``transports.py KIND ROLE PEER SEED [SECONDS]``.

An imitation for kernels without them.  KIND is ``dccp`` (RFC 4340: a connection with paced data
and acknowledgements), ``udplite`` (RFC 3828: voice-like datagrams with partial checksums) or
``sctp`` (RFC 9260: an association with messages, acknowledgements and heartbeats).
ROLE is ``server`` or ``client``.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time
from collections.abc import Callable

from icmp_c2 import checksum
from storage import pseudo
from text import make

PROTO = {"dccp": 33, "udplite": 136, "sctp": 132}


def crc32c(data: bytes) -> int:
    """Return the Castagnoli CRC, as SCTP's checksum."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Wire:
    """A raw socket to one peer, with this host's address for the pseudo header."""

    def __init__(self, kind: str, peer: str) -> None:
        self.peer, self.number = peer, PROTO[kind]
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, self.number)
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        probe.connect((peer, 9))
        self.own = probe.getsockname()[0]

    def send(self, body: bytes) -> None:
        """Send what follows the IP header."""
        self.sock.sendto(body, (self.peer, 0))

    def receive(self, seconds: float) -> bytes:
        """Return what the peer sent next, or nothing when the time is up."""
        self.sock.settimeout(max(0.01, seconds))
        try:
            data, source = self.sock.recvfrom(65535)
        except TimeoutError:
            return b""
        return data[(data[0] & 15) * 4 :] if source[0] == self.peer else b""


def dccp(wire: Wire, ports: tuple[int, int], kind: int, number: int, ack: int, data: bytes) -> None:
    """Send a DCCP packet with 48-bit sequence numbers."""
    # Types: 0 Request, 1 Response, 2 Data, 3 Ack, 4 DataAck, 6 Close, 7 Reset.
    extra = b"" if kind in (0, 2) else struct.pack(">HHI", 0, ack >> 32, ack & 0xFFFFFFFF)
    service = struct.pack(">I", 0x4C414256) if kind in (0, 1) else b""
    reason = bytes(4) if kind == 7 else b""
    offset = (16 + len(extra) + len(service) + len(reason)) // 4
    low = struct.pack(">BBHI", kind << 1 | 1, 0, number >> 32, number & 0xFFFFFFFF)
    head = struct.pack(">HHBBH", *ports, offset, 0, 0)
    body = head + low + extra + service + reason + data
    value = checksum(pseudo(wire.own, wire.peer, 33, len(body)) + body)
    wire.send(body[:6] + struct.pack(">H", value) + body[8:])


def run_dccp(wire: Wire, role: str, rng: random.Random, seconds: float) -> None:
    """Open, stream data one way, acknowledge, close."""
    number = rng.randrange(1 << 40)
    if role == "server":
        while True:
            got = wire.receive(600)
            if len(got) < 16:
                continue
            ports, kind = struct.unpack(">HH", got[:4])[::-1], got[8] >> 1 & 15
            seen = struct.unpack(">H", got[10:12])[0] << 32 | struct.unpack(">I", got[12:16])[0]
            answer = {0: 1, 2: 3, 4: 3, 6: 7}.get(kind)
            if answer is not None and (kind != 2 or rng.random() < 0.5):
                number += 1
                dccp(wire, ports, answer, number, seen, b"")
    ports, end, seen = (rng.randrange(32768, 61000), 5004), time.monotonic() + seconds, 0
    dccp(wire, ports, 0, number, 0, b"")
    wire.receive(2)
    while time.monotonic() < end:
        number += 1
        kind = 4 if rng.random() < 0.3 else 2
        dccp(wire, ports, kind, number, seen, rng.randbytes(rng.choice((40, 80, 160, 600))))
        wire.receive(rng.uniform(0.05, 0.4))
    dccp(wire, ports, 6, number + 1, seen, b"")
    wire.receive(1)


def run_udplite(wire: Wire, role: str, rng: random.Random, seconds: float) -> None:
    """Send voice-like datagrams whose checksum covers the first octets only."""
    ports = (rng.randrange(32768, 61000), 5006)
    end = time.monotonic() + (seconds or 600)
    number = 0
    while time.monotonic() < end:
        if role == "server":
            got = wire.receive(600)
            if got and number % 8:
                number += 1
                continue
            ports = struct.unpack(">HH", got[:4])[::-1] if got else ports
        data = struct.pack(">BBHII", 0x80, 0, number, number * 160, 7) + rng.randbytes(60)
        head = struct.pack(">HHHH", *ports, 20, 0)
        cover = pseudo(wire.own, wire.peer, 136, len(data) + 8) + head + data[:12]
        wire.send(head[:6] + struct.pack(">H", checksum(cover) or 0xFFFF) + data)
        number += 1
        time.sleep(0.06 if role == "client" else 0)


def sctp(wire: Wire, ports: tuple[int, int], tag: int, chunks: bytes) -> None:
    """Send an SCTP packet."""
    body = struct.pack(">HHII", *ports, tag, 0) + chunks
    wire.send(body[:8] + struct.pack("<I", crc32c(body)) + body[12:])


def chunk(kind: int, flags: int, value: bytes) -> bytes:
    """Return a chunk, padded to four octets."""
    return struct.pack(">BBH", kind, flags, 4 + len(value)) + value + bytes(-len(value) % 4)


def _sctp_server(wire: Wire, rng: random.Random) -> None:
    own, tag, expected = rng.getrandbits(32), 0, 0
    while True:
        got = wire.receive(600)
        if len(got) < 16:
            continue
        ports, kind = struct.unpack(">HH", got[:4])[::-1], got[12]
        if kind == 1:  # INIT: INIT ACK with a cookie
            tag = struct.unpack(">I", got[16:20])[0]
            head = struct.pack(">IIHHI", own, 65535, 10, 10, rng.getrandbits(32))
            cookie = struct.pack(">HH", 7, 68) + rng.randbytes(64)
            sctp(wire, ports, tag, chunk(2, 0, head + cookie))
        elif kind == 10:
            sctp(wire, ports, tag, chunk(11, 0, b""))
        elif kind == 0:
            expected = struct.unpack(">I", got[16:20])[0]
            sctp(wire, ports, tag, chunk(3, 0, struct.pack(">IIHH", expected, 65535, 0, 0)))
        elif kind == 4:
            sctp(wire, ports, tag, chunk(5, 0, got[16:]))
        elif kind == 7:
            sctp(wire, ports, tag, chunk(8, 0, b""))


def run_sctp(wire: Wire, role: str, rng: random.Random, seconds: float) -> None:
    """Four-way opening, messages (signalling-like), heartbeats, shutdown."""
    if role == "server":
        _sctp_server(wire, rng)
    ports = (rng.randrange(32768, 61000), rng.choice((2905, 3868, 36412, 38412)))
    first = rng.getrandbits(31)
    head = struct.pack(">IIHHI", rng.getrandbits(32), 65535, 10, 10, first)
    sctp(wire, ports, 0, chunk(1, 0, head))
    answer = wire.receive(2)
    tag = struct.unpack(">I", answer[16:20])[0]
    sctp(wire, ports, tag, chunk(10, 0, answer[36:100]))
    wire.receive(2)
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        if rng.random() < 0.2:
            info = struct.pack(">HH", 1, 44) + rng.randbytes(40)
            sctp(wire, ports, tag, chunk(4, 0, info))
        else:
            data = struct.pack(">IHHI", first + number, 0, number, 18)
            data += b"\x00\x0d\x40" + make("zip", rng.randint(20, 220), number)
            sctp(wire, ports, tag, chunk(0, 3, data))
            number += 1
        wire.receive(1)
        time.sleep(rng.uniform(0.1, 1.2))
    sctp(wire, ports, tag, chunk(7, 0, struct.pack(">I", first)))
    wire.receive(1)
    sctp(wire, ports, tag, chunk(14, 0, b""))


RUN: dict[str, Callable[[Wire, str, random.Random, float], None]] = {
    "dccp": run_dccp,
    "udplite": run_udplite,
    "sctp": run_sctp,
}


def main(argv: list[str]) -> None:
    """Run one side."""
    kind, role, peer, seed = argv[:4]
    seconds = float(argv[4]) if len(argv) > 4 else 0.0
    RUN[kind](Wire(kind, peer), role, random.Random(f"{seed}{role}{kind}"), seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
