"""Classic pcap: microseconds or nanoseconds, either byte order, also the modified header."""

from __future__ import annotations

import struct

import numpy as np

from ..errors import CaptureError
from .formats import Octets, Records

__all__ = ["PcapWalker", "is_pcap"]

# magic -> (big-endian, nanoseconds, octets of a record header)
_MAGIC = {
    b"\xd4\xc3\xb2\xa1": (False, False, 16),
    b"\xa1\xb2\xc3\xd4": (True, False, 16),
    b"\x4d\x3c\xb2\xa1": (False, True, 16),
    b"\xa1\xb2\x3c\x4d": (True, True, 16),
    b"\x34\xcd\xb2\xa1": (False, False, 24),
    b"\xa1\xb2\xcd\x34": (True, False, 24),
}

_LIMIT = 1 << 26
"""No frame is believed to be longer, whatever a record header says."""


def is_pcap(buffer: Octets) -> bool:
    """Tell whether a capture starts with a classic pcap magic number."""
    return buffer[:4].tobytes() in _MAGIC


class PcapWalker:
    """Records of a classic pcap file, in order.

    Parameters
    ----------
    buffer : uint8 (n,)
        The file or its beginning.
    name : str
        What messages call it.

    Raises
    ------
    CaptureError
        If the file header is cut off.
    """

    def __init__(self, buffer: Octets, name: str) -> None:
        if len(buffer) < 24:
            raise CaptureError(f"{name}: cut off in the pcap file header (offset {len(buffer)})")
        big, self._nano, self._header = _MAGIC[buffer[:4].tobytes()]
        self._swapped = big
        (network,) = struct.unpack(">I" if big else "<I", buffer[20:24].tobytes())
        self._link = network & 0xFFFF
        self._name = name
        self._taken = 0
        self._base = 0
        self.position = 24

    def take(self, buffer: Octets, packets: int, *, final: bool) -> Records:
        """Return the next records; see `nalpml.capture.formats.Walker`."""
        from .._kernels.records import walk_pcap

        times, offsets, captured, wire = np.empty((4, packets), np.int64)
        count, position, status = walk_pcap(
            buffer, self.position, self._swapped, self._nano, self._header, _LIMIT,
            times, offsets, captured, wire,
        )  # fmt: skip
        first = self._taken
        self._taken += count
        self.position = position
        damage = ""
        if status == 3:
            damage = f"impossible record length behind packet {self._taken}"
        elif status == 1 and final:
            damage = f"cut off behind packet {self._taken}"
        return Records(
            first, times[:count], offsets[:count], captured[:count], wire[:count],
            np.full(count, self._link, np.int64),
            ended=status == 3 or (final and status != 2), damage=damage,
        )  # fmt: skip
