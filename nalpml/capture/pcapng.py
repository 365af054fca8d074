"""pcapng: sections, interfaces, and the three kinds of packet block."""

from __future__ import annotations

import numpy as np

from .formats import Octets, Records

__all__ = ["PcapngWalker", "is_pcapng"]

_LIMIT = 1 << 26
_INTERFACES = 1024
"""Interfaces of a section that are remembered; packets of others are counted, not decoded."""


def is_pcapng(buffer: Octets) -> bool:
    """Tell whether a capture starts with a pcapng section header."""
    return buffer[:4].tobytes() == b"\x0a\x0d\x0d\x0a"


class PcapngWalker:
    """Packets of a pcapng file, in file order.

    Parameters
    ----------
    buffer : uint8 (n,)
        The file or its beginning.
    name : str
        What messages call it.
    """

    def __init__(self, buffer: Octets, name: str) -> None:
        self._name = name
        self._state = np.zeros(3, np.int64)
        self._interfaces = np.zeros((_INTERFACES, 5), np.int64)
        self._taken = 0
        self.position = 0

    def take(self, buffer: Octets, packets: int, *, final: bool) -> Records:
        """Return the next records; see `nalpml.capture.formats.Walker`."""
        from .._kernels.records import walk_pcapng

        times, offsets, captured, wire, links = np.empty((5, packets), np.int64)
        count, position, status = walk_pcapng(
            buffer, self.position, self._state, self._interfaces, _LIMIT,
            times, offsets, captured, wire, links,
        )  # fmt: skip
        first = self._taken
        self._taken += count
        self.position = position
        damage = ""
        if status == 3:
            damage = f"impossible block behind packet {self._taken}"
        elif status == 1 and final:
            damage = f"cut off behind packet {self._taken}"
        return Records(
            first, times[:count], offsets[:count], captured[:count], wire[:count], links[:count],
            ended=status == 3 or (final and status != 2), damage=damage,
        )  # fmt: skip
