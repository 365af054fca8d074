"""Protocol designs drawn at random: what vendors put before, into and behind their messages.

A `Design` is one protocol nobody has a dissector for: a header of drawn fields (constants, types,
lengths, counters, session numbers, clocks), a serialisation of bodies, a law of sizes and perhaps
a trailer. No single source; the fields are those that RFC 3117 (section 4) discusses, the clocks
and check sums those in common use (RFC 1952, RFC 3309, FILETIME), the serialisations in
`vendor_bodies`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick, word
from nalpml.generators.benign.vendor_bodies import BODIES, Body, body

__all__ = ["Design", "Size", "crc16", "size_law"]

Field = Callable[[int, int, int, int, int], bytes]
"""(body length, direction, kind, number in its direction, microseconds) -> octets of the field."""

Size = Callable[[], int]
_WHOLE = 2500
"""Octets after which slow serialisations repeat themselves."""

_SLOW = ("json", "masked", "xml", "pairs", "protobuf", "packed", "tlv", "asn1", "records", "path")
_EPOCH = 1_700_000_000


def crc16(text: bytes, start: int = 0xFFFF, polynomial: int = 0xA001) -> int:
    """Cyclic redundancy check of 16 bits, least significant bit first (Modbus by default).

    Examples
    --------
    >>> hex(crc16(b"123456789"))
    '0x4b37'
    """
    value = start
    for octet in text:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ polynomial if value & 1 else value >> 1
    return value


def size_law(rng: np.random.Generator, low: float, high: float, *, wide: bool = True) -> Size:
    """Draw how long bodies are: one size, a few sizes, a block multiple, or a continuous law.

    Parameters
    ----------
    rng : numpy Generator
    low, high : float
        Bounds of the typical size, log-uniform.
    wide : bool
        Whether a heavy tail may be drawn.
    """
    middle = loguniform(rng, low, high)
    kind = rng.random()
    if kind < 0.3:
        return lambda: int(middle)
    if kind < 0.55:
        few = [int(middle * loguniform(rng, 0.5, 2)) for _ in range(int(rng.integers(2, 7)))]
        return lambda: pick(rng, few)
    if kind < 0.7:
        block = int(pick(rng, (4, 8, 16, 16, 32, 64)))
        return lambda: block * max(1, round(middle * loguniform(rng, 0.6, 1.7) / block))
    spread = float(rng.uniform(0.1, 1.2 if wide else 0.4))
    return lambda: int(np.clip(rng.lognormal(np.log(middle), spread), 1, 4 * high))


def _constant(text: bytes) -> Field:
    return lambda n, d, kind, k, us: text


def _magic(rng: np.random.Generator) -> Field:
    u = rng.random()
    letters = word(rng)[: int(rng.integers(2, 7))].encode()
    text = (
        letters.upper()
        if u < 0.4
        else letters
        if u < 0.55
        else rng.bytes(int(pick(rng, (1, 2, 2, 3, 4, 4, 8))))
    )
    return _constant(text)


def _version(rng: np.random.Generator) -> Field:
    a, b = int(rng.integers(1, 9)), int(rng.integers(0, 12))
    options = (
        bytes((a,)),
        bytes((a, b)),
        bytes((0, a)),
        bytes((a, 0)),
        bytes((a << 4 | b & 15,)),
        bytes((a, b, 0, 0)),
    )
    return _constant(pick(rng, options))


def _integer(rng: np.random.Generator, sizes: tuple[int, ...]) -> Callable[[int], bytes]:
    size, order = pick(rng, sizes), "big" if rng.random() < 0.55 else "little"
    mask = (1 << 8 * size) - 1
    if order == "big":
        return lambda value: (value & mask).to_bytes(size, "big")
    return lambda value: (value & mask).to_bytes(size, "little")


def _kind(rng: np.random.Generator) -> Field:
    put = _integer(rng, (1, 1, 1, 2, 2, 4))
    u = rng.random()
    step, base = int(pick(rng, (1, 1, 2, 16, 100))), int(rng.integers(0, 40))
    if u < 0.4:  # an answer has the number of its request with a bit set
        bit = int(pick(rng, (1, 0x80, 0x40, 0x10)))
        return lambda n, d, kind, k, us: put(base + step * kind | bit * d)
    if u < 0.8:
        return lambda n, d, kind, k, us: put(base + step * (2 * kind + d))
    return lambda n, d, kind, k, us: put(base + step * kind)


def _length(rng: np.random.Generator) -> Field:
    put = _integer(rng, (2, 2, 2, 3, 4, 4, 4))
    extra = int(pick(rng, (0, 0, 0, 2, 4, 4, 6, 8, 12, 16, 20)))
    return lambda n, d, kind, k, us: put(n + extra)


def _varint(rng: np.random.Generator) -> Field:
    def field(n: int, d: int, kind: int, k: int, us: int) -> bytes:
        out = bytearray()
        while n > 127:
            out.append(n & 127 | 128)
            n >>= 7
        return bytes((*out, n))

    return field


def _ascii_length(rng: np.random.Generator) -> Field:
    width = int(pick(rng, (3, 4, 5, 8)))
    style = pick(
        rng, ("{:0{w}d}", "{:0{w}x}", "{:0{w}X}", "{:{w}d}", "Content-Length: {}\r\n\r\n", "{}:")
    )
    return lambda n, d, kind, k, us: style.format(n, w=width).encode()


def _sequence(rng: np.random.Generator) -> Field:
    put = _integer(rng, (1, 2, 2, 4, 4, 8))
    start = (0, int(rng.integers(1 << 16)), int(rng.integers(1 << 31)))[int(rng.integers(3))]
    other = start if rng.random() < 0.6 else int(rng.integers(1 << 16))
    step = int(pick(rng, (1, 1, 1, 1, 2, 4, 20, 160)))
    return lambda n, d, kind, k, us: put((other if d else start) + step * k)


def _session(rng: np.random.Generator) -> Field:
    size = int(pick(rng, (1, 2, 4, 4, 4, 8, 8, 16)))
    a, b = rng.bytes(size), rng.bytes(size)
    u = rng.random()
    if u < 0.3:  # unknown to the client until the server has said it
        return lambda n, d, kind, k, us: bytes(size) if d == 0 and k == 0 else a
    if u < 0.5:
        return lambda n, d, kind, k, us: b if d else a
    if u < 0.65:
        small = int(rng.integers(1, 200)).to_bytes(4, "little")[: min(4, size)]
        return _constant(small)
    return _constant(a)


def _clock(rng: np.random.Generator) -> Field:
    start = _EPOCH + int(rng.integers(0, 60_000_000))
    boot = int(rng.integers(1 << 30))
    kind = int(rng.integers(7))

    def field(n: int, d: int, kind_: int, k: int, us: int) -> bytes:
        now = start * 1_000_000 + us
        if kind == 0:
            return struct.pack(">I", now // 1_000_000)
        if kind == 1:
            return struct.pack("<Q", now // 1000)
        if kind == 2:
            return struct.pack(">Q", now)
        if kind == 3:
            return struct.pack("<I", (boot + us // 1000) & 0xFFFFFFFF)
        if kind == 4:
            return struct.pack(">II", now // 1_000_000, now % 1_000_000)
        if kind == 5:
            return struct.pack("<Q", 116_444_736_000_000_000 + 10 * now)
        return struct.pack(">d", now / 1e6)

    return field


def _transaction(rng: np.random.Generator) -> Field:
    size = int(pick(rng, (2, 4, 4, 8, 12, 16)))
    stock = rng.bytes(64 * 17)
    return lambda n, d, kind, k, us: stock[17 * (k % 64) : 17 * (k % 64) + size]


def _zeros(rng: np.random.Generator) -> Field:
    return _constant(bytes(int(pick(rng, (1, 2, 2, 3, 4, 4, 8, 12)))))


def _flags(rng: np.random.Generator) -> Field:
    put, a, b = _integer(rng, (1, 1, 2, 4)), 1 << int(rng.integers(8)), 1 << int(rng.integers(8))
    return lambda n, d, kind, k, us: put((a if kind else 0) | (b if d else 0))


def _device(rng: np.random.Generator) -> Field:
    u = rng.random()
    if u < 0.35:
        return _constant(rng.bytes(3) + b"\0" + rng.bytes(2))
    text = f"{word(rng)[:6].upper()}{int(rng.integers(10**8)):08d}".encode()
    return _constant(text + bytes(-len(text) % 16) if u < 0.7 else bytes((len(text),)) + text)


def _status(rng: np.random.Generator) -> Field:
    put = _integer(rng, (1, 2, 4))
    good = int(pick(rng, (0, 0, 0, 1, 200)))
    return lambda n, d, kind, k, us: put(good if d else 0)


_FIELDS: tuple[tuple[Callable[[np.random.Generator], Field], float], ...] = (
    (_version, 0.45),
    (_kind, 0.9),
    (_flags, 0.35),
    (_zeros, 0.35),
    (_sequence, 0.5),
    (_session, 0.45),
    (_clock, 0.15),
    (_transaction, 0.2),
    (_device, 0.12),
    (_status, 0.2),
)


@dataclass(slots=True)
class Design:
    """One drawn protocol.

    Parameters
    ----------
    rng : numpy Generator
        Drawn from at once and for every body.
    datagram : bool
        Datagrams may do without a length; a stream needs one, or an end mark.
    style : str
        One of `nalpml.generators.benign.vendor_bodies.BODIES`; drawn when empty.
    bare : float
        Probability of no binary header at all: text lines, or a body that delimits itself.
    """

    rng: np.random.Generator
    datagram: bool
    style: str = ""
    bare: float = 0.12

    fields: tuple[Field, ...] = ()
    make: Body = bytes
    end: bytes = b""
    check: int = 0
    counts: list[int] | None = None

    def __post_init__(self) -> None:
        rng = self.rng
        self.style = self.style or pick(rng, BODIES)
        self.make = body(rng, self.style)
        self.counts = [0, 0]
        if rng.random() < self.bare:
            self.end = (
                b""
                if self.datagram
                else pick(rng, (b"\n", b"\r\n", b"\0", b"\r\n\r\n", b";", b"\x03"))
            )
            return
        chosen = [make(rng) for make, share in _FIELDS if rng.random() < share]
        order = rng.permutation(len(chosen)).tolist()
        chosen = [chosen[i] for i in order]
        if not self.datagram or rng.random() < 0.6:
            place = int(rng.integers(len(chosen) + 1)) if rng.random() < 0.6 else 0
            lengths = (_length, _length, _length, _length, _length, _varint, _ascii_length)
            chosen.insert(place, pick(rng, lengths)(rng))
        if rng.random() < 0.6:
            chosen.insert(0, _magic(rng))
        self.fields = tuple(chosen or (_kind(rng),))
        self.check = int(rng.integers(1, 6)) if rng.random() < 0.25 else 0
        if rng.random() < 0.1:
            self.end = pick(rng, (b"\x7e", b"\r\n", b"\x55\xaa", b"\x03", b"\0"))

    def frame(self, text: bytes, d: int, kind: int = 1, at: float = 0.0) -> bytes:
        """Put the header before and the trailer behind a body, and count it."""
        counts = self.counts or [0, 0]
        n, us = counts[d], int(at * 1e6)
        counts[d] += 1
        out = b"".join([field(len(text), d, kind, n, us) for field in self.fields]) + text
        if self.check:
            out += self._sum(out)
        return out + self.end

    def message(self, size: int, d: int, kind: int = 1, at: float = 0.0) -> bytes:
        """A framed body of about `size` octets."""
        text = self.make(max(1, min(size, _WHOLE) if self.style in _SLOW else size))
        if size > len(text) >= _WHOLE:
            text *= size // len(text)
        if self.datagram:
            text = text[:1250]
        return self.frame(text, d, kind, at)

    def _sum(self, text: bytes) -> bytes:
        if self.check == 1:
            return struct.pack("<I", zlib.crc32(text))
        if self.check == 2:
            return struct.pack(">I", zlib.adler32(text))
        if self.check == 3 and len(text) < 300:
            return struct.pack("<H", crc16(text))
        if self.check == 4:
            return bytes((sum(text) & 255,))
        return struct.pack(">H", sum(text) & 0xFFFF)
