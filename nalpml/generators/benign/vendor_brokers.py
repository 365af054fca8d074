"""Brokers and coordinators.

AMQP 0-9-1, the NATS and STOMP pages, Kafka's protocol guide, ZMTP 1 and 3, ZooKeeper's jute
records.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_bodies import body
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, sized, text16, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _amqp(rng: Rng, conv: Conversation) -> None:
    def frame(kind: int, channel: int, text: bytes) -> bytes:
        return struct.pack(">BHI", kind, channel, len(text)) + text + b"\xce"

    conv.say(0, b"AMQP\0\0\x09\1", 1e-3)
    conv.say(
        1,
        frame(
            1,
            0,
            b"\0\x0a\0\x0a\0\x09"
            + sized(b"\x07productS" + sized(b"RabbitMQ"))
            + sized(b"PLAIN")
            + sized(b"en_US"),
        ),
        wait(rng),
    )
    conv.say(
        0,
        frame(
            1,
            0,
            b"\0\x0a\0\x0b" + bytes(4) + b"\x05PLAIN" + sized(b"\0guest\0guest") + b"\x05en_US",
        ),
        wait(rng),
    )
    conv.say(1, frame(1, 0, b"\0\x0a\0\x1e\x07\xff\0\2\0\0\0\x3c"), wait(rng))
    conv.say(
        0,
        frame(1, 0, b"\0\x0a\0\x1f\x07\xff\0\2\0\0\0\x3c") + frame(1, 0, b"\0\x0a\0\x28\1/\0\0"),
        wait(rng),
    )
    conv.say(1, frame(1, 0, b"\0\x0a\0\x29\0"), wait(rng))
    make, pace = (
        body(rng, pick(rng, ("json", "packed", "protobuf", "xml"))),
        loguniform(rng, 5e-3, 10),
    )
    name = word(rng).encode()[:40]
    for _ in range(lot(rng, 1, 60)):
        if rng.random() < 0.15:
            conv.say(int(rng.integers(2)), frame(8, 0, b""), 30.0)
            continue
        text = make(lot(rng, 20, 2000))
        conv.say(
            int(rng.random() < 0.5),
            frame(1, 1, b"\0\x3c\0\x28\0\0\0" + bytes((len(name),)) + name + b"\0")
            + frame(2, 1, b"\0\x3c\0\0" + struct.pack(">QH", len(text), 0))
            + frame(3, 1, text),
            pace * float(rng.exponential()),
        )


def _lines(rng: Rng, conv: Conversation) -> None:
    """NATS, STOMP and work queues: commands in lines, bodies by count or zero."""
    style, name = int(rng.integers(3)), f"{word(rng)}.{word(rng)}"
    make = body(rng, pick(rng, ("json", "pairs", "protobuf")))
    if style == 0:
        conv.say(
            1,
            b'INFO {"server_id":"N","version":"2.9.1","go":"go1.19","max_payload":1048576}\r\n',
            wait(rng),
        )
        conv.say(
            0,
            f'CONNECT {{"verbose":false,"lang":"go"}}\r\nPING\r\nSUB {name} 1\r\n'.encode(),
            wait(rng),
        )
        conv.say(1, b"PONG\r\n", wait(rng))
    elif style == 1:
        conv.say(0, f"CONNECT\naccept-version:1.2\nhost:{hostname(rng)}\n\n\0".encode(), 1e-3)
        conv.say(1, b"CONNECTED\nversion:1.2\nheart-beat:10000,10000\n\n\0", wait(rng))
    pace = loguniform(rng, 0.01, 10)
    for k in range(lot(rng, 1, 60)):
        text = make(lot(rng, 10, 800))
        n, d = len(text), int(rng.integers(2))
        if style == 0:
            conv.say(
                d,
                (f"PUB {name} {n}\r\n" if d == 0 else f"MSG {name} 1 {n}\r\n").encode()
                + text
                + b"\r\n",
                pace * float(rng.exponential()),
            )
        elif style == 1:
            conv.say(
                d,
                f"{'SEND' if d == 0 else 'MESSAGE'}\ndestina"
                f"tion:/queue/{name}\ncontent-length:{n}\n\n".encode()
                + text
                + b"\0",
                pace * float(rng.exponential()),
            )
        else:
            conv.say(0, f"put 0 0 60 {n}\r\n".encode() + text + b"\r\n", pace)
            conv.say(1, f"INSERTED {k}\r\n".encode(), wait(rng))
        if rng.random() < 0.1:
            conv.say(0, (b"PING\r\n", b"\n", b"watch t\r\n")[style], 10.0)
            conv.say(1, (b"PONG\r\n", b"\n", b"WATCHING 2\r\n")[style], wait(rng))


def _zookeeper(rng: Rng, conv: Conversation) -> None:
    if rng.random() < 0.2:
        conv.say(0, pick(rng, (b"ruok", b"stat", b"mntr")), 1e-3)
        conv.say(
            1,
            b"imok"
            if rng.random() < 0.5
            else f"Zookeeper version: 3.6.3\nNode count: {int(rng.integers(999))}\n".encode(),
            wait(rng),
        )
        return
    conv.say(0, sized(bytes(12) + struct.pack(">IQ", 30000, 0) + sized(bytes(16)) + b"\0"), 1e-3)
    conv.say(
        1,
        sized(bytes(4) + struct.pack(">I", 30000) + rng.bytes(8) + sized(rng.bytes(16)) + b"\0"),
        wait(rng),
    )
    for k in range(lot(rng, 1, 60)):
        if rng.random() < 0.6:
            conv.say(0, sized(struct.pack(">iI", -2, 11)), float(pick(rng, (2.0, 3.3, 10.0))))
            conv.say(1, sized(struct.pack(">iQI", -2, 0x1F3, 0)), wait(rng))
        else:
            conv.say(
                0,
                sized(
                    struct.pack(">II", k + 1000, 4)
                    + sized(f"/{word(rng)}/{word(rng)}".encode())
                    + b"\0"
                ),
                loguniform(rng, 1e-3, 3),
            )
            conv.say(
                1,
                sized(
                    struct.pack(">IQI", k + 1000, 0x1F4, 0)
                    + sized(sentence(rng, 6).encode())
                    + bytes(68)
                ),
                wait(rng),
            )


def _kafka(rng: Rng, conv: Conversation) -> None:
    """Any of the requests, of newer versions, with record batches or metadata."""
    client, topic = word(rng), word(rng)
    keys = [(18, 3), (3, 8)] + [
        pick(rng, ((0, 7), (1, 11), (10, 2), (12, 3), (9, 5), (8, 7), (2, 5))) for _ in range(3)
    ]

    def ask(k: int) -> bytes:
        key, version = keys[k] if k < len(keys) else keys[2 + k % 3]
        text = (
            text16(topic)
            + struct.pack(">II", 1, 0)
            + (b"" if key else struct.pack(">QI", 0, 90) + b"\2" + cipher(rng, 60, 900))
        )
        return sized(struct.pack(">HHI", key, version, k) + text16(client) + text)

    def answer(k: int) -> bytes:
        text = (
            b"".join(
                struct.pack(">HHH", j, 0, int(rng.integers(12)))
                for j in range(int(rng.integers(1, 50)))
            )
            if k == 0
            else text16(topic) + bytes(14) + sentence(rng, lot(rng, 1, 60)).encode()
        )
        return sized(struct.pack(">IH", k, 0) + text)

    rounds(rng, conv, ask, answer, pause=(1e-3, 5))


def _zmtp(rng: Rng, conv: Conversation) -> None:
    old = rng.random() < 0.5
    hello = (
        b"\1\0" if old else b"\xff" + bytes(7) + b"\1\x7f\3\0NULL" + bytes(16) + b"\0" + bytes(31)
    )
    conv.say(0, hello, 1e-3)
    conv.say(1, hello, wait(rng))
    make = body(rng, pick(rng, ("json", "packed", "protobuf", "lines", "records")))
    pace, side = loguniform(rng, 0.01, 5), int(rng.integers(2))
    for _ in range(lot(rng, 1, 80)):
        text = make(lot(rng, 3, 200))[:250]
        conv.say(
            side if rng.random() < 0.9 else 1 - side,
            (bytes((len(text) + 1, 0)) if old else bytes((0, len(text)))) + text,
            pace * float(rng.exponential()),
        )


PROFILES: tuple[Profile, ...] = (
    Named(name="rpc.amqp", about="AMQP 0-9-1.", write=_amqp, ports=(5672,)),
    Named(name="rpc.lines", about="NATS, STOMP, work queues.", write=_lines,
        ports=(4222, 61613, 11300)),
    Named(name="rpc.zookeeper", about="ZooKeeper.", write=_zookeeper, ports=(2181,), most=3),
    Named(name="vendor.kafka", about="Kafka, any request.", write=_kafka, ports=(9092,), most=4),
    Named(name="rpc.zmtp", about="ZeroMQ.", write=_zmtp, ports=(5555, 33000, 5563)),
)  # fmt: skip
