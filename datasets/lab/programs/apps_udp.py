"""Ordinary programs over UDP: ``apps_udp.py server|client STYLE PORT SEED [HOST SECONDS]``.

Styles: ``game`` (30 updates a second both ways), ``voice`` (RTP both ways), ``video`` (MPEG-TS
one way), ``bacnet``, ``statsd``, ``netflow`` (version 5 export), ``coap``, ``beat`` (a regular
heartbeat), ``lookup`` (small binary request and answer), ``sensor`` (encrypted readings),
``bulk`` (a reliable transfer with selective acknowledgements), ``lockstep`` (game turns).

Besides, those of ``datagrams.py``.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time
from collections.abc import Callable

import datagrams
from text import make


def game(rng: random.Random, n: int) -> bytes:
    """Return a position update."""
    extra = rng.randbytes(rng.choice((0, 0, 6, 14, 40)))
    return struct.pack("<IBfff", n, 1, rng.gauss(0, 50), rng.gauss(0, 50), rng.random()) + extra


def voice(rng: random.Random, n: int) -> bytes:
    """Return an RTP packet with 20 ms of mu-law speech or silence."""
    head = struct.pack(">BBHII", 0x80, 0, n & 0xFFFF, n * 160, 0x1234ABCD)
    talking = (n // 60) % 3 != 2
    return head + (bytes(rng.choices(range(0x60, 0xFF), k=160)) if talking else b"\xff" * 160)


def video(rng: random.Random, n: int) -> bytes:
    """Return seven transport stream packets."""
    return b"".join(
        struct.pack(">BHB", 0x47, 0x100 + k % 2, 0x10 | (n * 7 + k) % 16) + rng.randbytes(184)
        for k in range(7)
    )


def bacnet(rng: random.Random, n: int) -> bytes:
    """Return Who-Is, or a ReadProperty of the present value."""
    if n % 6 == 0:
        apdu = b"\x10\x08"
        return b"\x81\x0a" + struct.pack(">H", 6 + len(apdu)) + b"\x01\x00" + apdu
    apdu = struct.pack(">BBBBBI", 0, 5, n & 0xFF, 12, 0x0C, rng.randint(1, 20)) + b"\x19\x55"
    return b"\x81\x0a" + struct.pack(">H", 6 + len(apdu)) + b"\x01\x04" + apdu


def bacnet_answer(rng: random.Random, n: int) -> bytes:
    """Return a ComplexACK with a real number."""
    apdu = struct.pack(">BBBBI", 0x30, n & 0xFF, 12, 0x0C, 3) + b"\x19\x55\x3e\x44"
    apdu += struct.pack(">f", rng.gauss(21, 1)) + b"\x3f"
    return b"\x81\x0a" + struct.pack(">H", 6 + len(apdu)) + b"\x01\x00" + apdu


def statsd(rng: random.Random, n: int) -> bytes:
    """Return a few counters and timers."""
    names = ("web.hits", "web.latency", "db.queries", "cache.miss")
    return "\n".join(f"{k}:{rng.randint(1, 400)}|{rng.choice('cg')}" for k in names).encode()


def netflow(rng: random.Random, n: int) -> bytes:
    """Return a version 5 export of some records."""
    count = rng.randint(4, 24)
    head = struct.pack(">HHIIIIBBH", 5, count, n * 1000, 1_700_000_000 + n, 0, n * 24, 0, 0, 0)
    row = struct.Struct(">IIIHHIIIIHHBBBBHHBBH")
    rows = (
        row.pack(
            0x0A000000 + rng.randrange(4000), 0x0A010000 + rng.randrange(4000), 0, 1, 2,
            rng.randint(1, 90), rng.randint(60, 90_000), n * 900, n * 1000,
            rng.randrange(1024, 65536), rng.choice((53, 80, 443)), 0, 24, 6, 0, 0, 0, 24, 24, 0,
        )
        for _ in range(count)
    )  # fmt: skip
    return head + b"".join(rows)


def coap(rng: random.Random, n: int) -> bytes:
    """Return a confirmable GET of a sensor."""
    return struct.pack(">BBH", 0x42, 1, n & 0xFFFF) + rng.randbytes(2) + b"\xb4temp\x05value"


def coap_answer(rng: random.Random, n: int) -> bytes:
    """Return the reading."""
    return (
        struct.pack(">BBH", 0x62, 0x45, n & 0xFFFF)
        + rng.randbytes(2)
        + f"\xff{rng.gauss(21, 2):.1f}".encode("latin-1")
    )


def beat(rng: random.Random, n: int) -> bytes:
    """Return a heartbeat of a constant size."""
    return struct.pack(">4sIQ", b"ALIV", n, int(time.time() * 1000)) + b"node-17\0" * 2


def lookup(rng: random.Random, n: int) -> bytes:
    """Return a small question."""
    return struct.pack(">HHI", 0x5151, n, rng.getrandbits(32)) + make("hex", 16, n)


def lookup_answer(rng: random.Random, n: int) -> bytes:
    """Return a small answer."""
    return struct.pack(">HHI", 0x5152, n, 0) + make("json", rng.randint(30, 400), n)


def sensor(rng: random.Random, n: int) -> bytes:
    """Return an encrypted reading of a constant size."""
    return struct.pack(">BI", 2, n) + rng.randbytes(48)


def bulk(rng: random.Random, n: int) -> bytes:
    """Return a segment of a file."""
    return struct.pack(">IIH", 0xB17B17B1, n, 1000) + rng.randbytes(1000)


def ack(rng: random.Random, n: int) -> bytes:
    """Return an acknowledgement."""
    return struct.pack(">IIII", 0xB17B17B1, n, n + 64, 0)


def turn(rng: random.Random, n: int) -> bytes:
    """Return the orders of one turn."""
    orders = b"".join(struct.pack("<HHH", *rng.choices(range(999), k=3)) for _ in range(n % 4))
    return struct.pack("<IB", n, n % 4) + orders


Make = Callable[[random.Random, int], bytes]
# Style: client's, server's answer to each, pause, and how many in a row.
STYLES: dict[str, tuple[Make, Make | None, float, float]] = {
    "game": (game, game, 0.033, 0.002),
    "voice": (voice, voice, 0.02, 0.0003),
    "video": (video, None, 0.05, 0.004),
    "bacnet": (bacnet, bacnet_answer, 0.8, 0.3),
    "statsd": (statsd, None, 0.4, 0.2),
    "netflow": (netflow, None, 1.0, 0.2),
    "coap": (coap, coap_answer, 2.0, 0.1),
    "beat": (beat, beat, 1.0, 0.0),
    "lookup": (lookup, lookup_answer, 0.6, 0.5),
    "sensor": (sensor, None, 1.5, 0.05),
    "bulk": (bulk, ack, 0.03, 0.02),
    "lockstep": (turn, turn, 0.2, 0.01),
    **datagrams.UDP,
}


def main(argv: list[str]) -> None:
    """Run one side."""
    role, style, port, seed = argv[0], argv[1], int(argv[2]), int(argv[3])
    rng = random.Random(f"{seed}{role}{style}")
    ask, answer, gap, spread = STYLES[style]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if role == "server":
        sock.bind(("", port))
        number = 0
        while True:
            _, peer = sock.recvfrom(65536)
            if answer:
                sock.sendto(answer(rng, number), peer)
            number += 1
    sock.connect((argv[4], port))
    sock.setblocking(False)
    end = time.monotonic() + float(argv[5])
    number, following = 0, time.monotonic()
    while time.monotonic() < end:
        sock.send(ask(rng, number))
        number += 1
        following += max(0.001, rng.gauss(gap, spread))
        time.sleep(max(0.0, following - time.monotonic()))
        try:
            while sock.recv(65536):
                pass
        except OSError:
            continue


if __name__ == "__main__":
    main(sys.argv[1:])
