"""A bot that is mostly alive: ``keepbot.py bot|master udp|tcp STYLE HOST PORT SECONDS SEED``.

Tiny keep-alives, and seldom an order with a result.  STYLE: ``zero`` (two zero octets), ``word``
(a word and a line end), ``count`` (a magic, a counter), ``seal`` (eight octets that change),
``len`` (a length of nothing), ``name`` (a fixed 16 octet name).  Orders and results are made up;
nothing is executed.  The master answers each keep-alive, or not, as the seed says.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time

from frames import rc4
from text import make


def alive(style: str, number: int, seed: int) -> bytes:
    """Return one keep-alive, 2 to 16 octets."""
    magic = random.Random(f"{seed}magic").randbytes(4)
    if style == "zero":
        return b"\0\0"
    if style == "word":
        return (b"PING\r\n", b"alive\n", b"#up#", b"1|\n")[seed % 4]
    if style == "count":
        return magic + struct.pack(">I", number)
    if style == "seal":
        return rc4(magic + struct.pack(">I", number), b"keep" + bytes(4))
    if style == "len":
        return struct.pack("<IB", 1, 9)
    return magic.hex().encode() + b"-" + b"node-07"


def order(style: str, number: int, size: int, seed: int) -> bytes:
    """Return one order or result as the style frames it."""
    data = make("text", size, seed + number)
    if style in ("word", "name"):
        return data + b"\n"
    key = random.Random(f"{seed}magic").randbytes(4)
    return struct.pack(">H", size) + rc4(key, data)


def receive(sock: socket.socket, wait: float) -> tuple[bytes, tuple[str, int] | None]:
    """Return what arrives within a time, or nothing."""
    sock.settimeout(max(0.01, wait))
    try:
        return sock.recvfrom(4096)
    except (TimeoutError, ConnectionError):
        return b"", None


def bot(sock: socket.socket, style: str, until: float, seed: int) -> None:
    """Keep the line alive, and give a result for what is no keep-alive."""
    rng = random.Random(f"{seed}bot")
    gap, jitter = rng.choice((0.5, 0.8, 1.2, 2.0)), rng.choice((0.0, 0.05, 0.3))
    number = 0
    while time.monotonic() < until:
        sock.send(alive(style, number, seed))
        number += 1
        next_at = time.monotonic() + gap * rng.uniform(1 - jitter, 1 + jitter)
        while (left := next_at - time.monotonic()) > 0:
            data, _ = receive(sock, left)
            if len(data) > 16:
                time.sleep(rng.uniform(0.02, 0.4))
                sock.send(order(style, number, int(rng.lognormvariate(4.5, 0.8)) + 20, seed))


def master(sock: socket.socket, style: str, until: float, seed: int, udp: bool) -> None:
    """Answer keep-alives (or not) and give an order now and then."""
    rng = random.Random(f"{seed}master")
    answers, share = rng.random() < 0.6, rng.choice((0.04, 0.08, 0.15))
    number = 0
    while time.monotonic() < until:
        data, peer = receive(sock, 1.0)
        if not data:
            continue
        number += 1
        out = order(style, number, rng.randint(18, 60), seed) if rng.random() < share else b""
        if not out and answers and len(data) <= 16:
            out = data if rng.random() < 0.9 else alive(style, number, seed)
        if out and udp and peer:
            sock.sendto(out, peer)
        elif out:
            sock.send(out)


def main(role: str, kind: str, style: str, host: str, port: int, seconds: float, seed: int) -> None:
    """Run one side until its time is up."""
    udp = kind == "udp"
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    until = time.monotonic() + seconds
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if role == "bot":
        sock.connect((host, port))
        bot(sock, style, until, seed)
        return
    sock.bind(("", port))
    if not udp:
        sock.listen()
        sock = sock.accept()[0]
    master(sock, style, until, seed, udp)


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]), float(sys.argv[6]), int(sys.argv[7]))
