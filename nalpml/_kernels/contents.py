"""Payload statistics of each side of each window, all in one pass over the packets."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["CONTENTS", "contents"]

CONTENTS = (
    "entropy", "delta", "correlation", "printable", "zeros", "high", "repeat", "ramp", "base64",
    "random", "ratio", "ratio_min", "ratio_std", "ratio_first", "printable_first",
    "distinct", "tail_distinct",
)  # fmt: skip
"""Rows of what `contents` returns, for each side."""

EXAMINED = 512
"""Octets of a payload that order-sensitive statistics look at."""

TAIL = 16
"""Octets that the tail hash leaves out."""

_SUMS = 10
_RATIO, _RATIO_MIN, _RATIO_STD, _RATIO_FIRST, _PRINTABLE_FIRST, _DISTINCT = 10, 11, 12, 13, 14, 15


@kernel
def _expected(table, octets):
    # Entropy of so many random octets on average.
    if octets < len(table):
        return max(table[octets], 1e-9)
    return 8.0 - 255.0 / (2 * octets * np.log(2))


@kernel
def _different(kept, n):
    # Distinct values among the first n, which are sorted on the way unless all are one.
    same = True
    for j in range(1, n):
        if kept[j] != kept[0]:
            same = False
            break
    if same:
        return 1
    kept = kept[:n]
    kept.sort()
    different = 1
    for j in range(1, n):
        different += kept[j] != kept[j - 1]
    return different


@kernel
def _add(sums, counts, side, place, value):
    if value == value:
        sums[side, place] += value
        counts[side, place] += 1


@kernel
def contents(packets, used, offsets, expected):
    """Describe the payloads of each side of each segment.

    Parameters
    ----------
    packets : structured (m,)
        Of PACKET_DTYPE.
    used : bool (m,)
        Packets that count: with payload of which some was captured.
    offsets : int64 (n + 1,)
        Segments.
    expected : float64 (k,)
        Entropy that as many random octets have on average.

    Returns
    -------
    float64 (2, 17, n)
        For the originator and the responder, a row a statistic in the order of `CONTENTS`; NaN
        without evidence. Means over payloads, except: ``base64`` is the share of
        payloads (of 12 octets and more) wholly of that alphabet, ``random`` the share (of 32
        octets and more) with 0.97 or more of the entropy of random ones, ``*_min``, ``*_std``
        and ``*_first`` what they say (``ratio`` of 8 octets and more), and ``distinct`` and
        ``tail_distinct`` distinct hashes over payloads (from two on).
    """
    segments = len(offsets) - 1
    result = np.full((2, 17, segments), np.nan)
    longest = 0
    for i in range(segments):
        longest = max(longest, offsets[i + 1] - offsets[i])
    hashes = np.empty((2, 2, longest), np.uint64)
    sums = np.empty((2, _SUMS))
    counts = np.empty((2, _SUMS), np.int64)
    held = np.empty((2, 2), np.int64)
    ratios = np.empty(2, np.int64)
    centre = np.empty(2)
    squares = np.empty(2)
    for i in range(segments):
        sums[:] = 0.0
        counts[:] = 0
        held[:] = 0
        ratios[:] = 0
        centre[:] = 0.0
        squares[:] = 0.0
        for j in range(offsets[i], offsets[i + 1]):
            if not used[j]:
                continue
            row = packets[j]
            side = int(row["direction"])
            octets = int(row["payload_cap"])
            entropy = np.float64(row["entropy"])
            _add(sums, counts, side, 0, entropy)
            if octets >= 9:
                steps = min(octets, EXAMINED) - 1
                delta = np.float64(row["delta_entropy"]) / _expected(expected, steps)
                _add(sums, counts, side, 1, delta)
            _add(sums, counts, side, 2, np.float64(row["serial_corr"]))
            counted = np.float64(min(max(octets, 1), 65535))
            printable = row["printable"] / counted
            _add(sums, counts, side, 3, printable)
            _add(sums, counts, side, 4, row["zeros"] / counted)
            _add(sums, counts, side, 5, row["high"] / counted)
            if octets >= 4:
                examined = np.float64(min(octets, EXAMINED))
                _add(sums, counts, side, 6, row["repeat"] / examined)
                _add(sums, counts, side, 7, row["ramp"] / examined)
            if octets >= 12:
                _add(sums, counts, side, 8, 1.0 if row["base64"] >= counted else 0.0)
            if held[side, 0] == 0:
                result[side, _PRINTABLE_FIRST, i] = printable
            if octets >= 8:
                ratio = entropy / _expected(expected, octets)
                if octets >= 32:
                    _add(sums, counts, side, 9, 1.0 if ratio >= 0.97 else 0.0)
                if ratio == ratio:
                    ratios[side] += 1
                    delta = ratio - centre[side]  # Welford's update
                    centre[side] += delta / ratios[side]
                    squares[side] += delta * (ratio - centre[side])
                    if ratios[side] == 1:
                        result[side, _RATIO_FIRST, i] = ratio
                        result[side, _RATIO_MIN, i] = ratio
                    elif ratio < result[side, _RATIO_MIN, i]:
                        result[side, _RATIO_MIN, i] = ratio
            hashes[side, 0, held[side, 0]] = row["payload_hash"]
            held[side, 0] += 1
            if octets > TAIL:
                hashes[side, 1, held[side, 1]] = row["tail_hash"]
                held[side, 1] += 1
        for side in range(2):
            for place in range(_SUMS):
                if counts[side, place]:
                    result[side, place, i] = sums[side, place] / counts[side, place]
            if ratios[side]:
                result[side, _RATIO, i] = centre[side]
            if ratios[side] >= 2:
                result[side, _RATIO_STD, i] = np.sqrt(squares[side] / ratios[side])
            for kind in range(2):
                n = held[side, kind]
                if n >= 2:
                    result[side, _DISTINCT + kind, i] = _different(hashes[side, kind], n) / n
    return result
