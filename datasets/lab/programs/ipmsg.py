"""Messages directly in IP packets: ``ipmsg.py client|server PROTO STYLE PEER SECONDS SEED``.

STYLE: ``sealed`` (encrypted messages), ``text`` (clear lines), ``sum`` (a running sum hides the
octets, as the protocol 11 agents of 2002 did), ``gre`` (a GRE header of a private type, then
encrypted data), ``exfil`` (one way, chunks), ``beacon`` (small and regular).  Nothing is executed.
"""

from __future__ import annotations

import random
import socket
import sys
import time

from frames import rc4
from text import make


def running_sum(data: bytes) -> bytes:
    """Hide octets behind the sum of all before."""
    out, total = bytearray(), 0
    for octet in data:
        total = (total + octet + 0x17) & 0xFF
        out.append(total)
    return bytes(out)


def dress(style: str, data: bytes, key: bytes) -> bytes:
    """Return a message as the style shows it."""
    if style == "text":
        return data
    if style == "sum":
        return b"\x02\x00" + running_sum(data)
    head = b"\x00\x00\x88\xb5" if style == "gre" else b""
    return head + rc4(key, data)


def main(role: str, proto: int, style: str, peer: str, seconds: float, seed: int) -> None:
    """Run one side until its time is up."""
    rng = random.Random(f"{seed}{role}")
    key = random.Random(seed).randbytes(16)
    sock = socket.socket(socket.AF_INET6 if ":" in peer else socket.AF_INET, socket.SOCK_RAW, proto)
    end = time.monotonic() + seconds
    gap = rng.choice((0.2, 0.4, 0.8))

    def send(data: bytes) -> None:
        sock.sendto(dress(style, data, key), (peer, 0))

    while time.monotonic() < end:
        if role == "client" and style == "exfil":
            send(make("zip", rng.choice((300, 700, 1200)), rng.randrange(1 << 30)))
            time.sleep(gap)
        elif role == "client" and style == "beacon":
            send(make("json", 60, seed))
            time.sleep(2 * rng.uniform(0.9, 1.1))
        elif role == "client":
            sock.settimeout(1.0)
            try:
                sock.recvfrom(65535)
            except TimeoutError:
                if rng.random() < 0.3:
                    send(b"ping")
                continue
            data = make("log", int(min(5000, rng.lognormvariate(6, 0.8))), rng.randrange(1 << 30))
            for start in range(0, len(data), 1000):
                send(data[start : start + 1000])
                time.sleep(0.03)
        elif style in ("exfil", "beacon"):
            time.sleep(rng.uniform(2, 4))
            if style == "beacon" and rng.random() < 0.5:
                send(make("text", 20, rng.randrange(1 << 30)))
        else:
            send(make("text", rng.randint(5, 50), rng.randrange(1 << 30)))
            time.sleep(rng.uniform(0.5, 4))


if __name__ == "__main__":
    a = sys.argv
    main(a[1], int(a[2]), a[3], a[4], float(a[5]), int(a[6]))
