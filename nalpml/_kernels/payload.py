"""Statistics of packet payloads, written into packet rows.

Entropy is kept in fixed point (32 fractional bits), so that it does not depend on the order
in which octet counts are added. Places are unsigned wherever speed counts: numba then leaves
out the test for indices that count from the end.
"""

from __future__ import annotations

import numpy as np

from ._digest import hash_payload, inner_ip, prefix
from ._jit import kernel
from ._memory import borrow
from ._octets import le32, le64, step_marks

__all__ = ["CLASSES", "LOG_TABLE", "payload_statistics"]

SHORT = 224
"""Up to this many octets entropy is summed up octet by octet; above, value by value."""

EXAMINED = 512
"""Order-sensitive statistics look at this many octets at the most."""

COPIES = 256
"""Copies are looked for among so many; a place among them has 8 bits."""

LONGEST = np.int64(65535)
"""Octets beyond are not looked at: columns have 16 bits."""

GOLDEN = np.uint64(2654435761)
"""Knuth's multiplier: 2**32 over the golden ratio."""

ZERO, ONE, EIGHT, OCTET = np.uint64(0), np.uint64(1), np.uint64(8), np.uint64(255)
BYTE_1, BYTE_2, BYTE_3, BYTE_4, BYTE_5, BYTE_6, BYTE_7 = np.arange(8, 64, 8, dtype=np.uint64)
HIGHS = np.uint64(0x8080808080808080)
COUNT = np.uint32(1)
FIELD = np.uint64(0xFFFF)
LOWER, UPPER = np.uint64(0xFFFFFFFF), np.uint64(32)
FOLLOWED, FIRSTS, LAST = np.uint64(0x7FFFFFFF7FFFFFFF), np.uint64(0x100000001), np.uint64(31)


def _log_table() -> np.ndarray:
    counts = np.arange(1 << 16, dtype=np.float64)
    table = np.zeros(1 << 16)
    table[1:] = counts[1:] * np.log2(counts[1:])
    return np.round(table * 2.0**32).astype(np.int64)


LOG_TABLE = _log_table()
"""c log2(c) in 32.32 fixed point, for octet counts c < 65536."""

GROWTH = np.append(np.diff(LOG_TABLE), 0)
"""What one octet more adds to it."""


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

MASKS = np.where(_classes(), np.uint32(0xFFFFFFFF), np.uint32(0))
"""The same as masks of a count, a row each."""


@kernel
def _short(data, octets, steps, growth, classes, row):
    # Everything but runs, over a short payload -> (sum of c log2 c of octets, the same of steps,
    # in fixed point, sum of c squared of octets); ends with both histograms clear.
    n = np.uint64(len(data))
    before = data[0]
    octets[before] = 1
    kinds = classes[before]
    distinct = 1
    total = np.int64(0)
    total_steps = np.int64(0)
    squares = np.int64(1)
    for i in range(ONE, n):
        octet = data[i]
        seen = octets[octet]
        octets[octet] = seen + COUNT
        total += growth[seen]
        squares += 2 * np.int64(seen) + 1
        distinct += seen == 0
        kinds += classes[octet]
        step = np.uint8((np.int64(octet) - np.int64(before)) & 255)
        seen = steps[step]
        steps[step] = seen + COUNT
        total_steps += growth[seen]
        before = octet
    row["distinct"] = distinct
    row["zeros"] = octets[0]
    row["printable"] = kinds & FIELD
    row["base64"] = (kinds >> np.uint64(16)) & FIELD
    row["hex"] = (kinds >> np.uint64(32)) & FIELD
    row["high"] = kinds >> np.uint64(48)
    for value in range(256):
        octets[value] = 0
        steps[value] = 0
    return total, total_steps, squares


@kernel
def _longest_run(data, step):
    # Octets of the longest run in which each is its predecessor plus `step`.
    longest = run = 1
    for i in range(1, len(data)):
        run = run + 1 if np.uint8(data[i] - data[i - 1]) == step else 1
        longest = max(longest, run)
    return longest


@kernel
def _runs(data, row):
    # The longest runs of one octet and of octets that count up. Runs beyond two octets are rare:
    # whether there are any is found out 32 octets at a time.
    n = np.uint64(len(data))
    if n <= UPPER:
        row["ramp"] = _longest_run(data, np.uint8(1))
        row["repeat"] = _longest_run(data, np.uint8(0))
        return
    once = twice = before = ZERO
    place = ONE
    while place < n:
        # The last 32 overlap those before them: what is seen twice is the same.
        marks = step_marks(data, min(place, n - UPPER))
        once |= marks
        twice |= marks & (((marks >> ONE) & FOLLOWED) | ((before >> LAST) & FIRSTS))
        before = marks
        place += UPPER
    row["repeat"] = 2 if once & LOWER else 1
    row["ramp"] = 2 if once >> UPPER else 1
    if twice & LOWER:
        row["repeat"] = _longest_run(data, np.uint8(0))
    if twice >> UPPER:
        row["ramp"] = _longest_run(data, np.uint8(1))


@kernel
def _count(data, octets, steps):
    # Histograms of octets and of steps, eight octets at a time.
    n = np.uint64(len(data))
    before = np.uint64(data[0])
    octets[before] += COUNT
    i = ONE
    while i + EIGHT <= n:
        word = le64(data, i)
        last = word << EIGHT | before
        before = word >> BYTE_7
        # Eight differences modulo 256 at once.
        step = ((word | HIGHS) - (last & ~HIGHS)) ^ ((word ^ ~last) & HIGHS)
        octets[word & OCTET] += COUNT
        steps[step & OCTET] += COUNT
        octets[(word >> BYTE_1) & OCTET] += COUNT
        steps[(step >> BYTE_1) & OCTET] += COUNT
        octets[(word >> BYTE_2) & OCTET] += COUNT
        steps[(step >> BYTE_2) & OCTET] += COUNT
        octets[(word >> BYTE_3) & OCTET] += COUNT
        steps[(step >> BYTE_3) & OCTET] += COUNT
        octets[(word >> BYTE_4) & OCTET] += COUNT
        steps[(step >> BYTE_4) & OCTET] += COUNT
        octets[(word >> BYTE_5) & OCTET] += COUNT
        steps[(step >> BYTE_5) & OCTET] += COUNT
        octets[(word >> BYTE_6) & OCTET] += COUNT
        steps[(step >> BYTE_6) & OCTET] += COUNT
        octets[word >> BYTE_7] += COUNT
        steps[step >> BYTE_7] += COUNT
        i += EIGHT
    while i < n:
        octet = np.uint64(data[i])
        octets[octet] += COUNT
        steps[(octet - before) & OCTET] += COUNT
        before = octet
        i += ONE


@kernel
def _count_more(data, start, octets):
    # The histogram of further octets.
    n = np.uint64(len(data))
    i = np.uint64(start)
    while i + EIGHT <= n:
        word = le64(data, i)
        octets[word & OCTET] += COUNT
        octets[(word >> BYTE_1) & OCTET] += COUNT
        octets[(word >> BYTE_2) & OCTET] += COUNT
        octets[(word >> BYTE_3) & OCTET] += COUNT
        octets[(word >> BYTE_4) & OCTET] += COUNT
        octets[(word >> BYTE_5) & OCTET] += COUNT
        octets[(word >> BYTE_6) & OCTET] += COUNT
        octets[word >> BYTE_7] += COUNT
        i += EIGHT
    while i < n:
        octets[data[i]] += COUNT
        i += ONE


@kernel
def _long(data, octets, steps, log_table, row):
    # As _short. All counts of 32 bits: the compiler makes vectors of the first loops.
    _count(data[:EXAMINED], octets, steps)
    _count_more(data, EXAMINED, octets)
    distinct = printable = base64 = hexadecimal = high = np.uint32(0)
    for value in range(128):
        seen = octets[value]
        distinct = np.uint32(distinct + np.uint32(seen != 0))
        printable = np.uint32(printable + (seen & MASKS[0, value]))
        base64 = np.uint32(base64 + (seen & MASKS[1, value]))
        hexadecimal = np.uint32(hexadecimal + (seen & MASKS[2, value]))
    for value in range(128, 256):
        seen = octets[value]
        distinct = np.uint32(distinct + np.uint32(seen != 0))
        high = np.uint32(high + seen)
    row["distinct"] = distinct
    row["zeros"] = octets[0]
    row["printable"] = printable
    row["base64"] = base64
    row["hex"] = hexadecimal
    row["high"] = high
    total = np.int64(0)
    total_steps = np.int64(0)
    squares = np.uint64(0)
    for value in range(256):
        total += log_table[octets[value]]
        total_steps += log_table[steps[value]]
    for value in range(256):
        squares += np.uint64(octets[value]) * np.uint64(octets[value])
    for value in range(256):
        octets[value] = 0
        steps[value] = 0
    return total, total_steps, np.int64(squares)


@kernel
def _is_constant(data, first, second):
    # Whether all of more than 32 octets are one and the same; `first` and `second` are the first
    # 16 as `prefix` gives them.
    if first != second or first != (first >> EIGHT | first << BYTE_7):
        return False
    n = np.uint64(len(data))
    place = ONE
    while place < n:
        if step_marks(data, min(place, n - UPPER)) & LOWER != LOWER:
            return False
        place += UPPER
    return True


@kernel
def _constant(data, log_table, classes, row):
    # As _short and _runs, where the first octet says it all.
    n = len(data)
    kinds = classes[data[0]]
    row["distinct"] = 1
    row["zeros"] = n if data[0] == 0 else 0
    row["printable"] = n if kinds & FIELD else 0
    row["base64"] = n if (kinds >> np.uint64(16)) & FIELD else 0
    row["hex"] = n if (kinds >> np.uint64(32)) & FIELD else 0
    row["high"] = n if kinds >> np.uint64(48) else 0
    row["ramp"] = 1
    row["repeat"] = min(n, EXAMINED)
    row["copied"] = min(n, COPIES) - 1
    return log_table[n], log_table[min(n, EXAMINED) - 1], np.int64(n) * n


@kernel
def _copied(data, places):
    # Octets that a greedy parse takes as copies of earlier ones, four and more in a row (as LZ77
    # does, with one candidate a hash); ends with the table clear.
    n = len(data)
    covered = 0
    i = 0
    while i + 4 <= n:
        word = le32(data, i)
        key = (np.uint64(word) * GOLDEN >> np.uint64(24)) & OCTET
        before = np.int64(places[key]) - 1
        places[key] = i + 1
        if before >= 0 and le32(data, before) == word:
            size = 4
            while i + size < n and data[before + size] == data[i + size]:
                size += 1
            covered += size
            i += size
        else:
            i += 1
    for value in range(256):
        places[value] = 0
    return covered


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
    counts = np.zeros(512, np.uint32)
    octets, steps = borrow(counts[:256]), borrow(counts[256:])
    places = np.zeros(256, np.uint8)
    for i in range(len(rows)):
        row = rows[i]
        row["entropy"] = np.nan
        row["delta_entropy"] = np.nan
        row["serial_corr"] = np.nan
        row["chi_square"] = np.nan
        count = np.int64(row["payload_cap"])
        if count > LONGEST:
            count = LONGEST
        if row["skip"] != 0 or count == 0:
            continue
        start = np.int64(row["payload_off"])
        length = np.int64(row["payload_len"])
        data = buffer[start : start + count]
        head = data[:EXAMINED]
        first, second = prefix(data, 0), prefix(data, 8)
        row["prefix_hi"], row["prefix_lo"] = first, second
        constant = count > 32 and _is_constant(data, first, second)
        if constant:
            total, total_steps, squares = _constant(data, log_table, classes, row)
        elif count <= SHORT:
            total, total_steps, squares = _short(data, octets, steps, GROWTH, classes, row)
        else:
            total, total_steps, squares = _long(data, octets, steps, log_table, row)
        row["entropy"] = max(np.log2(count) - total / (4294967296.0 * count), 0.0)
        row["chi_square"] = 256.0 * squares / count - count
        if count >= 2:
            steps_n = len(head) - 1
            row["delta_entropy"] = np.log2(steps_n) - total_steps / (4294967296.0 * steps_n)
        if not constant:
            _runs(head, row)
            row["copied"] = _copied(data[:COPIES], places)
            if count >= 2:
                row["serial_corr"] = _correlation(head)
        row["payload_hash"], row["tail_hash"] = hash_payload(data, length, first, second)
        row["inner_ip"] = inner_ip(data, length)
    counts[0] = 0  # kept until here
