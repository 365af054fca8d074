"""Plants, vehicles and laboratories beyond the usual six.

IEC 60870-5-104, IEC 62541-6 (OPC UA), ISO 13400 (DoIP), AUTOSAR SOME/IP, IEEE C37.118,
EtherNet/IP implicit messages (CIP volume 2), ANSI/ASHRAE 135 (BACnet/IP), Modbus with
Schneider's function 90, Omron FINS, Mitsubishi's MELSEC 3E, HiSLIP (IVI-6.1), ISO 11783-like CAN
bridges, XCP over UDP, Art-Net and sACN, OPC-like publish, as their public descriptions have
them.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _iec104(rng: Rng, conv: Conversation) -> None:
    sent = [0, 0]

    def i(d: int, text: bytes) -> bytes:
        out = (
            b"\x68"
            + bytes((4 + len(text),))
            + struct.pack("<HH", sent[d] << 1 & 0xFFFF, sent[1 - d] << 1 & 0xFFFF)
            + text
        )
        sent[d] += 1
        return out

    if rng.random() < 0.7:
        conv.say(0, b"\x68\4\7\0\0\0", 1e-3)
        conv.say(1, b"\x68\4\x0b\0\0\0", wait(rng))
    pace = loguniform(rng, 0.05, 15)
    for _ in range(lot(rng, 1, 60)):
        u = rng.random()
        if u < 0.2:
            conv.say(0, b"\x68\4\x43\0\0\0", 20.0)
            conv.say(1, b"\x68\4\x83\0\0\0", wait(rng))
        elif u < 0.3:
            conv.say(0, i(0, b"\x64\1\6\0\1\0\0\0\0\x14"), pace)
            conv.say(1, i(1, b"\x64\1\7\0\1\0\0\0\0\x14"), wait(rng))
        else:
            n = int(rng.integers(1, 12))
            conv.say(
                1,
                i(
                    1,
                    b"\x0d"
                    + bytes((n,))
                    + b"\3\0\1\0"
                    + b"".join(
                        struct.pack("<I", 1000 + j)[:3]
                        + struct.pack("<f", float(rng.normal(50)))
                        + b"\0"
                        for j in range(n)
                    ),
                ),
                pace * float(rng.exponential()),
            )
            if rng.random() < 0.5:
                conv.say(0, b"\x68\4\1\0" + struct.pack("<H", sent[1] << 1 & 0xFFFF), wait(rng))


def _opcua(rng: Rng, conv: Conversation) -> None:
    """Hello, open channel, reads or publications in clear."""
    _ua(rng, conv, secure=False)


def _opcua_sealed(rng: Rng, conv: Conversation) -> None:
    """The same, signed and encrypted after the channel is open."""
    _ua(rng, conv, secure=True)


def _ua(rng: Rng, conv: Conversation, *, secure: bool) -> None:
    channel, token, nothing = rng.bytes(4), rng.bytes(4), b"\xff" * 4
    url = f"opc.tcp://{hostname(rng)}:4840".encode()
    conv.say(
        0,
        b"HELF" + struct.pack("<IIIIII", 32 + len(url), 0, 65535, 65535, 0, 0) + sized(url, "<I"),
        1e-3,
    )
    conv.say(1, b"ACKF" + struct.pack("<IIIIII", 28, 0, 65535, 65535, 0, 0), wait(rng))
    stamp = struct.pack("<Q", 133_000_000_000_000_000 + int(rng.integers(1 << 50)))
    policy = b"http://opcfoundation.org/UA/SecurityPolicy#" + (
        b"Basic256Sha256" if secure else b"None"
    )
    login = b"\0\0" if rng.random() < 0.5 else b"\5\1\0" + sized(rng.bytes(32), "<I")

    def header(d: int, k: int) -> bytes:
        if d == 0:
            return (
                login
                + stamp
                + struct.pack("<II", k, 0)
                + nothing
                + struct.pack("<I", 5000)
                + bytes(3)
            )
        return stamp + struct.pack("<II", k, 0) + b"\0" + nothing + bytes(3)

    def message(kind: bytes, d: int, k: int, service: int, rest: bytes) -> bytes:
        text = b"\1\0" + struct.pack("<H", service) + header(d, k) + rest
        if kind == b"OPNF":
            names = sized(policy, "<I") + (
                sized(rng.bytes(900), "<I") + sized(rng.bytes(20), "<I") if secure else nothing * 2
            )
            text = channel + names + (rng.bytes(512) if secure else struct.pack("<II", k, k) + text)
        else:
            text = channel + token + struct.pack("<II", k, k) + text
            if secure:
                text = text[:8] + rng.bytes(16 * (len(text) // 16 + 3))
        return kind + struct.pack("<I", len(text) + 8) + text

    conv.say(
        0,
        message(
            b"OPNF",
            0,
            1,
            446,
            struct.pack("<III", 0, 0, 3 if secure else 1) + nothing + struct.pack("<I", 3600000),
        ),
        wait(rng),
    )
    conv.say(
        1,
        message(
            b"OPNF",
            1,
            1,
            449,
            bytes(4) + channel + token + stamp + struct.pack("<I", 3600000) + nothing,
        ),
        wait(rng),
    )
    n = int(rng.integers(1, 40))
    read = rng.random() < 0.5

    def ask(k: int) -> bytes:
        if not read:
            return message(b"MSGF", 0, k + 2, 826, nothing)
        nodes = b"".join(
            b"\1\1" + struct.pack("<HI", 1000 + j, 13) + nothing + b"\0\0" + nothing
            for j in range(n)
        )
        return message(b"MSGF", 0, k + 2, 631, struct.pack("<dII", 0.0, 2, n) + nodes)

    def answer(k: int) -> bytes:
        values = b"".join(b"\1\x0b" + struct.pack("<d", float(rng.normal(20))) for _ in range(n))
        if read:
            return message(b"MSGF", 1, k + 2, 634, struct.pack("<I", n) + values + nothing)
        notes = struct.pack("<I", 1) + b"\1\0\xff\x7f\1" + sized(values, "<I")
        return message(
            b"MSGF",
            1,
            k + 2,
            829,
            struct.pack("<I", 7)
            + nothing
            + b"\0"
            + struct.pack("<I", k)
            + stamp
            + notes
            + nothing * 2,
        )

    rounds(rng, conv, ask, answer, most=25, pause=(1e-3, 5))
    if rng.random() < 0.6:
        conv.say(0, message(b"CLOF", 0, 90, 452, b""), wait(rng))


def _phasors(rng: Rng, conv: Conversation) -> None:
    ident, rate = short(int(rng.integers(1, 999))), float(pick(rng, (10.0, 25.0, 30.0, 50.0, 60.0)))
    n = int(rng.integers(1, 8))

    def frame(kind: int, k: int, text: bytes) -> bytes:
        head = (
            bytes((0xAA, kind))
            + short(16 + len(text))
            + ident
            + struct.pack(">II", 1_700_000_000 + int(k / rate), int(k % rate / rate * 1e6))
        )
        return head + text + _crc_ccitt(head + text)

    if rng.random() < 0.5:
        conv.say(0, frame(0x41, 0, b"\0\2"), 1e-3)
    for k in range(lot(rng, 5, 300)):
        text = (
            b"\0\0"
            + b"".join(
                struct.pack(">ff", 132_000 + float(rng.normal()), float(rng.uniform(-3, 3)))
                for _ in range(n)
            )
            + struct.pack(">ff", 50.0, 0.01)
        )
        conv.say(1, frame(1, k, text), 1 / rate)


def _crc_ccitt(text: bytes) -> bytes:
    value = 0xFFFF
    for octet in text:
        value ^= octet << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021) & 0xFFFF if value & 0x8000 else value << 1 & 0xFFFF
    return short(value)


def _cip(rng: Rng, conv: Conversation) -> None:
    """Implicit messages: a connection, a sequence count, a few octets of state, each period."""
    there, back = rng.bytes(4), rng.bytes(4)
    period, size = float(pick(rng, (0.01, 0.02, 0.05, 0.1))), lot(rng, 2, 200)
    state = rng.bytes(size)
    for k in range(lot(rng, 2, 300)):
        for d, ident in ((0, there), (1, back)):
            if d == 0 or rng.random() < 0.3:
                data = short(k)[::-1] + (b"\1\0\0\0" if d == 0 else b"") + state
                conv.say(
                    d,
                    b"\2\0\2\x80\x08\0"
                    + ident
                    + struct.pack("<I", k)
                    + b"\xb1\0"
                    + sized(data, "<H"),
                    period if d == 0 else 1e-3,
                )


def _bacnet(rng: Rng, conv: Conversation) -> None:
    def packet(text: bytes, *, shout: bool = False) -> bytes:
        return b"\x81" + (b"\x0b" if shout else b"\x0a") + short(4 + len(text)) + text

    for k in range(lot(rng, 1, 60)):
        u = rng.random()
        device = struct.pack(">I", 0x02000000 | int(rng.integers(1, 4000)))
        if u < 0.2:
            conv.say(
                0, packet(b"\1\x20\xff\xff\0\xff\x10\x08", shout=True), loguniform(rng, 0.1, 30)
            )
            conv.say(
                1,
                packet(
                    b"\1\x20\xff\xff\0\xff\x10\0\xc4" + device + b"\x22\5\xc4\x91\3\x22\1\4",
                    shout=True,
                ),
                wait(rng),
            )
        elif u < 0.35:
            conv.say(
                1,
                packet(
                    b"\1\0\x10\2\x09\1\x1c"
                    + device
                    + b"\x2c\0\0\0\5\x39\x3c\x4e\x09\x55\x2e\x44"
                    + struct.pack(">f", float(rng.normal(21)))
                    + b"\x2f\x09\x6f\x2e\x82\4\0\x2f\x4f"
                ),
                float(pick(rng, (1.0, 10.0))),
            )
        elif u < 0.8:
            number = bytes((k & 255,))
            conv.say(
                0,
                packet(
                    b"\1\4\2\x75"
                    + number
                    + b"\x0e\x0c"
                    + device
                    + b"\x1e"
                    + bytes((9, int(rng.integers(1, 120)))) * int(rng.integers(1, 6))
                    + b"\x1f"
                ),
                loguniform(rng, 1e-3, 10),
            )
            name = word(rng).encode()
            conv.say(
                1,
                packet(
                    b"\1\0\x30"
                    + number
                    + b"\x0e\x0c"
                    + device
                    + b"\x1e\x29\x4d\x4e\x75"
                    + bytes((len(name) + 1,))
                    + b"\0"
                    + name
                    + b"\x4f\x1f"
                ),
                wait(rng),
            )
        else:
            number = bytes((k & 255,))
            conv.say(
                0,
                packet(
                    b"\1\4\0\5"
                    + number
                    + b"\x0f\x0c"
                    + device
                    + b"\x19\x55\x3e\x44"
                    + rng.bytes(4)
                    + b"\x3f"
                ),
                loguniform(rng, 1e-3, 10),
            )
            conv.say(1, packet(b"\1\0\x20" + number + b"\x0f"), wait(rng))


def _modbus(rng: Rng, conv: Conversation) -> None:
    """Other functions than reading: writing, diagnosis, identity, function 90 of one vendor."""
    unit, vendor = bytes((int(pick(rng, (0, 1, 255))),)), rng.random() < 0.5

    def frame(k: int, text: bytes) -> bytes:
        return struct.pack(">HHH", k, 0, 1 + len(text)) + unit + text

    def ask(k: int) -> bytes:
        if vendor:
            return frame(
                k, b"\x5a\0" + bytes((int(pick(rng, (2, 3, 4, 0x20, 0x22))),)) + cipher(rng, 1, 100)
            )
        return frame(
            k,
            pick(
                rng,
                (
                    b"\x10\0\x10\0\2\4" + rng.bytes(4),
                    b"\x2b\x0e\1\0",
                    b"\x06\0\1" + rng.bytes(2),
                    b"\x08\0\0\xa5\x37",
                    b"\x17\0\0\0\4\0\0\0\1\2" + rng.bytes(2),
                ),
            ),
        )

    rounds(
        rng,
        conv,
        ask,
        lambda k: frame(k, (b"\x5a\0\xfe" + cipher(rng, 1, 220)) if vendor else b"\x10\0\x10\0\2"),
        most=80,
        pause=(0.01, 5),
    )


PROFILES: tuple[Profile, ...] = (
    Named(name="plant.iec104", about="IEC 60870-5-104.", write=_iec104, ports=(2404,)),
    Named(name="plant.opcua", about="OPC UA sessions.", write=_opcua,
        ports=(4840, 4840, 48010, 53530), most=4),
    Named(name="vendor.opcua_sealed", about="OPC UA, encrypted.", write=_opcua_sealed,
        ports=(4840, 48010), most=3),
    Named(name="plant.phasors", about="Synchrophasors.", write=_phasors, ports=(4712, 4713),
        most=1),
    Named(name="plant.phasors_udp", about="Synchrophasors.", write=_phasors, ports=(4713, 4712),
        over="udp"),
    Named(name="plant.cip", about="Implicit messages of EtherNet/IP.", write=_cip, ports=(2222,),
        over="udp", sport=2222),
    Named(name="plant.bacnet", about="Building automation.", write=_bacnet, ports=(47808,),
        over="udp", sport=-1, most=2),
    Named(name="plant.modbus", about="Modbus beyond polling.", write=_modbus, ports=(502,)),
)  # fmt: skip
