from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels import segments
from tests.unit.kernels import naive

numbers = st.one_of(
    st.just(np.nan), st.sampled_from([0.0, 1.0, 2.0, -3.5, 1e-9]), st.floats(-1e6, 1e6, width=32)
)


@st.composite
def ragged(draw):
    parts = draw(st.lists(st.lists(numbers, max_size=12), max_size=6))
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
    return np.array([v for p in parts for v in p], np.float64), offsets


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("name", sorted(naive.SEGMENTS))
@given(data=ragged())
def test_reductions_equal_their_twins(name, data):
    close(getattr(segments, name)(*data), naive.SEGMENTS[name](*data))


@given(data=ragged(), place=st.integers(0, 5))
def test_the_nth_value_equals_its_twin(data, place):
    close(segments.nth(*data, place), naive.nth(*data, place))


@given(data=ragged(), seed=st.integers(0, 99))
def test_keys_and_sides_equal_their_twins(data, seed):
    values, offsets = data
    rng = np.random.default_rng(seed)
    keys = rng.integers(0, 3, len(values)).astype(np.uint64)
    used = rng.random(len(values)) < 0.7
    sides = rng.integers(0, 2, len(values)).astype(np.uint8)
    close(segments.step(values, sides, offsets), naive.step(values, sides, offsets))
    ours = segments.repeats(keys, used, sides, offsets)
    close(ours, naive.repeats(keys, used, sides, offsets))


@given(data=ragged(), seed=st.integers(0, 99))
def test_taking_segments(data, seed):
    _values, offsets = data
    n = len(offsets) - 1
    order = np.random.default_rng(seed).permutation(n).astype(np.int64)
    lengths = np.diff(offsets)
    new = np.concatenate([[0], np.cumsum(lengths[order])]).astype(np.int64)
    taken = segments.take_segments(offsets, order, new)
    wanted = [j for i in order for j in range(offsets[i], offsets[i + 1])]
    assert taken.tolist() == wanted


def test_every_reduction_has_a_twin():
    others = {"nth", "step", "repeats", "share", "take_segments"}
    assert set(segments.__all__) == set(naive.SEGMENTS) | others
