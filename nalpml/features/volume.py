"""How much was sent, each way."""

from __future__ import annotations

import numpy as np

from .._kernels import segments
from ..flows.table import Flows
from ._registry import feature
from ._views import (
    F64,
    ORIG,
    RESP,
    kept_where,
    of_side,
    own,
    payload_size,
    share,
)

__all__: list[str] = []


@feature(unit="packet", serves="uncommon flows")
def packets_orig(flows: Flows) -> F64:
    """Packets the originator sent in the window."""
    return flows.windows["packets_orig"].astype(np.float64)


@feature(unit="packet", serves="uncommon flows")
def packets_resp(flows: Flows) -> F64:
    """Packets the responder sent in the window."""
    return flows.windows["packets_resp"].astype(np.float64)


@feature(unit="1", serves="uncommon flows")
def octets_log_orig(flows: Flows) -> F64:
    """log2(1 + IP octets the originator sent)."""
    return np.log2(1.0 + flows.windows["bytes_orig"])


@feature(unit="1", serves="uncommon flows")
def octets_log_resp(flows: Flows) -> F64:
    """log2(1 + IP octets the responder sent)."""
    return np.log2(1.0 + flows.windows["bytes_resp"])


@feature(unit="1", serves="uncommon flows")
def payload_log_orig(flows: Flows) -> F64:
    """log2(1 + payload octets the originator sent)."""
    return np.log2(1.0 + segments.total(of_side(flows, payload_size(flows), ORIG), flows.offsets))


@feature(unit="1", serves="uncommon flows")
def payload_log_resp(flows: Flows) -> F64:
    """log2(1 + payload octets the responder sent)."""
    return np.log2(1.0 + segments.total(of_side(flows, payload_size(flows), RESP), flows.offsets))


@feature(unit="s", serves="uncommon flows")
def duration(flows: Flows) -> F64:
    """Time from the first to the last packet of the window."""
    return (flows.windows["end_ns"] - flows.windows["start_ns"]) / 1e9


@feature(unit="1", serves="uncommon flows")
def packet_rate_log(flows: Flows) -> F64:
    """log2 of packets a second; NaN for a window that has no duration."""
    span = (flows.windows["end_ns"] - flows.windows["start_ns"]) / 1e9
    count = np.diff(flows.offsets)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(span > 0, np.log2(count / span), np.nan)


@feature(unit="1", serves="uncommon flows")
def producer_consumer_ratio(flows: Flows) -> F64:
    """Payload balance (orig - resp) / (orig + resp), NaN without payload.

    +1 is a pure producer ("a client sending significantly more data than it receives"), -1 a
    pure consumer. Source: Bullard and Gerth, "PCR - A New Flow Metric", FloCon 2014.
    """
    sent = segments.total(of_side(flows, payload_size(flows), ORIG), flows.offsets)
    back = segments.total(of_side(flows, payload_size(flows), RESP), flows.offsets)
    with np.errstate(invalid="ignore"):
        return (sent - back) / (sent + back)


@feature(unit="1", serves="uncommon flows")
def packet_balance(flows: Flows) -> F64:
    """Packet balance (orig - resp) / (orig + resp)."""
    sent = flows.windows["packets_orig"].astype(np.float64)
    back = flows.windows["packets_resp"].astype(np.float64)
    return (sent - back) / (sent + back)


@feature(unit="1", serves="extraneous packets")
def one_way(flows: Flows) -> F64:
    """1 when the responder sent nothing in the window, else 0."""
    return (flows.windows["packets_resp"] == 0).astype(np.float64)


@feature(unit="1", serves="uncommon flows")
def payload_packet_share(flows: Flows) -> F64:
    """Share of packets that carry payload."""
    return share(flows, flows.column("payload_len") > 0, own(flows))


@feature(unit="octet", serves="uncommon flows")
def octets_per_packet_orig(flows: Flows) -> F64:
    """Mean IP packet length from the originator."""
    return segments.mean(
        of_side(flows, flows.column("ip_len").astype(np.float64), ORIG), flows.offsets
    )


@feature(unit="octet", serves="uncommon flows")
def octets_per_packet_resp(flows: Flows) -> F64:
    """Mean IP packet length from the responder."""
    return segments.mean(
        of_side(flows, flows.column("ip_len").astype(np.float64), RESP), flows.offsets
    )


@feature(unit="1", serves="extraneous packets")
def icmp_error_count_log(flows: Flows) -> F64:
    """log2(1 + ICMP errors that quote this flow)."""
    return np.log2(
        1.0
        + segments.total(
            kept_where(flows.column("role") == 1, flows.column("role") == 1), flows.offsets
        )
    )
