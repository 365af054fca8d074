"""IP packets in echo messages: ``icmp_tun.py client|server PEER SECONDS INNER``.

After public descriptions of a tunnel of this kind: the client keeps a few requests waiting at the
server, so that the server always has one to answer with data; a message starts with a four-letter
tag and a type octet (1 connect, 2 accept, 3 poll, 4 data).  Works over ICMPv6 as well.
"""

from __future__ import annotations

import collections
import fcntl
import os
import random
import select
import struct
import subprocess
import sys
import time

from wire import Icmp

CONNECT, ACCEPT, POLL, DATA = 1, 2, 3, 4
POLLS = 5
MTU = 1300


def tun(inner: str) -> int:
    """Make an interface with an address and return its descriptor."""
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH", b"holdtun", 0x1001))
    for words in (f"addr add {inner} dev holdtun", f"link set holdtun mtu {MTU} up"):
        subprocess.run(["ip", *words.split()], check=True)
    return fd


def main(role: str, peer: str, seconds: float, inner: str) -> None:
    """Run one side."""
    end, fd = Icmp(peer), tun(inner)
    tag = b"hanc" if role == "client" else b"hans"
    until = time.monotonic() + seconds
    ident, seq = random.getrandbits(16), random.getrandbits(16)
    waiting: collections.deque[tuple[int, int]] = collections.deque(maxlen=POLLS * 2)
    queue: collections.deque[bytes] = collections.deque(maxlen=200)
    last = 0.0
    if role == "client":
        end.put(end.ask, ident, seq, tag + bytes([CONNECT]) + os.urandom(24))
    while time.monotonic() < until:
        ready, _, _ = select.select([fd, end.raw], [], [], 0.2)
        if fd in ready:
            packet = os.read(fd, 2000)
            if role == "client":
                seq += 1
                end.put(end.ask, ident, seq, tag + bytes([DATA]) + packet)
            else:
                queue.append(packet)
        if end.raw in ready and (got := end.get(0.01)):
            kind, his_ident, his_seq, body = got
            if role == "server" and kind == end.ask and body[:4] == b"hanc":
                if body[4] == CONNECT:
                    end.put(end.answer, his_ident, his_seq, tag + bytes([ACCEPT]) + os.urandom(8))
                else:
                    waiting.append((his_ident, his_seq))
            if body[4:5] == bytes([DATA]) and body[:4] != tag:
                os.write(fd, body[5:])
                if role == "client":
                    seq += 1
                    end.put(end.ask, ident, seq, tag + bytes([POLL]))
        while queue and waiting:
            to, number = waiting.popleft()
            end.put(end.answer, to, number, tag + bytes([DATA]) + queue.popleft())
        if role == "client" and time.monotonic() - last > 2.0:
            for _ in range(POLLS):
                seq += 1
                end.put(end.ask, ident, seq, tag + bytes([POLL]))
            last = time.monotonic()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4])
