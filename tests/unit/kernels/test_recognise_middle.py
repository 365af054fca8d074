"""What only looks like the middle of a protocol: one thing of each is wrong."""

from __future__ import annotations

import struct

import pytest

from nalpml.capture.apps import APPS
from tests.unit.kernels.test_recognise_more import recognised

PING = b"\0\0\x08\x06\0\0\0\0\0" + bytes(8)
NOISE = bytes(range(160, 200))

TCP = [
    (8000, b"5\r\nhello world, and more\r\n"), (8000, b"0\r\n\r\nmore"), (8000, b"5x\r\nhello\r\n"),
    (8000, b"2000\r\nshort"),
    (21, b"EPSV ALL\n"), (21, b"227 Entering\n"), (21, b"999 Entering\r\n"),
    (143, b"a-1 SELECT INBOX\r\n"), (143, b"* 18 FISHES\r\n"), (143, b"tag DIR C\r\n"),
    (6667, b":nick!user@host WHISPERS hello\r\n"), (6667, b":" + b"x" * 70 + b"\r\n"),
    (61613, b"CONNECTED\nversion:1.2\n\n"),
    (5222, b"  "), (5000, b" "), (5000, b"\r\n\r\n"), (5000, b"\r\n"),
    (50051, PING * 17), (50051, PING + b"\0\0\4\x0c" + bytes(9)),
    (50051, b"\0\0\x08\x06\0\0\0\0\1" + bytes(8)),
    (5672, b"\1\0\0" + struct.pack(">I", 4) + b"\0\x0a\0\x0b\xcd"),
    (5672, struct.pack(">IBBH", 16, 2, 0, 0) + b"\0\x53\x40\xc0\x03\1\xa1\0"),
    (8080, b"\x82\x28" + NOISE), (8080, b"\x81\x28" + NOISE), (8080, b"\x88\2\0\1"),
    (8080, b"\xc1\4text"), (8080, b"\x81\x7e"), (8080, b"\x89\4ping"),
    (5223, struct.pack("<III", 256, 99, 2) + NOISE * 8),
    (5223, struct.pack("<IH", 7, 0) + b"ping" + bytes(8) + struct.pack("<I", 0)),
    (5223, struct.pack("<IH", 7, 0) + b"PI" + bytes(10) + struct.pack("<I", 0)),
    (3724, b"\0\x08" + struct.pack("<H", 33) + b"WoW\0" + bytes(30)),
    (1723, struct.pack(">HHI", 17, 1, 0x1A2B3C4D) + bytes(8)),
    (88, struct.pack(">I", 2009) + b"\x6c\x82\x07\xd4" + NOISE * 3),
    (389, b"\x30\x82\x07\xd8\2\1\5\x64\x82\x01\x00" + NOISE),
    (445, b"\0\1\0\0\xfeSMX" + NOISE), (3306, b"\5\0\0\x40\3sele"), (3307, b"\5\0\0\x20\3sele"),
    (9090, b"\x82\x21\1\x04pi\0\0\0"), (210, b"\xb6\x0a\x8d\1\0\x8e\1\1\x8f\1\0"),
    (210, b"\xb6\x82\0\6\x8d\1\0\x8e\1"), (210, b"\xb6\6\x70\1\0\x8e\1\1"),
]  # fmt: skip

UDP = [
    *((40000, b"\xe4\x21\x0b" + NOISE[:31]), (40000, b"\xe4\x21\x0c" + NOISE[:32])),
    (40000, b"\xe4\x29" + NOISE[:16] + b"\2" + NOISE), (40000, b"\xe4\x60\0"),
    (40000, b"\xe4\x11" + NOISE[:18] + b"\x40\0"), (40000, b"\xe4\x77\1\2"),
    (40000, b"\xe4\x09" + NOISE[:19] + b"\1\1" + NOISE[:25]), (40000, b"\xe5\x29\x79\xda" + NOISE),
    (4500, struct.pack(">II", 0xC0FFEE01, 1) + NOISE[:33]),
    (4500, struct.pack(">II", 0xC0FFEE01, 0) + NOISE[:32]),
    (4500, struct.pack(">II", 0xC0FFEE01, 1 << 20) + NOISE[:32]),
    (4500, struct.pack(">II", 0xC0FFEE01, 1) + b"{'user': 'carla'} and so on, it is text."),
    (4501, struct.pack(">II", 0xC0FFEE01, 1) + NOISE[:32]),
]  # fmt: skip


@pytest.mark.parametrize(
    "proto, port, payload", [*((6, *case) for case in TCP), *((17, *case) for case in UDP)]
)
def test_near_misses_are_nothing(proto: int, port: int, payload: bytes) -> None:
    assert APPS[recognised([payload], proto, (40000, port))[0]] == "none"
