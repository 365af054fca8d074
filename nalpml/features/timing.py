"""When packets came."""

from __future__ import annotations

import numpy as np

from .._kernels import rhythm
from ..flows.table import Flows
from ._reduce import Summary, from_count, mean, ratio, row, summary
from ._registry import feature
from ._views import (
    BOTH,
    F64,
    ORIG,
    RESP,
    cached,
    frame_time,
    gap,
    kept_where,
    payload_size,
    side_gap,
    with_payload,
)

__all__: list[str] = []

_IDLE = 0.5
"""Seconds of silence between two bursts."""


@cached
def _before(flows: Flows) -> F64:
    # Direction of the packet before in the window, -1 for the first.
    before = np.full(len(flows.packets), -1.0)
    before[1:] = flows.direction[:-1]
    before[flows.offsets[:-1][np.diff(flows.offsets) > 0]] = -1.0
    return before


@cached
def _turnaround(flows: Flows) -> F64:
    return kept_where(gap(flows), (flows.direction == RESP) & (_before(flows) == ORIG))


@cached
def _log_gap(flows: Flows) -> F64:
    return np.asarray(np.log10(np.maximum(gap(flows), 1e-6)))


@cached
def _log_bin(flows: Flows) -> F64:
    return np.asarray(np.floor(np.log(np.maximum(side_gap(flows), 1e-6)) / np.log(1.1)))


@cached
def _bursts(flows: Flows) -> F64:
    # Rows: time since the burst before, the originator's payload octets in the burst.
    sizes = np.where(with_payload(flows), payload_size(flows), 0.0)
    result: F64 = rhythm.bursts(frame_time(flows), sizes, flows.direction, flows.offsets, _IDLE)
    return result


@cached
def _burst_gap(flows: Flows) -> F64:
    return row(_bursts(flows), 0)


@cached
def _burst_size(flows: Flows) -> F64:
    return row(_bursts(flows), 1)


def _gaps(flows: Flows, side: int) -> Summary:
    return summary(flows, gap if side == BOTH else side_gap, side)


def _variation(least: int, values: Summary) -> F64:
    return from_count(least, values.count, ratio(values.std, values.mean))


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from either direction, NaN below three."""
    return _variation(3, _gaps(flows, BOTH))


@feature(unit="s", serves="anomalous traffic patterns")
def iat_min(flows: Flows) -> F64:
    """Shortest inter-arrival time in either direction."""
    return _gaps(flows, BOTH).minimum


@feature(unit="1", serves="anomalous traffic patterns")
def iat_log_std(flows: Flows) -> F64:
    """Standard deviation of log10 inter-arrival times (floor 1 us)."""
    return summary(flows, _log_gap).std


@feature(unit="1", serves="anomalous traffic patterns")
def iat_burst_share(flows: Flows) -> F64:
    """Share of inter-arrival times below 10 ms."""
    return mean(flows, kept_where(gap(flows) < 0.01, ~np.isnan(gap(flows))))


@feature(unit="s", serves="anomalous traffic patterns")
def iat_mean_orig(flows: Flows) -> F64:
    """Mean inter-arrival time of packets from the originator."""
    return _gaps(flows, ORIG).mean


@feature(unit="s", serves="anomalous traffic patterns")
def iat_mean_resp(flows: Flows) -> F64:
    """Mean inter-arrival time of packets from the responder."""
    return _gaps(flows, RESP).mean


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv_orig(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from the originator, NaN below three."""
    return _variation(3, _gaps(flows, ORIG))


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv_resp(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from the responder, NaN below three."""
    return _variation(3, _gaps(flows, RESP))


@feature(unit="s", serves="anomalous traffic patterns")
def iat_median_orig(flows: Flows) -> F64:
    """Median inter-arrival time from the originator."""
    return _gaps(flows, ORIG).median


@feature(unit="s", serves="anomalous traffic patterns")
def iat_median_resp(flows: Flows) -> F64:
    """Median inter-arrival time from the responder."""
    return _gaps(flows, RESP).median


@feature(unit="s", serves="anomalous traffic patterns")
def iat_max_orig(flows: Flows) -> F64:
    """Longest inter-arrival time from the originator."""
    return _gaps(flows, ORIG).maximum


@feature(unit="s", serves="anomalous traffic patterns")
def iat_max_resp(flows: Flows) -> F64:
    """Longest inter-arrival time from the responder."""
    return _gaps(flows, RESP).maximum


@feature(unit="1", serves="anomalous traffic patterns")
def iat_modal_share_orig(flows: Flows) -> F64:
    """Share of the most frequent inter-arrival time of the originator, on a 10 % grid.

    Gaps are binned by floor(log(gap) / log(1.1)); NaN below eight.
    """
    bins = summary(flows, _log_bin, ORIG)
    return from_count(8, bins.count, bins.modal)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_periodicity_orig(flows: Flows) -> F64:
    """Largest autocorrelation of the originator's inter-arrival times over lags 2 to 16.

    r(k) = sum (T_i - m)(T_(i-k) - m) / sum (T_i - m)^2; NaN below 24 gaps. Near 1 for a pattern
    of several packets that repeats. Source: Box and Jenkins, Time Series Analysis, 2.1.
    """
    result: F64 = rhythm.periodicity(side_gap(flows), flows.direction, flows.offsets, ORIG, 16, 24)
    return result


@feature(unit="s", serves="anomalous traffic patterns")
def turnaround_median(flows: Flows) -> F64:
    """Median time from an originator's packet to a responder's packet right behind it."""
    return summary(flows, _turnaround).median


@feature(unit="1", serves="anomalous traffic patterns")
def turnaround_cv(flows: Flows) -> F64:
    """Coefficient of variation of those times, NaN below three."""
    return _variation(3, summary(flows, _turnaround))


@feature(unit="1", serves="anomalous traffic patterns")
def turn_share(flows: Flows) -> F64:
    """Share of packets that follow a packet of the other direction."""
    before = _before(flows)
    return mean(flows, kept_where(flows.direction != before, before >= 0))


@feature(unit="1", serves="anomalous traffic patterns")
def burst_rate_log(flows: Flows) -> F64:
    """log2 of bursts over packets: bursts are apart by more than half a second of silence."""
    packets = np.diff(flows.offsets).astype(np.float64)
    return np.log2(ratio(summary(flows, _burst_size).count, packets))


@feature(unit="s", serves="anomalous traffic patterns")
def burst_gap_median(flows: Flows) -> F64:
    """Median time between the starts of bursts, NaN for a single burst."""
    return summary(flows, _burst_gap).median


@feature(unit="1", serves="anomalous traffic patterns")
def burst_gap_cv(flows: Flows) -> F64:
    """Coefficient of variation of those times, NaN below three."""
    return _variation(3, summary(flows, _burst_gap))


@feature(unit="1", serves="anomalous traffic patterns")
def burst_size_cv(flows: Flows) -> F64:
    """Coefficient of variation of the originator's payload octets a burst, NaN below three."""
    return _variation(3, summary(flows, _burst_size))


@feature(unit="1", serves="anomalous traffic patterns")
def beacon_time_score(flows: Flows) -> F64:
    """Beacon score of the times between bursts, in the form of RITA; NaN below four.

    Half of 1 - |Bowley skewness| plus half of (median - MAD) / median. 1 for clockwork, high
    for symmetric jitter too. Source: RITA v5, Active Countermeasures (timestamp score).
    """
    result: F64 = rhythm.beacon_score(_burst_gap(flows), flows.offsets, 4)
    return result


@feature(unit="1", serves="anomalous traffic patterns")
def beacon_size_score(flows: Flows) -> F64:
    """The same of the originator's payload octets a burst (RITA's data size score)."""
    result: F64 = rhythm.beacon_score(_burst_size(flows), flows.offsets, 4)
    return result
