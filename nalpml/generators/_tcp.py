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

from nalpml.generators._common import (
    Messages,
    Rows,
    fill,
    identify,
    in_order,
    messages,
)
from nalpml.generators._conversation import Conversation, schedule
from nalpml.generators._frames import ROW
from nalpml.generators._tcp_acks import acknowledgements
from nalpml.generators._tcp_fields import selective, stamp, syn_options, windows
from nalpml.generators._tcp_state import I64, Data, Paths, draw_paths, received, sent_by

__all__ = ["tcp_rows"]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

_LARGE = 500
"""Octets from which Linux takes a segment for a reason to offer a larger window."""


def _joined(m: Messages, order: I64, p: Paths) -> tuple[I64, I64]:
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


def _segments(m: Messages, p: Paths, rng: np.random.Generator) -> Data:
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
    noise = rng.standard_exponential((2, len(group))) * p.jitter[conv]
    early = p.before[group] + (noise[0] * p.share[group]).astype(np.int64)
    rest = p.after[group] + (noise[1] * (1 - p.share[group])).astype(np.int64)
    seen = in_order(group, send + early, p.spacing[conv])
    shift = np.zeros(len(group), np.int64)
    late = rng.random(len(group)) < p.reorder[conv]
    delay = p.rtt[conv[late]] * 1e9 * rng.uniform(0.02, 0.2, int(late.sum()))
    shift[late] = delay.astype(np.int64)
    arrive = seen + shift + rest
    again, again_send = _lose(group, send, shift, arrive, p, rng)
    last = k == count[of] - 1
    push = last | (rng.random(len(group)) < np.where(joined > 1, 0.9, 0.02))
    avail = in_order(group, arrive)
    return Data(
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
    group: I64, send: I64, shift: I64, arrive: I64, p: Paths, rng: np.random.Generator
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
    convs: Sequence[Conversation], p: Paths, end: I64, rng: np.random.Generator
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
            answer = owd + float(p.busy[b]) * (0.5 + u[0])
            out.add(b, answer, SYN | ACK, -1, -1)
            out.add(a, answer + owd + float(p.busy[a]) * (0.5 + u[3]), ACK, -2, -2)
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
    p = draw_paths(convs, rng)
    d = _segments(m, p, rng)
    ack_group, ack_send = acknowledgements(d, p, rng)
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
    noise = rng.standard_exponential(n[2]) * (p.jitter[ack_group >> 1] * p.share[ack_group])
    seen[pure] += noise.astype(np.int64)
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
    seq = sent_by(group, send, d)
    seq[both] = d.stream[chosen]
    # What was lost unseen is shown when it was sent again, and knows what had come by then.
    again_late = np.where(d.shift > p.rtt[d.group >> 1] * 1e9, d.shift, 0)
    written = send.copy()
    written[data] += again_late
    ack = received(group ^ 1, written, d)
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
    grown = np.where(d.length >= _LARGE, 2 * d.length, 0)
    total = np.cumsum(grown) - grown
    first = np.searchsorted(d.group, d.group)
    total += grown - total[first] if len(total) else 0
    windows(rows, group, received(group ^ 1, written, d, total), convs, rng)
    stamp(rows, group, written, seen + p.after[group], convs, rng)
    fill(rows, convs)
    identify(rows, convs, rng)
    blob = m.blob + syn_options(rows, group, convs, len(m.blob))
    blob += selective(rows, pure, group, send, isn, d, convs, len(blob))
    return rows, blob
