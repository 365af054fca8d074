"""Statistics of packet payloads, written into packet rows.

Entropy is kept in fixed point (32 fractional bits), so that it does not depend on the order
in which octet counts are added. Places are unsigned wherever speed counts: numba then leaves
out the test for indices that count from the end.
"""

from __future__ import annotations

import numpy as np

from ._digest import hash_payload, inner_ip, prefix
from ._jit import kernel

__all__ = ["CLASSES", "LOG_TABLE", "payload_statistics"]

SHORT = 112
"""Up to this many octets histograms are read back octet by octet; above, value by value."""

EXAMINED = 512
"""Order-sensitive statistics look at this many octets at the most."""

LONGEST = np.int64(65535)
"""Octets beyond are not looked at: counts have 16 bits."""

ONE = np.uint64(1)
COUNT = np.uint32(1)
FIELD = np.uint64(0xFFFF)


def _log_table() -> np.ndarray:
    counts = np.arange(1 << 16, dtype=np.float64)
    table = np.zeros(1 << 16)
    table[1:] = counts[1:] * np.log2(counts[1:])
    return np.round(table * 2.0**32).astype(np.int64)


LOG_TABLE = _log_table()
"""c log2(c) in 32.32 fixed point, for octet counts c < 65536."""


def _classes() -> np.ndarray:
    table = np.zeros(256, dtype=np.uint64)
    for octet in range(256):
        character = chr(octet)
        printable = 0x20 <= octet < 0x7F or octet in (9, 10, 13)
        base64 = octet < 128 and (character.isalnum() or character in "+/=-_")
        hexadecimal = octet < 128 and character in "0123456789abcdefABCDEF"
        table[octet] = printable | base64 << 16 | hexadecimal << 32 | (octet >= 128) << 48
    return table


CLASSES = _classes()
"""Four counters of 16 bits per octet value: printable, base64, hexadecimal, high."""


@kernel
def _short(data, histogram, steps, log_table, classes, row):
    # -> (sum of c log2 c of octets, the same of steps), in fixed point.
    n = np.uint64(len(data))
    before = data[0]
    histogram[before] = 1
    kinds = classes[before]
    ramp = longest_ramp = repeat = longest_repeat = 1
    for i in range(ONE, n):
        octet = data[i]
        histogram[octet] += COUNT
        kinds += classes[octet]
        step = np.uint8((np.int64(octet) - np.int64(before)) & 255)
        steps[step] += COUNT
        before = octet
        ramp = ramp + 1 if step == 1 else 1
        repeat = repeat + 1 if step == 0 else 1
        longest_ramp = max(longest_ramp, ramp)
        longest_repeat = max(longest_repeat, repeat)
    row["zeros"] = histogram[0]
    row["ramp"] = longest_ramp
    row["repeat"] = longest_repeat
    row["printable"] = kinds & FIELD
    row["base64"] = (kinds >> np.uint64(16)) & FIELD
    row["hex"] = (kinds >> np.uint64(32)) & FIELD
    row["high"] = kinds >> np.uint64(48)
    total = np.int64(0)
    total_steps = np.int64(0)
    distinct = 0
    before = data[0]
    for i in range(n):
        # Each value is taken where it comes first: reading empties its counter.
        octet = data[i]
        seen = histogram[octet]
        total += log_table[seen]
        distinct += seen > 0
        histogram[octet] = 0
        step = np.uint8((np.int64(octet) - np.int64(before)) & 255)
        total_steps += log_table[steps[step]]
        steps[step] = 0
        before = octet
    row["distinct"] = distinct
    return total, total_steps


@kernel
def _examine(data, even, odd, steps, steps_2, row):
    # Histograms of octets and of steps, and the longest runs, over the first octets. Two
    # histograms each, as a counter that was just written is slow to read. Runs are rare: the
    # place where one was last seen tells whether it goes on.
    before = data[0]
    even[before] += COUNT
    ramp = repeat = longest_ramp = longest_repeat = 1
    ramp_at = repeat_at = np.uint64(0)
    last = np.uint64(len(data) - 1)
    for pair in range(last >> ONE):
        i = (np.uint64(pair) << ONE) + ONE
        first = data[i]
        second = data[i + ONE]
        step = np.uint8((np.int64(first) - np.int64(before)) & 255)
        step_2 = np.uint8((np.int64(second) - np.int64(first)) & 255)
        odd[first] += COUNT
        steps[step] += COUNT
        even[second] += COUNT
        steps_2[step_2] += COUNT
        before = second
        if step <= 1 or step_2 <= 1:
            if step == 1:
                ramp = ramp + 1 if ramp_at + ONE == i else 2
                ramp_at = i
                longest_ramp = max(longest_ramp, ramp)
            elif step == 0:
                repeat = repeat + 1 if repeat_at + ONE == i else 2
                repeat_at = i
                longest_repeat = max(longest_repeat, repeat)
            if step_2 == 1:
                ramp = ramp + 1 if ramp_at == i else 2
                ramp_at = i + ONE
                longest_ramp = max(longest_ramp, ramp)
            elif step_2 == 0:
                repeat = repeat + 1 if repeat_at == i else 2
                repeat_at = i + ONE
                longest_repeat = max(longest_repeat, repeat)
    if last & ONE:
        octet = data[last]
        step = np.uint8((np.int64(octet) - np.int64(before)) & 255)
        odd[octet] += COUNT
        steps[step] += COUNT
        if step == 1:
            longest_ramp = max(longest_ramp, ramp + 1 if ramp_at + ONE == last else 2)
        elif step == 0:
            longest_repeat = max(longest_repeat, repeat + 1 if repeat_at + ONE == last else 2)
    row["ramp"] = longest_ramp
    row["repeat"] = longest_repeat


@kernel
def _sum(histogram, low, high):
    total = np.uint32(0)
    for value in range(low, high):
        total += histogram[value]
    return np.int64(total)


@kernel
def _long(data, even, odd, steps, steps_2, log_table, row):
    # As _short; ends with all histograms clear.
    _examine(data[:EXAMINED], even, odd, steps, steps_2, row)
    rest = data[EXAMINED:]
    left = np.uint64(len(rest))
    for pair in range(left >> ONE):
        i = np.uint64(pair) << ONE
        even[rest[i]] += COUNT
        odd[rest[i + ONE]] += COUNT
    if left & ONE:
        even[rest[left - ONE]] += COUNT
    distinct = 0
    for value in range(256):
        seen = even[value] + odd[value]
        even[value] = seen
        distinct += seen > 0
    total = np.int64(0)
    total_steps = np.int64(0)
    for value in range(256):
        total += log_table[even[value]]
        total_steps += log_table[steps[value] + steps_2[value]]
    digits = _sum(even, 48, 58) + _sum(even, 65, 71) + _sum(even, 97, 103)
    letters = _sum(even, 71, 91) + _sum(even, 103, 123)
    marks = _sum(even, 45, 46) + _sum(even, 43, 44) + _sum(even, 47, 48) + _sum(even, 61, 62)
    row["distinct"] = distinct
    row["hex"] = digits
    row["base64"] = digits + letters + marks + _sum(even, 95, 96)
    row["printable"] = _sum(even, 32, 127) + _sum(even, 9, 11) + _sum(even, 13, 14)
    row["high"] = _sum(even, 128, 256)
    row["zeros"] = even[0]
    for value in range(256):
        even[value] = 0
        odd[value] = 0
        steps[value] = 0
        steps_2[value] = 0
    return total, total_steps


@kernel
def _correlation(data):
    # Lag-1 serial correlation in Knuth's circular form: the last octet is followed by the
    # first. 32 bits hold the sums of EXAMINED octets, and more fit into a vector register.
    n = len(data)
    total = np.int32(0)
    squares = np.int32(0)
    products = np.int32(0)
    for i in range(n - 1):
        octet = np.int32(data[i])
        total = np.int32(total + octet)
        squares = np.int32(squares + np.int32(octet * octet))
        products = np.int32(products + np.int32(octet * np.int32(data[i + 1])))
    end = np.int64(data[n - 1])
    sum_x = np.int64(total) + end
    sum_xx = np.int64(squares) + end * end
    sum_xy = np.int64(products) + end * np.int64(data[0])
    spread = n * sum_xx - sum_x * sum_x
    if spread > 0:
        return (n * sum_xy - sum_x * sum_x) / spread
    return np.nan


@kernel
def payload_statistics(buffer, log_table, classes, rows):
    """Fill the payload columns of decoded rows.

    Parameters
    ----------
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into.
    log_table : int64 (65536,)
        `LOG_TABLE`.
    classes : uint64 (256,)
        `CLASSES`.
    rows : structured (n,)
        Of PACKET_DTYPE, decoded; payload columns are filled in place.
    """
    even = np.zeros(256, np.uint32)
    odd = np.zeros(256, np.uint32)
    steps = np.zeros(256, np.uint32)
    steps_2 = np.zeros(256, np.uint32)
    for i in range(len(rows)):
        row = rows[i]
        row["entropy"] = np.nan
        row["delta_entropy"] = np.nan
        row["serial_corr"] = np.nan
        count = np.int64(row["payload_cap"])
        if count > LONGEST:
            count = LONGEST
        if row["skip"] != 0 or count == 0:
            continue
        start = np.int64(row["payload_off"])
        length = np.int64(row["payload_len"])
        data = buffer[start : start + count]
        if count <= SHORT:
            total, total_steps = _short(data, even, steps, log_table, classes, row)
        else:
            total, total_steps = _long(data, even, odd, steps, steps_2, log_table, row)
        row["entropy"] = max(np.log2(count) - total / (4294967296.0 * count), 0.0)
        if count >= 2:
            head = data[:EXAMINED]
            steps_n = len(head) - 1
            row["delta_entropy"] = np.log2(steps_n) - total_steps / (4294967296.0 * steps_n)
            row["serial_corr"] = _correlation(head)
        row["payload_hash"] = hash_payload(data, length)
        if count > 16:
            row["tail_hash"] = hash_payload(data[16:], length - 16)
        row["prefix_hi"] = prefix(data, 0)
        row["prefix_lo"] = prefix(data, 8)
        row["inner_ip"] = inner_ip(data, length)
