"""What a header field is said to have carried is read back from the packets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from nalpml.generators import Entry, Generated, MixConfig, generate

Symbols = Callable[[bytes, int], list[int]]
"""(one Ethernet frame, width) -> the symbols that a reader of that width may see, or none."""


def _transport(frame: bytes) -> int:
    return 54 if frame[12:14] == b"\x86\xdd" else 34


def _number(at: int, size: int, drop: int = 0) -> Symbols:
    """A field `at` octets after the start of the transport header; negative ones of IPv4's."""

    def read(frame: bytes, width: int) -> list[int]:
        start = _transport(frame) + at
        value = int.from_bytes(frame[start : start + size], "big") >> drop
        return [value & ((1 << width) - 1), value >> (8 * size - drop - width)]

    return read


def _stamp(frame: bytes, width: int) -> list[int]:
    start = _transport(frame) + 20
    if frame[start : start + 4] != b"\1\1\x08\x0a" or frame[start - 7] & 2:
        return []
    return [int.from_bytes(frame[start + 4 : start + 8], "big") & ((1 << width) - 1)]


def _class(frame: bytes, width: int) -> list[int]:
    six = frame[12:14] == b"\x86\xdd"
    octet = (frame[14] & 15) << 4 | frame[15] >> 4 if six else frame[15]
    return [octet >> (0 if width == 8 else 2) & ((1 << width) - 1)]


def _label(frame: bytes, width: int) -> list[int]:
    return [int.from_bytes(frame[15:18], "big") & 0xFFFFF & ((1 << width) - 1)]


def _reserved(frame: bytes, width: int) -> list[int]:
    return [frame[_transport(frame) + 12] >> 1 & 7]


def _unchecked(frame: bytes, width: int) -> list[int]:
    return [int(frame[40:42] == b"\0\0")]


READERS: dict[str, tuple[list[Symbols], tuple[int, ...]]] = {
    "ip_id": ([_number(-16, 2)], (16, 8)),
    "tos": ([_class], (1, 2, 6, 8)),
    "flow_label": ([_label], (20, 16, 8)),
    "urgent": ([_number(18, 2)], (16, 8)),
    "timestamps": ([_stamp], (1, 2, 4)),
    "reserved": ([_reserved], (1, 2, 3)),
    "fragment": ([_number(-14, 2, drop=14), _number(-14, 2, drop=15)], (1,)),
    "window": ([_number(14, 2)], (2, 4, 8)),
    "icmp_id": ([_number(4, 2)], (16,)),
    "icmp_seq": ([_number(6, 2)], (16, 8)),
    "checksum": ([_unchecked], (1,)),
}


def _sent(made: Generated, conversation: int, side: int) -> list[bytes]:
    chosen = (made.labels["conversation"] == conversation) & (made.labels["direction"] == side)
    f = made.frames
    return [
        f.data[f.offsets[i] : f.offsets[i + 1]].tobytes()
        for i in np.flatnonzero(chosen.to_numpy()).tolist()
    ]


def _readings(frames: list[bytes], name: str) -> Iterator[str]:
    """The message in hexadecimal digits, by every reader and width there is."""
    readers, widths = READERS[name]
    for read in readers:
        for width in widths:
            rows = [seen for frame in frames if (seen := read(frame, width))]
            for way in range(len(rows[0]) if rows else 0):
                symbols = np.array([row[way] for row in rows], np.int64)
                bits = symbols[:, None] >> np.arange(width - 1, -1, -1) & 1
                yield np.packbits(bits.ravel().astype(np.uint8)).tobytes().hex()


def _carrying(name: str) -> Iterator[tuple[Generated, int, str]]:
    entry = (Entry(profile=f"header_storage.{name}", count=6),)
    config = MixConfig(entry=entry, duration=60, hosts=12, midstream=0, one_way=0, resolution=1)
    made = generate(config, seed=8)
    for row in made.conversations.itertuples():
        if row.bits:
            yield made, row.conversation, row.bits


@pytest.mark.parametrize("name", list(READERS))
def test_the_field_holds_the_bits(name: str) -> None:
    found = 0
    for made, conversation, bits in _carrying(name):
        ways = [set(_readings(_sent(made, conversation, side), name)) for side in (0, 1)]
        assert any(bits in way for way in ways), conversation
        found += 1
    assert found >= 4


def test_the_hop_limit_holds_the_bits() -> None:
    """A symbol lowers it by as many steps; the highest value seen is no step."""
    found = 0
    for made, conversation, bits in _carrying("ttl"):
        read = set()
        for side in (0, 1):
            frames = _sent(made, conversation, side)
            limits = np.array([f[21] if f[12:14] == b"\x86\xdd" else f[22] for f in frames])
            for step in (1, 2, 8, 16):
                for width in (1, 2):
                    if len(limits) and limits.min() > 1:
                        symbols = (limits.max() - limits.astype(np.int64)) // step
                        shifts = symbols[:, None] >> np.arange(width - 1, -1, -1) & 1
                        read.add(np.packbits(shifts.ravel().astype(np.uint8)).tobytes().hex())
        assert bits in read
        found += 1
    assert found >= 4
