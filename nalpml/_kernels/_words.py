"""Tables of what payloads start with.

The first row of a table is the set of its entries' first octets, 256 bits: most payloads are
through with a table after one look.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["look_up", "magic", "starts", "words"]


def magic(*entries: tuple[int, bytes]) -> np.ndarray:
    """Fixed first octets as numbers to compare a payload's first 8 octets with.

    Parameters
    ----------
    *entries : tuple of int and bytes
        Code, and 1 to 8 octets that a payload of it starts with.

    Returns
    -------
    uint64 (1 + n, 4)
        The set of first octets; then value and mask (left-aligned), number of octets, code.
    """
    table = np.zeros((1 + len(entries), 4), np.uint64)
    for row, (code, octets) in zip(table[1:], entries, strict=True):
        row[0] = int.from_bytes(octets.ljust(8, b"\0"), "big")
        row[1] = int.from_bytes(b"\xff" * len(octets) + b"\0" * (8 - len(octets)), "big")
        row[2] = len(octets)
        row[3] = code
        table[0, octets[0] >> 6] |= np.uint64(1 << (octets[0] & 63))
    return table


def words(*texts: bytes) -> np.ndarray:
    """Words for `starts`: a `magic` table without codes.

    Parameters
    ----------
    *texts : bytes
        Upper case, up to 8 octets each.

    Returns
    -------
    uint64 (1 + n, 4)
        As `magic` gives.
    """
    return magic(*((1, text) for text in texts))


@kernel
def look_up(head, n, table):
    """Code of the first entry of a `magic` table that `n` octets start with, else 0."""
    first = head >> np.uint64(56)
    if (table[0, first >> np.uint64(6)] >> (first & np.uint64(63))) & np.uint64(1):
        for i in range(1, len(table)):
            if head & table[i, 1] == table[i, 0] and n >= np.int64(table[i, 2]):
                return np.int64(table[i, 3])
    return np.int64(0)


@kernel
def starts(head, table):
    """Whether 8 octets in upper case start with a word of a table."""
    return look_up(head, 8, table) != 0
