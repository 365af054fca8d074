"""``cov3rt_send.py CLOAK TARGET SECONDS_BETWEEN TEXT_SEED``: a message by one of cov3rt's cloaks.

cov3rt (a published package) has a menu of storage channels; this picks one and lets it send.
"""

from __future__ import annotations

import importlib
import random
import sys

CLOAKS = {
    "ICMPEchoFullPayload": "UserCloaks", "ICMPEchoMultiPayload": "Cloaks", "IPID": "Cloaks",
    "TCPOneCharSeqNum": "Cloaks", "IPv6Hoppers": "Cloaks", "IPReservedBit": "Cloaks",
}  # fmt: skip
PHRASES = ("meet at the north gate", "keys are under box", "send the second file", "all is quiet")


def main(name: str, target: str, gap: float, seed: int) -> None:
    """Send one message."""
    module = importlib.import_module(f"cov3rt.{CLOAKS[name]}.{name}")
    cloak = getattr(module, name)()
    rng = random.Random(seed)
    cloak.ip_dst = target
    cloak.ingest(" ".join(rng.choice(PHRASES) + f" {rng.randrange(10_000)}" for _ in range(3)))
    cloak.send_packets(packetDelay=gap)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
