"""``pings.py PACKAGE HOST COUNT GAP``: pings by packages that do their own packets."""

from __future__ import annotations

import asyncio
import sys
import time


def main(package: str, host: str, count: int, gap: float) -> None:
    """Ping, one after another."""
    for _ in range(count):
        if package == "multiping":
            import multiping

            multiping.multi_ping([host], timeout=2, retry=0)
        elif package == "asyncping3":
            import asyncping3

            asyncio.run(asyncping3.ping(host))
        elif package == "aioping":
            import aio_ping

            asyncio.run(aio_ping.ping(host))
        else:
            import icmpx

            with icmpx.Client() as client:
                client.probe(host)
        time.sleep(gap)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
