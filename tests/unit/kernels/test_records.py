from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels import records

LIMIT = 1 << 20

frames = st.lists(
    st.tuples(
        st.integers(0, 2**32 - 1), st.integers(0, 999_999), st.binary(max_size=20),
        st.integers(0, 30),
    ),
    max_size=6,
)  # fmt: skip


def pcap(frames, *, order="<", extra=0) -> bytes:
    return b"".join(
        struct.pack(order + "IIII", s, f, len(d), len(d) + more) + bytes(extra) + d
        for s, f, d, more in frames
    )


def walk(data: bytes, *, order="<", nano=False, extra=0, room=100):
    times, offsets, captured, wire = np.zeros((4, room), np.int64)
    count, position, status = records.walk_pcap(
        np.frombuffer(data, np.uint8), 0, order == ">", nano, 16 + extra, LIMIT,
        times, offsets, captured, wire,
    )  # fmt: skip
    return list(zip(times, offsets, captured, wire, strict=True))[:count], position, status


@given(
    frames=frames, order=st.sampled_from("<>"), nano=st.booleans(), extra=st.sampled_from([0, 8])
)
def test_pcap_records_come_back(frames, order, nano, extra):
    data = pcap(frames, order=order, extra=extra)
    found, position, status = walk(data, order=order, nano=nano, extra=extra)
    assert (position, status) == (len(data), records.DONE)
    place = 0
    for (seconds, fraction, octets, more), (time, offset, captured, wire) in zip(
        frames, found, strict=True
    ):
        place += 16 + extra
        assert time == seconds * 10**9 + fraction * (1 if nano else 1000)
        assert (offset, captured, wire) == (place, len(octets), len(octets) + more)
        place += len(octets)


@given(frames=frames.filter(len), cut=st.integers(0, 200))
def test_a_cut_file_keeps_the_whole_records(frames, cut):
    data = pcap(frames)
    cut = min(cut, len(data))
    whole, place = 0, 0
    for _, _, octets, _ in frames:
        place += 16 + len(octets)
        if place > cut:
            place -= 16 + len(octets)
            break
        whole += 1
    found, position, status = walk(data[:cut])
    assert (len(found), position) == (whole, place)
    assert status == (records.DONE if place == cut else records.MORE)


def test_full_output_and_impossible_lengths_stop_the_walk():
    three = pcap([(1, 2, b"abc", 0)] * 3)
    assert walk(three, room=2)[1:] == (2 * 19, records.FULL)
    bad = pcap([(1, 2, b"abc", 0)]) + struct.pack("<IIII", 0, 0, LIMIT + 1, 0)
    assert walk(bad)[1:] == (19, records.DAMAGED)


# -------------------------------------------------------------------------------------- pcapng
def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    total = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + total + body + total


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(link: int, order: str = "<", snap: int = 0, options: bytes = b"") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snap) + options, order)


def enhanced(index: int, ticks: int, data: bytes, order: str = "<", wire: int = 0) -> bytes:
    head = struct.pack(
        order + "IIIII", index, ticks >> 32, ticks & 0xFFFFFFFF, len(data), wire or len(data)
    )
    return block(6, head + data, order)


def walk_ng(data: bytes, room: int = 50, limit: int = LIMIT):
    columns = np.zeros((5, room), np.int64)
    state, interfaces = np.zeros(3, np.int64), np.zeros((4, 5), np.int64)
    count, position, status = records.walk_pcapng(
        np.frombuffer(data, np.uint8), 0, state, interfaces, limit, *columns
    )
    return [tuple(row) for row in columns.T[:count].tolist()], position, status, state


@pytest.mark.parametrize("order", "<>")
def test_sections_interfaces_and_packet_blocks(order):
    data = (
        section(order)
        + interface(1, order)
        + interface(101, order, snap=2, options=option(9, b"\x09", order) + option(0, b"", order))
        + enhanced(0, 5_000_001, b"abc", order, wire=9)
        + enhanced(1, 7, b"de", order)
        + block(3, struct.pack(order + "I", 4) + b"wxyz", order)
        + block(2, struct.pack(order + "HHIIII", 1, 0, 0, 9, 2, 2) + b"fg", order)
        + block(0x0BAD, b"unknown", order)
        + enhanced(7, 1, b"h", order)
        + section("<")
        + interface(113)
        + enhanced(0, 2, b"i")
    )
    found, position, status, state = walk_ng(data)
    assert (position, status) == (len(data), records.DONE)
    times, _, captured, wire, links = zip(*found, strict=True)
    # The simple block repeats the time before it, as does the packet of no known interface.
    assert times == (5_000_001_000, 7, 7, 9, 9, 2000)
    assert captured == (3, 2, 4, 2, 1, 1)
    assert wire == (9, 2, 4, 2, 1, 1)
    assert links == (1, 101, 1, 101, -1, 113)
    assert state[2] == 1


def test_a_simple_packet_is_cut_by_the_snap_length():
    data = section() + interface(1, snap=2) + block(3, struct.pack("<I", 4) + b"wx")
    ((_, _, captured, wire, _),) = walk_ng(data)[0]
    assert (captured, wire) == (2, 4)


@given(
    ticks=st.integers(0, 2**40), exponent=st.integers(0, 18), binary=st.booleans(),
    offset=st.integers(-1000, 1000),
)  # fmt: skip
def test_times_in_every_resolution(ticks, exponent, binary, offset):
    ticks_per_second = 2**exponent if binary else 10**exponent
    ticks %= 2**31 * ticks_per_second  # within 68 years
    options = option(9, bytes([exponent | (0x80 if binary else 0)]))
    options += option(14, struct.pack("<q", offset))
    data = section() + interface(1, options=options) + enhanced(0, ticks, b"")
    ((time, *_),) = walk_ng(data)[0]
    exact = Fraction(ticks, ticks_per_second) * 10**9
    assert time - offset * 10**9 == exact.numerator // exact.denominator


def test_resolutions_finer_than_64_bits_hold_do_not_fail():
    for raw in (0xFF, 0xA8, 0x7F):
        data = section() + interface(1, options=option(9, bytes([raw]))) + enhanced(0, 2**63, b"")
        assert walk_ng(data)[2] == records.DONE


def test_options_that_do_not_fit_are_left_alone():
    options = struct.pack("<HH", 9, 400)
    offset = option(14, struct.pack("<q", 2**62))
    data = section() + interface(1, options=options) + interface(1, options=offset)
    data += enhanced(0, 3, b"") + enhanced(1, 3, b"")
    assert [row[0] for row in walk_ng(data)[0]] == [3000, 3000]


def test_damage_ends_the_walk_where_it_is():
    good = section() + interface(1) + enhanced(0, 1, b"abcd")
    assert walk_ng(good[:-1])[2] == records.MORE
    assert walk_ng(good + b"\1")[2] == records.MORE
    assert walk_ng(good + enhanced(0, 1, b""), room=1)[2] == records.FULL
    for total in (8, 13, LIMIT + 4):
        bad = struct.pack("<III", 6, total, 0)
        assert walk_ng(good + bad)[1:3] == (len(good), records.DAMAGED)
    magic = struct.pack("<III", 0x0A0D0D0A, 28, 0x12345678)
    assert walk_ng(good + magic + bytes(16))[2] == records.DAMAGED


def test_interfaces_beyond_those_remembered_are_unknown():
    data = section() + interface(1) * 6 + enhanced(3, 1, b"a") + enhanced(5, 1, b"b")
    assert [row[4] for row in walk_ng(data)[0]] == [1, -1]
