"""Raw ICMP for the hold-out programs: building and reading messages of both versions."""

from __future__ import annotations

import array
import select
import socket
import time
from collections.abc import Iterator


def ones_sum(data: bytes) -> int:
    """Return the Internet checksum in network order."""
    words = array.array("H", data + b"\0" * (len(data) & 1))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return socket.htons(~total & 0xFFFF)


class Icmp:
    """A raw socket towards one host, version by the look of the address."""

    def __init__(self, peer: str) -> None:
        self.six = ":" in peer
        self.peer = peer
        family, proto = (socket.AF_INET6, 58) if self.six else (socket.AF_INET, 1)
        self.raw = socket.socket(family, socket.SOCK_RAW, proto)
        self.ask, self.answer = (128, 129) if self.six else (8, 0)

    def put(self, kind: int, ident: int, seq: int, body: bytes = b"", code: int = 0) -> None:
        """Send a message whose rest of header is an identifier and a sequence number."""
        tail = (ident & 0xFFFF).to_bytes(2, "big") + (seq & 0xFFFF).to_bytes(2, "big") + body
        check = 0 if self.six else ones_sum(bytes((kind, code, 0, 0)) + tail)
        self.raw.sendto(bytes((kind, code)) + check.to_bytes(2, "big") + tail, (self.peer, 0))

    def get(self, seconds: float) -> tuple[int, int, int, bytes] | None:
        """Return type, identifier, sequence and body of the next message of the peer."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.raw], [], [], left)[0]:
                return None
            data, sender = self.raw.recvfrom(70_000)
            if sender[0] != self.peer:
                continue
            if not self.six:
                data = data[(data[0] & 0xF) << 2 :]
            if len(data) >= 8:
                seq = int.from_bytes(data[6:8], "big")
                return data[0], int.from_bytes(data[4:6], "big"), seq, data[8:]
        return None


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Cut data."""
    for start in range(0, len(data), size):
        yield data[start : start + size]
