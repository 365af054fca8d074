"""Walk the records of capture files into (time, offset, captured length, wire length)."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["walk_pcap", "walk_pcapng"]

DONE, MORE, FULL, DAMAGED = 0, 1, 2, 3
"""Why a walk ended: end of data, record cut off by it, output full, impossible length."""

AHEAD, LINE = 1 << 16, 64
"""Octets that are brought into the cache at a time, and those of a cache line."""


@kernel
def _u32(buffer, offset, swapped):
    a = np.int64(buffer[offset])
    b = np.int64(buffer[offset + 1])
    c = np.int64(buffer[offset + 2])
    d = np.int64(buffer[offset + 3])
    if swapped:
        return (a << 24) | (b << 16) | (c << 8) | d
    return (d << 24) | (c << 16) | (b << 8) | a


@kernel
def _u16(buffer, offset, swapped):
    a = np.int64(buffer[offset])
    b = np.int64(buffer[offset + 1])
    if swapped:
        return (a << 8) | b
    return (b << 8) | a


@kernel
def _touch(buffer, start):
    # One octet of each cache line ahead. Where a record starts is only known when the one before
    # it was read, so walking waits for the memory at each record; going straight ahead does not.
    total = np.int64(0)
    for place in range(start, min(start + AHEAD, len(buffer)), LINE):
        total += buffer[place]
    return total


@kernel
def walk_pcap(buffer, start, swapped, nano, header, limit, times, offsets, captured, wire):
    """Walk classic pcap records.

    Parameters
    ----------
    buffer : uint8 (n,)
        File contents.
    start : int
        Offset of a record header.
    swapped : bool
        True for big-endian files.
    nano : bool
        True when the fraction of a second counts nanoseconds.
    header : int
        Octets of a record header (16; 24 in the modified format).
    limit : int
        Largest believable captured length.
    times, offsets, captured, wire : int64 (m,)
        Filled with time in ns, offset of the frame, and its two lengths in octets.

    Returns
    -------
    (count, position, status)
        Records filled, offset of the first record not taken, why the walk ended.
    """
    n = len(buffer)
    capacity = len(times)
    position = touched = start
    count = 0
    while True:
        if position == n:
            return count, position, 0
        if position + header > n:
            return count, position, 1
        if count == capacity:
            return count, position, 2
        if position >= touched:
            wire[count] = _touch(buffer, position)  # stored, or the compiler would leave it out
            touched = position + AHEAD
        record = buffer[position : position + 16]
        seconds = _u32(record, 0, swapped)
        fraction = _u32(record, 4, swapped)
        length = _u32(record, 8, swapped)
        original = _u32(record, 12, swapped)
        if length > limit:
            return count, position, 3
        if position + header + length > n:
            return count, position, 1
        times[count] = seconds * 1_000_000_000 + (fraction if nano else fraction * 1000)
        offsets[count] = position + header
        captured[count] = length
        wire[count] = max(original, length)
        count += 1
        position += header + length


@kernel
def _scale(high, low, exponent, binary):
    # Ticks to ns in integers: units of 10**-exponent or 2**-exponent seconds. The whole
    # seconds go first, so that no product leaves 64 bits for any plausible time.
    ticks = (high << 32) | low
    if binary:
        whole = ticks >> exponent
        rest = ticks - (whole << exponent)
        if exponent > 30:
            rest >>= exponent - 30
            return whole * 1_000_000_000 + ((rest * 1_000_000_000) >> 30)
        return whole * 1_000_000_000 + ((rest * 1_000_000_000) >> exponent)
    if exponent <= 9:
        factor = 1
        for _ in range(9 - exponent):
            factor *= 10
        return ticks * factor
    divisor = 1
    for _ in range(exponent - 9):
        divisor *= 10
    return ticks // divisor


@kernel
def _interface(buffer, body, end, swapped, interfaces, index):
    # One Interface Description Block -> link type, snap length, resolution, offset.
    interfaces[index, 0] = _u16(buffer, body, swapped)
    interfaces[index, 1] = _u32(buffer, body + 4, swapped)
    interfaces[index, 2] = 6
    interfaces[index, 3] = 0
    interfaces[index, 4] = 0
    position = body + 8
    while position + 4 <= end:
        code = _u16(buffer, position, swapped)
        length = _u16(buffer, position + 2, swapped)
        value = position + 4
        if code == 0 or value + length > end:
            return
        if code == 9 and length >= 1:
            raw = np.int64(buffer[value])
            interfaces[index, 3] = raw >> 7
            interfaces[index, 2] = min(raw & 0x7F, 62 if raw >> 7 else 18)
        elif code == 14 and length == 8:
            first = _u32(buffer, value, swapped)
            second = _u32(buffer, value + 4, swapped)
            seconds = (first << 32) | second if swapped else (second << 32) | first
            if -9_000_000_000 < seconds < 9_000_000_000:
                interfaces[index, 4] = seconds * 1_000_000_000
        position = value + length + (-length & 3)


@kernel
def walk_pcapng(buffer, start, state, interfaces, limit, times, offsets, captured, wire, links):
    """Walk pcapng blocks.

    Parameters
    ----------
    buffer : uint8 (n,)
        File contents.
    start : int
        Offset of a block.
    state : int64 (3,)
        Kept between calls: byte order of the section (1 big-endian), interfaces so far,
        blocks skipped. A section header resets the first two.
    interfaces : int64 (k, 5)
        Link type, snap length, resolution exponent, binary resolution, offset in ns.
    limit : int
        Largest believable block.
    times, offsets, captured, wire, links : int64 (m,)
        As in `walk_pcap`, with the link type of each packet; -1 for an unknown interface.

    Returns
    -------
    (count, position, status)
        Packets filled, offset of the first block not taken, why the walk ended.
    """
    n = len(buffer)
    capacity = len(times)
    position = touched = start
    count = 0
    while True:
        if position == n:
            return count, position, 0
        if position + 12 > n:
            return count, position, 1
        if count == capacity:
            return count, position, 2
        if position >= touched:
            wire[count] = _touch(buffer, position)
            touched = position + AHEAD
        swapped = state[0] == 1
        if (
            buffer[position] == 0x0A
            and buffer[position + 1] == 0x0D
            and buffer[position + 2] == 0x0D
            and buffer[position + 3] == 0x0A
        ):
            big = buffer[position + 8] == 0x1A and buffer[position + 9] == 0x2B
            little = buffer[position + 8] == 0x4D and buffer[position + 9] == 0x3C
            if not big and not little:
                return count, position, 3
            swapped = big
            state[0] = 1 if big else 0
            state[1] = 0
        kind = _u32(buffer, position, swapped)
        total = _u32(buffer, position + 4, swapped)
        if total < 12 or total & 3 or total > limit:
            return count, position, 3
        if position + total > n:
            return count, position, 1
        body = position + 8
        end = position + total - 4
        if kind == 1 and end - body >= 8:
            if state[1] < len(interfaces):
                _interface(buffer, body, end, swapped, interfaces, state[1])
            state[1] += 1
        elif kind == 6 and end - body >= 20:
            index = _u32(buffer, body, swapped)
            high = _u32(buffer, body + 4, swapped)
            low = _u32(buffer, body + 8, swapped)
            length = min(_u32(buffer, body + 12, swapped), end - body - 20)
            _packet(
                interfaces, state, index, high, low, True, body + 20, length,
                _u32(buffer, body + 16, swapped), count, times, offsets, captured, wire, links,
            )  # fmt: skip
            count += 1
        elif kind == 2 and end - body >= 20:
            index = _u16(buffer, body, swapped)
            high = _u32(buffer, body + 4, swapped)
            low = _u32(buffer, body + 8, swapped)
            length = min(_u32(buffer, body + 12, swapped), end - body - 20)
            _packet(
                interfaces, state, index, high, low, True, body + 20, length,
                _u32(buffer, body + 16, swapped), count, times, offsets, captured, wire, links,
            )  # fmt: skip
            count += 1
        elif kind == 3 and end - body >= 4:
            original = _u32(buffer, body, swapped)
            length = min(original, end - body - 4)
            if state[1] > 0 and interfaces[0, 1] > 0:
                length = min(length, interfaces[0, 1])
            # A simple packet block has no time: it keeps that of the packet before it.
            _packet(
                interfaces, state, 0, 0, 0, False, body + 4, length,
                original, count, times, offsets, captured, wire, links,
            )  # fmt: skip
            count += 1
        elif kind != 0x0A0D0D0A:
            state[2] += 1
        position += total


@kernel
def _packet(
    interfaces, state, index, high, low, timed, offset, length, original,
    count, times, offsets, captured, wire, links,
):  # fmt: skip
    if index < state[1] and index < len(interfaces):
        links[count] = interfaces[index, 0]
        if timed:
            times[count] = interfaces[index, 4] + _scale(
                high, low, interfaces[index, 2], interfaces[index, 3] == 1
            )
        else:
            times[count] = times[count - 1] if count > 0 else 0
    else:
        links[count] = -1
        times[count] = times[count - 1] if count > 0 else 0
    offsets[count] = offset
    captured[count] = length
    wire[count] = max(original, length)
