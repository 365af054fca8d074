"""Data in header fields: ``fields.py KIND SOURCE TARGET SECONDS_BETWEEN SEED``, built with scapy.

KIND: ``id-syn`` a character times 256 as the IP identification of SYNs (as an often cited program
of 1996 does); ``isn-syn`` a character as the high octet of the initial sequence number;
``stamp`` four octets in a SYN's timestamp option; ``options`` data in the padding of IP options;
``reserved`` bits in TCP's reserved field; ``ecn`` two bits in each datagram's ECN field; ``frag``
data in the offset of fragments; ``padn`` data in the padding of an IPv6 destination option;
``id-dns`` two octets as the identifiers of DNS questions' IP headers; ``timeout`` in the TTL of
otherwise ordinary echo requests.
"""

from __future__ import annotations

import random
import sys
import time

from scapy.all import (
    DNS,
    DNSQR,
    ICMP,
    IP,
    TCP,
    UDP,
    IPOption,
    IPv6,
    IPv6ExtHdrDestOpt,
    PadN,
    Raw,
    conf,
    send,
)  # fmt: skip

MESSAGES = (
    "transfer at nine from the usual place; bring the second key and the list of names",
    "user=admin&pass=Winter2024!;user=backup&pass=tape-robot-7;host=db-01",
    "the quick report: 14 hosts, 3 shares, domain controllers dc1 dc2, patch level old",
)


def packets(kind: str, source: str, target: str, data: bytes, rng: random.Random):
    """Yield the packets that carry the data."""
    ip = None if kind == "padn" else IP(src=source, dst=target)
    syn = TCP(sport=rng.randrange(1025, 60_000), dport=80, flags="S", window=512)
    for i in range(len(data) - 3):
        octet, pair = data[i], data[i] << 8 | data[i + 1]
        port = rng.randrange(1025, 60_000)
        if kind == "id-syn":
            yield IP(src=source, dst=target, id=octet << 8) / TCP(
                sport=port, dport=80, seq=rng.getrandbits(32), window=512
            )
        elif kind == "isn-syn":
            yield ip / TCP(sport=port, dport=80, seq=octet << 24, window=512)
        elif kind == "stamp" and i % 4 == 0:
            value = int.from_bytes(data[i : i + 4], "big")
            yield ip / TCP(
                sport=port,
                dport=443,
                seq=rng.getrandbits(32),
                options=[
                    ("MSS", 1460),
                    ("SAckOK", b""),
                    ("Timestamp", (value, 0)),
                    ("NOP", None),
                    ("WScale", 7),
                ],
            )
        elif kind == "options" and i % 6 == 0:
            yield (
                IP(
                    src=source,
                    dst=target,
                    options=IPOption(b"\x88\x08" + data[i : i + 6].ljust(6, b"\0")),
                )
                / UDP(sport=40_000, dport=33_500)
                / Raw(b"ok")
            )
        elif kind == "reserved":
            for shift in (5, 2, 0):
                yield ip / TCP(
                    sport=syn.sport,
                    dport=80,
                    flags="A",
                    seq=1000,
                    ack=1,
                    reserved=octet >> shift & 7,
                )
        elif kind == "ecn":
            for shift in (6, 4, 2, 0):
                yield (
                    IP(src=source, dst=target, tos=octet >> shift & 3)
                    / UDP(sport=41_000, dport=5004)
                    / Raw(rng.randbytes(60))
                )
        elif kind == "frag":
            yield IP(
                src=source, dst=target, id=0x2222, flags="MF", frag=pair & 0x1FFF, proto=17
            ) / Raw(bytes(24))
        elif kind == "padn" and i % 12 == 0:
            yield (
                IPv6(src=source, dst=target)
                / IPv6ExtHdrDestOpt(options=[PadN(optdata=data[i : i + 12])])
                / UDP(sport=42_000, dport=5005)
                / Raw(b"status ok")
            )
        elif kind == "id-dns" and i % 2 == 0:
            yield (
                IP(src=source, dst=target, id=pair)
                / UDP(sport=port, dport=53)
                / DNS(id=rng.getrandbits(16), rd=1, qd=DNSQR(qname=f"h{i % 9}.lab.test"))
            )
        elif kind == "timeout":
            yield (
                IP(src=source, dst=target, ttl=64 + (octet & 31))
                / ICMP(id=0x51, seq=i)
                / Raw(bytes(range(16, 64)))
            )


def main(kind: str, source: str, target: str, gap: float, seed: int) -> None:
    """Send one message."""
    conf.verb = 0
    rng = random.Random(seed)
    for packet in packets(kind, source, target, rng.choice(MESSAGES).encode(), rng):
        send(packet, verbose=False)
        time.sleep(gap)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
