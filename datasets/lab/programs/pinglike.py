"""Echo requests as other systems send them: ``pinglike.py STYLE TARGET COUNT SEED``.

An imitation for hosts the lab does not have; the shapes are those that `ping` shows on them.
Styles: ``windows``, ``macos``, ``cisco``, ``sdwan`` (probes with sequence and time stamps),
``monitor`` (a text tag), ``mtu`` (growing sizes, don't fragment).
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time

from icmp_c2 import ECHO, REPLY, Endpoint


def payload(style: str, number: int, rng: random.Random) -> bytes:
    """Return the data of one request."""
    now = time.time()
    seconds, micro = int(now), int(now % 1 * 1_000_000)
    if style == "windows":
        return b"abcdefghijklmnopqrstuvwabcdefghi"
    if style == "macos":
        return struct.pack(">II", seconds, micro) + bytes(range(8, 56))
    if style == "cisco":
        return struct.pack(">II", 0, int(now * 1000) & 0xFFFFFFFF) + b"\xab\xcd" * 32
    if style == "sdwan":
        return struct.pack(">IIQ", 0x53445741, number, int(now * 1e6)) + bytes(48)
    if style == "monitor":
        return f"monitor probe #{number:06d} from collector-1 ".encode().ljust(64, b".")
    return bytes(i & 0xFF for i in range(400 + 80 * (number % 14)))


def main(style: str, target: str, count: int, seed: int) -> None:
    """Send the requests and wait for each reply."""
    rng = random.Random(seed)
    end = Endpoint(target, v6=":" in target)
    if style == "windows" and not end.v6:
        end.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 128)
    if style == "cisco" and not end.v6:
        end.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
    if style == "mtu" and not end.v6:
        end.sock.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER, IP_PMTUDISC_DO
    ident = 1 if style == "windows" else rng.randrange(1, 65536)
    first = rng.randrange(1, 20_000) if style == "windows" else 0
    gap = {"sdwan": 0.1, "cisco": 0.0}.get(style, 1.0)
    for number in range(count):
        begun = time.monotonic()
        try:
            end.send(ECHO, ident, first + number, payload(style, number, rng))
            end.receive(2.0, (REPLY,))
        except OSError:  # too large for the path: that is what an MTU probe finds out
            pass
        time.sleep(max(0.0, gap - (time.monotonic() - begun)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
