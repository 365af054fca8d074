"""TCP conversations to packets, many conversations at a time.

All times are those of the sender until the last step; a packet passes the capture point a part of
the one-way delay later and reaches its receiver after the rest. What a receiver acknowledges
follows from what has reached it in sequence by then, so losses, retransmissions, duplicate and
delayed acknowledgements and piggybacking come from one table of arrivals.

References: RFC 9293 (TCP), RFC 5681 (delayed acknowledgements), RFC 6298 (retransmission timer),
RFC 7323 (timestamps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nalpml.generators._common import (
    SHIFT,
    Messages,
    Rows,
    fill,
    identify,
    in_order,
    messages,
)
from nalpml.generators._conversation import INITIAL_WINDOW, Conversation, schedule
from nalpml.generators._frames import ROW
from nalpml.generators._tcp_fields import stamp, syn_options, windows

__all__ = ["tcp_rows"]

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


@dataclass(slots=True)
class _Paths:
    """Parameters by conversation (`c`) and by group (`g` = 2 * conversation + direction)."""

    rtt: F64
    owd: I64
    before: I64  # g: sender to capture point, ns
    after: I64  # g: capture point to receiver, ns
    jitter: F64
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


def _paths(convs: Sequence[Conversation], rng: np.random.Generator) -> _Paths:
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
    return _Paths(
        rtt=rtt,
        owd=owd,
        before=before,
        after=np.repeat(owd, 2) - before,
        jitter=np.array([p.jitter for p in path]) * 1e9,
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
    )


@dataclass(slots=True)
class _Data:
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


def _joined(m: Messages, order: I64, p: _Paths) -> tuple[I64, I64]:
    """Let writes that meet in the send buffer become one stretch of the stream.

    A write follows another without a seam when the one before is still being sent or, with Nagle's
    algorithm, still unacknowledged (RFC 9293, section 3.7.4).

    Returns
    -------
    first : int64 array
        Index into `order` of the first message of each stretch.
    length : int64 array
        Octets of each stretch.
    """
    group, length, time = m.group[order], m.length[order], m.time[order]
    conv = group >> 1
    last = -(-length // np.maximum(p.segment[group], 1)) - 1
    paced = schedule(last, rtt=p.rtt[conv], gap=p.gap[conv], limit=p.limit[conv])
    busy = np.where(last > 0, (paced * 1e9).astype(np.int64) + p.nagle[conv], 0)
    new = np.ones(len(order), bool)
    new[1:] = (
        (group[1:] != group[:-1])
        | (time[1:] > time[:-1] + busy[:-1])
        | (m.offset[order][1:] != (m.offset[order] + length)[:-1])
    )
    first = np.flatnonzero(new)
    return first, np.add.reduceat(length, first) if len(first) else length


def _segments(m: Messages, p: _Paths, rng: np.random.Generator) -> _Data:
    order = np.lexsort((m.time, m.group))
    order = order[m.length[order] > 0]
    start, stretch = _joined(m, order, p)
    order = order[start]
    size = p.segment[m.group[order]]
    count = -(-stretch // size)
    of = np.repeat(np.arange(len(order)), count)
    k = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    message = order[of]
    group = m.group[message]
    conv = group >> 1
    length = np.minimum(size[of], stretch[of] - k * size[of])
    joined = p.gathered[group]
    paced = schedule(k * joined, rtt=p.rtt[conv], gap=p.gap[conv], limit=p.limit[conv])
    paced = np.where(k == 0, 0.0, paced + k * 1e-6)
    send = in_order(group, m.time[message] + (paced * 1e9).astype(np.int64), p.spacing[conv])
    total = np.cumsum(length) - length
    first = np.searchsorted(group, group)
    stream = total - total[first]
    noise = rng.standard_exponential(len(group)) * p.jitter[conv]
    seen = in_order(group, send + p.before[group] + noise.astype(np.int64), p.spacing[conv])
    shift = np.zeros(len(group), np.int64)
    late = rng.random(len(group)) < p.reorder[conv]
    delay = p.rtt[conv[late]] * 1e9 * rng.uniform(0.02, 0.2, int(late.sum()))
    shift[late] = delay.astype(np.int64)
    arrive = seen + shift + p.after[group]
    again, again_send = _lose(group, send, shift, arrive, p, rng)
    last = k == count[of] - 1
    push = last | (rng.random(len(group)) < np.where(joined > 1, 0.9, 0.02))
    avail = in_order(group, arrive)
    return _Data(
        group,
        send,
        seen,
        shift,
        arrive,
        length,
        m.offset[message] + k * size[of],
        stream,
        push,
        avail,
        again,
        again_send,
    )


def _lose(
    group: I64, send: I64, shift: I64, arrive: I64, p: _Paths, rng: np.random.Generator
) -> tuple[I64, I64]:
    """Lose segments before or behind the capture point; each is sent again until it arrives."""
    conv = group >> 1
    lost = np.flatnonzero(rng.random(len(group)) < p.loss[conv])
    if not lost.size:
        return lost, lost
    rtt = p.rtt[conv[lost]] * 1e9
    fast = rng.random(lost.size) < 0.7
    timer = np.maximum(2e8, 1.5 * rtt) * rng.uniform(1, 1.3, lost.size)
    delay = np.where(fast, rtt * rng.uniform(1.05, 1.5, lost.size), timer).astype(np.int64)
    behind = rng.random(lost.size) < 0.6
    arrive[lost] += delay
    shift[lost[~behind]] += delay[~behind]
    again = lost[behind]
    return again, send[again] + delay[behind]


def _acknowledgements(d: _Data, p: _Paths, rng: np.random.Generator) -> tuple[I64, I64]:
    """Pure acknowledgements: (group of their sender, time sent)."""
    order = np.lexsort((d.arrive, d.group))
    group, arrive = d.group[order], d.arrive[order]
    back = group ^ 1
    if not len(group):
        return back, arrive
    timer = p.delayed[back]
    new_run = np.ones(len(group), bool)
    new_run[1:] = (group[1:] != group[:-1]) | (arrive[1:] - arrive[:-1] > timer[1:])
    start = np.flatnonzero(new_run)
    position = np.arange(len(group)) - start[np.cumsum(new_run) - 1]
    last = np.append(new_run[1:], True)
    every = p.every[back]
    due = position % every == every - 1
    hole = d.avail[order] > arrive
    wait = np.where(due | hole, rng.uniform(5e3, 6e4, len(group)), timer)
    send = arrive + wait.astype(np.int64)
    # Data going back before the timer runs out carries the acknowledgement.
    keys = np.sort((d.group << SHIFT) + d.send)
    patience = np.where(due | hole, 2e4, timer).astype(np.int64)
    low = np.searchsorted(keys, (back << SHIFT) + arrive, side="left")
    high = np.searchsorted(keys, (back << SHIFT) + arrive + patience, side="right")
    keep = (due | hole | last) & (low == high)
    return back[keep], send[keep]


@dataclass(slots=True)
class _Control:
    """Handshake and teardown packets; `extra` is added to sequence and acknowledgement."""

    group: list[int]
    send: list[int]
    flags: list[int]
    extra_seq: list[int]
    extra_ack: list[int]

    def add(self, group: int, send: float, flags: int, seq: int, ack: int) -> None:
        self.group.append(group)
        self.send.append(int(send))
        self.flags.append(flags)
        self.extra_seq.append(seq)
        self.extra_ack.append(ack)


def _control(
    convs: Sequence[Conversation], p: _Paths, end: I64, rng: np.random.Generator
) -> _Control:
    """SYN, SYN-ACK, ACK; FIN or RST. Sequence numbers: -1 the SYN's own, 0 after all data."""
    out = _Control([], [], [], [], [])
    draws = rng.random((len(convs), 4))
    for i, conv in enumerate(convs):
        a, b, owd = 2 * i, 2 * i + 1, int(p.owd[i])
        u = draws[i]
        if conv.opening in ("syn", "refused", "half"):
            again = 1.0
            tries = 1 if conv.opening != "syn" else 1 + int(u[0] * 4)
            for k in range(tries):
                at = (2**k - 1) * again * 1e9
                out.add(a, at, SYN, -1, 0)
            if conv.opening == "refused":
                out.add(b, owd + 3e4, RST | ACK, -1, -1)
            if conv.opening == "half":
                out.add(b, owd + 3e4, SYN | ACK, -1, -1)
                out.add(a, 2 * owd + 6e4, RST, 0, 0)
            continue
        if conv.opening == "full":
            out.add(a, 0, SYN, -1, 0)
            out.add(b, owd + 2e4 + 6e4 * u[0], SYN | ACK, -1, -1)
            out.add(a, 2 * owd + 1e5, ACK, -2, -2)
        x, y = (a, b) if conv.closer == 0 else (b, a)
        finish = max(int(end[i]), int(conv.now * 1e9)) + int(1e5 + 2e6 * u[1])
        if conv.closing == "fin":
            out.add(x, finish, FIN | ACK, 0, 0)
            answer = finish + owd + int(2e4 + 3e5 * u[2])
            if u[3] < 0.4:
                out.add(y, answer, ACK, 0, 1)
                answer += int(5e5 + 2e7 * u[2])
            out.add(y, answer, FIN | ACK, 0, 1)
            out.add(x, answer + owd + 2e4, ACK, 1, 1)
        elif conv.closing == "rst":
            out.add(x, finish, RST | (ACK if u[2] < 0.7 else 0), 0, 0)
    return out


def tcp_rows(convs: Sequence[Conversation], rng: np.random.Generator) -> tuple[Rows, bytes]:
    """Turn TCP conversations into packet rows and the buffer of their payloads and options.

    Parameters
    ----------
    convs : sequence of Conversation
        All with `proto` 6; at most 32768.
    rng : numpy Generator
        Of the profile.

    Returns
    -------
    rows : structured array of `ROW`
        Times in ns since the start of the conversation; unsorted.
    blob : bytes
        What `pay_off` and `opt_off` address.
    """
    m = messages(convs)
    p = _paths(convs, rng)
    d = _segments(m, p, rng)
    ack_group, ack_send = _acknowledgements(d, p, rng)
    end = np.zeros(len(convs), np.int64)
    np.maximum.at(end, d.group >> 1, np.maximum(d.avail, d.send))
    control = _control(convs, p, end, rng)

    n = (len(d.group), len(d.again), len(ack_group), len(control.group))
    bounds = np.cumsum((0, *n))
    parts = [slice(int(bounds[i]), int(bounds[i + 1])) for i in range(4)]
    data, _, pure, special = parts
    rows = np.zeros(int(bounds[-1]), ROW)
    group = np.concatenate((d.group, d.group[d.again], ack_group, control.group)).astype(np.int64)
    send = np.concatenate((d.send, d.again_send, ack_send, control.send)).astype(np.int64)
    rows["conv"], rows["dir"] = group >> 1, group & 1
    seen = send + p.before[group]
    seen[data] = d.seen
    # One link, one order: what a host sends first is seen first, data or not.
    order = np.lexsort((seen, send, group))
    seen[order] = in_order(group[order], seen[order], p.spacing[group[order] >> 1])
    seen[data] += d.shift
    rows["time"] = seen
    chosen = np.concatenate((np.arange(n[0]), d.again))
    both = slice(0, int(bounds[2]))
    rows["pay_len"][both], rows["pay_off"][both] = d.length[chosen], d.offset[chosen]
    rows["flags"][both] = ACK + PSH * d.push[chosen]
    rows["flags"][pure] = ACK
    rows["flags"][special] = control.flags

    isn = rng.integers(0, 1 << 32, 2 * len(convs))
    sent = np.zeros(2 * len(convs), np.int64)
    np.add.at(sent, d.group, d.length)
    seq = _sequence(group, send, d)
    seq[both] = d.stream[chosen]
    # What was lost unseen is shown when it was sent again, and knows what had come by then.
    again_late = np.where(d.shift > p.rtt[d.group >> 1] * 1e9, d.shift, 0)
    written = send.copy()
    written[data] += again_late
    ack = _received(group ^ 1, written, d)
    extra_seq, extra_ack = np.array(control.extra_seq), np.array(control.extra_ack)
    if n[3]:
        g = group[special]
        syn = (rows["flags"][special] & SYN) > 0
        closing = ~syn & (extra_seq >= 0)
        position = np.where(closing, sent[g] + extra_seq, extra_seq.clip(-1, 0))
        seq[special] = np.where(extra_seq == -2, 0, position)
        early = extra_ack < 0
        ack[special] = np.where(early, 0, ack[special] + extra_ack)
    rows["seq"] = (isn[group] + 1 + seq) & 0xFFFFFFFF
    acked = (rows["flags"] & ACK) > 0
    rows["ack"] = np.where(acked, (isn[group ^ 1] + 1 + ack) & 0xFFFFFFFF, 0)
    windows(rows, group, convs, rng)
    stamp(rows, group, written, seen + p.after[group], convs, rng)
    fill(rows, convs)
    identify(rows, convs, rng)
    blob = m.blob + syn_options(rows, group, convs, len(m.blob))
    return rows, blob


def _received(group: I64, time: I64, d: _Data) -> I64:
    """Octets of a group that had arrived in sequence by a time."""
    keys = (d.group << SHIFT) + d.avail
    index = np.searchsorted(keys, (group << SHIFT) + time, side="right") - 1
    inside = (
        (index >= 0) & (d.group[index] == group) if len(d.group) else np.zeros(len(group), bool)
    )
    result = np.zeros(len(group), np.int64)
    result[inside] = (d.stream + d.length)[index[inside]]
    return result


def _sequence(group: I64, time: I64, d: _Data) -> I64:
    """Octets of a group that had been sent by a time."""
    keys = (d.group << SHIFT) + d.send
    index = np.searchsorted(keys, (group << SHIFT) + time, side="right") - 1
    inside = (
        (index >= 0) & (d.group[index] == group) if len(d.group) else np.zeros(len(group), bool)
    )
    result = np.zeros(len(group), np.int64)
    result[inside] = (d.stream + d.length)[index[inside]]
    return result
