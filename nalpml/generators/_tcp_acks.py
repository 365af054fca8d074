"""Which segments a receiver acknowledges by themselves, and when.

Every stack confirms at least every second full segment and waits with the rest for data to go with
it or for a timer (RFC 5681, section 4.2). Linux is more eager: it confirms the first sixteen
segments, and those after a pause longer than the retransmission timer, at once, until it has seen
the application answer within the timer a few times (quick acknowledgements and ping-pong mode,
net/ipv4/tcp_input.c and tcp_output.c).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nalpml.generators._common import SHIFT
from nalpml.generators._tcp_state import F64, I64, Data, Paths

__all__ = ["acknowledgements"]

_QUICK = 16
"""Segments that Linux acknowledges one by one (TCP_MAX_QUICKACKS)."""

_NEVER = 1 << 60


def acknowledgements(d: Data, p: Paths, rng: np.random.Generator) -> tuple[I64, I64]:
    """Pure acknowledgements: (group of their sender, time sent).

    Parameters
    ----------
    d : Data
        Data segments sorted by group.
    p : Paths
    rng : numpy Generator

    Returns
    -------
    group : int64 array [shape=(k,)]
    send : int64 array [shape=(k,)]
        Nanoseconds since the start of the conversation.
    """
    order = np.lexsort((d.arrive, d.group))
    group, arrive, length = d.group[order], d.arrive[order], d.length[order]
    back = group ^ 1
    if not len(group):
        return back, arrive
    timer = p.delayed[back]
    fresh = np.append(True, group[1:] != group[:-1])
    since = np.where(fresh, _NEVER, np.diff(arrive, prepend=arrive[0]))
    until = np.append(since[1:], _NEVER)
    reply = _next_data(d, back, arrive)

    eager = p.eager[back]
    answered = (reply <= timer) & (reply <= until)
    rto = p.rtt[group >> 1] * 1e9 + 2e8
    woken = since > rto
    quick = eager & (_count(np.ones(len(group), np.int64), woken) < _QUICK)
    streak = _count(answered.astype(np.int64), fresh | ~np.append(False, answered[:-1]))
    quick &= streak < p.patience[back]

    run = fresh | (since > timer)
    last = np.append(run[1:], True)
    every = p.every[back]
    position = _count(np.ones(len(group), np.int64), run)
    # Linux counts octets, others segments.
    full = _count(length, run)
    enough = 2 * p.segment[group] // np.maximum(p.gathered[group], 1)
    due = np.where(
        eager, (full + length) // enough != full // enough, position % every == every - 1
    )
    hole = d.avail[order] > arrive
    now = due | hole | quick
    at_once = p.busy[back] * rng.uniform(0.7, 1.5, len(group))
    wait = np.where(now, at_once, timer)
    # Data going back before that carries the acknowledgement.
    keep = (now | last) & (reply > np.where(now, np.minimum(at_once, 2e4), timer))
    return back[keep], (arrive + wait.astype(np.int64))[keep]


def _next_data(d: Data, group: I64, time: I64) -> F64:
    """Nanoseconds from a time to the next data segment that a group sends."""
    keys = np.sort((d.group << SHIFT) + d.send)
    wanted = (group << SHIFT) + time
    at = np.searchsorted(keys, wanted, side="left")
    found = keys[np.minimum(at, len(keys) - 1)]
    there = (at < len(keys)) & (found >> SHIFT == group)
    result: F64 = np.where(there, found - wanted, _NEVER).astype(np.float64)
    return result


def _count(values: I64, reset: npt.NDArray[np.bool_]) -> I64:
    """Sum of what came before each place since the last reset (the place itself left out)."""
    before = np.cumsum(values) - values
    start = np.flatnonzero(reset)
    result: I64 = before - before[start][np.cumsum(reset) - 1]
    return result
