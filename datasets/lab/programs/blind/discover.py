"""``discover.py ADDRESS SECONDS``: announce a printer and look for services by zeroconf."""

from __future__ import annotations

import socket
import sys
import time

from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf


class Seen:
    """Asks for the details of what it hears of."""

    def add_service(self, zero: Zeroconf, kind: str, name: str) -> None:
        """Resolve a new service."""
        zero.get_service_info(kind, name, 1500)

    def update_service(self, *_: object) -> None:
        """Nothing to do."""

    def remove_service(self, *_: object) -> None:
        """Nothing to do."""


def main(address: str, seconds: float) -> None:
    """Announce, browse, and say goodbye."""
    zero = Zeroconf(interfaces=[address])
    info = ServiceInfo(
        "_ipp._tcp.local.", "Lab printer._ipp._tcp.local.",
        addresses=[socket.inet_aton(address)], port=631, properties={"ty": "Labjet 7", "rp": "q"},
    )  # fmt: skip
    zero.register_service(info)
    for kind in ("_ipp._tcp.local.", "_ssh._tcp.local.", "_http._tcp.local."):
        ServiceBrowser(zero, kind, Seen())
        time.sleep(seconds / 4)
    zero.unregister_service(info)
    zero.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
