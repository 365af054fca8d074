"""Arrays without a count of references."""

from __future__ import annotations

from ._jit import kernel
from ._loads import USABLE, borrower

__all__ = ["borrow"]


@kernel
def _same(array):
    return array


borrow = borrower() if USABLE else _same
"""The same array, for arguments, which the caller keeps, and for what is used once more behind the
last use of what is returned."""
