"""Recall of one case at one strength, by windows and by sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset
from nalpml.models.metrics import wilson

F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Text = npt.NDArray[np.str_]

__all__ = ["Point", "Share", "point", "share"]

RESAMPLES = 500


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval.

    Attributes
    ----------
    value, low, high : float
        In [0, 1].
    n : int
        Of how many.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Point:
    """One strength of one case, on one channel.

    Attributes
    ----------
    case, channel : str
        Which.
    strength : float
        How strongly.
    windows, sessions : dict of str to Share
        By threshold: share of windows that alert; share of sessions (pairs of hosts) of which at
        least one window does.
    false_alerts : Share or None
        Ordinary windows of the same captures that alert at the model's own threshold.
    """

    case: str
    channel: str
    strength: float
    windows: dict[str, Share]
    sessions: dict[str, Share]
    false_alerts: Share | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        from dataclasses import asdict

        return asdict(self)


def share(hit: Bool, unit: Text, *, seed: int) -> Share:
    """A share of rows, with an interval that resamples units.

    Parameters
    ----------
    hit : ndarray, shape (n,), bool
        Which rows count.
    unit : ndarray, shape (n,), str
        What is resampled: rows of a unit are near copies.
    seed : int
        Of the resampling.

    Returns
    -------
    Share
        The interval is the wider of the resampled one and Wilson's over units, since all or
        none of a few has no spread of its own.
    """
    code = np.unique(unit, return_inverse=True)[1]
    units = int(code.max()) + 1 if len(code) else 0
    if not units:
        return Share(float("nan"), 0.0, 1.0, 0)
    hits = np.bincount(code, weights=hit, minlength=units)
    sizes = np.bincount(code, minlength=units)
    rng = np.random.default_rng(seed)
    weight = rng.multinomial(units, np.full(units, 1 / units), RESAMPLES)
    drawn = np.quantile((weight @ hits) / (weight @ sizes), [0.025, 0.975])
    value = float(hits.sum() / sizes.sum())
    low, high = wilson(round(value * units), units)
    return Share(value, min(low, float(drawn[0])), max(high, float(drawn[1])), len(hit))


def point(
    data: Dataset,
    score: F64,
    rows: Bool,
    *,
    case: str,
    channel: str,
    strength: float,
    thresholds: Mapping[str, float],
    seed: int,
    false_alerts: Share | None = None,
) -> Point:
    """Measure some covert windows.

    Parameters
    ----------
    data : Dataset
        All windows.
    score : ndarray, shape (n,), float64
        Their scores.
    rows : ndarray, shape (n,), bool
        The covert windows of the case.
    case, channel, strength
        For the table.
    thresholds : mapping of str to float
        By name.
    seed : int
        Of the resampling.
    false_alerts : Share, optional
        Passed through.

    Returns
    -------
    Point
        Measured.
    """
    session = data.host_pairs[rows]
    windows, sessions = {}, {}
    for name, threshold in thresholds.items():
        alert = score[rows] >= threshold
        windows[name] = share(alert, session, seed=seed)
        pairs, number = np.unique(session, return_inverse=True)
        found = np.zeros(len(pairs), dtype=bool)
        np.logical_or.at(found, number, alert)
        sessions[name] = share(found, pairs, seed=seed)
    return Point(case, channel, strength, windows, sessions, false_alerts)
