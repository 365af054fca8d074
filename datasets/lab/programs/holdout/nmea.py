"""``nmea.py SECONDS SEED``: sentences of a made-up GPS receiver, once a second, on stdout."""

from __future__ import annotations

import functools
import operator
import random
import sys
import time


def sentence(body: str) -> str:
    """Return a sentence with its checksum."""
    return f"${body}*{functools.reduce(operator.xor, body.encode()):02X}\r\n"


def main(seconds: float, seed: int) -> None:
    """Write until the time is up."""
    rng = random.Random(seed)
    north, east = 4710.0, 832.0
    for n in range(int(seconds)):
        north += rng.gauss(0, 0.003)
        east += rng.gauss(0, 0.003)
        clock = f"0915{n % 60:02d}.00"
        where = f"{north:.4f},N,{east:09.4f},E"
        out = sentence(f"GPRMC,{clock},A,{where},0.{rng.randrange(9)},,140324,,,A")
        out += sentence(f"GPGGA,{clock},{where},1,08,1.0,408.{rng.randrange(9)},M,48.0,M,,")
        sys.stdout.write(out)
        sys.stdout.flush()
        time.sleep(1)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
