"""Packets to flow windows, one packet after the other, state kept between chunks.

Everything a window is depends on the packets before it alone and never on where a chunk ends,
so the same packets give the same windows from a file, a pipe or a live tap.
"""

from __future__ import annotations

import numpy as np

from ._context import (
    ALL_PORTS,
    HOST,
    RING,
    connect,
    context,
    hear,
    look_back,
    snapshot,
    snapshot_pair,
)
from ._digest import mix
from ._jit import kernel
from ._keys import NO_IDENTIFIER, TYPED_IDENTIFIER, fragment, identify, quoted
from ._memory import borrow
from ._slots import append, close, drop, find, hash_key, set_key, unlink
from ._state import (
    AGE,
    ENDED,
    EVICT,
    EVICTED,
    FIN_ORIG,
    FIN_RESP,
    FREE,
    FULL,
    GENERATION,
    HEAD,
    IDLE,
    LIVE,
    NEXT_ID,
    PACKETS,
    REOPENED,
    RESET,
    SYN_ORIG,
    SYN_RESP,
    USED,
)

__all__ = ["assign", "flush"]


@kernel
def _open(slot, row, slots, windows, state, contexts, rings, table, protocols, uids, key):
    # A new window of the flow in a slot.
    flow = slots[slot]
    window = windows[slot]
    window["id"] = state[NEXT_ID]
    state[NEXT_ID] += 1
    window["first_index"] = row["index"]
    window["start_ns"] = row["time_ns"]
    window["end_ns"] = row["time_ns"]
    window["flow_start_ns"] = flow["start_ns"]
    window["flow_uid"] = flow["uid"]
    window["window"] = flow["number"]
    flow["number"] += 1
    window["src_hi"], window["src_lo"] = flow["src_hi"], flow["src_lo"]
    window["dst_hi"], window["dst_lo"] = flow["dst_hi"], flow["dst_lo"]
    window["sport"], window["dport"] = flow["sport"], flow["dport"]
    window["icmp_id"] = flow["icmp_id"]
    window["proto"] = flow["proto"]
    window["depth"] = row["depth"]
    window["outer_uid"] = uids[row["depth"] - 1] if row["depth"] > 0 else np.uint64(0)
    window["ip_version"] = row["ip_version"]
    window["packets_orig"] = 0
    window["packets_resp"] = 0
    window["bytes_orig"] = 0
    window["bytes_resp"] = 0
    opens = flow["number"] == 1
    port = np.int64(flow["dport"]) if flow["proto"] in (6, 17, 256) else 0
    # The tables may be emptied at any of these; then they have room for all.
    generation = state[GENERATION]
    entry, host, pair, fresh = _remembered(flow, port, key, contexts, table, state)
    if generation != state[GENERATION]:
        entry, host, pair, again = _remembered(flow, port, key, contexts, table, state)
        fresh = fresh or again
    if fresh:
        contexts[host]["peers"] += 1
    flow["context"] = entry
    flow["pair"] = pair
    flow["generation"] = state[GENERATION]
    time = np.int64(row["time_ns"])
    since = np.int64(-1)
    if not fresh:
        since = rings[entry, (contexts[entry]["windows"] - 1) % RING]
    snapshot_pair(window, contexts[pair], time)
    if opens:
        contexts[host]["flows"] += 1
        asks = row["src_hi"] == flow["src_hi"] and row["src_lo"] == flow["src_lo"]
        connect(contexts[pair], row, port, since, time, asks)
    look_back(window, contexts[pair], time)
    snapshot(
        window, contexts[entry], rings[entry], contexts[host], time, state, protocols,
        flow["proto"],
    )  # fmt: skip


@kernel
def _remembered(flow, port, key, contexts, table, state):
    # Entries of the service, of its originator, of the pair.
    proto, nobody = flow["proto"], np.uint64(0)
    src_hi, src_lo, dst_hi, dst_lo = flow["src_hi"], flow["src_lo"], flow["dst_hi"], flow["dst_lo"]
    entry, fresh = context(proto, src_hi, src_lo, dst_hi, dst_lo, port, key, contexts, table, state)
    host, _ = context(proto, src_hi, src_lo, nobody, nobody, HOST, key, contexts, table, state)
    pair, _ = context(proto, src_hi, src_lo, dst_hi, dst_lo, ALL_PORTS, key, contexts, table, state)
    return entry, host, pair, fresh


@kernel
def _count(slot, row, role, back, slots, windows, contexts, state):
    flow = slots[slot]
    window = windows[slot]
    window["end_ns"] = row["time_ns"]
    known = flow["generation"] == state[GENERATION]
    if known:
        hear(contexts[flow["pair"]], flow, row, role, back)
    if back:
        window["packets_resp"] += 1
        window["bytes_resp"] += row["ip_len"]
        if known:
            contexts[flow["context"]]["packets_resp"] += 1
            contexts[flow["context"]]["bytes_resp"] += row["ip_len"]
    else:
        window["packets_orig"] += 1
        window["bytes_orig"] += row["ip_len"]
        if known:
            contexts[flow["context"]]["packets_orig"] += 1
            contexts[flow["context"]]["bytes_orig"] += row["ip_len"]
    if row["payload_cap"] > 0 and role == 0:
        if back:
            if flow["payloads_resp"] == 0:
                flow["app_resp"] = row["app"]
            elif flow["payloads_resp"] == 1:
                flow["app_resp_2"] = row["app"]
            flow["payloads_resp"] = min(flow["payloads_resp"] + 1, 1000000)
        else:
            if flow["payloads_orig"] == 0:
                flow["app_orig"] = row["app"]
            elif flow["payloads_orig"] == 1:
                flow["app_orig_2"] = row["app"]
            flow["payloads_orig"] = min(flow["payloads_orig"] + 1, 1000000)
    if row["proto"] == 6 and role == 0:
        flags = row["tcp_flags"]
        bits = np.int64(flow["tcp_state"])
        if flags & 2:
            bits |= SYN_RESP if back else SYN_ORIG
        if flags & 1:
            bits |= FIN_RESP if back else FIN_ORIG
        if flags & 4:
            bits |= RESET
        flow["tcp_state"] = bits


@kernel
def _backwards(row):
    # Whether a flow's first packet comes from its responder.
    if row["proto"] == 6:
        return row["tcp_flags"] & 0x12 == 0x12
    if row["proto"] == 1:
        return row["icmp_type"] in (0, 14, 16, 18, 9)
    if row["proto"] == 58:
        return row["icmp_type"] in (129, 134, 136)
    if row["proto"] == 256:
        return row["icmp_code"] == 2
    return False


@kernel
def _start(slot, row, sport, dport, swapped, key, code, identifier, slots):
    # A new flow in a slot: key, direction, and a hash that is stable between runs.
    flow = slots[slot]
    flow["hash"] = code
    flow["k0"], flow["k1"], flow["k2"] = key[0], key[1], key[2]
    flow["k3"], flow["k4"], flow["k5"] = key[3], key[4], key[5]
    flow["uid"] = mix(code, np.uint64(row["time_ns"]))
    flow["start_ns"] = row["time_ns"]
    flow["number"] = 0
    flow["proto"] = row["proto"]
    flow["tcp_state"] = 0
    flow["app_orig"] = 0
    flow["app_resp"] = 0
    flow["app_orig_2"] = 0
    flow["app_resp_2"] = 0
    flow["payloads_orig"] = 0
    flow["payloads_resp"] = 0
    flow["generation"] = -1
    flow["heard"] = 0
    reverse = _backwards(row)
    flow["orig_second"] = swapped != reverse
    icmp = row["proto"] == 1 or row["proto"] == 58
    if icmp:
        # The first packet's type and code stand where ports would be.
        sport, dport = np.int64(row["icmp_type"]), np.int64(row["icmp_code"])
    flow["icmp_id"] = identifier if icmp and identifier < TYPED_IDENTIFIER else -1
    if reverse:
        flow["src_hi"], flow["src_lo"] = row["dst_hi"], row["dst_lo"]
        flow["dst_hi"], flow["dst_lo"] = row["src_hi"], row["src_lo"]
        flow["sport"] = sport if icmp else dport
        flow["dport"] = dport if icmp else sport
    else:
        flow["src_hi"], flow["src_lo"] = row["src_hi"], row["src_lo"]
        flow["dst_hi"], flow["dst_lo"] = row["dst_hi"], row["dst_lo"]
        flow["sport"] = sport
        flow["dport"] = dport


@kernel
def assign(
    buffer, rows, marks, limits, index, slots, windows, closed, contexts, rings, table,
    fragments, protocols, uids, state,
):  # fmt: skip
    """Give every decoded packet its window.

    Parameters
    ----------
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into (ICMP errors quote packets).
    rows : structured (n,)
        Of PACKET_DTYPE in capture order.
    marks : structured (n,)
        Filled: the window of each packet (-1 for skipped ones), its direction and role, and its
        ports (a later fragment has those of the first).
    limits : int64 (4,)
        Idle time and age in ns, packets of a window, flows at once.
    index, slots, windows : int32, structured, structured
        Hash index of the open flows, the flows, and the window open in each. The index is a
        power of two in length and at most half full after this chunk.
    closed : structured (m,)
        Windows closed, in closing order, from ``state[CLOSED]`` on.
    contexts, rings, table : structured, int64 (c, 16), int32
        What is remembered about pairs and services.
    fragments : structured (f,)
        Ports of first fragments; a power of two in length.
    protocols : int64 (257,)
        Packets so far by protocol.
    uids : uint64 (256,)
        Flow of the last packet at each depth of encapsulation.
    state : int64 (12,)
        Counters and list heads.
    """
    idle, age, most, cap = limits[0], limits[1], limits[2], limits[3]
    keys = np.zeros((2, 6), np.uint64)
    key, other = borrow(keys[0]), borrow(keys[1])
    buffer, rows, marks, index = borrow(buffer), borrow(rows), borrow(marks), borrow(index)
    slots, windows, closed = borrow(slots), borrow(windows), borrow(closed)
    contexts, rings, table = borrow(contexts), borrow(rings), borrow(table)
    fragments, protocols, uids = borrow(fragments), borrow(protocols), borrow(uids)
    state = borrow(state)
    for i in range(len(rows)):
        row = rows[i]
        mark = marks[i]
        mark["window"] = -1
        if row["skip"] != 0:
            continue
        time = np.int64(row["time_ns"])
        while state[HEAD] >= 0 and time - slots[state[HEAD]]["last_ns"] > idle:
            drop(state[HEAD], IDLE, index, slots, windows, closed, state)
        proto = np.int64(row["proto"])
        state[PACKETS] += 1
        protocols[min(proto, 256)] += 1
        identifier = np.int64(NO_IDENTIFIER)
        sport, dport = np.int64(row["sport"]), np.int64(row["dport"])
        icmp = proto == 1 or proto == 58
        cut = np.int64(row["ip_frag"])
        role = 0
        joined = False
        swapped = False
        if cut & 0x1FFF:
            role = 2
            _, sport, dport, identifier = fragment(
                row, other, fragments, sport, dport, identifier, False
            )
        elif icmp:
            kind = row["icmp_type"]
            error = kind in (3, 4, 5, 11, 12) if proto == 1 else kind <= 4
            if error:
                found, swapped = quoted(buffer, row, key)
                if found:
                    slot, place = find(key, hash_key(key), index, slots)
                    joined = slot >= 0
            if not joined:
                identifier = identify(row, other, contexts, table, state, index, slots, idle)
        if cut & 0x2000 and not cut & 0x1FFF:
            fragment(row, other, fragments, sport, dport, identifier, True)
        if joined:
            role = 1
            # The error travels against the packet it quotes.
            swapped = not swapped
        else:
            swapped = set_key(
                key, row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"], sport, dport,
                proto, identifier, row["depth"],
            )  # fmt: skip
        code = hash_key(key)
        slot, place = find(key, code, index, slots)
        if slot >= 0 and proto == 6 and row["tcp_flags"] & 0x17 == 2:
            bits = slots[slot]["tcp_state"]
            if bits & RESET or (bits & FIN_ORIG and bits & FIN_RESP):
                drop(slot, REOPENED, index, slots, windows, closed, state)
                slot, place = find(key, code, index, slots)
        if slot >= 0 and time - slots[slot]["last_ns"] > idle:
            drop(slot, IDLE, index, slots, windows, closed, state)
            slot, place = find(key, code, index, slots)
        if slot < 0:
            if state[LIVE] >= cap:
                state[EVICTED] += 1
                drop(state[HEAD], EVICT, index, slots, windows, closed, state)
                slot, place = find(key, code, index, slots)
            slot = state[FREE]
            if slot >= 0:
                state[FREE] = slots[slot]["after"]
            else:
                slot = state[USED]
                state[USED] += 1
            state[LIVE] += 1
            index[place] = slot
            _start(slot, row, sport, dport, swapped, key, code, identifier, slots)
            append(slot, slots, state)
            _open(slot, row, slots, windows, state, contexts, rings, table, protocols, uids, other)
        else:
            window = windows[slot]
            packets = window["packets_orig"] + window["packets_resp"]
            old = time - window["start_ns"] >= age
            if old or packets >= most:
                close(slot, AGE if old else FULL, slots, windows, closed, state)
                _open(
                    slot, row, slots, windows, state, contexts, rings, table, protocols, uids, other
                )
            unlink(slot, slots, state)
            append(slot, slots, state)
        flow = slots[slot]
        flow["last_ns"] = time
        back = swapped != (flow["orig_second"] != 0)
        if icmp and not joined and key[0] == key[2] and key[1] == key[3]:
            back = row["icmp_type"] == 0 or row["icmp_type"] == 129
        uids[row["depth"]] = flow["uid"]
        mark["window"] = windows[slot]["id"]
        mark["direction"] = 1 if back else 0
        mark["role"] = role
        mark["sport"] = sport
        mark["dport"] = dport
        _count(slot, row, role, back, slots, windows, contexts, state)
    keys[0, 0] = 0  # kept until here


@kernel
def flush(index, slots, windows, closed, state):
    """Close every open window, the one that was idle longest first.

    Parameters
    ----------
    index, slots, windows, closed, state
        As for `assign`.
    """
    while state[HEAD] >= 0:
        drop(state[HEAD], ENDED, index, slots, windows, closed, state)
