"""Further twins: what payloads hold and follow, and the protocol of the port."""

from __future__ import annotations

import functools
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
    share,
)


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
