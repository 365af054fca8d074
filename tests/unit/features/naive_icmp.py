"""Slow twins of what ICMP messages hold: identifiers, sequence numbers, fills."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable

from tests.unit.features.naive_features import (
    ERRORS,
    NAN,
    TWINS,
    Row,
    Twin,
    Window,
    _steps,
    at_least,
    div,
    share,
    twin,
)


# ----------------------------------------------------------------------------------------- icmp
def _icmp(name: str) -> Callable[[Twin], Twin]:
    """A twin of ICMP windows; NaN for all others."""

    def keep(function: Twin) -> Twin:
        TWINS[name] = lambda w: function(w) if w.is_icmp() else NAN
        return function

    return keep


@_icmp("icmp_echo_share")
def _(w: Window) -> float:
    return div(len(w.echoes(1)) + len(w.echoes(2)), len(w.icmp()))


@_icmp("icmp_code_odd_share")
def _(w: Window) -> float:
    return share(r["icmp_code"] for r in w.echoes(1) + w.echoes(2))


@_icmp("icmp_requests_resp_share")
def _(w: Window) -> float:
    return share(r["direction"] for r in w.echoes(1))


def _sequence_steps(w: Window) -> list[int]:
    return [
        step
        for side in (0, 1)
        for step in _steps([r["icmp_seq"] for r in w.echoes(1) if r["direction"] == side], 65536)
    ]


@_icmp("icmp_sequence_unit_share")
def _(w: Window) -> float:
    return share(step in (1, 256) for step in _sequence_steps(w))


@_icmp("icmp_identifier_distinct")
def _(w: Window) -> float:
    return div(len({r["icmp_id"] for r in w.echoes(1)}), len(w.echoes(1)))


@_icmp("icmp_identifier_zero")
def _(w: Window) -> float:
    return float(w.head["icmp_id"] == 0) if w.head["icmp_id"] >= 0 else NAN


@_icmp("icmp_sequence_first_zero")
def _(w: Window) -> float:
    return float(w.echoes(1)[0]["icmp_seq"] <= 1) if w.echoes(1) else NAN


@twin("icmp_checksum_wrong_share")
def _(w: Window) -> float:
    return share(r["checksum"] == 2 for r in w.rows if r["proto"] == 1 and r["checksum"] in (1, 2))


@_icmp("icmp_error_unmatched_share")
def _(w: Window) -> float:
    return share(r["icmp_type"] in ERRORS[r["proto"]] for r in w.icmp())


@_icmp("icmp_tail_change_share")
def _(w: Window) -> float:
    sent = [
        [r["tail_hash"] for r in w.echoes(1) if r["direction"] == s and r["payload_cap"] > 16]
        for s in (0, 1)
    ]
    return share(a != b for side in sent for a, b in itertools.pairwise(side))


def _stamped(row: Row) -> bool:
    now = row["time_ns"] // 10**9
    words = row["prefix_hi"] >> 32, row["prefix_hi"] & 0xFFFFFFFF
    values = [*words, *(int.from_bytes(word.to_bytes(4, "big"), "little") for word in words)]
    return any(abs(value - now) < 604_800 for value in values)


def _plain(row: Row) -> bool:
    captured = min(row["payload_cap"], 512)
    run = max(row["ramp"], row["repeat"])
    filled = run >= 0.75 * max(captured - 16, min(captured, 8))
    return filled or (captured <= 24 and _stamped(row)) or not captured


@_icmp("icmp_timestamp_share")
def _(w: Window) -> float:
    return share(_stamped(r) for r in w.echoes(1) if r["payload_cap"] >= 8)


@_icmp("icmp_plain_share")
def _(w: Window) -> float:
    return share(_plain(r) for r in w.echoes(1) if not 1 <= r["payload_cap"] <= 3)


@_icmp("icmp_data_count_log")
def _(w: Window) -> float:
    sent = [r for r in w.echoes(1) if r["payload_cap"] and r["payload_len"]]
    new = 0
    for side, long in itertools.product((0, 1), (True, False)):
        before = None
        for row in sent:
            if row["direction"] == side and (row["payload_cap"] > 16) == long and not _plain(row):
                value = row["tail_hash" if long else "payload_hash"]
                new += value != before
                before = value
    return math.log2(1 + new) if sent else NAN


@_icmp("icmp_fill_entropy_excess")
def _(w: Window) -> float:
    values = [r["delta_entropy"] for r in w.echoes(1) if r["payload_cap"] and r["payload_len"]]
    return at_least(1, [v for v in values if v == v], statistics.fmean)
