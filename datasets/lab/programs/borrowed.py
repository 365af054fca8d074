"""Datagrams behind a borrowed head: ``borrowed.py bot|master HEAD HOST PORT SECONDS SEED``.

HEAD, what the first octets look like: ``rtp``, ``dtls``, ``stun``, ``ntp``, ``dns``, ``sip``,
``none``; what follows is not that protocol but encrypted orders and results, or pieces of a file
with ``-up`` after the name.  Nothing is executed.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time

from frames import rc4
from text import make


def dress(head: str, number: int, data: bytes, key: bytes) -> bytes:
    """Return a datagram that begins like another protocol's."""
    body = rc4(key + struct.pack(">H", number & 0xFFFF), data)
    if head == "rtp":
        return struct.pack(">BBHI4s", 0x80, 96, number & 0xFFFF, number * 160, key[:4]) + body
    if head == "dtls":
        return b"\x17\xfe\xfd" + struct.pack(">HHIH", 0, 0, number, len(body)) + body
    if head == "stun":
        return struct.pack(">HHI", 0x0016, len(body), 0x2112A442) + key[:12] + body
    if head == "ntp":
        return (b"\x23\x02\x06\xe9" + struct.pack(">I", number) + body).ljust(48, b"\0")
    if head == "dns":
        return struct.pack(">HHHHHH", number * 257 & 0xFFFF, 0x0100, 1, 0, 0, 0) + body
    if head == "sip":
        return b"OPTIONS sip:%d SIP/2.0\r\n\r\n" % number + body.hex().encode()
    return struct.pack(">H", len(body)) + body


def main(role: str, head: str, host: str, port: int, seconds: float, seed: int) -> None:
    """Run one side until its time is up."""
    rng = random.Random(f"{seed}{role}")
    key = random.Random(seed).randbytes(12)
    head, _, up = head.partition("-")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    until, number, peer = time.monotonic() + seconds, 0, (host, port)
    gap = rng.choice((0.2, 0.4, 0.8)) if up else rng.choice((1.0, 2.0, 3.0))
    if role == "master":
        sock.bind(("", port))
    while time.monotonic() < until:
        sock.settimeout(gap * rng.uniform(0.7, 1.3))
        if role == "bot":
            size = rng.choice((200, 480, 900)) if up else rng.randint(6, 24)
            sock.sendto(dress(head, number, make("zip", size, number), key), peer)
            number += 1
        try:
            data, peer = sock.recvfrom(4096)
        except TimeoutError:
            continue
        if role == "master" and not up:
            sock.sendto(dress(head, number, make("text", rng.randint(8, 50), number), key), peer)
            number += 1
        elif len(data) > 50 and rng.random() < 0.6:
            result = make("log", int(min(1000, rng.lognormvariate(5, 0.8))), number)
            sock.sendto(dress(head, number, result, key), peer)
            number += 1
        if role == "bot":
            time.sleep(gap * rng.uniform(0.7, 1.3))


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]))
