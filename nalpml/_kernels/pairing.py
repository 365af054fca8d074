"""Match ICMP echo replies to the requests they answer."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["pair_echoes"]

REACH = 128
"""Packets of a window that are searched back for a request."""


@kernel
def pair_echoes(kinds, identifiers, sequences, hashes, sides, offsets, state, latency, times):
    """Pair echo packets within each segment by identifier and sequence number.

    Parameters
    ----------
    kinds : int8 (m,)
        1 echo request, 2 echo reply, 0 anything else.
    identifiers, sequences : uint16 (m,)
    hashes : uint64 (m,)
        Payload hash.
    sides : uint8 (m,)
        Direction.
    offsets : int64 (n + 1,)
    state : int8 (m,)
        Filled: 1 unanswered request, 2 answered request, 3 request answered more than once,
        4 reply equal to its request, 5 reply with another payload, 6 reply to no request seen,
        7 further reply to a request that was answered.
    latency : float64 (m,)
        Filled for matched replies: seconds since the request; NaN elsewhere.
    times : int64 (m,)
        Packet times in ns.
    """
    for i in range(len(offsets) - 1):
        for j in range(offsets[i], offsets[i + 1]):
            latency[j] = np.nan
            state[j] = 0
            if kinds[j] == 1:
                state[j] = 1
            elif kinds[j] == 2:
                state[j] = 6
                for back in range(1, min(j - offsets[i], REACH) + 1):
                    k = j - back
                    if (
                        kinds[k] == 1
                        and sequences[k] == sequences[j]
                        and identifiers[k] == identifiers[j]
                        and sides[k] != sides[j]
                    ):
                        if state[k] != 1:
                            state[k] = 3
                            state[j] = 7
                        else:
                            state[k] = 2
                            state[j] = 4 if hashes[k] == hashes[j] else 5
                            latency[j] = (times[j] - times[k]) / 1e9
                        break
