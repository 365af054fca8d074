"""Reductions over ragged segments: one number per flow window from its packets' values.

Segment ``i`` is ``values[offsets[i]:offsets[i + 1]]``. NaN marks what does not belong (no
payload, the other direction): every reduction passes over it, and a segment without any other
value gives NaN.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["maximum", "mean", "nth", "repeats", "share", "step", "take_segments", "total"]


@kernel
def take_segments(offsets, order, new_offsets):
    """Row numbers that bring segments into another order.

    Parameters
    ----------
    offsets : int64 (n + 1,)
        Segments as they are.
    order : int64 (k,)
        Segment numbers as wanted.
    new_offsets : int64 (k + 1,)
        Where the wanted segments start.

    Returns
    -------
    int64 (m,)
        For each wanted row, where it is now.
    """
    taken = np.empty(new_offsets[-1], np.int64)
    for i in range(len(order)):
        start = offsets[order[i]]
        for j in range(new_offsets[i + 1] - new_offsets[i]):
            taken[new_offsets[i] + j] = start + j
    return taken


@kernel
def total(values, offsets):
    """Sum per segment, 0 where there is nothing: float64 (n,)."""
    result = np.zeros(len(offsets) - 1)
    for i in range(len(result)):
        for j in range(offsets[i], offsets[i + 1]):
            if values[j] == values[j]:
                result[i] += values[j]
    return result


@kernel
def mean(values, offsets):
    """Arithmetic mean per segment: float64 (n,)."""
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        added = 0.0
        n = 0
        for j in range(offsets[i], offsets[i + 1]):
            if values[j] == values[j]:
                added += values[j]
                n += 1
        if n:
            result[i] = added / n
    return result


@kernel
def share(mask, among, sides, offsets, side):
    """Share of rows in a mask among others, per segment: float64 (n,), NaN among none.

    Parameters
    ----------
    mask, among : bool (m,)
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
    side : int
        Rows of this side count, all where it is 2.
    """
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        inside = n = 0
        for j in range(offsets[i], offsets[i + 1]):
            if among[j] and (side == 2 or sides[j] == side):
                n += 1
                inside += mask[j]
        if n:
            result[i] = inside / n
    return result


@kernel
def maximum(values, offsets):
    """Largest value per segment: float64 (n,)."""
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        for j in range(offsets[i], offsets[i + 1]):
            if values[j] == values[j] and not result[i] >= values[j]:
                result[i] = values[j]
    return result


@kernel
def nth(values, offsets, place):
    """The value with a given place (from 0) among those of each segment: float64 (n,)."""
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        seen = 0
        for j in range(offsets[i], offsets[i + 1]):
            if values[j] == values[j]:
                if seen == place:
                    result[i] = values[j]
                    break
                seen += 1
    return result


@kernel
def step(values, sides, offsets):
    """Difference of each value to the one before it on the same side of its segment.

    Parameters
    ----------
    values : float64 (m,)
        NaN marks what is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)

    Returns
    -------
    float64 (m,)
        NaN where there is no value or none before it.
    """
    result = np.full(len(values), np.nan)
    for i in range(len(offsets) - 1):
        before_0 = np.nan
        before_1 = np.nan
        for j in range(offsets[i], offsets[i + 1]):
            if values[j] == values[j]:
                if sides[j] == 0:
                    result[j] = values[j] - before_0
                    before_0 = values[j]
                else:
                    result[j] = values[j] - before_1
                    before_1 = values[j]
    return result


@kernel
def repeats(keys, used, sides, offsets):
    """Whether each used row has the key of the row before it on its side.

    Parameters
    ----------
    keys : uint64 (m,)
    used : bool (m,)
    sides : uint8 (m,)
    offsets : int64 (n + 1,)

    Returns
    -------
    float64 (m,)
        1 or 0, NaN for unused rows and the first of each side.
    """
    result = np.full(len(keys), np.nan)
    for i in range(len(offsets) - 1):
        before = np.full(2, -1, np.int64)
        for j in range(offsets[i], offsets[i + 1]):
            if used[j]:
                side = sides[j]
                if before[side] >= 0:
                    result[j] = 1.0 if keys[j] == keys[before[side]] else 0.0
                before[side] = j
    return result
