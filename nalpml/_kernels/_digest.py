"""Hashes and marks of a payload, for comparing payloads without keeping them."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["hash_payload", "inner_ip", "mix", "prefix"]

THREE, SEVEN, EIGHT = np.uint64(3), np.uint64(7), np.uint64(8)


@kernel
def mix(state, word):
    """One round of a multiply-xorshift hash (constants of SplitMix64): uint64."""
    state = (state ^ word) * np.uint64(0xBF58476D1CE4E5B9)
    return state ^ (state >> np.uint64(29))


@kernel
def _word(data, place):
    value = np.uint64(0)
    for i in range(8):
        value = (value << EIGHT) | np.uint64(data[place + np.uint64(i)])
    return value


@kernel
def _part(data, place, count):
    value = np.uint64(0)
    for i in range(count):
        value = (value << EIGHT) | np.uint64(data[place + np.uint64(i)])
    return value


@kernel
def hash_payload(data, length):
    """Hash length, first 128 and last 32 octets.

    Parameters
    ----------
    data : uint8 (n,)
        The captured payload.
    length : int
        The payload's length from its headers.

    Returns
    -------
    uint64
        Tells payloads apart at a bounded price.
    """
    state = mix(np.uint64(0x9E3779B97F4A7C15), np.uint64(length))
    count = np.uint64(len(data))
    head = min(count, np.uint64(128))
    for word in range(head >> THREE):
        state = mix(state, _word(data, np.uint64(word) << THREE))
    if head & SEVEN:
        state = mix(state, _part(data, head - (head & SEVEN), head & SEVEN))
    if count > head:
        place = max(head, count - np.uint64(32))
        while place + EIGHT <= count:
            state = mix(state, _word(data, place))
            place += EIGHT
        if place < count:
            state = mix(state, _part(data, place, count - place))
    return state


@kernel
def prefix(data, skip):
    """Eight octets from `skip` on as one big-endian number, zero filled: uint64."""
    if len(data) >= skip + 8:
        return _word(data, np.uint64(skip))
    take = max(len(data) - skip, 0)
    value = _part(data, np.uint64(skip), np.uint64(take))
    for _ in range(8 - take):
        value <<= EIGHT
    return value


@kernel
def inner_ip(data, length):
    """Find a plausible IP packet that fills the rest of a payload.

    Parameters
    ----------
    data : uint8 (n,)
        The captured payload.
    length : int
        The payload's length from its headers.

    Returns
    -------
    int
        1 + its offset (even, below 48), 0 where there is none.
    """
    count = len(data)
    for offset in range(0, 48, 2):
        if offset + 20 > count:
            return 0
        first = data[offset]
        if first == 0x45:
            total = (np.int64(data[offset + 2]) << 8) | np.int64(data[offset + 3])
            protocol = data[offset + 9]
            if total == length - offset and data[offset + 8] > 0 and protocol in (1, 6, 17):
                return offset + 1
        elif first >> 4 == 6 and offset + 40 <= count:
            total = (np.int64(data[offset + 4]) << 8) | np.int64(data[offset + 5])
            following = data[offset + 6]
            if total + 40 == length - offset and following in (0, 6, 17, 44, 58):
                return offset + 1
    return 0
