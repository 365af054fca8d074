from __future__ import annotations

import copy
import importlib.machinery
import importlib.util
import subprocess
import sys

import lightgbm
import numpy as np
import pytest

from nalpml.errors import BundleError
from nalpml.export import lgbm


def test_equals_the_python_package_to_the_bit(model, X):
    reference = lightgbm.Booster(model_str=model.model_text)
    booster = lgbm.Booster(model.model_text)
    for ours, options in (
        (booster.raw(X), {"raw_score": True}),
        (booster.probabilities(X), {}),
        (booster.contributions(X), {"pred_contrib": True}),
    ):
        theirs = np.asarray(reference.predict(X, **options))
        np.testing.assert_array_equal(ours.reshape(len(X), -1), theirs.reshape(len(X), -1))


def test_contributions_sum_to_the_margin(model, X):
    np.testing.assert_allclose(
        model.booster.contributions(X).sum(axis=2), model.booster.raw(X), atol=1e-9
    )


def test_no_rows(model):
    assert model.booster.raw(np.zeros((0, 6), dtype=np.float32)).shape[0] == 0


def test_threads_do_not_change_values(model, X):
    one, two = (lgbm.Booster(model.model_text, threads=n).raw(X) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_a_copy_scores_the_same(model, X):
    np.testing.assert_array_equal(copy.deepcopy(model.booster).raw(X), model.booster.raw(X))


def test_wrong_width_is_refused(model):
    with pytest.raises(BundleError, match=r"shape \(2, 5\) was given; the model takes \(n, 6\)"):
        model.booster.raw(np.zeros((2, 5), dtype=np.float32))


@pytest.mark.parametrize(
    "text",
    ["", "hello", "tree\nversion=v4\nnum_class=1\nend of trees\n"],
    ids=["empty", "text", "cut"],
)
def test_not_a_model_is_refused(text):
    with pytest.raises(BundleError, match=r"model\.txt"):
        lgbm.Booster(text)


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BundleError, match="pip install lightgbm"):
        lgbm.library_path()


def test_missing_library_is_named(monkeypatch, tmp_path):
    spec = importlib.machinery.ModuleSpec("lightgbm", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(BundleError, match=str(tmp_path)):
        lgbm.library_path()


def test_scoring_needs_neither_lightgbm_nor_sklearn_in_python(model, tmp_path):
    (tmp_path / "model.txt").write_text(model.model_text)
    code = (
        "import sys, pathlib, numpy as np; from nalpml.export import lgbm;"
        f"b = lgbm.Booster(pathlib.Path({str(tmp_path / 'model.txt')!r}).read_text());"
        "b.raw(np.zeros((1, 6), dtype=np.float32));"
        "print(sorted({'lightgbm', 'sklearn', 'mlflow', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
