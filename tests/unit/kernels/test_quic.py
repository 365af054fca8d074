"""QUIC's long headers, and imitations of their first octets."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from nalpml._kernels._quic import quic

V1, V2 = b"\0\0\0\1", b"\x6b\x33\x43\xcf"


def known(data: bytes, length: int | None = None) -> bool:
    octets = np.frombuffer(data, np.uint8)
    return bool(quic(octets, 0, len(octets), len(octets) if length is None else length))


def ends(to: int, own: int) -> bytes:
    return bytes([to]) + b"\x99" * to + bytes([own]) + b"\x88" * own


def packet(first: int, version: bytes, size: int, *, token: bytes | None = None) -> bytes:
    head = bytes([first]) + version + ends(8, 8)
    if token is not None:
        head += struct.pack(">H", 0x4000 | len(token)) + token
    return head + struct.pack(">H", 0x4000 | size) + b"\x77" * size


INITIAL = packet(0xC3, V1, 1170, token=b"")
HANDSHAKE = packet(0xE1, V1, 600)


@pytest.mark.parametrize("data", [
    INITIAL,
    packet(0xC3, V1, 1300, token=bytes(64)),
    packet(0xC0, V1, 40, token=b""),  # a server acknowledges
    packet(0xC0, V1, 40, token=b"") + HANDSHAKE,
    packet(0xC0, V1, 40, token=b"") + bytes(1140),  # padding behind the packet
    packet(0xD3, V2, 1170, token=b""),
    packet(0xD0, V1, 900), HANDSHAKE,
    b"\xf0" + V1 + ends(8, 8) + b"\x55" * 80,  # retry
    b"\xc5" + V2 + ends(8, 8) + b"\x55" * 80,
    b"\x8a" + bytes(4) + ends(8, 8) + V1 + V2,  # negotiation
    b"\xc3Q046\x50" + bytes(30),
])  # fmt: skip
def test_quic_is_known(data: bytes) -> None:
    assert known(data)


@pytest.mark.parametrize("data", [
    b"",
    b"\x40" + INITIAL[1:],  # a short header
    b"\x83" + INITIAL[1:],  # without the fixed bit
    packet(0xC3, b"\1\2\3\4", 1170, token=b""),
    b"\xc3Qxyz\x50" + bytes(30),
    INITIAL[:-1], INITIAL + b"\x01",
    packet(0xC3, V1, 400, token=bytes(16)),  # a client's, and too short
    packet(0xE1, V1, 10),
    b"\xe1" + V1 + b"\x15" + bytes(60), b"\xe1" + V1 + b"\x08" + bytes(8) + b"\x15" + bytes(60),
    b"\xf0" + V1 + ends(8, 8) + b"\x55" * 16,
    b"\x8a" + bytes(4) + ends(8, 8) + V1 + b"\0",
    b"\xc3" + V1 + ends(8, 0) + b"\x44\x44" + bytes(300),  # a token longer than the datagram
    b"\xc3" + V1 + ends(8, 0) + b"\0" + b"\xff" * 300,  # a packet longer than that
    b"\xc3" + V1 + b"\xff" + bytes(40),
    b"\xc3" + V1 + b"\x14" + bytes(15),
])  # fmt: skip
def test_imitations_are_not(data: bytes) -> None:
    assert not known(data)


def test_a_snap_length_hides_nothing_that_was_told() -> None:
    cuts = [*range(23, 30), *range(30, len(INITIAL), 97)]
    assert all(known(INITIAL[:cut], len(INITIAL)) for cut in cuts)
    assert not known(INITIAL[:23])


def test_chance_does_not_pass() -> None:
    rng = np.random.default_rng(1)
    made = [b"\xc3" + V1 + rng.bytes(int(n)) for n in rng.integers(60, 1400, 3000)]
    assert sum(known(data) for data in made) < 6
