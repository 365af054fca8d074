from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nalpml.datasets import Dataset
from nalpml.errors import SchemaError
from nalpml.features import Schema
from nalpml.models import CovertChannelDetector, evaluation

NAMES = ("a", "b")


def toy(n=600, seed=0, shift=3.0):
    rng = np.random.default_rng(seed)
    covert = rng.random(n) < 0.4
    tool = np.where(covert, np.where(rng.random(n) < 0.5, "t1", "t2"), "")
    X = pd.DataFrame(rng.normal(size=(n, 2)).astype(np.float32), columns=list(NAMES))
    X["a"] += (shift * covert).astype(np.float32)
    start = rng.uniform(0, 100, n)
    identity = pd.DataFrame(
        {
            "start": start,
            "end": start + 1,
            "src": [f"10.0.0.{i}" for i in rng.integers(0, 20, n)],
            "dst": np.where(covert, "10.9.9.9", "10.8.8.8"),
            "packets": [[3, 2]] * n,
        }
    )
    return Dataset(
        X,
        np.where(covert, "icmp_tunnel", "benign"),
        tool,
        np.array([f"c{i}" for i in rng.integers(0, 6, n)]),
        np.full(n, "captured"),
        identity,
        Schema("flow", tuple((n, 1) for n in NAMES)),
        "toy",
    )


@pytest.fixture(scope="module")
def model():
    data = toy()
    detector = CovertChannelDetector(n_estimators=20, cv=3, target_fpr=1e-2)
    return detector.fit(data.X, data.y, data.groups).to_model(data.schema)


def test_everything_is_there_and_is_json(model):
    data = toy(seed=1)
    found = evaluation.evaluate_model(model, data, n_boot=20)
    json.dumps(found, allow_nan=False)
    assert found["n"] == 600
    assert found["n_covert"] + found["n_benign"] == 600
    assert found["roc_auc"] > 0.95
    assert set(found["by_tool"]) == {"t1", "t2"}
    assert set(found["by_channel"]) == {"icmp_tunnel"}
    assert sum(sum(row) for row in found["confusion"]) == 600
    assert sum(r["hits"] for r in found["false_alerts"].values()) == round(
        found["false_positive_rate"] * found["n_benign"]
    )
    assert found["recall_at_fpr"][1]["recall"] is None
    assert found["host_pairs"]["recall"] > 0.5
    assert 0 < found["detection_delay"]["seconds"]["median"] < 100
    assert found["digest"] == data.digest


def test_host_pairs_take_the_greatest_score():
    data = toy(60)
    score = np.zeros(60)
    covert_pairs = np.unique(data.host_pairs[data.covert])
    score[np.flatnonzero(data.host_pairs == covert_pairs[0])[0]] = 0.9
    found = evaluation.host_pairs(data, score, 0.5, n_boot=5)
    assert found["n_covert"] == len(covert_pairs)
    assert found["recall"] == pytest.approx(1 / len(covert_pairs))
    assert found["false_alerts"] == 0


def test_benign_only_and_covert_only(model):
    data = toy(seed=3)
    for part in (data.take(data.covert), data.take(~data.covert)):
        found = evaluation.evaluate_model(model, part, n_boot=5)
        json.dumps(found, allow_nan=False)
        assert "roc_auc" not in found
        assert found["base_rates"] == []


def test_no_windows(model):
    found = evaluation.evaluate_model(model, toy(seed=3).take(np.zeros(0, int)), n_boot=5)
    json.dumps(found, allow_nan=False)
    assert found["recall"] is None


def test_worst_rows(model):
    data = toy(seed=4, shift=1.0)
    score = model.score(data.matrix)
    frame = evaluation.scores_frame(data, score, model.label(data.matrix), 0.5, worst=5)
    assert (frame[frame["kind"] == "false alert"]["label"] == "benign").all()
    assert (frame[frame["kind"] == "miss"]["score"] < 0.5).all()
    assert len(frame) == 10
    assert frame["score"][0] == score[~data.covert].max()


def test_another_schema_is_refused(model):
    data = toy()
    other = Dataset(
        data.X.rename(columns={"b": "z"}), data.y, data.tool, data.capture, data.source,
        data.identity, Schema("flow", (("a", 1), ("z", 1))), "other",
    )  # fmt: skip
    with pytest.raises(SchemaError, match="z"):
        evaluation.evaluate_model(model, other)
