"""Games and what surrounds them: state in datagrams, lobbies, queries, launchers.

Valve's server queries (developer.valvesoftware.com), RakNet's offline messages (source, BSD),
the Minecraft protocol (wiki.vg), Photon's and ENet's published headers, Battle.net and Riot as
their dissectors describe them; the rest is drawn, as studios do: a sequence number, an
acknowledgement, a bit field, and quantised or encrypted state.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_bodies import body, document
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator
_MAGIC = bytes.fromhex("00ffff00fefefefefdfdfdfd12345678")


def _ticks(
    rng: Rng, conv: Conversation, make: Callable[[int, int], bytes], *, most: float = 40.0
) -> None:
    """Both ends at their own rate for a while; the server sends more."""
    length, begin = loguniform(rng, 0.3, most), conv.now
    for d in (0, 1):
        rate = float(pick(rng, (5, 10, 15, 20, 30, 33, 60))) * (
            1 if d else float(pick(rng, (1, 1, 2)))
        )
        n = int(min(400, length * rate))
        noise = rng.exponential(0.1 / rate, n)
        for k in range(n):
            conv.at(begin + k / rate + float(noise[k]), d, make(d, k))
    conv.now = begin + length


def _state(rng: Rng, conv: Conversation) -> None:
    """A studio's own: counters in clear, then packed or encrypted state."""
    style = pick(rng, ("bits", "records", "sealed", "sealed", "masked"))
    make = body(rng, style)
    head = pick(rng, ("<H", ">H", "<I", "<HH", ">HH", "<BHH", "<IIH", ">BH", "<HI"))
    session = rng.bytes(int(pick(rng, (0, 0, 1, 2, 4, 8))))
    begin = [int(rng.integers(1 << 14)) for _ in range(2)]
    base = [loguniform(rng, 8, 80), loguniform(rng, 20, 500)]
    spread = float(rng.uniform(0, 0.5))

    def frame(d: int, k: int) -> bytes:
        values = [begin[d] + k, begin[1 - d] + k, k & 7]
        fields = [
            v & {"B": 0xFF, "H": 0xFFFF, "I": 0xFFFFFFFF}[c]
            for v, c in zip(values, head[1:], strict=False)
        ]
        return (
            session
            + struct.pack(head, *fields)
            + make(max(1, int(base[d] * float(rng.lognormal(0, spread)))))[:1200]
        )

    hello = rng.random()
    if hello < 0.7:
        first = session + word(rng).encode() + b"\0" + rng.bytes(int(pick(rng, (4, 16, 32, 100))))
        for _ in range(int(pick(rng, (1, 1, 2, 4)))):
            conv.say(0, first, 0.2)
        if hello < 0.6:
            conv.say(1, session + rng.bytes(int(pick(rng, (4, 16, 32, 64)))), wait(rng))
    _ticks(rng, conv, frame)


def _query(rng: Rng, conv: Conversation) -> None:
    ask = b"\xff\xff\xff\xff" + pick(
        rng, (b"TSource Engine Query\0", b"U\xff\xff\xff\xff", b"V\xff\xff\xff\xff")
    )
    for _ in range(int(rng.geometric(0.5))):
        conv.say(0, ask, loguniform(rng, 0.1, 10))
        if rng.random() < 0.5:
            token = rng.bytes(4)
            conv.say(1, b"\xff\xff\xff\xffA" + token, wait(rng))
            conv.say(0, ask + token, wait(rng))
        if rng.random() < 0.85:
            conv.say(
                1,
                b"\xff\xff\xff\xffI\x11"
                + sentence(rng, 4).encode()
                + b"\0"
                + word(rng).encode()
                + b"\0csgo\0\0"
                + rng.bytes(20),
                wait(rng),
            )


def _raknet(rng: Rng, conv: Conversation) -> None:
    mtu, guid = int(pick(rng, (1400, 1464, 1492, 576))), rng.bytes(8)
    if rng.random() < 0.3:
        conv.say(0, b"\1" + struct.pack(">Q", int(rng.integers(1 << 30))) + _MAGIC + guid, 0.0)
        conv.say(
            1,
            b"\x1c"
            + struct.pack(">Q", 99)
            + guid[::-1]
            + _MAGIC
            + sized(f"MCPE;{word(rng)};390;1.14;0;10".encode(), ">H"),
            wait(rng),
        )
    for _ in range(int(rng.geometric(0.6))):
        conv.say(
            0, (b"\5" + _MAGIC + bytes((int(pick(rng, (6, 9, 10))),))).ljust(mtu - 28, b"\0"), 0.5
        )
    conv.say(1, b"\6" + _MAGIC + guid[::-1] + b"\0" + short(mtu), wait(rng))
    conv.say(0, b"\7" + _MAGIC + b"\4" + rng.bytes(6) + short(mtu) + guid, wait(rng))
    conv.say(
        1, b"\x08" + _MAGIC + guid[::-1] + b"\4" + rng.bytes(6) + short(mtu) + b"\0", wait(rng)
    )
    count = [0, 0]
    for _ in range(lot(rng, 3, 150)):
        d = int(rng.integers(2))
        inner = b"\xfe" + cipher(rng, 4, 700)
        count[d] += 1
        conv.say(
            d,
            b"\x84"
            + count[d].to_bytes(3, "little")
            + b"\x60"
            + short(8 * len(inner))
            + count[d].to_bytes(3, "little")
            + bytes(4)
            + inner,
            0.03,
        )
        if rng.random() < 0.6:
            conv.say(1 - d, b"\xc0\0\1\1" + count[d].to_bytes(3, "little"), wait(rng))


def _photon(rng: Rng, conv: Conversation) -> None:
    """Photon and ENet: peer, flags, count, time, challenge, then commands with lengths."""
    challenge, begin = rng.bytes(4), int(rng.integers(1 << 24))

    def frame(d: int, k: int, kind: int, text: bytes) -> bytes:
        command = struct.pack(">BBBBII", kind, 0, 1, 4, 12 + len(text), k) + text
        return (
            struct.pack(">HBBI", 0 if d else 0xFFFF if k == 0 else 1, 0, 1, begin + 50 * k)
            + challenge
            + command
        )

    conv.say(
        0,
        frame(
            0,
            0,
            2,
            bytes.fromhex("000004b000008000000000020000000000000000000013880000000200000002"),
        ),
        0.0,
    )
    conv.say(1, frame(1, 0, 3, rng.bytes(32)), wait(rng))
    for k in range(lot(rng, 2, 150)):
        d = int(rng.integers(2))
        if rng.random() < 0.3:
            conv.say(d, frame(d, k, 5, b""), 1.0)
            conv.say(1 - d, frame(1 - d, k, 1, struct.pack(">II", k, begin)), wait(rng))
        else:
            conv.say(
                d,
                frame(
                    d,
                    k,
                    6,
                    b"\xf3\2"
                    + bytes((int(rng.integers(256)),))
                    + b"\0\3"
                    + body(rng, "bits")(lot(rng, 4, 200)),
                ),
                0.08,
            )


def _minecraft(rng: Rng, conv: Conversation) -> None:
    def frame(text: bytes) -> bytes:
        n, out = len(text), bytearray()
        while n > 127:
            out.append(n & 127 | 128)
            n >>= 7
        return bytes((*out, n)) + text

    host = hostname(rng).encode()
    login = rng.random() < 0.5
    conv.say(
        0,
        frame(
            b"\0\xfb\5" + bytes((len(host),)) + host + short(25565) + bytes((2 if login else 1,))
        ),
        1e-3,
    )
    if not login:
        conv.say(0, frame(b"\0"), 1e-4)
        made = json.dumps(
            {
                "version": {"name": "1.19"},
                "players": {"max": 20},
                "description": document(rng, [word(rng)] * 6, 300),
            }
        ).encode()
        conv.say(1, frame(b"\0" + bytes((len(made) & 127 | 128, len(made) >> 7)) + made), wait(rng))
        return
    conv.say(0, frame(b"\0\5" + b"Alice"), wait(rng))
    conv.say(1, frame(b"\1\0\x80\1" + rng.bytes(162) + b"\4" + rng.bytes(4)), wait(rng))
    conv.say(0, frame(b"\1\x80\1" + rng.bytes(128) + b"\x80\1" + rng.bytes(128)), wait(rng))
    for _ in range(lot(rng, 5, 300)):
        conv.say(int(rng.random() < 0.8), cipher(rng, 6, 1500), 0.05 * float(rng.exponential()))


def _lobby(rng: Rng, conv: Conversation) -> None:
    """Launchers and realms: a two- or three-octet length, an opcode, records or ciphertext."""
    order, wide = pick(rng, ("<", ">")), rng.random() < 0.5
    make = body(rng, pick(rng, ("records", "tlv", "sealed", "path", "protobuf", "bits")))
    server_first = rng.random() < 0.4

    def frame(text: bytes) -> bytes:
        code = struct.pack(order + "H", int(rng.integers(1, 600)))
        return struct.pack(order + ("I" if wide else "H"), len(text) + 2) + code + text

    for d in (1, 0) if server_first else (0, 1):
        conv.say(
            d,
            frame((word(rng).encode() if d == 0 else b"") + rng.bytes(lot(rng, 4, 120))),
            wait(rng),
        )
    pace = loguniform(rng, 0.02, 10)
    for _ in range(lot(rng, 1, 100)):
        conv.say(
            int(rng.random() < 0.6), frame(make(lot(rng, 1, 400))), pace * float(rng.exponential())
        )


def _regions(rng: Rng, conv: Conversation) -> None:
    """Delay measurements to many regions: a small constant or a counter, echoed."""
    text = pick(
        rng,
        (
            rng.bytes(4),
            bytes(8),
            word(rng).encode(),
            b"ping",
            rng.bytes(16),
            b"\xff\xff" + rng.bytes(9),
        ),
    )
    count = rng.random() < 0.5
    for k in range(int(rng.integers(1, 15))):
        one = text + struct.pack("<I", k) if count else text
        conv.say(0, one, float(pick(rng, (0.05, 0.1, 0.5, 1.0))))
        if rng.random() < 0.85:
            conv.say(1, one if rng.random() < 0.7 else one + rng.bytes(4), 5e-5)


def _pia(rng: Rng, conv: Conversation) -> None:
    """Consoles' peer sessions: a constant of four octets, counters, a tag and ciphertext."""
    magic, peer = pick(rng, (b"\x32\xab\x98\x64", rng.bytes(4))), bytes((int(rng.integers(256)),))

    def frame(d: int, k: int) -> bytes:
        size = 16 * int(rng.integers(1, 9))
        return (
            magic
            + pick(rng, (b"\1", b"\2"))
            + peer
            + short(k)
            + short(20 * k)
            + short(17)
            + rng.bytes(8)
            + rng.bytes(16)
            + rng.bytes(size)
        )

    for _ in range(int(rng.integers(1, 8))):
        conv.say(0, magic + b"\1" + peer + bytes(6) + rng.bytes(24), 0.3)
        if rng.random() < 0.6:
            conv.say(1, magic + b"\1" + peer + bytes(6) + rng.bytes(24), wait(rng))
    if rng.random() < 0.7:
        _ticks(rng, conv, frame, most=15.0)


def _turn_based(rng: Rng, conv: Conversation) -> None:
    """Text or JSON behind a length, a click at a time, with a heartbeat."""
    make = body(rng, pick(rng, ("json", "packed", "pairs", "masked", "squeezed")))
    rounds(
        rng,
        conv,
        lambda k: sized(make(lot(rng, 10, 300))),
        lambda k: sized(make(lot(rng, 20, 3000))),
        pause=(0.3, 12),
    )


_HIGH = (
    7000,
    7777,
    7086,
    8181,
    9011,
    15011,
    20011,
    25383,
    28665,
    33335,
    40000,
    50609,
    3074,
    5055,
    27015,
    30000,
)

PROFILES: tuple[Profile, ...] = (
    Named(name="vendor.game_state", about="State in datagrams.", write=_state, ports=_HIGH,
        over="udp", scope="wan", most=2),
    Named(name="game.query", about="Server queries.", write=_query, ports=(27015, 27016),
        over="udp", scope="wan", most=3),
    Named(name="vendor.raknet", about="RakNet.", write=_raknet, ports=(19132, 60030, 61455),
        over="udp", scope="wan", most=3),
    Named(name="game.photon", about="Photon and ENet.", write=_photon, ports=(5055, 5056, 27001),
        over="udp", scope="wan", most=2),
    Named(name="game.minecraft", about="Minecraft status and play.", write=_minecraft,
        ports=(25565,), scope="wan", most=3),
    Named(name="vendor.game_lobby", about="Launchers and realms.", write=_lobby, scope="wan",
        most=3, ports=(1119, 3724, 8085, 3653, 2099, 5223, 80, 443, 10012, 31003)),
    Named(name="vendor.game_regions", about="Delays to regions.", write=_regions,
        ports=(8181, 3480, 9989, 7007), over="udp", scope="wan", most=8),
    Named(name="vendor.game_pia", about="Peers of consoles.", write=_pia,
        ports=(49432, 56955, 50251, 33335), over="udp", scope="wan", most=5),
    Named(name="vendor.game_turns", about="Mobile games, a click at a time.", write=_turn_based,
        scope="wan", ports=(80, 443, 8080, 9339, 20731)),
)  # fmt: skip
