"""Frames of one batch to a packet table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .formats import Records
from .packets import PACKET_DTYPE, SKIP_REASONS, DecodeReport, PacketTable

__all__ = ["Decoder"]

_BLOCK = 2048
"""Frames that go through all kernels before the next ones: they stay in the processor's cache."""


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
    from .._kernels.decode import DEPTH, decode
    from .._kernels.payload import CLASSES, LOG_TABLE, payload_statistics
    from .._kernels.recognise import recognise
    from .._kernels.recognise_more import recognise_more

    n = records.count
    rows = np.zeros(n + 1 + DEPTH, PACKET_DTYPE)
    blank = np.zeros(1, PACKET_DTYPE)
    done = filled = unread = 0
    while done < n:
        part = slice(done, min(done + _BLOCK, n))
        frames, new, lost = decode(
            buffer, records.times[part], records.offsets[part], records.captured[part],
            records.wire[part], records.links[part], records.first + done, rows[filled:], blank,
        )  # fmt: skip
        fresh = rows[filled : filled + new]
        payload_statistics(buffer, LOG_TABLE, CLASSES, fresh)
        recognise(buffer, fresh)
        recognise_more(buffer, fresh)
        done, filled, unread = done + frames, filled + new, unread + lost
        if done < part.stop:  # packets inside others took the room
            rows = np.concatenate([rows[:filled], np.zeros(2 * (n - done + DEPTH), PACKET_DTYPE)])
    return rows[:filled], int(unread)
