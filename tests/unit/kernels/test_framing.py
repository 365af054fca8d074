from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels import framing
from nalpml.features._views import entropy_table

EXPECTED = entropy_table()

# Few values, so that constants, counters, echoes and length fields come up.
octet = st.sampled_from([0, 1, 2, 3, 8, 16, 0x80, 0xFF])
payload = st.lists(octet, max_size=20).map(bytes)


@st.composite
def payloads(draw):
    parts = draw(st.lists(st.lists(payload, max_size=10), max_size=4))
    flat = [p for part in parts for p in part]
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
    sides = draw(st.lists(st.integers(0, 1), min_size=len(flat), max_size=len(flat)))
    used = draw(st.lists(st.booleans(), min_size=len(flat), max_size=len(flat)))
    return flat, np.array(sides, np.uint8), np.array(used, bool), offsets


def columns(flat):
    words = [p[:16].ljust(16, b"\0") for p in flat]
    high = np.array([int.from_bytes(w[:8], "big") for w in words], np.uint64)
    low = np.array([int.from_bytes(w[8:], "big") for w in words], np.uint64)
    return high, low, np.array([len(p) for p in flat], np.int64)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)


def entropy(values):
    shares = np.array(list(Counter(values).values())) / len(values)
    return -np.sum(shares * np.log2(shares))


def positions_twin(flat, sides, used, offsets, least):
    result = np.full((9, len(offsets) - 1), np.nan)
    for i in range(len(offsets) - 1):
        constants = [{}, {}]
        examined = [set(), set()]
        for side in (0, 1):
            window = range(offsets[i], offsets[i + 1])
            messages = [flat[j] for j in window if used[j] and sides[j] == side]
            messages = messages[: framing.MESSAGES]
            first = [o for m in messages for o in m[:16]]
            if first:
                result[4 * side + 3, i] = first.count(0) / len(first)
            counting, ratios = 0, []
            for place in range(16):
                seen = [m[place] for m in messages if len(m) > place]
                if len(seen) < least:
                    continue
                examined[side].add(place)
                value, often = Counter(seen).most_common(1)[0]
                steps = Counter((b - a) % 256 for a, b in itertools.pairwise(seen))
                steps.pop(0, None)
                if often >= 0.9 * len(seen):
                    constants[side][place] = value
                elif len(seen) >= 5 and steps and max(steps.values()) >= 0.6 * (len(seen) - 1):
                    counting += 1
                ratios.append(entropy(seen) / EXPECTED[len(seen)])
            if ratios:
                result[4 * side, i] = len(constants[side]) / len(ratios)
                result[4 * side + 1, i] = counting / len(ratios)
                result[4 * side + 2, i] = np.mean(ratios)
        both = examined[0] & examined[1]
        if both:
            same = [p for p in both if p in constants[0] and p in constants[1]]
            agree = sum(constants[0][p] == constants[1][p] for p in same)
            result[8, i] = agree / len(both)
    return result


@given(data=payloads(), least=st.integers(2, 4))
def test_octet_positions_equal_their_twin(data, least):
    flat, sides, used, offsets = data
    ours = framing.octet_positions(*columns(flat), used, sides, offsets, EXPECTED, least)
    close(ours, positions_twin(flat, sides, used, offsets, least))


def fields(data):
    # Every candidate for a length at the start of a payload of 8 octets and more.
    big = [int.from_bytes(data[i : i + 2], "big") for i in range(7)]
    little = [int.from_bytes(data[i : i + 2], "little") for i in range(7)]
    varint = -1
    for size in (1, 2, 3):
        if data[size - 1] < 128:
            varint = size + sum((data[i] & 127) << 7 * i for i in range(size))
            break
    return [*big, *little, *data[:4], varint]


def follow_twin(flat, sides, used, offsets, least):
    result = np.full((2, len(offsets) - 1), np.nan)
    for i in range(len(offsets) - 1):
        for side in (0, 1):
            window = range(offsets[i], offsets[i + 1])
            kept = [flat[j] for j in window if used[j] and sides[j] == side]
            pairs = [(a, b) for a, b in itertools.pairwise(kept) if len(a) != len(b)]
            if len(pairs) >= least:
                hits = np.zeros(19)
                for a, b in pairs:
                    hits += np.subtract(fields(b), fields(a)) == len(b) - len(a)
                result[side, i] = hits.max() / len(pairs)
    return result


@given(data=payloads(), least=st.integers(1, 3))
def test_follow_length_equals_its_twin(data, least):
    flat, sides, used, offsets = data
    used &= np.array([len(p) >= 8 for p in flat], bool)
    high, _, lengths = columns(flat)
    ours = framing.follow_length(high, lengths, used, sides, offsets, least)
    close(ours, follow_twin(flat, sides, used, offsets, least))


def states(data):
    *words, varint = fields(data)
    stated = any(
        word in (len(data), len(data) - place - 2, len(data) - place - 4)
        for place, word in zip([*range(7), *range(7)], words[:14], strict=True)
    )
    long = data[0] >= 128 and varint == len(data)
    return float(stated or long)


@given(data=payloads())
def test_states_length_equals_its_twin(data):
    flat, _, used, _ = data
    used &= np.array([len(p) >= 8 for p in flat], bool)
    high, _, lengths = columns(flat)
    theirs = [states(p) if u else np.nan for p, u in zip(flat, used, strict=True)]
    close(framing.states_length(high, lengths, used), np.array(theirs, np.float64))


def test_states_length_knows_common_frames():
    def stated(data):
        high, _, lengths = columns([data])
        return framing.states_length(high, lengths, np.array([True]))[0]

    body = bytes(range(200, 255)) * 4
    assert stated(len(body).to_bytes(4, "big") + body) == 1
    assert stated(len(body).to_bytes(4, "little") + body) == 1
    assert stated(b"MAGC" + len(body).to_bytes(2, "big") + body) == 1
    assert stated(b"Gh0st" + (13 + len(body)).to_bytes(4, "little") + b"\0\1\0\0" + body) == 1
    assert stated(bytes([len(body) & 127 | 128, len(body) >> 7]) + body) == 1
    assert stated(b"PASS secret, then some more of it") == 0


def replies_twin(flat, sides, used, offsets):
    result = np.full((2, len(flat)), np.nan)
    for i in range(len(offsets) - 1):
        kept = [j for j in range(offsets[i], offsets[i + 1]) if used[j]]
        for a, b in itertools.pairwise(kept):
            if sides[a] == 0 and sides[b] == 1:
                pairs = list(zip(flat[a][:16], flat[b][:16], strict=False))
                result[0, b] = sum(x == y for x, y in pairs) / max(len(pairs), 1)
                result[1, b] = flat[a] == flat[b]
    return result


@given(data=payloads())
def test_match_replies_equals_its_twin(data):
    flat, sides, used, offsets = data
    hashes = np.array([hash(p) & 0xFFFFFFFFFFFF for p in flat], np.uint64)
    ours = framing.match_replies(*columns(flat), hashes, used, sides, offsets)
    close(ours, replies_twin(flat, sides, used, offsets))


@given(data=payloads(), width=st.sampled_from([4, 16]), least=st.integers(1, 3))
def test_residue_share_equals_its_twin(data, width, least):
    flat, sides, used, offsets = data
    sizes = np.array([len(p) if u else np.nan for p, u in zip(flat, used, strict=True)], float)
    theirs = np.full((2, len(offsets) - 1), np.nan)
    for i in range(len(offsets) - 1):
        for side in (0, 1):
            window = range(offsets[i], offsets[i + 1])
            distinct = {len(flat[j]) for j in window if used[j] and sides[j] == side}
            if len(distinct) >= least:
                classes = Counter(size % width for size in distinct)
                theirs[side, i] = max(classes.values()) / len(distinct)
    close(framing.residue_share(sizes, sides, offsets, width, least), theirs)


def test_octet_positions_tell_headers_from_ciphertext():
    rng = np.random.default_rng(1)
    headers = [b"MAGC\x01\x00" + bytes([0, i, 0xFF - i]) + rng.bytes(7) for i in range(20)]
    cipher = [rng.bytes(16) for _ in range(20)]
    flat = [p for pair in zip(headers, cipher, strict=True) for p in pair]
    sides = np.arange(40, dtype=np.uint8) % 2
    used, offsets = np.ones(40, bool), np.array([0, 40], np.int64)
    rows = framing.octet_positions(*columns(flat), used, sides, offsets, EXPECTED, 2)[:, 0]
    assert rows[0] == 7 / 16
    assert rows[1] == 2 / 16
    assert rows[4] == rows[5] == rows[8] == 0
    assert rows[2] < 0.6 < 0.95 < rows[6]


def test_base_128_numbers_end_within_three_octets():
    high, _, lengths = columns([b"\xff\xff\xff\x7f" + bytes(96), b"\x64" + bytes(100)])
    used = np.ones(2, bool)
    assert framing.states_length(high, lengths, used).tolist() == [0, 0]
    # -1 where there is none, so a step from one to none is followed by no length.
    sides, offsets = np.zeros(2, np.uint8), np.array([0, 2], np.int64)
    assert framing.follow_length(high, lengths, used, sides, offsets, 1)[0, 0] == 0


def test_residues_count_each_size_once():
    sizes = np.array([20.0, 20.0, 36.0, 52.0, 21.0, 5.0, 5.0, 6.0])
    sides, offsets = np.zeros(8, np.uint8), np.array([0, 5, 8], np.int64)
    shares = framing.residue_share(sizes, sides, offsets, 16, 3)
    np.testing.assert_array_equal(shares[0], [0.75, np.nan])
