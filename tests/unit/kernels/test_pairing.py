from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels.pairing import pair_echoes
from tests.unit.kernels import naive

packets = st.tuples(
    st.integers(0, 2), st.integers(0, 1), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)
)


def paired(kinds, identifiers, sequences, hashes, sides, offsets, times):
    state, latency = np.empty(len(kinds), np.int8), np.empty(len(kinds))
    pair_echoes(kinds, identifiers, sequences, hashes, sides, offsets, state, latency, times)
    return state, latency


@given(rows=st.lists(packets, max_size=30), cut=st.integers(0, 30))
def test_pairs_equal_those_of_the_twin(rows, cut):
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    dtypes = (np.int8, np.uint16, np.uint16, np.uint64, np.uint8)
    arrays = [column.astype(dtype) for column, dtype in zip(columns, dtypes, strict=True)]
    n = len(rows)
    offsets = np.array([0, min(cut, n), n], np.int64)
    times = np.arange(n, dtype=np.int64) * 1_000_000
    ours = paired(*arrays, offsets, times)
    theirs = naive.pair_echoes(*arrays, offsets, times)
    np.testing.assert_array_equal(ours[0], theirs[0])
    np.testing.assert_allclose(ours[1], theirs[1])


def test_a_request_is_looked_for_in_the_last_128_packets():
    n = 130
    kinds = np.zeros(n, np.int8)
    kinds[0], kinds[128], kinds[129] = 1, 2, 2
    same = np.zeros(n, np.uint16)
    sides = np.zeros(n, np.uint8)
    sides[128:] = 1
    times = np.arange(n, dtype=np.int64) * 10**9
    state, latency = paired(
        kinds, same, same, np.zeros(n, np.uint64), sides, np.array([0, n]), times
    )
    assert (state[0], state[128], state[129]) == (2, 4, 6)
    assert latency[128] == 128.0
