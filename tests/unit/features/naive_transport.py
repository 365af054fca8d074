"""Further twins: transport, what was known of a pair, and ICMP."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable

from tests.unit.features.naive_features import (
    NAN,
    TWINS,
    Row,
    Window,
    at_least,
    div,
    entropy,
    share,
    text16,
)
from tests.unit.features.naive_icmp import _icmp
from tests.unit.features.naive_more import NAMES, flow_payloads, mean


# ------------------------------------------------------------------ transport, context and pair
def _of(proto: int, value: Callable[[Window], float]) -> Callable[[Window], float]:
    return lambda w: float(value(w)) if w.head["proto"] == proto else NAN


def _tcp_rows(w: Window) -> list[Row]:
    return [row for row in w.own() if row["proto"] == 6]


def odd_flags(row: Row) -> bool:
    six = row["tcp_flags"] & 0x3F
    return six == 0 or six & 3 == 3 or six == 1 or row["tcp_flags"] & 0xE00 > 0


def consumed(w: Window) -> float:
    streams = [row for row in w.rows if row["proto"] == 256 and row["icmp_code"]]
    sent = sum(row["payload_len"] for row in streams)
    read = 0
    for side in (0, 1):
        counters = [row["tcp_ack"] for row in streams if row["direction"] == side]
        read += sum((b - a) % 2**32 for a, b in itertools.pairwise(counters))
    return min(read / sent, 4.0) if sent else NAN


def gre_keys(w: Window) -> list[int]:
    """Keys of RFC 2890, behind a checksum where there is one."""
    keys = []
    for row in w.own():
        head = row["prefix_hi"].to_bytes(8, "big") + row["prefix_lo"].to_bytes(8, "big")
        if row["proto"] == 47 and row["payload_cap"] >= 12 and head[0] & 0x20 and not head[1] & 7:
            place = 8 if head[0] & 0x80 else 4
            keys.append(int.from_bytes(head[place : place + 4], "big"))
    return keys


def console_gap(w: Window) -> float:
    """Median time between Serial over LAN packets of one direction."""
    gaps = []
    for side in (0, 1):
        times = [
            row["time_ns"]
            for row in w.rows
            if row["direction"] == side and NAMES[row["app"]] == "rmcp_sol"
        ]
        gaps += [(b - a) / 1e9 for a, b in itertools.pairwise(times)]
    return at_least(1, gaps, statistics.median)


TWINS |= {
    "sol_gap_median": console_gap,
    "packet_rate_log": lambda w: (
        math.log2(len(w.rows) / ((w.head["end_ns"] - w.head["start_ns"]) / 1e9))
        if w.head["end_ns"] > w.head["start_ns"]
        else NAN
    ),
    "tcp_handshake": _of(
        6, lambda w: (w.head["tcp_state"] & 1) / 2 + (w.head["tcp_state"] >> 1 & 1) / 2
    ),
    "tcp_data_without_handshake": _of(
        6, lambda w: flow_payloads(w) > 0 and not w.head["tcp_state"] & 3
    ),
    "tcp_syn_payload": _of(
        6, lambda w: any(r["tcp_flags"] & 2 and r["payload_len"] for r in _tcp_rows(w))
    ),
    "tcp_odd_flags_share": lambda w: share(odd_flags(row) for row in _tcp_rows(w)),
    "tcp_unanswered_syn_share": lambda w: share(
        row["tcp_flags"] & 0x12 == 2 for row in _tcp_rows(w)
    ),
    "vsock_control_share": lambda w: share(
        r["icmp_type"] == 3 for r in w.rows if r["proto"] == 256
    ),
    "vsock_privileged": _of(256, lambda w: w.head["dport"] < 1024),
    "vsock_consumed_share": consumed,
    "gre_key_distinct": lambda w: at_least(
        4, gre_keys(w), lambda v: (len(set(v)) - 1) / (len(v) - 1)
    ),
    "context_gap_cv": lambda w: w.head["ctx_gap_cv"],
    "context_first_contact": lambda w: float(
        w.head["ctx_packets_orig"] + w.head["ctx_packets_resp"] == 0
    ),
    "context_fanout": lambda w: (
        w.head["ctx_peers"] / w.head["ctx_flows"] if w.head["ctx_flows"] >= 4 else NAN
    ),
    "pair_gap_log": lambda w: math.log10(max(w.head["pair_gap_mean"], 1e-3)),
    "pair_gap_cv": lambda w: w.head["pair_gap_cv"],
    "pair_services_share": lambda w: (
        min(w.head["pair_services"] / w.head["pair_flows"], 1) if w.head["pair_flows"] > 1 else NAN
    ),
    "pair_unanswered_share": lambda w: (
        1 - min(div(w.head["pair_answered"], w.head["pair_flows"]), 1.0)
    ),
    "pair_octets_log_orig": lambda w: math.log2(
        1 + div(w.head["pair_bytes_orig"], w.head["pair_flows"])
    ),
    "pair_octets_log_resp": lambda w: math.log2(
        1 + div(w.head["pair_bytes_resp"], w.head["pair_flows"])
    ),
}


def _steps_of(name: str, among: str) -> Callable[[Window], float]:
    def twin(w: Window) -> float:
        number = w.head[f"pair_{among}"]
        return w.head[f"pair_{name}"] / (number - 1) if number >= 2 else NAN

    return twin


TWINS |= {
    "pair_same_size_share": _steps_of("same_size", "first_payloads"),
    "pair_same_prefix_share": _steps_of("same_prefix", "first_payloads"),
    "pair_same_payload_share": _steps_of("same_payload", "first_payloads"),
}


# ------------------------------------------------------------------------------------------ icmp
@_icmp("icmp_rare_type_share")
def _(w: Window) -> float:
    usual = {1: {0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14}}
    usual[58] = {1, 2, 3, 4, *range(128, 138), 143, 151, 152, 153}
    return share(row["icmp_type"] not in usual[row["proto"]] for row in w.icmp())


@_icmp("icmp_fill_distance")
def _(w: Window) -> float:
    far = []
    for row in w.echoes(1):
        size = min(row["payload_cap"], 512)
        head = min(size, 256)
        explained = [
            max(row["ramp"], row["repeat"]) / max(size - 16, min(size, 8), 1),
            row["copied"] / max(head - 16, min(head, 8), 1),
        ]
        if row["prefix_hi"] >> 32 == 0x61626364:
            explained.append((row["ramp"] + row["copied"]) / max(head, 1))
        far.append(1 - min(1.0, max(explained)) if size else 0.0)
    return mean(far)


def _requests(w: Window, side: int) -> list[Row]:
    return [row for row in w.echoes(1) if row["direction"] == side]


def sequence_entropy(w: Window) -> float:
    numbers = [row["icmp_seq"] for row in _requests(w, 0)]
    steps = [(b - a) % 65536 for a, b in itertools.pairwise(numbers)]
    return at_least(3, steps, entropy)


TWINS["icmp_sequence_entropy"] = sequence_entropy
TWINS["icmp_sequence_text"] = lambda w: share(
    text16(row["icmp_seq"]) for row in w.echoes(1) if row["icmp_seq"] > 255
)
