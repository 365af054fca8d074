"""How flow windows open and close: configuration, and the tracker that streams packets.

A flow is known by address pair, protocol and ports; ICMP echo by address pair and identifier
(until a pair has shown more than 16 identifiers within the idle timeout, from when further
ones share one flow); other ICMP by address pair and type; ICMP errors join the flow they
quote; VSOCK by context identifiers and ports. A window of a flow closes after `idle` seconds
without a packet, at `age` seconds, or at `packets` packets, whichever comes first; the flow
goes on in the next window unless it was idle. FIN or RST end a TCP flow only for a new SYN. Later
fragments have the ports of the first one, for a minute and if it came before them. Packets inside
others form flows of their own, apart from flows of the same addresses and ports elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..capture.packets import DecodeReport, PacketTable
from ..errors import ConfigError
from .collecting import Pending
from .dtypes import (
    CONTEXT_DTYPE,
    FRAGMENT_DTYPE,
    MARK_DTYPE,
    RING,
    SLOT_DTYPE,
    WINDOW_DTYPE,
)
from .table import Flows

__all__ = ["Tracker", "WindowConfig", "flows", "iter_flows"]

# Places in the tracker's state, as in the kernels.
LIVE, FREE, TAIL, CLOSED, EVICTED, CONTEXTS = 0, 1, 3, 5, 6, 8

_BATCH = 1 << 14
"""Packets of a whole capture that are assigned at a time."""

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
        self._uids = np.zeros(256, np.uint64)
        self._state = np.zeros(12, np.int64)
        self._state[FREE : TAIL + 1] = -1
        self._pending = Pending()

    @property
    def evicted(self) -> int:
        """Windows closed early because too many flows were open."""
        return int(self._state[EVICTED])

    @property
    def waiting(self) -> int:
        """Packets of windows that are open."""
        return self._pending.waiting

    def feed(self, packets: PacketTable) -> Flows:
        """Take the next packets and return the windows that they closed.

        Parameters
        ----------
        packets : PacketTable
            The next chunk in capture order. Its rows are kept until their windows close, and
            must not be changed meanwhile.

        Returns
        -------
        Flows
            Closed windows with their packets, in closing order.
        """
        return self._pending.collect(self.assign(packets))

    def finish(self) -> Flows:
        """Close every open window.

        Returns
        -------
        Flows
            The windows that were open, the one idle longest first.
        """
        return self._pending.collect(self.flush())

    def finish_all(self, packets: PacketTable) -> Flows:
        """Take the last packets and close every window.

        Parameters
        ----------
        packets : PacketTable
            As for `feed`.

        Returns
        -------
        Flows
            Every window not returned before, in order of its first packet.
        """
        parts = []
        for start in range(0, len(packets), _BATCH):
            rows = packets.rows[start : start + _BATCH]
            parts.append(self.assign(PacketTable(rows, packets.buffer, DecodeReport())))
        self.report = self.report.merge(packets.report)
        closed = np.concatenate([*parts, self.flush()])
        return self._pending.collect(closed[np.argsort(closed["first_index"], kind="stable")])

    def assign(self, packets: PacketTable) -> NDArray[Any]:
        """Take the next packets; as `feed`, without collecting packets of closed windows.

        Parameters
        ----------
        packets : PacketTable
            As for `feed`.

        Returns
        -------
        structured (n,)
            Windows closed, of WINDOW_DTYPE.
        """
        from .._kernels.windows import assign

        self.report = self.report.merge(packets.report)
        rows = packets.rows
        marks = np.empty(len(rows), MARK_DTYPE)
        self._reserve(len(rows))
        closed = np.zeros(int(self._state[LIVE]) + len(rows) + 1, WINDOW_DTYPE)
        self._state[CLOSED] = 0
        buffer = packets.buffer
        if buffer.flags.writeable:
            buffer = buffer.view()
            buffer.flags.writeable = False
        assign(
            buffer, rows, marks, self._limits, self._index, self._slots, self._windows, closed,
            self._contexts, self._rings, self._table, self._fragments, self._protocols,
            self._uids, self._state,
        )  # fmt: skip
        self._pending.add(rows, marks)
        return closed[: int(self._state[CLOSED])].copy()

    def flush(self) -> NDArray[Any]:
        """Close every open window; as `finish`, without collecting their packets.

        Returns
        -------
        structured (n,)
            Windows closed, of WINDOW_DTYPE.
        """
        from .._kernels.windows import flush

        closed = np.zeros(int(self._state[LIVE]), WINDOW_DTYPE)
        self._state[CLOSED] = 0
        flush(self._index, self._slots, self._windows, closed, self._state)
        return closed

    def _reserve(self, packets: int) -> None:
        # A packet opens one flow and up to four remembered entries at the most. Space that was
        # never used costs nothing: the system hands out zeroed pages when they are touched.
        live = min(int(self._state[LIVE]) + packets, self.config.flows)
        if live > len(self._slots):
            size = max(live, 2 * len(self._slots))
            self._slots = _grown(self._slots, size)
            self._windows = _grown(self._windows, size)
        if 2 * len(self._slots) > len(self._index):
            self._index = _rebuilt(self._index, self._slots["hash"], 2 * len(self._slots))
        wanted = min(int(self._state[CONTEXTS]) + 4 * packets + 4, _CONTEXTS)
        if wanted > len(self._contexts):
            size = min(max(wanted, 2 * len(self._contexts)), _CONTEXTS)
            self._contexts = _grown(self._contexts, size)
            rings = np.zeros((size, RING), np.int64)
            rings[: len(self._rings)] = self._rings
            self._rings = rings
            self._table = _rebuilt(self._table, self._contexts["hash"], 2 * size)


def _grown(array: NDArray[Any], size: int) -> NDArray[Any]:
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
    return Tracker(config).finish_all(packets)
