"""When packets came."""

from __future__ import annotations

import numpy as np

from .._kernels import intervals, rhythm
from .._kernels.intervals import BOTH_INTERVALS, SIDE_INTERVALS
from ..flows.table import Flows
from ._reduce import ratio, row
from ._registry import feature
from ._views import F64, ORIG, RESP, cached, frame_time, gap, payload_size, side_gap, with_payload

__all__: list[str] = []

_IDLE = 0.5
"""Seconds of silence between two bursts."""


@cached
def _intervals(flows: Flows) -> F64:
    # A row a statistic: the originator's, the responder's, those of both.
    sides, both = intervals.intervals(gap(flows), side_gap(flows), flows.direction, flows.offsets)
    return np.concatenate([sides[ORIG], sides[RESP], both])


def _of_side(flows: Flows, name: str, side: int) -> F64:
    return row(_intervals(flows), len(SIDE_INTERVALS) * side + SIDE_INTERVALS.index(name))


def _of_both(flows: Flows, name: str) -> F64:
    return row(_intervals(flows), 2 * len(SIDE_INTERVALS) + BOTH_INTERVALS.index(name))


@cached
def _bursts(flows: Flows) -> F64:
    sizes = np.where(with_payload(flows), payload_size(flows), 0.0)
    result: F64 = rhythm.bursts(frame_time(flows), sizes, flows.direction, flows.offsets, _IDLE)
    return result


def _periodicity(flows: Flows, side: int) -> F64:
    result: F64 = rhythm.periodicity(side_gap(flows), flows.direction, flows.offsets, side, 16, 24)
    return result


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from either direction, NaN below three.

    >>> shown(iat_cv, "beacon", "web")
    [0.0, 1.567]
    """
    return _of_both(flows, "cv")


@feature(unit="s", serves="anomalous traffic patterns")
def iat_min(flows: Flows) -> F64:
    """Shortest inter-arrival time in either direction.

    >>> shown(iat_min, "beacon", "duplex")
    [3.0, 0.0]
    """
    return _of_both(flows, "minimum")


@feature(unit="1", serves="anomalous traffic patterns")
def iat_log_std(flows: Flows) -> F64:
    """Standard deviation of log10 inter-arrival times (floor 1 us).

    >>> shown(iat_log_std, "beacon", "duplex")
    [0.0, 1.246]
    """
    return _of_both(flows, "log_std")


@feature(unit="s", serves="anomalous traffic patterns")
def iat_mean_orig(flows: Flows) -> F64:
    """Mean inter-arrival time of packets from the originator.

    >>> shown(iat_mean_orig, "beacon", "duplex")
    [3.818, 0.05]
    """
    return _of_side(flows, "mean", ORIG)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_mean_resp(flows: Flows) -> F64:
    """Mean inter-arrival time of packets from the responder.

    >>> shown(iat_mean_resp, "beacon", "dns")
    [12.0, 0.06]
    """
    return _of_side(flows, "mean", RESP)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv_orig(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from the originator, NaN below three.

    >>> shown(iat_cv_orig, "ping", "web")
    [0.0, 0.9285]
    """
    return _of_side(flows, "cv", ORIG)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv_resp(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from the responder, NaN below three.

    >>> shown(iat_cv_resp, "beacon", "web")
    [0.0, 0.6311]
    """
    return _of_side(flows, "cv", RESP)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_median_orig(flows: Flows) -> F64:
    """Median inter-arrival time from the originator.

    >>> shown(iat_median_orig, "beacon", "duplex")
    [3.0, 0.05]
    """
    return _of_side(flows, "median", ORIG)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_median_resp(flows: Flows) -> F64:
    """Median inter-arrival time from the responder.

    >>> shown(iat_median_resp, "beacon", "dns")
    [12.0, 0.06]
    """
    return _of_side(flows, "median", RESP)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_max_orig(flows: Flows) -> F64:
    """Longest inter-arrival time from the originator.

    >>> shown(iat_max_orig, "beacon", "duplex")
    [6.0, 0.05]
    """
    return _of_side(flows, "maximum", ORIG)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_max_resp(flows: Flows) -> F64:
    """Longest inter-arrival time from the responder.

    >>> shown(iat_max_resp, "beacon", "dns")
    [12.0, 0.06]
    """
    return _of_side(flows, "maximum", RESP)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_modal_share_orig(flows: Flows) -> F64:
    """Share of the most frequent inter-arrival time of the originator, on a 10 % grid.

    Gaps are binned by floor(log(gap) / log(1.1)); NaN below eight.

    >>> shown(iat_modal_share_orig, "ping", "timing")
    [1.0, 0.5436]
    """
    return _of_side(flows, "modal", ORIG)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_modal_share_resp(flows: Flows) -> F64:
    """The same of the responder's inter-arrival times.

    >>> shown(iat_modal_share_resp, "sol", "duplex")
    [1.0, 0.6697]
    """
    return _of_side(flows, "modal", RESP)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_periodicity_orig(flows: Flows) -> F64:
    """Largest autocorrelation of the originator's inter-arrival times over lags 2 to 16.

    r(k) = sum (T_i - m)(T_(i-k) - m) / sum (T_i - m)^2; NaN below 24 gaps. Near 1 for a pattern
    of several packets that repeats. Source: Box and Jenkins, Time Series Analysis, 2.1.

    >>> shown(iat_periodicity_orig, "timing", "duplex")
    [0.1654, 0.9082]
    """
    return _periodicity(flows, ORIG)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_periodicity_resp(flows: Flows) -> F64:
    """The same of the responder's inter-arrival times.

    >>> shown(iat_periodicity_resp, "duplex")
    [0.9723]
    """
    return _periodicity(flows, RESP)


@feature(unit="s", serves="anomalous traffic patterns")
def turnaround_median(flows: Flows) -> F64:
    """Median time from an originator's packet to a responder's packet right behind it.

    >>> shown(turnaround_median, "beacon", "raw")
    [3.0, 0.01]
    """
    return _of_both(flows, "turnaround_median")


@feature(unit="1", serves="anomalous traffic patterns")
def turn_share(flows: Flows) -> F64:
    """Share of packets that follow a packet of the other direction.

    >>> shown(turn_share, "ping", "timing")
    [1.0, 0.0]
    """
    return _of_both(flows, "turn_share")


@feature(unit="1", serves="anomalous traffic patterns")
def burst_rate_log(flows: Flows) -> F64:
    """log2 of bursts over packets: bursts are apart by more than half a second of silence.

    >>> shown(burst_rate_log, "beacon", "duplex")
    [0.0, -7.781]
    """
    packets = np.diff(flows.offsets).astype(np.float64)
    return np.log2(ratio(row(_bursts(flows), 0), packets))


@feature(unit="s", serves="anomalous traffic patterns")
def burst_gap_median(flows: Flows) -> F64:
    """Median time between the starts of bursts, NaN for a single burst.

    >>> shown(burst_gap_median, "beacon", "odd")
    [3.0, 0.6]
    """
    return row(_bursts(flows), 1)


@feature(unit="1", serves="anomalous traffic patterns")
def burst_gap_cv(flows: Flows) -> F64:
    """Coefficient of variation of those times, NaN below three.

    >>> shown(burst_gap_cv, "ping", "gre")
    [0.0, 3.538e-07]
    """
    return row(_bursts(flows), 2)


@feature(unit="1", serves="anomalous traffic patterns")
def beacon_time_score(flows: Flows) -> F64:
    """Beacon score of the times between bursts, in the form of RITA; NaN below four.

    Half of 1 - |Bowley skewness| plus half of (median - MAD) / median. 1 for clockwork, high
    for symmetric jitter too. Source: RITA v5, Active Countermeasures (timestamp score).

    >>> shown(beacon_time_score, "ping", "gre")
    [1.0, 0.9]
    """
    return row(_bursts(flows), 3)


@feature(unit="1", serves="anomalous traffic patterns")
def beacon_size_score(flows: Flows) -> F64:
    """The same of the originator's payload octets a burst (RITA's data size score).

    >>> shown(beacon_size_score, "ping", "sol")
    [1.0, 0.5404]
    """
    return row(_bursts(flows), 4)
