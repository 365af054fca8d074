"""How payloads open and end: magic, stated lengths, lines and prompts."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from .framing import octet_at

__all__ = ["openings"]


@kernel
def _ending(row, octets):
    # 1 for a line, 2 for a prompt, 0 for anything else.
    if row["payload_len"] > 16 or row["printable"] != octets:
        return 0
    high, low = row["prefix_hi"], row["prefix_lo"]
    last = octet_at(high, low, octets - 1)
    if last == 10:
        return 1
    if last == 32 and octets >= 2:
        sign = octet_at(high, low, octets - 2)
        if sign in (35, 36, 37, 58, 62):  # one of # $ % : >
            return 2
    return 0


@kernel
def openings(packets, used, starts, stated, offsets):
    """Describe how payloads of each side open and end.

    Parameters
    ----------
    packets : structured (m,)
        Of PACKET_DTYPE.
    used, starts : bool (m,)
        Packets with payload, and those of them that may start a message.
    stated : float64 (m,)
        1 where the first octets state the payload's length, 0 where not, NaN for no message.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    float64 (2, 4, n)
        For each side: share of payloads that are up to 16 octets of text and a line end; share
        that are up to 16 octets of text, end in a blank and one of ``$ # > % :`` before it;
        share of messages (of 4 octets and more) with the most frequent first 4 octets, NaN
        below two; mean of ``stated``.
    """
    segments = len(offsets) - 1
    result = np.full((2, 4, segments), np.nan)
    longest = 0
    for i in range(segments):
        longest = max(longest, offsets[i + 1] - offsets[i])
    magic = np.empty((2, longest), np.uint64)
    numbers = np.empty((2, 5), np.int64)  # payloads, lines, prompts, magics, stated among
    for i in range(segments):
        numbers[:] = 0
        truths = np.zeros(2)
        for j in range(offsets[i], offsets[i + 1]):
            if not used[j]:
                continue
            row = packets[j]
            side = int(row["direction"])
            octets = np.int64(row["payload_cap"])
            numbers[side, 0] += 1
            kind = _ending(row, octets)
            if kind:
                numbers[side, kind] += 1
            if starts[j] and octets >= 4:
                magic[side, numbers[side, 3]] = row["prefix_hi"] >> np.uint64(32)
                numbers[side, 3] += 1
            if stated[j] == stated[j]:
                truths[side] += stated[j]
                numbers[side, 4] += 1
        for side in range(2):
            n = numbers[side, 0]
            if n:
                result[side, 0, i] = numbers[side, 1] / n
                result[side, 1, i] = numbers[side, 2] / n
            n = numbers[side, 3]
            if n >= 2:
                kept = magic[side, :n]
                kept.sort()
                best = run = 1
                for j in range(1, n):
                    run = run + 1 if kept[j] == kept[j - 1] else 1
                    best = max(best, run)
                result[side, 2, i] = best / n
            if numbers[side, 4]:
                result[side, 3, i] = truths[side] / numbers[side, 4]
    return result
