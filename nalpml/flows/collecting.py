"""Packets that wait for their windows to close."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..capture.packets import PACKET_DTYPE
from .dtypes import MARK_DTYPE
from .table import Flows

__all__ = ["Pending"]

_SMALL = 1 << 14
"""Chunks below this many rows are joined, so that a live tap does not leave thousands."""

_WORDS = PACKET_DTYPE.itemsize // 8


class _Part:
    # Rows of one chunk with their marks; `waiting` of them belong to open windows.
    def __init__(self, rows: NDArray[Any], marks: NDArray[Any], waiting: int) -> None:
        self.rows = rows if rows.flags.c_contiguous else rows.copy()
        self.words = self.rows.view(np.uint64).reshape(len(rows), _WORDS)
        self.marks = marks
        self.waiting = waiting


class Pending:
    """Rows kept where they were decoded until their windows close.

    A row is copied once, to its place among the packets of its window; chunks of which most rows
    are gone are drawn together, so memory follows the packets of open windows.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    @property
    def waiting(self) -> int:
        """Rows of open windows."""
        return sum(part.waiting for part in self._parts)

    def add(self, rows: NDArray[Any], marks: NDArray[Any]) -> None:
        """Take a chunk.

        Parameters
        ----------
        rows : structured (n,)
            Of PACKET_DTYPE.
        marks : structured (n,)
            Of MARK_DTYPE.
        """
        waiting = int(np.count_nonzero(marks["window"] >= 0))
        if not waiting:
            return
        self._parts.append(_Part(rows, marks, waiting))
        while len(self._parts) > 1:
            before, last = len(self._parts[-2].rows), len(self._parts[-1].rows)
            if last >= _SMALL or before > 2 * last:
                break
            self._join(len(self._parts) - 2)

    def collect(self, closed: NDArray[Any]) -> Flows:
        """Hand over the packets of closed windows.

        Parameters
        ----------
        closed : structured (n,)
            Of WINDOW_DTYPE.

        Returns
        -------
        Flows
            The windows in the given order.
        """
        from .._kernels.collect import scatter

        counts = closed["packets_orig"].astype(np.int64) + closed["packets_resp"]
        offsets = np.zeros(len(closed) + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        out = np.empty(offsets[-1], PACKET_DTYPE)
        if len(closed):
            first = int(closed["id"].min())
            numbers = np.full(int(closed["id"].max()) - first + 1, -1, np.int64)
            numbers[closed["id"] - first] = np.arange(len(closed))
            cursor = offsets[:-1].copy()
            words = out.view(np.uint64).reshape(len(out), _WORDS)
            for part in self._parts:
                part.waiting = scatter(
                    part.rows, part.words, part.marks, first, numbers, cursor, out, words
                )
            self._parts = [part for part in self._parts if part.waiting]
            if sum(len(part.rows) for part in self._parts) > 2 * self.waiting + _SMALL:
                self._join(0)
        return Flows(closed, out, offsets)

    def _join(self, first: int) -> None:
        # Draw the rows that wait in all parts from one on together, in order.
        from .._kernels.collect import compact

        parts = self._parts[first:]
        total = sum(part.waiting for part in parts)
        rows = np.empty(total, PACKET_DTYPE)
        joined = _Part(rows, np.empty(total, MARK_DTYPE), total)
        place = 0
        for part in parts:
            place = compact(part.words, part.marks, place, joined.words, joined.marks)
        self._parts[first:] = [joined]
