"""Payload statistics of each side of each window, all in one pass over the packets."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["CONTENTS", "contents"]

CONTENTS = (
    "entropy", "delta", "correlation", "printable", "zeros", "high", "repeat", "ramp", "base64",
    "copied", "ratio", "ratio_min", "ratio_std", "ratio_first", "printable_first",
    "tail_distinct", "uneven", "classes",
)  # fmt: skip
"""Rows of what `contents` returns, for each side."""

EXAMINED = 512
"""Octets of a payload that order-sensitive statistics look at."""

TAIL = 16
"""Octets that the tail hash leaves out."""

COPIES = 256
"""Octets of a payload among which copies are looked for."""

VALUES = np.array([1, 29, 22, 45, 31, 128], np.float64)
"""Octet values in each class: zero, other control, hexadecimal, rest of base64, rest of what can
be printed, high."""

_SUMS = 10
_RATIO, _RATIO_MIN, _RATIO_STD, _RATIO_FIRST, _PRINTABLE_FIRST, _DISTINCT = 10, 11, 12, 13, 14, 15
_UNEVEN, _CLASSES = 16, 17


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
def _classes(row, counted, held):
    # Add a payload's octets to the classes.
    held[0] += row["zeros"]
    held[1] += counted - row["zeros"] - row["printable"] - row["high"]
    held[2] += row["hex"]
    held[3] += row["base64"] - np.float64(row["hex"])
    held[4] += row["printable"] - np.float64(row["base64"])
    held[5] += row["high"]


@kernel
def _coarse_entropy(held):
    # Entropy in bits of octets whose classes are known and that are even inside a class; NaN
    # below 16 octets.
    total = held.sum()
    if total < 16:
        return np.nan
    entropy = 0.0
    for kind in range(len(held)):
        if held[kind] > 0:
            entropy -= held[kind] / total * np.log2(held[kind] / total / VALUES[kind])
    return max(entropy, 0.0)


@kernel
def _score(excess, spread):
    # Standard deviations beyond what random octets give, on a logarithmic scale with its sign.
    if spread <= 0:
        return np.nan
    score = excess / np.sqrt(spread)
    return np.copysign(np.log2(1.0 + abs(score)), score)


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
    float64 (2, 18, n)
        For the originator and the responder, a row a statistic in the order of `CONTENTS`; NaN
        without evidence. Means over payloads, except: ``base64`` is the share of
        payloads (of 12 octets and more) wholly of that alphabet, ``*_min``, ``*_std`` and
        ``*_first`` what they say (``ratio`` of 8 octets and more), and ``tail_distinct``
        distinct hashes over payloads of more than 16 octets (from two on). ``copied`` is of
        payloads of 16 octets and more; ``uneven`` and ``classes`` are of all octets together:
        how far chi-square (of payloads of 8 octets and more) is beyond that of random ones, and
        the entropy of octets by six classes.
    """
    segments = len(offsets) - 1
    result = np.full((2, 18, segments), np.nan)
    longest = 0
    for i in range(segments):
        longest = max(longest, offsets[i + 1] - offsets[i])
    hashes = np.empty((2, longest), np.uint64)
    sums = np.empty((2, _SUMS))
    counts = np.empty((2, _SUMS), np.int64)
    held = np.empty(2, np.int64)
    first = np.empty(2, np.bool_)
    ratios = np.empty(2, np.int64)
    centre = np.empty(2)
    squares = np.empty(2)
    excess = np.empty(2)
    spread = np.empty(2)
    classes = np.empty((2, 6))
    for i in range(segments):
        excess[:] = 0.0
        spread[:] = 0.0
        classes[:] = 0.0
        sums[:] = 0.0
        counts[:] = 0
        held[:] = 0
        first[:] = True
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
            _classes(row, counted, classes[side])
            if octets >= 16:
                _add(sums, counts, side, 9, row["copied"] / np.float64(min(octets, COPIES)))
            if octets >= 12:
                _add(sums, counts, side, 8, 1.0 if row["base64"] >= counted else 0.0)
            if first[side]:
                result[side, _PRINTABLE_FIRST, i] = printable
                first[side] = False
            if octets >= 8:
                excess[side] += np.float64(row["chi_square"]) - 255.0
                spread[side] += 510.0 * (1.0 - 1.0 / counted)
                ratio = entropy / _expected(expected, octets)
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
            if octets > TAIL:
                hashes[side, held[side]] = row["tail_hash"]
                held[side] += 1
        for side in range(2):
            for place in range(_SUMS):
                if counts[side, place]:
                    result[side, place, i] = sums[side, place] / counts[side, place]
            if ratios[side]:
                result[side, _RATIO, i] = centre[side]
            if ratios[side] >= 2:
                result[side, _RATIO_STD, i] = np.sqrt(squares[side] / ratios[side])
            result[side, _UNEVEN, i] = _score(excess[side], spread[side])
            result[side, _CLASSES, i] = _coarse_entropy(classes[side])
            n = held[side]
            if n >= 2:
                result[side, _DISTINCT, i] = _different(hashes[side], n) / n
    return result
