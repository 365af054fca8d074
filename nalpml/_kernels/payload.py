"""Statistics of packet payloads, written into packet rows.

Entropy is kept in fixed point (32 fractional bits), so that it does not depend on the order
in which octet counts are added.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["CLASSES", "LOG_TABLE", "payload_statistics"]

SHORT = 112
"""Up to this many octets entropy is updated octet by octet; above, from the histogram."""

EXAMINED = 512
"""Order-sensitive statistics look at this many octets at the most."""


def _log_table() -> np.ndarray:
    counts = np.arange(1 << 16, dtype=np.float64)
    table = np.zeros(1 << 16)
    table[1:] = counts[1:] * np.log2(counts[1:])
    return np.round(table * 2.0**32).astype(np.int64)


LOG_TABLE = _log_table()
"""c log2(c) in 32.32 fixed point, for octet counts c < 65536."""


def _classes() -> np.ndarray:
    table = np.zeros(256, dtype=np.uint8)
    for octet in range(256):
        character = chr(octet)
        if 0x20 <= octet < 0x7F or octet in (9, 10, 13):
            table[octet] |= 1
        if octet < 128 and (character.isalnum() or character in "+/=-_"):
            table[octet] |= 2
        if octet < 128 and character in "0123456789abcdefABCDEF":
            table[octet] |= 4
        if octet >= 128:
            table[octet] |= 8
        if octet == 0:
            table[octet] |= 16
    return table


CLASSES = _classes()
"""Bits per octet value: 1 printable, 2 base64, 4 hexadecimal, 8 high, 16 zero."""


@kernel
def _mix(state, word):
    # One round of a multiply-xorshift hash (constants of SplitMix64).
    state = (state ^ word) * np.uint64(0xBF58476D1CE4E5B9)
    return state ^ (state >> np.uint64(29))


@kernel
def _word(buffer, offset, count):
    value = np.uint64(0)
    for i in range(count):
        value = (value << np.uint64(8)) | np.uint64(buffer[offset + i])
    return value


@kernel
def _hash(buffer, start, count, length):
    # Length, first 128 and last 32 octets tell payloads apart at a bounded price.
    state = _mix(np.uint64(0x9E3779B97F4A7C15), np.uint64(length))
    head = min(count, 128)
    position = 0
    while position + 8 <= head:
        state = _mix(state, _word(buffer, start + position, 8))
        position += 8
    if position < head:
        state = _mix(state, _word(buffer, start + position, head - position))
    if count > 128:
        position = max(128, count - 32)
        while position < count:
            take = min(8, count - position)
            state = _mix(state, _word(buffer, start + position, take))
            position += take
    return state


@kernel
def _prefix(buffer, start, count, skip):
    take = max(min(count - skip, 8), 0)
    value = _word(buffer, start + skip, take)
    for _ in range(8 - take):
        value <<= np.uint64(8)
    return value


@kernel
def _inner_ip(buffer, start, count, length):
    # A plausible IP packet that fills the payload from one of the first offsets on.
    for offset in range(0, 48, 2):
        if offset + 20 > count:
            return 0
        position = start + offset
        first = buffer[position]
        if first == 0x45:
            total = (np.int64(buffer[position + 2]) << 8) | np.int64(buffer[position + 3])
            protocol = buffer[position + 9]
            if total == length - offset and buffer[position + 8] > 0 and protocol in (1, 6, 17):
                return offset + 1
        elif first >> 4 == 6 and offset + 40 <= count:
            total = (np.int64(buffer[position + 4]) << 8) | np.int64(buffer[position + 5])
            following = buffer[position + 6]
            if total + 40 == length - offset and following in (0, 6, 17, 44, 58):
                return offset + 1
    return 0


@kernel
def _histogram(buffer, start, count, histogram, log_table):
    # -> (sum of c log2 c in fixed point, distinct values); the histogram is left filled.
    total = np.int64(0)
    distinct = 0
    if count <= SHORT:
        for i in range(start, start + count):
            octet = buffer[i]
            seen = histogram[octet]
            total += log_table[seen + 1] - log_table[seen]
            histogram[octet] = seen + 1
            distinct += seen == 0
        return total, distinct
    for i in range(start, start + count):
        histogram[buffer[i]] += 1
    for octet in range(256):
        seen = histogram[octet]
        total += log_table[seen]
        distinct += seen > 0
    return total, distinct


@kernel
def _clear(buffer, start, count, histogram):
    if count <= SHORT:
        for i in range(start, start + count):
            histogram[buffer[i]] = 0
    else:
        for octet in range(256):
            histogram[octet] = 0


@kernel
def _order(buffer, start, count, histogram, log_table, row):
    # Delta entropy, lag-1 serial correlation, longest ramp and longest repeat.
    n = min(count, EXAMINED)
    total = np.int64(0)
    sum_x = np.int64(buffer[start])
    sum_xx = sum_x * sum_x
    sum_xy = np.int64(0)
    before = sum_x
    ramp = longest_ramp = 1
    repeat = longest_repeat = 1
    for i in range(start + 1, start + n):
        octet = np.int64(buffer[i])
        step = (octet - before) & 255
        seen = histogram[step]
        total += log_table[seen + 1] - log_table[seen]
        histogram[step] = seen + 1
        sum_x += octet
        sum_xx += octet * octet
        sum_xy += before * octet
        ramp = ramp + 1 if step == 1 else 1
        repeat = repeat + 1 if step == 0 else 1
        longest_ramp = max(longest_ramp, ramp)
        longest_repeat = max(longest_repeat, repeat)
        before = octet
    for octet in range(256):
        histogram[octet] = 0
    row["ramp"] = longest_ramp
    row["repeat"] = longest_repeat
    if n >= 2:
        row["delta_entropy"] = np.log2(n - 1.0) - total / (4294967296.0 * (n - 1))
        # Knuth's circular form: the last octet is followed by the first.
        sum_xy += before * np.int64(buffer[start])
        spread = n * sum_xx - sum_x * sum_x
        if spread > 0:
            row["serial_corr"] = (n * sum_xy - sum_x * sum_x) / spread


@kernel
def payload_statistics(buffer, log_table, classes, rows):
    """Fill the payload columns of decoded rows.

    Parameters
    ----------
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into.
    log_table : int64 (65536,)
        `LOG_TABLE`.
    classes : uint8 (256,)
        `CLASSES`.
    rows : structured (n,)
        Of PACKET_DTYPE, decoded; payload columns are filled in place.
    """
    histogram = np.zeros(256, dtype=np.int64)
    for i in range(len(rows)):
        row = rows[i]
        row["entropy"] = np.nan
        row["delta_entropy"] = np.nan
        row["serial_corr"] = np.nan
        count = min(np.int64(row["payload_cap"]), 65535)
        if row["skip"] != 0 or count == 0:
            continue
        start = np.int64(row["payload_off"])
        length = np.int64(row["payload_len"])
        total, distinct = _histogram(buffer, start, count, histogram, log_table)
        row["entropy"] = max(np.log2(count) - total / (4294967296.0 * count), 0.0)
        row["distinct"] = distinct
        printable = base64 = hexadecimal = high = zeros = 0
        if count <= SHORT:
            for j in range(start, start + count):
                kind = classes[buffer[j]]
                printable += kind & 1
                base64 += (kind >> 1) & 1
                hexadecimal += (kind >> 2) & 1
                high += (kind >> 3) & 1
                zeros += kind >> 4
        else:
            for octet in range(256):
                seen = histogram[octet]
                kind = classes[octet]
                printable += seen * (kind & 1)
                base64 += seen * ((kind >> 1) & 1)
                hexadecimal += seen * ((kind >> 2) & 1)
                high += seen * ((kind >> 3) & 1)
                zeros += seen * (kind >> 4)
        _clear(buffer, start, count, histogram)
        row["printable"] = printable
        row["base64"] = base64
        row["hex"] = hexadecimal
        row["high"] = high
        row["zeros"] = zeros
        _order(buffer, start, count, histogram, log_table, row)
        row["payload_hash"] = _hash(buffer, start, count, length)
        if count > 16:
            row["tail_hash"] = _hash(buffer, start + 16, count - 16, length - 16)
        row["prefix_hi"] = _prefix(buffer, start, count, 0)
        row["prefix_lo"] = _prefix(buffer, start, count, 8)
        row["inner_ip"] = _inner_ip(buffer, start, count, length)
