"""What the parts of the TCP engine share: parameters of paths, and the table of data segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nalpml.generators._common import SHIFT
from nalpml.generators._conversation import INITIAL_WINDOW, Conversation
from nalpml.generators._counters import LINUX

__all__ = ["F64", "I64", "Data", "Paths", "draw_paths", "received", "sent_by"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

_LONG = 1 << 30
"""A receiver that never leaves it: programs may ask for that (TCP_QUICKACK)."""


@dataclass(slots=True)
class Paths:
    """Parameters by conversation (`c`) and by group (`g` = 2 * conversation + direction)."""

    rtt: F64
    owd: I64
    before: I64  # g: sender to capture point, ns
    after: I64  # g: capture point to receiver, ns
    jitter: F64
    share: F64  # g: part of the delay, and so of its jitter, before the capture point
    loss: F64
    reorder: F64
    gap: F64  # seconds a full segment takes on the bottleneck
    limit: I64
    segment: I64  # g: octets in a frame
    gathered: I64  # g: segments in a frame
    stamps: npt.NDArray[np.bool_]
    delayed: F64  # g: delayed acknowledgement timer of the sender of the group, ns
    spacing: I64  # c: ns a packet occupies the capturing link
    nagle: I64  # c: ns for which a short segment waits for company
    every: I64  # g: full segments acknowledged together
    eager: npt.NDArray[np.bool_]  # g: starts in Linux's quick acknowledgement mode
    patience: I64  # g: answers after which it leaves that mode
    busy: F64  # g: ns a host takes to acknowledge


def draw_paths(convs: Sequence[Conversation], rng: np.random.Generator) -> Paths:
    path = [c.ends.path for c in convs]
    rtt = np.array([p.rtt for p in path])
    near = np.array([p.near for p in path])
    owd = np.rint(rtt / 2 * 1e9).astype(np.int64)
    share = np.stack([near, 1 - near], axis=1).ravel()
    before = np.rint(np.repeat(owd, 2) * share).astype(np.int64)
    stamps = np.array([bool(c.ends.client.stamp_hz and c.ends.server.stamp_hz) for c in convs])
    header = np.array([60 if c.ends.version == 6 else 40 for c in convs])
    mss = np.array([p.mtu for p in path]) - header - 12 * stamps
    gather = np.array([p.gather for p in path]).ravel()
    rate = np.array([p.rate for p in path])
    limit = np.clip((rate * rtt / mss * 2).astype(np.int64), INITIAL_WINDOW, 512)
    hosts = [h for c in convs for h in (c.ends.client, c.ends.server)]
    low = np.array([h.system.delayed_ack[0] for h in hosts])
    high = np.array([h.system.delayed_ack[1] for h in hosts])
    return Paths(
        rtt=rtt,
        owd=owd,
        before=before,
        after=np.repeat(owd, 2) - before,
        jitter=np.array([p.jitter for p in path]) * 1e9,
        share=share,
        loss=np.array([p.loss for p in path]),
        reorder=np.array([p.reorder for p in path]),
        gap=mss / rate,
        limit=limit,
        segment=np.minimum(np.repeat(mss, 2) * gather, 65_000),
        gathered=gather,
        stamps=stamps,
        delayed=rng.uniform(low, high) * 1e9,
        every=rng.choice([1, 2, 2, 2, 2, 3], len(hosts)),
        spacing=np.exp(rng.uniform(np.log(700), np.log(12_000), len(convs))).astype(np.int64),
        nagle=np.where(rng.random(len(convs)) < 0.6, rtt * 1e9, 2e5).astype(np.int64),
        eager=np.array([h.system.name in LINUX for h in hosts]),
        patience=rng.choice([1, 3, 3, _LONG], len(hosts)),
        busy=np.exp(rng.uniform(np.log(6e3), np.log(9e4), len(hosts))),
    )


@dataclass(slots=True)
class Data:
    """Data segments sorted by (group, sequence)."""

    group: I64
    send: I64
    seen: I64  # at the capture point, in the order sent
    shift: I64  # how much later than that it came, reordered or sent again unseen
    arrive: I64
    length: I64
    offset: I64  # in the buffer
    stream: I64  # octets of the group before it
    push: npt.NDArray[np.bool_]
    avail: I64  # when everything up to here had arrived
    again: I64  # rows that are shown a second time
    again_send: I64


def received(group: I64, time: I64, d: Data, of: I64 | None = None) -> I64:
    """Octets of a group that had arrived in sequence by a time.

    Parameters
    ----------
    group, time : int64 array [shape=(n,)]
    d : Data
    of : int64 array [shape=(segments,)], optional
        Running totals of something else than octets.
    """
    total = d.stream + d.length if of is None else of
    keys = (d.group << SHIFT) + d.avail
    index = np.searchsorted(keys, (group << SHIFT) + time, side="right") - 1
    inside = (
        (index >= 0) & (d.group[index] == group) if len(d.group) else np.zeros(len(group), bool)
    )
    result = np.zeros(len(group), np.int64)
    result[inside] = total[index[inside]]
    return result


def sent_by(group: I64, time: I64, d: Data) -> I64:
    """Octets of a group that had been sent by a time."""
    keys = (d.group << SHIFT) + d.send
    index = np.searchsorted(keys, (group << SHIFT) + time, side="right") - 1
    inside = (
        (index >= 0) & (d.group[index] == group) if len(d.group) else np.zeros(len(group), bool)
    )
    result = np.zeros(len(group), np.int64)
    result[inside] = (d.stream + d.length)[index[inside]]
    return result
