"""Hints that memory will be used soon; without effect where loads are checked or not compiled."""

from __future__ import annotations

from ._jit import kernel
from ._loads import USABLE, prefetcher

__all__ = ["prefetch_line", "prefetch_record"]


@kernel
def _nothing(array, place):
    pass


prefetch_line = prefetcher(1) if USABLE else _nothing
"""Of an array and a place in it: the cache line where the element starts."""

prefetch_record = prefetcher(3) if USABLE else _nothing
"""The element's first three cache lines."""
