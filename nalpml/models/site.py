"""A site's own traffic: what alerts a day mean, and who looks covert among what is presumed benign.

Numbers in, numbers out; `nalpml.experiments.site` reads captures and writes models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.channels import BENIGN
from nalpml.export import Threshold
from nalpml.models.threshold import CEILING, FLOOR

F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

DAY = 86_400.0

ENOUGH = 10
"""Alerts that must be expected in the captures for their rate to be estimated from them."""


def observed_seconds(spans: F64) -> float:
    """Time that captures cover, counting once what several cover (two taps of one network).

    Parameters
    ----------
    spans : ndarray, shape (n, 2), float64
        First and last second of each capture.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> observed_seconds(np.array([[0.0, 60.0], [30.0, 90.0], [500.0, 510.0]]))
    100.0
    """
    total, reached = 0.0, -np.inf
    for first, last in sorted(map(tuple, np.asarray(spans, dtype=np.float64).reshape(-1, 2))):
        total += max(last - max(first, reached), 0.0)
        reached = max(reached, last)
    return float(total)


def rate_interval(count: int, days: float) -> tuple[float, float]:
    """95 % interval of a rate from a count (Garwood 1936: exact for a Poisson count).

    Parameters
    ----------
    count : int
        Alerts seen.
    days : float
        Days they were seen in.

    Returns
    -------
    tuple of float
        Alerts a day. Alerts of one flow come together, so the truth is wider.

    Examples
    --------
    >>> rate_interval(0, 1.0)
    (0.0, 3.688...)
    """
    from scipy.stats import chi2

    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(0.975, 2 * (count + 1))) / 2
    return low / days, high / days


def choose_for_volume(
    score: F64,
    groups: npt.NDArray[Any],
    days: float,
    alerts_per_day: float,
    *,
    least: Threshold,
    seed: int = 0,
) -> Threshold:
    """Least threshold at which a site's traffic gives at most so many alerts a day.

    Parameters
    ----------
    score : ndarray, shape (n,), float64
        Scores of the site's windows, presumed benign and not trained on.
    groups : ndarray, shape (n,)
        What is resampled for the interval: pairs of hosts.
    days : float
        Days the windows were seen in.
    alerts_per_day : float
        What whoever looks at alerts can take.
    least : Threshold
        The model's own. It is lowered only where the captures are long enough to show that this
        is affordable, and raised on any evidence.
    seed : int
        Of the resampling.

    Returns
    -------
    Threshold
        Between `FLOOR` and `CEILING`. Its rates are of windows: ``target_fpr`` is what the
        wanted alerts are of the site's windows, ``fpr`` what the threshold gives here. Where
        fewer than `ENOUGH` alerts are to be expected in the captures, ``estimable`` is False:
        the threshold then lies above all but a few scores, and a longer capture may move it.
    """
    if not len(score):
        return least
    expected = alerts_per_day * days
    ordered = np.sort(score)[::-1]
    value = _above(ordered, np.ones(len(ordered)), expected)
    code = np.unique(groups, return_inverse=True)[1]
    sorted_code = code[np.argsort(-score, kind="stable")]
    n_groups = int(code.max()) + 1
    rng = np.random.default_rng(seed)
    even = np.full(n_groups, 1 / n_groups)
    draws = [
        _above(ordered, rng.multinomial(n_groups, even)[sorted_code], expected) for _ in range(200)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    if expected < ENOUGH:
        value, high = max(value, least.value), max(high, least.value)
    return Threshold(
        value=value,
        low=float(min(low, value)),
        high=float(max(high, value)),
        target_fpr=min(expected / len(score), 1.0),
        fpr=float((score >= value).mean()),
        negatives=len(score),
        estimable=expected >= ENOUGH,
    )


def _above(ordered: F64, weight: npt.NDArray[Any], allowed: float) -> float:
    """Threshold on falling scores that lets a weight of at most ``allowed`` through."""
    total = np.cumsum(weight)
    first = int(np.searchsorted(total, allowed, side="right"))
    if first >= len(ordered):
        return FLOOR
    return float(np.clip(np.nextafter(ordered[first], np.inf), FLOOR, CEILING))


@dataclass(frozen=True)
class Presumed:
    """How far each presumed benign window is believed.

    Attributes
    ----------
    weight : ndarray, shape (n,), float64
        1 - score of windows that are kept; 0 of suspects.
    suspect : ndarray, shape (n,), bool
        Windows that a model which had not seen their pair or responder scores as alerts.
    assumed, found : float
        Share of covert windows that was allowed for, and that of suspects.
    """

    weight: F64
    suspect: Bool
    assumed: float
    found: float

    @property
    def exceeded(self) -> bool:
        """Whether more looks covert than was allowed for."""
        return self.found > self.assumed


def presume(score: F64, *, threshold: float, assumed: float) -> Presumed:
    """Weigh windows that are presumed benign by scores of models that had not seen them.

    Learning from unlabelled windows as benign teaches a model to be silent about whatever covert
    traffic is among them. So each is scored by trees that were trained without its responder,
    with the rest of the site as benign: what the site does in many places is then ordinary, and
    what only one responder sees still stands out. What would alert is left out of training, and
    the rest weighs as much as it is believed to be benign, the expectation over the unknown label
    (Elkan and Noto, KDD 2008).

    Parameters
    ----------
    score : ndarray, shape (n,), float64
        Calibrated P(covert); NaN where no fold judged a window, which is then believed.
    threshold : float
        Where an alert begins.
    assumed : float
        Share of windows that may be covert.

    Returns
    -------
    Presumed
        Weights and shares.

    Examples
    --------
    >>> found = presume(np.array([0.1, 0.999, np.nan]), threshold=0.9, assumed=0.01)
    >>> found.weight.tolist(), found.exceeded
    ([0.9, 0.0, 1.0], True)
    """
    known = np.nan_to_num(score, nan=0.0)
    suspect = known >= threshold
    weight = np.where(suspect, 0.0, 1.0 - known)
    found = float(suspect.mean()) if len(score) else 0.0
    return Presumed(weight, suspect, assumed, found)


POINTS = 101


def score_curve(score: F64, label: npt.NDArray[np.str_]) -> dict[str, Any]:
    """Quantiles of covert windows' scores: from them, recall at any threshold.

    Parameters
    ----------
    score : ndarray, shape (n,), float64
        Scores of windows by trees that had not seen their tool; NaN where there are none.
    label : ndarray, shape (n,), str
        Truth.

    Returns
    -------
    dict
        By channel, and ``all``: ``n`` and `POINTS` quantiles in rising order, JSON values.
    """
    seen = ~np.isnan(score) & (label != BENIGN)
    parts = {"all": seen, **{str(name): seen & (label == name) for name in np.unique(label[seen])}}
    levels = np.linspace(0, 1, POINTS)
    return {
        name: {
            "n": int(rows.sum()),
            "quantiles": [float(f"{q:.8g}") for q in np.quantile(score[rows], levels)],
        }
        for name, rows in parts.items()
        if rows.any()
    }


def recall_on_curve(curve: dict[str, Any], threshold: float) -> dict[str, float]:
    """Recall at a threshold, by channel, to a hundredth.

    Parameters
    ----------
    curve : dict
        From `score_curve`.
    threshold : float
        Where an alert begins.

    Returns
    -------
    dict of str to float
        As `score_curve` names them.

    Examples
    --------
    >>> curve = score_curve(np.linspace(0, 1, 1001), np.full(1001, "socks"))
    >>> recall_on_curve(curve, 0.75)
    {'all': 0.25, 'socks': 0.25}
    """
    found = {}
    for name, part in curve.items():
        quantiles = np.asarray(part["quantiles"], dtype=np.float64)
        below = float(np.interp(threshold, quantiles, np.linspace(0, 1, len(quantiles)), 0, 1))
        if threshold > quantiles[-1]:
            below = 1.0
        found[name] = round(1 - below, 4)
    return found
