from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from nalpml.models import metrics


def scores(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    covert = rng.random(n) < 0.3
    return covert, np.round(rng.normal(size=n) + 1.5 * covert, 2)


@pytest.mark.parametrize("fpr", [0.0, 1e-3, 1e-2, 0.1, 1.0])
def test_recall_at_fpr_equals_sklearn(fpr):
    covert, s = scores()
    false, true, _ = roc_curve(covert, s, drop_intermediate=False)
    assert metrics.recall_at_fpr(covert, s, fpr) == pytest.approx(true[false <= fpr].max())


def test_weights_equal_repetition():
    covert, s = scores(200)
    times = np.random.default_rng(1).integers(0, 3, 200)
    assert metrics.recall_at_fpr(covert, s, 0.05, times.astype(float)) == pytest.approx(
        metrics.recall_at_fpr(np.repeat(covert, times), np.repeat(s, times), 0.05)
    )


def test_one_kind_only_has_no_recall():
    assert np.isnan(metrics.recall_at_fpr(np.ones(3, bool), np.ones(3), 0.1))
    assert np.isnan(metrics.recall_at_fpr(np.zeros(3, bool), np.ones(3), 0.1))


def test_not_estimable_below_ten_over_fpr():
    covert, s = scores(2000)
    groups = np.arange(2000).astype(str)
    rows = metrics.at_fprs(covert, s, groups, fprs=(1e-2, 1e-4), seed=0, n_boot=20)
    assert rows[0]["recall"] is not None
    assert rows[0]["low"] <= rows[0]["recall"] <= rows[0]["high"]
    assert rows[1]["recall"] is None
    assert rows[1]["needed"] == 100_000


def test_interval_over_groups_is_wider_than_over_rows():
    covert, s = scores(3000)
    group = np.where(covert, np.arange(3000) % 5, 5 + np.arange(3000) % 5)
    s = s + np.random.default_rng(2).normal(0, 1, 10)[group]
    by_group = metrics.bootstrap_recall(covert, s, group.astype(str), [0.05], seed=0)[0.05]
    by_row = metrics.bootstrap_recall(covert, s, np.arange(3000).astype(str), [0.05], seed=0)[0.05]
    assert by_group[1] - by_group[0] > 2 * (by_row[1] - by_row[0])


def test_wilson_known_values():
    assert metrics.wilson(10, 10)[1] == 1.0
    low, high = metrics.wilson(50, 100)
    assert (round(low, 4), round(high, 4)) == (0.4038, 0.5962)
    assert metrics.wilson(0, 0) == (0.0, 1.0)


def test_predictive_value_of_the_literature():
    # Axelsson's table at recall 0.9: 0.09 % at FPR 1e-2, 8.3 % at 1e-4, base rate 1e-5.
    assert metrics.predictive_value(0.9, 1e-2, 1e-5) == pytest.approx(9e-4, rel=0.01)
    assert metrics.predictive_value(0.9, 1e-4, 1e-5) == pytest.approx(0.0826, rel=0.01)
    assert metrics.predictive_value(0.0, 0.0, 0.1) == 0.0


def test_calibration_of_honest_and_of_boastful_scores():
    rng = np.random.default_rng(0)
    s = rng.random(50_000)
    covert = rng.random(50_000) < s
    assert metrics.calibration_error(metrics.reliability(covert, s)) < 0.01
    assert metrics.calibration_error(metrics.reliability(covert, np.ones(50_000))) > 0.4
    assert metrics.calibration_error([]) == 0.0


def test_confusion_counts():
    truth, found = np.array(["a", "a", "b"]), np.array(["a", "b", "b"])
    assert metrics.confusion(truth, found, ["a", "b"]) == [[1, 1], [0, 1]]


def test_curve_ends_at_one():
    covert, s = scores(500)
    points = metrics.curve_points(covert, s)
    assert points["fpr"][-1] == points["recall"][-1] == 1.0
    assert len(points["fpr"]) == len(np.unique(s))
    assert metrics.curve_points(np.zeros(0, bool), np.zeros(0))["fpr"] == []
