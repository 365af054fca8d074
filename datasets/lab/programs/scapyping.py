"""Probes as people send them with scapy: ``scapyping.py STYLE TARGET SECONDS SEED``.

STYLE: ``bare`` (scapy's own identifier 0 and sequence 0, no data), ``load`` (a few letters),
``text`` (a sentence), ``count`` (a sequence that counts, 48 octets), ``syn`` (port checks).
"""

from __future__ import annotations

import random
import sys
import time

from scapy.all import ICMP, IP, TCP, Raw, conf, sr1


def main(style: str, target: str, seconds: float, seed: int) -> None:
    """Send a probe and wait for its answer, again and again."""
    conf.verb = 0
    rng = random.Random(seed)
    gap = rng.choice((0.4, 0.8, 1.2))
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        probe = IP(dst=target) / ICMP()
        if style == "load":
            probe = probe / Raw(b"X" * 12)
        elif style == "text":
            probe = probe / Raw(b"hello from the network lab")
        elif style == "count":
            probe = IP(dst=target) / ICMP(id=0x1234, seq=number) / Raw(bytes(range(48)))
        elif style == "syn":
            probe = IP(dst=target) / TCP(dport=rng.choice((22, 80, 443)), flags="S")
        sr1(probe, timeout=1.5)
        number += 1
        time.sleep(gap * rng.uniform(0.8, 1.2))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
