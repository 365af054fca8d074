"""Laws of ICMP and what breaks them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..flows.table import Flows
from ._reduce import first, mean, ratio, share, summary
from ._registry import feature
from ._shared import echo_kind, echo_latency, echo_states, is_quote, of_icmp
from ._views import F64, RESP, BoolColumn, cached, kept_where, own, side_steps

__all__: list[str] = []


def _icmp(flows: Flows) -> BoolColumn:
    # ICMP packets of ICMP windows; errors that joined other flows are not meant.
    proto = flows.column("proto")
    return np.asarray(((proto == 1) | (proto == 58)) & own(flows))


@cached
def _sequence(flows: Flows) -> F64:
    return kept_where(flows.column("icmp_seq"), echo_kind(flows) == 1)


@cached
def _identifier(flows: Flows) -> F64:
    return kept_where(flows.column("icmp_id"), echo_kind(flows) == 1)


def _step_share(flows: Flows, view: Callable[[Flows], F64], *wanted: int) -> F64:
    # Share of steps of a sender from one echo request to its next, modulo 65536.
    steps = side_steps(flows, view(flows)) % 65536
    return mean(flows, kept_where(np.isin(steps, wanted), ~np.isnan(steps)))


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_echo_share(flows: Flows) -> F64:
    """Share of ICMP packets that are echo requests or replies, NaN outside ICMP.

    >>> shown(icmp_echo_share, "ping", "clock")
    [1.0, 0.0]
    """
    return share(flows, echo_kind(flows) > 0, _icmp(flows))


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_rare_type_share(flows: Flows) -> F64:
    """Share of ICMP packets of types that no current system sends (RFC 6918 and unassigned).

    >>> shown(icmp_rare_type_share, "ping")
    [0.0]
    """
    kind, proto = flows.column("icmp_type"), flows.column("proto")
    usual4 = np.isin(kind, (0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14))
    usual6 = np.isin(kind, (1, 2, 3, 4, *range(128, 138), 143, 151, 152, 153))
    return share(flows, np.where(proto == 1, ~usual4, ~usual6), _icmp(flows))


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_code_odd_share(flows: Flows) -> F64:
    """Share of echo packets whose code is not 0.

    >>> shown(icmp_code_odd_share, "ping")
    [0.0]
    """
    return share(flows, flows.column("icmp_code") != 0, echo_kind(flows) > 0)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_requests_resp_share(flows: Flows) -> F64:
    """Share of echo requests that the responder sent: both sides ask.

    >>> shown(icmp_requests_resp_share, "ping")
    [0.0]
    """
    return share(flows, flows.direction == RESP, echo_kind(flows) == 1)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_unanswered_share(flows: Flows) -> F64:
    """Share of echo requests without a reply in the window.

    >>> shown(icmp_unanswered_share, "ping", "stamps")
    [0.0, 1.0]
    """
    state = echo_states(flows)
    return share(flows, state == 1, (state >= 1) & (state <= 3))


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_unsolicited_share(flows: Flows) -> F64:
    """Share of echo replies to no request of the window.

    A reply answers one request (RFC 792); tunnels push data in replies nobody asked for.

    >>> shown(icmp_unsolicited_share, "ping", "ping6")
    [0.0, 1.0]
    """
    state = echo_states(flows)
    return share(flows, state == 6, state >= 4)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_surplus_share(flows: Flows) -> F64:
    """Share of echo replies to a request that was answered already.

    >>> shown(icmp_surplus_share, "ping")
    [0.0]
    """
    state = echo_states(flows)
    return share(flows, state == 7, state >= 4)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_changed_share(flows: Flows) -> F64:
    """Share of matched echo replies whose payload is not their request's.

    A reply returns the data unchanged (RFC 792).

    >>> shown(icmp_changed_share, "ping", "tunnel")
    [0.0, 1.0]
    """
    state = echo_states(flows)
    return share(flows, state == 5, (state == 4) | (state == 5))


@feature(unit="s", serves="abnormal data in ICMP")
@of_icmp
def icmp_latency_median(flows: Flows) -> F64:
    """Median time from an echo request to its reply.

    >>> shown(icmp_latency_median, "ping")
    [0.02]
    """
    return summary(flows, echo_latency).median


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_sequence_unit_share(flows: Flows) -> F64:
    """Share of steps between echo requests' sequence numbers that count by one.

    Either byte order, per sender: hping3 and some implants do not swap it.

    >>> shown(icmp_sequence_unit_share, "ping", "ping6")
    [1.0, 0.0]
    """
    return _step_share(flows, _sequence, 1, 256)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_identifier_distinct(flows: Flows) -> F64:
    """Distinct identifiers over echo requests; more than one only in a shared flow.

    >>> shown(icmp_identifier_distinct, "ping", "ping6")
    [0.08333, 0.5]
    """
    values = summary(flows, _identifier)
    return ratio(values.distinct, values.count)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_identifier_zero(flows: Flows) -> F64:
    """1 when the flow's echo identifier is 0, else 0; NaN outside echo.

    >>> shown(icmp_identifier_zero, "ping")
    [0.0]
    """
    identifier = flows.windows["icmp_id"]
    return kept_where(identifier == 0, identifier >= 0)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_sequence_first_zero(flows: Flows) -> F64:
    """1 when the first echo request's sequence number is 0 or 1, else 0.

    >>> shown(icmp_sequence_first_zero, "ping", "letters")
    [1.0, 0.0]
    """
    opening = first(flows, _sequence(flows))
    return kept_where(opening <= 1, ~np.isnan(opening))


@feature(unit="1", serves="protocol conformance")
def icmp_checksum_wrong_share(flows: Flows) -> F64:
    """Share of ICMP packets, captured whole, with a wrong checksum.

    >>> shown(icmp_checksum_wrong_share, "ping")
    [0.0]
    """
    value = flows.column("checksum")
    checked = (flows.column("proto") == 1) & ((value == 1) | (value == 2))
    return share(flows, value == 2, checked)


@feature(unit="1", serves="extraneous packets")
@of_icmp
def icmp_error_unmatched_share(flows: Flows) -> F64:
    """Share of ICMP errors in a flow of their own: they quote no flow that was seen.

    >>> shown(icmp_error_unmatched_share, "ping", "error")
    [0.0, 1.0]
    """
    return share(flows, is_quote(flows) & (flows.column("role") != 1), _icmp(flows))
