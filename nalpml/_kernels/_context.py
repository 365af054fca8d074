"""What is remembered about pairs of hosts and services from one window to the next."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from ._slots import hash_key
from ._state import CONTEXTS, FORGOTTEN, GENERATION, PACKETS

__all__ = ["context", "snapshot"]

CONTEXT_NS = 600_000_000_000
"""Windows that started longer ago do not count."""

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
    key[4] = np.uint64(port + 2)  # -1 and -2 stand for what has no service
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
    window["ctx_share"] = protocols[proto] / max(state[PACKETS], 1)
    ring[known["windows"] % RING] = time
    known["windows"] += 1
