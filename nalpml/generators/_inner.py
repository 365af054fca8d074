"""Whole IP packets to be carried inside something else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nalpml.generators._conversation import Conversation
from nalpml.generators._datagram import datagram_rows
from nalpml.generators._frames import serialise
from nalpml.generators._tcp import tcp_rows

__all__ = ["first_packets", "inner_packets"]

_ETHERNET = 14


def inner_packets(
    convs: Sequence[Conversation], rng: np.random.Generator, *, limit: int = 4000
) -> list[tuple[float, int, bytes]]:
    """Turn conversations into the IP packets they consist of.

    Parameters
    ----------
    convs : sequence of Conversation
        TCP or other, starts included.
    rng : numpy Generator
    limit : int
        Packets at most, counted from the first.

    Returns
    -------
    list of (float, int, bytes)
        Seconds, direction and octets from the IP header on, in time order.
    """
    out: list[tuple[float, int, bytes]] = []
    for engine, group in (
        (tcp_rows, [c for c in convs if c.proto == 6]),
        (datagram_rows, [c for c in convs if c.proto not in (0, 6, 256)]),
    ):
        if not group:
            continue
        rows, blob = engine(group, rng)
        rows["pad"] = 0
        starts = np.array([c.start for c in group])
        rows["time"] += np.rint(starts * 1e9).astype(np.int64)[rows["conv"]]
        rows = rows[np.argsort(rows["time"], kind="stable")][:limit]
        offsets, data = serialise(rows, np.frombuffer(blob + bytes(8), np.uint8))
        octets = data.tobytes()
        bounds = offsets.tolist()
        for i, (time, d) in enumerate(
            zip(rows["time"].tolist(), rows["dir"].tolist(), strict=True)
        ):
            out.append((time / 1e9, d, octets[bounds[i] + _ETHERNET : bounds[i + 1]]))
    out.sort(key=lambda entry: entry[0])
    return out[:limit]


def first_packets(convs: Sequence[Conversation], rng: np.random.Generator) -> list[bytes]:
    """Return the first IP packet of each conversation, all over the same transport.

    Parameters
    ----------
    convs : sequence of Conversation
        Each with at least one packet of direction 0; losses are ignored.
    rng : numpy Generator
    """
    if not convs:
        return []
    rows, blob = (tcp_rows if convs[0].proto == 6 else datagram_rows)(convs, rng)
    rows["pad"] = 0
    rows = rows[np.lexsort((rows["time"], rows["conv"]))]
    index = np.searchsorted(rows["conv"], np.arange(len(convs)))
    found = rows[np.minimum(index, len(rows) - 1)]
    offsets, data = serialise(found, np.frombuffer(blob + bytes(8), np.uint8))
    octets, bounds = data.tobytes(), offsets.tolist()
    return [octets[bounds[i] + _ETHERNET : bounds[i + 1]] for i in range(len(convs))]
