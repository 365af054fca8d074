"""Repeats over seeds and the search: what is trained, what is judged, what is never seen."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nalpml.errors import ConfigError
from nalpml.experiments import searching
from nalpml.experiments.data import Prepared
from nalpml.models import CovertChannelDetector
from tests.unit.datasets.conftest import make
from tests.unit.experiments.test_protocols import ROWS

HELD = [("socks", "sockd", f"held-{k}", "captured") for k in range(4) for _ in range(5)]
HELD += [("benign", "", f"quiet-{k}", "captured") for k in range(4) for _ in range(5)]


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    train, held = make(ROWS), make(HELD)
    # One feature tells a little, so that trainings differ and none is perfect.
    for data, seed in ((train, 1), (held, 2)):
        values = np.random.default_rng(seed).random(len(data)) + 0.5 * data.covert
        data.X[data.X.columns[0]] = values.astype(np.float32)
    return Prepared(train, None, held, (train,), 0)


def fast() -> CovertChannelDetector:
    return CovertChannelDetector(
        n_estimators=6, cv=0, min_child_samples=2, bagging_fraction=0.5, feature_fraction=0.2
    )


def test_each_seed_is_a_training_of_its_own(prepared: Prepared) -> None:
    study = searching.seeds(prepared, fast, 7)
    assert [row["what"] for row in study.rows] == ["seed 7", "seed 8", "seed 9", "mean of these"]
    assert len({row["pr_auc"] for row in study.rows[:3]}) > 1
    again = searching.seeds(prepared, fast, 7)
    assert [r["pr_auc"] for r in again.rows] == [r["pr_auc"] for r in study.rows]


def test_the_search_is_reproducible_and_never_sees_what_is_held_out(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna")
    monkeypatch.setattr(searching, "TRIALS", 3)
    sizes = []
    score = searching.trained_score

    def watched(detector, learn, judged):  # type: ignore[no-untyped-def]
        assert not set(learn.capture) & set(prepared.holdout.capture)  # type: ignore[union-attr]
        sizes.append((len(learn), judged is prepared.holdout))
        return score(detector, learn, judged)

    monkeypatch.setattr(searching, "trained_score", watched)
    study = searching.search(prepared, fast, 1)
    assert [row["what"] for row in study.rows] == ["as configured", "best found"]
    # Trials and the beginning on folds, and then the two on what is held out.
    assert [held for _, held in sizes].count(True) == 2
    assert sizes[-1] == sizes[-2] == (len(prepared.train), True)
    assert searching.search(prepared, fast, 1).note == study.note


def test_nothing_held_out_is_refused(prepared: Prepared) -> None:
    for study in (searching.seeds, searching.search):
        with pytest.raises(ConfigError, match="held-out"):
            study(dataclasses.replace(prepared, holdout=None), fast, 1)
