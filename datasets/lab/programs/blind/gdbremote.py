"""``gdbremote.py HOST PORT SECONDS SEED [DIALECT]``: plain clients of Debian's services.

DIALECT is ``gdb`` (remote serial protocol), ``jdwp``, ``ipa`` (Osmocom's control lines), ``mgcp``
(over UDP), ``artnet`` (one poll and frame) or ``ottd`` (an OpenTTD server's information, over UDP).
"""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import sys
import time


def main(host: str, port: int, seconds: float, seed: int, dialect: str) -> None:
    """Talk until the time is up."""
    rng, stop, count = random.Random(seed), time.monotonic() + seconds, 0
    datagrams = dialect in ("mgcp", "artnet", "ottd")
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM)
    line.settimeout(1.5)
    line.connect((host, port))

    def packet(text: str) -> bytes:
        return f"${text}#{sum(text.encode()) % 256:02x}".encode()

    def ask() -> bytes:
        number = count + 1
        if dialect == "gdb":
            orders = ("?", "g", "qC", "qOffsets", f"m{rng.randrange(1 << 20):x},40", "qfThreadInfo")
            return b"+" + packet("qSupported:swbreak+" if not count else rng.choice(orders))
        if dialect == "jdwp":
            if not count:
                return b"JDWP-Handshake"
            return struct.pack(">IIBBB", 11, number, 0, 1, rng.choice((1, 3, 4, 7, 12)))
        if dialect == "ipa":
            what = rng.choice(
                ("GET {} subscriber.by-id-1.info", "GET {} subscriber.by-imsi-1.info")
            )
            text = what.format(number).encode()
            return struct.pack(">HBB", len(text) + 1, 0xEE, 0) + text
        if dialect == "mgcp":
            verb = rng.choice(("AUEP", "CRCX", "RSIP"))
            head = f"{verb} {number} rtpbridge/{1 + count % 9}@mgw MGCP 1.0\r\n"
            return f"{head}C: {number:x}\r\nM: recvonly\r\n".encode()
        if dialect == "artnet":
            body = bytes(rng.randrange(256) for _ in range(64))
            line.send(b"Art-Net\0" + struct.pack("<HHBB", 0x2000, 0x0E00, 2, 0))
            return b"Art-Net\0" + struct.pack("<HHBBHH", 0x5000, 0x0E00, count, 0, 0, 0x4000) + body
        return struct.pack("<HB", 3, 0)

    while time.monotonic() < stop:
        line.send(ask())
        count += 1
        with contextlib.suppress(TimeoutError):
            line.recv(4096)
        time.sleep(rng.uniform(0.2, 2.5))


if __name__ == "__main__":
    kind = sys.argv[5] if len(sys.argv) > 5 else "gdb"
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), kind)
