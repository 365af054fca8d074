"""How messages are delimited on a channel: headers that custom protocols use."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import pick, xor

__all__ = ["FRAMINGS", "Framer", "framing"]

Framer = Callable[[bytes, int, int], bytes]
"""(body, direction, number of the message in its direction) -> octets on the wire."""

FRAMINGS = ("raw", "length", "magic", "gh0st", "tlv", "typed", "lines", "session", "keyed", "fixed")


def framing(rng: np.random.Generator, style: str = "") -> Framer:
    """Draw a framing of a style, or of any style.

    Parameters
    ----------
    rng : numpy Generator
    style : str
        ``raw`` nothing; ``length`` a length of 2 or 4 octets; ``magic`` a constant and a length;
        ``gh0st`` five letters, total and original length, zlib (the gh0st RAT family);
        ``tlv`` XOR key, session GUID, flags, length and type (Meterpreter's packet header);
        ``typed`` type octet, length, sometimes a checksum; ``lines`` text ended by a newline or
        zero; ``session`` an identifier and counters; ``keyed`` a fresh XOR key before each message;
        ``fixed`` messages padded to a multiple of a fixed size.

    Returns
    -------
    Framer
    """
    return _MAKERS[style or pick(rng, FRAMINGS)](rng)


def _raw(rng: np.random.Generator) -> Framer:
    return lambda body, d, n: body


def _length(rng: np.random.Generator) -> Framer:
    code = pick(rng, ("<I", ">I", "<H", ">H", "<I"))
    extra = struct.calcsize(code) if rng.random() < 0.3 else 0
    top = 0xFFFF if code.endswith("H") else 0xFFFFFFFF

    def frame(body: bytes, d: int, n: int) -> bytes:
        return struct.pack(code, min(len(body) + extra, top)) + body

    return frame


def _magic(rng: np.random.Generator) -> Framer:
    magic = rng.bytes(int(pick(rng, (2, 3, 4, 4, 5, 8))))
    code = pick(rng, ("<I", ">I", "<HH", ">II"))

    def frame(body: bytes, d: int, n: int) -> bytes:
        if len(code) == 3:
            a = len(body) & (0xFFFF if "H" in code else 0xFFFFFFFF)
            return magic + struct.pack(code, a, n & 0xFFFF) + body
        return magic + struct.pack(code, len(body)) + body

    return frame


def _gh0st(rng: np.random.Generator) -> Framer:
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    magic = b"Gh0st" if rng.random() < 0.2 else bytes(pick(rng, letters) for _ in range(5))

    def frame(body: bytes, d: int, n: int) -> bytes:
        packed = zlib.compress(body, 6)
        return magic + struct.pack("<II", len(packed) + 13, len(body)) + packed

    return frame


def _tlv(rng: np.random.Generator) -> Framer:
    guid = rng.bytes(16)
    encrypted = rng.random() < 0.6
    seed = int(rng.integers(1 << 32))

    def frame(body: bytes, d: int, n: int) -> bytes:
        key = struct.pack(">I", ((seed + 2654435761 * (2 * n + d)) & 0xFFFFFFFF) | 0x01010101)
        inner = struct.pack(">II", len(body) + 8, 0x20000 | n & 0xFF) + body
        head = guid + struct.pack(">III", int(encrypted), len(inner) + 8, d)
        return key + xor(head + inner, key)

    return frame


def _typed(rng: np.random.Generator) -> Framer:
    code = pick(rng, (">BI", "<BI", ">BH", "<HI", ">HH"))
    top = 0xFFFF if code[2] == "H" else 0xFFFFFFFF
    kinds = rng.integers(1, 100, 4).tolist()
    check = rng.random() < 0.3

    def frame(body: bytes, d: int, n: int) -> bytes:
        head = struct.pack(code, kinds[2 * d + (n > 0)], len(body) & top)
        return head + (struct.pack("<I", zlib.crc32(body)) if check else b"") + body

    return frame


def _lines(rng: np.random.Generator) -> Framer:
    end = pick(rng, (b"\n", b"\r\n", b"\0", b"|\n", b"<EOF>"))
    return lambda body, d, n: body + end


def _session(rng: np.random.Generator) -> Framer:
    ident = rng.bytes(int(pick(rng, (2, 4, 4, 8, 16))))
    code = pick(rng, ("<I", ">I", "<H", ">H"))
    mask = 0xFFFF if code.endswith("H") else 0xFFFFFFFF
    return lambda body, d, n: ident + struct.pack(code, n & mask) + body


def _keyed(rng: np.random.Generator) -> Framer:
    size = int(pick(rng, (1, 2, 4, 4, 16)))
    keys = rng.bytes(4096)

    def frame(body: bytes, d: int, n: int) -> bytes:
        at = (2 * n + d) * size % (4096 - size)
        key = keys[at : at + size]
        return key + xor(struct.pack("<I", len(body)) + body, key)

    return frame


def _fixed(rng: np.random.Generator) -> Framer:
    size = int(pick(rng, (16, 32, 64, 128, 256, 512, 1024)))
    filler = pick(rng, (b"\0", b"\xff", b" "))
    noise = rng.bytes(size)
    random = rng.random() < 0.5

    def frame(body: bytes, d: int, n: int) -> bytes:
        short = -len(body) % size if body else size
        return body + (noise[:short] if random else filler * short)

    return frame


_MAKERS: dict[str, Callable[[np.random.Generator], Framer]] = {
    "raw": _raw,
    "length": _length,
    "magic": _magic,
    "gh0st": _gh0st,
    "tlv": _tlv,
    "typed": _typed,
    "lines": _lines,
    "session": _session,
    "keyed": _keyed,
    "fixed": _fixed,
}
