"""Experiments that must fail: if they do not, the evaluation is broken."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

from nalpml.channels import BENIGN
from nalpml.datasets import Dataset, leave_kindred_out
from nalpml.datasets.dataset import CAPTURED
from nalpml.errors import ConfigError
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


def artefacts(data: Dataset) -> pd.DataFrame:
    """What a capture betrays about how it was made, and nothing about its payloads or rhythm.

    Parameters
    ----------
    data : Dataset
        Any.

    Returns
    -------
    DataFrame, shape (n, k)
        Time of day and second's fraction of the start, seconds since the capture's first window,
        last part of both addresses, the originator's port, the window's number, windows in the
        capture; those that the identity columns allow.
    """
    identity = data.identity
    start = identity["start"].to_numpy(dtype=np.float64)
    found = {
        "time_of_day": start % 86400,
        "fraction": start % 1,
        "since": start - pd.Series(start).groupby(data.capture).transform("min").to_numpy(),
        "windows": pd.Series(start).groupby(data.capture).transform("size").to_numpy(),
    }
    for side in ("src", "dst"):
        last = [re.split(r"[.:]", str(address))[-1] or "0" for address in identity[side]]
        found[side] = np.array([int(part, 16) for part in last])
    for name in ("sport", "window"):
        if name in identity.columns:
            found[name] = identity[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.DataFrame(found).astype(np.float32)


def artefact_auc(data: Dataset, *, seed: int, **parameters: Any) -> float:
    """Area under the ROC curve from artefacts alone, on kindred tools left out; chance is 0.5.

    Parameters
    ----------
    data : Dataset
        With real captures.
    seed : int
        Of the detector.
    **parameters
        Of `CovertChannelDetector`.

    Returns
    -------
    float
        Each capture counts once for its covert and once for its benign windows; NaN without real
        captures of two families.
    """
    real = data.take(data.source == CAPTURED)
    X, score = artefacts(real), np.full(len(real), np.nan)
    try:
        splits = list(leave_kindred_out(real, n_splits=4))
    except ConfigError:
        return float("nan")
    for split in splits:
        truth = real.covert[split.train]
        if truth.all() or not truth.any():
            continue
        detector = CovertChannelDetector(random_state=seed, cv=0, **parameters)
        detector.fit(
            X.iloc[split.train], np.where(truth, "covert", BENIGN), real.groups[split.train]
        )
        score[split.test] = detector.covert_score(X.iloc[split.test])
    judged = ~np.isnan(score)
    truth = real.covert[judged]
    if len(np.unique(truth)) < 2:
        return float("nan")
    part = np.char.add(real.capture[judged], np.where(truth, "+", "-"))
    code, count = np.unique(part, return_inverse=True, return_counts=True)[1:]
    return float(roc_auc_score(truth, score[judged], sample_weight=1.0 / count[code]))
