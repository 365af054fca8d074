"""Frames of one batch to a packet table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .formats import Records
from .packets import PACKET_DTYPE, SKIP_REASONS, DecodeReport, PacketTable

__all__ = ["Decoder"]


class Decoder:
    """Decodes the frames of one capture, batch after batch.

    Parameters
    ----------
    name : str
        Name of the capture, for the report.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._before: NDArray[Any] = np.zeros(0, PACKET_DTYPE)

    def decode(self, buffer: NDArray[np.uint8], records: Records) -> PacketTable:
        """Decode frames and compute their payload statistics.

        Parameters
        ----------
        buffer : uint8 (k,)
            Octets that the records point into.
        records : Records
            Where the frames are, behind those of the call before.

        Returns
        -------
        PacketTable
            One row a packet, in file order.
        """
        from .._kernels.checks import check_order

        if buffer.flags.writeable:  # one type for kernels to be compiled for
            buffer = buffer.view()
            buffer.flags.writeable = False
        rows, unread = _rows(buffer, records)
        backwards, duplicates = check_order(rows, self._before)
        if len(rows) >= 4:  # joining structured arrays is slow, and seldom needed
            self._before = rows[-4:].copy()
        elif len(rows):
            self._before = np.concatenate([self._before, rows])[-4:]
        outermost = rows["depth"] == 0
        reasons = np.bincount(rows["skip"][outermost], minlength=len(SKIP_REASONS))
        report = DecodeReport(
            source=self._name,
            packets=records.count,
            skipped={
                text: int(count)
                for text, count in zip(SKIP_REASONS[1:], reasons[1:], strict=True)
                if count
            },
            truncated=int(np.count_nonzero(records.captured < records.wire)),
            backwards=int(backwards),
            duplicates=int(duplicates),
            inner=len(rows) - records.count,
            unread=unread,
            damage=records.damage,
        )
        return PacketTable(rows, buffer, report)


def _rows(buffer: NDArray[np.uint8], records: Records) -> tuple[NDArray[Any], int]:
    from .._kernels.decode import DEPTH
    from .._kernels.frames import read_frames
    from .._kernels.payload import CLASSES, LOG_TABLE

    n = records.count
    rows = np.empty(n + 1 + DEPTH, PACKET_DTYPE)
    blank = np.zeros(1, PACKET_DTYPE)
    done = filled = unread = 0
    while done < n:
        rest = slice(done, n)
        frames, new, lost = read_frames(
            buffer, records.times[rest], records.offsets[rest], records.captured[rest],
            records.wire[rest], records.links[rest], records.first + done, LOG_TABLE, CLASSES,
            rows[filled:], blank,
        )  # fmt: skip
        done, filled, unread = done + frames, filled + new, unread + lost
        if done < n:  # packets inside others took the room
            more = np.empty(filled + 2 * (n - done + DEPTH), PACKET_DTYPE)
            more[:filled] = rows[:filled]
            rows = more
    return rows[:filled], int(unread)
