from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels.covert_timing import conditional_entropy, epsilon_similarity
from tests.unit.kernels import naive

gaps = st.lists(
    st.one_of(st.just(np.nan), st.sampled_from([0.0, 0.1, 0.1001, 0.2]), st.floats(0, 10)),
    max_size=40,
)


def lcg_symbols() -> np.ndarray:
    """x <- (1103515245 x + 12345) mod 2**31 from 1; symbols (x >> 16) % 5; 2,000 of them."""
    state, symbols = 1, []
    for _ in range(2000):
        state = (1103515245 * state + 12345) % 2**31
        symbols.append((state >> 16) % 5)
    return np.array(symbols)


def on_one_side(values):
    return np.asarray(values, float), np.zeros(len(values), np.uint8)


@given(first=gaps, second=gaps, epsilon=st.sampled_from([0.005, 0.1]), least=st.integers(0, 8))
def test_statistics_equal_their_twins(first, second, epsilon, least):
    kept = np.array(first + second, float)
    offsets = np.array([0, len(first), len(kept)])
    # The other side's values, one behind each, are passed over.
    values, sides = np.repeat(kept, 2), np.tile([1, 0], len(kept)).astype(np.uint8)
    values[1::2] = 7.5
    ours = epsilon_similarity(values, sides, 2 * offsets, 1, epsilon, least)
    at_least = max(least, 6)
    np.testing.assert_allclose(ours[0], naive.epsilon_similarity(kept, offsets, epsilon, at_least))
    np.testing.assert_allclose(
        ours[1], naive.epsilon_similarity_top(kept, offsets, epsilon, at_least)
    )
    np.testing.assert_allclose(
        conditional_entropy(values, sides, 2 * offsets, 1, 3, 4, least),
        naive.conditional_entropy(kept, offsets, 3, 4, least),
        atol=1e-9,
    )


def test_known_corrected_conditional_entropy():
    # Minimum 2.2244 at patterns of four with singletons counted among n - m + 1 patterns; the
    # entropy of single symbols is 2.3216.
    symbols = lcg_symbols()
    assert naive.entropy(symbols.tolist()) == pytest.approx(2.3216, abs=5e-5)
    assert naive.conditional_entropy_of(symbols.tolist(), 6) == pytest.approx(2.2244, abs=5e-5)


def test_bins_of_equal_probability_keep_equally_frequent_symbols():
    # 400 of each symbol: binning by rank gives the symbols back, so both agree.
    rng = np.random.default_rng(1)
    symbols = rng.permutation(np.repeat(np.arange(5), 400))
    values = symbols + 1.0
    (ours,) = conditional_entropy(*on_one_side(values), np.array([0, 2000]), 0, 5, 8, 50)
    assert ours == pytest.approx(naive.conditional_entropy_of(symbols.tolist(), 8), abs=1e-9)


def test_a_cycle_has_no_conditional_entropy():
    values = np.tile(np.arange(5.0), 80)
    (ours,) = conditional_entropy(*on_one_side(values), np.array([0, 400]), 0, 5, 5, 50)
    assert ours == pytest.approx(0.0, abs=1e-9)


def test_two_gap_lengths_are_similar_and_a_heavy_tail_is_not():
    rng = np.random.default_rng(2)
    channel = rng.choice([0.04, 0.08], 2000) + rng.normal(0, 1e-5, 2000)
    tail = rng.pareto(1.0, 2000) * 0.001
    values, offsets = np.concatenate([channel, tail]), np.array([0, 2000, 4000])
    covert, legitimate = epsilon_similarity(*on_one_side(values), offsets, 0, 0.005, 50)[0]
    assert covert > 0.98 > legitimate
