"""Statistics that the literature uses against covert timing channels, per segment."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["conditional_entropy", "epsilon_similarity", "epsilon_similarity_top"]


@kernel
def _ascending(values, start, stop):
    kept = np.empty(stop - start)
    n = 0
    for j in range(start, stop):
        if values[j] == values[j]:
            kept[n] = values[j]
            n += 1
    kept = kept[:n]
    kept.sort()
    return kept


@kernel
def _similar(kept, first, epsilon):
    near = 0
    for j in range(first, len(kept) - 1):
        step = kept[j + 1] - kept[j]
        if kept[j] == 0 or step / kept[j] < epsilon:
            near += 1
    return near / (len(kept) - 1 - first)


@kernel
def epsilon_similarity(values, offsets, epsilon, least):
    """Share of ascending values within a relative epsilon of the next.

    Parameters
    ----------
    values : float64 (m,)
        Inter-arrival times; NaN is passed over.
    offsets : int64 (n + 1,)
    epsilon : float
    least : int
        NaN below this many values.

    Returns
    -------
    float64 (n,)
    """
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        kept = _ascending(values, offsets[i], offsets[i + 1])
        if len(kept) >= max(least, 2):
            result[i] = _similar(kept, 0, epsilon)
    return result


@kernel
def epsilon_similarity_top(values, offsets, epsilon, least):
    """`epsilon_similarity` over the largest third of the values."""
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        kept = _ascending(values, offsets[i], offsets[i + 1])
        if len(kept) >= max(least, 6):
            result[i] = _similar(kept, len(kept) - len(kept) // 3, epsilon)
    return result


@kernel
def _pattern_entropy(codes):
    # (entropy in bits, share of patterns that occur once) of sorted pattern codes.
    n = len(codes)
    added = 0.0
    single = 0
    run = 1
    for j in range(1, n + 1):
        if j < n and codes[j] == codes[j - 1]:
            run += 1
        else:
            added += run * np.log2(run)
            single += run == 1
            run = 1
    return np.log2(n) - added / n, single / n


@kernel
def conditional_entropy(values, offsets, symbols, longest, least):
    """Corrected conditional entropy, the minimum over pattern lengths.

    Parameters
    ----------
    values : float64 (m,)
        Inter-arrival times; NaN is passed over.
    offsets : int64 (n + 1,)
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
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        kept = _ascending(values, offsets[i], offsets[i + 1])
        n = len(kept)
        if n < max(least, longest + 1):
            continue
        edges = np.empty(symbols - 1)
        for k in range(symbols - 1):
            edges[k] = kept[((k + 1) * n) // symbols]
        series = np.empty(n, np.int64)
        filled = 0
        for j in range(offsets[i], offsets[i + 1]):
            if values[j] == values[j]:
                symbol = 0
                for k in range(symbols - 1):
                    symbol += values[j] >= edges[k]
                series[filled] = symbol
                filled += 1
        before = 0.0
        base = 0.0
        best = np.inf
        for length in range(1, longest + 1):
            codes = np.zeros(n - length + 1, np.int64)
            for j in range(len(codes)):
                for k in range(length):
                    codes[j] = codes[j] * symbols + series[j + k]
            codes.sort()
            joint, once = _pattern_entropy(codes)
            if length == 1:
                base = joint
            best = min(best, joint - before + once * base)
            before = joint
        result[i] = max(best, 0.0)
    return result
