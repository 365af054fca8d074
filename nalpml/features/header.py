"""Header fields that should follow an operating system's law."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..flows.table import Flows
from ._reduce import from_count, ratio, share, side_share, summary
from ._registry import feature
from ._shared import is_tcp
from ._views import F64, ORIG, RESP, BoolColumn, cached, kept_where, own, side_steps

__all__: list[str] = []


def _is_ipv4(flows: Flows) -> BoolColumn:
    return np.asarray((flows.column("ip_version") == 4) & own(flows))


def _requests(flows: Flows) -> BoolColumn:
    proto, kind = flows.column("proto"), flows.column("icmp_type")
    asked = ((proto == 1) & (kind == 8)) | ((proto == 58) & (kind == 128))
    return np.asarray(asked & own(flows))


@cached
def _ttl(flows: Flows) -> F64:
    return kept_where(flows.column("ttl"), own(flows) & (flows.column("ip_version") > 0))


@cached
def _ttl_step(flows: Flows) -> F64:
    return side_steps(flows, _ttl(flows))


@cached
def _ip_id(flows: Flows) -> F64:
    return kept_where(flows.column("ip_id"), _is_ipv4(flows))


@cached
def _ip_id_step(flows: Flows) -> F64:
    return side_steps(flows, _ip_id(flows)) % 65536


@cached
def _tos(flows: Flows) -> F64:
    return kept_where(flows.column("tos"), own(flows))


@cached
def _flow_label(flows: Flows) -> F64:
    return kept_where(flows.column("flow_label"), (flows.column("ip_version") == 6) & own(flows))


@cached
def _tcp_window(flows: Flows) -> F64:
    return kept_where(flows.column("tcp_window"), is_tcp(flows))


@cached
def _clock_odd(flows: Flows) -> F64:
    stamp = flows.column("tcp_tsval")
    return kept_where(stamp & 1, is_tcp(flows) & (stamp > 0))


@cached
def _initial(flows: Flows) -> F64:
    return kept_where(flows.column("tcp_seq"), is_tcp(flows) & _is_syn(flows))


@cached
def _sequence_step(flows: Flows) -> F64:
    asked = kept_where(flows.column("icmp_seq"), _requests(flows))
    return side_steps(flows, asked) % 65536


@cached
def _identifier(flows: Flows) -> F64:
    return kept_where(flows.column("icmp_id"), _requests(flows))


def _is_syn(flows: Flows) -> BoolColumn:
    return np.asarray((flows.column("tcp_flags") & 2) > 0)


def _variety(flows: Flows, view: Callable[[Flows], F64], side: int) -> F64:
    # 0 for one value, 1 for all different; NaN below four.
    values = summary(flows, view, side)
    return from_count(4, values.count, ratio(values.distinct - 1, values.count - 1))


def _is_text(values: NDArray[Any]) -> BoolColumn:
    # 16-bit fields of which both octets are printable ASCII or one of them zero.
    high, low = values >> 8, values & 255
    plain_high, plain_low = (high >= 32) & (high < 127), (low >= 32) & (low < 127)
    return np.asarray(
        (plain_high & plain_low) | (plain_high & (low == 0)) | ((high == 0) & plain_low)
    )


@feature(unit="bit", serves="abnormal header fields")
def ttl_step_entropy_orig(flows: Flows) -> F64:
    """Entropy of steps of time to live or hop limit from the originator, NaN below four."""
    return from_count(
        3, summary(flows, _ttl_step, ORIG).count, summary(flows, _ttl_step, ORIG).entropy
    )


@feature(unit="bit", serves="abnormal header fields")
def ttl_step_entropy_resp(flows: Flows) -> F64:
    """Entropy of steps of time to live or hop limit from the responder, NaN below four."""
    return from_count(
        3, summary(flows, _ttl_step, RESP).count, summary(flows, _ttl_step, RESP).entropy
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_distinct_orig(flows: Flows) -> F64:
    """Distinct IPv4 identifications from the originator, 1 for all different; NaN below four."""
    return _variety(flows, _ip_id, ORIG)


@feature(unit="1", serves="abnormal header fields")
def ip_id_distinct_resp(flows: Flows) -> F64:
    """Distinct IPv4 identifications from the responder, 1 for all different; NaN below four."""
    return _variety(flows, _ip_id, RESP)


@feature(unit="bit", serves="abnormal header fields")
def ip_id_step_entropy_orig(flows: Flows) -> F64:
    """Entropy of steps of IPv4 identification from the originator, NaN below four."""
    return from_count(
        3, summary(flows, _ip_id_step, ORIG).count, summary(flows, _ip_id_step, ORIG).entropy
    )


@feature(unit="bit", serves="abnormal header fields")
def ip_id_step_entropy_resp(flows: Flows) -> F64:
    """Entropy of steps of IPv4 identification from the responder, NaN below four."""
    return from_count(
        3, summary(flows, _ip_id_step, RESP).count, summary(flows, _ip_id_step, RESP).entropy
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_counting_orig(flows: Flows) -> F64:
    """Share of steps of IPv4 identification from the originator of 0 to 256, or a multiple of 256.

    What systems do: 0 (Linux with DF), a counter a socket or host, in either byte order
    (Windows); identifications drawn at random or filled with data have about none.
    """
    steps = _ip_id_step(flows)
    law = (steps <= 256) | ((steps % 256 == 0) & (steps <= 8192))
    return side_share(flows, law, ~np.isnan(steps), ORIG)


@feature(unit="1", serves="abnormal header fields")
def ip_id_counting_resp(flows: Flows) -> F64:
    """Share of steps of IPv4 identification from the responder of 0 to 256, or a multiple of 256.

    What systems do: 0 (Linux with DF), a counter a socket or host, in either byte order
    (Windows); identifications drawn at random or filled with data have about none.
    """
    steps = _ip_id_step(flows)
    law = (steps <= 256) | ((steps % 256 == 0) & (steps <= 8192))
    return side_share(flows, law, ~np.isnan(steps), RESP)


@feature(unit="1", serves="abnormal header fields")
def ip_id_zero_orig(flows: Flows) -> F64:
    """Share of IPv4 packets from the originator with identification 0 (as Linux sends with DF)."""
    return side_share(flows, flows.column("ip_id") == 0, _is_ipv4(flows), ORIG)


@feature(unit="1", serves="abnormal header fields")
def ip_id_zero_resp(flows: Flows) -> F64:
    """Share of IPv4 packets from the responder with identification 0 (as Linux sends with DF)."""
    return side_share(flows, flows.column("ip_id") == 0, _is_ipv4(flows), RESP)


@feature(unit="1", serves="abnormal header fields")
def tos_distinct_orig(flows: Flows) -> F64:
    """Distinct types of service (traffic classes) from the originator, NaN below four."""
    return _variety(flows, _tos, ORIG)


@feature(unit="1", serves="abnormal header fields")
def tos_distinct_resp(flows: Flows) -> F64:
    """Distinct types of service (traffic classes) from the responder, NaN below four."""
    return _variety(flows, _tos, RESP)


@feature(unit="1", serves="abnormal header fields")
def flow_label_distinct_orig(flows: Flows) -> F64:
    """Distinct IPv6 flow labels from the originator, NaN below four.

    One flow keeps one label (RFC 6437).
    """
    return _variety(flows, _flow_label, ORIG)


@feature(unit="1", serves="abnormal header fields")
def flow_label_distinct_resp(flows: Flows) -> F64:
    """Distinct IPv6 flow labels from the responder, NaN below four.

    One flow keeps one label (RFC 6437).
    """
    return _variety(flows, _flow_label, RESP)


@feature(unit="1", serves="abnormal header fields")
def tcp_window_distinct_orig(flows: Flows) -> F64:
    """Distinct TCP window values from the originator, NaN below four."""
    return _variety(flows, _tcp_window, ORIG)


@feature(unit="1", serves="abnormal header fields")
def tcp_window_distinct_resp(flows: Flows) -> F64:
    """Distinct TCP window values from the responder, NaN below four."""
    return _variety(flows, _tcp_window, RESP)


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_odd_orig(flows: Flows) -> F64:
    """Share of odd TCP timestamp values from the originator, NaN below eight that carry one."""
    return from_count(
        8, summary(flows, _clock_odd, ORIG).count, summary(flows, _clock_odd, ORIG).mean
    )


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_odd_resp(flows: Flows) -> F64:
    """Share of odd TCP timestamp values from the responder, NaN below eight that carry one."""
    return from_count(
        8, summary(flows, _clock_odd, RESP).count, summary(flows, _clock_odd, RESP).mean
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_text_orig(flows: Flows) -> F64:
    """Share of IPv4 identifications other than 0 from the originator that are text.

    Both octets printable ASCII, or one of them and a zero (covert_tcp sends 256 times a
    character).
    """
    values = flows.column("ip_id")
    return side_share(flows, _is_text(values), _is_ipv4(flows) & (values != 0), ORIG)


@feature(unit="1", serves="abnormal header fields")
def tcp_isn_distinct(flows: Flows) -> F64:
    """Distinct initial sequence numbers over SYN of the originator, NaN below two.

    A SYN that is sent again keeps its number; a channel has a new one for every character.
    """
    values = summary(flows, _initial, ORIG)
    return from_count(2, values.count, ratio(values.distinct, values.count))


@feature(unit="1", serves="abnormal header fields")
def tcp_isn_round_share(flows: Flows) -> F64:
    """Share of SYN whose initial sequence number ends in 12 zero bits (RFC 6528: one in 4096)."""
    number = flows.column("tcp_seq")
    return share(flows, (number & 0xFFF) == 0, is_tcp(flows) & _is_syn(flows))


@feature(unit="1", serves="abnormal header fields")
def tcp_urgent_idle_share(flows: Flows) -> F64:
    """Share of TCP packets with an urgent pointer and no URG flag."""
    idle = (flows.column("tcp_urgent") > 0) & ((flows.column("tcp_flags") & 32) == 0)
    return share(flows, idle, is_tcp(flows))


@feature(unit="1", serves="abnormal header fields")
def dont_fragment_share(flows: Flows) -> F64:
    """Share of IPv4 packets with DF."""
    return share(flows, (flows.column("ip_frag") & 0x4000) > 0, _is_ipv4(flows))


@feature(unit="1", serves="abnormal header fields")
def evil_bit_share(flows: Flows) -> F64:
    """Share of IPv4 packets with the reserved flag."""
    return share(flows, (flows.column("ip_frag") & 0x8000) > 0, _is_ipv4(flows))


@feature(unit="bit", serves="abnormal header fields")
def icmp_sequence_entropy(flows: Flows) -> F64:
    """Entropy of steps between echo requests' sequence numbers, NaN below four requests."""
    steps = summary(flows, _sequence_step, ORIG)
    return from_count(3, steps.count, steps.entropy)


@feature(unit="1", serves="abnormal header fields")
def icmp_sequence_text(flows: Flows) -> F64:
    """Share of echo requests' sequence numbers above 255 that are text, both octets or one."""
    values = flows.column("icmp_seq")
    return share(flows, _is_text(values), _requests(flows) & (values > 255))


@feature(unit="1", serves="extraneous packets")
def tcp_unanswered_syn_share(flows: Flows) -> F64:
    """Share of TCP packets that are a SYN without ACK (half-open knocks repeat them)."""
    return share(flows, (flows.column("tcp_flags") & 0x12) == 2, is_tcp(flows))
