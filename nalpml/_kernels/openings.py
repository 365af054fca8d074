"""How payloads open: magic and stated lengths."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["openings"]


@kernel
def openings(packets, starts, stated, offsets):
    """Describe how payloads of each side open.

    Parameters
    ----------
    packets : structured (m,)
        Of PACKET_DTYPE.
    starts : bool (m,)
        Packets with payload that may start a message.
    stated : float64 (m,)
        1 where the first octets state the payload's length, 0 where not, NaN for no message.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    float64 (2, 2, n)
        For each side: share of messages (of 4 octets and more) with the most frequent first 4
        octets, NaN below two; mean of ``stated``.
    """
    segments = len(offsets) - 1
    result = np.full((2, 2, segments), np.nan)
    longest = 0
    for i in range(segments):
        longest = max(longest, offsets[i + 1] - offsets[i])
    magic = np.empty((2, longest), np.uint64)
    numbers = np.empty((2, 2), np.int64)  # magics, stated among
    for i in range(segments):
        numbers[:] = 0
        truths = np.zeros(2)
        for j in range(offsets[i], offsets[i + 1]):
            row = packets[j]
            side = int(row["direction"])
            octets = np.int64(row["payload_cap"])
            if starts[j] and octets >= 4:
                magic[side, numbers[side, 0]] = row["prefix_hi"] >> np.uint64(32)
                numbers[side, 0] += 1
            if stated[j] == stated[j]:
                truths[side] += stated[j]
                numbers[side, 1] += 1
        for side in range(2):
            n = numbers[side, 0]
            if n >= 2:
                kept = magic[side, :n]
                kept.sort()
                best = run = 1
                for j in range(1, n):
                    run = run + 1 if kept[j] == kept[j - 1] else 1
                    best = max(best, run)
                result[side, 0, i] = best / n
            if numbers[side, 1]:
                result[side, 1, i] = truths[side] / numbers[side, 1]
    return result
