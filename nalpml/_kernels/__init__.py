"""Compiled loops over bytes and packets: arrays in, arrays out, no policy.

Kernels take what their callers have checked, never raise, and touch no byte outside the
bounds they are given. Each has a slow, obvious twin in the tests.
"""

from __future__ import annotations

__all__ = ["is_warm"]


def is_warm() -> bool:
    """Tell whether the kernels of reading and tracking were compiled before on this machine.

    Returns
    -------
    bool
        False when the next capture must wait for the compiler (about half a minute, once for each
        version of the package).
    """
    from ._jit import is_cached
    from .collect import scatter
    from .frames import read_frames
    from .segments import mean
    from .windows import assign

    return all(map(is_cached, (read_frames, assign, scatter, mean)))
