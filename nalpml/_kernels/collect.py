"""Bring packet rows into the order of their windows."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["compact", "scatter"]


@kernel
def scatter(rows, words, marks, first, numbers, cursor, out, out_words):
    """Copy the rows of closed windows to their places.

    Parameters
    ----------
    rows, words : structured (m,), uint64 (m, w)
        Packet rows, and the same memory as words.
    marks : structured (m,)
        Of MARK_DTYPE; the window becomes -1 where a row was copied.
    first : int
        Window number that ``numbers[0]`` stands for.
    numbers : int64 (k,)
        Place of each closed window, -1 for others.
    cursor : int64 (n,)
        Where the next row of each closed window goes; moved on.
    out, out_words : structured (p,), uint64 (p, w)
        Filled, with direction, role and ports from the marks.

    Returns
    -------
    int
        Rows that still wait for their window to close.
    """
    waiting = 0
    for i in range(len(marks)):
        mark = marks[i]
        if mark["window"] < 0:
            continue
        number = mark["window"] - first
        place = np.int64(-1)
        if 0 <= number < len(numbers):
            place = numbers[number]
        if place < 0:
            waiting += 1
            continue
        to = cursor[place]
        cursor[place] = to + 1
        for word in range(words.shape[1]):
            out_words[to, word] = words[i, word]
        row = out[to]
        row["direction"] = mark["direction"]
        row["role"] = mark["role"]
        row["sport"] = mark["sport"]
        row["dport"] = mark["dport"]
        mark["window"] = -1
    return waiting


@kernel
def compact(words, marks, to, out_words, out_marks):
    """Copy the rows that wait behind one another.

    Parameters
    ----------
    words : uint64 (m, w)
    marks : structured (m,)
        Of MARK_DTYPE.
    to : int
        Where the first goes.
    out_words, out_marks : uint64 (p, w), structured (p,)
        Filled.

    Returns
    -------
    int
        Where the next one would go.
    """
    for i in range(len(marks)):
        if marks[i]["window"] >= 0:
            for word in range(words.shape[1]):
                out_words[to, word] = words[i, word]
            out_marks[to] = marks[i]
            to += 1
    return to
