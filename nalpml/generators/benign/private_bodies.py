"""Bodies of protocols nobody has a dissector for: fixed records, protobuf-like, text, encrypted."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import loguniform, output, pick, word

__all__ = ["BODIES", "Body", "private_body"]

Body = Callable[[int], bytes]
BODIES = (
    "records",
    "protobuf",
    "msgpack",
    "xml",
    "json",
    "text",
    "encrypted",
    "media",
    "compressed",
)


def _json(rng: np.random.Generator) -> Body:
    keys = [word(rng) for _ in range(12)]

    def make(size: int) -> bytes:
        out: dict[str, object] = {}
        for key in keys[: max(1, size // 18)]:
            u = rng.random()
            out[key] = (
                int(rng.integers(1 << 20)) if u < 0.4 else word(rng) if u < 0.8 else bool(u < 0.9)
            )
        if size > 300:
            out["items"] = [
                {keys[0]: int(rng.integers(1000)), keys[1]: word(rng)} for _ in range(size // 40)
            ]
        return json.dumps(out).encode()

    return make


def _xml(rng: np.random.Generator) -> Body:
    tags = [word(rng) for _ in range(6)]

    def make(size: int) -> bytes:
        inner = ""
        for _ in range(size // 30 + 1):
            tag = pick(rng, tags)
            inner += f'<{tag} v="{int(rng.integers(1000))}">{word(rng)}</{tag}>'
        return f'<?xml version="1.0"?><{tags[0]}>{inner}</{tags[0]}>'.encode()

    return make


def _protobuf(rng: np.random.Generator) -> Body:
    fields = rng.permutation(15)[: int(rng.integers(2, 9))] + 1

    def make(size: int) -> bytes:
        out = bytearray()
        while len(out) < size:
            for f in fields.tolist():
                if f % 3 == 0:
                    text = word(rng).encode()
                    out += bytes((f << 3 | 2, len(text))) + text
                elif f % 3 == 1:
                    value = int(loguniform(rng, 1, 1e6))
                    coded = b""
                    while value > 127:
                        coded += bytes((value & 127 | 128,))
                        value >>= 7
                    out += bytes((f << 3,)) + coded + bytes((value,))
                else:
                    out += bytes((f << 3 | 5,)) + struct.pack("<f", float(rng.normal()))
        return bytes(out)

    return make


def _msgpack(rng: np.random.Generator) -> Body:
    keys = [word(rng).encode() for _ in range(8)]

    def make(size: int) -> bytes:
        out = bytearray()
        while len(out) < size:
            out += b"\x84"
            for key in keys[:4]:
                out += bytes((0xA0 | min(31, len(key)),)) + key[:31]
                out += b"\xcd" + struct.pack(">H", int(rng.integers(65536)))
        return bytes(out)

    return make


def _fixed_records(rng: np.random.Generator) -> Body:
    layout = pick(rng, ("<IHHf", ">IBBHI", "<Qii", ">HHHH", "<fff", ">dHH", "<IIII"))
    tick = [int(rng.integers(1 << 20))]

    def make(size: int) -> bytes:
        out = bytearray()
        while len(out) < size:
            tick[0] += 1
            values: list[float | int] = []
            for code in layout[1:]:
                if code in "fd":
                    values.append(float(20 + rng.normal()))
                else:
                    top = {"B": 8, "H": 500, "I": 1 << 20, "i": 1 << 16, "Q": 1 << 20}[code]
                    values.append(tick[0] % top if not values else int(rng.integers(top)) // 3)
            out += struct.pack(layout, *values)
        return bytes(out)

    return make


def _simple(rng: np.random.Generator, style: str) -> Body:
    if style == "encrypted":
        return lambda size: rng.bytes(max(16, size))
    if style == "compressed":
        return lambda size: zlib.compress(output(rng, 3 * size))
    if style == "media":
        start = pick(rng, (b"\0\0\0\x01\x41", b"\x47\x01\x00", b"\xff\xfb\x90", b"\xff\xf1\x50"))
        return lambda size: start + rng.bytes(max(4, size))
    return lambda size: output(rng, size)


def private_body(rng: np.random.Generator, style: str) -> Body:
    """A maker of bodies of about a given size, in one of the styles of `BODIES`."""
    makers = {
        "json": _json,
        "xml": _xml,
        "protobuf": _protobuf,
        "msgpack": _msgpack,
        "records": _fixed_records,
    }
    return makers[style](rng) if style in makers else _simple(rng, style)
