import lightgbm
import numpy as np
import pytest

from nalpml.export.lgbm import Booster
from nalpml.models._join import join


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 4)).astype(np.float32)
    return X, (X[:, 0] > 0.3).astype(int), (X[:, 1] > 0).astype(int) + (X[:, 2] > 1)


def train(X, y, rounds, **settings):
    settings = {"verbosity": -1, "num_leaves": 5, "min_data_in_leaf": 5, **settings}
    return lightgbm.train(settings, lightgbm.Dataset(X, label=y), rounds).model_to_string()


def test_columns_are_those_of_the_two_models(rows):
    X, benign, channel = rows
    one = train(X, benign, 7, objective="binary")
    many = train(X, channel, 7, objective="multiclass", num_class=3)
    raw = Booster(join(one, many)).raw(X)
    np.testing.assert_array_equal(raw[:, :1], Booster(one).raw(X))
    np.testing.assert_array_equal(raw[:, 1:], Booster(many).raw(X))


def test_lightgbm_predicts_the_benign_model_in_column_0(rows):
    X, benign, channel = rows
    one = train(X, benign, 4, objective="binary")
    many = train(X, channel, 4, objective="multiclass", num_class=3)
    whole = lightgbm.Booster(model_str=join(one, many))
    expected = lightgbm.Booster(model_str=one).predict(X)
    np.testing.assert_allclose(whole.predict(X)[:, 0], expected, rtol=1e-12)
    assert whole.feature_name() == ["Column_0", "Column_1", "Column_2", "Column_3"]


def test_a_model_that_stopped_early_is_filled_with_nothing(rows):
    X, benign, channel = rows
    one = train(X, benign, 6, objective="binary")
    short = train(np.zeros_like(X), channel, 6, objective="multiclass", num_class=3)
    assert short.count("Tree=") == 3
    raw = Booster(join(one, short)).raw(X)
    np.testing.assert_array_equal(raw[:, :1], Booster(one).raw(X))
    np.testing.assert_array_equal(raw[:, 1:], Booster(short).raw(X))


def test_a_model_of_another_shape_is_refused(rows):
    X, benign, _ = rows
    one = train(X, benign, 3, objective="binary")
    with pytest.raises(ValueError, match="0 trees cannot be shared out"):
        join(one, one.partition("Tree=0")[0] + "end of trees")
