"""Further twins: what payloads hold and follow, and what was known of a pair."""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections.abc import Callable

from nalpml.capture.apps import APP_CODES, EXPECTED
from tests.unit.features.naive_features import (
    NAN,
    TWINS,
    Row,
    Window,
    _both,
    at_least,
    div,
    entropy,
    share,
    text16,
)
from tests.unit.features.naive_icmp import _icmp


@functools.cache
def expected_entropy(octets: int) -> float:
    """Entropy that so many random octets have on average, by the law of one value's count."""
    if octets > 2048:
        return 8 - 255 / (2 * octets * math.log(2))
    total = 0.0
    for count in range(2, min(octets, 128) + 1):
        ways = math.lgamma(octets + 1) - math.lgamma(count + 1) - math.lgamma(octets - count + 1)
        law = math.exp(ways - count * math.log(256) + (octets - count) * math.log(255 / 256))
        total += law * count * math.log2(count)
    return max(math.log2(octets) - 256 / octets * total, 1e-9)


def seen(w: Window, side: int) -> list[Row]:
    """Payloads of a side of which some was captured."""
    return [row for row in w.payloads(side) if row["payload_cap"] > 0]


def mean(values: list[float]) -> float:
    known = [value for value in values if value == value]
    return statistics.fmean(known) if known else NAN


def ratios(w: Window, side: int, least: int = 8) -> list[float]:
    return [
        row["entropy"] / expected_entropy(row["payload_cap"])
        for row in seen(w, side)
        if row["payload_cap"] >= least
    ]


_both("entropy_mean", lambda w, s: mean([r["entropy"] for r in seen(w, s)]))
_both("entropy_ratio", lambda w, s: mean(ratios(w, s)))
_both("entropy_ratio_min", lambda w, s: at_least(1, ratios(w, s), min))
_both("entropy_ratio_std", lambda w, s: at_least(2, ratios(w, s), statistics.pstdev))
_both("entropy_ratio_first", lambda w, s: at_least(1, ratios(w, s), lambda v: v[0]))
_both(
    "delta_ratio",
    lambda w, s: mean(
        [
            r["delta_entropy"] / expected_entropy(min(r["payload_cap"], 512) - 1)
            for r in seen(w, s)
            if r["payload_cap"] >= 9
        ]
    ),
)


def uneven(w: Window, side: int) -> float:
    """z of the summed chi-squares under the multinomial law, as a signed logarithm."""
    long = [row for row in seen(w, side) if row["payload_cap"] >= 8]
    if not long:
        return NAN
    variance = sum(510 * (1 - 1 / row["payload_cap"]) for row in long)
    z = sum(row["chi_square"] - 255 for row in long) / math.sqrt(variance)
    return math.copysign(math.log2(1 + abs(z)), z)


def six_classes(w: Window, side: int) -> float:
    """Entropy of the mixture that is even inside each class of octets."""
    table = {"zeros": 0, "printable": 0, "base64": 0, "hex": 0, "high": 0, "payload_cap": 0}
    for row in seen(w, side):
        for name in table:
            table[name] += row[name]
    if table["payload_cap"] < 16:
        return NAN
    control = table["payload_cap"] - table["zeros"] - table["printable"] - table["high"]
    bins = [
        (table["zeros"], 1), (control, 29), (table["hex"], 22),
        (table["base64"] - table["hex"], 45), (table["printable"] - table["base64"], 31),
        (table["high"], 128),
    ]  # fmt: skip
    total = table["payload_cap"]
    return max(0.0, sum(n / total * math.log2(total * size / n) for n, size in bins if n))


_both("chi_square", uneven)
_both("octet_entropy", six_classes)
_both(
    "copied_share",
    lambda w, s: mean(
        [r["copied"] / min(r["payload_cap"], 256) for r in seen(w, s) if r["payload_cap"] >= 16]
    ),
)
_both("serial_correlation", lambda w, s: mean([r["serial_corr"] for r in seen(w, s)]))


def _mean_share(column: str) -> Callable[[Window, int], float]:
    return lambda w, s: mean([r[column] / min(r["payload_cap"], 65535) for r in seen(w, s)])


def _run_share(column: str) -> Callable[[Window, int], float]:
    return lambda w, s: mean(
        [r[column] / min(r["payload_cap"], 512) for r in seen(w, s) if r["payload_cap"] >= 4]
    )


_both("printable_share", _mean_share("printable"))
_both("zero_share", _mean_share("zeros"))
_both("high_share", _mean_share("high"))
_both("repeat_share", _run_share("repeat"))
_both("ramp_share", _run_share("ramp"))
_both(
    "printable_first",
    lambda w, s: at_least(1, seen(w, s), lambda v: v[0]["printable"] / v[0]["payload_cap"]),
)
_both(
    "base64_share",
    lambda w, s: share(
        r["base64"] >= r["payload_cap"] for r in seen(w, s) if r["payload_cap"] >= 12
    ),
)
_both(
    "tail_distinct",
    lambda w, s: at_least(
        2,
        [r["tail_hash"] for r in seen(w, s) if r["payload_cap"] > 16],
        lambda v: len(set(v)) / len(v),
    ),
)


# ----------------------------------------------------------------------------------- conformance
NAMES = {code: name for name, code in APP_CODES.items()}
ENCRYPTED = {"tls", "dtls", "quic", "ssh", "ike", "wireguard", "openvpn"}
CALL = {"rtp", "rtcp", "stun", "turn", "dtls"}


def opening(w: Window, *sides: str) -> list[str]:
    """Protocols of the first and second payload of the sides."""
    return [
        NAMES[w.head[f"app_{side}{which}"]]
        for side in sides or ("orig", "resp")
        for which in ("", "_2")
    ]


def flow_payloads(w: Window) -> int:
    ported = w.head["proto"] in (6, 17, 256)
    return (w.head["payloads_orig"] + w.head["payloads_resp"]) if ported else 0


def known(names: list[str]) -> bool:
    return any(name not in ("none", "text") for name in names)


def _opens(*wanted: str) -> Callable[[Window], float]:
    return lambda w: float(bool(set(wanted) & set(opening(w)))) if flow_payloads(w) else NAN


def _apps(w: Window) -> list[tuple[str, int]]:
    return [
        (NAMES[r["app"]], r["direction"])
        for r in w.payloads()
        if r["payload_cap"] and r["proto"] in (6, 17, 256)
    ]


def _app_share(*wanted: str) -> Callable[[Window], float]:
    return lambda w: share(name in wanted for name, _ in _apps(w))


def agreement(w: Window) -> float:
    expected = EXPECTED.get(w.head["proto"], {}).get(min(w.head["dport"], 65535), ())
    if not expected or not flow_payloads(w):
        return NAN
    if {APP_CODES[name] for name in opening(w)} & set(expected):
        return 1.0
    return -1.0 if known(opening(w)) else 0.0


def app_share(w: Window) -> float:
    before: dict[int, str] = {}
    counted = []
    for name, side in _apps(w):
        by_chance = name == "rtp" and side in before and before[side] not in CALL
        counted.append(known([name]) and not by_chance)
        before[side] = name
    return share(counted)


def both_low(w: Window) -> float:
    if w.head["proto"] not in (6, 17):
        return NAN
    source, target = w.head["sport"], w.head["dport"]
    agrees = agreement(w)
    return float((max(source, target) < 1024 or source == target) and not agrees < 1)


def _port(test: Callable[[int], bool], *protocols: int) -> Callable[[Window], float]:
    return lambda w: float(test(w.head["dport"])) if w.head["proto"] in protocols else NAN


def _side_known(side: str) -> Callable[[Window], float]:
    return lambda w: float(known(opening(w, side))) if w.head[f"payloads_{side}"] else NAN


TWINS |= {
    "port_agreement": agreement,
    "port_both_low": both_low,
    "port_system": _port(lambda port: port < 1024, 6, 17, 256),
    "port_ephemeral": _port(lambda port: port >= 32768, 6, 17),
    "app_share": app_share,
    "app_text_first": lambda w: (
        float("text" in (opening(w, "orig")[0], opening(w, "resp")[0])) if flow_payloads(w) else NAN
    ),
    "app_text_share": _app_share("text"),
    "app_tls_share": _app_share("tls"),
    "rmcp_share": _app_share("rmcp", "rmcp_sol"),
    "sol_share": _app_share("rmcp_sol"),
    "app_recognised": lambda w: float(known(opening(w))) if flow_payloads(w) else NAN,
    "app_recognised_orig": _side_known("orig"),
    "app_recognised_resp": _side_known("resp"),
    "app_encrypted": _opens(*ENCRYPTED),
    "socks_greeting": _opens("socks5_greeting", "socks4_request"),
    "socks_answer": _opens("socks5_choice", "socks4_reply"),
    "socks_request": _opens("socks5_request", "socks5_auth"),
    "socks_reversed": lambda w: (
        float(opening(w, "resp")[0] in ("socks5_greeting", "socks4_request"))
        if w.head["payloads_resp"]
        else NAN
    ),
    "amt_redirection": _opens("amt"),
    "port_expected": lambda w: (
        float(bool(EXPECTED.get(w.head["proto"], {}).get(w.head["dport"])))
        if w.head["proto"] in (6, 17)
        else NAN
    ),
}


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

KERNELS = {
    "bursts": ("burst_", "beacon_"),
    "residue_share": ("size_block_",),
    "lengths": ("size_turn_equal",),
    "describe": ("size_distinct_",),
    "intervals": ("iat_modal_",),
    "sequence_state": ("tcp_repeat", "tcp_jump"),
    "pair_echoes": ("icmp_unanswered", "icmp_unsolicited", "icmp_surplus", "icmp_changed",
                    "icmp_latency"),
    "epsilon_similarity": ("epsilon_",),
    "conditional_entropy": ("conditional_",),
    "regularity": ("regularity_",),
    "gap_codes": ("compressibility_",),
    "octet_positions": ("header_constant", "header_counting", "header_entropy", "header_zero",
                        "header_agreement"),
    "follow_length": ("length_field",),
    "states_length": ("length_stated",),
    "match_replies": ("reply_", "request_answered"),
    "openings": ("prefix_modal",),
}  # fmt: skip
"""Kernel -> features that read its result and add nothing: its twin stands beside its test."""

PLAIN = {"inner_ip_share", "icmp_payload_other_share"}
"""A share of one column of the packets, which has its twin in the tests of payloads."""
