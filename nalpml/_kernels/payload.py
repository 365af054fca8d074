"""Statistics of packet payloads, written into packet rows.

Entropy is kept in fixed point (32 fractional bits), so that it does not depend on the order
in which octet counts are added. Places are unsigned wherever speed counts: numba then leaves
out the test for indices that count from the end.
"""

from __future__ import annotations

import numpy as np

from ._digest import hash_payload, inner_ip, prefix
from ._jit import kernel
from ._octets import le64

__all__ = ["CLASSES", "LOG_TABLE", "payload_statistics"]

SHORT = 112
"""Up to this many octets histograms are read back octet by octet; above, value by value."""

EXAMINED = 512
"""Order-sensitive statistics look at this many octets at the most."""

LONGEST = np.int64(65535)
"""Octets beyond are not looked at: counts have 16 bits."""

ONE, TWO, EIGHT, OCTET = np.uint64(1), np.uint64(2), np.uint64(8), np.uint64(255)
HIGHS = np.uint64(0x8080808080808080)
COUNT = np.uint16(1)
FIELD = np.uint64(0xFFFF)


def _log_table() -> np.ndarray:
    counts = np.arange(1 << 16, dtype=np.float64)
    table = np.zeros(1 << 16)
    table[1:] = counts[1:] * np.log2(counts[1:])
    return np.round(table * 2.0**32).astype(np.int64)


LOG_TABLE = _log_table()
"""c log2(c) in 32.32 fixed point, for octet counts c < 65536."""


def _classes() -> np.ndarray:
    table = np.zeros((4, 256), dtype=bool)
    for octet in range(256):
        character = chr(octet)
        table[0, octet] = 0x20 <= octet < 0x7F or octet in (9, 10, 13)
        table[1, octet] = octet < 128 and (character.isalnum() or character in "+/=-_")
        table[2, octet] = octet < 128 and character in "0123456789abcdefABCDEF"
        table[3, octet] = octet >= 128
    return table


_SHIFTS = np.array([0, 16, 32, 48], np.uint64)[:, np.newaxis]
CLASSES = (_classes().astype(np.uint64) << _SHIFTS).sum(axis=0, dtype=np.uint64)
"""Four counters of 16 bits per octet value: printable, base64, hexadecimal, high."""

MASKS = np.where(_classes(), np.uint16(0xFFFF), np.uint16(0))
"""The same as masks of a count, a row each."""


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
def _goes_on(data, step):
    # Whether two steps of one kind follow one another somewhere; a loop that the compiler turns
    # into vectors.
    found = np.uint8(0)
    for i in range(TWO, np.uint64(len(data))):
        one, two, three = data[i - TWO], data[i - ONE], data[i]
        twice = np.uint8(np.uint8(two - one) == step) & np.uint8(np.uint8(three - two) == step)
        found = np.uint8(found | twice)
    return found != 0


@kernel
def _longest_run(data, step, count):
    # Octets of the longest run in which each is its predecessor plus `step`, which it is `count`
    # times in all.
    if count == 0:
        return 1
    if count + 1 == len(data):
        return len(data)
    if count == 1 or not _goes_on(data, step):
        return 2
    longest = run = 1
    for i in range(1, len(data)):
        run = run + 1 if np.uint8(data[i] - data[i - 1]) == step else 1
        longest = max(longest, run)
    return longest


@kernel
def _examine(data, even, odd, steps, steps_2, row):
    # Histograms of octets and of steps, and the longest runs, over the first octets. Two
    # histograms each, as a counter that was just written is slow to read, and eight octets at
    # a time.
    n = np.uint64(len(data))
    before = np.uint64(data[0])
    even[before] += COUNT
    i = ONE
    while i + EIGHT <= n:
        word = le64(data, i)
        last = word << EIGHT | before
        before = word >> np.uint64(56)
        # Eight differences modulo 256 at once.
        step = ((word | HIGHS) - (last & ~HIGHS)) ^ ((word ^ ~last) & HIGHS)
        even[word & OCTET] += COUNT
        steps[step & OCTET] += COUNT
        odd[(word >> np.uint64(8)) & OCTET] += COUNT
        steps_2[(step >> np.uint64(8)) & OCTET] += COUNT
        even[(word >> np.uint64(16)) & OCTET] += COUNT
        steps[(step >> np.uint64(16)) & OCTET] += COUNT
        odd[(word >> np.uint64(24)) & OCTET] += COUNT
        steps_2[(step >> np.uint64(24)) & OCTET] += COUNT
        even[(word >> np.uint64(32)) & OCTET] += COUNT
        steps[(step >> np.uint64(32)) & OCTET] += COUNT
        odd[(word >> np.uint64(40)) & OCTET] += COUNT
        steps_2[(step >> np.uint64(40)) & OCTET] += COUNT
        even[(word >> np.uint64(48)) & OCTET] += COUNT
        steps[(step >> np.uint64(48)) & OCTET] += COUNT
        odd[word >> np.uint64(56)] += COUNT
        steps_2[step >> np.uint64(56)] += COUNT
        i += EIGHT
    while i < n:
        octet = np.uint64(data[i])
        step = (octet - before) & OCTET
        even[octet] += COUNT
        steps[step] += COUNT
        before = octet
        i += ONE
    row["ramp"] = _longest_run(data, np.uint8(1), np.int64(steps[1]) + np.int64(steps_2[1]))
    row["repeat"] = _longest_run(data, np.uint8(0), np.int64(steps[0]) + np.int64(steps_2[0]))


@kernel
def _add(data, start, even, odd):
    # The histogram of further octets.
    n = np.uint64(len(data))
    i = np.uint64(start)
    while i + EIGHT <= n:
        word = le64(data, i)
        even[word & OCTET] += COUNT
        odd[(word >> np.uint64(8)) & OCTET] += COUNT
        even[(word >> np.uint64(16)) & OCTET] += COUNT
        odd[(word >> np.uint64(24)) & OCTET] += COUNT
        even[(word >> np.uint64(32)) & OCTET] += COUNT
        odd[(word >> np.uint64(40)) & OCTET] += COUNT
        even[(word >> np.uint64(48)) & OCTET] += COUNT
        odd[word >> np.uint64(56)] += COUNT
        i += EIGHT
    while i < n:
        even[data[i]] += COUNT
        i += ONE


@kernel
def _long(data, even, odd, steps, steps_2, log_table, row):
    # As _short; ends with all histograms clear. Counts of 16 bits all through the first loop:
    # the compiler makes vectors of it.
    _examine(data[:EXAMINED], even, odd, steps, steps_2, row)
    _add(data, EXAMINED, even, odd)
    distinct = printable = base64 = hexadecimal = high = np.uint16(0)
    for value in range(256):
        seen = np.uint16(even[value] + odd[value])
        even[value] = seen
        odd[value] = 0
        distinct = np.uint16(distinct + np.uint16(seen != 0))
        printable = np.uint16(printable + (seen & MASKS[0, value]))
        base64 = np.uint16(base64 + (seen & MASKS[1, value]))
        hexadecimal = np.uint16(hexadecimal + (seen & MASKS[2, value]))
        high = np.uint16(high + (seen & MASKS[3, value]))
    row["distinct"] = distinct
    row["printable"] = printable
    row["base64"] = base64
    row["hex"] = hexadecimal
    row["high"] = high
    row["zeros"] = even[0]
    total = np.int64(0)
    total_steps = np.int64(0)
    for value in range(256):
        total += log_table[even[value]]
        total_steps += log_table[np.uint16(steps[value] + steps_2[value])]
    for value in range(256):
        even[value] = 0
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
    even = np.zeros(256, np.uint16)
    odd = np.zeros(256, np.uint16)
    steps = np.zeros(256, np.uint16)
    steps_2 = np.zeros(256, np.uint16)
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
        first, second = prefix(data, 0), prefix(data, 8)
        row["prefix_hi"], row["prefix_lo"] = first, second
        row["payload_hash"], row["tail_hash"] = hash_payload(data, length, first, second)
        row["inner_ip"] = inner_ip(data, length)
