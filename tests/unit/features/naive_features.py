"""Slow, obvious twins of flow features: a window as a list of packets, and plain Python.

Each twin is written from the feature's description alone. `TWINS` has them by name; `KERNELS`
says of the rest which kernel holds all there is to compute, whose twin stands beside its test.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

NAN = math.nan
ECHO = {(1, 8): 1, (1, 0): 2, (58, 128): 1, (58, 129): 2}
ERRORS = {1: {3, 4, 5, 11, 12}, 58: set(range(128))}
Row = dict[str, Any]


@dataclass
class Window:
    """Packets of a window in order, and the window's own record."""

    rows: list[Row]
    head: Row

    def own(self) -> list[Row]:
        return [row for row in self.rows if row["role"] != 1]

    def payloads(self, side: int | None = None) -> list[Row]:
        """Packets that carry payload, TCP keep-alives of a zero octet left out."""
        return [
            row for row in self.own()
            if row["payload_len"] > 0 and side in (None, row["direction"])
            and not (row["proto"] == 6 and row["payload_len"] == 1
                     and row["prefix_hi"] == 0 and not row["tcp_flags"] & 8)
        ]  # fmt: skip

    def sizes(self, side: int) -> list[int]:
        return [row["payload_len"] for row in self.payloads(side)]

    def gaps(self, side: int | None = None) -> list[float]:
        """Seconds between packets of one side, or of both."""
        times = [r["time_ns"] for r in self.rows if side in (None, r["direction"])]
        return [max(b - a, 0) / 1e9 for a, b in itertools.pairwise(times)]

    def icmp(self) -> list[Row]:
        return [row for row in self.own() if row["proto"] in (1, 58)]

    def is_icmp(self) -> bool:
        return self.head["proto"] in (1, 58)

    def echoes(self, kind: int) -> list[Row]:
        """Echo requests (1) or replies (2)."""
        return [
            row for row in self.own()
            if not row["ip_frag"] & 0x1FFF
            and ECHO.get((row["proto"], row["icmp_type"])) == kind
        ]  # fmt: skip


Twin = Callable[[Window], float]
TWINS: dict[str, Twin] = {}


def twin(name: str) -> Callable[[Twin], Twin]:
    def keep(function: Twin) -> Twin:
        TWINS[name] = function
        return function

    return keep


def div(above: float, below: float) -> float:
    return above / below if below else NAN


def share(chosen: Iterable[bool]) -> float:
    chosen = list(chosen)
    return div(sum(map(bool, chosen)), len(chosen))


def entropy(values: list[Any]) -> float:
    counts = Counter(values).values()
    return -sum(c / len(values) * math.log2(c / len(values)) for c in counts) if values else NAN


def cv(values: list[float]) -> float:
    if len(values) < 3 or not statistics.fmean(values):
        return NAN
    return statistics.pstdev(values) / statistics.fmean(values)


def at_least(number: int, values: list[Any], result: Callable[[list[Any]], float]) -> float:
    return result(values) if len(values) >= number else NAN


def spread(values: list[int]) -> float:
    """0 for one value, 1 for all different."""
    return at_least(4, values, lambda v: (len(set(v)) - 1) / (len(v) - 1))


def modal(values: list[Any]) -> float:
    return max(Counter(values).values()) / len(values)


def correlation(values: list[float]) -> float:
    """Lag-1 correlation by von Neumann's ratio; NaN where all are equal but for rounding."""
    if len(values) < 8:
        return NAN
    variance, centre = statistics.pvariance(values), statistics.fmean(values)
    if variance <= 1e-9 * (1 + centre**2):
        return NAN
    squares = sum((b - a) ** 2 for a, b in itertools.pairwise(values))
    return max(-1.0, min(1.0, 1 - squares / (2 * (len(values) - 1) * variance)))


def text16(value: int) -> bool:
    high, low = value >> 8, value & 255
    plain_high, plain_low = 32 <= high < 127, 32 <= low < 127
    return (plain_high and plain_low) or (plain_high and not low) or (not high and plain_low)


# ------------------------------------------------------------------------- volume, size, timing
TWINS |= {
    "packets_orig": lambda w: sum(r["direction"] == 0 for r in w.rows),
    "packets_resp": lambda w: sum(r["direction"] == 1 for r in w.rows),
    "payload_log_orig": lambda w: math.log2(1 + sum(w.sizes(0))),
    "payload_log_resp": lambda w: math.log2(1 + sum(w.sizes(1))),
    "duration": lambda w: (w.head["end_ns"] - w.head["start_ns"]) / 1e9,
    "producer_consumer_ratio": lambda w: div(
        sum(w.sizes(0)) - sum(w.sizes(1)), sum(w.sizes(0)) + sum(w.sizes(1))
    ),
    "payload_packet_share": lambda w: div(len(w.payloads()), len(w.own())),
    "icmp_error_count_log": lambda w: math.log2(1 + sum(r["role"] == 1 for r in w.rows)),
    "size_full_share": lambda w: share(r["payload_len"] >= 1200 for r in w.payloads()),
    "size_small_share": lambda w: share(r["payload_len"] <= 16 for r in w.payloads()),
    "iat_cv": lambda w: cv(w.gaps()),
    "iat_min": lambda w: at_least(1, w.gaps(), min),
    "iat_log_std": lambda w: at_least(
        2, w.gaps(), lambda v: statistics.pstdev(math.log10(max(gap, 1e-6)) for gap in v)
    ),
    "turn_share": lambda w: share(
        a["direction"] != b["direction"] for a, b in itertools.pairwise(w.rows)
    ),
}


def turnarounds(w: Window) -> list[float]:
    return [
        max(b["time_ns"] - a["time_ns"], 0) / 1e9
        for a, b in itertools.pairwise(w.rows)
        if (a["direction"], b["direction"]) == (0, 1)
    ]


TWINS["turnaround_median"] = lambda w: at_least(1, turnarounds(w), statistics.median)


def _splt(place: int) -> Twin:
    def signed(w: Window) -> float:
        sent = [r["payload_len"] * (1 - 2 * r["direction"]) for r in w.payloads()]
        return sent[place] if place < len(sent) else NAN

    return signed


TWINS |= {f"splt_{place + 1}": _splt(place) for place in range(8)}


def _both(stem: str, function: Callable[[Window, int], float]) -> None:
    for side, name in enumerate(("orig", "resp")):
        TWINS[f"{stem}_{name}"] = lambda w, side=side: function(w, side)


_both("size_mean", lambda w, s: at_least(1, w.sizes(s), statistics.fmean))
_both("size_std", lambda w, s: at_least(2, w.sizes(s), statistics.pstdev))
_both("size_min", lambda w, s: at_least(1, w.sizes(s), min))
_both("size_max", lambda w, s: at_least(1, w.sizes(s), max))
_both("size_median", lambda w, s: at_least(1, w.sizes(s), statistics.median))
_both("size_entropy", lambda w, s: entropy(w.sizes(s)))
_both("size_modal_share", lambda w, s: at_least(2, w.sizes(s), modal))
_both("size_correlation", lambda w, s: correlation(w.sizes(s)))
_both(
    "iat_correlation",
    lambda w, s: correlation([math.log10(max(gap, 1e-6)) for gap in w.gaps(s)]),
)
_both("iat_mean", lambda w, s: at_least(1, w.gaps(s), statistics.fmean))
_both("iat_cv", lambda w, s: cv(w.gaps(s)))
_both("iat_median", lambda w, s: at_least(1, w.gaps(s), statistics.median))
_both("iat_max", lambda w, s: at_least(1, w.gaps(s), max))


def _periodicity(w: Window, side: int) -> float:
    """Largest autocorrelation over lags 2 to 16."""
    gaps = w.gaps(side)
    if len(gaps) < 24:
        return NAN
    centre = statistics.fmean(gaps)
    squares = sum((gap - centre) ** 2 for gap in gaps)
    if squares <= 1e-15:
        return NAN
    return max(
        sum((a - centre) * (b - centre) for a, b in zip(gaps, gaps[lag:], strict=False)) / squares
        for lag in range(2, 17)
    )


_both("iat_periodicity", _periodicity)


# --------------------------------------------------------------------------------------- header
def _values(w: Window, side: int, name: str, version: int | None = None) -> list[int]:
    return [
        r[name] for r in w.own()
        if r["direction"] == side and version in (None, r["ip_version"])
    ]  # fmt: skip


def _steps(values: list[int], modulus: int | None = None) -> list[int]:
    steps = [b - a for a, b in itertools.pairwise(values)]
    return [step % modulus for step in steps] if modulus else steps


def _ttl(w: Window, side: int) -> list[int]:
    return _steps([r["ttl"] for r in w.own() if r["direction"] == side and r["ip_version"]])


def _id_steps(w: Window, side: int) -> list[int]:
    return _steps(_values(w, side, "ip_id", 4), 65536)


def _tcp(w: Window, side: int | None, name: str) -> list[int]:
    return [r[name] for r in w.own() if r["proto"] == 6 and side in (None, r["direction"])]


_both("ttl_step_entropy", lambda w, s: at_least(3, _ttl(w, s), entropy))
_both("ip_id_step_entropy", lambda w, s: at_least(3, _id_steps(w, s), entropy))
_both(
    "ip_id_counting",
    lambda w, s: share(
        step <= 256 or (step % 256 == 0 and step <= 8192) for step in _id_steps(w, s)
    ),
)
_both("ip_id_zero", lambda w, s: share(value == 0 for value in _values(w, s, "ip_id", 4)))
_both("tos_distinct", lambda w, s: spread(_values(w, s, "tos")))
_both("flow_label_distinct", lambda w, s: spread(_values(w, s, "flow_label", 6)))
_both("tcp_window_distinct", lambda w, s: spread(_tcp(w, s, "tcp_window")))
_both(
    "tcp_timestamp_odd",
    lambda w, s: at_least(
        8, [v for v in _tcp(w, s, "tcp_tsval") if v], lambda v: share(x & 1 for x in v)
    ),
)
TWINS |= {
    "ip_id_text_orig": lambda w: share(text16(v) for v in _values(w, 0, "ip_id", 4) if v),
    "tcp_isn_round_share": lambda w: share(
        r["tcp_seq"] & 0xFFF == 0 for r in w.own() if r["proto"] == 6 and r["tcp_flags"] & 2
    ),
    "tcp_urgent_idle_share": lambda w: share(
        r["tcp_urgent"] > 0 and not r["tcp_flags"] & 32 for r in w.own() if r["proto"] == 6
    ),
    "dont_fragment_share": lambda w: share(
        r["ip_frag"] & 0x4000 for r in w.own() if r["ip_version"] == 4
    ),
    "evil_bit_share": lambda w: share(
        r["ip_frag"] & 0x8000 for r in w.own() if r["ip_version"] == 4
    ),
}


# ------------------------------------------------------------------- transport, context and pair
def _is(*numbers: int) -> Twin:
    return lambda w: float(w.head["proto"] in numbers)


TWINS |= {
    "transport_icmp": _is(1, 58), "transport_tcp": _is(6), "transport_udp": _is(17),
    "transport_vsock": _is(256), "transport_tunnel": _is(4, 41, 47, 50, 51, 97, 115),
    "transport_unassigned": _is(*range(146, 255)),
    "udp_unchecked_share": lambda w: share(
        r["checksum"] == 3 for r in w.own() if r["proto"] == 17 and r["ip_version"] == 4
    ),
    "body_parses_share": lambda w: share(
        r["checksum"] == 4 for r in w.own() if r["checksum"] >= 4
    ),
    "tcp_push_share": lambda w: share(
        r["tcp_flags"] & 8 for r in w.payloads() if r["proto"] == 6 and r["payload_cap"]
    ),
    "tcp_reset": lambda w: float(bool(w.head["tcp_state"] & 16)) if w.head["proto"] == 6 else NAN,
    "context_windows": lambda w: w.head["ctx_windows"],
    "context_gap_log": lambda w: math.log10(max(w.head["ctx_gap_mean"], 1e-3)),
    "context_octets_log_orig": lambda w: math.log2(1 + w.head["ctx_bytes_orig"]),
    "context_octets_log_resp": lambda w: math.log2(1 + w.head["ctx_bytes_resp"]),
    "context_reply_share": lambda w: div(
        w.head["ctx_packets_resp"], w.head["ctx_packets_orig"] + w.head["ctx_packets_resp"]
    ),
    "flow_age_log": lambda w: math.log2(
        1 + max(w.head["start_ns"] - w.head["flow_start_ns"], 0) / 1e9
    ),
    "pair_flows_log": lambda w: math.log2(1 + min(w.head["pair_flows"], 63)),
    "pair_error_share": lambda w: min(div(w.head["pair_errors"], w.head["pair_flows"]), 1.0),
}  # fmt: skip


def _head_share(name: str, among: str, steps: int = 0) -> Twin:
    def twin(w: Window) -> float:
        number = w.head[f"pair_{among}"]
        return w.head[f"pair_{name}"] / (number - steps) if number >= 4 else NAN

    return twin


def _head_distinct(name: str, among: str) -> Twin:
    def twin(w: Window) -> float:
        number = w.head[f"pair_{among}"]
        # The places of 64 that so many random octets take on average.
        expected = sum((63 / 64) ** drawn for drawn in range(number))
        return w.head[f"pair_{name}"] / expected if number >= 4 else NAN

    return twin


TWINS |= {
    "pair_id_text_share": _head_share("id_text", "ids"),
    "pair_id_rise_share": _head_share("id_rise", "ids", 1),
    "pair_id_high_distinct": _head_distinct("id_high", "ids"),
    "pair_isn_text_share": _head_share("isn_text", "isns"),
    "pair_port_rise_share": _head_share("port_rise", "ports", 1),
}
