from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels.sequence import sequence_state

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

segment = st.tuples(
    st.sampled_from([0, 1, 5, 10, 15, 2**32 - 1, 2**32 - 5, 2**31, 2**31 + 7]),  # number
    st.sampled_from([0, 1, 5, 10]),  # octets
    st.sampled_from([ACK, ACK, PSH | ACK, SYN, FIN | ACK, RST]),
    st.booleans(),
    st.integers(0, 1),
)


def run(segments, offsets):
    columns = [list(column) for column in zip(*segments, strict=True)] or [[]] * 5
    types = (np.uint32, np.int64, np.uint16, bool, np.uint8)
    arrays = [np.array(column, dtype) for column, dtype in zip(columns, types, strict=True)]
    return sequence_state(*arrays, np.array(offsets, np.int64))


def twin(segments, offsets):
    result = []
    for a, b in itertools.pairwise(offsets):
        following = {}
        for number, octets, flags, used, side in segments[a:b]:
            state = np.nan
            if used and not flags & RST:
                end = (number + octets + bool(flags & SYN) + bool(flags & FIN)) % 2**32
                if side not in following or flags & SYN:
                    following[side] = end
                else:
                    ahead = (number - following[side]) % 2**32
                    probe = ahead == 2**32 - 1 and octets <= 1
                    state = 0 if ahead == 0 or probe else 2 if ahead < 2**31 else 1
                    if (end - following[side]) % 2**32 < 2**31:
                        following[side] = end
            result.append(state)
    return result


@given(parts=st.lists(st.lists(segment, max_size=10), max_size=4))
def test_sequence_state_equals_its_twin(parts):
    flat = [s for part in parts for s in part]
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(int).tolist()
    np.testing.assert_array_equal(run(flat, offsets), np.array(twin(flat, offsets), float))


def test_a_connection():
    segments = [
        (100, 0, SYN, True, 0), (900, 0, SYN | ACK, True, 1), (101, 0, ACK, True, 0),
        (101, 50, PSH | ACK, True, 0),  # data
        (101, 50, PSH | ACK, True, 0),  # again
        (150, 1, ACK, True, 0),  # keep-alive
        (400, 9, PSH | ACK, True, 0),  # from nowhere
        (901, 7, PSH | ACK, True, 1),
    ]  # fmt: skip
    states = run(segments, [0, len(segments)])
    np.testing.assert_array_equal(states, [np.nan, np.nan, 0, 0, 1, 0, 2, 0])
