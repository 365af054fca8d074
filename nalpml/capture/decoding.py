"""Frames of one batch to a packet table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .formats import Records
from .packets import PACKET_DTYPE, SKIP_REASONS, DecodeReport, PacketTable

__all__ = ["decode_chunk"]


def decode_chunk(buffer: NDArray[np.uint8], records: Records, name: str) -> PacketTable:
    """Decode frames and compute their payload statistics.

    Parameters
    ----------
    buffer : uint8 (k,)
        Octets that the records point into.
    records : Records
        Where the frames are.
    name : str
        Name of the capture, for the report.

    Returns
    -------
    PacketTable
        One row a frame, in file order.
    """
    from .._kernels.decode import decode
    from .._kernels.payload import CLASSES, LOG_TABLE, payload_statistics
    from .._kernels.recognise import recognise

    rows = np.zeros(records.count, PACKET_DTYPE)
    decode(
        buffer, records.times, records.offsets, records.captured, records.wire, records.links,
        records.first, rows,
    )  # fmt: skip
    payload_statistics(buffer, LOG_TABLE, CLASSES, rows)
    recognise(buffer, rows)
    reasons = np.bincount(rows["skip"], minlength=len(SKIP_REASONS))
    report = DecodeReport(
        source=name,
        packets=records.count,
        skipped={
            text: int(count)
            for text, count in zip(SKIP_REASONS[1:], reasons[1:], strict=True)
            if count
        },
        truncated=int(np.count_nonzero(rows["frame_cap"] < rows["frame_len"])),
        backwards=int(np.count_nonzero(np.diff(rows["time_ns"]) < 0)),
        damage=records.damage,
    )
    return PacketTable(rows, buffer, report)
