"""Train LightGBM reproducibly: weights, folds, parameters."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from nalpml.models._join import join

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

# LightGBM writes names into its text format, where these characters mean something.
_NAME = re.compile(r"[A-Za-z0-9_.]+")


def feature_names(names: Any, width: int) -> list[str]:
    """Column names that LightGBM's text format can hold, else ``Column_0`` and so on."""
    texts = [str(name) for name in names] if names is not None else []
    if len(texts) == width and all(_NAME.fullmatch(text) for text in texts):
        return texts
    return [f"Column_{i}" for i in range(width)]


def balance_weights(
    target: I64, groups: I64 | None, power: float, benign_share: float | None = None
) -> F64:
    """Row weights by which no group rules its class and no class rules the rest.

    Within a class, group ``g`` of ``n_g`` rows weighs ``n_g ** power`` in all; a covert class of
    ``n_c`` rows weighs ``n_c ** power``; benign weighs ``benign_share`` of everything, so that
    what is unlike anything known leans to a side that was chosen and not to one that was counted.

    Parameters
    ----------
    target : ndarray, shape (n,), int64
        Class codes; benign is 0.
    groups : ndarray, shape (n,), int64, optional
        Group codes; without them only classes are balanced.
    power : float
        1 leaves rows of a class as they are; 0 gives every covert class, and every group of a
        class, the same total.
    benign_share : float, optional
        In (0, 1); without it benign is a class like others.

    Returns
    -------
    ndarray, shape (n,), float64
        Mean 1.
    """
    weight = np.ones(len(target))
    for code in np.unique(target):
        rows = np.flatnonzero(target == code)
        if groups is not None:
            _, group, count = np.unique(groups[rows], return_inverse=True, return_counts=True)
            weight[rows] = count[group] ** (power - 1.0)
        weight[rows] *= len(rows) ** power / weight[rows].sum()
    benign = target == 0
    if benign_share is not None and benign.any() and not benign.all():
        odds = benign_share / (1 - benign_share)
        weight[benign] *= odds * weight[~benign].sum() / weight[benign].sum()
    result: F64 = weight / weight.mean()
    return result


def folds(target: I64, groups: I64 | None, n_splits: int, seed: int) -> Iterator[tuple[I64, I64]]:
    """Pairs of row numbers to learn from and to judge on; no group is on both sides.

    Parameters
    ----------
    target : ndarray, shape (n,), int64
        Class codes; benign is 0.
    groups : ndarray, shape (n,), int64, optional
        Group codes; without them every row is a group.
    n_splits : int
        Wanted number of folds; fewer where there are fewer groups.
    seed : int
        Shuffles groups.

    Yields
    ------
    tuple of ndarray
        Folds whose training side lacks benign or covert rows are left out.
    """
    if groups is None:
        n_splits = min(n_splits, int(np.bincount(target).min()))
    else:
        n_splits = min(n_splits, len(np.unique(groups)))
    if n_splits < 2:
        return
    splitter = (StratifiedKFold if groups is None else StratifiedGroupKFold)(
        n_splits=n_splits, shuffle=True, random_state=seed
    )
    with warnings.catch_warnings():
        # A channel with fewer tools than folds is judged in fewer folds; nothing is wrong.
        warnings.filterwarnings("ignore", message="The least populated class")
        pairs = list(splitter.split(np.zeros((len(target), 1)), target, groups))
    for learn, judge in pairs:
        benign = target[learn] == 0
        if benign.any() and not benign.all() and len(judge):
            yield learn, judge


def train(
    X: F32,
    target: I64,
    weight: F64,
    names: list[str],
    n_classes: int,
    n_estimators: int,
    parameters: dict[str, Any],
    *,
    channel_leaves: int = 7,
) -> str:
    """Train and return the model as text.

    Two classes make a binary model. More make two models in one text: benign against all else,
    and the covert classes among covert rows alone (:mod:`nalpml.models._join`).

    Parameters
    ----------
    X : ndarray, shape (n, n_features), float32
        Features.
    target : ndarray, shape (n,), int64
        Class codes; benign is 0.
    weight : ndarray, shape (n,), float64
        Row weights.
    names : list of str
        Feature names.
    n_classes : int
        Classes in all, also where a fold lacks some.
    n_estimators : int
        Rounds.
    parameters : dict
        LightGBM parameters besides those that make training reproducible.
    channel_leaves : int
        Leaves of a tree that tells covert channels apart.

    Returns
    -------
    str
        LightGBM text model: the same input gives the same bytes.
    """
    covert = target > 0

    def boost(rows: Any, label: I64, settings: dict[str, Any]) -> str:
        every = {
            "deterministic": True,
            "force_row_wise": True,
            "feature_pre_filter": False,
            "verbosity": -1,
            **parameters,
            **settings,
        }
        data = lightgbm.Dataset(
            X[rows],
            label=label,
            weight=weight[rows],
            feature_name=names,
            params=every,
            free_raw_data=True,
        )
        booster = lightgbm.train(every, data, num_boost_round=n_estimators)
        return str(booster.model_to_string())

    everything = slice(None)
    if n_classes == 2:
        return boost(everything, covert.astype(np.int64), {"objective": "binary"})
    return join(
        boost(everything, (~covert).astype(np.int64), {"objective": "binary"}),
        boost(
            covert,
            target[covert] - 1,
            {
                "objective": "multiclass",
                "num_class": n_classes - 1,
                "num_leaves": channel_leaves,
            },
        ),
    )
