"""Kernels that compute many statistics in one pass, against one obvious loop for each."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels.contents import CONTENTS, contents
from nalpml._kernels.fields import FIELDS, FLAGS, fields
from nalpml._kernels.intervals import BOTH_INTERVALS, SIDE_INTERVALS, gaps, intervals
from nalpml._kernels.lengths import lengths
from nalpml._kernels.openings import openings
from nalpml._kernels.segments import share
from nalpml.capture.packets import PACKET_DTYPE
from nalpml.features._views import entropy_table, expected_entropy
from tests.unit.kernels.test_describe import sided

NAN = float("nan")


@st.composite
def rows(draw, **columns):
    """Packets of few segments with drawn columns, and where the segments start."""
    counts = draw(st.lists(st.integers(1, 12), max_size=4))
    table = np.zeros(sum(counts), PACKET_DTYPE)
    for name, values in {"direction": st.integers(0, 1), **columns}.items():
        table[name] = draw(st.lists(values, min_size=len(table), max_size=len(table)))
    return table, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def close(ours, theirs, tolerance=1e-9):
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)


def mean(values):
    kept = [v for v in values if v == v]
    return statistics.fmean(kept) if kept else NAN


def entropy(values):
    shares = np.array(list(Counter(values).values())) / max(len(values), 1)
    return float(-np.sum(shares * np.log2(shares)))


def steps(values):
    return [b - a for a, b in itertools.pairwise(values)]


def windows(table, offsets):
    for a, b in itertools.pairwise(offsets):
        yield [{name: row[name].item() for name in PACKET_DTYPE.names} for row in table[a:b]]


# ---------------------------------------------------------------------------- payloads


def uneven(rows):
    """Chi-squares against the moments of the multinomial law, as signed logarithm."""
    if not rows:
        return NAN
    variance = sum(510 * (n - 1) / n for n in (row["payload_cap"] for row in rows))
    z = sum(row["chi_square"] - 255 for row in rows) / variance**0.5
    return float(np.sign(z) * np.log2(1 + abs(z)))


def coarse_entropy(rows):
    """Entropy of the mixture that is even inside each class of octets."""

    def summed(name):
        return sum(row[name] for row in rows)

    octets = summed("payload_cap")
    bins = {
        1: summed("zeros"), 29: octets - summed("zeros") - summed("printable") - summed("high"),
        22: summed("hex"), 45: summed("base64") - summed("hex"),
        31: summed("printable") - summed("base64"), 128: summed("high"),
    }  # fmt: skip
    total = sum(bins.values())
    if total < 16:
        return NAN
    shares = [(n / total, size) for size, n in bins.items() if n > 0]
    return max(-sum(p * np.log2(p / size) for p, size in shares), 0.0)


def contents_twin(window):
    kept = [row for row in window if row["payload_cap"] > 0]
    sized = [row for row in kept if row["payload_cap"] >= 8]

    def expected(octets):
        return float(expected_entropy(np.array([octets]))[0])

    ratios = [row["entropy"] / max(expected(row["payload_cap"]), 1e-9) for row in sized]
    deltas = [
        row["delta_entropy"] / max(expected(min(row["payload_cap"], 512) - 1), 1e-9)
        for row in kept
        if row["payload_cap"] >= 9
    ]
    long = [row for row in kept if row["payload_cap"] >= 12]
    runs = [row for row in kept if row["payload_cap"] >= 4]
    copies = [row for row in kept if row["payload_cap"] >= 16]
    tails = [row["tail_hash"] for row in kept if row["payload_cap"] > 16]
    return {
        "entropy": mean(row["entropy"] for row in kept),
        "delta": mean(deltas),
        "correlation": mean(row["serial_corr"] for row in kept),
        **{
            to: mean(row[to] / row["payload_cap"] for row in kept)
            for to in ("printable", "zeros", "high")
        },
        **{
            to: mean(row[to] / min(row["payload_cap"], 512) for row in runs)
            for to in ("repeat", "ramp")
        },
        "base64": mean(float(row["base64"] >= row["payload_cap"]) for row in long),
        "copied": mean(r["copied"] / min(r["payload_cap"], 256) for r in copies),
        "uneven": uneven(sized),
        "classes": coarse_entropy(kept),
        "ratio": mean(ratios),
        "ratio_min": min(ratios, default=NAN),
        "ratio_std": statistics.pstdev(ratios) if len(ratios) > 1 else NAN,
        "ratio_first": ratios[0] if ratios else NAN,
        "printable_first": kept[0]["printable"] / kept[0]["payload_cap"] if kept else NAN,
        "tail_distinct": len(set(tails)) / len(tails) if len(tails) > 1 else NAN,
    }


octets = st.sampled_from([0, 1, 4, 8, 9, 12, 16, 17, 32, 600, 3000])
few = st.integers(0, 12)
PAYLOADS = rows(
    payload_cap=octets, entropy=st.floats(0, 8, width=32), delta_entropy=st.floats(0, 8, width=32),
    serial_corr=st.sampled_from([NAN, -0.5, 0.0, 0.9]), printable=few, zeros=few, high=few,
    repeat=few, ramp=few, base64=few, hex=few, copied=few,
    chi_square=st.floats(0, 1e6, width=32), tail_hash=st.integers(0, 2),
)  # fmt: skip


@given(data=PAYLOADS)
def test_contents_equal_their_twin(data):
    table, offsets = data
    ours = contents(table, table["payload_cap"] > 0, offsets, entropy_table())
    for i, window in enumerate(windows(table, offsets)):
        for side in (0, 1):
            theirs = contents_twin([row for row in window if row["direction"] == side])
            close(ours[side, :, i], [theirs[name] for name in CONTENTS])


# ------------------------------------------------------------------------ header fields


def is_text(value):
    pair = value >> 8, value & 255
    plain = [chr(o).isprintable() and o < 127 for o in pair]
    return all(plain) or (any(plain) and 0 in pair)


def varied(values):
    return (len(set(values)) - 1) / (len(values) - 1) if len(values) >= 4 else NAN


def fields_twin(window):
    v4 = [row for row in window if row["ip_version"] == 4]
    tcp = [row for row in window if row["proto"] == 6]
    ids = [row["ip_id"] for row in v4]
    jumps = [step % 65536 for step in steps(ids)]
    hops = steps([row["ttl"] for row in window if row["ip_version"]])
    stamps = [row["tcp_tsval"] % 2 for row in tcp if row["tcp_tsval"]]
    asked = [row["icmp_seq"] for row in window if (row["proto"], row["icmp_type"]) in PINGS]
    paces = [step % 65536 for step in steps(asked)]
    return {
        "ttl_step_entropy": entropy(hops) if len(hops) >= 3 else NAN,
        "ip_id_step_entropy": entropy(jumps) if len(jumps) >= 3 else NAN,
        "ip_id_counting": mean(
            float(step <= 256 or (step % 256 == 0 and step <= 8192)) for step in jumps
        ),
        "ip_id_zero": mean(float(value == 0) for value in ids),
        "ip_id_text": mean(float(is_text(value)) for value in ids if value),
        "tos_distinct": varied([row["tos"] for row in window]),
        "flow_label_distinct": varied([r["flow_label"] for r in window if r["ip_version"] == 6]),
        "tcp_window_distinct": varied([row["tcp_window"] for row in tcp]),
        "tcp_timestamp_odd": mean(stamps) if len(stamps) >= 8 else NAN,
        "icmp_sequence_entropy": entropy(paces) if len(paces) >= 3 else NAN,
    }


PINGS = {(1, 8), (58, 128)}


def flags_twin(window):
    v4 = [row for row in window if row["ip_version"] == 4]
    tcp = [row for row in window if row["proto"] == 6]
    asked = [row["icmp_seq"] for row in window if (row["proto"], row["icmp_type"]) in PINGS]
    first = [row["tcp_seq"] for row in tcp if row["tcp_flags"] & 2]
    return {
        "isn_round": mean(float(number % 4096 == 0) for number in first),
        "urgent_idle": mean(float(r["tcp_urgent"] > 0 and not r["tcp_flags"] & 32) for r in tcp),
        "dont_fragment": mean(float(row["ip_frag"] & 0x4000 > 0) for row in v4),
        "evil_bit": mean(float(row["ip_frag"] & 0x8000 > 0) for row in v4),
        "unanswered_syn": mean(float(row["tcp_flags"] & 0x12 == 2) for row in tcp),
        "sequence_text": mean(float(is_text(value)) for value in asked if value > 255),
    }


word = st.sampled_from([0, 1, 2, 256, 512, 0x4100, 0x4142, 0x0042, 0x7F00, 0xFFFF])
HEADERS = rows(
    ip_version=st.sampled_from([0, 4, 4, 6]), proto=st.sampled_from([1, 6, 6, 58, 17]),
    icmp_type=st.sampled_from([0, 8, 128]), role=st.sampled_from([0, 0, 0, 1, 2]),
    ttl=st.sampled_from([63, 64]), tos=st.integers(0, 1), ip_id=word, icmp_seq=word,
    flow_label=st.integers(0, 1), tcp_window=st.integers(0, 2), tcp_tsval=st.integers(0, 4),
    tcp_seq=st.sampled_from([0, 5, 4096]), tcp_flags=st.sampled_from([2, 0x12, 0x10, 0x30]),
    tcp_urgent=st.integers(0, 1), ip_frag=st.sampled_from([0, 0x4000, 0x8000]),
)  # fmt: skip


@given(data=HEADERS)
def test_fields_equal_their_twin(data):
    table, offsets = data
    sides, both = fields(table, offsets)
    for i, window in enumerate(windows(table, offsets)):
        own = [row for row in window if row["role"] != 1]
        for side in (0, 1):
            theirs = fields_twin([row for row in own if row["direction"] == side])
            close(sides[side, :, i], [theirs[name] for name in FIELDS])
        theirs = flags_twin(own)
        close(both[:, i], [theirs[name] for name in FLAGS])


# ------------------------------------------------------------------ lengths, gaps, openings

sizes = st.one_of(st.just(NAN), st.sampled_from([1.0, 16.0, 17.0, 1200.0, 1400.0]))


@given(data=sided(sizes))
def test_lengths_equal_their_twin(data):
    values, sides, offsets = data
    own = np.arange(len(values)) % 3 != 1
    own |= values == values
    ours = lengths(values, own, sides, offsets)
    for i, (a, b) in enumerate(itertools.pairwise(offsets)):
        signed = [v if s == 0 else -v for v, s in zip(values[a:b], sides[a:b], strict=True)]
        kept = [v for v in signed if v == v]
        turns = [float(y == -x) for x, y in itertools.pairwise(signed) if x * y < 0]
        theirs = [*kept[:8], *[NAN] * (8 - len(kept[:8]))]
        theirs += [sum(v for v in kept if v > 0), -sum(v for v in kept if v < 0)]
        theirs += [mean(float(abs(v) >= 1200) for v in kept)]
        theirs += [mean(float(abs(v) <= 16) for v in kept), mean(turns)]
        theirs += [len(kept) / own[a:b].sum() if own[a:b].any() else NAN]
        close(ours[:, i], theirs)


def variation(values):
    if len(values) < 3 or not any(values):
        return NAN
    return statistics.pstdev(values) / statistics.fmean(values)


def modal_bin(values):
    # Bins of ten per cent; times right at an edge are not drawn.
    bins = Counter(np.floor(np.log(np.maximum(values, 1e-6)) / np.log(1.1)).tolist())
    return max(bins.values()) / len(values) if len(values) >= 8 else NAN


@given(data=sided(st.sampled_from([0, 0, 3 * 10**6, 10**9, 10**9, 7 * 10**9, -(10**8)]), 30))
def test_intervals_equal_their_twin(data):
    walk, sides, offsets = data
    times = np.cumsum(walk).astype(np.int64) + 10**15
    nonempty = np.diff(offsets) > 0
    starts = np.zeros(len(offsets) - 1, np.int64)
    starts[nonempty] = times[offsets[:-1][nonempty]]
    since, gap, side_gap = gaps(times, starts, sides, offsets)
    one, both = intervals(gap, side_gap, sides, offsets)
    for i, (a, b) in enumerate(itertools.pairwise(offsets)):
        own = (times[a:b] - starts[i]) / 1e9
        close(since[a:b], own)
        every = [max(step, 0.0) for step in steps(own)]
        close(gap[a + 1 : b], every)
        assert np.isnan(gap[a : min(a + 1, b)]).all()
        for side in (0, 1):
            kept = [max(s, 0.0) for s in steps(own[sides[a:b] == side])]
            close(side_gap[a:b][sides[a:b] == side][1:], kept)
            theirs = {
                "mean": mean(kept), "cv": variation(kept), "maximum": max(kept, default=NAN),
                "median": statistics.median(kept) if kept else NAN, "modal": modal_bin(kept),
            }  # fmt: skip
            close(one[side, :, i], [theirs[name] for name in SIDE_INTERVALS], 1e-6)
        turned = sides[a:b][1:] != sides[a:b][:-1]
        answers = [g for g, t, s in zip(every, turned, sides[a:b][1:], strict=True) if t and s]
        logs = np.log10(np.maximum(every, 1e-6))
        theirs = {
            "cv": variation(every), "minimum": min(every, default=NAN),
            "log_std": np.std(logs) if len(every) > 1 else NAN,
            "turnaround_median": statistics.median(answers) if answers else NAN,
            "turn_share": mean(turned.astype(float)),
        }  # fmt: skip
        close(both[:, i], [theirs[name] for name in BOTH_INTERVALS], 1e-6)


texts = st.sampled_from(
    [
        b"ls\n",
        b"# ",
        b"sh-5.1$ ",
        b"\n",
        b" ",
        b"x: ",
        b"a" * 16 + b"\n",
        b"\0\0\0\2ab",
        b"",
        b"MAGC1",
    ]
)


@given(
    data=rows(payload_off=st.integers(0, 0)), drawn=st.data(),
)  # fmt: skip
def test_openings_equal_their_twin(data, drawn):
    table, offsets = data
    flat = drawn.draw(st.lists(texts, min_size=len(table), max_size=len(table)))
    starts = np.array(drawn.draw(st.lists(st.booleans(), min_size=len(flat), max_size=len(flat))))
    for row, text in zip(table, flat, strict=True):
        row["payload_cap"] = row["payload_len"] = len(text)
        head = text[:16].ljust(16, b"\0")
        row["prefix_hi"] = int.from_bytes(head[:8], "big")
        row["prefix_lo"] = int.from_bytes(head[8:], "big")
    starts = (table["payload_cap"] > 0) & starts.astype(bool)
    stated = np.where(starts, np.arange(len(flat)) % 2, np.nan)
    ours = openings(table, starts, stated, offsets)
    for i, (a, b) in enumerate(itertools.pairwise(offsets)):
        for side in (0, 1):
            mine = [j for j in range(a, b) if table["direction"][j] == side and flat[j]]
            heads = [flat[j][:4] for j in mine if starts[j] and len(flat[j]) >= 4]
            modal = max(Counter(heads).values(), default=0)
            theirs = [
                modal / len(heads) if len(heads) >= 2 else NAN,
                mean(stated[j] for j in mine),
            ]
            close(ours[side, :, i], theirs)


@given(data=sided(st.integers(0, 3)), side=st.integers(0, 2))
def test_share_equals_its_twin(data, side):
    values, sides, offsets = data
    mask, among = values >= 2, values % 2 == 1
    ours = share(mask, among, sides, offsets, side)
    for i, (a, b) in enumerate(itertools.pairwise(offsets)):
        kept = [float(mask[j]) for j in range(a, b) if among[j] and side in (2, sides[j])]
        close(ours[i], mean(kept))
