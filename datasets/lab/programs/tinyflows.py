"""A series of tiny flows, each with a piece of a secret: ``tinyflows.py FIELD A B SECONDS SEED``.

FIELD: ``syn-id`` (the IP identification of a SYN), ``syn-seq`` (its sequence number),
``syn-port`` (its source port), ``dns-id`` (the transaction of a question), ``dns-port`` (its source
port), ``plain-syn`` and ``plain-dns`` (the same with nothing in them).  How the octets sit in the
field (high octet, low octet, both, masked) is the seed's.  Every flow has a new source port.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time

from storage import dns_question, ipv4, keep_port, tcp, udp
from text import make


def word(secret: bytes, number: int, place: str, mask: int) -> int:
    """Return the 16 bits that carry the next octet or two."""
    octet = secret[number % len(secret)]
    if place == "high":
        return octet << 8
    if place == "low":
        return (mask & 0xFF00) | octet
    if place == "both":
        return struct.unpack_from(">H", secret, number * 2 % (len(secret) - 1))[0]
    return (octet * 257) ^ mask


def main(field: str, source: str, target: str, seconds: float, seed: int) -> None:
    """Send until the time is up."""
    rng = random.Random(f"{seed}{field}")
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    secret = make(rng.choice(("text", "text", "json", "random")), 2000, seed)
    place, mask = rng.choice(("high", "low", "both", "mask")), rng.randrange(1, 65536)
    gap, ttl = rng.choice((0.15, 0.3, 0.6, 1.0)), rng.choice((64, 128))
    dport = rng.choice((22, 80, 443))
    opened: dict[int, socket.socket] = {}
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        value = word(secret, number, place, mask)
        sport, ident = rng.randrange(32768, 60999), rng.randrange(65536)
        if field.endswith("port"):
            sport = max(1024, value)
        if field == "syn-id":
            ident = value
        start = rng.getrandbits(32)
        if field == "syn-seq":
            start = value << 16 | (0 if place == "high" else start & 0xFFFF)
        if "syn" in field:
            body, proto = tcp((source, target, sport, dport), start, 0, 2, 64240, 0), 6
        else:
            question = dns_question(rng)
            if field == "dns-id":
                question = struct.pack(">H", value) + question[2:]
            body, proto = udp(source, target, sport, 53, question), 17
        packet = ipv4(source, target, proto, body, ident, ttl, 0)
        keep_port(packet, opened)
        sock.sendto(packet, (target, 0))
        number += 1
        time.sleep(min(4.0, rng.expovariate(1 / gap)) if seed & 1 else gap)


if __name__ == "__main__":
    main(*sys.argv[1:4], float(sys.argv[4]), int(sys.argv[5]))
