"""How often payloads that are of no protocol are taken for one: the price of every recogniser."""

from __future__ import annotations

import os
import zlib
from collections import Counter

import numpy as np
import pytest

from nalpml.capture.apps import APP_CODES
from tests.unit.kernels.frames import ipv4, table, tcp, udp

NAMES = {code: name for name, code in APP_CODES.items()}
WORDS = b"the quick brown fox user admin path status ok error file system running".split()
SIZES = (8, 12, 14, 16, 20, 24, 32, 42, 48, 54, 64, 100, 188, 256, 376, 512, 600, 1000, 1200, 1400)
NUMBER = 3000

slow_without_jit = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="50,000 payloads take compiled kernels"
)


def text(rng, size):
    return b" ".join(WORDS[i] for i in rng.integers(0, len(WORDS), size))[:size]


def letters(rng, size):
    return bytes(rng.integers(0x61, 0x7B, size, dtype=np.uint8))


def base64(rng, size):
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return bytes(np.frombuffer(alphabet, np.uint8)[rng.integers(0, 64, size)])


def masked(rng, size):
    return bytes(np.frombuffer(text(rng, size), np.uint8) ^ np.uint8(rng.integers(1, 256)))


def counting(rng, size):
    return bytes((np.arange(size) + rng.integers(0, 256)) % 256)


KINDS = {
    "random": lambda rng, size: rng.bytes(size),
    "letters": letters,
    "base64": base64,
    "hex": lambda rng, size: rng.bytes(size).hex().encode()[:size],
    "masked": masked,
    "compressed": lambda rng, size: zlib.compress(rng.bytes(size // 2) + text(rng, size))[:size],
    "counting": counting,
    "constant": lambda rng, size: bytes([rng.integers(256)]) * size,
}


def recognised(transport: str, kind: str) -> Counter:
    """Payloads taken for each protocol, half of them of sizes that protocols are fond of."""
    rng = np.random.default_rng([len(kind), len(transport)])
    frames = []
    for i in range(NUMBER):
        size = int(rng.choice(SIZES)) if i % 2 else int(rng.integers(6, 1400))
        ports = int(rng.integers(1024, 65536)), int(rng.integers(1, 65536))
        data = KINDS[kind](rng, size)
        body = (17, udp(*ports, data)) if transport == "udp" else (6, tcp(*ports, 0x18, data))
        frames.append(ipv4(body[0], 1, 2, body[1]))
    codes = table(frames, link=101).rows["app"]
    return Counter(NAMES[int(code)] for code in codes if NAMES[int(code)] not in ("none", "text"))


@slow_without_jit
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_payloads_of_no_protocol_are_seldom_recognised(transport, kind):
    found = recognised(transport, kind)
    # RTP has two fixed bits; a window asks for two in a row (test_windows).
    found.pop("rtp", None)
    repeated = 256 / NUMBER if kind in ("counting", "constant") else 0  # of 256 payloads' kinds
    for name, count in found.items():
        assert count / NUMBER <= 0.002 + 3 * repeated, name
    assert found.total() / NUMBER <= 0.004 + 6 * repeated


def test_the_table_can_fail():
    rng = np.random.default_rng(1)
    frames = [ipv4(6, 1, 2, tcp(2000, 3000, 0x18, b"\x16\3\1\1\0" + rng.bytes(256)))]
    assert NAMES[int(table(frames, link=101).rows["app"][0])] == "tls"
