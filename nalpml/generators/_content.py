"""Octets that look like what programs send: text, listings, files, records and their encodings."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = [
    "CODINGS",
    "arc4",
    "command",
    "encode",
    "file_octets",
    "hostname",
    "loguniform",
    "output",
    "pick",
    "sentence",
    "word",
    "xor",
]

T = TypeVar("T")

_STEMS = (
    "data",
    "user",
    "node",
    "mail",
    "file",
    "core",
    "auth",
    "sync",
    "cloud",
    "image",
    "video",
    "stat",
    "meta",
    "order",
    "price",
    "stock",
    "event",
    "queue",
    "cache",
    "proxy",
    "agent",
    "build",
    "store",
    "admin",
    "portal",
    "report",
    "backup",
    "device",
    "sensor",
    "metric",
    "player",
    "score",
    "level",
    "token",
    "session",
    "client",
    "server",
    "update",
    "config",
    "value",
    "index",
    "table",
    "query",
    "shift",
    "north",
    "south",
    "river",
    "stone",
    "green",
)
_TLDS = ("com", "net", "org", "io", "de", "uk", "fr", "jp", "info", "cloud", "app", "dev")
_COMMANDS = (
    "whoami",
    "id",
    "hostname",
    "ipconfig /all",
    "ifconfig -a",
    "netstat -ano",
    "uname -a",
    "systeminfo",
    "tasklist /v",
    "ps aux",
    "dir C:\\Users",
    "ls -la /tmp",
    "cat /etc/passwd",
    "net user /domain",
    'net group "domain admins" /domain',
    "arp -a",
    "route print",
    "query user",
    "reg query HKLM\\Software",
    "cd /var/www",
    "pwd",
    "nltest /dclist:",
    "type C:\\Windows\\win.ini",
    "find / -perm -4000",
    "w",
    "last -n 20",
    "df -h",
    "mount",
    "echo %USERNAME%",
    "wmic process list brief",
    "exit",
    "ls",
    "cat notes.txt",
    "env",
)
CODINGS = ("clear", "xor", "base64", "compressed", "encrypted", "hex", "arc4")


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of a sequence, each as probable as it is frequent in it."""
    # One draw in [0, 1) costs a tenth of a bounded integer.
    return options[int(rng.random() * len(options))]


def loguniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform between two bounds."""
    return low * math.exp(rng.random() * math.log(high / low))


def word(rng: np.random.Generator) -> str:
    """A word as programs use for names."""
    stem = pick(rng, _STEMS)
    u = rng.random()
    if u < 0.5:
        return stem
    return stem + pick(rng, _STEMS) if u < 0.75 else f"{stem}{int(rng.random() * 100)}"


def hostname(rng: np.random.Generator) -> str:
    """A domain name of two to four labels."""
    labels = [word(rng) for _ in range(int(rng.integers(1, 4)))]
    return ".".join((*labels, pick(rng, _TLDS)))


def sentence(rng: np.random.Generator, words: int) -> str:
    """Words in a row."""
    index = rng.integers(0, len(_STEMS), words).tolist()
    return " ".join([_STEMS[i] for i in index])


def command(rng: np.random.Generator) -> bytes:
    """A line an operator types."""
    return pick(rng, _COMMANDS).encode()


def output(rng: np.random.Generator, octets: int) -> bytes:
    """About as many octets of what a shell prints: a listing, a table or lines of words."""
    lines, lengths = _lines(int(rng.integers(4)))
    index = rng.integers(0, len(lines), 1 + octets // 12)
    # Lines are longer than the shortest: a fifth of them is often enough.
    needed = 1 + int(np.searchsorted(np.cumsum(lengths[index]), octets, side="right"))
    return b"\n".join([lines[i] for i in index[:needed].tolist()])[:octets]


@lru_cache(maxsize=4)
def _lines(style: int) -> tuple[tuple[bytes, ...], npt.NDArray[np.int64]]:
    """A fixed stock of lines of one style, from which `output` draws, and what each adds."""
    rng = np.random.default_rng(style)
    lines = []
    for a, b, c, d in rng.integers(0, 1 << 30, (3000, 4)).tolist():
        name, other = _STEMS[a % len(_STEMS)], _STEMS[c % len(_STEMS)]
        if style == 0:
            size, day, hour = b % 10 ** (1 + b % 7), c % 28 + 1, f"{d % 24:02}:{a % 60:02}"
            line = (
                f"-rw-r--r-- 1 root root {size:>8} Jan {day:>2} {hour} {name}{d % 99}.{other[:3]}"
            )
        elif style == 1:
            local = f"10.{a % 256}.{b % 256}.{c % 256}:{d % 65536}"
            line = f"  TCP    {local:<22} 172.16.{d % 256}.{a % 256}:443  ESTABLISHED   {b % 9000}"
        elif style == 2:
            line = f"{name + other}.exe{'':<8}{b % 20000:>8} Console {c % 3:>10} {d % 200000:>8} K"
        else:
            line = sentence(rng, int(b % 12 + 1))
        lines.append(line.encode())
    return tuple(lines), np.array([len(line) + 1 for line in lines], np.int64)


_FILE_HEADS = (
    b"PK\x03\x04\x14\x00\x00\x00\x08\x00",
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"BZh91AY&SY",
    b"MZ\x90\x00\x03\x00\x00\x00\x04\x00",
    b"\x7fELF\x02\x01\x01\x00",
    b"7z\xbc\xaf\x27\x1c\x00\x04",
    b"Rar!\x1a\x07\x01\x00",
    b"\x1f\x8b\x08\x00",
    b"SQLite format 3\x00",
)


def file_octets(rng: np.random.Generator, octets: int) -> bytes:
    """A file: text, a compressed archive or image, or a program of mixed density."""
    kind = rng.random()
    if kind < 0.35:
        return (output(rng, octets) + bytes(octets))[:octets]
    head = pick(rng, _FILE_HEADS)
    if kind < 0.75:
        return (head + rng.bytes(octets))[:octets]
    dense = rng.integers(0, 256, octets, dtype=np.uint8)
    sparse = rng.geometric(0.15, octets).astype(np.uint8)
    block = np.repeat(rng.random(octets // 64 + 1) < 0.5, 64)[:octets]
    mixed = np.where(block, dense, np.where(sparse > 6, 0, sparse)).astype(np.uint8)
    return (head + mixed.tobytes())[:octets]


def xor(text: bytes, key: bytes) -> bytes:
    """Repeating-key XOR."""
    n = len(text)
    stream = (key * (n // len(key) + 1))[:n]
    if n < 512:
        return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(n, "big")
    return (np.frombuffer(text, np.uint8) ^ np.frombuffer(stream, np.uint8)).tobytes()


def arc4(rng: np.random.Generator, text: bytes, key: np.random.Generator | None = None) -> bytes:
    """XOR with a keystream: as stream ciphers look from outside."""
    return xor(text, (key or rng).bytes(max(1, len(text))))


def encode(rng: np.random.Generator, coding: str, text: bytes, key: bytes) -> bytes:
    """Encode a message as a channel would.

    Parameters
    ----------
    rng : numpy Generator
        For initialisation vectors and keystreams.
    coding : {"clear", "xor", "base64", "compressed", "encrypted", "hex", "arc4"}
        `encrypted` pads to 16 octets, with an IV before when the key's first octet is even.
    text : bytes
        The message.
    key : bytes
        Fixed for a session.
    """
    if coding == "xor":
        return xor(text, key)
    if coding == "base64":
        return base64.b64encode(text if key[0] < 128 else xor(text, key))
    if coding == "compressed":
        return zlib.compress(text, 6)
    if coding == "hex":
        return text.hex().encode()
    if coding == "arc4":
        return arc4(rng, text)
    if coding == "encrypted":
        padded = len(text) + 16 - len(text) % 16
        return rng.bytes(padded + (16 if key[0] % 2 == 0 else 0))
    return text
