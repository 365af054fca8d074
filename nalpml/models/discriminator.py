"""Two-sample test by classifier: how well two sets of windows can be told apart.

Lopez-Paz and Oquab, "Revisiting classifier two-sample tests" (ICLR 2017), with folds that keep a
capture together, because windows of one capture are near copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from nalpml.models._boost import balance_weights, feature_names

__all__ = ["Told", "cross_scores", "discriminate"]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Told:
    """What a discriminator could tell.

    Attributes
    ----------
    auc : float
        Area under the ROC curve on held-out groups; 0.5 is chance, NaN when it cannot be judged.
    interval : tuple of float
        95 %, by resampling groups.
    beyond : float
        Share of positives that score above 99 % of the negatives: not covered by them.
    importance : list of (str, float)
        Features by their share of the gain, falling.
    scores : float64 array, shape (n,)
        Held-out probability of being positive.
    """

    auc: float
    interval: tuple[float, float]
    beyond: float
    importance: list[tuple[str, float]]
    scores: F64


def discriminate(
    X: F32,
    y: Bool,
    groups: npt.NDArray[Any],
    names: list[str],
    *,
    seed: int,
    n_splits: int = 4,
    n_estimators: int = 60,
    resamples: int = 400,
) -> Told:
    """Train on some groups, judge on the others.

    Parameters
    ----------
    X : ndarray, shape (n, n_features), float32
        Features.
    y : ndarray, shape (n,), bool
        True for one of the two sets.
    groups : ndarray, shape (n,)
        What never lies on both sides of a fold.
    names : list of str
        Feature names.
    seed : int
        Of folds, trees and resampling.
    n_splits, n_estimators, resamples : int
        Folds at most, trees, and bootstrap samples.

    Returns
    -------
    Told
    """
    import lightgbm

    target = y.astype(np.int64)
    _, code = np.unique(groups, return_inverse=True)
    sides = [len(np.unique(code[y])), len(np.unique(code[~y]))]
    splitter = StratifiedGroupKFold(
        n_splits=max(2, min(n_splits, *sides)), shuffle=True, random_state=seed
    )
    settings = {
        "objective": "binary",
        "learning_rate": 0.1,
        "num_leaves": 15,
        "min_child_samples": 5,
        "feature_fraction": 0.5,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
        "seed": seed,
    }
    columns = feature_names(names, X.shape[1])
    scores = np.full(len(y), np.nan)
    gain = np.zeros(X.shape[1])
    for learn, judge in splitter.split(X, target, code):
        weight = balance_weights(target[learn], code[learn], 0.0, 0.5)
        data = lightgbm.Dataset(
            X[learn], label=target[learn], weight=weight, feature_name=columns, params=settings
        )
        booster = lightgbm.train(settings, data, num_boost_round=n_estimators)
        scores[judge] = booster.predict(X[judge])
        gain += booster.feature_importance("gain")
    order = np.argsort(-gain, kind="stable")
    total = max(float(gain.sum()), 1e-12)
    return Told(
        auc=_auc(y, scores, code),
        interval=_interval(y, scores, code, seed, resamples),
        beyond=float((scores[y] > np.quantile(scores[~y], 0.99)).mean()),
        importance=[(names[i], float(gain[i] / total)) for i in order if gain[i] > 0],
        scores=scores,
    )


def _auc(y: Bool, scores: F64, code: npt.NDArray[np.int64]) -> float:
    # A group counts once a side, as in training.
    weight = 1.0 / np.bincount(code)[code]
    if y.all() or not y.any():
        return float("nan")
    return float(roc_auc_score(y, scores, sample_weight=weight))


def _interval(
    y: Bool, scores: F64, code: npt.NDArray[np.int64], seed: int, resamples: int
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(code == g) for g in range(int(code.max()) + 1)]
    sides = [[g for g, r in enumerate(rows) if y[r[0]] == side] for side in (False, True)]
    found = []
    for _ in range(resamples):
        drawn = [int(g) for side in sides for g in rng.choice(side, len(side))]
        index = np.concatenate([rows[g] for g in drawn])
        fresh = np.repeat(np.arange(len(drawn)), [len(rows[g]) for g in drawn])
        found.append(_auc(y[index], scores[index], fresh))
    low, high = np.nanquantile(found, (0.025, 0.975))
    return float(low), float(high)


def cross_scores(
    X: F32, y: Bool, groups: npt.NDArray[Any], weight: F64, *, seed: int, n_estimators: int = 40
) -> F64:
    """Score every row by a model that was trained on the other groups.

    Parameters
    ----------
    X : ndarray, shape (n, n_features), float32
        Features.
    y : ndarray, shape (n,), bool
        What is to be told.
    groups : ndarray, shape (n,)
        One model is trained without each.
    weight : ndarray, shape (n,), float64
        Row weights.
    seed : int
        Of the trees.
    n_estimators : int
        Trees.

    Returns
    -------
    ndarray, shape (n,), float64
        Probability of being true.
    """
    import lightgbm

    settings = {
        "objective": "binary",
        "num_leaves": 15,
        "min_child_samples": 20,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
        "seed": seed,
    }
    scores = np.full(len(y), np.nan)
    for group in np.unique(groups):
        held = groups == group
        data = lightgbm.Dataset(
            X[~held], label=y[~held].astype(np.int64), weight=weight[~held], params=settings
        )
        scores[held] = lightgbm.train(settings, data, num_boost_round=n_estimators).predict(X[held])
    return scores
