"""Header fields of each side of each window, all in one pass over the packets."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["FIELDS", "FLAGS", "fields"]

FIELDS = (
    "ttl_step_entropy", "ip_id_step_entropy", "ip_id_counting", "ip_id_zero", "ip_id_text",
    "tos_distinct", "flow_label_distinct", "tcp_window_distinct", "tcp_timestamp_odd",
    "icmp_sequence_entropy",
)  # fmt: skip
"""Rows of the first table that `fields` returns, for each side."""

FLAGS = (
    "isn_round", "urgent_idle", "dont_fragment", "evil_bit", "unanswered_syn", "sequence_text",
)  # fmt: skip
"""Rows of the second: shares over both sides."""

_TTL_STEP, _IP_ID_STEP, _TOS, _LABEL, _WINDOW, _ICMP_STEP = range(6)
_QUANTITIES = 6


@kernel
def _text(value):
    # Whether both octets of 16 bits are printable ASCII, or one of them is and the other zero.
    high, low = value >> 8, value & 255
    plain_high, plain_low = 32 <= high < 127, 32 <= low < 127
    return (plain_high and plain_low) or (plain_high and low == 0) or (high == 0 and plain_low)


@kernel
def _spread(kept, n):
    # (distinct values, entropy in bits) of the first n.
    same = True
    for j in range(1, n):
        if kept[j] != kept[0]:
            same = False
            break
    if same:
        return 1, 0.0
    kept = kept[:n]
    kept.sort()
    distinct = 0
    added = 0.0
    run = 1
    for j in range(1, n + 1):
        if j < n and kept[j] == kept[j - 1]:
            run += 1
        else:
            distinct += 1
            if run > 1:
                added += run * np.log2(run)
            run = 1
    return distinct, max(np.log2(n) - added / n, 0.0)


@kernel
def _push(held, numbers, side, quantity, value):
    held[side, quantity, numbers[side, quantity]] = value
    numbers[side, quantity] += 1


@kernel
def _step(before, side, place, value):
    # Step since the value before on that side and whether there was one.
    last = before[side, place]
    before[side, place] = value
    return value - last, last >= 0


@kernel
def fields(packets, offsets):
    """Describe the header fields of each side of each segment.

    Parameters
    ----------
    packets : structured (m,)
        Of PACKET_DTYPE; ICMP errors that joined a flow (role 1) do not count.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    (float64 (2, 10, n), float64 (6, n))
        For each side the rows of `FIELDS`, then for both together those of `FLAGS`. Distinct
        values are 0 for one, 1 for all different, NaN below four; entropies of steps are NaN
        below three, shares NaN among none (odd time stamps below eight).
    """
    segments = len(offsets) - 1
    sides = np.full((2, 10, segments), np.nan)
    both = np.full((6, segments), np.nan)
    longest = 0
    for i in range(segments):
        longest = max(longest, offsets[i + 1] - offsets[i])
    held = np.empty((2, _QUANTITIES, longest), np.int64)
    numbers = np.empty((2, _QUANTITIES), np.int64)
    before = np.empty((2, 3), np.int64)
    # ip_id: counting and steps, zero and all, text and nonzero; odd and stamped.
    hits = np.empty((2, 4), np.int64)
    among = np.empty((2, 4), np.int64)
    hits_both = np.empty(6, np.int64)
    among_both = np.empty(6, np.int64)
    for i in range(segments):
        numbers[:] = 0
        before[:] = -1
        hits[:] = 0
        among[:] = 0
        hits_both[:] = 0
        among_both[:] = 0
        for j in range(offsets[i], offsets[i + 1]):
            row = packets[j]
            if row["role"] == 1:
                continue
            side = int(row["direction"])
            _push(held, numbers, side, _TOS, np.int64(row["tos"]))
            if row["ip_version"] > 0:
                step, known = _step(before, side, 0, np.int64(row["ttl"]))
                if known:
                    _push(held, numbers, side, _TTL_STEP, step)
            if row["ip_version"] == 4:
                value = np.int64(row["ip_id"])
                step, known = _step(before, side, 1, value)
                if known:
                    step &= 0xFFFF
                    _push(held, numbers, side, _IP_ID_STEP, step)
                    among[side, 0] += 1
                    hits[side, 0] += step <= 256 or (step % 256 == 0 and step <= 8192)
                among[side, 1] += 1
                hits[side, 1] += value == 0
                if value:
                    among[side, 2] += 1
                    hits[side, 2] += _text(value)
                cut = np.int64(row["ip_frag"])
                among_both[2] += 1
                hits_both[2] += cut & 0x4000 > 0
                among_both[3] += 1
                hits_both[3] += cut & 0x8000 > 0
            elif row["ip_version"] == 6:
                _push(held, numbers, side, _LABEL, np.int64(row["flow_label"]))
            proto = np.int64(row["proto"])
            if proto == 6:
                _push(held, numbers, side, _WINDOW, np.int64(row["tcp_window"]))
                if row["tcp_tsval"] > 0:
                    among[side, 3] += 1
                    hits[side, 3] += row["tcp_tsval"] & 1
                flags = np.int64(row["tcp_flags"])
                if flags & 2:
                    number = np.int64(row["tcp_seq"])
                    among_both[0] += 1
                    hits_both[0] += number & 0xFFF == 0
                among_both[1] += 1
                hits_both[1] += row["tcp_urgent"] > 0 and flags & 32 == 0
                among_both[4] += 1
                hits_both[4] += flags & 0x12 == 2
            elif (proto == 1 and row["icmp_type"] == 8) or (
                proto == 58 and row["icmp_type"] == 128
            ):
                value = np.int64(row["icmp_seq"])
                step, known = _step(before, side, 2, value)
                if known:
                    _push(held, numbers, side, _ICMP_STEP, step & 0xFFFF)
                if value > 255:
                    among_both[5] += 1
                    hits_both[5] += _text(value)
        for side in range(2):
            for quantity in range(_QUANTITIES):
                n = numbers[side, quantity]
                steps = quantity in (_TTL_STEP, _IP_ID_STEP, _ICMP_STEP)
                if n < (3 if steps else 4):
                    continue
                distinct, entropy = _spread(held[side, quantity], n)
                if quantity == _TTL_STEP:
                    sides[side, 0, i] = entropy
                elif quantity == _IP_ID_STEP:
                    sides[side, 1, i] = entropy
                elif quantity == _TOS:
                    sides[side, 5, i] = (distinct - 1) / (n - 1)
                elif quantity == _LABEL:
                    sides[side, 6, i] = (distinct - 1) / (n - 1)
                elif quantity == _WINDOW:
                    sides[side, 7, i] = (distinct - 1) / (n - 1)
                else:
                    sides[side, 9, i] = entropy
            for k in range(3):
                if among[side, k]:
                    sides[side, 2 + k, i] = hits[side, k] / among[side, k]
            if among[side, 3] >= 8:
                sides[side, 8, i] = hits[side, 3] / among[side, 3]
        for k in range(6):
            if among_both[k]:
                both[k, i] = hits_both[k] / among_both[k]
    return sides, both
