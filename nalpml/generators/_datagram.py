"""UDP, ICMP, other IP protocols and bare Ethernet payloads to packets: one message, one packet.

A message that the path is too narrow for becomes fragments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nalpml.generators._common import Rows, fill, identify, in_order, messages
from nalpml.generators._conversation import Conversation
from nalpml.generators._fragments import fragment
from nalpml.generators._frames import ROW

__all__ = ["datagram_rows"]


def datagram_rows(convs: Sequence[Conversation], rng: np.random.Generator) -> tuple[Rows, bytes]:
    """Turn conversations without a transport of their own into packet rows.

    Delay, jitter, loss, reordering and duplication are drawn per packet; a packet lost before the
    capture point is absent, and so is every message that answered a lost one.

    Parameters
    ----------
    convs : sequence of Conversation
        Of any protocol but TCP and VSOCK.
    rng : numpy Generator
        Of the profile.

    Returns
    -------
    rows : structured array of `ROW`
        Times in ns since the start of the conversation; unsorted.
    blob : bytes
        What `pay_off` addresses.
    """
    m = messages(convs)
    path = [c.ends.path for c in convs]
    owd = np.array([p.owd for p in path]) * 1e9
    near = np.array([p.near for p in path])[m.conv]
    jitter = np.array([p.jitter for p in path])[m.conv] * 1e9
    loss = np.array([p.loss for p in path])[m.conv]
    reorder = np.array([p.reorder for p in path])[m.conv]
    n = len(m.time)

    u = rng.random(n)
    unseen = u < loss * 0.5
    lost = u < loss
    # Parents come before their children, so a few passes settle chains of answers.
    has_parent = m.parent >= 0
    for _ in range(3):
        gone = has_parent & (lost | unseen)[m.parent]
        if not bool((gone & ~unseen).any()):
            break
        unseen |= gone
    # A sender beside the capture point shows its own clock, one far away the path's jitter.
    share = np.where(m.dir == 0, near, 1 - near)
    before = owd[m.conv] * share
    noise = rng.standard_exponential(n) * (jitter * share)
    time = m.time + (before + noise).astype(np.int64)
    order = np.lexsort((m.time, m.group))
    spacing = np.exp(rng.uniform(np.log(700), np.log(12_000), len(convs))).astype(np.int64)
    time[order] = in_order(m.group[order], time[order], spacing[m.conv[order]])
    # A message answers its parent: it is never seen before it.
    parent_time = np.where(has_parent, time[m.parent], 0)
    time = np.maximum(time, parent_time + 1000 * has_parent)
    late = rng.random(n) < reorder
    time[late] += (owd[m.conv[late]] * rng.uniform(0.05, 0.5, int(late.sum()))).astype(np.int64)

    keep = np.flatnonzero(~unseen)
    twice = keep[rng.random(len(keep)) < loss[keep] * 0.02]
    index = np.concatenate((keep, twice))
    rows = np.zeros(len(index), ROW)
    rows["time"] = time[index]
    rows["time"][len(keep) :] += rng.integers(2000, 10**6, len(twice))
    rows["conv"], rows["dir"] = m.conv[index], m.dir[index]
    rows["pay_len"], rows["pay_off"] = m.length[index], m.offset[index]
    fill(rows, convs)
    meta = m.meta[index]
    rows["icmp_type"] = meta >> 40
    rows["icmp_code"] = (meta >> 32) & 0xFF
    rows["icmp_rest"] = meta & 0xFFFFFFFF
    identify(rows, convs, rng)
    mtu = np.array([p.mtu for p in path], np.int64)[rows["conv"]]
    return fragment(rows, m.blob, mtu, rng)
