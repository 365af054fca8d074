"""``doors.py ROLE PEER SECONDS SEED [6]``: a shell in echo messages, as icmpdoor tells.

Identifier 13170 always, orders in requests from the boss, output in replies of up to 500 octets.
The boss reads orders from standard input; the door's answers are made up.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time

from scapy.config import conf
from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.packet import Raw
from scapy.sendrecv import AsyncSniffer, send

IDENT = 13170


def main(role: str, peer: str, seconds: float, seed: int, six: bool) -> None:
    """Play one end."""
    conf.verb = 0
    request, reply = (ICMPv6EchoRequest, ICMPv6EchoReply) if six else (ICMP, ICMP)

    def put(kind: int, text: bytes) -> None:
        head = IPv6(dst=peer) if six else IP(dst=peer, ttl=64)
        if six:
            message = (reply if kind == 0 else request)(id=IDENT, data=text)
            send(head / message)
        else:
            send(head / ICMP(type=kind, id=IDENT) / Raw(text))

    def heard(packet: object) -> None:
        layer = request if six else ICMP
        if layer not in packet or packet[layer].id != IDENT:  # type: ignore[operator,index]
            return
        if not six and packet[ICMP].type != 8:  # type: ignore[index]
            return
        order = bytes(packet[layer].data if six else packet[Raw].load)  # type: ignore[index]
        host = [os.environ["P"] + "/blind/host.pl", "unix", str(time.time_ns() % 9999)]
        out = subprocess.run(["perl", *host], input=order + b"\n", capture_output=True, check=False)
        text = out.stdout or b"\n"
        for start in range(0, len(text), 500):
            put(0, text[start : start + 500])

    end = time.monotonic() + seconds
    if role == "door":
        sniffer = AsyncSniffer(filter=f"src host {peer}", prn=heard, store=False)
        sniffer.start()
        time.sleep(seconds)
        return
    while time.monotonic() < end:
        if select.select([sys.stdin], [], [], 0.5)[0]:
            line = sys.stdin.readline()
            if not line:
                time.sleep(0.5)
                continue
            put(8, line.strip().encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), sys.argv[5:] == ["6"])
