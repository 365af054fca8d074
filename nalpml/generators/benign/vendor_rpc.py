"""Remote calls, storage, brokers and data stores with binary framing.

RFC 5531 and 1813 (ONC RPC, NFS), RFC 7143 (iSCSI), RFC 9113 (HTTP/2) with gRPC, AMQP 0-9-1, the
NATS and STOMP pages, ZooKeeper's jute records, Cassandra's native protocol v4, Elasticsearch's
transport header, Kafka's protocol guide, ZMTP 1 and 3, Ceph's messenger v1, the Rx header (AFS),
C706 (DCE RPC), Java RMI (JRMP), AJP 1.3, FastCGI 1.0, beanstalkd- and Thrift-like frames.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import file_octets, hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_bodies import body
from nalpml.generators.benign.vendor_named import Named, cipher, lot, short, sized, text16, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _grpc(rng: Rng, conv: Conversation) -> None:
    """HTTP/2 with prior knowledge: preface, settings, headers by HPACK, data, pings."""

    def frame(kind: int, flags: int, stream: int, text: bytes) -> bytes:
        return (
            len(text).to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + text
        )

    make = body(rng, "protobuf")
    path = f"/{word(rng)}.{word(rng)}/{word(rng).title()}".encode()
    head = (
        b"\x83\x86\x44"
        + bytes((len(path),))
        + path
        + b"\x5f\x10application/grpc"
        + b"\x7a"
        + bytes((8,))
        + b"grpc-go/"
    )
    conv.say(
        0,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"\0\2\0\0\0\0\0\4\0\0\xff\xff"),
        1e-3,
    )
    conv.say(1, frame(4, 0, 0, b"\0\5\0\0\x40\0") + frame(4, 1, 0, b""), wait(rng))
    conv.say(0, frame(4, 1, 0, b""), wait(rng))
    pace = loguniform(rng, 1e-3, 10)
    for k in range(lot(rng, 1, 60)):
        if rng.random() < 0.15:
            token = rng.bytes(8)
            conv.say(0, frame(6, 0, 0, token), float(pick(rng, (1.0, 10.0, 30.0))))
            conv.say(1, frame(6, 1, 0, token), wait(rng))
            continue
        text = make(lot(rng, 5, 500))
        conv.say(
            0,
            frame(1, 4, 2 * k + 1, head if k == 0 else b"\x83\x86\xc2\xc1\xc0")
            + frame(0, 1, 2 * k + 1, b"\0" + sized(text)),
            pace * float(rng.exponential()),
        )
        text = make(lot(rng, 5, 3000))
        conv.say(
            1,
            frame(1, 4, 2 * k + 1, b"\x88\xc0")
            + frame(0, 0, 2 * k + 1, b"\0" + sized(text))
            + frame(1, 5, 2 * k + 1, b"\xbf"),
            wait(rng),
        )


def _rx(rng: Rng, conv: Conversation) -> None:
    epoch, cid = rng.bytes(4), rng.bytes(4)

    def packet(d: int, call: int, seq: int, kind: int, text: bytes) -> bytes:
        flags = (1 - d) | (4 if kind == 1 else 0)
        return (
            epoch
            + cid
            + struct.pack(
                ">IIIBBBBHH", call, seq, seq, kind, flags, 0, 0, 0, int(pick(rng, (1, 52)))
            )
            + text
        )

    for call in range(1, int(rng.integers(2, 20))):
        conv.say(
            0,
            packet(
                0,
                call,
                1,
                1,
                struct.pack(">I", int(rng.integers(100, 66000))) + cipher(rng, 4, 120),
            ),
            loguniform(rng, 1e-3, 20),
        )
        for k in range(int(rng.geometric(0.6))):
            conv.say(
                1,
                packet(1, call, k + 1, 1, rng.bytes(4) + file_octets(rng, 4 * lot(rng, 1, 340))),
                wait(rng),
            )
        conv.say(
            0,
            packet(
                0,
                call,
                0,
                2,
                bytes(8) + struct.pack(">III", 1, 2, call) + b"\x02\0" + bytes(3) + b"\0\0\x16\x44",
            ),
            wait(rng),
        )


def _dce(rng: Rng, conv: Conversation) -> None:
    """DCE RPC on dynamic ports or as PROFINET's datagrams."""
    if conv.proto == 17:
        actor = rng.bytes(16)
        for k in range(int(rng.integers(1, 8))):
            text = struct.pack("<IIIII", 100, 0, 100, 0, 100) + b"\1\1" + short(60) + rng.bytes(60)
            conv.say(
                k % 2,
                b"\4"
                + bytes((0 if k % 2 == 0 else 2,))
                + b"\x20\0\x10\0\0\0"
                + rng.bytes(16)
                + actor
                + rng.bytes(16)
                + struct.pack("<IIIHHHHHBB", 0, 1, k, 5, 65535, 65535, len(text), 0, 0, 0)
                + text,
                loguniform(rng, 1e-3, 3),
            )
        return
    conv.say(
        0,
        b"\5\0\x0b\3\x10\0\0\0"
        + struct.pack("<HHIHHIBBBB", 72, 0, 1, 5840, 5840, 0, 1, 0, 0, 0)
        + b"\0\0\1\0"
        + rng.bytes(16)
        + b"\1\0\0\0"
        + bytes.fromhex("045d888aeb1cc9119fe808002b10486002000000"),
        1e-3,
    )
    conv.say(
        1,
        b"\5\0\x0c\3\x10\0\0\0"
        + struct.pack("<HHIHHI", 60, 0, 1, 5840, 5840, 0x53F0)
        + b"\4\x00135\0\0\0\1\0\0\0"
        + bytes(4)
        + bytes.fromhex("045d888aeb1cc9119fe808002b10486002000000"),
        wait(rng),
    )
    for k in range(lot(rng, 1, 30)):
        for d in (0, 1):
            text = (
                rng.bytes(20) + word(rng).encode("utf-16-le") + bytes(4 * int(rng.integers(1, 20)))
            )
            conv.say(
                d,
                b"\5\0"
                + bytes((2 * d, 3))
                + b"\x10\0\0\0"
                + struct.pack("<HHIIHH", 24 + len(text), 0, k + 2, len(text), 0, 3)
                + text,
                wait(rng),
            )


def _server(rng: Rng, conv: Conversation) -> None:
    """AJP and FastCGI between a web server and what is behind it."""
    make: Callable[[int], bytes] = body(rng, pick(rng, ("xml", "json", "lines")))
    fast = conv.dport == 9000
    for _ in range(int(rng.geometric(0.3))):
        path = f"/{word(rng)}/{word(rng)}"
        if fast:
            pairs = b"".join(
                bytes((len(a), len(b))) + a + b
                for a, b in (
                    (b"REQUEST_URI", path.encode()),
                    (b"REQUEST_METHOD", b"GET"),
                    (b"SERVER_NAME", hostname(rng).encode()[:99]),
                )
            )
            conv.say(
                0,
                struct.pack(">BBHHBB", 1, 1, 1, 8, 0, 0)
                + b"\0\1\0"
                + bytes(5)
                + struct.pack(">BBHHBB", 1, 4, 1, len(pairs), 0, 0)
                + pairs
                + struct.pack(">BBHHBB", 1, 4, 1, 0, 0, 0)
                + struct.pack(">BBHHBB", 1, 5, 1, 0, 0, 0),
                loguniform(rng, 1e-3, 8),
            )
            text = b"Content-type: text/html\r\n\r\n" + make(lot(rng, 50, 9000))
            conv.say(
                1,
                struct.pack(">BBHHBB", 1, 6, 1, len(text) & 0xFFFF, 0, 0)
                + text
                + struct.pack(">BBHHBB", 1, 3, 1, 8, 0, 0)
                + bytes(8),
                wait(rng),
            )
            continue
        ask = (
            b"\2\2"
            + text16("HTTP/1.1")
            + b"\0"
            + text16(path)
            + b"\0"
            + text16("10.0.0.1")
            + b"\0"
            + text16("")
            + b"\0"
            + text16(hostname(rng))
            + b"\0\0\x50\0\0\1\xa0\x0b"
            + text16(hostname(rng))
            + b"\0\xff"
        )
        conv.say(0, b"\x12\x34" + sized(ask, ">H"), loguniform(rng, 1e-3, 8))
        text = make(lot(rng, 50, 7000))[:8000]
        conv.say(
            1,
            b"AB"
            + sized(
                b"\4\0\xc8" + text16("OK") + b"\0\0\1\xa0\1" + text16("text/html") + b"\0", ">H"
            )
            + b"AB"
            + sized(b"\3" + sized(text, ">H") + b"\0", ">H")
            + b"AB\0\2\5\1",
            wait(rng),
        )


def _rmi(rng: Rng, conv: Conversation) -> None:
    conv.say(0, b"JRMI\0\2\x4b", 1e-3)
    conv.say(1, b"\x4e" + text16("10.0.0.9") + struct.pack(">I", 40000), wait(rng))
    conv.say(0, text16("10.0.0.9") + bytes(4), wait(rng))
    for _ in range(int(rng.integers(1, 12))):
        conv.say(
            0,
            b"\x50\xac\xed\0\5\x77\x22" + rng.bytes(34) + b"\x74" + text16(word(rng)),
            loguniform(rng, 1e-3, 5),
        )
        conv.say(
            1,
            b"\x51\xac\xed\0\5\x77\x0f\1"
            + rng.bytes(14)
            + b"\x73\x72"
            + text16("java.rmi.Remote")
            + rng.bytes(60),
            wait(rng),
        )
        if rng.random() < 0.3:
            conv.say(0, b"\x52", 5.0)
            conv.say(1, b"\x53", wait(rng))


PROFILES: tuple[Profile, ...] = (
    Named(name="rpc.grpc", about="gRPC in clear.", write=_grpc, ports=(50051, 2379, 8080, 9090),
        most=2),
    Named(name="rpc.rx", about="AFS.", write=_rx, ports=(7000, 7001, 7002, 7003), over="udp",
        sport=7001, scope=None),
    Named(name="rpc.dce", about="DCE RPC.", write=_dce, ports=(135, 49155, 49162, 1025), most=2),
    Named(name="rpc.dce_udp", about="DCE RPC in datagrams.", write=_dce, ports=(34964, 49155),
        over="udp"),
    Named(name="rpc.server", about="AJP and FastCGI.", write=_server, ports=(8009, 9000, 8010),
        most=3),
    Named(name="rpc.rmi", about="Java RMI.", write=_rmi, ports=(1099,), most=2),
)  # fmt: skip
