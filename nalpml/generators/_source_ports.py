"""Source ports that follow one another, as systems hand them out.

Linux goes on by two from a start that depends on both addresses and the server's port, now and then
by a little more (``__inet_hash_connect``); Windows counts its TCP connections by one, with those to
others between. BSD and macOS draw each port, and so does Linux for datagrams (RFC 6056): those stay
as a profile drew them, and so do ports that it chose, or a router that translates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nalpml.generators._conversation import Conversation
from nalpml.generators._counters import LINUX

__all__ = ["follow_ports"]


def follow_ports(convs: Sequence[Conversation], rng: np.random.Generator) -> None:
    """Give the TCP connections of one episode the ports their systems would.

    Parameters
    ----------
    convs : sequence of Conversation
        Of one episode; `sport` of some is changed. Those of one port keep one port.
    rng : numpy Generator
    """
    last: dict[tuple[int, ...], int] = {}
    given: dict[tuple[int, int], int] = {}
    for conv in sorted(convs, key=_start):
        client = conv.ends.client
        low, high = client.system.ports
        free = conv.proto == 6 and not conv.chosen and low <= conv.sport <= high
        windows = client.system.name.startswith("windows")
        # Kernels that were told to draw ports, or programs that bind first, are a few.
        drawn = client.stamp_base % 4 == 0
        if not free or drawn or conv.ends.path.nat:
            continue
        if not (windows or client.system.name in LINUX):
            continue
        own = (client.mac, conv.sport)
        if own not in given:
            pair = (client.mac,) if windows else (client.mac, conv.ends.server.v4, conv.dport)
            if pair in last:
                step = 1 if windows else 2
                step *= 1 if rng.random() < 0.85 else int(rng.integers(2, 9))
                given[own] = low + (last[pair] + step - low) % (high - low + 1)
            else:
                given[own] = conv.sport
            last[pair] = given[own]
        conv.sport = given[own]


def _start(conv: Conversation) -> float:
    return conv.start
