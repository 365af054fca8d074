"""Which format a capture has, and its records one batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import CaptureError

__all__ = ["Records", "Walker", "open_walker"]

Octets = NDArray[np.uint8]
Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Records:
    """Where the frames of one batch are.

    Attributes
    ----------
    first : int
        Frame number of the first.
    times, offsets, captured, wire, links : int64 (n,)
        Time in ns, place in the buffer, lengths in octets, link type.
    ended : bool
        No more will come.
    damage : str
        Why reading ended early; empty when it did not.
    """

    first: int
    times: Column
    offsets: Column
    captured: Column
    wire: Column
    links: Column
    ended: bool
    damage: str

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.times)

    @classmethod
    def concatenate(cls, batches: Sequence[Records]) -> Records:
        """Join consecutive batches over the same buffer; there is at least one."""
        names = ("times", "offsets", "captured", "wire", "links")
        columns = {n: np.concatenate([getattr(batch, n) for batch in batches]) for n in names}
        last = batches[-1]
        return cls(batches[0].first, **columns, ended=last.ended, damage=last.damage)


class Walker(Protocol):
    """A format's reader: keeps its place in a buffer that grows at the end."""

    position: int

    def take(self, buffer: Octets, packets: int, *, final: bool) -> Records:
        """Return the next records; with `final` the buffer is all there will be."""
        ...


def open_walker(buffer: Octets, name: str) -> Walker:
    """Pick the reader of a capture by its first octets.

    Parameters
    ----------
    buffer : uint8 (n,)
        The capture, or at least its first 32 octets.
    name : str
        What messages call it.

    Returns
    -------
    Walker
        Placed behind the file header.

    Raises
    ------
    CaptureError
        If it is empty, no capture, or of an unsupported format.
    """
    from .pcap import PcapWalker, is_pcap
    from .pcapng import PcapngWalker, is_pcapng

    if len(buffer) == 0:
        raise CaptureError(f"{name}: empty file; a capture has at least a 24-octet header")
    if is_pcap(buffer):
        return PcapWalker(buffer, name)
    if is_pcapng(buffer):
        return PcapngWalker(buffer, name)
    head = buffer[:4].tobytes().hex(" ")
    raise CaptureError(f"{name}: not a pcap or pcapng capture (starts with {head})")
