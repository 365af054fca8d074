"""Bodies of messages as programs serialise them: text, self-describing binary, records, ciphertext.

Sources: RFC 8259 (JSON), RFC 8949 (CBOR), Protocol Buffers' encoding, the MessagePack and BSON
specifications, X.690 (BER), RFC 1951 (deflate), ISO 13818-1 (transport stream packets), and for
obfuscation by a running key the published analyses of smart plugs. Facts only; all content is made
up.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import hostname, loguniform, output, pick, sentence, word, xor

__all__ = ["BODIES", "Body", "autokey", "body", "document"]

Body = Callable[[int], bytes]
"""About how many octets -> a body."""


def autokey(text: bytes, key: int = 171) -> bytes:
    """XOR each octet with the ciphertext octet before it.

    Examples
    --------
    >>> autokey(b"{}").hex()
    'd0ad'
    """
    out = bytearray()
    for octet in text:
        key ^= octet
        out.append(key)
    return bytes(out)


def _value(rng: np.random.Generator) -> object:
    u = rng.random()
    if u < 0.35:
        return int(loguniform(rng, 1, 1e7))
    if u < 0.5:
        return round(float(rng.normal(20, 8)), 2)
    if u < 0.8:
        return word(rng)
    if u < 0.9:
        return bool(u < 0.85)
    return rng.bytes(8).hex()


def document(rng: np.random.Generator, keys: list[str], size: int) -> dict[str, object]:
    """A nested document whose compact JSON has about `size` octets."""
    out: dict[str, object] = {key: _value(rng) for key in keys[: max(1, size // 20)]}
    left = size - 20 * len(out)
    if left > 60:
        row = keys[:4]
        out["list"] = [{key: _value(rng) for key in row} for _ in range(max(1, left // 75))]
    return out


def _json(rng: np.random.Generator) -> Body:
    keys = [word(rng) for _ in range(10)]
    tight = (",", ":") if rng.random() < 0.6 else (", ", ": ")
    outer = word(rng) if rng.random() < 0.4 else ""

    def make(size: int) -> bytes:
        made = document(rng, keys, size)
        return json.dumps({outer: made} if outer else made, separators=tight).encode()

    return make


def _masked(rng: np.random.Generator) -> Body:
    plain, u = pick(rng, (_json, _pairs, _xml, _records))(rng), rng.random()
    start, key = int(rng.integers(256)), rng.bytes(int(pick(rng, (1, 1, 2, 4, 8, 16))))
    if u < 0.4:
        return lambda size: autokey(plain(size), start)
    if u < 0.8:
        return lambda size: xor(plain(size) or b"\0", key)
    return lambda size: base64.b64encode(xor(plain(size * 3 // 4) or b"\0", key))


def _xml(rng: np.random.Generator) -> Body:
    tags = [word(rng) for _ in range(5)]
    head = pick(rng, ('<?xml version="1.0" encoding="UTF-8"?>', "", "", "<?xml version='1.0'?>\n"))

    def make(size: int) -> bytes:
        inner = ""
        while len(inner) < size - 40:
            tag = pick(rng, tags)
            inner += f'<{tag} id="{int(rng.integers(1000))}">{word(rng)}</{tag}>'
        return f'{head}<{tags[0]} xmlns="urn:{tags[1]}">{inner}</{tags[0]}>'.encode()

    return make


def _pairs(rng: np.random.Generator) -> Body:
    keys = [word(rng) for _ in range(12)]
    equal, mark = pick(
        rng,
        (("=", "&"), ("=", ";"), ("=", " "), (": ", "\r\n"), ("=", "\n"), (":", "|"), ("", ",")),
    )
    upper = rng.random() < 0.3

    def make(size: int) -> bytes:
        n = max(1, size // 14)
        text = mark.join([f"{keys[k % 12] if equal else ''}{equal}{_value(rng)}" for k in range(n)])
        return (text.upper() if upper else text).encode()

    return make


def _lines(rng: np.random.Generator) -> Body:
    return lambda size: output(rng, max(1, size))


def _wide(rng: np.random.Generator) -> Body:
    code = pick(rng, ("utf-16-le", "utf-16-le", "utf-16-be", "utf-32-le"))
    return lambda size: sentence(rng, max(1, size // 14)).encode(code)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def _protobuf(rng: np.random.Generator) -> Body:
    fields = [(k + 1, int(rng.integers(5))) for k in range(int(rng.integers(2, 10)))]

    def one() -> bytes:
        out = b""
        for number, kind in fields:
            if kind == 0:
                out += _varint(number << 3) + _varint(int(loguniform(rng, 1, 1e9)))
            elif kind == 1:
                out += bytes((number << 3 | 5,)) + struct.pack("<f", float(rng.normal()))
            elif kind == 2:
                out += bytes((number << 3 | 1,)) + struct.pack("<d", float(rng.normal()))
            else:
                text = word(rng).encode() if kind == 3 else rng.bytes(8)
                out += bytes((number << 3 | 2, len(text))) + text
        return out

    def make(size: int) -> bytes:
        out = one()
        while len(out) < size:
            inner = one()
            out += b"\x7a" + _varint(len(inner)) + inner
        return out

    return make


def _packed(rng: np.random.Generator) -> Body:
    """MessagePack or CBOR maps."""
    keys = [word(rng).encode()[:23] for _ in range(5)]
    cbor = rng.random() < 0.4
    text, number, table = (0x60, b"\x1a", b"\xa5") if cbor else (0xA0, b"\xce", b"\x85")

    def make(size: int) -> bytes:
        out = b""
        while len(out) < size:
            out += table
            for k, key in enumerate(keys):
                out += bytes((text | len(key),)) + key
                if k % 2:
                    out += number + struct.pack(">I", int(loguniform(rng, 1, 1e8)))
                else:
                    value = word(rng).encode()[:23]
                    out += bytes((text | len(value),)) + value
        return out

    return make


def _tlv(rng: np.random.Generator) -> Body:
    code = pick(rng, (">BB", ">BH", ">HH", "<HH", "<BH", "<II"))
    kinds = rng.integers(1, 120, 8).tolist()
    lengths = rng.choice([1, 2, 4, 4, 8, 16, 20], 8).tolist()
    whole = struct.calcsize(code) if rng.random() < 0.3 else 0

    def make(size: int) -> bytes:
        out, k = b"", 0
        while len(out) < size:
            n, kind = lengths[k % 8], kinds[k % 8]
            value = word(rng).encode() if n > 8 else int(loguniform(rng, 1, 200)).to_bytes(n, "big")
            out += struct.pack(code, kind, len(value) + whole) + value
            k += 1
        return out

    return make


def _asn1(rng: np.random.Generator) -> Body:
    outer = int(pick(rng, (0x30, 0x60, 0x61, 0xA0)))

    def element(tag: int, text: bytes) -> bytes:
        n = len(text)
        return bytes((tag,)) + (bytes((n,)) if n < 128 else b"\x82" + struct.pack(">H", n)) + text

    def make(size: int) -> bytes:
        inner = element(2, struct.pack(">H", int(rng.integers(1, 30000))))
        while len(inner) < min(size, 60_000):
            u = rng.random()
            if u < 0.4:
                inner += element(4, word(rng).encode())
            elif u < 0.7:
                inner += element(2, bytes((int(rng.integers(128)),)))
            else:
                inner += element(
                    0x30,
                    element(6, b"\x2b\x06\x01\x04\x01" + bytes((int(rng.integers(128)),)))
                    + b"\x05\0",
                )
        return element(outer, inner)

    return make


def _records(rng: np.random.Generator) -> Body:
    layout = pick(
        rng,
        (
            "<IHHf",
            ">IBBHI",
            "<Qii",
            ">HHHH",
            "<fff",
            ">dHH",
            "<IIII",
            "<ffff",
            ">hhhh",
            "<HHI",
            ">Bf",
            "<BBBB",
        ),
    )
    top = {"B": 60, "H": 900, "h": 500, "I": 1 << 20, "i": 1 << 16, "Q": 1 << 22}
    base = [float(rng.uniform(0.1, 1)) for _ in layout]
    tick, drift = [int(rng.integers(1 << 16))], float(rng.choice([0.0, 0.001, 0.02, 0.1]))

    def make(size: int) -> bytes:
        tick[0] += 1
        out = []
        for _ in range(max(1, size // struct.calcsize(layout))):
            values: list[float | int] = []
            for k, code in enumerate(layout[1:]):
                now = base[k] * (1 + drift * float(rng.normal()))
                if code in "fd":
                    values.append(100 * now)
                elif k == 0 and code in "IQ":
                    values.append(tick[0])
                else:
                    values.append(int(abs(now) * top[code]) % top[code])
            out.append(struct.pack(layout, *values))
        return b"".join(out)

    return make


def _bits(rng: np.random.Generator) -> Body:
    """Packed state with few set bits, or mostly zero octets: device and game state."""
    share, fixed = float(rng.choice([0.1, 0.3, 0.6])), rng.bytes(4096)

    def make(size: int) -> bytes:
        size = min(size, 4096)
        live = rng.random(size) < share
        noise = np.frombuffer(rng.bytes(size), np.uint8) & int(pick(rng, (0x0F, 0x3F, 0xFF)))
        still = np.frombuffer(fixed[:size], np.uint8) * (rng.random(size) < 0.15)
        return np.where(live, noise, still).astype(np.uint8).tobytes()

    return make


def _squeezed(rng: np.random.Generator) -> Body:
    plain = pick(rng, (_json, _xml, _lines, _records))(rng)
    style = int(rng.integers(3))

    def make(size: int) -> bytes:
        text = plain(3 * size)
        if style == 0:
            return zlib.compress(text)
        packer = zlib.compressobj(6, zlib.DEFLATED, -15 if style == 1 else 31)
        return packer.compress(text) + packer.flush()

    return make


def _sealed(rng: np.random.Generator) -> Body:
    """Ciphertext: whole blocks, or a nonce before and a tag behind."""
    u, tag = rng.random(), int(pick(rng, (8, 10, 16, 16, 20)))
    if u < 0.4:
        return lambda size: rng.bytes(16 * (size // 16 + 1))
    if u < 0.6:
        return lambda size: rng.bytes(12 + size + tag)
    return lambda size: rng.bytes(size + tag)


def _media(rng: np.random.Generator) -> Body:
    start = pick(
        rng,
        (
            b"\0\0\0\x01\x41\x9a",
            b"\x47\x41\x00\x10",
            b"\xff\xfb\x90\x64",
            b"\xff\xf1\x50\x80",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0",
            b"\0\0\x01\xb6",
            b"\x80\x60",
            b"OggS\0\0",
        ),
    )
    return lambda size: start + rng.bytes(max(4, size))


def _path(rng: np.random.Generator) -> Body:
    """Names and paths between zero octets, as remote objects and file services send."""
    root = hostname(rng)

    def make(size: int) -> bytes:
        out = bytes((int(rng.integers(8)), 0, 0, 0))
        while len(out) < size:
            name = f"/{root}/{word(rng)}/{word(rng)}".encode()
            out += struct.pack(">H", len(name)) + name + b"\0"
        return out

    return make


_MAKERS: dict[str, Callable[[np.random.Generator], Body]] = {
    "json": _json,
    "masked": _masked,
    "xml": _xml,
    "pairs": _pairs,
    "lines": _lines,
    "wide": _wide,
    "protobuf": _protobuf,
    "packed": _packed,
    "tlv": _tlv,
    "asn1": _asn1,
    "records": _records,
    "bits": _bits,
    "squeezed": _squeezed,
    "sealed": _sealed,
    "media": _media,
    "path": _path,
}

BODIES: tuple[str, ...] = (*_MAKERS, "records", "bits", "sealed", "tlv", "sealed")
"""Styles to choose from, the frequent ones more than once."""


def body(rng: np.random.Generator, style: str) -> Body:
    """Draw a serialisation of a style.

    Parameters
    ----------
    rng : numpy Generator
    style : str
        One of `BODIES`.

    Returns
    -------
    Body
    """
    return _MAKERS[style](rng)
