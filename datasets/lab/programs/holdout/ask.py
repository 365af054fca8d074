"""``ask.py WHAT HOST PORT``: a question of a known protocol, or a server that answers."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import struct
import sys
import time
from collections.abc import Callable


def serve(host: str, port: int, answer: Callable[[bytes], bytes | None]) -> None:
    """Answer datagrams for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, port))
        while True:
            data, peer = sock.recvfrom(65_535)
            out = answer(data)
            if out:
                sock.sendto(out, peer)


def radius(data: bytes) -> bytes:
    """Accept every other name (RFC 2865: response authenticator over the request's)."""
    body = b"\x12\x07hello" if data[1] % 2 else b""
    head = struct.pack(">BBH", 2 if data[1] % 2 else 3, data[1], 20 + len(body))
    digest = hashlib.md5(head + data[4:20] + body + b"secret", usedforsecurity=False).digest()
    return head + digest + body


def sip(data: bytes) -> bytes:
    """Answer OPTIONS with 200 and the request's own headers (RFC 3261)."""
    kept = [
        line
        for line in data.decode().split("\r\n")
        if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")
    ]
    lines = ["SIP/2.0 200 OK", *kept, "Allow: INVITE,ACK,BYE,OPTIONS", "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


def ike(data: bytes) -> bytes:
    """Refuse every proposal (RFC 2408: informational exchange, NO-PROPOSAL-CHOSEN)."""
    notify = struct.pack(">BBHIBBH", 0, 0, 12, 1, 1, 0, 14)
    return data[:8] + os.urandom(8) + struct.pack(">BBBBII", 11, 16, 5, 0, 0, 40) + notify


def tarantool(host: str, port: int) -> None:
    """Insert and select for a while."""
    import tarantool as package

    link = package.connect(host, port)
    for n in range(14):
        link.insert("t", (n, "row" * random.randrange(1, 30), random.random()))
        link.select("t", random.randrange(n + 1))
        time.sleep(random.uniform(0.3, 1.5))


def teeworlds(host: str, port: int) -> None:
    """Ask for a token, as a client that joins does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        token = os.urandom(4)
        sock.sendto(b"\x04\x00\x00\xff\xff\xff\xff\x05" + token + bytes(508), (host, port))
        try:
            reply = sock.recv(2000)
            sock.sendto(b"\x21" + reply[8:12] + token + b"\xff\xff\xff\xffgie3\x05", (host, port))
            sock.recv(2000)
        except TimeoutError:
            pass


if __name__ == "__main__":
    what, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if what.endswith("-server"):
        serve(host, port, {"radius": radius, "sip": sip, "ike": ike}[what.removesuffix("-server")])
    {"tarantool": tarantool, "teeworlds": teeworlds}[what](host, port)
