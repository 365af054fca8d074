"""Open flows: a hash index, a list by last packet, and canonical keys."""

from __future__ import annotations

import numpy as np

from ._apps import RTCP, RTP
from ._digest import mix
from ._jit import kernel
from ._state import CLOSED, FREE, HEAD, LIVE, TAIL

__all__ = ["append", "close", "confirmed", "drop", "find", "hash_key", "set_key", "unlink"]


@kernel
def hash_key(key):
    """Hash a key of six words: uint64."""
    state = np.uint64(0x9E3779B97F4A7C15)
    for i in range(len(key)):
        state = mix(state, key[i])
    return mix(state, np.uint64(len(key)))


@kernel
def set_key(key, src_hi, src_lo, dst_hi, dst_lo, sport, dport, proto, identifier, depth):
    """Write a canonical key, the lower endpoint first; whether the source is the second."""
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
    kind = (np.int64(proto) << 32) | (np.int64(depth) << 24)
    key[5] = np.uint64(kind | (np.int64(identifier) + 1))
    return swapped


@kernel
def find(key, code, index, slots):
    """Slot of a key or -1, and the place in the index where it is or would be."""
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
def unlink(slot, slots, state):
    """Take a flow out of the list by last packet."""
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
def append(slot, slots, state):
    """Put a flow at the end of the list by last packet."""
    tail = state[TAIL]
    slots[slot]["before"] = tail
    slots[slot]["after"] = -1
    if tail >= 0:
        slots[tail]["after"] = slot
    else:
        state[HEAD] = slot
    state[TAIL] = slot


@kernel
def confirmed(first, second):
    """Codes of a side's first two payloads, RTP among them only where both are of a call.

    RTP has two fixed bits and few forbidden values: one random payload in 25 passes, but not
    one pair in 500.

    Parameters
    ----------
    first, second : int
        Codes of recognised protocols, 0 for none.

    Returns
    -------
    (int, int)
    """
    if first == RTP and second != RTP and second != RTCP:
        return 0, second
    if second == RTP and first == 0:
        return first, 0
    return first, second


@kernel
def close(slot, reason, slots, windows, closed, state):
    """Write the window of a slot to those closed."""
    window = windows[slot]
    window["reason"] = reason
    window["tcp_state"] = slots[slot]["tcp_state"]
    first, second = confirmed(slots[slot]["app_orig"], slots[slot]["app_orig_2"])
    window["app_orig"], window["app_orig_2"] = first, second
    first, second = confirmed(slots[slot]["app_resp"], slots[slot]["app_resp_2"])
    window["app_resp"], window["app_resp_2"] = first, second
    window["payloads_orig"] = slots[slot]["payloads_orig"]
    window["payloads_resp"] = slots[slot]["payloads_resp"]
    closed[state[CLOSED]] = window
    state[CLOSED] += 1


@kernel
def drop(slot, reason, index, slots, windows, closed, state):
    """Close the window of a slot and forget its flow."""
    close(slot, reason, slots, windows, closed, state)
    _remove(slot, index, slots)
    unlink(slot, slots, state)
    slots[slot]["after"] = state[FREE]
    state[FREE] = slot
    state[LIVE] -= 1
