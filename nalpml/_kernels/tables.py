"""Hash indexes of the flow tracker."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["reindex"]


@kernel
def reindex(old, hashes, index):
    """Enter what one open-addressing index holds into a larger one.

    Parameters
    ----------
    old : int32 (n,)
        Entry numbers, -1 where free.
    hashes : uint64 (m,)
        Hash of each entry.
    index : int32 (k,)
        Filled with -1, a power of two in length, more than there are entries.
    """
    mask = len(index) - 1
    for i in range(len(old)):
        entry = old[i]
        if entry >= 0:
            place = np.int64(hashes[entry] & np.uint64(mask))
            while index[place] >= 0:
                place = (place + 1) & mask
            index[place] = entry
