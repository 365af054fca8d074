"""Vehicles, instruments and lesser buses.

ISO 13400 (DoIP), AUTOSAR SOME/IP, HiSLIP (IVI-6.1), XCP, Omron FINS, MELSEC 3E, CAN and light
bridges, as their public descriptions have them.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _doip(rng: Rng, conv: Conversation) -> None:
    version = pick(rng, (b"\2\xfd", b"\2\xfd", b"\3\xfc"))

    def frame(kind: int, text: bytes) -> bytes:
        return version + struct.pack(">HI", kind, len(text)) + text

    tester, unit = b"\x0e\0", short(int(rng.integers(0x1000, 0x1FFF)))
    vin = f"WVW{word(rng).upper():Z<14}"[:17].encode()
    if conv.proto == 17:
        for _ in range(int(rng.geometric(0.5))):
            if rng.random() < 0.5:
                conv.say(0, frame(1, b""), 1.0)
                conv.say(1, frame(4, vin + unit + rng.bytes(12) + b"\0"), wait(rng))
            else:
                conv.say(0, frame(4, vin + unit + rng.bytes(12) + b"\0"), 0.5)
        return
    conv.say(0, frame(5, tester + b"\0" + bytes(4)), 1e-3)
    conv.say(1, frame(6, tester + unit + b"\x10" + bytes(4)), wait(rng))
    for _ in range(lot(rng, 1, 50)):
        ask = pick(
            rng,
            (
                b"\x3e\0",
                b"\x22\xf1\x90",
                b"\x10\3",
                b"\x19\2\xff",
                b"\x27\1",
                b"\x36\1" + rng.bytes(lot(rng, 8, 1000)),
            ),
        )
        conv.say(0, frame(0x8001, tester + unit + ask), float(pick(rng, (2.0, 0.05, 0.5))))
        conv.say(1, frame(0x8002, unit + tester + b"\0"), wait(rng))
        conv.say(
            1,
            frame(0x8001, unit + tester + bytes((ask[0] + 0x40,)) + ask[1:3] + cipher(rng, 1, 60)),
            wait(rng),
        )


def _someip(rng: Rng, conv: Conversation) -> None:
    service, method = rng.bytes(2), rng.bytes(2)
    event, period = rng.random() < 0.5, float(pick(rng, (0.01, 0.02, 0.1, 1.0)))
    size = lot(rng, 1, 200)
    for k in range(lot(rng, 1, 100)):
        text = bytes(size // 2) + rng.bytes(size - size // 2)
        conv.say(
            0,
            service
            + (method if not event else b"\x80\1")
            + struct.pack(
                ">IHHBBBB", 8 + len(text), 0 if event else 0x11, k + 1, 1, 1, 2 if event else 0, 0
            )
            + text,
            period,
        )
        if not event and rng.random() < 0.95:
            conv.say(
                1,
                service
                + method
                + struct.pack(">IHHBBBB", 8 + size, 0x11, k + 1, 1, 1, 0x80, 0)
                + text,
                wait(rng),
            )


def _makers(rng: Rng, conv: Conversation) -> None:
    """FINS, MELSEC 3E and XCP: short binary requests and answers at a machine's period."""
    kind, n = int(rng.integers(3)), 2 * lot(rng, 1, 60)
    if kind == 0:
        rounds(
            rng,
            conv,
            lambda k: (
                b"\x80\0\2\0\1\0\0\2\0" + bytes((k & 255,)) + b"\1\1\x82\0\x64\0" + short(n // 2)
            ),
            lambda k: (
                b"\xc0\0\2\0\2\0\0\1\0"
                + bytes((k & 255,))
                + b"\1\1\0\0"
                + bytes(n // 2)
                + rng.bytes(n - n // 2)
            ),
        )
    elif kind == 1:
        rounds(
            rng,
            conv,
            lambda k: (
                b"\x50\0\0\xff\xff\3\0\x0c\0\x10\0\1\4\0\0"
                + struct.pack("<I", 100)[:3]
                + b"\xa8"
                + struct.pack("<H", n // 2)
            ),
            lambda k: (
                b"\xd0\0\0\xff\xff\3\0"
                + struct.pack("<HH", n + 2, 0)
                + bytes(n // 2)
                + rng.bytes(n - n // 2)
            ),
        )
    else:
        rounds(
            rng,
            conv,
            lambda k: struct.pack("<HH", 8, k & 0xFFFF) + b"\xf5\4\0\0" + rng.bytes(4),
            lambda k: struct.pack("<HH", 5, k & 0xFFFF) + b"\xff" + rng.bytes(4),
        )


def _hislip(rng: Rng, conv: Conversation) -> None:
    def frame(kind: int, k: int, text: bytes) -> bytes:
        return b"HS" + bytes((kind, 0)) + struct.pack(">IQ", k, len(text)) + text

    conv.say(0, frame(0, 0x10000, b"hislip0"), 1e-3)
    conv.say(1, frame(1, 0x10001, b""), wait(rng))
    for k in range(lot(rng, 1, 30)):
        conv.say(
            0,
            frame(
                7,
                0xFFFFFF00 + 2 * k & 0xFFFFFFFF,
                pick(rng, (b"*IDN?\n", b"MEAS:VOLT?\n", b"READ?\n", b"SYST:ERR?\n")),
            ),
            loguniform(rng, 0.01, 5),
        )
        conv.say(
            1,
            frame(7, 0xFFFFFF00 + 2 * k & 0xFFFFFFFF, f"{float(rng.normal()):+.8E}\n".encode()),
            wait(rng),
        )


def _bridge(rng: Rng, conv: Conversation) -> None:
    """CAN frames and stage lights in datagrams, one way."""
    kind, period = int(rng.integers(3)), float(pick(rng, (0.005, 0.02, 0.025, 0.1, 1.0)))
    for k in range(lot(rng, 1, 120)):
        if kind == 0:
            frames = b"".join(
                struct.pack(">IB", int(rng.integers(0x800)), 8) + bytes(3) + rng.bytes(4) + bytes(4)
                for _ in range(int(rng.integers(1, 5)))
            )
            text = b"ISO11898" + b"\1\1" + bytes((k & 255,)) + frames
        elif kind == 1:
            text = (
                b"Art-Net\0\0\x50\0\x0e"
                + bytes((k & 255, 0, 0, 0))
                + b"\2\0"
                + bytes(400)
                + rng.bytes(112)
            )
        else:
            text = (
                b"\0\x10\0\0ASC-E1.17\0\0\0\x72\x6e\0\0\0\4"
                + bytes(16)
                + word(rng).encode().ljust(64, b"\0")
                + bytes((100, 0, 0, k & 255))
                + rng.bytes(300)
            )
        conv.say(0, text, period)


PROFILES: tuple[Profile, ...] = (
    Named(name="plant.doip", about="Diagnosis of vehicles.", write=_doip, ports=(13400,)),
    Named(name="plant.doip_udp", about="Vehicles announced.", write=_doip, ports=(13400,),
        over="udp", most=4),
    Named(name="vendor.someip", about="SOME/IP.", write=_someip, ports=(30490, 30501, 30509),
        over="udp", sport=-1),
    Named(name="plant.makers_udp", about="FINS, XCP.", write=_makers, ports=(9600, 5555, 5006),
        over="udp"),
    Named(name="plant.makers", about="FINS, MELSEC, XCP.", write=_makers,
        ports=(9600, 5007, 5555)),
    Named(name="plant.hislip", about="Instruments.", write=_hislip, ports=(4880,), most=2),
    Named(name="vendor.bridge", about="CAN and light frames.", write=_bridge,
        ports=(11898, 6454, 5568), over="udp", most=2),
)  # fmt: skip
