"""Columns that every packet of a conversation shares, by conversation and direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.generators._conversation import Conversation
from nalpml.generators._counters import LINUX, counter_of
from nalpml.generators._frames import ETHER, IP4, ROW, VSOCK
from nalpml.generators._network import Host

__all__ = ["Rows", "address", "fill", "identify", "in_order", "messages"]

Rows = npt.NDArray[Any]
SHIFT = 47
"""Bits for the time within a conversation (ns, about 39 hours) in a (group, time) key."""

_MAPPED = 0xFFFF << 32
_POLICIES = {"zero": 0, "inc": 1, "bg": 2, "random": 3}


def address(host: Host, version: int) -> tuple[int, int]:
    """An address as two 64-bit halves; IPv4 as ::ffff:a.b.c.d."""
    return host.v6 if version == 6 else (0, _MAPPED | host.v4)


class Messages:
    """Messages of many conversations as columns, sorted by group (2 * conversation + direction)."""

    def __init__(self, convs: Sequence[Conversation]) -> None:
        counts = [len(c.t) for c in convs]
        self.conv = np.repeat(np.arange(len(convs)), counts)
        seconds = np.fromiter((t for c in convs for t in c.t), np.float64, sum(counts))
        self.time = np.rint(np.maximum(seconds, 0) * 1e9).astype(np.int64)
        self.dir = np.fromiter((d for c in convs for d in c.d), np.int64, sum(counts))
        payloads = [p for c in convs for p in c.payloads]
        self.length = np.fromiter(map(len, payloads), np.int64, len(payloads))
        self.offset = np.cumsum(self.length) - self.length
        self.meta = np.fromiter((m for c in convs for m in c.meta), np.int64, sum(counts))
        base = np.repeat(np.cumsum(counts) - counts, counts)
        parent = np.fromiter((p for c in convs for p in c.parent), np.int64, sum(counts))
        self.parent = np.where(parent >= 0, parent + base, -1)
        self.blob = b"".join(payloads)
        self.group = 2 * self.conv + self.dir


def in_order(
    group: npt.NDArray[np.int64],
    time: npt.NDArray[np.int64],
    spacing: npt.NDArray[np.int64] | int = 0,
) -> npt.NDArray[np.int64]:
    """Never let time go back within a group, nor two packets come closer than a link lets them.

    Parameters
    ----------
    group : int64 array [shape=(n,)]
        Ascending.
    time : int64 array [shape=(n,)]
        Nanoseconds since the start of the conversation.
    spacing : int64 array [shape=(n,)] or int
        Nanoseconds that a packet occupies the link; equal within a group.

    Returns
    -------
    int64 array [shape=(n,)]
    """
    rank = np.arange(len(group)) - np.searchsorted(group, group)
    lead = rank * spacing
    # Half of the key's time range is kept below zero for what the spacing takes off.
    keys = (group << SHIFT) + (1 << (SHIFT - 1)) + time - lead
    result: npt.NDArray[np.int64] = np.maximum.accumulate(keys) & ((1 << SHIFT) - 1)
    return result - (1 << (SHIFT - 1)) + lead


def messages(convs: Sequence[Conversation]) -> Messages:
    """Columns of all messages, in conversation order."""
    return Messages(convs)


def fill(rows: Rows, convs: Sequence[Conversation]) -> None:
    """Set link and network columns of rows whose `conv`, `dir` and `time` are set."""
    table = np.zeros(2 * len(convs), ROW)
    for i, conv in enumerate(convs):
        ends, path = conv.ends, conv.ends.path
        version = ends.version
        kind = VSOCK if conv.proto == 256 else ETHER if conv.proto == 0 else version
        if conv.proto == 256:
            a, b = (0, ends.client.v4), (0, ends.server.v4)
        else:
            a, b = address(ends.client, version), address(ends.server, version)
        for d in (0, 1):
            row = table[2 * i + d]
            host = ends.server if d else ends.client
            row["kind"], row["proto"] = kind, conv.proto & 0xFF
            row["ttl"] = max(1, host.system.ttl - path.hops[d])
            row["tos"], row["pad"] = path.tos[d], path.padded[d]
            row["src_hi"], row["src_lo"] = b if d else a
            row["dst_hi"], row["dst_lo"] = a if d else b
            row["src_mac"], row["dst_mac"] = path.macs[d], path.macs[1 - d]
            row["sport"] = conv.dport if d and conv.proto else conv.sport
            row["dport"] = conv.sport if d else conv.dport
            row["flow"] = (host.stamp_base * 2654435761 + conv.sport * 40503 + i) & 0xFFFFF
    group = 2 * rows["conv"].astype(np.int64) + rows["dir"]
    for name in (
        "kind",
        "proto",
        "ttl",
        "tos",
        "pad",
        "src_hi",
        "src_lo",
        "dst_hi",
        "dst_lo",
        "src_mac",
        "dst_mac",
        "sport",
        "dport",
        "flow",
    ):
        rows[name] = table[name][group]


def identify(rows: Rows, convs: Sequence[Conversation], rng: np.random.Generator) -> None:
    """Set IP identification and fragment bits, in time order within each counter."""
    group = 2 * rows["conv"].astype(np.int64) + rows["dir"]
    counter, start, moving = counter_of(convs, rng)
    begin = np.rint(np.array([c.start for c in convs]) * 1e9).astype(np.int64)
    when = rows["time"] + begin[rows["conv"]]
    k = counter[group]
    order = np.lexsort((when, k))
    k, g, when = k[order], group[order], when[order]
    first = np.searchsorted(k, np.arange(len(start)))
    rank = np.arange(len(k)) - first[k]
    hosts = [h for c in convs for h in (c.ends.client, c.ends.server)]
    policy = np.array([_POLICIES[h.ip_id] for h in hosts])[g]
    rate = np.array([h.id_rate for h in hosts])[g]
    linux = np.array([h.system.name in LINUX for h in hosts])[g]
    since = np.diff(when, prepend=0)
    since[rank == 0] = 0
    moves = moving[k]
    ticks = np.where(moves, np.maximum(since, 0) * 250 // 10**9, 0)
    drift = np.cumsum((rng.random(len(k)) * (ticks + 1)).astype(np.int64))
    since_start = np.where(moves, when * 125 // 10**9, 0)
    rank = rank + drift - drift[first[k]] + since_start[first[k]]
    moved = (rate * (when / 1e9)).astype(np.int64)
    scattered = rng.integers(0, 65536, len(k))
    begun = start[k]
    values = np.select(
        [policy == 0, policy == 1, policy == 2], [0, begun + rank, begun + rank + moved], scattered
    )
    rows["ip_id"][order] = values & 0xFFFF
    # Linux answers a SYN, and resets, from outside any connection's counter.
    stateless = (rows["proto"] == 6) & (
        ((rows["flags"] & 0x12) == 0x12) | ((rows["flags"] & 4) > 0)
    )
    stateless[order] &= linux
    rows["ip_id"][stateless] = 0
    v4 = rows["kind"] == IP4
    no_fragments = np.array([h.system.name not in ("embedded", "unix") for h in hosts])
    tcp_or_drawn = (rows["proto"] == 6) | (rng.random(len(hosts)) < 0.5)[group]
    zero = np.zeros(len(rows), bool)
    zero[order] = policy == 0
    rows["frag"] = np.where(v4 & ((no_fragments[group] & tcp_or_drawn) | zero), 0x4000, 0)
    rows["ip_id"][~v4] = 0
    rows["flow"][rows["kind"] == IP4] = 0
