from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels.describe import STATISTICS, describe

numbers = st.one_of(
    st.just(np.nan), st.sampled_from([0.0, 1.0, 2.0, -3.5]), st.floats(-1e6, 1e6, width=32)
)


@st.composite
def sided(draw, values=numbers, longest=12):
    parts = draw(st.lists(st.lists(values, max_size=longest), max_size=6))
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
    flat = np.array([v for p in parts for v in p], np.float64)
    sides = np.array(draw(st.lists(st.integers(0, 1), min_size=len(flat), max_size=len(flat))))
    return flat, sides.astype(np.uint8), offsets


def twin(values, sides, offsets, side):
    result = np.full((len(STATISTICS), len(offsets) - 1), np.nan)
    for i in range(len(offsets) - 1):
        kept = [
            v
            for v, s in zip(
                values[offsets[i] : offsets[i + 1]], sides[offsets[i] : offsets[i + 1]], strict=True
            )
            if v == v and side in (2, s)
        ]
        result[0, i] = len(kept)
        if not kept:
            continue
        often = Counter(kept).values()
        shares = np.array(list(often)) / len(kept)
        result[1:, i] = (
            np.mean(kept),
            np.std(kept) if len(kept) > 1 else np.nan,
            min(kept),
            max(kept),
            *np.quantile(kept, [0.25, 0.5, 0.75]),
            len(often),
            max(often) / len(kept),
            -np.sum(shares * np.log2(shares)),
        )
    return result


@given(data=sided(), side=st.sampled_from([0, 1, 2]))
def test_describe_equals_its_twin(data, side):
    np.testing.assert_allclose(
        describe(*data, side), twin(*data, side), rtol=1e-9, atol=1e-6, equal_nan=True
    )
