"""Order statistics of one side of each segment, all from one sort.

Half of all features are a statistic of a handful of quantities (payload lengths, gaps, header
fields): sorting each once is what keeps them cheap.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["STATISTICS", "describe"]

STATISTICS = (
    "count", "mean", "std", "minimum", "maximum", "q1", "median", "q3", "distinct", "modal",
    "entropy",
)  # fmt: skip
"""Rows of what `describe` returns."""


@kernel
def _quantile(kept, n, share):
    place = share * (n - 1)
    low = int(np.floor(place))
    high = min(low + 1, n - 1)
    return kept[low] + (kept[high] - kept[low]) * (place - low)


@kernel
def describe(values, sides, offsets, side):
    """Describe the values of one side of each segment.

    Parameters
    ----------
    values : float64 (m,)
        NaN marks what is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segment ``i`` is ``values[offsets[i]:offsets[i + 1]]``.
    side : int
        0 or 1, or 2 for both.

    Returns
    -------
    float64 (11, n)
        A row a statistic, in the order of `STATISTICS`: number of values (0 for none), mean,
        population standard deviation (NaN below two), extremes, quartiles (linear between
        neighbours), number of distinct values, share of the most frequent one, entropy of
        their distribution in bits; NaN without values.
    """
    segments = len(offsets) - 1
    result = np.full((11, segments), np.nan)
    longest = 0
    for i in range(segments):
        longest = max(longest, offsets[i + 1] - offsets[i])
    scratch = np.empty(longest)
    for i in range(segments):
        n = 0
        centre = 0.0
        squares = 0.0
        for j in range(offsets[i], offsets[i + 1]):
            value = values[j]
            if value == value and (side == 2 or sides[j] == side):
                scratch[n] = value
                n += 1
                delta = value - centre  # Welford's update
                centre += delta / n
                squares += delta * (value - centre)
        result[0, i] = n
        if n == 0:
            continue
        kept = scratch[:n]
        kept.sort()
        result[1, i] = centre
        if n >= 2:
            result[2, i] = np.sqrt(squares / n)
        result[3, i] = kept[0]
        result[4, i] = kept[n - 1]
        result[5, i] = _quantile(kept, n, 0.25)
        result[6, i] = _quantile(kept, n, 0.5)
        result[7, i] = _quantile(kept, n, 0.75)
        distinct = 0
        modal = 0
        added = 0.0
        run = 1
        for j in range(1, n + 1):
            if j < n and kept[j] == kept[j - 1]:
                run += 1
            else:
                distinct += 1
                modal = max(modal, run)
                added += run * np.log2(run)
                run = 1
        result[8, i] = distinct
        result[9, i] = modal / n
        result[10, i] = max(np.log2(n) - added / n, 0.0)
    return result
