from __future__ import annotations

import numpy as np
import pytest

from nalpml.errors import BundleError
from nalpml.export import trees


def score(parsed, n_outputs, row):
    """The slow obvious forest."""
    total = np.zeros(n_outputs)
    for number, tree in enumerate(parsed):
        node = 0 if len(tree.feature) else -1
        while node >= 0:
            x = row[tree.feature[node]]
            left = tree.nan_left[node] if np.isnan(x) else x <= tree.threshold[node]
            node = tree.left[node] if left else tree.right[node]
        total[number % n_outputs] += tree.leaf[-1 - node]
    return total


def test_trees_score_as_lightgbm_does(model, X):
    parsed = trees.parse(model.model_text)
    ours = np.array([score(parsed, model.booster.n_outputs, row) for row in X[:80]])
    np.testing.assert_allclose(ours, model.booster.raw(X[:80]), atol=1e-12)


def test_values_that_lightgbm_reads_as_zero():
    field = "num_leaves=4 split_feature=0,0,0 threshold=-1e-35,0,1e-40 decision_type=8,8,8 "
    field += "left_child=-1,-2,-3 right_child=1,2,-4 leaf_value=1,2,3,4"
    block = "0\n" + "\n".join(field.replace(",", ";").split()).replace(";", " ")
    tree = trees.parse(f"tree\n\nTree={block}\nend of trees")[0]
    zero = np.float64(np.float32(1e-35))
    assert tree.threshold[0] < -zero < 0
    np.testing.assert_array_equal(tree.threshold[1:], zero)


def test_rounding_down_keeps_every_comparison():
    rng = np.random.default_rng(0)
    threshold = np.r_[
        rng.normal(size=2000), rng.normal(size=2000) * 1e30, 0.0, 1e300, -1e300, 1e-42
    ]
    down = trees.to_float32_down(threshold)
    with np.errstate(over="ignore"):
        near = threshold.astype(np.float32)
    for x in (
        near,
        np.nextafter(near, np.float32(-np.inf)),
        np.nextafter(near, np.float32(np.inf)),
    ):
        finite = np.isfinite(x)
        np.testing.assert_array_equal(
            x[finite].astype(np.float64) <= threshold[finite], x[finite] <= down[finite]
        )


def test_threshold_rows_lie_at_thresholds(model, X):
    parsed = trees.parse(model.model_text)
    made = trees.threshold_rows(parsed, X, seed=0, n=64)
    used = np.unique(np.concatenate([t.feature for t in parsed]))
    limit = float(np.finfo(np.float32).max)
    threshold = np.concatenate([t.threshold for t in parsed]).clip(-limit, limit)
    threshold = threshold.astype(np.float32)
    assert np.isfinite(made[:, used]).all()
    for column in used:
        gap = np.abs(made[:, column, None] - threshold[None]).min(axis=1)
        assert (gap <= np.abs(made[:, column]) * 2.5e-7).all()


@pytest.mark.parametrize(
    "change, message",
    [
        (("decision_type=", "decision_type=1 "), "categorical"),
        (("leaf_value=", "leaf_values="), "not complete"),
        (("is_linear=0", "is_linear=1"), "linear"),
        (("split_feature=", "split_feature=0 "), "different lengths"),
    ],
)
def test_what_cannot_be_read_is_named(model, change, message):
    with pytest.raises(BundleError, match=message):
        trees.parse(model.model_text.replace(*change))
