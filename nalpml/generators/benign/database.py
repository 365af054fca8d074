"""Databases, caches and message brokers.

The wire protocols of PostgreSQL, MySQL, Redis, MongoDB, memcached (text), MQTT 3.1.1 and Kafka,
after their published specifications.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(Profile):
    """Queries and results on one connection.

    Parameters
    ----------
    kind : str
        postgres, mysql, redis, mongo, memcached, mqtt or kafka.
    """

    kind: str = "postgres"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one connection."""
        port = {
            "postgres": 5432,
            "mysql": 3306,
            "redis": 6379,
            "mongo": 27017,
            "memcached": 11211,
            "mqtt": 1883,
            "kafka": 9092,
        }[self.kind]
        conv = tcp(rng, net, port, scope=pick(rng, ("lan", "lan", "lan", "wan")))
        pause = loguniform(rng, 5e-4, 5)
        _MAKERS[self.kind](rng, conv, pause, int(loguniform(rng, 2, 150)))
        return [conv]


def _pg(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def _postgres(rng: np.random.Generator, conv: Conversation, pause: float, n: int) -> None:
    user = word(rng).encode()
    body = b"\0\x03\0\0user\0" + user + b"\0database\0" + word(rng).encode() + b"\0\0"
    conv.say(0, struct.pack(">I", len(body) + 4) + body, 1e-4)
    conv.say(1, _pg(b"R", struct.pack(">I", 5) + rng.bytes(4)), 1e-3)
    conv.say(0, _pg(b"p", b"md5" + rng.bytes(16).hex().encode() + b"\0"), 1e-3)
    conv.say(
        1,
        _pg(b"R", bytes(4))
        + _pg(b"S", b"server_version\x0015.4\0")
        + _pg(b"K", rng.bytes(8))
        + _pg(b"Z", b"I"),
        1e-3,
    )
    for _ in range(n):
        key = int(rng.integers(10**6))
        text = f"SELECT {word(rng)} FROM {word(rng)} WHERE id = {key}"  # noqa: S608 - sent to nobody
        conv.say(0, _pg(b"Q", text.encode() + b"\0"), pause * float(rng.exponential()))
        field = word(rng).encode() + b"\0" + struct.pack(">IHIhih", 16384, 1, 25, -1, -1, 0)
        out = _pg(b"T", b"\0\x01" + field)
        rows = int(rng.geometric(0.15))
        for _ in range(rows):
            value = sentence(rng, int(rng.integers(1, 6))).encode()
            out += _pg(b"D", b"\0\x01" + struct.pack(">I", len(value)) + value)
        conv.say(
            1,
            out + _pg(b"C", f"SELECT {rows}".encode() + b"\0") + _pg(b"Z", b"I"),
            loguniform(rng, 2e-4, 0.1),
        )
    conv.say(0, _pg(b"X", b""), 1e-3)


def _my(number: int, body: bytes) -> bytes:
    return struct.pack("<I", len(body))[:3] + bytes((number & 255,)) + body


def _mysql(rng: np.random.Generator, conv: Conversation, pause: float, n: int) -> None:
    greeting = (
        b"\x0a8.0.35\0"
        + rng.bytes(4)
        + rng.bytes(8).replace(b"\0", b"a")
        + b"\0\xff\xff\xff\x02\0\xff\xdf\x15"
    )
    conv.say(1, _my(0, greeting + bytes(10) + b"abcdefghijkl\0mysql_native_password\0"), 1e-3)
    login = (
        struct.pack("<IIB", 0x000FA68D, 1 << 24, 255)
        + bytes(23)
        + word(rng).encode()
        + b"\0\x14"
        + rng.bytes(20)
    )
    conv.say(0, _my(1, login + word(rng).encode() + b"\0mysql_native_password\0"), 1e-3)
    conv.say(1, _my(2, b"\0\0\0\x02\0\0\0"), 1e-3)
    for _ in range(n):
        text = f"SELECT * FROM {word(rng)} WHERE {word(rng)}='{word(rng)}'".encode()  # noqa: S608 - sent to nobody
        conv.say(0, _my(0, b"\x03" + text), pause * float(rng.exponential()))
        name = word(rng).encode()
        column = (
            b"\x03def\0\0\0" + bytes((len(name),)) + name + b"\0\x0c\x21\0\xff\0\0\0\xfd\0\0\0\0\0"
        )
        out = _my(1, b"\x01") + _my(2, column) + _my(3, b"\xfe\0\0\x02\0")
        rows = int(rng.geometric(0.15))
        for k in range(rows):
            value = sentence(rng, int(rng.integers(1, 6))).encode()[:250]
            out += _my(4 + k, bytes((len(value),)) + value)
        conv.say(1, out + _my(4 + rows, b"\xfe\0\0\x02\0"), loguniform(rng, 2e-4, 0.1))
    conv.say(0, _my(0, b"\x01"), 1e-3)


def _redis(rng: np.random.Generator, conv: Conversation, pause: float, n: int) -> None:
    for _ in range(n):
        key, value = word(rng).encode(), sentence(rng, int(rng.geometric(0.1))).encode()
        store = rng.random() < 0.4
        parts = [b"SET", key, value] if store else [b"GET", key]
        ask = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)
        conv.say(0, ask, pause * float(rng.exponential()))
        conv.say(
            1,
            b"+OK\r\n" if store else b"$%d\r\n%s\r\n" % (len(value), value),
            loguniform(rng, 5e-5, 2e-3),
        )


def _memcached(rng: np.random.Generator, conv: Conversation, pause: float, n: int) -> None:
    for _ in range(n):
        key, value = word(rng).encode(), rng.bytes(int(loguniform(rng, 10, 4000)))
        if rng.random() < 0.4:
            conv.say(
                0,
                b"set %s 0 300 %d\r\n%s\r\n" % (key, len(value), value),
                pause * float(rng.exponential()),
            )
            conv.say(1, b"STORED\r\n", 1e-4)
        else:
            conv.say(0, b"get %s\r\n" % key, pause * float(rng.exponential()))
            conv.say(1, b"VALUE %s 0 %d\r\n%s\r\nEND\r\n" % (key, len(value), value), 1e-4)


def _bson(rng: np.random.Generator, names: list[bytes]) -> bytes:
    body = b""
    for name in names:
        text = word(rng).encode() + b"\0"
        body += b"\x02" + name + b"\0" + struct.pack("<I", len(text)) + text
        body += b"\x10" + name + b"n\0" + struct.pack("<i", int(rng.integers(10**6)))
    return struct.pack("<I", len(body) + 5) + body + b"\0"


def _mongo(rng: np.random.Generator, conv: Conversation, pause: float, n: int) -> None:
    names = [word(rng).encode() for _ in range(4)]
    for k in range(n):
        for d in (0, 1):
            body = bytes(4) + b"\0" + _bson(rng, names * (1 + d * int(rng.geometric(0.3))))
            head = struct.pack("<IIII", 16 + len(body), 2 * k + d, 2 * k if d else 0, 2013)
            conv.say(
                d,
                head + body,
                pause * float(rng.exponential()) if d == 0 else loguniform(rng, 3e-4, 0.02),
            )


def _mqtt(rng: np.random.Generator, conv: Conversation, pause: float, n: int) -> None:
    def text(value: str) -> bytes:
        return struct.pack(">H", len(value)) + value.encode()

    def packet(kind: int, body: bytes) -> bytes:
        size = len(body)
        out = bytearray((kind,))
        while True:
            out.append(size & 127 | (128 if size > 127 else 0))
            size >>= 7
            if not size:
                return bytes(out) + body

    name = word(rng)
    conv.say(0, packet(0x10, b"\0\x04MQTT\x04\x02\0\x3c" + text(name)), 1e-3)
    conv.say(1, packet(0x20, b"\0\0"), 1e-3)
    conv.say(0, packet(0x82, b"\0\x01" + text(f"{name}/cmd") + b"\0"), 1e-3)
    conv.say(1, packet(0x90, b"\0\x01\0"), 1e-3)
    period = max(pause, 0.2) if rng.random() < 0.5 else 0.0
    quality = rng.random() < 0.5
    n = 1 if rng.random() < 0.2 else n
    for k in range(n):
        d = int(rng.random() < 0.15)
        topic = f"{name}/{word(rng)}"
        body = f'{{"t":{20 + float(rng.normal()):.2f},"n":{int(rng.integers(1000))}}}'
        gap = period + float(rng.exponential(3e-3)) if period else pause * float(rng.exponential())
        if quality and d == 0:
            number = struct.pack(">H", k % 65535 + 1)
            conv.say(0, packet(0x32, text(topic) + number + body.encode()), gap)
            conv.say(1, b"\x40\x02" + number, loguniform(rng, 2e-4, 0.02))
        else:
            conv.say(d, packet(0x30, text(topic) + body.encode()), gap)
        if rng.random() < 0.1:
            conv.say(0, b"\xc0\0", 1e-3)
            conv.say(1, b"\xd0\0", 1e-3)


def _kafka(rng: np.random.Generator, conv: Conversation, pause: float, n: int) -> None:
    """A consumer that polls a quiet topic: fetches of version 2, empty message sets."""
    client, topic = word(rng).encode(), word(rng).encode()
    name = struct.pack(">H", len(topic)) + topic
    offset = int(rng.integers(1 << 20))
    for k in range(n):
        ask = struct.pack(">HHIH", 1, 2, k, len(client)) + client
        ask += (
            struct.pack(">iIII", -1, 500, 1, 1) + name + struct.pack(">IIQI", 1, 0, offset, 1 << 20)
        )
        conv.say(0, struct.pack(">I", len(ask)) + ask, pause * float(rng.exponential()))
        answer = struct.pack(">III", k, 0, 1) + name
        answer += struct.pack(">IIHQI", 1, 0, 0, offset, 0)
        conv.say(1, struct.pack(">I", len(answer)) + answer, loguniform(rng, 5e-4, 0.5))


_MAKERS = {
    "postgres": _postgres,
    "mysql": _mysql,
    "redis": _redis,
    "mongo": _mongo,
    "memcached": _memcached,
    "mqtt": _mqtt,
    "kafka": _kafka,
}

PROFILES: tuple[Profile, ...] = tuple(
    Database(name=f"database.{kind}", about=f"The wire protocol of {kind}, in clear.", kind=kind)
    for kind in _MAKERS
)
