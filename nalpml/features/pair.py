"""What a pair of hosts did before in this protocol, whatever the port.

A beacon that sends each datagram to another port is a row of flows of one packet: only the pair
shows it. What is counted begins with the first flow after ten minutes without a new one, and
ends before the window opened.
"""

from __future__ import annotations

import numpy as np

from ..flows.table import Flows
from ._reduce import from_count, ratio
from ._registry import feature
from ._views import F64

__all__: list[str] = []

_MOST = 63
"""Flows counted, lest the number tell long captures from short ones."""


def _known(flows: Flows, name: str) -> F64:
    return flows.windows[f"pair_{name}"].astype(np.float64)


def _share(flows: Flows, name: str) -> F64:
    # Of flows; a flow of long ago can be answered now, hence the limit.
    return np.minimum(ratio(_known(flows, name), _known(flows, "flows")), 1.0)


def _next_share(flows: Flows, name: str, among: str) -> F64:
    # Of steps from one to the next, NaN below two.
    number = _known(flows, among)
    return from_count(2, number, ratio(_known(flows, name), number - 1))


@feature(unit="1", serves="anomalous traffic patterns")
def pair_flows_log(flows: Flows) -> F64:
    """log2(1 + earlier flows of the pair in this protocol), 63 flows at the most.

    >>> shown(pair_flows_log, "ping", "knock")
    [0.0, 2.585]
    """
    return np.log2(1.0 + np.minimum(_known(flows, "flows"), _MOST))


@feature(unit="1", serves="anomalous traffic patterns")
def pair_gap_log(flows: Flows) -> F64:
    """log10 of the mean time in seconds between their starts, floor 1 ms; NaN below two flows.

    >>> shown(pair_gap_log, "beacon", "closed")
    [-1.886, -1.488]
    """
    return np.log10(np.maximum(_known(flows, "gap_mean"), 1e-3))


@feature(unit="1", serves="anomalous traffic patterns")
def pair_gap_cv(flows: Flows) -> F64:
    """Coefficient of variation of those times, NaN below three: near 0 for a beacon.

    >>> shown(pair_gap_cv, "web", "closed")
    [9.283e-06, 0.8246]
    """
    return _known(flows, "gap_cv")


@feature(unit="1", serves="anomalous traffic patterns")
def pair_services_share(flows: Flows) -> F64:
    """Distinct ports of the responder over those flows; 1 where each has one of its own.

    >>> shown(pair_services_share, "beacon", "letters")
    [1.0, 0.25]
    """
    return from_count(2, _known(flows, "flows"), _share(flows, "services"))


@feature(unit="1", serves="extraneous packets")
def pair_unanswered_share(flows: Flows) -> F64:
    """Share of those flows that got no packet back, ICMP errors aside.

    >>> shown(pair_unanswered_share, "tunnel", "framed")
    [1.0, 0.0]
    """
    return 1.0 - _share(flows, "answered")


@feature(unit="1", serves="extraneous packets")
def pair_error_share(flows: Flows) -> F64:
    """Share of those flows that an ICMP error answered (closed ports, traceroute).

    >>> shown(pair_error_share, "tunnel")
    [0.0]
    """
    return _share(flows, "errors")


@feature(unit="1", serves="abnormal data")
def pair_same_size_share(flows: Flows) -> F64:
    """Share of those flows whose first payload is as long as that of the flow before.

    >>> shown(pair_same_size_share, "beacon", "stamps")
    [0.0, 1.0]
    """
    return _next_share(flows, "same_size", "first_payloads")


@feature(unit="1", serves="abnormal data")
def pair_same_prefix_share(flows: Flows) -> F64:
    """Share of those flows whose first payload starts with the 4 octets of the one before.

    >>> shown(pair_same_prefix_share, "beacon")
    [0.0]
    """
    return _next_share(flows, "same_prefix", "first_payloads")


@feature(unit="1", serves="abnormal data")
def pair_same_payload_share(flows: Flows) -> F64:
    """Share of those flows whose first payload is that of the flow before.

    >>> shown(pair_same_payload_share, "beacon")
    [0.0]
    """
    return _next_share(flows, "same_payload", "first_payloads")


@feature(unit="1", serves="uncommon flows")
def pair_octets_log_orig(flows: Flows) -> F64:
    """log2(1 + IP octets the originator sent a flow), over those flows; NaN without any.

    >>> shown(pair_octets_log_orig, "socks", "knock")
    [5.728, 7.634]
    """
    return np.log2(1.0 + ratio(_known(flows, "bytes_orig"), _known(flows, "flows")))


@feature(unit="1", serves="uncommon flows")
def pair_octets_log_resp(flows: Flows) -> F64:
    """log2(1 + IP octets that came back a flow), over those flows; NaN without any.

    >>> shown(pair_octets_log_resp, "tunnel", "knock")
    [0.0, 6.736]
    """
    return np.log2(1.0 + ratio(_known(flows, "bytes_resp"), _known(flows, "flows")))
