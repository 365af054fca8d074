from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from nalpml.errors import SchemaError
from nalpml.features import Schema
from nalpml.models import CovertChannelDetector, _boost

SMALL = {"n_estimators": 15, "cv": 2, "min_child_samples": 2, "n_jobs": 1, "target_fpr": 1e-2}

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row of weight 2 counts once where a leaf needs min_child_samples rows, where histogram "
        "bins are chosen and where folds are drawn; a repeated row counts twice"
    ),
}


@parametrize_with_checks(
    [CovertChannelDetector(**SMALL)], expected_failed_checks=lambda _: EXPECTED_FAILURES
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def data(n=900, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 4)).astype(np.float32), columns=list("abcd"))
    X[X > 2.5] = np.nan
    groups = rng.integers(0, 9, n)
    y = np.where(X["a"].fillna(0) > 0.7, "zz_tunnel", "benign").astype(object)
    y[X["b"].fillna(0) > 1.3] = "alpha_c2"  # sorts before benign
    return X, y.astype(str), groups


@pytest.fixture(scope="module")
def fitted():
    X, y, groups = data()
    return CovertChannelDetector(**SMALL).fit(X, y, groups)


def test_benign_is_found_wherever_it_sorts(fitted):
    X, y, _ = data(seed=1)
    assert fitted.classes_.tolist() == ["alpha_c2", "benign", "zz_tunnel"]
    assert fitted.benign_ == "benign"
    p = fitted.predict_proba(X)
    np.testing.assert_allclose(fitted.covert_score(X), 1 - p[:, 1], atol=1e-12)
    assert (fitted.predict(X) == y).mean() > 0.9
    np.testing.assert_array_equal(
        fitted.alert(X), fitted.covert_score(X) >= fitted.threshold_.value
    )


def test_model_scores_as_the_detector(fitted):
    X, _, _ = data(seed=2)
    model = fitted.to_model(Schema("flow", tuple((c, 1) for c in X.columns)), {"name": "x"})
    assert model.classes == ("benign", "alpha_c2", "zz_tunnel")
    np.testing.assert_array_equal(model.score(X.to_numpy()), fitted.covert_score(X))
    assert (model.label(X.to_numpy()) == fitted.predict(X)).all()
    assert len(model.samples) == 16


def test_model_refuses_another_schema(fitted):
    for names in ("abc", "abdc"):
        with pytest.raises(SchemaError, match="trained on 4 columns"):
            fitted.to_model(Schema("flow", tuple((c, 1) for c in names)))


def test_training_twice_gives_the_same_bytes():
    X, y, groups = data()
    one, two = (
        CovertChannelDetector(**SMALL, bagging_fraction=0.7, extra_trees=True, random_state=5).fit(
            X, y, groups
        )
        for _ in range(2)
    )
    assert one.model_text_ == two.model_text_
    assert (one.threshold_, one.calibration_) == (two.threshold_, two.calibration_)


def test_cross_fitted_scores_come_from_other_groups():
    # Labels that only the group explains: fitted scores would be right, held-out ones are chance.
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 20)
    X = np.repeat(rng.normal(size=(40, 5)), 20, axis=0)
    y = np.where(rng.random(40)[groups] > 0.5, "socks", "benign")
    d = CovertChannelDetector(**SMALL).fit(X, y, groups)
    truth = y == "socks"
    assert d.predict(X)[truth].tolist().count("socks") > 0.9 * truth.sum()
    assert abs(np.corrcoef(d.cross_fitted_, truth)[0, 1]) < 0.5


def test_threshold_keeps_its_promise_on_cross_fitted_benign(fitted):
    X, y, groups = data(3000, seed=3)
    d = CovertChannelDetector(**SMALL).fit(X, y, groups)
    benign = d.cross_fitted_[y == "benign"]
    assert (benign >= d.threshold_.value).mean() <= 1e-2
    assert d.threshold_.negatives == len(benign)
    assert d.threshold_.low <= d.threshold_.value <= d.threshold_.high


def test_one_fold_or_one_group_leaves_the_raw_score():
    X, y, _ = data(300)
    for d in (
        CovertChannelDetector(**{**SMALL, "cv": 0}).fit(X, y),
        CovertChannelDetector(**SMALL).fit(X, y, np.zeros(300)),
    ):
        assert np.isnan(d.cross_fitted_).all()
        assert d.calibration_.slope == 1.0
        assert not d.threshold_.estimable


def test_balance_gives_every_group_of_a_class_the_same_say():
    target = np.array([0] * 90 + [1] * 10)
    groups = np.array([0] * 80 + [1] * 10 + [2] * 9 + [3])
    w = _boost.balance_weights(target, groups, 0.0)
    total = [w[groups == g].sum() for g in range(4)]
    np.testing.assert_allclose(total, total[0])
    np.testing.assert_allclose(_boost.balance_weights(target, groups, 1.0), 1.0)


def test_benign_has_the_share_that_was_asked_for():
    target = np.repeat([0, 1, 2, 3], [10, 100, 30, 5])
    w = _boost.balance_weights(target, None, 0.5, 0.25)
    assert w[target == 0].sum() == pytest.approx(w[target > 0].sum() / 3)
    assert w[target == 1].sum() == pytest.approx(w[target == 3].sum() * np.sqrt(20))
    assert w.mean() == pytest.approx(1)


def test_folds_never_share_a_group():
    rng = np.random.default_rng(0)
    target, groups = rng.integers(0, 3, 300), rng.integers(0, 12, 300)
    pairs = list(_boost.folds(target, groups, 4, 0))
    assert len(pairs) == 4
    for learn, judge in pairs:
        assert not set(groups[learn]) & set(groups[judge])


def test_odd_column_names_do_not_reach_the_text_format():
    assert _boost.feature_names(["a b", "c"], 2) == ["Column_0", "Column_1"]
    assert _boost.feature_names(["iat_mean", "x"], 2) == ["iat_mean", "x"]


def test_groups_of_another_length():
    X, y, groups = data(50)
    with pytest.raises(ValueError, match="inconsistent"):
        CovertChannelDetector(**SMALL).fit(X, y, groups[:-1])
