"""What is remembered about pairs of hosts and services from one window to the next."""

from __future__ import annotations

import numpy as np

from ._heads import begin_heads, note_head, snapshot_heads
from ._jit import kernel
from ._slots import hash_key
from ._state import CONTEXTS, FORGOTTEN, GENERATION, PACKETS

__all__ = [
    "ALL_PORTS", "HOST", "connect", "context", "hear", "look_back", "snapshot",
    "snapshot_pair",
]  # fmt: skip

CONTEXT_NS = 600_000_000_000
"""Windows that started longer ago do not count."""

HOST, ALL_PORTS = -1, -3
"""Stand for a service: everything an originator does, everything a pair does."""

RING = 16
"""Window starts remembered for an entry, as in flows.dtypes."""


@kernel
def context(proto, orig_hi, orig_lo, resp_hi, resp_lo, port, key, contexts, table, state):
    """Entry of (originator, responder, protocol, service port), and whether it is new."""
    if state[CONTEXTS] >= len(contexts):
        for i in range(len(table)):
            table[i] = -1
        state[CONTEXTS] = 0
        state[GENERATION] += 1
        state[FORGOTTEN] += 1
    key[0], key[1], key[2], key[3] = orig_hi, orig_lo, resp_hi, resp_lo
    key[4] = np.uint64(port + 4)  # below 0: what has no service
    key[5] = np.uint64(proto)
    code = hash_key(key)
    mask = len(table) - 1
    place = np.int64(code & np.uint64(mask))
    while table[place] >= 0:
        if contexts[table[place]]["hash"] == code:
            return table[place], False
        place = (place + 1) & mask
    entry = state[CONTEXTS]
    state[CONTEXTS] += 1
    table[place] = entry
    made = contexts[entry]
    made["hash"] = code
    made["windows"] = 0
    made["packets_orig"] = 0
    made["packets_resp"] = 0
    made["bytes_orig"] = 0
    made["bytes_resp"] = 0
    made["peers"] = 0
    made["identifiers"] = 0
    made["identifier_ns"] = 0
    made["begin_ns"] = 0
    made["last_ns"] = 0
    made["flows"] = 0
    return entry, True


@kernel
def snapshot(window, known, ring, host, time, state, protocols, proto):
    """Write what was known about the pair and service when a window opened."""
    count = min(known["windows"], RING)
    used = 0
    total = 0.0
    squares = 0.0
    after = time
    for back in range(count):
        start = ring[(known["windows"] - 1 - back) % RING]
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
    window["ctx_packets_orig"] = known["packets_orig"]
    window["ctx_packets_resp"] = known["packets_resp"]
    window["ctx_bytes_orig"] = known["bytes_orig"]
    window["ctx_bytes_resp"] = known["bytes_resp"]
    window["ctx_peers"] = host["peers"]
    window["ctx_flows"] = host["flows"]
    window["ctx_share"] = protocols[proto] / max(state[PACKETS], 1)
    ring[known["windows"] % RING] = time
    known["windows"] += 1


@kernel
def connect(pair, row, port, known_since, time, asks):
    """Count a flow that a pair opens, whatever its port.

    A run of a pair ends with ten minutes without a new flow; the next one begins it anew.

    Parameters
    ----------
    pair : record
        Entry of the pair in this protocol.
    row : record
        First packet of the flow.
    port : int
        The responder's.
    known_since : int
        When the service was last opened, in ns; -1 for never.
    time : int
        Now, in ns.
    asks : bool
        Whether that packet comes from the originator.
    """
    if pair["flows"] == 0 or time - pair["last_ns"] > CONTEXT_NS:
        pair["begin_ns"] = time
        pair["flows"] = 0
        pair["packets_orig"] = 0
        pair["packets_resp"] = 0
        pair["bytes_orig"] = 0
        pair["bytes_resp"] = 0
        pair["gap_mean"] = 0.0
        pair["gap_squares"] = 0.0
        pair["services"] = 0
        pair["answered"] = 0
        pair["errors"] = 0
        pair["first_payloads"] = 0
        pair["same_size"] = 0
        pair["same_prefix"] = 0
        pair["same_payload"] = 0
        pair["same_ttl"] = 0
        pair["next_port"] = 0
        begin_heads(pair)
    else:
        gap = max(time - pair["last_ns"], 0) / 1e9
        delta = gap - pair["gap_mean"]  # Welford's update
        pair["gap_mean"] += delta / pair["flows"]
        pair["gap_squares"] += delta * (gap - pair["gap_mean"])
        pair["same_ttl"] += row["ttl"] == pair["last_ttl"]
        pair["next_port"] += port == np.int64(pair["last_port"]) + 1
    pair["services"] += known_since < pair["begin_ns"]
    pair["flows"] += 1
    pair["last_ns"] = time
    pair["last_port"] = port
    pair["last_ttl"] = row["ttl"]
    if asks:
        note_head(pair, row, time)


@kernel
def look_back(window, pair, time):
    """Write what the headers of the pair's flows were, that of this window included."""
    fresh = pair["flows"] == 0 or time - pair["last_ns"] > CONTEXT_NS
    snapshot_heads(window, pair, 0 if fresh else 1)


@kernel
def hear(pair, flow, row, role, back):
    """Count what the packets of a flow say about its pair: octets, answers, first payloads."""
    if back:
        pair["bytes_resp"] += row["ip_len"]
        bit = 2 if role == 1 else 1
        if flow["heard"] & bit == 0:
            flow["heard"] |= bit
            if role == 1:
                pair["errors"] += 1
            else:
                pair["answered"] += 1
        return
    pair["bytes_orig"] += row["ip_len"]
    if row["payload_cap"] > 0 and role == 0 and flow["payloads_orig"] == 0:
        prefix = np.uint32(row["prefix_hi"] >> np.uint64(32))
        if pair["first_payloads"] > 0:
            pair["same_size"] += row["payload_len"] == pair["last_size"]
            pair["same_prefix"] += prefix == pair["last_prefix"]
            pair["same_payload"] += row["payload_hash"] == pair["last_payload"]
        pair["first_payloads"] += 1
        pair["last_size"] = row["payload_len"]
        pair["last_prefix"] = prefix
        pair["last_payload"] = row["payload_hash"]


@kernel
def snapshot_pair(window, pair, time):
    """Write what was known about a pair, whatever the port, when a window opened."""
    fresh = pair["flows"] == 0 or time - pair["last_ns"] > CONTEXT_NS
    window["pair_gap_mean"] = np.nan
    window["pair_gap_cv"] = np.nan
    flows = 0 if fresh else pair["flows"]
    window["pair_flows"] = flows
    window["pair_services"] = 0 if fresh else pair["services"]
    window["pair_answered"] = 0 if fresh else pair["answered"]
    window["pair_errors"] = 0 if fresh else pair["errors"]
    window["pair_first_payloads"] = 0 if fresh else pair["first_payloads"]
    window["pair_same_size"] = 0 if fresh else pair["same_size"]
    window["pair_same_prefix"] = 0 if fresh else pair["same_prefix"]
    window["pair_same_payload"] = 0 if fresh else pair["same_payload"]
    window["pair_same_ttl"] = 0 if fresh else pair["same_ttl"]
    window["pair_next_port"] = 0 if fresh else pair["next_port"]
    window["pair_bytes_orig"] = 0 if fresh else pair["bytes_orig"]
    window["pair_bytes_resp"] = 0 if fresh else pair["bytes_resp"]
    if flows >= 2:
        window["pair_gap_mean"] = pair["gap_mean"]
    if flows >= 4 and pair["gap_mean"] > 0:
        spread = np.sqrt(pair["gap_squares"] / (flows - 1))
        window["pair_gap_cv"] = spread / pair["gap_mean"]
