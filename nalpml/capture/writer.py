"""Frames to classic pcap with nanosecond timestamps, without a Python step per packet."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from nalpml.errors import CaptureError

__all__ = ["write_pcap"]

_MAGIC_NANOSECONDS = 0xA1B23C4D
_SNAPLEN = 262144
_BLOCK = 1 << 16


def write_pcap(
    target: str | Path | BinaryIO,
    time_ns: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    *,
    linktype: int = 1,
    original: npt.NDArray[np.int64] | None = None,
) -> None:
    """Write a classic pcap file (little-endian, magic 0xa1b23c4d: nanoseconds).

    Parameters
    ----------
    target : path or binary file object
        A file object is left open.
    time_ns : int64 array [shape=(n,)]
        Nanoseconds since the epoch; not negative, below 2**32 seconds.
    offsets : int64 array [shape=(n + 1,)]
        Octet of `data` at which each frame starts, and the end of the last.
    data : uint8 array
        The frames one after another.
    linktype : int
        Link type of the whole file: 1 Ethernet, 271 VSOCK.
    original : int64 array [shape=(n,)], optional
        Octets of each frame on the wire, where a snap length has cut it.

    Raises
    ------
    CaptureError
        When the arrays do not fit together, a time cannot be written or the file cannot be made.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> file = io.BytesIO()
    >>> write_pcap(file, np.array([1]), np.array([0, 3]), np.array([7, 8, 9], dtype=np.uint8))
    >>> len(file.getvalue())
    43
    """
    time_ns = np.asarray(time_ns, np.int64)
    offsets = np.asarray(offsets, np.int64)
    if len(offsets) != len(time_ns) + 1:
        message = f"{len(time_ns)} times need {len(time_ns) + 1} offsets, not {len(offsets)}"
        raise CaptureError(message)
    lengths = np.diff(offsets)
    if offsets[0] != 0 or offsets[-1] != len(data) or (lengths.size and lengths.min() < 0):
        message = f"frame offsets do not cover the {len(data)} octets of data in order"
        raise CaptureError(message)
    if time_ns.size and (time_ns.min() < 0 or time_ns.max() >= 2**32 * 10**9):
        message = "packet times outside 1970..2106 cannot be written to pcap"
        raise CaptureError(message)
    original = lengths if original is None else np.asarray(original, np.int64)
    if len(original) != len(lengths) or bool((original < lengths).any()):
        message = "a frame cannot have been shorter on the wire than what was kept of it"
        raise CaptureError(message)
    if isinstance(target, (str, Path)):
        try:
            with open(target, "wb") as file:
                _write(file, time_ns, offsets, data, linktype, original)
        except OSError as error:
            message = f"{target}: cannot be written ({error.strerror})"
            raise CaptureError(message) from error
    else:
        _write(target, time_ns, offsets, data, linktype, original)


def _write(
    file: BinaryIO,
    time_ns: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    linktype: int,
    original: npt.NDArray[np.int64],
) -> None:
    file.write(struct.pack("<IHHiIII", _MAGIC_NANOSECONDS, 2, 4, 0, 0, _SNAPLEN, linktype))
    for low in range(0, len(time_ns), _BLOCK):
        high = min(low + _BLOCK, len(time_ns))
        part = _records(time_ns[low:high], offsets[low : high + 1], data, original[low:high])
        file.write(part.tobytes())


def _records(
    time_ns: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    original: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint8]:
    """Records of a block: a mask tells header octets from frame octets."""
    lengths = np.diff(offsets)
    n = len(lengths)
    header = np.empty((n, 4), "<u4")
    header[:, 0] = time_ns // 10**9
    header[:, 1] = time_ns % 10**9
    header[:, 2] = lengths
    header[:, 3] = original
    starts = offsets[:-1] - offsets[0] + 16 * np.arange(n)
    out = np.empty(int(offsets[-1] - offsets[0]) + 16 * n, np.uint8)
    frame = np.ones(len(out), bool)
    index = starts[:, None] + np.arange(16)
    frame[index.ravel()] = False
    out[index.ravel()] = header.view(np.uint8).ravel()
    out[frame] = data[offsets[0] : offsets[-1]]
    return out
