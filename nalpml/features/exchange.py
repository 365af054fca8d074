"""A row a packet: what the packet is to those before and after it."""

from __future__ import annotations

import numpy as np

from .._kernels.segments import repeats
from ..flows.table import Flows
from ._registry import feature
from ._shared import echo_latency, echo_states, is_quote, replies, segment_order, stated_length
from ._views import F64, gap, kept_where, with_payload

__all__: list[str] = []


def _pair_state(flows: Flows, among: tuple[int, ...], wanted: int) -> F64:
    state = echo_states(flows)
    return kept_where(state == wanted, np.isin(state, among))


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_unanswered(flows: Flows) -> F64:
    """1 for an echo request without a reply in the window, else 0; NaN for others.

    >>> shown(packet_unanswered, "ping")
    [0.0, nan, 0.0, nan, 0.0, nan, 0.0, nan]
    """
    return _pair_state(flows, (1, 2, 3), 1)


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_unsolicited(flows: Flows) -> F64:
    """1 for an echo reply to no request of the window, else 0; NaN for others.

    >>> shown(packet_unsolicited, "ping")
    [nan, 0.0, nan, 0.0, nan, 0.0, nan, 0.0]
    """
    return _pair_state(flows, (4, 5, 6, 7), 6)


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_surplus(flows: Flows) -> F64:
    """1 for an echo reply to a request that was answered already, else 0; NaN for others.

    >>> shown(packet_surplus, "ping")
    [nan, 0.0, nan, 0.0, nan, 0.0, nan, 0.0]
    """
    return _pair_state(flows, (4, 5, 6, 7), 7)


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_changed(flows: Flows) -> F64:
    """1 for an echo reply whose payload is not its request's (RFC 792), else 0.

    >>> shown(packet_changed, "ping")
    [nan, 0.0, nan, 0.0, nan, 0.0, nan, 0.0]
    """
    return _pair_state(flows, (4, 5), 5)


@feature(level="packet", unit="s", serves="abnormal data in ICMP")
def packet_latency(flows: Flows) -> F64:
    """Time from an echo request to this reply; NaN for others.

    >>> shown(packet_latency, "ping")
    [nan, 0.02, nan, 0.02, nan, 0.02, nan, 0.02]
    """
    return np.array(echo_latency(flows))


@feature(level="packet", unit="s", serves="anomalous traffic patterns")
def packet_turnaround(flows: Flows) -> F64:
    """Time since the packet before it where that went the other way; NaN elsewhere.

    >>> shown(packet_turnaround, "duplex")
    [nan, 0.02, 0.03, 0.04, 0.01, nan, 0.01, nan]
    """
    before = np.append(flows.direction[:1], flows.direction[:-1])
    return kept_where(gap(flows), flows.direction != before)


@feature(level="packet", unit="1", serves="abnormal data")
def packet_reply_octets(flows: Flows) -> F64:
    """Share of a reply's first 16 octets that are its request's; NaN where it answers none.

    >>> shown(packet_reply_octets, "sol")
    [nan, 0.9375, nan, 0.875, nan, 0.875, nan, 0.875]
    """
    return np.array(replies(flows)[0])


@feature(level="packet", unit="1", serves="abnormal data")
def packet_reply_same(flows: Flows) -> F64:
    """1 when the reply's payload is its request's, else 0; NaN where it answers none.

    >>> shown(packet_reply_same, "ping")
    [nan, 1.0, nan, 1.0, nan, 1.0, nan, 1.0]
    """
    return np.array(replies(flows)[1])


@feature(level="packet", unit="1", serves="abnormal data")
def packet_length_stated(flows: Flows) -> F64:
    """1 when the first octets of a message of 8 octets and more state its length, else 0.

    >>> shown(packet_length_stated, "clock")
    [0.0, 0.0, 1.0, 0.0]
    """
    return np.array(stated_length(flows))


@feature(level="packet", unit="1", serves="extraneous packets")
def packet_tcp_repeat(flows: Flows) -> F64:
    """1 for a TCP segment that starts before the end of what its sender has sent, else 0.

    >>> shown(packet_tcp_repeat, "shell")
    [nan, nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    order = segment_order(flows)
    return kept_where(order == 1, ~np.isnan(order))


@feature(level="packet", unit="1", serves="extraneous packets")
def packet_tcp_jump(flows: Flows) -> F64:
    """1 for a TCP segment that starts beyond the end of what its sender has sent, else 0.

    >>> shown(packet_tcp_jump, "shell")
    [nan, nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    order = segment_order(flows)
    return kept_where(order == 2, ~np.isnan(order))


@feature(level="packet", unit="1", serves="extraneous packets")
def packet_error_unmatched(flows: Flows) -> F64:
    """1 for an ICMP error that quotes no flow that was seen, 0 for one that does.

    >>> shown(packet_error_unmatched, "closed")
    [nan, 0.0]
    """
    return kept_where(flows.column("role") != 1, is_quote(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_payload_repeats(flows: Flows) -> F64:
    """1 when the payload equals the one before it in the same direction.

    >>> shown(packet_payload_repeats, "ping")
    [nan, nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    result: F64 = repeats(
        flows.column("payload_hash"), with_payload(flows), flows.direction, flows.offsets
    )
    return result


@feature(level="packet", unit="1", serves="extraneous packets")
def packet_is_error(flows: Flows) -> F64:
    """1 for an ICMP error that quotes a packet of this flow.

    >>> shown(packet_is_error, "closed")
    [0.0, 1.0]
    """
    return np.asarray((flows.column("role") == 1).astype(np.float64))
