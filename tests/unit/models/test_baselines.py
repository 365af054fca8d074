from __future__ import annotations

import numpy as np
import pandas as pd

from nalpml.models import baselines, controls


def test_rules_read_their_features_and_miss_none():
    X = pd.DataFrame(
        {
            "size_mean_orig": [10.0, np.nan],
            "size_mean_resp": [30.0, np.nan],
            "icmp_changed_share": [0, 1],
        }
    )
    assert baselines.payload_size(X).tolist() == [30, 0]
    assert baselines.payload_entropy(X).tolist() == [0, 0]
    assert baselines.reply_differs(X).tolist() == [0, 1]


def test_every_baseline_scores_rows_with_missing_values():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(400, 3)), columns=["size_mean_orig", "b", "c"])
    covert = X["b"].to_numpy() > 0
    X[rng.random(X.shape) < 0.1] = np.nan
    X["c"] = np.nan  # a feature without any evidence
    found = baselines.scores(X[:300], covert[:300], X[300:], n_jobs=1, max_rows=200)
    assert set(found) >= {*baselines.RULES, "logistic regression", "random forest"}
    for name, score in found.items():
        assert score.shape == (100,), name
        assert np.isfinite(score).all(), name
    forest = found["random forest"]
    assert forest[covert[300:]].mean() > forest[~covert[300:]].mean() + 0.3


def test_shuffled_labels_give_chance():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 10)
    y = np.where(groups % 2, "socks", "benign")
    X = (rng.normal(size=(600, 5)) + (groups % 2)[:, None]).astype(np.float32)
    auc = controls.permutation_auc(
        X, y, groups.astype(str), seed=0, n_estimators=20, cv=3, n_jobs=1
    )
    assert 0.3 < auc < 0.7


def test_too_few_groups_cannot_be_judged():
    X = np.zeros((4, 1), dtype=np.float32)
    y = np.array(["socks", "benign"] * 2)
    assert np.isnan(controls.permutation_auc(X, y, np.array(["a", "b"] * 2), seed=0))
