"""How much was sent, each way."""

from __future__ import annotations

import numpy as np

from ..flows.table import Flows
from ._reduce import ratio, row, total
from ._registry import feature
from ._shared import lengths
from ._views import F64, ORIG, RESP

__all__: list[str] = []


def _count(flows: Flows, name: str) -> F64:
    return flows.windows[name].astype(np.float64)


def _log(values: F64) -> F64:
    return np.log2(1.0 + values)


def _payload(flows: Flows, side: int) -> F64:
    return row(lengths(flows), 8 + side)


@feature(unit="packet", serves="uncommon flows")
def packets_orig(flows: Flows) -> F64:
    """Packets the originator sent in the window.

    >>> shown(packets_orig, "timing", "closed")
    [150.0, 1.0]
    """
    return _count(flows, "packets_orig")


@feature(unit="packet", serves="uncommon flows")
def packets_resp(flows: Flows) -> F64:
    """Packets the responder sent in the window.

    >>> shown(packets_resp, "timing", "duplex")
    [0.0, 110.0]
    """
    return _count(flows, "packets_resp")


@feature(unit="1", serves="uncommon flows")
def payload_log_orig(flows: Flows) -> F64:
    """log2(1 + payload octets the originator sent).

    >>> shown(payload_log_orig, "timing", "knock")
    [11.55, 0.0]
    """
    return _log(_payload(flows, ORIG))


@feature(unit="1", serves="uncommon flows")
def payload_log_resp(flows: Flows) -> F64:
    """log2(1 + payload octets the responder sent).

    >>> shown(payload_log_resp, "framed", "timing")
    [10.17, 0.0]
    """
    return _log(_payload(flows, RESP))


@feature(unit="s", serves="uncommon flows")
def duration(flows: Flows) -> F64:
    """Time from the first to the last packet of the window.

    >>> shown(duration, "beacon", "datagram")
    [45.0, 0.0]
    """
    return np.asarray(np.divide(flows.windows["end_ns"] - flows.windows["start_ns"], 1e9))


@feature(unit="1", serves="uncommon flows")
def packet_rate_log(flows: Flows) -> F64:
    """log2 of packets a second; NaN for a window that has no duration.

    >>> shown(packet_rate_log, "beacon", "closed")
    [-1.492, 7.644]
    """
    span = np.maximum(duration(flows), 0.0)
    return np.log2(ratio(np.diff(flows.offsets).astype(np.float64), span))


@feature(unit="1", serves="uncommon flows")
def producer_consumer_ratio(flows: Flows) -> F64:
    """Payload balance (orig - resp) / (orig + resp), NaN without payload.

    +1 is a pure producer ("a client sending significantly more data than it receives"), -1 a
    pure consumer. Source: Bullard and Gerth, "PCR - A New Flow Metric", FloCon 2014.

    >>> shown(producer_consumer_ratio, "timing", "vsock")
    [1.0, -0.9355]
    """
    sent, back = _payload(flows, ORIG), _payload(flows, RESP)
    return ratio(sent - back, sent + back)


@feature(unit="1", serves="uncommon flows")
def payload_packet_share(flows: Flows) -> F64:
    """Share of packets that carry payload.

    >>> shown(payload_packet_share, "ping", "knock")
    [1.0, 0.0]
    """
    return row(lengths(flows), 13)


@feature(unit="1", serves="extraneous packets")
def icmp_error_count_log(flows: Flows) -> F64:
    """log2(1 + ICMP errors that quote this flow).

    >>> shown(icmp_error_count_log, "ping", "closed")
    [0.0, 1.0]
    """
    return _log(total(flows, (flows.column("role") == 1).astype(np.float64)))
