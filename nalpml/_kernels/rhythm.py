"""When packets come in turns, in bursts, or by the clock."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["beacon_score", "bursts", "gap_codes", "periodicity", "regularity"]


@kernel
def _middle(kept):
    n = len(kept)
    return 0.5 * (kept[(n - 1) // 2] + kept[n // 2])


@kernel
def _variation(kept):
    # Coefficient of variation, NaN below three values or around 0.
    if len(kept) < 3:
        return np.nan
    centre = kept.mean()
    if centre == 0:
        return np.nan
    return np.sqrt(((kept - centre) ** 2).mean()) / centre


@kernel
def beacon_score(values, least):
    """Score how alike values are, in the form of RITA.

    Half of 1 - |Bowley skewness| plus half of (median - MAD) / median, the latter not below
    0; the skewness (Q1 + Q3 - 2 Q2) / (Q3 - Q1) is 0 where the median equals a quartile. Zeros
    are left out.

    Parameters
    ----------
    values : float64 (m,)
        Never negative.
    least : int
        NaN below this many values other than 0.

    Returns
    -------
    float
        1 for values all alike.
    """
    kept = values[values > 0]
    n = len(kept)
    if n < max(least, 1):
        return np.nan
    kept.sort()
    quarter = np.empty(3)
    for k in range(3):
        place = (k + 1) * 0.25 * (n - 1)
        low = int(np.floor(place))
        high = min(low + 1, n - 1)
        quarter[k] = kept[low] + (kept[high] - kept[low]) * (place - low)
    skew = 0.0
    if quarter[1] != quarter[0] and quarter[1] != quarter[2]:
        skew = (quarter[0] + quarter[2] - 2 * quarter[1]) / (quarter[2] - quarter[0])
    median = _middle(kept)
    away = np.abs(kept - median)
    away.sort()
    steady = max((median - _middle(away)) / median, 0.0)
    return 0.5 * (1.0 - abs(skew)) + 0.5 * steady


@kernel
def bursts(times, sizes, sides, offsets, idle):
    """Split segments into bursts at pauses and describe those.

    Parameters
    ----------
    times : float64 (m,)
        Packet times in seconds.
    sizes : float64 (m,)
        Payload octets; NaN for none.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.
    idle : float
        A pause longer than this many seconds starts a burst.

    Returns
    -------
    float64 (5, n)
        Number of bursts; median and coefficient of variation (NaN below three) of the times
        between their starts; `beacon_score` of times and of side 0's payload octets a burst,
        NaN below four.
    """
    result = np.full((5, len(offsets) - 1), np.nan)
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    starts = np.empty(longest)
    octets = np.empty(longest)
    for i in range(len(offsets) - 1):
        n = 0
        for j in range(offsets[i], offsets[i + 1]):
            if n == 0 or times[j] - times[j - 1] > idle:
                starts[n] = times[j]
                octets[n] = 0.0
                n += 1
            if sides[j] == 0 and sizes[j] == sizes[j]:
                octets[n - 1] += sizes[j]
        result[0, i] = n
        if n < 2:
            continue
        between = np.maximum(starts[1:n] - starts[: n - 1], 0.0)
        result[2, i] = _variation(between)
        result[3, i] = beacon_score(between, 4)
        result[4, i] = beacon_score(octets[:n], 4)
        between.sort()
        result[1, i] = _middle(between)
    return result


@kernel
def periodicity(values, sides, offsets, side, longest, least):
    """Largest autocorrelation of one side's values over lags 2 to `longest`.

    Parameters
    ----------
    values : float64 (m,)
        NaN marks what is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.
    side : int
        Which side.
    longest : int
        Longest lag.
    least : int
        NaN below this many values, or without spread.

    Returns
    -------
    float64 (n,)
        Near 1 for a pattern that repeats.
    """
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        if offsets[i + 1] - offsets[i] < max(least, longest + 1):
            continue
        kept = np.empty(offsets[i + 1] - offsets[i])
        n = 0
        for j in range(offsets[i], offsets[i + 1]):
            if sides[j] == side and values[j] == values[j]:
                kept[n] = values[j]
                n += 1
        if n < max(least, longest + 1):
            continue
        kept = kept[:n] - kept[:n].mean()
        squares = (kept * kept).sum()
        if squares <= 1e-18 * n:
            continue
        best = -1.0
        for lag in range(2, longest + 1):
            products = 0.0
            for k in range(lag, n):
                products += kept[k] * kept[k - lag]
            best = max(best, products / squares)
        result[i] = best
    return result


@kernel
def regularity(values, sides, offsets, side, width):
    """Spread of the variability between stretches of one side's values.

    Non-overlapping stretches of `width` values have standard deviations s; the result is the
    standard deviation of |s_i - s_j| / s_i over all i < j, pairs with s_i = 0 left out, 0
    when none is left.

    Parameters
    ----------
    values : float64 (m,)
        Inter-arrival times; NaN marks what is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.
    side : int
        Which side.
    width : int
        Values a stretch; NaN below three stretches.

    Returns
    -------
    float64 (n,)
        Low for a covert timing channel.
    """
    result = np.full(len(offsets) - 1, np.nan)
    for i in range(len(result)):
        if offsets[i + 1] - offsets[i] < 3 * width:
            continue
        deviations = np.empty((offsets[i + 1] - offsets[i]) // width + 1)
        stretches = n = 0
        centre = squares = 0.0
        for j in range(offsets[i], offsets[i + 1]):
            if sides[j] != side or values[j] != values[j]:
                continue
            n += 1
            delta = values[j] - centre
            centre += delta / n
            squares += delta * (values[j] - centre)
            if n == width:
                deviations[stretches] = np.sqrt(squares / (n - 1))
                stretches += 1
                n = 0
                centre = squares = 0.0
        if stretches < 3:
            continue
        pairs = 0
        centre = squares = 0.0
        for first in range(stretches):
            for second in range(first + 1, stretches):
                if deviations[first] > 1e-12:
                    ratio = abs(deviations[first] - deviations[second]) / deviations[first]
                    pairs += 1
                    delta = ratio - centre
                    centre += delta / pairs
                    squares += delta * (ratio - centre)
        result[i] = np.sqrt(squares / pairs) if pairs else 0.0
    return result


@kernel
def gap_codes(values, sides, offsets, side, least):
    """Write one side's gaps as text, for their compressibility.

    A gap is rounded to two significant digits and its integer part dropped; zeros behind the
    point become one letter (A for one, B for two, …), then follow the digits without trailing
    zeros: 0.247 s is ``25``, 0.0247 s ``A25``, 0.00247 s ``B25``, 1.9 s ``9``. A gap of 0 is
    ``@``.

    Parameters
    ----------
    values : float64 (m,)
        Gaps in seconds; NaN marks what is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.
    side : int
        Which side.
    least : int
        Segments with fewer gaps are written empty.

    Returns
    -------
    (uint8 (k,), int64 (n + 1,))
        The text, and where each segment's begins.
    """
    segments = len(offsets) - 1
    bounds = np.zeros(segments + 1, np.int64)
    text = np.empty(3 * len(values), np.uint8)
    filled = 0
    for i in range(segments):
        n = 0
        if offsets[i + 1] - offsets[i] >= least:
            for j in range(offsets[i], offsets[i + 1]):
                n += sides[j] == side and values[j] == values[j]
        if n >= least:
            for j in range(offsets[i], offsets[i + 1]):
                if sides[j] != side or values[j] != values[j]:
                    continue
                rest = np.int64(np.rint(values[j] * 1e9))
                if rest <= 0:
                    text[filled] = 64
                    filled += 1
                    continue
                scale = np.int64(1)
                place = 0  # digits of the integer of nanoseconds
                while rest >= scale * 10:
                    scale *= 10
                    place += 1
                if place >= 1:
                    unit = scale // 10
                    digits = (rest + unit // 2) // unit
                else:
                    digits = rest * 10
                if digits >= 100:
                    digits //= 10
                    place += 1
                if place >= 9:  # one second and more: at most one digit behind the point
                    digits = digits % 10 if place == 9 else np.int64(0)
                    if digits:
                        text[filled] = 48 + digits
                        filled += 1
                    continue
                if place < 8:
                    text[filled] = 64 + 8 - place
                    filled += 1
                text[filled] = 48 + digits // 10
                filled += 1
                if digits % 10:
                    text[filled] = 48 + digits % 10
                    filled += 1
        bounds[i + 1] = filled
    return text[:filled], bounds
