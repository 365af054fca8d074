"""Statistics of the times between packets of each window, all in one pass."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["BOTH_INTERVALS", "SIDE_INTERVALS", "gaps", "intervals"]

SIDE_INTERVALS = ("mean", "cv", "median", "maximum", "modal")
"""Rows of the first table that `intervals` returns, for each side."""

BOTH_INTERVALS = (
    "cv", "minimum", "log_std", "turnaround_median", "turn_share",
)  # fmt: skip
"""Rows of the second: both sides together."""

_GRID = 1.1


@kernel
def gaps(times, starts, sides, offsets):
    """Times of packets within their segment and from one to the next.

    Parameters
    ----------
    times : int64 (m,)
        Packet times in ns.
    starts : int64 (n,)
        Start of each segment in ns.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    float64 (3, m)
        Seconds since the start; since the packet before; since the one before on the same side.
        The latter two are never negative, and NaN for the first.
    """
    result = np.full((3, len(times)), np.nan)
    before = np.empty(2)
    for i in range(len(offsets) - 1):
        before[:] = np.nan
        for j in range(offsets[i], offsets[i + 1]):
            since = (times[j] - starts[i]) / 1e9
            result[0, j] = since
            if j > offsets[i]:
                result[1, j] = max((times[j] - times[j - 1]) / 1e9, 0.0)
            side = sides[j]
            if before[side] == before[side]:
                result[2, j] = max(since - before[side], 0.0)
            before[side] = since
    return result


@kernel
def _median(kept, n):
    kept = kept[:n]
    kept.sort()
    return kept[(n - 1) // 2] + (kept[n // 2] - kept[(n - 1) // 2]) * (0.5 if n % 2 == 0 else 0.0)


@kernel
def _variation(centre, squares, n):
    if n < 3 or centre == 0:
        return np.nan
    return np.sqrt(squares / n) / centre


@kernel
def _modal(kept, n):
    # Share of the most frequent bin of a 10 % grid.
    bins = np.empty(n)
    for j in range(n):
        bins[j] = np.floor(np.log(max(kept[j], 1e-6)) / np.log(_GRID))
    bins.sort()
    best = run = 1
    for j in range(1, n):
        run = run + 1 if bins[j] == bins[j - 1] else 1
        best = max(best, run)
    return best / n


@kernel
def intervals(gap, side_gap, sides, offsets):
    """Describe the times between packets of each segment.

    Parameters
    ----------
    gap, side_gap : float64 (m,)
        Seconds since the packet before, and since the one before on the same side; NaN for the
        first.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    (float64 (2, 5, n), float64 (5, n))
        For each side the rows of `SIDE_INTERVALS`: mean, coefficient of variation (NaN below
        three), median, largest, share of the most frequent on a 10 % grid (NaN below eight).
        For both together those of `BOTH_INTERVALS`: coefficient of variation, smallest,
        standard deviation of log10 (floor 1 us, NaN below two), median of the times from a
        packet of side 0 to one of side 1 right behind, share of packets behind one of the other
        side.
    """
    segments = len(offsets) - 1
    one = np.full((2, 5, segments), np.nan)
    both = np.full((5, segments), np.nan)
    longest = 0
    for i in range(segments):
        longest = max(longest, offsets[i + 1] - offsets[i])
    kept = np.empty((3, longest))  # of side 0, of side 1, turnarounds
    numbers = np.empty(3, np.int64)
    centre = np.empty(3)
    squares = np.empty(3)
    for i in range(segments):
        first, stop = offsets[i], offsets[i + 1]
        if stop - first < 2:
            continue
        numbers[:] = 0
        centre[:] = 0.0
        squares[:] = 0.0
        n = turns = 0
        middle = away = log_middle = log_away = 0.0
        least = np.inf
        for j in range(first + 1, stop):
            value = gap[j]
            n += 1
            delta = value - middle  # Welford's updates, here and below
            middle += delta / n
            away += delta * (value - middle)
            least = min(least, value)
            logarithm = np.log10(max(value, 1e-6))
            delta = logarithm - log_middle
            log_middle += delta / n
            log_away += delta * (logarithm - log_middle)
            side = int(sides[j])
            turned = side != sides[j - 1]
            turns += turned
            for place in range(2):
                if place == 0:
                    which = side
                    value = side_gap[j]
                    if value != value:
                        continue
                else:
                    which = 2
                    value = gap[j]
                    if not turned or side == 0:
                        continue
                kept[which, numbers[which]] = value
                numbers[which] += 1
                delta = value - centre[which]
                centre[which] += delta / numbers[which]
                squares[which] += delta * (value - centre[which])
        both[0, i] = _variation(middle, away, n)
        both[1, i] = least
        if n >= 2:
            both[2, i] = np.sqrt(log_away / n)
        both[4, i] = turns / n
        if numbers[2]:
            both[3, i] = _median(kept[2], numbers[2])
        for side in range(2):
            n = numbers[side]
            if n:
                one[side, 0, i] = centre[side]
                one[side, 1, i] = _variation(centre[side], squares[side], n)
                if n >= 8:
                    one[side, 4, i] = _modal(kept[side], n)
                one[side, 2, i] = _median(kept[side], n)
                one[side, 3, i] = kept[side, n - 1]
    return one, both
