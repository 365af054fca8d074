"""scapy packets to and from packet tables: the only module that knows scapy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import CaptureError
from .decoding import Decoder
from .formats import Records
from .packets import PacketTable

__all__ = ["from_scapy", "to_scapy"]

_LINKS = {
    "Ether": 1, "IP": 101, "IPv6": 101, "CookedLinux": 113, "CookedLinuxV2": 276, "Loopback": 0,
    "Dot11": 105, "RadioTap": 127,
}  # fmt: skip


def from_scapy(packets: Iterable[Any]) -> PacketTable:
    """Decode crafted or sniffed scapy packets.

    Parameters
    ----------
    packets : iterable of scapy Packet
        Starting at Ethernet, Linux cooked capture, or IP; ``time`` is used as it stands.

    Returns
    -------
    PacketTable
        One row a packet, in the given order.

    Raises
    ------
    CaptureError
        If a packet starts with another layer.
    """
    frames, times, links = [], [], []
    for number, packet in enumerate(packets):
        layer = type(packet).__name__
        if layer not in _LINKS:
            raise CaptureError(
                f"scapy packet {number} starts with {layer}: use {', '.join(_LINKS)} at the bottom"
            )
        frames.append(bytes(packet))
        times.append(int(packet.time * 1_000_000_000))
        links.append(_LINKS[layer])
    lengths = np.array([len(frame) for frame in frames], np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if frames else np.zeros(0, np.int64)
    buffer = np.frombuffer(b"".join(frames), np.uint8)
    records = Records(
        0, np.array(times, np.int64), offsets.astype(np.int64), lengths, lengths.copy(),
        np.array(links, np.int64), ended=True, damage="",
    )  # fmt: skip
    return Decoder("scapy packets").decode(buffer, records)


def to_scapy(packets: PacketTable, row: int) -> Any:
    """Return one packet's payload as a scapy ``Raw`` layer, for looking at.

    Parameters
    ----------
    packets : PacketTable
        With its buffer.
    row : int
        Row number.

    Returns
    -------
    scapy Packet
        ``Raw`` with the captured payload.
    """
    from scapy.packet import Raw

    return Raw(packets.payload(row))
