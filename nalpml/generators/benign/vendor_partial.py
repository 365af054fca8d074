"""Conversations as captures often hold them: in pieces.

A capture starts and ends in the middle of things, filters keep one direction, asymmetric routes
hide the other, and tools store a few packets of a protocol. The TCP engine plays whole
conversations; `segments` writes single segments instead, each as it is told, and `piece` turns any
conversation into a part of itself. RFC 9293 (TCP; 3.8.4 keep-alives), RFC 7323 (timestamps).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends

__all__ = ["ACK", "FIN", "PSH", "RST", "SYN", "piece", "pieces", "segment", "segments"]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
BACK = 1
"""Mark of a segment one octet before the next one: a keep-alive."""
AGAIN = 2
"""Mark of a segment that repeats the one before."""
CLOSED = 4
"""Mark of a zero window."""


def segments(ends: Ends, *, sport: int, dport: int, start: float = 0.0) -> Conversation:
    """A TCP conversation without an engine: add to it with `segment`.

    It runs through the datagram engine, one message one packet, and becomes TCP when sequence
    numbers, windows and timestamps are set at the end.
    """
    conv = Conversation(ends, 17, sport=sport, dport=dport, start=start, hook=_Finish(ends))
    conv.shown = 6
    return conv


def segment(
    conv: Conversation,
    d: int,
    text: bytes = b"",
    *,
    gap: float = 0.0,
    flags: int = ACK,
    mark: int = 0,
) -> None:
    """Send one segment `gap` seconds after the one before.

    Parameters
    ----------
    flags : int
        FIN 1, SYN 2, RST 4, PSH 8, ACK 16.
    mark : int
        `BACK`, `AGAIN`, `CLOSED`, or their sum.
    """
    conv.now += gap
    conv.at(conv.now, d, text, flags << 40 | mark << 32)


class _Finish:
    """Sets the TCP columns of one conversation's rows, in time order."""

    def __init__(self, ends: Ends) -> None:
        self.ends = ends

    def __call__(self, rows: npt.NDArray[Any], rng: np.random.Generator) -> str:
        hosts = (self.ends.client, self.ends.server)
        stamps = hosts[0].stamp_hz > 0 and hosts[1].stamp_hz > 0
        follow = [int(v) for v in rng.integers(0, 1 << 32, 2)]
        before = list(follow)
        clock = [int(v) for v in rng.integers(0, 1 << 32, 2)]
        window = [
            int(np.clip(h.window * rng.uniform(0.05, 1) / 2**h.scale, 1, 65535)) for h in hosts
        ]
        echo = [int(v) for v in rng.integers(0, 1 << 32, 2)]
        for i in range(len(rows)):
            row = rows[i]
            d, flags, mark = int(row["dir"]), int(row["icmp_type"]), int(row["icmp_code"])
            size = int(row["pay_len"]) + bool(flags & (SYN | FIN))
            seq = before[d] if mark & AGAIN else follow[d] - 1 if mark & BACK else follow[d]
            if not mark & BACK:
                before[d], follow[d] = seq, seq + size
            value = clock[d] + int(row["time"]) * hosts[d].stamp_hz // 10**9
            reset = bool(flags & RST)
            row["seq"], row["flags"] = seq & 0xFFFFFFFF, flags
            row["ack"] = follow[1 - d] & 0xFFFFFFFF if flags & ACK else 0
            row["window"] = 0 if reset or mark & CLOSED else window[d]
            if flags & SYN:
                row["window"] = hosts[d].window
            elif stamps and not reset:
                row["stamps"], row["ts_val"], row["ts_ecr"] = (
                    1,
                    value & 0xFFFFFFFF,
                    echo[1 - d] & 0xFFFFFFFF,
                )
                echo[d] = value
        rows["proto"] = 6
        rows["frag"] = np.where(rows["kind"] == 4, 0x4000, 0)
        for name in ("icmp_type", "icmp_code", "icmp_rest"):
            rows[name] = 0
        return ""


def _chop(conv: Conversation, first: int, last: int, side: int) -> list[tuple[float, int, bytes]]:
    """Messages from `first` to before `last`, of one side or of both (2), as segments."""
    mss = conv.ends.path.mtu - (72 if conv.ends.version == 6 else 52)
    out: list[tuple[float, int, bytes]] = []
    for k in range(first, min(last, len(conv.t))):
        if side in (2, conv.d[k]):
            text = conv.payloads[k][: 40 * mss]
            out += [
                (conv.t[k] + 2e-5 * j, conv.d[k], text[j : j + mss])
                for j in range(0, len(text), mss)
            ]
    return out


def piece(rng: np.random.Generator, conv: Conversation) -> Conversation:
    """Keep a part of a TCP or UDP conversation: few packets, a middle, or one direction.

    The result may be empty.
    """
    n = len(conv.t)
    if n == 0 or conv.proto not in (6, 17):
        return conv
    few = rng.random() < 0.6
    length = int(rng.integers(1, 7)) if few else int(rng.integers(1, n + 1))
    first = 0 if rng.random() < 0.4 else int(rng.integers(0, max(1, n - length + 1)))
    side = int(pick(rng, (0, 1, 2, 2, 2)))
    if conv.proto == 17:
        return _datagrams(conv, first, first + length, side)
    out = segments(conv.ends, sport=conv.sport, dport=conv.dport, start=conv.start)
    rtt, begun = conv.ends.path.rtt, False
    if first == 0 and rng.random() < 0.6:
        begun = True
        for d, flags in ((0, SYN), (1, SYN | ACK), (0, ACK)):
            if side in (2, d):
                segment(out, d, gap=rtt / 2 if begun else 0.0, flags=flags)
    base = 0.0
    for at, d, text in _chop(conv, first, first + length, side):
        gap = max(0.0, at - base) if base or begun else 0.0
        base = at
        segment(out, d, text, gap=gap, flags=ACK | PSH)
        if side == 2 and rng.random() < 0.5:
            segment(out, 1 - d, gap=min(0.04, rtt / 2))
        if side == 2 and rng.random() < 0.02:
            segment(out, d, text, gap=max(0.2, rtt), flags=ACK | PSH, mark=AGAIN)
    if rng.random() < 0.3:
        last = int(rng.integers(2)) if side == 2 else side
        segment(
            out,
            last,
            gap=loguniform(rng, 1e-4, 5),
            flags=pick(rng, (FIN | ACK, RST, RST | ACK, ACK)),
        )
    return out


def _datagrams(conv: Conversation, first: int, last: int, side: int) -> Conversation:
    keep = [k for k in range(first, min(last, len(conv.t))) if side in (2, conv.d[k])]
    base = conv.t[keep[0]] if keep else 0.0
    swap = bool(keep) and conv.d[keep[0]] == 1
    sport, dport = (conv.dport, conv.sport) if swap else (conv.sport, conv.dport)
    ends = conv.ends
    if swap:
        ends = Ends(
            client=ends.server, server=ends.client, version=ends.version, path=_turned(ends)
        )
    out = Conversation(ends, 17, sport=sport, dport=dport, start=conv.start)
    for k in keep:
        out.at(conv.t[k] - base, conv.d[k] ^ int(swap), conv.payloads[k])
    return out


def _turned(ends: Ends) -> Any:
    import dataclasses

    p = ends.path
    return dataclasses.replace(
        p,
        near=1 - p.near,
        hops=p.hops[::-1],
        gather=p.gather[::-1],
        padded=p.padded[::-1],
        macs=p.macs[::-1],
        tos=p.tos[::-1],
    )


def pieces(
    rng: np.random.Generator, convs: list[Conversation], share: float = 0.3
) -> list[Conversation]:
    """Cut the conversations of an episode, all of them, with probability `share`."""
    whole = [c for c in convs if c.t]
    if rng.random() >= share:
        return whole
    # A cut may leave nothing, but an episode is never empty.
    return [c for c in (piece(rng, c) for c in whole) if c.t] or whole
