"""Hashes and marks of a payload, for comparing payloads without keeping them."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from ._octets import be64

__all__ = ["hash_payload", "inner_ip", "mix", "prefix"]

SEED = np.uint64(0x9E3779B97F4A7C15)
LANES, TOPS = np.uint64(0x0001000100010001), np.uint64(0x8000800080008000)
FIRST_PLACES = np.uint64(0x0000000200040006)
ONE, THREE, EIGHT = np.uint64(1), np.uint64(3), np.uint64(8)
SIXTEEN, TURN, REACH = np.uint64(16), np.uint64(32), np.uint64(144)


@kernel
def mix(state, word):
    """One round of a multiply-xorshift hash (constants of SplitMix64): uint64."""
    state = (state ^ word) * np.uint64(0xBF58476D1CE4E5B9)
    return state ^ (state >> np.uint64(29))


@kernel
def _part(data, place, count):
    value = np.uint64(0)
    for i in range(count):
        value = (value << EIGHT) | np.uint64(data[place + np.uint64(i)])
    return value


@kernel
def _last(data, stop, count):
    # As _part for the 1 to 7 octets before a place; there are 8 before it.
    return be64(data, stop - EIGHT) & ((ONE << (count << THREE)) - ONE)


@kernel
def _hash_rest(data, length):
    # Hash of what stands behind the first 16 octets. Four chains side by side, as each step of
    # one waits for the step before it.
    count = np.uint64(len(data))
    a = mix(SEED, np.uint64(length))
    b = c = d = SEED
    place = SIXTEEN
    head = min(count, REACH)
    while place + TURN <= head:
        a = mix(a, be64(data, place))
        b = mix(b, be64(data, place + EIGHT))
        c = mix(c, be64(data, place + SIXTEEN))
        d = mix(d, be64(data, place + SIXTEEN + EIGHT))
        place += TURN
    while place + EIGHT <= head:
        a = mix(a, be64(data, place))
        place += EIGHT
    if place < head:
        a = mix(a, _last(data, head, head - place))
    if count >= head + TURN:
        place = count - TURN
        a = mix(a, be64(data, place))
        b = mix(b, be64(data, place + EIGHT))
        c = mix(c, be64(data, place + SIXTEEN))
        d = mix(d, be64(data, place + SIXTEEN + EIGHT))
    elif count > head:
        place = head
        while place + EIGHT <= count:
            a = mix(a, be64(data, place))
            place += EIGHT
        if place < count:
            a = mix(a, _last(data, count, count - place))
    return mix(mix(mix(a, b), c), d)


@kernel
def hash_payload(data, length, first, second):
    """Hash length, first 144 and last 32 octets.

    Parameters
    ----------
    data : uint8 (n,)
        The captured payload.
    length : int
        The payload's length from its headers.
    first, second : uint64
        Its first 16 octets as `prefix` gives them.

    Returns
    -------
    (uint64, uint64)
        Hashes that tell payloads apart at a bounded price: of all of it, and of what stands
        behind the first 16 octets (0 for nothing).
    """
    if len(data) <= 16:
        return mix(mix(mix(SEED, np.uint64(length)), first), second), np.uint64(0)
    rest = _hash_rest(data, length)
    return mix(mix(rest, first), second), rest


@kernel
def prefix(data, skip):
    """Eight octets from `skip` on as one big-endian number, zero filled: uint64."""
    if len(data) >= skip + 8:
        return be64(data, np.uint64(skip))
    take = max(len(data) - skip, 0)
    value = _part(data, np.uint64(skip), np.uint64(take))
    for _ in range(8 - take):
        value <<= EIGHT
    return value


@kernel
def _some_zero(lanes):
    # Whether one of four 16-bit numbers is zero.
    return (lanes - LANES) & ~lanes & TOPS


@kernel
def _may_be_ip(data, length):
    # Whether a length that an IP header would have stands where it would: almost never, and
    # quicker to look for than headers. Four numbers at a time: each plus its place is compared
    # with what it must be, as a total length (IPv4) and as that of a payload (IPv6).
    total = np.uint64((length + 2) & 0xFFFF) * LANES
    payload = np.uint64((length - 36) & 0xFFFF) * LANES
    places = FIRST_PLACES
    found = np.uint64(0)
    for word in range(min(len(data) >> 3, 7)):
        lanes = be64(data, np.uint64(word) << THREE)
        lanes = ((lanes & ~TOPS) + places) ^ (lanes & TOPS)
        found |= _some_zero(lanes ^ total) | _some_zero(lanes ^ payload)
        places += EIGHT * LANES
    return found != 0


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
    if not _may_be_ip(data, length):
        return 0
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
