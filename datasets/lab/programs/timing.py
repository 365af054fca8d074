"""Data in the time between packets: ``timing.py CODE CARRIER TARGET PORT SECONDS SEED``.

CODE: ``binary`` (two pauses), ``four`` (four pauses), ``onoff`` (a packet or none in each slot),
``noisy`` (two overlapping distributions), ``replay`` (pauses drawn from the halves of an
ordinary distribution), ``bursts`` (the number of packets in a row); or, with nothing hidden,
``clock``, ``poisson``, ``human``, ``bursty``.  CARRIER: ``udp``, ``tcp``
or ``icmp``; every packet has ordinary content of one size.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator

from icmp_c2 import ECHO, Endpoint
from text import make

ORDINARY = ("clock", "poisson", "human", "bursty")


def ordinary_pauses(code: str, rng: random.Random) -> Iterator[float]:
    """Yield pauses that carry nothing: a clock's, random ones, a person's, and bursts."""
    unit = rng.choice((0.05, 0.1, 0.2, 0.5))
    while True:
        if code == "clock":
            yield unit + rng.gauss(0, 0.0005)
        elif code == "poisson":
            yield min(3.0, rng.expovariate(1 / unit))
        elif code == "human":
            yield min(4.0, rng.lognormvariate(-1.8, 0.9))
        else:
            for _ in range(rng.randint(1, 9)):
                yield rng.uniform(0.003, 0.02)
            yield rng.uniform(0.3, 2.5)


def pauses(code: str, rng: random.Random) -> Iterator[float]:
    """Yield the pause before each packet."""
    if code in ORDINARY:
        yield from ordinary_pauses(code, rng)
    secret = make(rng.choice(("text", "random")), 2000, rng.randrange(1 << 30))
    bits = [octet >> k & 1 for octet in secret for k in range(8)]
    unit = rng.choice((0.02, 0.05, 0.1, 0.15))
    ordinary = sorted(min(2.0, rng.lognormvariate(-2.2, 0.8)) for _ in range(400))
    quiet = 0
    for number in range(0, len(bits) - 1, 2):
        first, second = bits[number], bits[number + 1]
        if code == "four":
            yield unit * (1 + first * 2 + second)
        elif code == "bursts":
            for _ in range(first * 2 + second):
                yield 0.005
            yield unit * 4
        else:
            for bit in (first, second):
                if code == "binary":
                    yield unit * (3 if bit else 1)
                elif code == "onoff":
                    quiet += 1
                    if bit:
                        yield unit * quiet
                        quiet = 0
                elif code == "noisy":
                    yield max(0.005, rng.gauss(unit * (2.4 if bit else 1), unit * 0.3))
                else:
                    yield rng.choice(ordinary[200:] if bit else ordinary[:200])


def carrier(kind: str, target: str, port: int, rng: random.Random) -> Callable[[int], None]:
    """Return a function that sends packet number n."""
    if kind == "icmp":
        end, ident = Endpoint(target), rng.randrange(1, 65536)
        data = bytes(range(16, 56))

        def send_icmp(n: int) -> None:
            stamp = struct.pack("<QQ", int(time.time()), int(time.time() % 1 * 1e6))
            end.send(ECHO, ident, n, stamp + data)

        return send_icmp
    mode = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
    sock = socket.socket(socket.AF_INET, mode)
    sock.connect((target, port))
    if kind == "tcp":
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    size = rng.choice((12, 40, 120, 300))

    def send(n: int) -> None:
        try:
            sock.send(struct.pack(">II", 0x0B5E55ED, n) + make("json", size, 7))
        except ConnectionRefusedError:
            return

    return send


def main(code: str, kind: str, target: str, port: int, seconds: float, seed: int) -> None:
    """Send until the time is up."""
    rng = random.Random(f"{seed}{code}")
    send = carrier(kind, target, port, rng)
    end = time.monotonic() + seconds
    following = time.monotonic()
    for number, pause in enumerate(pauses(code, rng)):
        following += pause
        time.sleep(max(0.0, following - time.monotonic()))
        send(number)
        if time.monotonic() > end:
            return


if __name__ == "__main__":
    a = sys.argv
    main(a[1], a[2], a[3], int(a[4]), float(a[5]), int(a[6]))
