"""Payload lengths of each window in their order, all in one pass over the packets."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["FIRST", "lengths"]

FIRST = 8
"""Payloads of a window whose signed lengths are given."""


@kernel
def lengths(sizes, own, sides, offsets):
    """Sum up and count payload lengths.

    Parameters
    ----------
    sizes : float64 (m,)
        Payload octets of packets that carry any, NaN for others.
    own : bool (m,)
        Packets of the flow's own protocol.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    float64 (14, n)
        Lengths of the first eight payloads, negative from side 1 (NaN for none); octets in all
        of side 0 and side 1 (0 for none); shares of payloads of 1,200 octets and more, and of
        at most 16 (NaN without payloads); share of payloads as long as the one right before,
        among those whose packet follows a payload of the other side; share of packets that
        carry payload.
    """
    segments = len(offsets) - 1
    result = np.full((14, segments), np.nan)
    for i in range(segments):
        payloads = full = small = turns = equal = packets = 0
        octets_0 = octets_1 = 0.0
        last = 0.0  # signed length of the packet before, 0 without payload
        for j in range(offsets[i], offsets[i + 1]):
            packets += own[j]
            size = sizes[j]
            if not size > 0:
                last = 0.0
                continue
            if sides[j] == 0:
                octets_0 += size
                signed = size
            else:
                octets_1 += size
                signed = -size
            if payloads < FIRST:
                result[payloads, i] = signed
            payloads += 1
            full += size >= 1200
            small += size <= 16
            if signed * last < 0:
                turns += 1
                equal += signed == -last
            last = signed
        result[8, i] = octets_0
        result[9, i] = octets_1
        if payloads:
            result[10, i] = full / payloads
            result[11, i] = small / payloads
        if turns:
            result[12, i] = equal / turns
        if packets:
            result[13, i] = payloads / packets
    return result
