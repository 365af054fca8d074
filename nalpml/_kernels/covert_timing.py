"""Statistics that the literature uses against covert timing channels, per segment."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["conditional_entropy", "epsilon_similarity"]


@kernel
def _of_side(values, sides, side, start, stop):
    kept = np.empty(stop - start)
    n = 0
    for j in range(start, stop):
        if sides[j] == side and values[j] == values[j]:
            kept[n] = values[j]
            n += 1
    return kept[:n]


@kernel
def _similar(kept, first, epsilon):
    near = 0
    for j in range(first, len(kept) - 1):
        step = kept[j + 1] - kept[j]
        if kept[j] == 0 or step / kept[j] < epsilon:
            near += 1
    return near / (len(kept) - 1 - first)


@kernel
def epsilon_similarity(values, sides, offsets, side, epsilon, least):
    """Share of one side's ascending values within a relative epsilon of the next.

    Parameters
    ----------
    values : float64 (m,)
        Inter-arrival times; NaN is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
    side : int
        Which side.
    epsilon : float
    least : int
        NaN below this many values, six at the least.

    Returns
    -------
    float64 (2, n)
        Over all values, and over the largest third.
    """
    least = max(least, 6)
    result = np.full((2, len(offsets) - 1), np.nan)
    for i in range(len(offsets) - 1):
        if offsets[i + 1] - offsets[i] < least:
            continue
        kept = _of_side(values, sides, side, offsets[i], offsets[i + 1])
        if len(kept) >= least:
            kept.sort()
            result[0, i] = _similar(kept, 0, epsilon)
            result[1, i] = _similar(kept, len(kept) - len(kept) // 3, epsilon)
    return result


@kernel
def _pattern_entropy(codes, counts):
    # (entropy in bits, share of patterns that occur once) of pattern codes; counts are zeros
    # before and after.
    n = len(codes)
    added = 0.0
    single = 0
    for j in range(n):
        counts[codes[j]] += 1
    for j in range(n):
        run = counts[codes[j]]
        if run:
            added += run * np.log2(run)
            single += run == 1
            counts[codes[j]] = 0
    return np.log2(n) - added / n, single / n


@kernel
def conditional_entropy(values, sides, offsets, side, symbols, longest, least):
    """Corrected conditional entropy of one side's values, the minimum over pattern lengths.

    Parameters
    ----------
    values : float64 (m,)
        Inter-arrival times; NaN is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
    side : int
        Which side.
    symbols : int
        Equiprobable bins, by rank within the segment.
    longest : int
        Longest pattern.
    least : int
        NaN below this many values.

    Returns
    -------
    float64 (n,)
        Bits, never negative.
    """
    least = max(least, longest + 1)
    result = np.full(len(offsets) - 1, np.nan)
    counts = np.zeros(symbols**longest, np.int64)
    edges = np.empty(symbols - 1)
    for i in range(len(result)):
        if offsets[i + 1] - offsets[i] < least:
            continue
        kept = _of_side(values, sides, side, offsets[i], offsets[i + 1])
        n = len(kept)
        if n < least:
            continue
        ascending = np.sort(kept)
        for k in range(symbols - 1):
            edges[k] = ascending[((k + 1) * n) // symbols]
        series = np.zeros(n, np.int64)
        for j in range(n):
            for k in range(symbols - 1):
                series[j] += kept[j] >= edges[k]
        before = 0.0
        base = 0.0
        best = np.inf
        codes = np.zeros(n, np.int64)
        for length in range(1, longest + 1):
            # Patterns of one symbol more, from those before.
            for j in range(n - length + 1):
                codes[j] = codes[j] * symbols + series[j + length - 1]
            joint, once = _pattern_entropy(codes[: n - length + 1], counts)
            if length == 1:
                base = joint
            best = min(best, joint - before + once * base)
            before = joint
        result[i] = max(best, 0.0)
    return result
