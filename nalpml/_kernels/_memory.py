"""Arrays without a count of references, and hints of what will be read."""

from __future__ import annotations

from ._jit import kernel
from ._loads import USABLE, borrower, prefetcher

__all__ = ["borrow", "prefetch"]


@kernel
def _same(array):
    return array


@kernel
def _nothing(octets, place):
    pass


borrow = borrower() if USABLE else _same
"""The same array, for arguments, which the caller keeps, and for what is used once more behind the
last use of what is returned."""

prefetch = prefetcher() if USABLE else _nothing
"""Of an array of octets and a place: have them brought into the cache."""
