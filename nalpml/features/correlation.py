"""Does a size or a pause depend on the one before it: structure that a distribution hides.

r = 1 - sum d^2 / (2 (n - 1) s^2), where d are the steps between neighbours of a side and s^2 is
the variance of its n values: von Neumann's ratio ("Distribution of the ratio of the mean square
successive difference to the variance", 1941), scaled to a lag-1 correlation. About 0 for
independent values, 1 for runs and trends, -1 for two values in turn.
"""

from __future__ import annotations

import numpy as np

from ..flows.table import Flows
from ._reduce import from_count, ratio, total
from ._registry import feature
from ._views import F64, ORIG, RESP, cached, kept_where, of_side, payload_size, side_gap, side_steps

__all__: list[str] = []

_LEAST = 8
"""Values below which nothing is said."""


def _correlation(flows: Flows, values: F64, steps: F64, side: int) -> F64:
    kept = of_side(flows, values, side)
    number = total(flows, np.where(np.isnan(kept), 0.0, 1.0))
    mean = ratio(total(flows, kept), number)
    variance = ratio(total(flows, kept**2), number) - mean**2
    # Rounding leaves about 1e-16 of the squares where all values are equal.
    spread = np.where(variance > 1e-9 * (1.0 + mean**2), variance, 0.0)
    squares = total(flows, of_side(flows, steps, side) ** 2)
    result = np.clip(1.0 - ratio(squares, 2.0 * (number - 1.0) * spread), -1.0, 1.0)
    return from_count(_LEAST, number, result)


@cached
def _size_steps(flows: Flows) -> F64:
    return side_steps(flows, payload_size(flows))


@cached
def _pauses(flows: Flows) -> F64:
    pause = side_gap(flows)
    return kept_where(np.log10(np.maximum(pause, 1e-6)), ~np.isnan(pause))


@cached
def _pause_steps(flows: Flows) -> F64:
    return side_steps(flows, _pauses(flows))


@feature(unit="1", serves="abnormal data")
def size_correlation_orig(flows: Flows) -> F64:
    """Lag-1 correlation of payload lengths from the originator, NaN below eight or all equal.

    >>> shown(size_correlation_orig, "ping", "sol")
    [nan, 0.0009115]
    """
    return _correlation(flows, payload_size(flows), _size_steps(flows), ORIG)


@feature(unit="1", serves="abnormal data")
def size_correlation_resp(flows: Flows) -> F64:
    """Lag-1 correlation of payload lengths from the responder, NaN below eight or all equal.

    >>> shown(size_correlation_resp, "ping", "tunnel")
    [nan, 0.958]
    """
    return _correlation(flows, payload_size(flows), _size_steps(flows), RESP)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_correlation_orig(flows: Flows) -> F64:
    """Lag-1 correlation of log10 inter-arrival times of the originator (floor 1 us).

    Near 0 for symbols of a timing channel; NaN below eight or all equal.

    >>> shown(iat_correlation_orig, "timing")
    [0.103]
    """
    return _correlation(flows, _pauses(flows), _pause_steps(flows), ORIG)


@feature(unit="1", serves="anomalous traffic patterns")
def iat_correlation_resp(flows: Flows) -> F64:
    """Lag-1 correlation of log10 inter-arrival times of the responder (floor 1 us).

    >>> shown(iat_correlation_resp, "duplex")
    [-0.507]
    """
    return _correlation(flows, _pauses(flows), _pause_steps(flows), RESP)
