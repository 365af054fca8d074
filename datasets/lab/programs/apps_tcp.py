"""Ordinary client-server programs with binary protocols of their own, over TCP.

``apps_tcp.py server STYLE PORT SEED``, ``apps_tcp.py client STYLE PORT SEED HOST SECONDS``, or
``visit`` instead of ``client`` and an interval at the end: a new connection for each visit.
Styles: ``rpc`` (fixed header), ``varint`` (protobuf-like), ``sealed`` (key exchange, then
encrypted records), ``telemetry`` (text lines), ``beat`` (a regular heartbeat), ``modbus``,
``iec104``, ``fix`` (order messages), ``sync`` (chunked encrypted backup), ``feed`` (server push),
``push`` (idle notification channel), ``printer`` (one job).

Besides, those of ``protocols.py``.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable

import protocols
import sockets
from text import make, record


def varint(value: int) -> bytes:
    """Encode an unsigned integer seven bits at a time."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _recv(sock: socket.socket, seconds: float = 5.0) -> bytes:
    sock.settimeout(seconds)
    try:
        return sock.recv(65536)
    except TimeoutError:
        return b""


def rpc(rng: random.Random, number: int) -> bytes:
    """Return a request or answer under a fixed header."""
    body = json.dumps([record(rng) for _ in range(rng.randint(1, 6))]).encode()
    return struct.pack(">HBBII", 0xCAFE, 1, number % 7, len(body), number) + body


def varint_message(rng: random.Random, number: int) -> bytes:
    """Return a length-delimited message of numbered fields."""
    body = b"\x08" + varint(number)
    for field in range(2, 2 + rng.randint(2, 8)):
        if rng.random() < 0.5:
            body += varint(field << 3) + varint(rng.randrange(1 << rng.randint(3, 40)))
        else:
            text = make("text", rng.randint(4, 90), rng.randrange(1 << 30))
            body += varint(field << 3 | 2) + varint(len(text)) + text
    return varint(len(body)) + body


def sealed(rng: random.Random, number: int) -> bytes:
    """Return an encrypted record; the first two carry the key exchange."""
    size = (32, 96, 64)[number] if number < 3 else rng.choice((0, 24, 40, 200, 640)) + 16
    return struct.pack(">H", size) + rng.randbytes(size)


def modbus(rng: random.Random, number: int) -> bytes:
    """Return a read-holding-registers request."""
    return struct.pack(">HHHBBHH", number, 0, 6, 1, 3, rng.choice((0, 100, 400)), 10)


def modbus_answer(rng: random.Random, number: int) -> bytes:
    """Return ten slowly changing registers."""
    values = [1000 + int(50 * rng.gauss(0, 1)) for _ in range(10)]
    return struct.pack(">HHHBBB10H", number, 0, 23, 1, 3, 20, *values)


def iec104(rng: random.Random, number: int) -> bytes:
    """Return a test frame or a measured value."""
    if number % 3 == 0:
        return b"\x68\x04\x43\x00\x00\x00"
    body = struct.pack("<BBBBHBHf", 13, 1, 3, 0, 1, 0, 100 + number % 9, rng.gauss(230, 2)) + b"\0"
    return struct.pack("<BBHH", 0x68, 4 + len(body), number * 2, 0) + body


def fix(rng: random.Random, number: int) -> bytes:
    """Return an order, an execution or a heartbeat."""
    kind = rng.choice("00D8")
    fields = {35: kind, 34: number, 49: "BUYER", 56: "SELLER"}
    if kind != "0":
        fields |= {
            55: rng.choice(("ABC", "XYZ")),
            38: rng.randint(1, 900),
            44: f"{rng.gauss(9, 1):.2f}",
        }
    body = "".join(f"{k}={v}\x01" for k, v in fields.items())
    text = f"8=FIX.4.4\x019={len(body)}\x01{body}"
    return f"{text}10={sum(text.encode()) % 256:03d}\x01".encode()


def telemetry(rng: random.Random, number: int) -> bytes:
    """Return a few metrics as text lines."""
    return b"".join(
        f"app.host1.{k} {rng.gauss(40, 9):.2f} {1_700_000_000 + number * 5}\n".encode()
        for k in ("cpu", "mem", "disk", "net")
    )


def beat(rng: random.Random, number: int) -> bytes:
    """Return a heartbeat of a constant size."""
    return struct.pack(">4sIQ", b"HBT1", number, int(time.time() * 1000)) + bytes(16)


def sync(rng: random.Random, number: int) -> bytes:
    """Return an encrypted chunk of a backup."""
    size = rng.choice((4096, 3900, 2048)) if number < 14 else 40
    return struct.pack(">IB", size, 2) + rng.randbytes(size)


def ack(rng: random.Random, number: int) -> bytes:
    """Return a short acknowledgement."""
    return struct.pack(">IB", 8, 0) + number.to_bytes(8, "big")


def feed(rng: random.Random, number: int) -> bytes:
    """Return a batch of price changes."""
    return b"".join(
        struct.pack(">HIdI", 20, rng.randrange(500), rng.gauss(100, 5), number)
        for _ in range(rng.randint(1, 12))
    )


def push(rng: random.Random, number: int) -> bytes:
    """Return a keep-alive, now and then a notification."""
    if rng.random() < 0.7:
        return b"\xc0\x00"
    body = json.dumps(record(rng)).encode()
    return b"\x30" + varint(len(body)) + body


def printer(rng: random.Random, number: int) -> bytes:
    """Return part of a print job."""
    head = b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n" if number == 0 else b""
    return head + (make("zip", 3000, number + 1) if number < 8 else b"")


Make = Callable[[random.Random, int], bytes]
# Style: what the client sends, what the server answers (None: nothing), pause low and high.
STYLES: dict[str, tuple[Make, Make | None, float, float]] = {
    "rpc": (rpc, rpc, 0.1, 2.5),
    "varint": (varint_message, varint_message, 0.05, 3.0),
    "sealed": (sealed, sealed, 0.2, 3.0),
    "telemetry": (telemetry, None, 1.0, 1.0),
    "beat": (beat, beat, 1.5, 1.5),
    "modbus": (modbus, modbus_answer, 0.5, 0.5),
    "iec104": (iec104, iec104, 1.0, 1.2),
    "fix": (fix, fix, 0.1, 2.0),
    "sync": (sync, ack, 0.05, 0.5),
    "feed": (beat, feed, 0.4, 0.8),
    "push": (push, push, 2.0, 5.0),
    "printer": (printer, None, 0.0, 0.05),
    **protocols.TCP,
}


def serve(sock: socket.socket, answer: Make | None, rng: random.Random) -> None:
    """Answer one client."""
    with sock:
        number = 0
        sock.settimeout(120)
        while sock.recv(65536):
            if answer:
                time.sleep(rng.uniform(0.001, 0.03))
                sock.sendall(answer(rng, number))
            number += 1


def visit(
    where: tuple[str, int],
    ask: Make,
    answer: Make | None,
    rng: random.Random,
    end: float,
    interval: float,
) -> None:
    """Connect, exchange a few messages, leave; again and again at an interval."""
    jitter = rng.choice((0.0, 0.02, 0.1, 0.4))
    while time.monotonic() < end:
        with sockets.connect(*where) as sock:
            for number in range(rng.randint(1, 3)):
                sock.sendall(ask(rng, number))
                if answer:
                    _recv(sock)
        time.sleep(interval * (1 + rng.uniform(-jitter, jitter)))


def main(argv: list[str]) -> None:
    """Run one side."""
    role, style, port, seed = argv[0], argv[1], int(argv[2]), int(argv[3])
    rng = random.Random(f"{seed}{role}{style}")
    ask, answer, low, high = STYLES[style]
    if role == "server":
        with sockets.listen(port) as listener:
            while True:
                sock, _ = listener.accept()
                threading.Thread(target=serve, args=(sock, answer, rng), daemon=True).start()
    end = time.monotonic() + float(argv[5])
    if role == "visit":
        visit((argv[4], port), ask, answer, rng, end, float(argv[6]))
        return
    with sockets.connect(argv[4], port) as sock:
        number = 0
        following = time.monotonic()
        while time.monotonic() < end:
            sock.sendall(ask(rng, number) or b"\0")
            if answer:
                _recv(sock)
            number += 1
            following += rng.uniform(low, high)
            time.sleep(max(0.0, following - time.monotonic()))
            if style == "printer" and number == 9:
                break


if __name__ == "__main__":
    main(sys.argv[1:])
