"""Experiments that must fail: if they do not, the evaluation is broken."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from nalpml.channels import BENIGN
from nalpml.models.detector import CovertChannelDetector

F32 = npt.NDArray[np.float32]
Text = npt.NDArray[np.str_]


def permutation_auc(X: F32, y: Text, groups: Text, *, seed: int, **parameters: Any) -> float:
    """Area under the ROC curve after labels were shuffled among groups; chance is 0.5.

    Groups keep their rows and swap their labels, so what a group's rows have in common can be
    learnt, and what makes traffic covert cannot. Judged on held-out groups.

    Parameters
    ----------
    X : ndarray, shape (n, n_features), float32
        Features.
    y : ndarray, shape (n,), str
        Labels.
    groups : ndarray, shape (n,), str
        Tool or capture of each row.
    seed : int
        Seed of the shuffle and of the detector.
    **parameters
        Of `CovertChannelDetector`.

    Returns
    -------
    float
        NaN when there are too few groups to judge.
    """
    names, code = np.unique(groups, return_inverse=True)
    share = np.bincount(code, weights=y != BENIGN) / np.bincount(code)
    shuffled = np.random.default_rng(seed).permutation(share > 0.5)
    truth = shuffled[code]
    if len(names) < 4 or truth.all() or not truth.any():
        return float("nan")
    detector = CovertChannelDetector(random_state=seed, **parameters)
    detector.fit(X, np.where(truth, "covert", BENIGN), groups)
    judged = ~np.isnan(detector.cross_fitted_)
    if len(np.unique(truth[judged])) < 2:
        return float("nan")
    # A group counts once: groups of many rows would make chance itself vary widely.
    weight = 1.0 / np.bincount(code)[code]
    return float(
        roc_auc_score(truth[judged], detector.cross_fitted_[judged], sample_weight=weight[judged])
    )
