"""Statistics that were published, against their definitions and published values."""

from __future__ import annotations

import gzip
import itertools
import math
import statistics
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nalpml._kernels.covert_timing import conditional_entropy
from nalpml.features import FLOW_FEATURES
from nalpml.features.covert_timing import _compressed
from tests.unit.features.small import datagrams
from tests.unit.kernels.test_rhythm import code_twin


def gaps_of(values: list[float]) -> list[float]:
    # A capture keeps nanoseconds.
    return [round(value * 1e9) / 1e9 for value in values]


def feature(name: str, gaps: list[float]) -> float:
    return float(FLOW_FEATURES[name].compute(datagrams(gaps))[0])


def entropy(symbols: list[tuple[int, ...]]) -> float:
    shares = [count / len(symbols) for count in Counter(symbols).values()]
    return -sum(p * math.log2(p) for p in shares)


def corrected_conditional_entropy(symbols: list[int], longest: int) -> list[float]:
    """CE(m) + perc(m) EN(1) for m = 1, 2, …, perc over the n - m + 1 patterns."""
    trace, before = [], 0.0
    for m in range(1, longest + 1):
        patterns = [tuple(symbols[i : i + m]) for i in range(len(symbols) - m + 1)]
        once = sum(count == 1 for count in Counter(patterns).values()) / len(patterns)
        joint = entropy(patterns)
        trace.append(joint - before + once * entropy([(s,) for s in symbols]))
        before = joint
    return trace


def generator(count: int) -> list[int]:
    state, symbols = 1, []
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        symbols.append((state >> 16) % 5)
    return symbols


def test_first_order_entropy_known_answer() -> None:
    assert entropy([(0,), (0,), (1,), (1,)]) == 1.0
    assert entropy([(s,) for s in generator(2000)]) == pytest.approx(2.3216, abs=5e-5)


def test_corrected_conditional_entropy_known_answers() -> None:
    trace = corrected_conditional_entropy(generator(2000), 5)
    assert trace == pytest.approx([2.3216, 2.3160, 2.2939, 2.2244, 2.6436], abs=5e-5)
    cycle = corrected_conditional_entropy([i % 5 for i in range(2000)], 3)
    assert cycle[1:] == pytest.approx([0, 0], abs=0.01)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(120, 300))
def test_conditional_entropy_equals_its_twin(seed: int, count: int) -> None:
    # All different, so that equal shares of ranks are the symbols.
    gaps = (np.random.default_rng(seed).permutation(count) + 1) * 1e-3
    ranks = np.argsort(np.argsort(gaps))
    edges = [((k + 1) * count) // 5 for k in range(4)]
    symbols = [sum(int(rank) >= edge for edge in edges) for rank in ranks]
    expected = max(min(corrected_conditional_entropy(symbols, 5)), 0)
    ours = conditional_entropy(
        gaps, np.zeros(count, np.uint8), np.array([0, count], np.int64), 0, 5, 5, 100
    )
    assert ours[0] == pytest.approx(expected, abs=1e-9)
    assert feature("conditional_entropy_orig", gaps.tolist()) == pytest.approx(expected, abs=1e-9)


def similarity(gaps: list[float], epsilon: float) -> float:
    kept = sorted(gaps)
    near = [a == 0 or (b - a) / a < epsilon for a, b in itertools.pairwise(kept)]
    return sum(near) / len(near)


GAPS = st.lists(st.integers(1, 3_000_000).map(lambda us: us / 1e6), min_size=110, max_size=160)
WIDE = st.one_of(GAPS, st.lists(st.sampled_from([0.04, 0.041, 0.08]), min_size=110, max_size=160))


@settings(max_examples=15)
@given(values=WIDE)
def test_statistics_equal_their_twins(values: list[float]) -> None:
    table = datagrams(values)
    times = table.column("time_ns")
    gaps = (np.diff(times) / 1e9).tolist()
    ours = {name: float(f.compute(table)[0]) for name, f in FLOW_FEATURES.items()
            if f.group == "covert_timing"}  # fmt: skip
    # A difference right at the limit is decided by rounding.
    assert ours["epsilon_similarity_orig"] == pytest.approx(similarity(gaps, 0.01), abs=0.02)
    top = sorted(gaps)[len(gaps) - len(gaps) // 3 :]
    assert ours["epsilon_similarity_top_orig"] == pytest.approx(similarity(top, 0.01), abs=0.06)
    text = "".join(map(code_twin, gaps)).encode()
    expected = len(text) / len(gzip.compress(text, 9, mtime=0)) if text else math.nan
    assert ours["compressibility_orig"] == pytest.approx(expected, nan_ok=True)
    parts = [gaps[i : i + 20] for i in range(0, len(gaps) - 19, 20)]
    spreads = [round(statistics.stdev(part), 12) for part in parts]
    ratios = [abs(a - b) / a for a, b in itertools.combinations(spreads, 2) if a > 0]
    spread = statistics.pstdev(ratios) if ratios else 0.0
    # Spreads at the limit of a float make ratios of noise.
    if all(s == 0 or s > 1e-9 for s in spreads):
        assert ours["regularity_orig"] == pytest.approx(spread, rel=1e-3, abs=1e-6)
    assert all(math.isnan(value) for name, value in ours.items() if name.endswith("_resp"))


def test_compressed_is_gzip_without_a_name() -> None:
    for text in (b"", b"25A25B25", bytes(range(48, 58)) * 50):
        assert _compressed(text) == len(gzip.compress(text, 9, mtime=0))


def test_a_timing_channel_stands_out() -> None:
    rng = np.random.default_rng(8)
    channel = gaps_of((0.04 + 0.04 * rng.integers(0, 2, 300) + rng.normal(0, 1e-4, 300)).tolist())
    human = gaps_of(rng.lognormal(-1.5, 1.2, 300).clip(1e-4, 20).tolist())[:90]
    human += gaps_of(rng.lognormal(-3, 1.5, 60).clip(1e-4, 5).tolist())
    assert feature("epsilon_similarity_orig", channel) > 0.95
    assert feature("epsilon_similarity_orig", channel) > feature("epsilon_similarity_orig", human)
    assert feature("compressibility_orig", channel) > feature("compressibility_orig", human)
    assert feature("regularity_orig", channel) < feature("regularity_orig", human)


def test_too_few_gaps_say_nothing() -> None:
    table = datagrams([0.1] * 40)
    for name, declared in FLOW_FEATURES.items():
        if declared.group == "covert_timing" and not name.startswith("regularity"):
            assert math.isnan(declared.compute(table)[0])
