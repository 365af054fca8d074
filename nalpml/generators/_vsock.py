"""VSOCK conversations to packets as the vsockmon tap of a virtio transport shows them.

Observed layout and habits: REQUEST, RESPONSE, RW with free-running `fwd_cnt`, CREDIT_UPDATE after
nearly every read of request/response traffic and after a third to four fifths of bulk ones,
SHUTDOWN with both bits, then RST (two on loopback).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nalpml.generators._common import Rows, fill, messages
from nalpml.generators._conversation import Conversation
from nalpml.generators._frames import ROW

__all__ = ["vsock_rows"]

REQUEST, RESPONSE, RST, SHUTDOWN, RW, CREDIT = 1, 2, 3, 4, 5, 6


def vsock_rows(convs: Sequence[Conversation], rng: np.random.Generator) -> tuple[Rows, bytes]:
    """Turn VSOCK conversations into packet rows.

    Parameters
    ----------
    convs : sequence of Conversation
        All with `proto` 256; `ends.*.v4` hold the CIDs, `meta` of the first message the socket
        type (0 means stream) and `mtu` of the path the largest packet.
    rng : numpy Generator
        Of the profile.

    Returns
    -------
    rows : structured array of `ROW`
    blob : bytes
    """
    m = messages(convs)
    largest = np.array([c.ends.path.mtu for c in convs])[m.conv]
    largest = np.where(m.dir == 1, largest, np.where(largest < 65536, 3732, 65536))
    count = np.maximum(1, -(-m.length // largest))
    of = np.repeat(np.arange(len(m.time)), count)
    k = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    size = np.minimum(largest[of], m.length[of] - k * largest[of])
    time = m.time[of] + k * rng.integers(2000, 40000, len(of))
    chatty = rng.uniform(0.3, 1.0, len(convs))
    credit = np.flatnonzero(rng.random(len(of)) < chatty[m.conv[of]])
    control = [_control(i, c, rng) for i, c in enumerate(convs)]
    flat = [entry for part in control for entry in part]
    n = (len(of), len(credit), len(flat))
    rows = np.zeros(sum(n), ROW)
    data, update, special = slice(0, n[0]), slice(n[0], n[0] + n[1]), slice(n[0] + n[1], None)
    rows["conv"][data], rows["dir"][data] = m.conv[of], m.dir[of]
    rows["time"][data], rows["flags"][data] = time, RW
    rows["pay_len"][data], rows["pay_off"][data] = size, m.offset[of] + k * largest[of]
    rows["conv"][update], rows["dir"][update] = m.conv[of[credit]], 1 - m.dir[of[credit]]
    rows["time"][update] = time[credit] + rng.integers(3000, 200000, n[1])
    rows["flags"][update] = CREDIT
    seqpacket = np.array([bool(c.meta and c.meta[0] == 2) for c in convs])
    if flat:
        rows["conv"][special], rows["dir"][special] = [f[0] for f in flat], [f[1] for f in flat]
        rows["time"][special], rows["flags"][special] = [f[2] for f in flat], [f[3] for f in flat]
    fill(rows, convs)
    rows["flow"] = np.where(rows["flags"] == SHUTDOWN, 3, 0)
    last = k == count[of] - 1
    rows["flow"][data] = np.where(last & seqpacket[m.conv[of]], 1, 0)
    rows["icmp_rest"] = np.where(seqpacket[rows["conv"]], 2, 1)
    order = np.lexsort((rows["time"], rows["conv"]))
    rows = rows[order]
    _credits(rows, convs, rng)
    return rows, m.blob


def _control(
    index: int, conv: Conversation, rng: np.random.Generator
) -> list[tuple[int, int, int, int]]:
    """(conversation, direction, time, operation) of opening and closing packets."""
    u = rng.integers(2000, 300000, 4).tolist()
    out: list[tuple[int, int, int, int]] = []
    if conv.opening == "refused":
        return [(index, 0, 0, REQUEST), (index, 1, u[0], RST)]
    if conv.opening == "full":
        out += [(index, 0, 0, REQUEST), (index, 1, u[0], RESPONSE)]
    if conv.closing != "none":
        end = int((max(conv.t, default=0.0) + 0.001) * 1e9) + u[1] + 2 * 10**6
        side = conv.closer
        out += [(index, side, end, SHUTDOWN), (index, 1 - side, end + u[2], RST)]
        if conv.ends.client.v4 == conv.ends.server.v4:
            out.append((index, side, end + u[2] + u[3], RST))
    return out


def _credits(rows: Rows, convs: Sequence[Conversation], rng: np.random.Generator) -> None:
    """Set `buf_alloc`, and `fwd_cnt`: octets the sender has taken in so far."""
    group = 2 * rows["conv"].astype(np.int64) + rows["dir"]
    length = rows["pay_len"].astype(np.int64)
    for side in (0, 1):
        came = np.cumsum(np.where(rows["dir"] == 1 - side, length, 0))
        first = np.searchsorted(rows["conv"], rows["conv"])
        before = np.where(first > 0, came[first - 1], 0)
        own = rows["dir"] == side
        rows["ack"][own] = ((came - before)[own]) & 0xFFFFFFFF
    sizes = rng.choice([262144, 262144, 262144, 65536, 1048576], 2 * len(convs))
    rows["seq"] = np.where(rows["flags"] == RST, 0, sizes[group])
