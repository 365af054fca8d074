"""How flow windows open and close: configuration, and the tracker that streams packets.

A flow is known by address pair, protocol and ports; ICMP echo by address pair and identifier
(until a pair has shown more than 16 identifiers within the idle timeout, from when further
ones share one flow); other ICMP by address pair and type; ICMP errors join the flow they
quote; VSOCK by context identifiers and ports. A window of a flow closes after `idle` seconds
without a packet, at `age` seconds, or at `packets` packets, whichever comes first; the flow
goes on in the next window unless it was idle. FIN or RST end a TCP flow only for a new SYN.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..capture.packets import DecodeReport, PacketTable
from ..errors import ConfigError
from .dtypes import CONTEXT_DTYPE, FRAGMENT_DTYPE, RING, SLOT_DTYPE, WINDOW_DTYPE
from .table import Flows, gather

__all__ = ["Tracker", "WindowConfig", "flows", "iter_flows"]

_FRAGMENTS = 4096
_CONTEXTS = 1 << 18
"""Pairs and services remembered at once; then all are forgotten and counted."""


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """When windows close.

    Parameters
    ----------
    idle : float
        Seconds without a packet after which a flow ends.
    age : float
        Seconds after which a window of a flow ends.
    packets : int
        Packets after which a window ends.
    flows : int
        Flows open at once; beyond, the one idle longest is closed (counted in the tracker).

    Raises
    ------
    ConfigError
        If a limit is not positive.
    """

    idle: float = 60.0
    age: float = 120.0
    packets: int = 1000
    flows: int = 1 << 20

    def __post_init__(self) -> None:
        for name in ("idle", "age", "packets", "flows"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"window {name} must be positive, not {getattr(self, name)}")

    @property
    def limits(self) -> NDArray[np.int64]:
        """The limits as kernels take them: idle and age in ns, packets, flows."""
        return np.array(
            [round(self.idle * 1e9), round(self.age * 1e9), self.packets, self.flows], np.int64
        )


class Tracker:
    """Assigns packets to windows chunk by chunk.

    Parameters
    ----------
    config : WindowConfig
        When windows close.

    Attributes
    ----------
    report : DecodeReport
        Counts of everything fed so far.
    """

    def __init__(self, config: WindowConfig | None = None) -> None:
        self.config = config or WindowConfig()
        self.report = DecodeReport()
        self._limits = self.config.limits
        self._index = np.full(64, -1, np.int32)
        self._slots = np.zeros(0, SLOT_DTYPE)
        self._windows = np.zeros(0, WINDOW_DTYPE)
        self._contexts = np.zeros(64, CONTEXT_DTYPE)
        self._rings = np.zeros((64, RING), np.int64)
        self._table = np.full(256, -1, np.int32)
        self._fragments = np.zeros(_FRAGMENTS, FRAGMENT_DTYPE)
        self._protocols = np.zeros(257, np.int64)
        self._state = np.zeros(11, np.int64)
        self._state[1:4] = -1
        self._pending_rows: NDArray[np.void] | None = None
        self._pending_ids = np.empty(0, np.int64)

    @property
    def evicted(self) -> int:
        """Windows closed early because too many flows were open."""
        return int(self._state[6])

    def feed(self, packets: PacketTable) -> Flows:
        """Take the next packets and return the windows that they closed.

        Parameters
        ----------
        packets : PacketTable
            The next chunk in capture order.

        Returns
        -------
        Flows
            Closed windows with their packets, in closing order.
        """
        from .._kernels.windows import assign

        self.report = self.report.merge(packets.report)
        rows = packets.rows.copy()
        ids = np.empty(len(rows), np.int64)
        self._reserve(len(rows))
        closed = np.empty(int(self._state[0]) + len(rows) + 1, WINDOW_DTYPE)
        self._state[5] = 0
        buffer = packets.buffer
        if buffer.flags.writeable:
            buffer = buffer.view()
            buffer.flags.writeable = False
        assign(
            buffer, rows, ids, self._limits, self._index, self._slots, self._windows, closed,
            self._contexts, self._rings, self._table, self._fragments, self._protocols,
            self._state,
        )  # fmt: skip
        return self._collect(rows, ids, closed[: int(self._state[5])])

    def finish(self) -> Flows:
        """Close every open window.

        Returns
        -------
        Flows
            The windows that were open, the one idle longest first.
        """
        from .._kernels.windows import flush

        closed = np.empty(int(self._state[0]), WINDOW_DTYPE)
        self._state[5] = 0
        flush(self._index, self._slots, self._windows, closed, self._state)
        return self._collect(None, np.empty(0, np.int64), closed)

    def _reserve(self, packets: int) -> None:
        # A packet opens one flow and up to three remembered entries at the most.
        live = min(int(self._state[0]) + packets, self.config.flows)
        if live > len(self._slots):
            old = len(self._slots)
            size = max(live, 2 * old)
            self._slots = _grown(self._slots, size)
            self._windows = _grown(self._windows, size)
            after = self._slots["after"]
            after[old : size - 1] = np.arange(old + 1, size)
            after[size - 1] = self._state[1]
            self._state[1] = old
        if 2 * len(self._slots) > len(self._index):
            self._index = _rebuilt(self._index, self._slots["hash"], 2 * len(self._slots))
        wanted = min(int(self._state[8]) + 3 * packets + 3, _CONTEXTS)
        if wanted > len(self._contexts):
            size = min(max(wanted, 2 * len(self._contexts)), _CONTEXTS)
            self._contexts = _grown(self._contexts, size)
            rings = np.zeros((size, RING), np.int64)
            rings[: len(self._rings)] = self._rings
            self._rings = rings
            self._table = _rebuilt(self._table, self._contexts["hash"], 2 * size)

    def _collect(
        self,
        rows: NDArray[np.void] | None,
        ids: NDArray[np.int64],
        closed: NDArray[np.void],
    ) -> Flows:
        if rows is not None and len(rows):
            kept = ids >= 0
            if not kept.all():
                rows, ids = rows[kept], ids[kept]
            if self._pending_rows is not None and len(self._pending_rows):
                rows = np.concatenate([self._pending_rows, rows])
                ids = np.concatenate([self._pending_ids, ids])
        else:
            rows, ids = self._pending_rows, self._pending_ids
        if rows is None:
            from ..capture.packets import PACKET_DTYPE

            rows = np.empty(0, PACKET_DTYPE)
        result, left = gather(rows, ids, closed)
        if len(left) == len(rows):
            self._pending_rows, self._pending_ids = rows, ids
        else:
            self._pending_rows, self._pending_ids = rows[left], ids[left]
        return result


def _grown(array: NDArray[np.void], size: int) -> NDArray[np.void]:
    result = np.zeros(size, array.dtype)
    result[: len(array)] = array
    return result


def _rebuilt(old: NDArray[np.int32], hashes: NDArray[np.uint64], entries: int) -> NDArray[np.int32]:
    # A larger index over the same entries.
    from .._kernels.tables import reindex

    size = 64
    while size < entries:
        size *= 2
    index = np.full(size, -1, np.int32)
    reindex(old, np.ascontiguousarray(hashes), index)
    return index


def iter_flows(
    chunks: Iterable[PacketTable], config: WindowConfig | None = None
) -> Iterator[Flows]:
    """Stream packets into closed windows.

    Parameters
    ----------
    chunks : iterable of PacketTable
        Consecutive packets of one capture, as `nalpml.capture.reader.iter_chunks` gives.
    config : WindowConfig, optional
        When windows close.

    Yields
    ------
    Flows
        Windows in closing order; the same whatever the size of the chunks.
    """
    tracker = Tracker(config)
    for chunk in chunks:
        closed = tracker.feed(chunk)
        if len(closed):
            yield closed
    last = tracker.finish()
    if len(last):
        yield last


def flows(packets: PacketTable, config: WindowConfig | None = None) -> Flows:
    """Put the packets of a capture into flow windows.

    Parameters
    ----------
    packets : PacketTable
        As `nalpml.read` returns.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Flows
        Every window, in order of its first packet.
    """
    parts = list(iter_flows([packets], config))
    return Flows.concatenate(parts).by_start()
