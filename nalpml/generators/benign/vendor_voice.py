"""Voice chat and meetings: media and control in datagrams.

TeamSpeak 3 and Viber as published analyses have them, Discord's voice documentation, Telegram's
reflectors, Zoom's media header as dissected, RFC 3550 (RTP).
"""

from __future__ import annotations

import base64
import struct

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, cipher, lot, short, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _reflector(rng: Rng, conv: Conversation) -> None:
    """Telegram calls: a 16-octet peer tag, then requests to the reflector or encrypted audio."""
    tag = rng.bytes(16)
    for _ in range(int(rng.integers(1, 6))):
        conv.say(
            0,
            tag
            + b"\xff" * 12
            + pick(rng, (b"\xfe\xff\xff\xff", b"\xff\xff\xff\xff"))
            + rng.bytes(8),
            0.5,
        )
        if rng.random() < 0.7:
            conv.say(1, tag + b"\xff" * 12 + b"\x03\x37\x04\xc0" + rng.bytes(24), wait(rng))
    for _ in range(int(rng.integers(0, 200))):
        conv.say(
            int(rng.integers(2)),
            tag + rng.bytes(16) + rng.bytes(16 * int(rng.integers(3, 14))),
            0.03,
        )


def _viber_udp(rng: Rng, conv: Conversation) -> None:
    call = rng.bytes(8)
    for k in range(lot(rng, 1, 300)):
        kind = pick(rng, (b"\x01\0\0\0", b"\x12\0", b"\x0a\0", b"\x03\0\0\0"))
        conv.say(
            int(rng.integers(2)),
            call[:4] + kind + call[4:] + struct.pack(">H", k) + cipher(rng, 8, 160),
            0.03,
        )


def _teamspeak(rng: Rng, conv: Conversation) -> None:
    """TS3INIT1, then packets with a MAC of eight octets, a number and a type; lost ones again."""
    magic, stamp = b"TS3INIT1", rng.bytes(4)
    version = bytes.fromhex("06345f5c")
    steps = (
        (0, magic + b"\0\x65\0\0\x88" + version + b"\0" + stamp + rng.bytes(4) + bytes(8)),
        (1, magic + b"\0\x65\x88\x01" + rng.bytes(16) + stamp),
        (0, magic + b"\0\x65\0\0\x88" + version + b"\2" + rng.bytes(20)),
        (1, magic + b"\0\x65\x88\x03" + rng.bytes(232)),
        (
            0,
            magic
            + b"\0\x65\0\0\x88"
            + version
            + b"\4"
            + rng.bytes(296)
            + b"clientinitiv alpha="
            + base64.b64encode(rng.bytes(10)),
        ),
    )
    answered = rng.random() < 0.6
    for d, text in steps:
        if d == 0 or answered:
            conv.say(d, text, wait(rng))
        for _ in range(int(rng.integers(0, 12)) if not answered else 0):
            conv.say(0, text, 0.6)
    client = rng.bytes(2)
    number = [0, 0]
    for _ in range(int(rng.integers(0, 150))):
        d = int(rng.integers(2))
        number[d] += 1
        kind, size = pick(rng, ((0, 100), (0, 80), (2, 200), (4, 0), (5, 2), (6, 2)))
        if not answered and d:
            continue
        text = (
            rng.bytes(8)
            + short(number[d])
            + (client if d == 0 else b"")
            + bytes((kind | 0x20 * (kind == 2),))
            + rng.bytes(size)
        )
        conv.say(d, text, 0.02 if kind == 0 else loguniform(rng, 1e-3, 2))
        if not answered:
            conv.say(d, text, 0.5)


def _voice(rng: Rng, conv: Conversation) -> None:
    """Discord: discovery of 74 octets, then RTP whose bodies are encrypted; silence frames."""
    source = rng.bytes(4)
    conv.say(0, b"\0\1\0\x46" + source + bytes(66), 0.0)
    if rng.random() < 0.9:
        conv.say(
            1, b"\0\2\0\x46" + source + b"203.0.113.9".ljust(64, b"\0") + rng.bytes(2), wait(rng)
        )
    seq, stamp, beat = (
        int(rng.integers(1 << 16)),
        int(rng.integers(1 << 31)),
        int(rng.integers(1 << 10)),
    )
    for k in range(lot(rng, 5, 400)):
        if k % 150 == 0:
            conv.say(0, b"\x13\x37\xca\xfe" + struct.pack("<I", beat + k // 150), 1e-3)
            conv.say(1, b"\x13\x37\xf0\x0d" + struct.pack("<I", beat + k // 150), wait(rng))
        d = int(rng.random() < 0.6)
        head = struct.pack(
            ">BBHI", 0x90, 0x78, (seq + k) & 0xFFFF, (stamp + 960 * k) & 0xFFFFFFFF
        ) + (source if d == 0 else source[::-1])
        conv.say(d, head + b"\xbe\xde\0\1" + rng.bytes(int(rng.integers(40, 160))), 0.02)


def _meeting(rng: Rng, conv: Conversation) -> None:
    """Zoom: a media header of type, counter and direction before RTP, or keep-alives."""
    conv.say(0, b"\1\0\2" + rng.bytes(30), 0.0)
    conv.say(1, b"\2\0\3" + rng.bytes(30), wait(rng))
    seq, stamp, source = int(rng.integers(1 << 16)), int(rng.integers(1 << 31)), rng.bytes(4)
    kind = pick(rng, (15, 16, 30))
    for k in range(lot(rng, 3, 500)):
        d = int(rng.random() < 0.5)
        head = (
            b"\5"
            + short(seq + k)
            + bytes(4)
            + bytes((4 * d,))
            + bytes((kind,))
            + bytes(8)
            + short(k)
            + struct.pack(">I", stamp + k)
        )
        rtp = (
            struct.pack(">BBHI", 0x90, 98, (seq + k) & 0xFFFF, (stamp + 90 * k) & 0xFFFFFFFF)
            + source
        )
        conv.say(d, head + bytes(4) + rtp + b"\xbe\xde\0\2" + cipher(rng, 40, 1000), 0.015)


PROFILES: tuple[Profile, ...] = (
    Named(name="vendor.reflector", about="Telegram calls.", write=_reflector,
        ports=(*range(520, 600), 1400), over="udp", scope="wan", most=5),
    Named(name="vendor.viber_call", about="Viber calls.", write=_viber_udp,
        ports=(7985, 7987, 5243, 9785), over="udp", scope="wan", most=3),
    Named(name="chat.teamspeak", about="TeamSpeak 3.", write=_teamspeak, ports=(9987, 9987, 2010),
        over="udp", scope="wan", most=12),
    Named(name="chat.voice", about="Discord voice.", write=_voice,
        ports=tuple(range(50000, 50020)), over="udp", scope="wan", most=4),
    Named(name="vendor.meeting", about="Zoom media.", write=_meeting, ports=(8801, 8802, 3478),
        over="udp", scope="wan"),
)  # fmt: skip
