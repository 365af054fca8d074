"""Packets to flow windows, one packet after the other, state kept between chunks.

Everything a window is depends on the packets before it alone and never on where a chunk ends,
so the same packets give the same windows from a file, a pipe or a live tap.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["assign", "flush"]

# Scalars of the state, by place in its array.
LIVE, FREE, HEAD, TAIL, NEXT_ID, CLOSED, EVICTED, PACKETS, CONTEXTS, GENERATION, FORGOTTEN = range(
    11
)

# Why a window closed.
IDLE, AGE, FULL, ENDED, REOPENED, EVICT = 1, 2, 3, 4, 5, 6

SHARED_IDENTIFIER = 0x20000
TYPED_IDENTIFIER = 0x10000
NO_IDENTIFIER = -1

SYN_ORIG, SYN_RESP, FIN_ORIG, FIN_RESP, RESET = 1, 2, 4, 8, 16

CONTEXT_NS = 600_000_000_000
RING = 16


@kernel
def _mix(state, word):
    state = (state ^ word) * np.uint64(0xBF58476D1CE4E5B9)
    return state ^ (state >> np.uint64(29))


@kernel
def _hash_key(key):
    state = np.uint64(0x9E3779B97F4A7C15)
    for i in range(len(key)):
        state = _mix(state, key[i])
    return _mix(state, np.uint64(len(key)))


@kernel
def _partner(proto, kind):
    # The request type of an ICMP type pair stands for both (RFC 792, 950, 4443, 4861).
    if proto == 1:
        if kind == 0:
            return 8
        if kind in (14, 16, 18):
            return kind - 1
        if kind == 9:
            return 10
    else:
        if kind == 129:
            return 128
        if kind in (134, 136):
            return kind - 1
    return kind


@kernel
def _set_key(key, src_hi, src_lo, dst_hi, dst_lo, sport, dport, proto, identifier):
    # Canonical: the lower endpoint first. Returns whether the packet's source is the second.
    swapped = False
    if src_hi != dst_hi:
        swapped = src_hi > dst_hi
    elif src_lo != dst_lo:
        swapped = src_lo > dst_lo
    else:
        swapped = sport > dport
    if swapped:
        key[0], key[1], key[2], key[3] = dst_hi, dst_lo, src_hi, src_lo
        ports = (np.int64(dport) << 32) | np.int64(sport)
    else:
        key[0], key[1], key[2], key[3] = src_hi, src_lo, dst_hi, dst_lo
        ports = (np.int64(sport) << 32) | np.int64(dport)
    key[4] = np.uint64(ports)
    key[5] = np.uint64((np.int64(proto) << 32) | (np.int64(identifier) + 1))
    return swapped


@kernel
def _find(key, code, index, slots):
    # Slot of a key, or -1; with it the place in the index where it is or would be.
    mask = len(index) - 1
    place = np.int64(code & np.uint64(mask))
    while True:
        slot = index[place]
        if slot < 0:
            return -1, place
        entry = slots[slot]
        if (
            entry["hash"] == code
            and entry["k0"] == key[0]
            and entry["k1"] == key[1]
            and entry["k2"] == key[2]
            and entry["k3"] == key[3]
            and entry["k4"] == key[4]
            and entry["k5"] == key[5]
        ):
            return slot, place
        place = (place + 1) & mask


@kernel
def _remove(slot, index, slots):
    # Backward-shift deletion keeps probe chains whole without tombstones.
    mask = len(index) - 1
    place = np.int64(slots[slot]["hash"] & np.uint64(mask))
    while index[place] != slot:
        place = (place + 1) & mask
    hole = place
    while True:
        place = (place + 1) & mask
        other = index[place]
        if other < 0:
            break
        home = np.int64(slots[other]["hash"] & np.uint64(mask))
        if ((place - home) & mask) >= ((place - hole) & mask):
            index[hole] = other
            hole = place
    index[hole] = -1


@kernel
def _unlink(slot, slots, state):
    before, after = slots[slot]["before"], slots[slot]["after"]
    if before >= 0:
        slots[before]["after"] = after
    else:
        state[HEAD] = after
    if after >= 0:
        slots[after]["before"] = before
    else:
        state[TAIL] = before


@kernel
def _append(slot, slots, state):
    tail = state[TAIL]
    slots[slot]["before"] = tail
    slots[slot]["after"] = -1
    if tail >= 0:
        slots[tail]["after"] = slot
    else:
        state[HEAD] = slot
    state[TAIL] = slot


@kernel
def _close(slot, reason, slots, windows, closed, state):
    window = windows[slot]
    window["reason"] = reason
    window["tcp_state"] = slots[slot]["tcp_state"]
    window["app_orig"] = slots[slot]["app_orig"]
    window["app_resp"] = slots[slot]["app_resp"]
    window["app_orig_2"] = slots[slot]["app_orig_2"]
    window["app_resp_2"] = slots[slot]["app_resp_2"]
    window["payloads_orig"] = slots[slot]["payloads_orig"]
    window["payloads_resp"] = slots[slot]["payloads_resp"]
    closed[state[CLOSED]] = window
    state[CLOSED] += 1


@kernel
def _drop(slot, reason, index, slots, windows, closed, state):
    _close(slot, reason, slots, windows, closed, state)
    _remove(slot, index, slots)
    _unlink(slot, slots, state)
    slots[slot]["after"] = state[FREE]
    state[FREE] = slot
    state[LIVE] -= 1


@kernel
def _context(row, orig_hi, orig_lo, resp_hi, resp_lo, port, key, contexts, rings, table, state):
    # The entry of (originator, responder, protocol, service port), made when it is not there.
    if state[CONTEXTS] >= len(contexts):
        for i in range(len(table)):
            table[i] = -1
        state[CONTEXTS] = 0
        state[GENERATION] += 1
        state[FORGOTTEN] += 1
    key[0], key[1], key[2], key[3] = orig_hi, orig_lo, resp_hi, resp_lo
    key[4] = np.uint64(port)
    key[5] = np.uint64(row["proto"])
    code = _hash_key(key)
    mask = len(table) - 1
    place = np.int64(code & np.uint64(mask))
    while table[place] >= 0:
        if contexts[table[place]]["hash"] == code:
            return table[place], False
        place = (place + 1) & mask
    entry = state[CONTEXTS]
    state[CONTEXTS] += 1
    table[place] = entry
    context = contexts[entry]
    context["hash"] = code
    context["windows"] = 0
    context["packets_orig"] = 0
    context["packets_resp"] = 0
    context["bytes_orig"] = 0
    context["bytes_resp"] = 0
    context["peers"] = 0
    context["identifiers"] = 0
    context["identifier_ns"] = 0
    context["last_ns"] = row["time_ns"]
    return entry, True


@kernel
def _snapshot(window, context, ring, host, time, state, protocols, proto):
    # What was known about the pair and service when this window opened.
    count = min(context["windows"], RING)
    used = 0
    total = 0.0
    squares = 0.0
    after = time
    for back in range(count):
        start = ring[(context["windows"] - 1 - back) % RING]
        if time - start > CONTEXT_NS or time < start:
            break
        gap = (after - start) / 1e9
        total += gap
        squares += gap * gap
        after = start
        used += 1
    window["ctx_windows"] = used
    window["ctx_gap_mean"] = np.nan
    window["ctx_gap_cv"] = np.nan
    if used >= 1:
        window["ctx_gap_mean"] = total / used
    if used >= 3 and total > 0:
        mean = total / used
        window["ctx_gap_cv"] = np.sqrt(max(squares / used - mean * mean, 0.0)) / mean
    window["ctx_packets_orig"] = context["packets_orig"]
    window["ctx_packets_resp"] = context["packets_resp"]
    window["ctx_bytes_orig"] = context["bytes_orig"]
    window["ctx_bytes_resp"] = context["bytes_resp"]
    window["ctx_peers"] = host["peers"]
    window["ctx_share"] = protocols[proto] / max(state[PACKETS], 1)
    ring[context["windows"] % RING] = time
    context["windows"] += 1


@kernel
def _open(slot, row, slots, windows, state, contexts, rings, table, protocols, key):
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
    window["ip_version"] = row["ip_version"]
    window["packets_orig"] = 0
    window["packets_resp"] = 0
    window["bytes_orig"] = 0
    window["bytes_resp"] = 0
    port = np.int64(flow["dport"]) if flow["proto"] in (6, 17, 256) else 0
    generation = state[GENERATION]
    entry, fresh = _context(
        row, flow["src_hi"], flow["src_lo"], flow["dst_hi"], flow["dst_lo"], port, key,
        contexts, rings, table, state,
    )  # fmt: skip
    host, _ = _context(
        row, flow["src_hi"], flow["src_lo"], np.uint64(0), np.uint64(0), -1, key,
        contexts, rings, table, state,
    )  # fmt: skip
    if fresh:
        contexts[host]["peers"] += 1
    if generation != state[GENERATION]:
        # The tables were emptied meanwhile: find the entry again.
        entry, fresh = _context(
            row, flow["src_hi"], flow["src_lo"], flow["dst_hi"], flow["dst_lo"], port, key,
            contexts, rings, table, state,
        )  # fmt: skip
    flow["context"] = entry
    flow["generation"] = state[GENERATION]
    _snapshot(
        window, contexts[entry], rings[entry], contexts[host], row["time_ns"], state, protocols,
        row["proto"],
    )  # fmt: skip


@kernel
def _quoted(buffer, row, key):
    # Key of the packet that an ICMP error quotes: (found, quoted source is the key's second).
    start = np.int64(row["payload_off"])
    end = start + np.int64(row["payload_cap"])
    if end - start < 20:
        return False, False
    version = buffer[start] >> 4
    src_hi = dst_hi = np.uint64(0)
    src_lo = dst_lo = np.uint64(0)
    if version == 4 and row["proto"] == 1:
        size = np.int64(buffer[start] & 15) * 4
        proto = np.int64(buffer[start + 9])
        for i in range(4):
            src_lo = (src_lo << np.uint64(8)) | np.uint64(buffer[start + 12 + i])
            dst_lo = (dst_lo << np.uint64(8)) | np.uint64(buffer[start + 16 + i])
        src_lo |= np.uint64(0xFFFF00000000)
        dst_lo |= np.uint64(0xFFFF00000000)
    elif version == 6 and row["proto"] == 58 and end - start >= 40:
        size = 40
        proto = np.int64(buffer[start + 6])
        for i in range(8):
            src_hi = (src_hi << np.uint64(8)) | np.uint64(buffer[start + 8 + i])
            src_lo = (src_lo << np.uint64(8)) | np.uint64(buffer[start + 16 + i])
            dst_hi = (dst_hi << np.uint64(8)) | np.uint64(buffer[start + 24 + i])
            dst_lo = (dst_lo << np.uint64(8)) | np.uint64(buffer[start + 32 + i])
    else:
        return False, False
    inner = start + size
    sport = dport = 0
    identifier = NO_IDENTIFIER
    if proto in (6, 17, 33, 132):
        if inner + 4 > end:
            return False, False
        sport = (np.int64(buffer[inner]) << 8) | np.int64(buffer[inner + 1])
        dport = (np.int64(buffer[inner + 2]) << 8) | np.int64(buffer[inner + 3])
    elif proto == 1 or proto == 58:
        if inner + 6 > end:
            return False, False
        kind = np.int64(buffer[inner])
        if kind in (0, 8, 128, 129):
            identifier = (np.int64(buffer[inner + 4]) << 8) | np.int64(buffer[inner + 5])
        else:
            identifier = TYPED_IDENTIFIER + _partner(proto, kind)
    swapped = _set_key(key, src_hi, src_lo, dst_hi, dst_lo, sport, dport, proto, identifier)
    return True, swapped


@kernel
def _fragment(row, key, fragments, sport, dport, identifier, store):
    # Remember ports of a first fragment, or fetch them for a later one, by (pair, IP ID).
    key[0], key[1], key[2], key[3] = row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"]
    key[4] = np.uint64(row["ip_id"])
    key[5] = np.uint64(row["proto"])
    code = _hash_key(key)
    entry = fragments[np.int64(code & np.uint64(len(fragments) - 1))]
    if store:
        entry["hash"] = code
        entry["sport"] = sport
        entry["dport"] = dport
        entry["identifier"] = identifier
        return True, sport, dport, identifier
    if entry["hash"] != code:
        return False, sport, dport, identifier
    return True, np.int64(entry["sport"]), np.int64(entry["dport"]), np.int64(entry["identifier"])


@kernel
def _count(slot, row, back, slots, windows, contexts, state):
    flow = slots[slot]
    window = windows[slot]
    window["end_ns"] = row["time_ns"]
    known = flow["generation"] == state[GENERATION]
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
    if row["payload_cap"] > 0 and row["role"] == 0:
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
    if row["proto"] == 6 and row["role"] == 0:
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
def _identify(row, key, contexts, rings, table, state, index, slots, idle):
    # Identifier of an ICMP packet's flow. Beyond 16 identifiers of one pair within the idle
    # timeout, further ones share a flow: channels put data into the identifier.
    kind = np.int64(row["icmp_type"])
    echo = kind in (0, 8) if row["proto"] == 1 else kind in (128, 129)
    if not echo:
        return TYPED_IDENTIFIER + _partner(row["proto"], kind), False
    identifier = np.int64(row["icmp_id"])
    _set_key(
        key, row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"], 0, 0, row["proto"],
        identifier,
    )  # fmt: skip
    slot, _ = _find(key, _hash_key(key), index, slots)
    if slot >= 0 and row["time_ns"] - slots[slot]["last_ns"] <= idle:
        return identifier, True
    entry, _ = _context(row, key[0], key[1], key[2], key[3], -2, key, contexts, rings, table, state)
    context = contexts[entry]
    if row["time_ns"] - context["identifier_ns"] > idle:
        context["identifiers"] = 0
    context["identifiers"] += 1
    context["identifier_ns"] = row["time_ns"]
    if context["identifiers"] > 16:
        return SHARED_IDENTIFIER, True
    return identifier, True


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
def _start(slot, row, swapped, key, code, identifier, slots, state):
    # A new flow in a slot: key, direction, and a hash that is stable between runs.
    flow = slots[slot]
    flow["hash"] = code
    flow["k0"], flow["k1"], flow["k2"] = key[0], key[1], key[2]
    flow["k3"], flow["k4"], flow["k5"] = key[3], key[4], key[5]
    flow["uid"] = _mix(code, np.uint64(row["time_ns"]))
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
    reverse = _backwards(row)
    flow["orig_second"] = swapped != reverse
    icmp = row["proto"] == 1 or row["proto"] == 58
    sport, dport = np.int64(row["sport"]), np.int64(row["dport"])
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
    buffer, rows, window_ids, limits, index, slots, windows, closed, contexts, rings, table,
    fragments, protocols, state,
):  # fmt: skip
    """Give every decoded packet its window.

    Parameters
    ----------
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into (ICMP errors quote packets).
    rows : structured (n,)
        Of PACKET_DTYPE in capture order; ``direction`` and ``role`` are set.
    window_ids : int64 (n,)
        Filled with the window of each packet, -1 for skipped ones.
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
    state : int64 (11,)
        Counters and list heads.
    """
    idle, age, most, cap = limits[0], limits[1], limits[2], limits[3]
    key = np.zeros(6, np.uint64)
    other = np.zeros(6, np.uint64)
    for i in range(len(rows)):
        row = rows[i]
        window_ids[i] = -1
        if row["skip"] != 0:
            continue
        time = np.int64(row["time_ns"])
        while state[HEAD] >= 0 and time - slots[state[HEAD]]["last_ns"] > idle:
            _drop(state[HEAD], IDLE, index, slots, windows, closed, state)
        proto = np.int64(row["proto"])
        state[PACKETS] += 1
        protocols[min(proto, 256)] += 1
        identifier = np.int64(NO_IDENTIFIER)
        sport, dport = np.int64(row["sport"]), np.int64(row["dport"])
        icmp = proto == 1 or proto == 58
        fragment = np.int64(row["ip_frag"])
        joined = False
        swapped = False
        if fragment & 0x1FFF:
            row["role"] = 2
            found, sport, dport, identifier = _fragment(
                row, other, fragments, sport, dport, identifier, False
            )
            if found:
                row["sport"], row["dport"] = sport, dport
        elif icmp:
            kind = row["icmp_type"]
            error = kind in (3, 4, 5, 11, 12) if proto == 1 else kind <= 4
            if error:
                found, swapped = _quoted(buffer, row, key)
                if found:
                    slot, place = _find(key, _hash_key(key), index, slots)
                    joined = slot >= 0
            if not joined:
                identifier, _ = _identify(
                    row, other, contexts, rings, table, state, index, slots, idle
                )
        if fragment & 0x2000 and not fragment & 0x1FFF:
            _fragment(row, other, fragments, sport, dport, identifier, True)
        if joined:
            row["role"] = 1
            # The error travels against the packet it quotes.
            swapped = not swapped
        else:
            swapped = _set_key(
                key, row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"], sport, dport,
                proto, identifier,
            )  # fmt: skip
        code = _hash_key(key)
        slot, place = _find(key, code, index, slots)
        if slot >= 0 and proto == 6 and row["tcp_flags"] & 0x17 == 2:
            bits = slots[slot]["tcp_state"]
            if bits & RESET or (bits & FIN_ORIG and bits & FIN_RESP):
                _drop(slot, REOPENED, index, slots, windows, closed, state)
                slot, place = _find(key, code, index, slots)
        if slot >= 0 and time - slots[slot]["last_ns"] > idle:
            _drop(slot, IDLE, index, slots, windows, closed, state)
            slot, place = _find(key, code, index, slots)
        if slot < 0:
            if state[LIVE] >= cap:
                state[EVICTED] += 1
                _drop(state[HEAD], EVICT, index, slots, windows, closed, state)
                slot, place = _find(key, code, index, slots)
            slot = state[FREE]
            state[FREE] = slots[slot]["after"]
            state[LIVE] += 1
            index[place] = slot
            _start(slot, row, swapped, key, code, identifier, slots, state)
            _append(slot, slots, state)
            _open(slot, row, slots, windows, state, contexts, rings, table, protocols, other)
        else:
            window = windows[slot]
            packets = window["packets_orig"] + window["packets_resp"]
            old = time - window["start_ns"] >= age
            if old or packets >= most:
                _close(slot, AGE if old else FULL, slots, windows, closed, state)
                _open(slot, row, slots, windows, state, contexts, rings, table, protocols, other)
            _unlink(slot, slots, state)
            _append(slot, slots, state)
        flow = slots[slot]
        flow["last_ns"] = time
        back = swapped != (flow["orig_second"] != 0)
        if icmp and not joined and key[0] == key[2] and key[1] == key[3]:
            back = row["icmp_type"] == 0 or row["icmp_type"] == 129
        row["direction"] = 1 if back else 0
        window_ids[i] = windows[slot]["id"]
        _count(slot, row, back, slots, windows, contexts, state)


@kernel
def flush(index, slots, windows, closed, state):
    """Close every open window, the one that was idle longest first.

    Parameters
    ----------
    index, slots, windows, closed, state
        As for `assign`.
    """
    while state[HEAD] >= 0:
        _drop(state[HEAD], ENDED, index, slots, windows, closed, state)
