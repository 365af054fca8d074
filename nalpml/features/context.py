"""What was known about the pair and service when the window opened."""

from __future__ import annotations

import numpy as np

from ..flows.table import Flows
from ._reduce import from_count, ratio
from ._registry import feature
from ._views import F64

__all__: list[str] = []


def _known(flows: Flows, name: str) -> F64:
    return flows.windows[name].astype(np.float64)


@feature(unit="1", serves="anomalous traffic patterns")
def context_windows(flows: Flows) -> F64:
    """Earlier windows of this pair and service in the last ten minutes, 16 at the most.

    >>> shown(context_windows, "ping", "letters")
    [0.0, 4.0]
    """
    return _known(flows, "ctx_windows")


@feature(unit="1", serves="anomalous traffic patterns")
def context_gap_log(flows: Flows) -> F64:
    """log10 of the mean time in seconds between their starts, floor 1 ms; NaN for the first.

    >>> shown(context_gap_log, "tunnel", "letters")
    [-1.886, -1.146]
    """
    return np.log10(np.maximum(_known(flows, "ctx_gap_mean"), 1e-3))


@feature(unit="1", serves="anomalous traffic patterns")
def context_gap_cv(flows: Flows) -> F64:
    """Coefficient of variation of those times, NaN below three: near 0 for a beacon.

    >>> shown(context_gap_cv, "clock", "letters")
    [9.283e-06, 1.417]
    """
    return _known(flows, "ctx_gap_cv")


@feature(unit="1", serves="uncommon flows")
def context_octets_log_orig(flows: Flows) -> F64:
    """log2(1 + IP octets the originator sent this service before this window).

    >>> shown(context_octets_log_orig, "ping", "letters")
    [0.0, 7.937]
    """
    return np.log2(1.0 + _known(flows, "ctx_bytes_orig"))


@feature(unit="1", serves="uncommon flows")
def context_octets_log_resp(flows: Flows) -> F64:
    """log2(1 + IP octets the service sent back before this window).

    >>> shown(context_octets_log_resp, "ping", "clock")
    [0.0, 7.401]
    """
    return np.log2(1.0 + _known(flows, "ctx_bytes_resp"))


@feature(unit="1", serves="extraneous packets")
def context_reply_share(flows: Flows) -> F64:
    """Share of earlier packets between the two that came from the responder; NaN without any.

    >>> shown(context_reply_share, "tunnel", "clock")
    [0.0, 0.4]
    """
    sent, back = _known(flows, "ctx_packets_orig"), _known(flows, "ctx_packets_resp")
    return ratio(back, sent + back)


@feature(unit="1", serves="not normally seen")
def context_first_contact(flows: Flows) -> F64:
    """1 when this is the first window of the pair and service, else 0.

    >>> shown(context_first_contact, "ping", "tunnel")
    [1.0, 0.0]
    """
    seen = _known(flows, "ctx_packets_orig") + _known(flows, "ctx_packets_resp")
    return np.asarray((seen == 0).astype(np.float64))


@feature(unit="1", serves="anomalous traffic patterns")
def context_fanout(flows: Flows) -> F64:
    """Distinct responders and services of the originator over its flows in this protocol so far.

    Near 1 for a scan, near 0 for a beacon; NaN below four flows.

    >>> shown(context_fanout, "raw", "letters")
    [1.0, 0.2]
    """
    opened = _known(flows, "ctx_flows")
    return from_count(4, opened, ratio(_known(flows, "ctx_peers"), opened))


@feature(unit="1", serves="uncommon flows")
def flow_age_log(flows: Flows) -> F64:
    """log2(1 + seconds from the start of the flow to the start of the window).

    >>> shown(flow_age_log, "ping")
    [0.0]
    """
    age = flows.windows["start_ns"] - flows.windows["flow_start_ns"]
    return np.asarray(np.log2(1.0 + np.maximum(age, 0) / 1e9))
