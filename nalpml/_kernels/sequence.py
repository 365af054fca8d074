"""TCP sequence numbers against what the sender should send next."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["sequence_state"]


@kernel
def sequence_state(numbers, lengths, flags, used, sides, offsets):
    """Compare each TCP segment with the end of what its sender has sent.

    Parameters
    ----------
    numbers : uint32 (m,)
        Sequence numbers.
    lengths : int64 (m,)
        Payload octets.
    flags : uint16 (m,)
        TCP flags: 1 FIN, 2 SYN, 4 RST.
    used : bool (m,)
        TCP packets of the flow.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    float64 (m,)
        0 next in order (or a keep-alive, one octet back), 1 sent before, 2 ahead: something
        was lost or forged; NaN for the first packet of each side, SYN, RST and other
        protocols.
    """
    result = np.full(len(numbers), np.nan)
    for i in range(len(offsets) - 1):
        following = np.full(2, -1, np.int64)
        for j in range(offsets[i], offsets[i + 1]):
            if not used[j] or flags[j] & 4:
                continue
            side = sides[j]
            number = np.int64(numbers[j])
            end = number + lengths[j] + ((flags[j] >> 1) & 1) + (flags[j] & 1)
            if following[side] < 0 or flags[j] & 2:
                following[side] = end & 0xFFFFFFFF
                continue
            ahead = (number - following[side]) & 0xFFFFFFFF
            if ahead == 0:
                result[j] = 0.0
            elif ahead < 0x80000000:
                result[j] = 2.0
            else:
                result[j] = 0.0 if ahead == 0xFFFFFFFF and lengths[j] <= 1 else 1.0
            if (end - following[side]) & 0xFFFFFFFF < 0x80000000:
                following[side] = end & 0xFFFFFFFF
    return result
