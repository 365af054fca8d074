"""Plants and buildings: Modbus/TCP, DNP3, EtherNet/IP, OPC UA, BACnet/IP, S7.

Modbus application protocol 1.1b3, IEEE 1815, CIP volume 2, OPC 10000-6, ASHRAE 135.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES"]

Exchange = Callable[[int], tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant(Profile):
    """A controller polled at a fixed period.

    Parameters
    ----------
    kind : str
        modbus, dnp3, enip, opcua, bacnet or s7.
    """

    kind: str = "modbus"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw some polls."""
        port = {
            "modbus": 502,
            "dnp3": 20000,
            "enip": 44818,
            "opcua": 4840,
            "bacnet": 47808,
            "s7": 102,
        }[self.kind]
        if self.kind == "bacnet":
            conv = udp(rng, net, port, scope="lan", sport=47808, version=4)
        else:
            conv = tcp(rng, net, port, scope="lan")
        exchange = _MAKERS[self.kind](rng, conv)
        period = pick(rng, (0.05, 0.1, 0.25, 0.5, 1.0, 1.0, 2.0, 5.0))
        for k in range(int(loguniform(rng, 4, 250))):
            ask, answer = exchange(k)
            conv.say(0, ask, period + float(rng.normal() * period * 0.01))
            conv.say(1, answer, loguniform(rng, 1e-3, 0.03))
        return [conv]


def _modbus(rng: np.random.Generator, conv: Conversation) -> Exchange:
    unit, count = int(rng.integers(1, 32)), int(rng.integers(1, 40))
    values = rng.integers(0, 4000, count)
    first = int(rng.integers(65536))

    def make(k: int) -> tuple[bytes, bytes]:
        nonlocal values
        values = np.clip(values + rng.integers(-3, 4, count), 0, 65535)
        number = (first + k) & 0xFFFF
        if k % 13 == 12:
            body = struct.pack(">BBHH", unit, 6, 40, int(values[0]))
            head = struct.pack(">HHH", number, 0, len(body))
            return head + body, head + body
        body = struct.pack(">BBHH", unit, 3, 100, count)
        reply = struct.pack(">BBB", unit, 3, 2 * count) + values.astype(">u2").tobytes()
        return (
            struct.pack(">HHH", number, 0, len(body)) + body,
            struct.pack(">HHH", number, 0, len(reply)) + reply,
        )

    return make


def _crc_dnp(data: bytes) -> bytes:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA6BC if crc & 1 else crc >> 1
    return struct.pack("<H", crc ^ 0xFFFF)


def _dnp3(rng: np.random.Generator, conv: Conversation) -> Exchange:
    def frame(control: int, to: int, own: int, body: bytes) -> bytes:
        head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(body), control, to, own)
        out = head + _crc_dnp(head)
        for low in range(0, len(body), 16):
            out += body[low : low + 16] + _crc_dnp(body[low : low + 16])
        return out

    points = int(rng.integers(1, 20))

    def make(k: int) -> tuple[bytes, bytes]:
        head = bytes((0xC0 | k & 15, 0xC0 | k & 15))
        ask = frame(0xC4, 10, 1, head + b"\x01\x3c\x02\x06")
        data = bytes((30, 2, 0, 0, points - 1)) + b"".join(
            b"\x01" + struct.pack("<h", int(v)) for v in rng.integers(-100, 100, points)
        )
        return ask, frame(0x44, 1, 10, head + b"\x81\x00\x00" + data)

    return make


def _enip(rng: np.random.Generator, conv: Conversation) -> Exchange:
    session, context = rng.bytes(4), bytes(8)

    def frame(cmd: int, body: bytes) -> bytes:
        return struct.pack("<HH", cmd, len(body)) + session + bytes(4) + context + bytes(4) + body

    conv.say(0, struct.pack("<HH", 0x65, 4) + bytes(20) + b"\x01\0\0\0", 1e-3)
    conv.say(1, frame(0x65, b"\x01\0\0\0"), 2e-3)
    tag = word(rng).encode()[:12]
    tag += b"\0" * (len(tag) % 2)

    def make(k: int) -> tuple[bytes, bytes]:
        cip = (
            b"\x4c" + bytes(((len(tag) + 2) // 2,)) + b"\x91" + bytes((len(tag),)) + tag + b"\x01\0"
        )
        reply = b"\xcc\0\0\0\xc4\0" + struct.pack("<i", int(rng.integers(10**6)))
        wrap = bytes(6) + b"\x02\0" + bytes(4)
        return (
            frame(0x6F, wrap + b"\xb2\0" + struct.pack("<H", len(cip)) + cip),
            frame(0x6F, wrap + b"\xb2\0" + struct.pack("<H", len(reply)) + reply),
        )

    return make


def _opcua(rng: np.random.Generator, conv: Conversation) -> Exchange:
    url = f"opc.tcp://{word(rng)}:4840".encode()
    hello = struct.pack("<IIIII", 0, 65536, 65536, 0, 0) + struct.pack("<I", len(url)) + url
    conv.say(0, b"HELF" + struct.pack("<I", len(hello) + 8) + hello, 1e-3)
    conv.say(
        1, b"ACKF" + struct.pack("<I", 28) + struct.pack("<IIIII", 0, 65536, 65536, 0, 0), 2e-3
    )
    channel, token = rng.bytes(4), rng.bytes(4)
    nodes = int(rng.integers(1, 20))

    def make(k: int) -> tuple[bytes, bytes]:
        number = struct.pack("<II", k + 1, k + 1)
        stamp = struct.pack("<Q", 133_000_000_000_000_000 + k * 10**7)
        empty = b"\xff\xff\xff\xff"
        ask = (
            b"\x01\0\x77\x02"
            b"\0\0" + stamp + struct.pack("<II", k, 0) + empty + struct.pack("<I", 5000)
        )
        ask += b"\0\0\0" + struct.pack("<dII", 0.0, 2, nodes)
        for node in range(nodes):
            ask += b"\x01\x02" + struct.pack("<HI", 1000 + node, 13) + empty + b"\0\0" + empty
        answer = b"\x01\0\x7a\x02" + stamp + struct.pack("<II", k, 0) + b"\0" + empty + b"\0\0\0"
        answer += struct.pack("<I", nodes)
        for _ in range(nodes):
            answer += b"\x01\x0b" + struct.pack("<d", 20 + float(rng.normal()))
        answer += empty
        out = [
            b"MSGF" + struct.pack("<I", len(m) + 24) + channel + token + number + m
            for m in (ask, answer)
        ]
        return out[0], out[1]

    return make


def _bacnet(rng: np.random.Generator, conv: Conversation) -> Exchange:
    def make(k: int) -> tuple[bytes, bytes]:
        object_id = struct.pack(">I", int(rng.integers(1, 60)))
        ask = b"\x01\x04\x02\x05" + bytes((k & 255,)) + b"\x0c\x0c" + object_id + b"\x19\x55"
        value = b"\x3e\x44" + struct.pack(">f", 20 + float(rng.normal())) + b"\x3f"
        answer = b"\x01\x00\x30" + bytes((k & 255,)) + b"\x0c\x0c" + object_id + b"\x19\x55" + value
        return (
            b"\x81\x0a" + struct.pack(">H", len(ask) + 4) + ask,
            b"\x81\x0a" + struct.pack(">H", len(answer) + 4) + answer,
        )

    return make


def _s7(rng: np.random.Generator, conv: Conversation) -> Exchange:
    def tpkt(body: bytes) -> bytes:
        return b"\x03\0" + struct.pack(">H", len(body) + 4) + body

    conv.say(0, tpkt(bytes.fromhex("11e00000000100c0010ac1020100c2020102")), 1e-3)
    conv.say(1, tpkt(bytes.fromhex("11d00001000200c0010ac1020100c2020102")), 2e-3)
    size = int(rng.integers(2, 100))

    def make(k: int) -> tuple[bytes, bytes]:
        number = struct.pack(">H", k & 0xFFFF)
        item = b"\x12\x0a\x10\x02" + struct.pack(">HHB", size, 1, 0x84) + bytes(3)
        ask = b"\x02\xf0\x80\x32\x01\0\0" + number + b"\0\x0e\0\0\x04\x01" + item
        data = (
            b"\xff\x04"
            + struct.pack(">H", 8 * size)
            + rng.integers(0, 60, size, dtype=np.uint8).tobytes()
        )
        answer = (
            b"\x02\xf0\x80\x32\x03\0\0"
            + number
            + struct.pack(">HH", 2, len(data))
            + b"\0\0\x04\x01"
            + data
        )
        return tpkt(ask), tpkt(answer)

    return make


_MAKERS: dict[str, Callable[[np.random.Generator, Conversation], Exchange]] = {
    "modbus": _modbus,
    "dnp3": _dnp3,
    "enip": _enip,
    "opcua": _opcua,
    "bacnet": _bacnet,
    "s7": _s7,
}

PROFILES: tuple[Profile, ...] = tuple(
    Plant(name=f"industrial.{kind}", about=f"{kind} polled at a fixed period.", kind=kind)
    for kind in _MAKERS
)
