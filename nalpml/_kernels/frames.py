"""Frames to finished packet rows: decoding, payload statistics and recognition in one call.

A few frames go through all three before the next ones, while their octets and rows are in the
processor's cache.
"""

from __future__ import annotations

from ._jit import kernel
from ._memory import borrow
from .decode import decode
from .payload import payload_statistics
from .recognise import recognise
from .recognise_more import recognise_more

__all__ = ["read_frames"]

BLOCK = 128
"""Frames at a time."""


@kernel
def read_frames(
    buffer, times, offsets, captured, wire, links, first_index, log_table, classes, rows, blank,
):  # fmt: skip
    """Fill rows from frames, as far as there is room for them.

    Parameters
    ----------
    buffer, times, offsets, captured, wire, links, first_index, rows, blank
        As for `decode`.
    log_table, classes
        As for `payload_statistics`.

    Returns
    -------
    (int, int, int)
        As of `decode`.
    """
    buffer, rows, blank = borrow(buffer), borrow(rows), borrow(blank)
    log_table, classes = borrow(log_table), borrow(classes)
    done = filled = unread = 0
    while done < len(times):
        stop = min(done + BLOCK, len(times))
        frames, new, lost = decode(
            buffer, times[done:stop], offsets[done:stop], captured[done:stop], wire[done:stop],
            links[done:stop], first_index + done, rows[filled:], blank,
        )  # fmt: skip
        fresh = rows[filled : filled + new]
        payload_statistics(buffer, log_table, classes, fresh)
        recognise(buffer, fresh)
        recognise_more(buffer, fresh)
        done += frames
        filled += new
        unread += lost
        if done < stop:
            break
    return done, filled, unread
