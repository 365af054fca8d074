"""Counters of a host that go on from one conversation to the next: IP identification, time stamps.

Linux counts datagrams by pair of hosts and protocol, and lets the counter move with time; a TCP
connection and a connected datagram socket have one of their own. Windows and small stacks count all
that they send, or by destination (RFC 6274, RFC 7739). Time stamps of TCP start from an offset for
each pair of addresses on Linux (``secure_tcp_ts_off``), for each connection on BSD and macOS (RFC
7323, section 5.4).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Host

__all__ = ["LINUX", "counter_of", "stamp_offsets"]

I64 = npt.NDArray[np.int64]

LINUX = ("linux", "android", "appliance")
"""Systems with Linux's habits."""


def _mixed(*parts: int) -> int:
    """Numbers hashed to 32 bits, alike in every process."""
    value = 0x811C9DC5
    for part in parts:
        value = ((value ^ (part & 0xFFFFFFFFFFFF)) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        value ^= value >> 29
    return value >> 16 & 0xFFFFFFFF


def _connected(conv: Conversation, host: Host, d: int) -> bool:
    """Whether a socket of its own counts: of a TCP connection, or of a datagram client's."""
    if conv.proto == 6:
        return True
    # Most clients connect() their datagram sockets, servers hardly ever do.
    return conv.proto == 17 and d == 0 and _mixed(host.stamp_base, conv.dport) % 10 < 7


def counter_of(
    convs: Sequence[Conversation], rng: np.random.Generator
) -> tuple[I64, I64, npt.NDArray[np.bool_]]:
    """Which identification counter each direction of each conversation takes from.

    Parameters
    ----------
    convs : sequence of Conversation
    rng : numpy Generator
        For counters of a connection of its own.

    Returns
    -------
    counter : int64 array [shape=(2 * len(convs),)]
        Number of the counter, by group (2 * conversation + direction).
    start : int64 array
        First value of each counter.
    moves : bool array
        Whether each counter moves with time, by up to one a tick.
    """
    own = rng.integers(0, 65536, 2 * len(convs)).tolist()
    known: dict[tuple[int, ...], int] = {}
    counter, start, moves = [], [], []
    for i, conv in enumerate(convs):
        ends = (conv.ends.client, conv.ends.server)
        for d in (0, 1):
            host, peer = ends[d], ends[1 - d]
            key: tuple[int, ...]
            if host.ip_id == "bg":
                key, value = (0, host.v4), host.id_base
            elif host.system.name in LINUX and _connected(conv, host, d):
                key, value = (1, i, d), own[2 * i + d]
            else:
                key = (2, host.v4, peer.v4, conv.proto)
                value = _mixed(host.id_base, *key)
            if key not in known:
                known[key] = len(known)
                start.append(value)
                moves.append(key[0] == 2 and host.system.name in LINUX)
            counter.append(known[key])
    return np.array(counter, np.int64), np.array(start, np.int64), np.array(moves, bool)


def stamp_offsets(convs: Sequence[Conversation], rng: np.random.Generator) -> I64:
    """Offset of the time stamps of each direction of each conversation, at the mixture's start.

    Returns
    -------
    int64 array [shape=(2 * len(convs),)]
    """
    base = rng.integers(0, 1 << 32, 2 * len(convs))
    for i, conv in enumerate(convs):
        client, server = conv.ends.client, conv.ends.server
        for k, host, peer in ((2 * i, client, server), (2 * i + 1, server, client)):
            if host.system.name in LINUX:
                base[k] = _offset(host, peer, conv.ends.version)
        if conv.stamp >= 0:
            base[2 * i] = conv.stamp - int(conv.start * client.stamp_hz)
    return base


def _offset(host: Host, peer: Host, version: int) -> int:
    return _mixed(host.stamp_base, host.v4, peer.v4, version)
