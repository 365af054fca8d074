"""Measures that say what an alert is worth; one dictionary of plain numbers per evaluation.

Conventions: positive is covert; a score alerts when it is at or above a threshold; FPR is the
share of benign windows that alert. Where there are fewer than ``10 / FPR`` benign windows, recall
at that FPR is **not estimable** and is ``None``. Intervals are 95 %; those over groups resample
tools and captures, not rows, because windows of one session are near copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.channels import BENIGN

F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Text = npt.NDArray[np.str_]

FPRS = (1e-2, 1e-3, 1e-4)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927).

    Parameters
    ----------
    hits, n : int
        Successes and trials.

    Returns
    -------
    tuple of float
        Low and high.

    Examples
    --------
    >>> wilson(0, 10)
    (0.0, 0.2775...)
    """
    if n == 0:
        return 0.0, 1.0
    z = 1.959964
    p, d = hits / n, 1 + z * z / n
    middle = (p + z * z / (2 * n)) / d
    half = z * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / d
    return (
        0.0 if hits == 0 else max(0.0, middle - half),
        1.0 if hits == n else min(1.0, middle + half),
    )


def recall_at_fpr(covert: Bool, score: F64, fpr: float, weight: F64 | None = None) -> float:
    """Greatest recall whose false positive rate is at most ``fpr``.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        Scores; ties alert together.
    fpr : float
        Allowed rate.
    weight : ndarray, shape (n,), float64, optional
        How often each row counts.

    Returns
    -------
    float
        In [0, 1]; NaN without positives or negatives.

    Examples
    --------
    >>> import numpy as np
    >>> recall_at_fpr(np.array([1, 1, 0, 0], bool), np.array([0.9, 0.4, 0.5, 0.1]), 0.0)
    0.5
    """
    ranked = _rank(covert, score)
    return _recalls(ranked, np.ones(len(score)) if weight is None else weight, [fpr])[0]


def _rank(covert: Bool, score: F64) -> tuple[npt.NDArray[np.int64], Bool, Bool]:
    """Order of falling scores, truth in it, and where a threshold can lie."""
    order = np.argsort(-score, kind="stable")
    s = score[order]
    # A threshold lies behind the last of equal scores.
    return order, covert[order], np.append(s[1:] != s[:-1], True)[: len(s)]


def _recalls(
    ranked: tuple[npt.NDArray[np.int64], Bool, Bool], weight: F64, fprs: Sequence[float]
) -> list[float]:
    """Greatest recall at each allowed rate, NaN without positives or negatives."""
    order, c, last = ranked
    w = weight[order]
    positives, negatives = float(w[c].sum()), float(w[~c].sum())
    if positives == 0 or negatives == 0:
        return [float("nan")] * len(fprs)
    fp = np.cumsum(w * ~c)[last] / negatives
    tp = np.cumsum(w * c)[last] / positives
    places = [int(np.searchsorted(fp, fpr + 1e-12, side="right")) for fpr in fprs]
    return [float(tp[place - 1]) if place else 0.0 for place in places]


def bootstrap_recall(
    covert: Bool, score: F64, groups: Text, fprs: Sequence[float], *, seed: int, n_boot: int = 200
) -> dict[float, tuple[float, float]]:
    """Intervals of recall at stated FPRs, by resampling groups.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        Scores.
    groups : ndarray, shape (n,), str
        Tool or capture of each row.
    fprs : sequence of float
        Allowed rates.
    seed : int
        Seed of the resampling.
    n_boot : int
        Number of resamples; those without a positive or a negative are left out.

    Returns
    -------
    dict of float to (float, float)
        Low and high by FPR; NaN when no resample was usable.
    """
    code = np.unique(groups, return_inverse=True)[1]
    n_groups = int(code.max()) + 1 if len(code) else 0
    rng = np.random.default_rng(seed)
    draws: dict[float, list[float]] = {fpr: [] for fpr in fprs}
    ranked = _rank(covert, score)
    for _ in range(n_boot if n_groups else 0):
        weight = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups))[code].astype(float)
        for fpr, value in zip(fprs, _recalls(ranked, weight, fprs), strict=True):
            draws[fpr].append(value)
    result = {}
    for fpr, values in draws.items():
        usable = np.array(values)[~np.isnan(values)] if values else np.zeros(0)
        low, high = np.quantile(usable, [0.025, 0.975]) if len(usable) else (np.nan, np.nan)
        result[fpr] = (float(low), float(high))
    return result


def reliability(covert: Bool, score: F64, *, bins: int = 10) -> list[dict[str, float]]:
    """Observed share of covert windows against the mean score, in bins of equal width.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        In [0, 1].
    bins : int
        Number of bins; empty ones are left out.

    Returns
    -------
    list of dict
        ``score`` (mean), ``covert`` (share) and ``n`` of each bin.
    """
    number = np.minimum((score * bins).astype(int), bins - 1)
    rows = []
    for k in np.unique(number):
        inside = number == k
        rows.append(
            {
                "score": float(score[inside].mean()),
                "covert": float(covert[inside].mean()),
                "n": int(inside.sum()),
            }
        )
    return rows


def calibration_error(curve: Sequence[dict[str, float]]) -> float:
    """Expected calibration error: mean distance of the reliability curve from the diagonal.

    Parameters
    ----------
    curve : sequence of dict
        From `reliability`.

    Returns
    -------
    float
        Weighted by rows, in [0, 1].
    """
    n = sum(row["n"] for row in curve)
    return sum(row["n"] * abs(row["covert"] - row["score"]) for row in curve) / n if n else 0.0


def predictive_value(recall: float, fpr: float, base_rate: float) -> float:
    """Probability that an alert is true (Axelsson 2000).

    ``PPV = p * recall / (p * recall + (1 - p) * fpr)`` with base rate ``p``.

    Parameters
    ----------
    recall, fpr, base_rate : float
        Rates in [0, 1].

    Returns
    -------
    float
        In [0, 1]; 0 when nothing alerts.

    Examples
    --------
    >>> predictive_value(0.9, 1e-3, 1e-5)
    0.0089...
    """
    true, false = base_rate * recall, (1 - base_rate) * fpr
    return true / (true + false) if true + false > 0 else 0.0


def curve_points(covert: Bool, score: F64) -> dict[str, list[float]]:
    """Points of the ROC and precision-recall curves.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        Scores.

    Returns
    -------
    dict of lists
        ``fpr``, ``recall``, ``precision`` at each distinct threshold, falling.
    """
    order = np.argsort(-score, kind="stable")
    s, c = score[order], covert[order]
    last = np.append(s[1:] != s[:-1], True)[: len(s)]
    tp, fp = np.cumsum(c)[last], np.cumsum(~c)[last]
    return {
        "fpr": (fp / max(1, int((~c).sum()))).tolist(),
        "recall": (tp / max(1, int(c.sum()))).tolist(),
        "precision": (tp / np.maximum(1, tp + fp)).tolist(),
    }


def share_by(names: Text, hit: Bool) -> dict[str, dict[str, Any]]:
    """Share of hits by name, with Wilson intervals.

    Parameters
    ----------
    names : ndarray, shape (n,), str
        Tool, channel or capture of each row.
    hit : ndarray, shape (n,), bool
        Whether the row alerted.

    Returns
    -------
    dict of dict
        ``n``, ``hits``, ``recall`` (the share), ``low``, ``high`` by name. Rows of one tool
        are not independent, so the true interval is wider.
    """
    result: dict[str, dict[str, Any]] = {}
    for name in np.unique(names):
        rows = names == name
        n, hits = int(rows.sum()), int(hit[rows].sum())
        low, high = wilson(hits, n)
        result[str(name)] = {"n": n, "hits": hits, "recall": hits / n, "low": low, "high": high}
    return result


def confusion(truth: Text, found: Text, classes: Sequence[str]) -> list[list[int]]:
    """Counts of true class (rows) by predicted class (columns).

    Parameters
    ----------
    truth, found : ndarray, shape (n,), str
        Labels; each is in ``classes``.
    classes : sequence of str
        Order of rows and columns.

    Returns
    -------
    list of list of int
        ``len(classes)`` square.
    """
    index = {name: i for i, name in enumerate(classes)}
    table = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(table, ([index[t] for t in truth.tolist()], [index[f] for f in found.tolist()]), 1)
    rows: list[list[int]] = table.tolist()
    return rows


def at_fprs(
    covert: Bool, score: F64, groups: Text, *, fprs: Sequence[float], seed: int, n_boot: int = 200
) -> list[dict[str, Any]]:
    """Recall at stated FPRs with intervals; None where it is not estimable.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        Scores.
    groups : ndarray, shape (n,), str
        What is resampled.
    fprs : sequence of float
        Allowed rates.
    seed : int
        Seed of the resampling.
    n_boot : int
        Number of resamples.

    Returns
    -------
    list of dict
        ``fpr``, ``recall``, ``low``, ``high``, ``negatives`` and ``needed`` negatives.
    """
    negatives, positives = int((~covert).sum()), int(covert.sum())
    estimable = [fpr for fpr in fprs if positives and negatives >= 10 / fpr]
    intervals = bootstrap_recall(covert, score, groups, estimable, seed=seed, n_boot=n_boot)
    rows: list[dict[str, Any]] = []
    for fpr in fprs:
        row: dict[str, Any] = {"fpr": fpr, "recall": None, "low": None, "high": None}
        if fpr in intervals:
            low, high = intervals[fpr]
            row |= {"recall": recall_at_fpr(covert, score, fpr)}
            row |= {} if np.isnan(low) else {"low": low, "high": high}
        rows.append(row | {"negatives": negatives, "needed": int(np.ceil(10 / fpr))})
    return rows


def rank_measures(covert: Bool, score: F64) -> dict[str, float]:
    """Threshold-free measures.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth, both kinds present.
    score : ndarray, shape (n,), float64
        Scores.

    Returns
    -------
    dict
        ``pr_auc`` (average precision, at this data's share of covert windows) and ``roc_auc``.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    return {
        "pr_auc": float(average_precision_score(covert, score)),
        "roc_auc": float(roc_auc_score(covert, score)),
    }


def false_alerts(covert: Bool, alert: Bool, capture: Text) -> dict[str, dict[str, Any]]:
    """Benign windows that alert, by capture.

    Parameters
    ----------
    covert, alert : ndarray, shape (n,), bool
        Truth and verdict.
    capture : ndarray, shape (n,), str
        Capture of each row.

    Returns
    -------
    dict of dict
        ``n`` benign windows, ``hits`` alerts, ``recall`` their share, ``low``, ``high``.
    """
    return share_by(capture[~covert], alert[~covert])


def label_truth(y: Text) -> Bool:
    """Whether each label is anything but benign."""
    return np.asarray(y != BENIGN)
