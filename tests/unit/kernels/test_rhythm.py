from __future__ import annotations

import itertools
import statistics
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels import rhythm
from tests.unit.kernels.test_describe import sided

gaps = st.one_of(
    st.just(np.nan),
    st.sampled_from([0.0, 1e-9, 0.04, 0.08, 0.25, 1.0, 1.9, 30.0]),
    st.integers(0, 10**10).map(lambda ns: ns / 1e9),
)
long = sided(gaps, 40)


def close(ours, theirs, tolerance=1e-9):
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)


def windows(values, sides, offsets, side):
    for i in range(len(offsets) - 1):
        rows = slice(offsets[i], offsets[i + 1])
        yield [
            v
            for v, s in zip(values[rows].tolist(), sides[rows].tolist(), strict=True)
            if v == v and s == side
        ]


def beacon_twin(values, least):
    kept = sorted(v for v in values if v > 0)
    if len(kept) < least:
        return np.nan
    q1, q2, q3 = np.quantile(kept, [0.25, 0.5, 0.75])
    skew = 0.0 if q2 in (q1, q3) else (q1 + q3 - 2 * q2) / (q3 - q1)
    median = statistics.median(kept)
    away = statistics.median(abs(v - median) for v in kept)
    return (1 - abs(skew)) / 2 + max((median - away) / median, 0) / 2


def variation_twin(values):
    if len(values) < 3 or not any(values):
        return np.nan
    return statistics.pstdev(values) / statistics.fmean(values)


@given(data=sided(st.integers(0, 4000)), idle=st.sampled_from([0.2, 1.0]))
def test_bursts_equal_their_twin(data, idle):
    steps, sides, offsets = data
    # Eighths of a second are exact, so that equal times are equal.
    times = np.concatenate(
        [np.cumsum(np.round(steps[a:b] / 125) / 8) for a, b in itertools.pairwise(offsets)]
        or [steps]
    )
    sizes = np.arange(len(times)) % 7.0
    sizes[sizes == 3] = np.nan
    theirs = np.full((5, len(offsets) - 1), np.nan)
    for i, (a, b) in enumerate(itertools.pairwise(offsets)):
        starts = [j for j in range(a, b) if j == a or times[j] - times[j - 1] > idle]
        theirs[0, i] = len(starts)
        if len(starts) < 2:
            continue
        ends = [*starts[1:], b]
        octets = [
            sum(sizes[k] for k in range(j, end) if sides[k] == 0 and sizes[k] == sizes[k])
            for j, end in zip(starts, ends, strict=True)
        ]
        between = [float(times[k] - times[j]) for j, k in itertools.pairwise(starts)]
        theirs[1:, i] = (
            statistics.median(between), variation_twin(between),
            beacon_twin(between, 4), beacon_twin(octets, 4),
        )  # fmt: skip
    close(rhythm.bursts(times, sizes, sides, offsets, idle), theirs, 1e-6)


@given(values=st.lists(gaps.filter(lambda v: v == v), max_size=20), least=st.integers(1, 4))
def test_beacon_score_equals_its_twin(values, least):
    theirs = beacon_twin(values, least)
    ours = rhythm.beacon_score(np.array(values, np.float64), least)
    # Where the median is a quartile but for rounding the skewness is noise in both.
    assert ours == pytest.approx(theirs, abs=1e-6, nan_ok=True)


def test_beacon_score_of_clockwork_is_one():
    assert rhythm.beacon_score(np.full(8, 60.0), 4) == 1
    uniform = 60.0 + np.array([-6, -4, -2, 0, 0, 2, 4, 6.0])
    assert rhythm.beacon_score(uniform, 4) > 0.95
    human = np.array([0.1, 0.2, 0.3, 0.4, 3.0, 9.0, 40.0, 90.0])
    assert rhythm.beacon_score(human, 4) < 0.6


@given(data=long, side=st.integers(0, 1))
def test_periodicity_equals_its_twin(data, side):
    theirs = np.full(len(data[2]) - 1, np.nan)
    for i, kept in enumerate(windows(*data, side)):
        centred = np.array(kept) - np.mean(kept) if kept else np.array([])
        squares = np.sum(centred**2)
        if len(kept) >= 8 and squares > 1e-18 * len(kept):
            theirs[i] = max(np.sum(centred[lag:] * centred[:-lag]) / squares for lag in range(2, 6))
    close(rhythm.periodicity(*data, side, 5, 8), theirs, 1e-6)


def test_periodicity_of_a_pattern_is_near_one():
    pattern = np.tile([0.1, 0.5, 2.0], 100)
    sides, offsets = np.zeros(300, np.uint8), np.array([0, 300], np.int64)
    assert rhythm.periodicity(pattern, sides, offsets, 0, 16, 24)[0] > 0.98


def regularity_twin(kept, width):
    parts = [kept[i : i + width] for i in range(0, len(kept) - width + 1, width)]
    deviations = [statistics.stdev(part) for part in parts]
    if len(deviations) < 3:
        return np.nan
    ratios = [abs(a - b) / a for a, b in itertools.combinations(deviations, 2) if a > 1e-12]
    return statistics.pstdev(ratios) if ratios else 0.0


@given(data=long, side=st.integers(0, 1), width=st.integers(2, 6))
def test_regularity_equals_its_twin(data, side, width):
    theirs = [regularity_twin(kept, width) for kept in windows(*data, side)]
    ours = rhythm.regularity(*data, side, width)
    both = np.array(theirs, np.float64)
    # Deviations at the limit of precision make ratios of noise.
    fair = np.isnan(both) | (both < 1e6)
    close(ours[fair], both[fair], 1e-5)


def code_twin(gap):
    nanoseconds = round(gap * 1e9)
    if nanoseconds <= 0:
        return "@"
    value = Decimal(nanoseconds).scaleb(-9)
    unit = Decimal(1).scaleb(value.adjusted() - 1)
    rounded = (value / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
    digits = f"{rounded:f}".partition(".")[2].rstrip("0")
    zeros = len(digits) - len(digits.lstrip("0"))
    if rounded >= 1:
        return digits
    return (chr(64 + zeros) if zeros else "") + digits.lstrip("0")


@pytest.mark.parametrize(
    "gap, code",
    [(0.247, "25"), (0.0247, "A25"), (0.00247, "B25"), (1.9, "9"), (0.0, "@"), (0.25, "25"),
     (0.9961, ""), (0.0996, "1"), (2.0, ""), (25.5, ""), (0.5, "5"), (5e-9, "H5")],
)  # fmt: skip
def test_gap_codes_known_answers(gap, code):
    text, bounds = rhythm.gap_codes(
        np.array([gap]), np.zeros(1, np.uint8), np.array([0, 1], np.int64), 0, 1
    )
    assert text.tobytes().decode() == code == code_twin(gap)
    assert bounds.tolist() == [0, len(code)]


@given(data=sided(gaps), side=st.integers(0, 1), least=st.integers(1, 4))
def test_gap_codes_equal_their_twin(data, side, least):
    text, bounds = rhythm.gap_codes(*data, side, least)
    for i, kept in enumerate(windows(*data, side)):
        written = text[bounds[i] : bounds[i + 1]].tobytes().decode()
        assert written == ("".join(map(code_twin, kept)) if len(kept) >= least else "")


def test_no_spread_has_no_period():
    sides, offsets = np.zeros(30, np.uint8), np.array([0, 30], np.int64)
    assert np.isnan(rhythm.periodicity(np.ones(30), sides, offsets, 0, 4, 8)[0])


def test_regularity_of_clockwork_is_zero():
    sides, offsets = np.zeros(60, np.uint8), np.array([0, 60], np.int64)
    assert rhythm.regularity(np.ones(60), sides, offsets, 0, 20)[0] == 0
    # A stretch without spread has no ratio to the others.
    values = np.concatenate([np.ones(20), np.tile([0.5, 1.5], 10), np.tile([0.0, 2.0], 10)])
    expected = regularity_twin(values.tolist(), 20)
    np.testing.assert_allclose(rhythm.regularity(values, sides, offsets, 0, 20), [expected])
