"""``nudge.py server|client KIND ADDRESS SECONDS SEED``: datagrams that only hold a binding open.

KIND: ``natt`` (IPsec's one octet 255 on port 4500, one way), ``crlf`` (SIP's empty lines, and one
back), ``stun`` (binding indications, one way), ``pcp`` (a mapping asked for and renewed), ``rtcp``
(empty receiver reports, one way), ``l2tp`` (hello and its acknowledgement).
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time

PORTS = {"natt": 4500, "crlf": 5060, "stun": 3478, "pcp": 5351, "rtcp": 5005, "l2tp": 1701}
ANSWERED = ("crlf", "pcp", "l2tp")


def message(kind: str, rng: random.Random, n: int, back: bool) -> bytes:
    """Return a datagram."""
    if kind == "natt":
        return b"\xff"
    if kind == "crlf":
        return b"\r\n" if back else b"\r\n\r\n"
    if kind == "stun":
        return struct.pack(">HHI", 0x0011, 0, 0x2112A442) + rng.randbytes(12)
    if kind == "pcp":
        nonce = random.Random(7).randbytes(12)
        head = struct.pack(">BBHI16s", 2, 0x81 if back else 1, 0, 120, bytes(10) + b"\xff" * 2)
        return head + nonce + struct.pack(">B3xHH16s", 17, 40100, 40100 if back else 0, bytes(16))
    if kind == "rtcp":
        return struct.pack(">BBHI", 0x80, 201, 1, 0x5EED0001) + b"\x81\xca\x00\x03" + bytes(12)
    return struct.pack(">HHHHHHHHHH"[: 5 if back else 10], *(
        (0xC802, 12, 9, 0, n & 0xFFFF) if back else (0xC802, 20, 9, 0, n, n, 0x8008, 0, 0, 6)
    ))  # fmt: skip


def main(role: str, kind: str, address: str, seconds: float, seed: str) -> None:
    """Nudge, or answer where the protocol does."""
    rng = random.Random(seed)
    end, n = time.time() + seconds, 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address if role == "server" else "", PORTS[kind]))
        while role == "server":
            _, peer = sock.recvfrom(2048)
            n += 1
            if kind in ANSWERED:
                sock.sendto(message(kind, rng, n, True), peer)
        every = rng.uniform(0.8, 2.5)
        while time.time() < end:
            sock.sendto(message(kind, rng, n, False), (address, PORTS[kind]))
            n += 1
            time.sleep(every)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5])
