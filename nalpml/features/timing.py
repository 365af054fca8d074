"""When packets came."""

from __future__ import annotations

import numpy as np

from .._kernels import segments
from .._kernels.covert_timing import (
    conditional_entropy,
    epsilon_similarity,
    epsilon_similarity_top,
)
from ..flows.table import Flows
from ._registry import feature
from ._views import (
    F64,
    ORIG,
    RESP,
    cached,
    gap,
    gap_of,
    kept_where,
)

__all__: list[str] = []


@cached
def _before(flows: Flows) -> F64:
    # Direction of the packet before in the window, -1 for the first.
    before = np.full(len(flows.packets), -1.0)
    before[1:] = flows.direction[:-1]
    before[flows.offsets[:-1][np.diff(flows.offsets) > 0]] = -1.0
    return before


@feature(unit="s", serves="anomalous traffic patterns")
def iat_mean(flows: Flows) -> F64:
    """Mean inter-arrival time of packets from either direction."""
    return segments.mean(gap(flows), flows.offsets)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from either direction, NaN below three."""
    values = gap(flows)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = segments.std(values, flows.offsets) / segments.mean(values, flows.offsets)
    return np.where(segments.count(values, flows.offsets) >= 3, ratio, np.nan)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_median(flows: Flows) -> F64:
    """Median inter-arrival time from either direction."""
    return segments.quantile(gap(flows), flows.offsets, 0.5)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_max(flows: Flows) -> F64:
    """Longest inter-arrival time from either direction."""
    return segments.maximum(gap(flows), flows.offsets)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_mean_orig(flows: Flows) -> F64:
    """Mean inter-arrival time of packets from the originator."""
    return segments.mean(gap_of(flows, ORIG), flows.offsets)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv_orig(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from the originator, NaN below three."""
    values = gap_of(flows, ORIG)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = segments.std(values, flows.offsets) / segments.mean(values, flows.offsets)
    return np.where(segments.count(values, flows.offsets) >= 3, ratio, np.nan)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_median_orig(flows: Flows) -> F64:
    """Median inter-arrival time from the originator."""
    return segments.quantile(gap_of(flows, ORIG), flows.offsets, 0.5)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_max_orig(flows: Flows) -> F64:
    """Longest inter-arrival time from the originator."""
    return segments.maximum(gap_of(flows, ORIG), flows.offsets)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_mean_resp(flows: Flows) -> F64:
    """Mean inter-arrival time of packets from the responder."""
    return segments.mean(gap_of(flows, RESP), flows.offsets)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_cv_resp(flows: Flows) -> F64:
    """Coefficient of variation of inter-arrival times from the responder, NaN below three."""
    values = gap_of(flows, RESP)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = segments.std(values, flows.offsets) / segments.mean(values, flows.offsets)
    return np.where(segments.count(values, flows.offsets) >= 3, ratio, np.nan)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_median_resp(flows: Flows) -> F64:
    """Median inter-arrival time from the responder."""
    return segments.quantile(gap_of(flows, RESP), flows.offsets, 0.5)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_max_resp(flows: Flows) -> F64:
    """Longest inter-arrival time from the responder."""
    return segments.maximum(gap_of(flows, RESP), flows.offsets)


@feature(unit="s", serves="anomalous traffic patterns")
def iat_min(flows: Flows) -> F64:
    """Shortest inter-arrival time in either direction."""
    return segments.minimum(gap(flows), flows.offsets)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_log_std(flows: Flows) -> F64:
    """Standard deviation of log10 inter-arrival times (floor 1 us)."""
    return segments.std(np.log10(np.maximum(gap(flows), 1e-6)), flows.offsets)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_burst_share(flows: Flows) -> F64:
    """Share of inter-arrival times below 10 ms."""
    values = gap(flows)
    return segments.mean(np.where(np.isnan(values), np.nan, values < 0.01), flows.offsets)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_skew_orig(flows: Flows) -> F64:
    """Bowley skewness of the originator's inter-arrival times, NaN below four.

    (Q1 + Q3 - 2 Q2) / (Q3 - Q1), 0 where Q3 = Q1: near 0 for beacons with symmetric jitter.
    Source: the beacon score of RITA (Active Countermeasures).
    """
    values = gap_of(flows, ORIG)
    q1, q2, q3 = (segments.quantile(values, flows.offsets, q) for q in (0.25, 0.5, 0.75))
    with np.errstate(invalid="ignore", divide="ignore"):
        skew = np.where(q3 > q1, (q1 + q3 - 2 * q2) / (q3 - q1), 0.0)
    return np.where(segments.count(values, flows.offsets) >= 4, skew, np.nan)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_spread_orig(flows: Flows) -> F64:
    """Interquartile range over median of the originator's inter-arrival times.

    NaN below four; near 0 for clockwork.
    """
    values = gap_of(flows, ORIG)
    q1, q2, q3 = (segments.quantile(values, flows.offsets, q) for q in (0.25, 0.5, 0.75))
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = (q3 - q1) / q2
    return np.where((segments.count(values, flows.offsets) >= 4) & (q2 > 0), spread, np.nan)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_modal_share_orig(flows: Flows) -> F64:
    """Share of the most frequent inter-arrival time of the originator, on a 10 % grid.

    Gaps are binned by floor(log(gap) / log(1.1)); NaN below eight.
    """
    values = gap_of(flows, ORIG)
    bins = np.floor(np.log(np.maximum(values, 1e-6)) / np.log(1.1))
    return np.where(
        segments.count(values, flows.offsets) >= 8,
        segments.modal_share(bins, flows.offsets),
        np.nan,
    )


@feature(unit="1", serves="anomalous traffic patterns")
def iat_autocorrelation_orig(flows: Flows) -> F64:
    """Lag-1 autocorrelation of the originator's inter-arrival times, NaN below eight."""
    return segments.autocorrelation(gap_of(flows, ORIG), flows.offsets, 8)


@feature(unit="1", serves="anomalous traffic patterns")
def epsilon_similarity_orig(flows: Flows) -> F64:
    """Share of sorted inter-arrival times within 1 % of the next, NaN below 50.

    lambda_i = (T_(i+1) - T_i) / T_i over ascending times of the originator, 0 where T_i = 0.
    Source: Cabuk, Brodley and Shields, "IP covert timing channels", CCS 2004.
    """
    return epsilon_similarity(gap_of(flows, ORIG), flows.offsets, 0.01, 50)


@feature(unit="1", serves="anomalous traffic patterns")
def epsilon_similarity_top_orig(flows: Flows) -> F64:
    """The same over the longest third of inter-arrival times.

    Noise that hides a timing channel among short gaps leaves the long ones (the improved form
    of Zillien and Wendzel's eps-kalibur study).
    """
    return epsilon_similarity_top(gap_of(flows, ORIG), flows.offsets, 0.01, 50)


@feature(unit="bit", serves="anomalous traffic patterns")
def conditional_entropy_orig(flows: Flows) -> F64:
    """Corrected conditional entropy of the originator's inter-arrival times, NaN below 100.

    Times are binned into five equiprobable symbols of the window itself; the result is the
    minimum over pattern lengths m <= 5 of CE(m) + perc(m) EN(1), with perc(m) the share of
    patterns of length m that occur once among n - m + 1. Source: Gianvecchio and Wang,
    "Detecting covert timing channels", CCS 2007.
    """
    return conditional_entropy(gap_of(flows, ORIG), flows.offsets, 5, 5, 100)


@feature(unit="s", serves="anomalous traffic patterns")
def turnaround_median(flows: Flows) -> F64:
    """Median time from an originator's packet to a responder's packet right behind it."""
    turned = (flows.direction == RESP) & (_before(flows) == ORIG)
    return segments.quantile(kept_where(gap(flows), turned), flows.offsets, 0.5)


@feature(unit="1", serves="anomalous traffic patterns")
def turnaround_cv(flows: Flows) -> F64:
    """Coefficient of variation of those times, NaN below three."""
    turned = (flows.direction == RESP) & (_before(flows) == ORIG)
    values = kept_where(gap(flows), turned)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = segments.std(values, flows.offsets) / segments.mean(values, flows.offsets)
    return np.where(segments.count(values, flows.offsets) >= 3, ratio, np.nan)


@feature(unit="1", serves="anomalous traffic patterns")
def turn_share(flows: Flows) -> F64:
    """Share of packets that follow a packet of the other direction."""
    before = _before(flows)
    return segments.mean(np.where(before < 0, np.nan, flows.direction != before), flows.offsets)
