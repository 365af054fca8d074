"""Message grammars drawn at random, for implants and for the honest agents that look like them.

A `Grammar` is how one program of its own writes messages on a wire: how they are delimited (length
fields of any width and order, types, magics, decimal lengths in text, separators and end marks,
blocks of one size, TLVs, variable-length integers, a header with session and number), how bodies
are sealed (clear, XOR, block ciphers with padding, authenticated ciphers with nonce and tag,
stream ciphers, base64 and hexadecimal of these, zlib) and what keeps the connection alive.
Channels and ordinary traffic draw from the same lists: only what is said differs.

Sources: RFC 3117, section 4.1 (how messages are delimited), RFC 5116 (nonce and tag of
authenticated ciphers), RFC 5652, section 6.3 (padding of block ciphers), the encoding guide of
Protocol Buffers (variable-length integers).
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from nalpml.generators._content import loguniform, pick, word, xor

__all__ = ["FRAMES", "SEALS", "Grammar", "interval_of", "waits"]

Rng = np.random.Generator
Frame = Callable[[bytes, int, int, int], bytes]
"""(sealed body, direction, kind of message, number in its direction) -> octets on the wire."""

Alive = Callable[[int], bytes]
"""Number of the beat -> octets."""

FRAMES = (
    "length", "length", "typed", "typed", "magic", "decimal", "delimited", "line", "block", "tlv",
    "varint", "header", "header", "none",
)  # fmt: skip
SEALS = (
    "clear", "clear", "xor", "cbc", "cbc", "aead", "aead", "stream", "base64", "base64_cbc", "hex",
    "zlib",
)  # fmt: skip
_MARKS = (
    b"\0", b"|", b"||", b"|'|'|", b"<EOF>", b"##", b"~!~", b"\xff\xfe", b"\r\n\r\n", b"@@", b";",
    b"[end]", b"\x1e", b"::", b"*-*", b"\n\n", b"$$$",
)  # fmt: skip
_PINGS = (
    b"PING", b"PONG", b"ping\n", b"pong\n", b"KA", b"P", b"alive", b"HB", b"\0", b"\0\0", b"\xff",
    b"\1\0\0\0", b"noop", b"!", b"\r\n", b"beat", b"i", b"keepalive", b"hello", b"OK",
)  # fmt: skip


def interval_of(rng: Rng, low: float, high: float) -> float:
    """Seconds between beats: log-uniform, or a number people choose within the bounds."""
    if rng.random() < 0.5:
        return loguniform(rng, low, high)
    usual = (1, 2, 3, 5, 5, 10, 10, 15, 20, 30, 30, 45, 60, 60, 90, 120, 180, 240, 300, 600)
    return float(pick(rng, [v for v in usual if low <= v <= high] or [low]))


def waits(rng: Rng, interval: float, jitter: float) -> float:
    """One wait of a program that sleeps `interval` seconds, more or less by a share of it."""
    late = float(rng.exponential(2e-3))
    return max(0.02, interval * float(1 + rng.uniform(-jitter, jitter)) + late)


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes((*out, n))


def _length(rng: Rng) -> Frame:
    size, order = int(pick(rng, (1, 2, 2, 3, 4, 4, 4, 8))), pick(rng, ("big", "little"))
    extra, top = (size if rng.random() < 0.3 else 0), (1 << 8 * size) - 1
    if order == "big":
        return lambda text, d, kind, k: min(len(text) + extra, top).to_bytes(size, "big") + text
    return lambda text, d, kind, k: min(len(text) + extra, top).to_bytes(size, "little") + text


def _typed(rng: Rng) -> Frame:
    code = pick(rng, (">IB", "<IB", ">HB", "<HB", ">IH", "<II", ">II", ">HH", "<HH"))
    first, base, top = rng.random() < 0.4, int(rng.integers(0, 120)), 0xFFFF
    top = 0xFFFFFFFF if code[1] == "I" else top
    step, answer = int(pick(rng, (1, 1, 2, 16))), int(pick(rng, (0, 1, 64, 100)))
    wide = code[0] + code[2] + code[1]

    def frame(text: bytes, d: int, kind: int, k: int) -> bytes:
        number, size = (base + step * kind + answer * d) & 0xFF, len(text) & top
        return (
            struct.pack(wide, number, size) + text
            if first
            else (struct.pack(code, size, number) + text)
        )

    return frame


def _magic(rng: Rng) -> Frame:
    letters = word(rng)[: int(rng.integers(2, 7))].encode()
    mark = pick(rng, (letters, letters.upper(), rng.bytes(2), rng.bytes(4), rng.bytes(8)))
    inner = _typed(rng) if rng.random() < 0.6 else _length(rng)
    return lambda text, d, kind, k: mark + inner(text, d, kind, k)


def _decimal(rng: Rng) -> Frame:
    layout = pick(
        rng, ("{}\0", "{}:", "{}\n", "{:08d}", "{:06x}", "{:010d}", "{} ", "#{}|", "{}\r\n")
    )
    return lambda text, d, kind, k: layout.format(len(text)).encode() + text


def _delimited(rng: Rng) -> Frame:
    mark, verbs = pick(rng, _MARKS), [word(rng)[:6].encode() for _ in range(24)]
    upper, led = rng.random() < 0.4, rng.random() < 0.6

    def frame(text: bytes, d: int, kind: int, k: int) -> bytes:
        verb = verbs[(2 * kind + d) % 24]
        head = (verb.upper() if upper else verb) + mark if led else b""
        return head + text + mark

    return frame


def _line(rng: Rng) -> Frame:
    end = pick(rng, (b"\n", b"\r\n", b"\0", b"\n"))
    style = pick(rng, ("", "{} ", "[{}] ", "!{} ", "{}: ", "<{}>", "/{} ", "{}|"))
    verbs = [word(rng)[:7] for _ in range(24)]
    verbs = [v.upper() for v in verbs] if rng.random() < 0.5 else verbs
    return lambda text, d, kind, k: style.format(verbs[(2 * kind + d) % 24]).encode() + text + end


def _block(rng: Rng) -> Frame:
    size = int(pick(rng, (16, 32, 64, 100, 128, 256, 512, 1024, 1460, 4096)))
    noise = rng.bytes(size) if rng.random() < 0.5 else pick(rng, (b"\0", b" ", b"\xff")) * size
    head = pick(rng, ("", "<I", ">H", ">I"))

    def frame(text: bytes, d: int, kind: int, k: int) -> bytes:
        whole = (struct.pack(head, len(text) & 0xFFFF) if head else b"") + text
        short = -len(whole) % size
        return whole + noise[:short]

    return frame


def _tlv(rng: Rng) -> Frame:
    tag, size = pick(rng, (">B", ">H", ">H", ">I")), pick(rng, (">H", ">I", ">I"))
    base, session = int(rng.integers(1, 60)), rng.bytes(int(pick(rng, (2, 4, 8, 16))))
    top = 0xFFFF if size == ">H" else 0xFFFFFFFF

    def item(number: int, text: bytes) -> bytes:
        return struct.pack(tag, number & 0xFF) + struct.pack(size, len(text) & top) + text

    def frame(text: bytes, d: int, kind: int, k: int) -> bytes:
        parts = item(base, session) + item(base + 1 + kind, text)
        return item(base + 40 + d, parts)

    return frame


def _protobuf(rng: Rng) -> Frame:
    field_number, typed = int(rng.integers(1, 16)), rng.random() < 0.7

    def frame(text: bytes, d: int, kind: int, k: int) -> bytes:
        inner = bytes((8, kind & 127)) if typed else b""
        inner += bytes((field_number << 3 | 2,)) + _varint(len(text)) + text
        return _varint(len(inner)) + inner

    return frame


def _header(rng: Rng) -> Frame:
    """A structure as C programs send it: identifiers, numbers and lengths in any order, zeros."""
    order = pick(rng, ("<", ">"))
    session, mark = rng.bytes(int(pick(rng, (0, 4, 8, 16)))), rng.bytes(int(pick(rng, (0, 2, 4))))
    zeros = bytes(int(pick(rng, (0, 0, 2, 4, 12))))
    start = int(rng.integers(1 << 16)) if rng.random() < 0.33 else int(pick(rng, (0, 1)))
    checked = rng.random() < 0.25
    parts = rng.permutation(5).tolist()

    def frame(text: bytes, d: int, kind: int, k: int) -> bytes:
        fields = (
            session, struct.pack(order + "I", (start + k) & 0xFFFFFFFF),
            struct.pack(order + "HH", kind, d), struct.pack(order + "I", len(text)), zeros,
        )  # fmt: skip
        check = struct.pack(order + "I", zlib.crc32(text)) if checked else b""
        return mark + b"".join([fields[i] for i in parts]) + check + text

    return frame


def _none(rng: Rng) -> Frame:
    return lambda text, d, kind, k: text


_FRAMES: dict[str, Callable[[Rng], Frame]] = {
    "length": _length, "typed": _typed, "magic": _magic, "decimal": _decimal,
    "delimited": _delimited, "line": _line, "block": _block, "tlv": _tlv, "varint": _protobuf,
    "header": _header, "none": _none,
}  # fmt: skip


def _sealer(rng: Rng, style: str) -> Callable[[bytes], bytes]:
    key = rng.bytes(int(pick(rng, (1, 1, 4, 8, 16, 32))))
    vector, nonce = int(pick(rng, (0, 16))), int(pick(rng, (12, 12, 24, 0)))
    level = int(pick(rng, (1, 6, 9)))

    def cbc(text: bytes) -> bytes:
        return rng.bytes(len(text) + 16 - len(text) % 16 + vector)

    makers: dict[str, Callable[[bytes], bytes]] = {
        "xor": lambda text: xor(text, key) if text else text,
        "cbc": cbc,
        "aead": lambda text: rng.bytes(len(text) + nonce + 16),
        "stream": lambda text: rng.bytes(len(text)),
        "base64": base64.b64encode,
        "base64_cbc": lambda text: base64.b64encode(cbc(text)),
        "hex": lambda text: text.hex().encode(),
        "zlib": lambda text: zlib.compress(text, level),
    }
    return makers.get(style, lambda text: text)


@dataclass(slots=True)
class Grammar:
    """One drawn way to write messages.

    Parameters
    ----------
    rng : numpy Generator
        Drawn from at once and for every sealed body.
    frame, seal : str
        Of `FRAMES` and `SEALS`; drawn when empty.
    datagram : bool
        Datagrams delimit themselves more often.

    Attributes
    ----------
    readable : bool
        Whether bodies are text on the wire.
    """

    rng: Rng
    frame: str = ""
    seal: str = ""
    datagram: bool = False
    counts: list[int] = field(default_factory=lambda: [0, 0])
    readable: bool = False
    _frame: Frame = field(default=lambda text, d, kind, k: text)
    _seal: Callable[[bytes], bytes] = field(default=lambda text: text)

    def __post_init__(self) -> None:
        rng = self.rng
        if not self.frame:
            bare = self.datagram and rng.random() < 0.3
            self.frame = "none" if bare else pick(rng, FRAMES)
        self.seal = self.seal or pick(rng, SEALS)
        if self.frame in ("line", "delimited") and self.seal in ("cbc", "aead", "stream", "zlib"):
            self.seal = pick(rng, ("clear", "clear", "base64", "base64_cbc", "hex"))
        self.readable = self.seal in ("clear", "base64", "base64_cbc", "hex")
        self._frame, self._seal = _FRAMES[self.frame](rng), _sealer(rng, self.seal)

    def write(self, text: bytes, d: int, kind: int = 1, *, sealed: bool = True) -> bytes:
        """A message on the wire, counted in its direction."""
        k = self.counts[d]
        self.counts[d] += 1
        return self._frame(self._seal(text) if sealed else text, d, kind, k)

    def alive(self) -> tuple[Alive, Alive]:
        """Draw what one side says to stay connected and what the other answers (or nothing)."""
        rng = self.rng
        style = pick(rng, ("fixed", "fixed", "framed", "framed", "count", "sealed", "hex", "clock"))
        one, two = pick(rng, _PINGS), pick(rng, _PINGS)
        size, first = int(loguniform(rng, 1, 64)), int(rng.integers(1, 1 << 20))
        noise, code = rng.bytes(size), pick(rng, (">I", "<I", ">H", ">Q"))
        mask = 0xFFFF if code == ">H" else 0xFFFFFFFF

        def beat(d: int) -> Alive:
            if style == "fixed":
                return lambda k: noise if size > 40 else (two if d else one)
            if style == "framed":
                return lambda k: self.write(b"", d, 9, sealed=False) or one
            if style == "count":
                return lambda k: self.write(
                    struct.pack(code, (first + k) & mask), d, 9, sealed=False
                )
            if style == "sealed":
                return lambda k: self.write(noise[: max(1, size // 2)], d, 9)
            if style == "hex":
                return lambda k: noise[: max(1, size // 4)].hex().encode()
            return lambda k: self.write(b"%d" % (1_700_000_000 + first + 10 * k), d, 9)

        answered = rng.random()
        if answered < 0.25:
            return beat(0), lambda k: b""
        return beat(0), beat(0) if answered < 0.6 else beat(1)
