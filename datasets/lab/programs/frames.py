"""Message framings of the lab's command-and-control pair, and what hides their content.

The shapes follow published descriptions of families, not their code: a length prefix, a magic
with two lengths before deflated data, type-length-value packets under a four-octet XOR, and so on.
"""

from __future__ import annotations

import base64
import random
import struct
import zlib
from collections.abc import Callable
from typing import Protocol


class Codec(Protocol):
    """Turns a message into octets on the wire."""

    def pack(self, message: bytes) -> bytes:
        """Return the frame of a message."""
        ...


def rc4(key: bytes, data: bytes) -> bytes:
    """Encrypt with RC4."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for octet in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(octet ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def xor(key: bytes, data: bytes) -> bytes:
    """XOR with a repeated key."""
    return bytes(octet ^ key[i % len(key)] for i, octet in enumerate(data))


class Framing:
    """A framing with its per-run secrets."""

    def __init__(self, seed: int, pack: Callable[[Framing, bytes], bytes]) -> None:
        self.rng = random.Random(seed)
        self.key = self.rng.randbytes(16)
        self.session = self.rng.randbytes(16)
        self.magic = bytes(self.rng.choices(range(0x41, 0x5B), k=5))
        self.count = 0
        self._pack = pack

    def pack(self, message: bytes) -> bytes:
        """Return the frame of a message."""
        self.count += 1
        return self._pack(self, message)


def _plain(f: Framing, m: bytes) -> bytes:
    return m + b"\n"


def _length(f: Framing, m: bytes) -> bytes:
    return struct.pack(">I", len(m)) + m


def _length_le_rc4(f: Framing, m: bytes) -> bytes:
    return struct.pack("<I", len(m)) + rc4(f.key, m)


def _xor1(f: Framing, m: bytes) -> bytes:
    return struct.pack("<H", len(m)) + xor(f.key[:1], m)


def _xor4(f: Framing, m: bytes) -> bytes:
    key = f.rng.randbytes(4)
    return key + xor(key, struct.pack("<II", len(m), f.count) + m)


def _zlib(f: Framing, m: bytes) -> bytes:
    packed = zlib.compress(m)
    return struct.pack(">I", len(packed)) + packed


def _two_lengths(f: Framing, m: bytes) -> bytes:
    packed = zlib.compress(m)
    return f.magic + struct.pack("<II", len(packed) + 13, len(m)) + packed


def _two_lengths_rc4(f: Framing, m: bytes) -> bytes:
    packed = rc4(f.key, zlib.compress(m))
    return f.magic + struct.pack("<II", len(packed) + 13, len(m)) + packed


def _tlv(f: Framing, m: bytes) -> bytes:
    method = b"core_command\0"
    body = struct.pack(">II", len(method) + 8, 0x10001) + method
    ident = f"{f.rng.getrandbits(128):032d}"[:32].encode() + b"\0"
    body += struct.pack(">II", len(ident) + 8, 0x10002) + ident
    body += struct.pack(">II", len(m) + 8, 0x40034) + m
    key = f.rng.randbytes(4)
    head = f.session + struct.pack(">III", 0, len(body) + 8, f.count % 2)
    return key + xor(key, head + body)


def _block_mac(f: Framing, m: bytes) -> bytes:
    size = -(-(len(m) + 2) // 16) * 16
    return rc4(f.key + f.count.to_bytes(4, "big"), m.ljust(size, b"\0")) + f.rng.randbytes(20)


def _base64(f: Framing, m: bytes) -> bytes:
    return base64.b64encode(m) + b"\r\n"


def _base64_rc4(f: Framing, m: bytes) -> bytes:
    return base64.b64encode(rc4(f.key, m)) + b"|"


def _magic(f: Framing, m: bytes) -> bytes:
    magic = f.magic[:2] + b"\x01\x00"
    return magic + struct.pack(">HHI", f.count & 0xFFFF, len(m), zlib.crc32(m)) + m


def _kcp(f: Framing, m: bytes) -> bytes:
    head = struct.pack("<IBBHIIII", 0x11223344, 81, 0, 128, f.count * 31, f.count, 0, len(m))
    return head + rc4(f.key, m)


def _padded(f: Framing, m: bytes) -> bytes:
    cell = 512
    data = struct.pack(">HB", f.count & 0xFFFF, 3) + m
    size = max(cell, -(-len(data) // cell) * cell)
    return rc4(f.key, data.ljust(size, b"\0"))


def _style(pack: Callable[[Framing, bytes], bytes]) -> Callable[[int], Codec]:
    return lambda seed: Framing(seed, pack)


STYLES: dict[str, Callable[[int], Codec]] = {
    "plain": _style(_plain),
    "length": _style(_length),
    "length-rc4": _style(_length_le_rc4),
    "xor1": _style(_xor1),
    "xor4": _style(_xor4),
    "zlib": _style(_zlib),
    "two-lengths": _style(_two_lengths),
    "two-lengths-rc4": _style(_two_lengths_rc4),
    "tlv": _style(_tlv),
    "block-mac": _style(_block_mac),
    "base64": _style(_base64),
    "base64-rc4": _style(_base64_rc4),
    "magic": _style(_magic),
    "kcp": _style(_kcp),
    "padded": _style(_padded),
}
