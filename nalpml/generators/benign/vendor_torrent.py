"""BitTorrent and its relatives.

BEP 3, 5, 10, 15 and 29, the message stream encryption page; eDonkey, Kad and Nano as dissected.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import file_octets, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import cipher, lot, sized, wait
from nalpml.generators.benign.vendor_p2p import swarm

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _torrent(rng: Rng, conv: Conversation) -> None:
    sealed = rng.random() < 0.4
    if sealed:
        for d in (0, 1):
            conv.say(d, rng.bytes(96 + int(rng.integers(0, 513))), wait(rng))
        conv.say(0, rng.bytes(lot(rng, 60, 400)), wait(rng))
        conv.say(1, rng.bytes(lot(rng, 60, 400)), wait(rng))
    else:
        for d in (0, 1):
            conv.say(
                d,
                b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\5"
                + rng.bytes(20)
                + b"-qB4250-"
                + rng.bytes(12),
                wait(rng),
            )
            conv.say(d, sized(b"\x14\0d1:md11:ut_metadatai3e6:ut_pexi1eee"), wait(rng))

    def message(text: bytes) -> bytes:
        return rng.bytes(len(text) + 4) if sealed else sized(text)

    for d in (0, 1):
        conv.say(d, message(b"\5" + rng.bytes(lot(rng, 10, 300))), wait(rng))
    for _ in range(lot(rng, 1, 40)):
        conv.say(
            0, message(b"\6" + rng.bytes(4) + bytes(4) + b"\0\0\x40\0"), loguniform(rng, 1e-3, 20)
        )
        if rng.random() < 0.7:
            conv.say(
                1,
                message(
                    b"\7" + rng.bytes(8) + file_octets(rng, int(pick(rng, (512, 1400, 16384))))
                ),
                wait(rng),
            )
        if rng.random() < 0.2:
            conv.say(0, message(b""), float(pick(rng, (60.0, 120.0, 5.0))))


def _utp(rng: Rng, conv: Conversation) -> None:
    """uTP: 20 octets of header with clocks in microseconds; encrypted or plain inside."""
    ident, seq = (
        int(rng.integers(1 << 15)),
        [int(rng.integers(1 << 15)), int(rng.integers(1 << 15))],
    )
    begin = int(rng.integers(1 << 31))

    def packet(d: int, kind: int, text: bytes = b"") -> bytes:
        seq[d] += kind in (0, 4)
        now = (begin + int(conv.now * 1e6)) & 0xFFFFFFFF
        more = int(rng.random() < 0.1 and not text)
        head = struct.pack(
            ">BBHIIIHH",
            kind << 4 | 1,
            more,
            (ident + (d ^ (kind == 4))) & 0xFFFF,
            now,
            lot(rng, 100, 1e6),
            0xF0000,
            seq[d] & 0xFFFF,
            seq[1 - d] & 0xFFFF,
        )
        return head + (b"\0\4" + rng.bytes(4) if more else b"") + text

    for _ in range(int(rng.geometric(0.6))):
        conv.say(0, packet(0, 4), 1.0)
    if rng.random() < 0.8:
        conv.say(1, packet(1, 2), wait(rng))
        for _ in range(lot(rng, 1, 120)):
            d = int(rng.integers(2))
            conv.say(d, packet(d, 0, cipher(rng, 4, 1300)), loguniform(rng, 1e-4, 1))
            conv.say(1 - d, packet(1 - d, 2), wait(rng))


def _dht(rng: Rng, conv: Conversation) -> None:
    node = rng.bytes(20)
    for _ in range(int(rng.integers(1, 6))):
        mark, verb = rng.bytes(2), pick(rng, ("ping", "find_node", "get_peers"))
        more = (
            b""
            if verb == "ping"
            else (b"6:target20:" if verb == "find_node" else b"9:info_hash20:") + rng.bytes(20)
        )
        conv.say(
            0,
            b"d1:ad2:id20:"
            + node
            + more
            + f"e1:q{len(verb)}:{verb}1:t2:".encode()
            + mark
            + b"1:v4:LT\1\x321:y1:qe",
            loguniform(rng, 0.01, 20),
        )
        nodes = b"5:nodes208:" + rng.bytes(208) if more else b""
        conv.say(
            1,
            b"d2:ip6:"
            + rng.bytes(6)
            + b"1:rd2:id20:"
            + rng.bytes(20)
            + nodes
            + b"e1:t2:"
            + mark
            + b"1:y1:re",
            wait(rng),
        )


def _tracker(rng: Rng, conv: Conversation) -> None:
    mark = rng.bytes(4)
    conv.say(0, b"\0\0\4\x17\x27\x10\x19\x80" + bytes(4) + mark, 0.0)
    ident = rng.bytes(8)
    conv.say(1, bytes(4) + mark + ident, wait(rng))
    conv.say(
        0,
        ident
        + b"\0\0\0\1"
        + mark
        + rng.bytes(40)
        + bytes(24)
        + struct.pack(">I", 2)
        + bytes(4)
        + rng.bytes(4)
        + b"\xff" * 4
        + b"\x1a\xe1",
        wait(rng),
    )
    conv.say(
        1,
        b"\0\0\0\1" + mark + struct.pack(">III", 1800, 5, 9) + rng.bytes(6 * lot(rng, 1, 50)),
        wait(rng),
    )


def _shares(rng: Rng, conv: Conversation) -> None:
    """eDonkey, Kad, Gnutella and Nano datagrams: a letter, an opcode, addresses."""
    head = pick(rng, (b"\xe3", b"\xe4", b"\xc5", b"\xe5", b"RC\x12\x12\x11", b"GND\2"))
    for k in range(int(rng.integers(1, 6))):
        conv.say(
            k % 2,
            head + bytes((int(rng.integers(0x20, 0xA0)),)) + cipher(rng, 2, 500),
            wait(rng) if k % 2 else loguniform(rng, 0.1, 20),
        )


PROFILES: tuple[Profile, ...] = (
    swarm("p2p.torrent", "BitTorrent, plain and obfuscated.", _torrent,
        (6881, 51413, 6889, 50000)),
    swarm("p2p.utp", "uTP.", _utp, (6881, 51413, 6889, 8999), "udp"),
    swarm("p2p.dht", "BitTorrent's hash table.", _dht, (6881, 51413, 6882), "udp"),
    swarm("p2p.tracker", "UDP trackers.", _tracker, (6969, 1337, 80, 451), "udp"),
    swarm("vendor.shares", "eDonkey, Kad, Nano.", _shares, (4672, 4665, 7075, 6346), "udp"),
)  # fmt: skip
