"""Flow windows with their packets, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..capture.packets import PACKET_DTYPE
from .dtypes import WINDOW_DTYPE

__all__ = ["Flows"]


@dataclass(frozen=True)
class Flows:
    """Flow windows; the packets of window ``i`` are ``packets[offsets[i]:offsets[i + 1]]``.

    Parameters
    ----------
    windows : structured (n,)
        One row a window: endpoints (originator is ``src``), times in ns, packet and byte
        counts each way, context.
    packets : structured (m,)
        Packet rows (see `nalpml.capture.packets.COLUMNS`) sorted by window, then by place in
        the capture.
    offsets : int64 (n + 1,)
        Where each window's packets start.

    Notes
    -----
    All arrays are read-only: a feature cannot change what the next one sees.
    """

    windows: NDArray[Any]
    packets: NDArray[Any]
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        for array in (self.windows, self.packets, self.offsets):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.windows)

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        return {}

    @cached_property
    def parts(self) -> dict[str, Flows]:
        """Windows of one kind, kept by whoever takes them out."""
        return {}

    def column(self, name: str) -> NDArray[Any]:
        """Return a packet column, contiguous and read-only.

        Parameters
        ----------
        name : str
            A name in `nalpml.capture.packets.COLUMNS`.

        Returns
        -------
        array (m,)
            Of the column's dtype.
        """
        if name not in self._columns:
            column = np.ascontiguousarray(self.packets[name])
            column.flags.writeable = False
            self._columns[name] = column
        return self._columns[name]

    @property
    def direction(self) -> NDArray[np.uint8]:
        """Direction of each packet: 0 originator to responder, 1 back."""
        return self.column("direction")

    def subset(self, order: NDArray[np.int64]) -> Flows:
        """Return the windows with the given numbers, in that order.

        Parameters
        ----------
        order : int64 (k,)
            Numbers of windows.

        Returns
        -------
        Flows
            ``k`` windows with copies of their packets.
        """
        from .._kernels.segments import take_segments

        lengths = np.diff(self.offsets)[order]
        offsets = np.zeros(len(order) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        taken = take_segments(self.offsets, np.asarray(order, np.int64), offsets)
        return Flows(self.windows[order], self.packets[taken], offsets)

    def by_start(self) -> Flows:
        """Return the windows in order of their first packet in the capture."""
        order = np.argsort(self.windows["first_index"], kind="stable")
        if np.array_equal(order, np.arange(len(order))):
            return self
        return self.subset(order)

    @classmethod
    def concatenate(cls, parts: Sequence[Flows]) -> Flows:
        """Join windows of consecutive batches.

        Parameters
        ----------
        parts : sequence of Flows
            May be empty.

        Returns
        -------
        Flows
            All windows in the given order.
        """
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls(np.empty(0, WINDOW_DTYPE), np.empty(0, PACKET_DTYPE), np.zeros(1, np.int64))
        lengths = np.concatenate([np.diff(part.offsets) for part in parts])
        return cls(
            np.concatenate([part.windows for part in parts]),
            np.concatenate([part.packets for part in parts]),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        )
