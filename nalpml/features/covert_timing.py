"""What the literature computes against covert timing channels, each direction by itself."""

from __future__ import annotations

import zlib

import numpy as np

from .._kernels import covert_timing, rhythm
from ..flows.table import Flows
from ._reduce import row
from ._registry import feature
from ._views import F64, ORIG, RESP, cached, side_gap

__all__: list[str] = []

_LEAST = 50
"""Gaps below which similarity, entropy and compressibility mean nothing."""

_STRETCH = 20
"""Gaps a stretch of the regularity: windows end at 1,000 packets, so fewer than Cabuk's 100."""


@cached
def _similarities(flows: Flows) -> F64:
    # Rows: all and the largest third of the originator, then of the responder.
    parts = [
        covert_timing.epsilon_similarity(
            side_gap(flows), flows.direction, flows.offsets, side, 0.01, _LEAST
        )
        for side in (ORIG, RESP)
    ]
    return np.concatenate(parts)


def _conditional_entropy(flows: Flows, side: int) -> F64:
    result: F64 = covert_timing.conditional_entropy(
        side_gap(flows), flows.direction, flows.offsets, side, 5, 5, 2 * _LEAST
    )
    return result


def _regularity(flows: Flows, side: int) -> F64:
    result: F64 = rhythm.regularity(side_gap(flows), flows.direction, flows.offsets, side, _STRETCH)
    return result


def _compressed(text: bytes) -> int:
    # As gzip -9 without a name: raw deflate and 18 octets around it.
    compressor = zlib.compressobj(9, wbits=-15)
    return len(compressor.compress(text)) + len(compressor.flush()) + 18


def _compressibility(flows: Flows, side: int) -> F64:
    text, bounds = rhythm.gap_codes(
        side_gap(flows), flows.direction, flows.offsets, side, 2 * _LEAST
    )
    result = np.full(len(flows), np.nan)
    for window in np.flatnonzero(np.diff(bounds)):
        written = text[bounds[window] : bounds[window + 1]].tobytes()
        result[window] = len(written) / _compressed(written)
    return result


@feature(unit="1", serves="anomalous traffic patterns")
def epsilon_similarity_orig(flows: Flows) -> F64:
    """Share of sorted inter-arrival times within 1 % of the next, NaN below 50.

    lambda_i = (T_(i+1) - T_i) / T_i over ascending times of the originator, 0 where T_i = 0.
    Source: Cabuk, Brodley and Shields, "IP covert timing channels", CCS 2004.

    >>> shown(epsilon_similarity_orig, "timing", "duplex")
    [0.9932, 1.0]
    """
    return row(_similarities(flows), 0)


@feature(unit="1", serves="anomalous traffic patterns")
def epsilon_similarity_resp(flows: Flows) -> F64:
    """The same of the responder's inter-arrival times.

    >>> shown(epsilon_similarity_resp, "duplex")
    [0.9907]
    """
    return row(_similarities(flows), 2)


@feature(unit="1", serves="anomalous traffic patterns")
def epsilon_similarity_top_orig(flows: Flows) -> F64:
    """Epsilon-similarity over the longest third of the originator's inter-arrival times.

    Noise that hides a timing channel among short gaps leaves the long ones (the improved form
    of Zillien and Wendzel's eps-kalibur study).

    >>> shown(epsilon_similarity_top_orig, "timing")
    [1.0]
    """
    return row(_similarities(flows), 1)


@feature(unit="1", serves="anomalous traffic patterns")
def epsilon_similarity_top_resp(flows: Flows) -> F64:
    """The same of the responder's inter-arrival times.

    >>> shown(epsilon_similarity_top_resp, "duplex")
    [1.0]
    """
    return row(_similarities(flows), 3)


@feature(unit="bit", serves="anomalous traffic patterns")
def conditional_entropy_orig(flows: Flows) -> F64:
    """Corrected conditional entropy of the originator's inter-arrival times, NaN below 100.

    Times are binned into five equiprobable symbols of the window itself; the result is the
    minimum over pattern lengths m <= 5 of CE(m) + perc(m) EN(1), with perc(m) the share of
    patterns of length m that occur once among n - m + 1. Source: Gianvecchio and Wang,
    "Detecting covert timing channels", CCS 2007.

    >>> shown(conditional_entropy_orig, "timing", "duplex")
    [2.251, 0.6155]
    """
    return _conditional_entropy(flows, ORIG)


@feature(unit="bit", serves="anomalous traffic patterns")
def conditional_entropy_resp(flows: Flows) -> F64:
    """The same of the responder's inter-arrival times.

    >>> shown(conditional_entropy_resp, "duplex")
    [1.161]
    """
    return _conditional_entropy(flows, RESP)


@feature(unit="1", serves="anomalous traffic patterns")
def regularity_orig(flows: Flows) -> F64:
    """Spread of the variability of the originator's inter-arrival times, NaN below 60.

    Non-overlapping stretches of 20 gaps have standard deviations s; the regularity is the
    standard deviation of |s_i - s_j| / s_i over i < j (pairs with s_i = 0 left out). Low for a
    timing channel. Source: Cabuk, Brodley and Shields, CCS 2004, who take stretches of 100.

    >>> shown(regularity_orig, "timing", "duplex")
    [0.02742, 4.329e-10]
    """
    return _regularity(flows, ORIG)


@feature(unit="1", serves="anomalous traffic patterns")
def regularity_resp(flows: Flows) -> F64:
    """The same of the responder's inter-arrival times.

    >>> shown(regularity_resp, "duplex")
    [0.01975]
    """
    return _regularity(flows, RESP)


@feature(unit="1", serves="anomalous traffic patterns")
def compressibility_orig(flows: Flows) -> F64:
    """Compressibility of the originator's inter-arrival times, NaN below 100.

    |S| / |C|: S writes each gap with two significant digits without its integer part, zeros
    behind the point as one letter (0.247 s is ``25``, 0.0247 s ``A25``), C is S under gzip -9.
    High for a timing channel. Source: Cabuk, Brodley and Shields, "IP covert channel
    detection", TISSEC 2009.

    >>> shown(compressibility_orig, "timing", "duplex")
    [3.23, 8.72]
    """
    return _compressibility(flows, ORIG)


@feature(unit="1", serves="anomalous traffic patterns")
def compressibility_resp(flows: Flows) -> F64:
    """The same of the responder's inter-arrival times.

    >>> shown(compressibility_resp, "duplex")
    [7.517]
    """
    return _compressibility(flows, RESP)
