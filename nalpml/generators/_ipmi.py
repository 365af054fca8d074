"""RMCP, RMCP+ and IPMI messages, with and without Serial over LAN.

IPMI 2.0 sections 13 (LAN, RMCP+, RAKP) and 15 (SOL payload); ipmitool's source for the habits of a
console: keep-alives every 15 s, acknowledgements with packet number 0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation

__all__ = ["Session", "asf_ping"]

_RMCP = b"\x06\x00\xff\x07"


def asf_ping(conv: Conversation, rng: np.random.Generator) -> None:
    """Presence ping and pong (ASF 2.0)."""
    conv.say(0, b"\x06\0\xff\x06\0\0\x11\xbe\x80" + bytes((int(rng.integers(256)), 0, 0)), 0.0)
    pong = b"\0\0\x11\xbe\0\0\0\0\x81\0\0\0\0\0\0\0"
    conv.say(1, b"\x06\0\xff\x06\0\0\x11\xbe\x40\x00\x00\x10" + pong, loguniform(rng, 1e-3, 0.02))


def _checksum(octets: bytes) -> bytes:
    return bytes((-sum(octets) & 0xFF,))


def _lan(net_fn: int, cmd: int, data: bytes, number: int, *, answer: bool) -> bytes:
    """An IPMI LAN message with both checksums."""
    to, own = (0x81, 0x20) if answer else (0x20, 0x81)
    head = bytes((to, (net_fn | int(answer)) << 2))
    tail = bytes((own, (number & 63) << 2, cmd)) + (b"\0" if answer else b"") + data
    return head + _checksum(head) + tail + _checksum(tail)


@dataclass(slots=True)
class Session:
    """One RMCP+ session on a conversation.

    Parameters
    ----------
    conv : Conversation
        UDP to port 623.
    rng : numpy Generator
    suite : int
        Cipher suite: 0 nothing, 1 authentication, 2 integrity (SHA1), 3 AES-CBC-128 and SHA1,
        17 AES-CBC-128 and SHA256.
    """

    conv: Conversation
    rng: np.random.Generator
    suite: int = 3
    console: bytes = b""
    bmc: bytes = b""
    count: list[int] = field(default_factory=lambda: [0, 0])
    number: int = 0

    def open(self) -> None:
        """Authentication capabilities, open session, RAKP 1 to 4, privilege level."""
        conv, rng = self.conv, self.rng
        self.console, self.bmc = rng.bytes(4), rng.bytes(4)
        for answer in (False, True):
            data = b"\x01\x16\x04\x03\0\0\0\0" if answer else b"\x8e\x04"
            body = _lan(6, 0x38, data, 0, answer=answer)
            conv.say(
                int(answer), _RMCP + bytes(9) + bytes((len(body),)) + body, self._think(answer)
            )
        tag = int(rng.integers(256))
        auth = {0: 0, 1: 1, 2: 1, 3: 1, 17: 3}[self.suite]
        seal = {0: 0, 1: 0, 2: 1, 3: 1, 17: 4}[self.suite]
        hide = 1 if self.suite in (3, 17) else 0
        offer = b"".join(bytes((k, 0, 0, 8, v, 0, 0, 0)) for k, v in enumerate((auth, seal, hide)))
        self._plain(0x10, 0, bytes((tag, 0, 0, 0)) + self.console + offer)
        self._plain(0x11, 1, bytes((tag, 0, 4, 0)) + self.console + self.bmc + offer)
        user = pick(rng, (b"ADMIN", b"root", b"admin", b"Administrator", b"ipmi"))
        rakp1 = (
            bytes((tag, 0, 0, 0))
            + self.bmc
            + rng.bytes(16)
            + b"\x14\0\0"
            + bytes((len(user),))
            + user
        )
        self._plain(0x12, 0, rakp1)
        mac = {0: 0, 1: 20, 3: 32}[auth]
        rakp2 = bytes((tag, 0, 0, 0)) + self.console + rng.bytes(32) + rng.bytes(mac)
        self._plain(0x13, 1, rakp2)
        self._plain(0x14, 0, bytes((tag, 0, 0, 0)) + self.bmc + rng.bytes(mac))
        check = {0: 0, 1: 12, 3: 16}[auth]
        self._plain(0x15, 1, bytes((tag, 0, 0, 0)) + self.console + rng.bytes(check))
        self.request(6, 0x3B, b"\x04", b"\x04")

    def request(self, net_fn: int, cmd: int, data: bytes, answer: bytes, gap: float = 2e-3) -> None:
        """An IPMI command and its response."""
        self.number += 1
        self.send(0, 0, _lan(net_fn, cmd, data, self.number, answer=False), gap)
        self.send(1, 0, _lan(net_fn, cmd, answer, self.number, answer=True), self._think(True))

    def sol(
        self, d: int, number: int, acked: int, accepted: int, status: int, text: bytes, gap: float
    ) -> None:
        """A SOL payload: numbers, accepted characters, status or operation, characters."""
        self.send(d, 1, bytes((number & 15, acked & 15, accepted & 255, status)) + text, gap)

    def send(self, d: int, kind: int, body: bytes, gap: float, *, at: float | None = None) -> None:
        """An authenticated (and, by suite, encrypted) payload."""
        rng = self.rng
        flags = (0x40 if self.suite in (2, 3, 17) else 0) | (0x80 if self.suite in (3, 17) else 0)
        if flags & 0x80:
            padded = 16 - (len(body) + 1) % 16 if (len(body) + 1) % 16 else 0
            body = rng.bytes(16 + len(body) + 1 + padded)
        self.count[d] += 1
        target = self.console if d else self.bmc
        head = (
            b"\x06" + bytes((kind | flags,)) + target + struct.pack("<IH", self.count[d], len(body))
        )
        out = _RMCP + head + body
        if flags & 0x40:
            pad = -(len(head) + len(body) + 2) % 4
            out += b"\xff" * pad + bytes((pad, 7)) + rng.bytes(16 if self.suite == 17 else 12)
        if at is None:
            self.conv.say(d, out, gap)
        else:
            self.conv.at(at, d, out)

    def close(self) -> None:
        """Close Session."""
        self.request(6, 0x3C, self.bmc, b"")

    def _plain(self, kind: int, d: int, body: bytes) -> None:
        head = b"\x06" + bytes((kind,)) + bytes(8) + struct.pack("<H", len(body))
        self.conv.say(d, _RMCP + head + body, self._think(bool(d)))

    def _think(self, answer: bool) -> float:
        return loguniform(self.rng, 1e-3, 0.04) if answer else loguniform(self.rng, 2e-4, 3e-3)
