"""TCP header fields that hosts choose: windows, timestamps and the options of SYN packets.

RFC 7323 (window scale, timestamps), RFC 2018 (selective acknowledgement), RFC 9293 (options).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nalpml.generators._common import SHIFT, Rows
from nalpml.generators._conversation import Conversation
from nalpml.generators._counters import LINUX, stamp_offsets
from nalpml.generators._network import Host
from nalpml.generators._tcp_state import I64, Data

__all__ = ["selective", "stamp", "syn_options", "windows"]

SYN, RST = 2, 4


def _stamped(convs: Sequence[Conversation]) -> npt.NDArray[np.bool_]:
    """Whether both sides of each conversation use timestamps."""
    return np.array([bool(c.ends.client.stamp_hz and c.ends.server.stamp_hz) for c in convs])


def windows(
    rows: Rows,
    group: I64,
    grown: I64,
    convs: Sequence[Conversation],
    rng: np.random.Generator,
) -> None:
    """Set receive windows: the system's on SYN, then one that grows with what was received.

    Parameters
    ----------
    rows : structured array of `ROW` [shape=(n,)]
    group : int64 array [shape=(n,)]
        Of the sender of each row.
    grown : int64 array [shape=(n,)]
        Octets by which large segments had let the window of the sender grow by then.
    convs : sequence of Conversation
    rng : numpy Generator
    """
    hosts = [h for c in convs for h in (c.ends.client, c.ends.server)]
    scaled = np.array([_scales(c) for c in convs]).repeat(2)
    scale = np.array([h.scale for h in hosts]) * scaled
    window = _whole_segments(convs, hosts)
    # Linux opens with what it offered on SYN; an application may have asked for more.
    modest = np.array([h.system.name in LINUX for h in hosts]) & (rng.random(len(hosts)) < 0.8)
    steady = (window * np.where(modest, 1.0, rng.uniform(1, 3, len(hosts)))).astype(np.int64)
    ceiling = np.exp(rng.uniform(np.log(1.3e5), np.log(4e6), len(hosts))).astype(np.int64)
    tunes = scaled & (rng.random(len(hosts)) < 0.85)
    rise = np.where(tunes[group], np.minimum(grown, ceiling[group]), 0)
    restless = np.where(rng.random(len(hosts)) < 0.75, 0.0, 0.05)
    taken = rng.random(len(group)) * restless[group]
    offered = ((steady[group] + rise) * (1 - taken)).astype(np.int64) >> scale[group]
    syn, reset = (rows["flags"] & SYN) > 0, (rows["flags"] & RST) > 0
    values = np.where(syn, window[group], np.clip(offered, 1, 65535))
    rows["window"] = np.where(reset, 0, np.clip(values, 0, 65535))


def _whole_segments(convs: Sequence[Conversation], hosts: Sequence[Host]) -> I64:
    """Windows on SYN: today's Linux offers 65535 octets, cut to whole segments."""
    window = np.array([h.window for h in hosts])
    mss = np.array([c.ends.path.mtu - (60 if c.ends.version == 6 else 40) for c in convs])
    offered = np.stack((mss, mss - 12 * _stamped(convs)), axis=1).ravel()
    modern = np.isin(window, (64240, 65160)) & np.array([h.system.name in LINUX for h in hosts])
    result: I64 = np.where(modern, 65535 // offered * offered, window)
    return result


def _scales(conv: Conversation) -> bool:
    return "W" in conv.ends.client.system.syn and "W" in conv.ends.server.system.syn


def stamp(
    rows: Rows,
    group: I64,
    send: I64,
    arrive: I64,
    convs: Sequence[Conversation],
    rng: np.random.Generator,
) -> None:
    """Set TCP timestamps: own clock, and the latest value that had come from the peer."""
    hosts = [h for c in convs for h in (c.ends.client, c.ends.server)]
    hz = np.array([h.stamp_hz for h in hosts])
    base = stamp_offsets(convs, rng)
    begin = np.array(
        [int(c.start * h.stamp_hz) for c in convs for h in (c.ends.client, c.ends.server)]
    )
    value = (base + begin)[group] + send * hz[group] // 10**9
    order = np.lexsort((arrive, group))
    keys = (group[order] << SHIFT) + arrive[order]
    at = np.searchsorted(keys, ((group ^ 1) << SHIFT) + send, side="right") - 1
    found = order[np.maximum(at, 0)]
    known = (at >= 0) & (group[found] == group ^ 1)
    used = _stamped(convs)[group >> 1] & ((rows["flags"] & RST) == 0)
    rows["ts_val"] = np.where(used, value & 0xFFFFFFFF, 0)
    rows["ts_ecr"] = np.where(used & known, value[found] & 0xFFFFFFFF, 0)
    rows["stamps"] = used & ((rows["flags"] & SYN) == 0)


def syn_options(rows: Rows, group: I64, convs: Sequence[Conversation], base: int) -> bytes:
    """Write the options of SYN and SYN-ACK packets; return them as one buffer."""
    out = bytearray()
    both = _stamped(convs)
    for i in np.flatnonzero((rows["flags"] & SYN) > 0).tolist():
        conv = convs[int(group[i]) >> 1]
        back = bool(group[i] & 1)
        host = conv.ends.server if back else conv.ends.client
        stamps = bool(both[int(group[i]) >> 1]) if back else host.stamp_hz > 0
        mss = conv.ends.path.mtu - (60 if conv.ends.version == 6 else 40)
        layout = host.system.syn
        if back and "S" not in conv.ends.client.system.syn:
            layout = layout.replace("S", "NN")
        if back and not _scales(conv):
            layout = layout.replace("NW", "")
        val = int(rows["ts_val"][i]) if stamps else 0
        text = _options(layout, host, mss, val, int(rows["ts_ecr"][i]), stamps=stamps)
        rows["opt_off"][i], rows["opt_len"][i] = base + len(out), len(text)
        out += text
    return bytes(out)


def selective(
    rows: Rows,
    pure: slice,
    group: I64,
    send: I64,
    isn: I64,
    d: Data,
    convs: Sequence[Conversation],
    base: int,
) -> bytes:
    """Write SACK blocks into pure acknowledgements sent while something is missing (RFC 2018).

    Parameters
    ----------
    rows : structured array of `ROW`
    pure : slice
        Of the pure acknowledgements.
    group, send : int64 array [shape=(len(rows),)]
        Sender and time of each row.
    isn : int64 array [shape=(2 * conversations,)]
        Initial sequence numbers.
    d : Data
    convs : sequence of Conversation
    base : int
        Length of the buffer the options will be appended to.
    """
    out = bytearray()
    allowed = np.array(
        ["S" in c.ends.client.system.syn and "S" in c.ends.server.system.syn for c in convs]
    )
    torn = np.flatnonzero(d.avail > d.arrive)
    if not torn.size:
        return b""
    # Only acknowledgements sent between an arrival out of order and its repair have any to name.
    peer, sent = group[pure] ^ 1, send[pure]
    asked = (peer << SHIFT) + sent
    come, mended = (
        np.searchsorted(np.sort((d.group[torn] << SHIFT) + at[torn]), asked, side="right")
        for at in (d.arrive, d.avail)
    )
    low, high = (np.searchsorted(d.group[torn], peer + k) for k in (0, 1))
    speaking = np.flatnonzero(allowed[peer >> 1] & (come > mended))
    for j in speaking.tolist():
        i, back, at = j + pure.start, int(peer[j]), int(sent[j])
        k = torn[low[j] : high[j]]
        k = k[(d.arrive[k] <= at) & (d.avail[k] > at)]
        if not k.size:
            continue
        left, right = d.stream[k], d.stream[k] + d.length[k]
        apart = np.append(True, left[1:] != right[:-1])
        starts, ends = left[apart], right[np.append(apart[1:], True)]
        blocks = list(zip(starts.tolist(), ends.tolist(), strict=True))[-3:][::-1]
        text = bytes((1, 1, 5, 2 + 8 * len(blocks)))
        for a, b in blocks:
            for value in (a, b):
                text += ((int(isn[back]) + 1 + value) & 0xFFFFFFFF).to_bytes(4, "big")
        rows["opt_off"][i], rows["opt_len"][i] = base + len(out), len(text)
        out += text
    return bytes(out)


def _options(layout: str, host: Host, mss: int, val: int, ecr: int, *, stamps: bool) -> bytes:
    out = b""
    for letter in layout:
        if letter == "M":
            out += b"\x02\x04" + mss.to_bytes(2, "big")
        elif letter == "S":
            out += b"\x04\x02"
        elif letter == "T":
            out += (
                b"\x08\x0a" + val.to_bytes(4, "big") + ecr.to_bytes(4, "big")
                if stamps
                else b"\x01\x01"
            )
        elif letter == "W":
            out += bytes((3, 3, host.scale))
        else:
            out += b"\x01" if letter == "N" else b"\x00"
    out += bytes(-len(out) % 4)
    return out
