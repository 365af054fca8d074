from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nalpml import tracking
from nalpml.datasets import Dataset
from nalpml.errors import ConfigError
from nalpml.features import Schema
from nalpml.models import CovertChannelDetector

NAMES = ("a", "b")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 2)).astype(np.float32), columns=list(NAMES))
    X.iloc[3, 1] = np.nan
    y = np.where(X["a"] > 0.3, "socks", "benign")
    text = np.full(200, "x")
    identity = pd.DataFrame({"start": np.arange(200.0)})
    schema = Schema("flow", tuple((n, 1) for n in NAMES))
    return Dataset(X, y, text, text, np.full(200, "captured"), identity, schema, "toy")


@pytest.fixture(scope="module")
def logged(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    detector = CovertChannelDetector(n_estimators=5, cv=2)
    model = detector.fit(data.X, data.y).to_model(data.schema)
    model.save(folder / "model")
    with tracking.run("unit", "one", folder=folder, tags={"kind": "test"}) as run:
        run.params({"seed": 1, "detector": {"cv": 2}})
        run.metrics({"roc_auc": 0.9, "text": "no", "none": None, "by_tool": {"a b(c)": {"n": 3}}})
        run.dataset(data, context="training")
        run.artifact(folder / "model" / "MODEL_CARD.md", to="card")
        run.artifact(folder / "model", to="bundle")
        uri = run.model(model, folder / "model", example=data.X.head(4))
        with tracking.run("unit", "fold", folder=folder) as inner:
            inner.metrics({"auc": 1})
        child = inner.id
    return folder, run, child, uri, model


def test_everything_is_in_the_store(logged, data):
    import mlflow

    folder, run, child, _, _ = logged
    assert run.uri == tracking.default_uri(folder)
    assert (folder / "mlruns.db").is_file()
    client = mlflow.MlflowClient(tracking_uri=run.uri)
    stored = client.get_run(run.id)
    assert stored.info.status == "FINISHED"
    assert stored.data.params == {"seed": "1", "detector.cv": "2"}
    assert stored.data.metrics == {"roc_auc": 0.9, "by_tool.a b_c_.n": 3}
    assert stored.data.tags["kind"] == "test"
    dataset = stored.inputs.dataset_inputs[0].dataset
    assert (dataset.name, dataset.digest) == ("toy", data.digest)
    assert client.get_run(child).data.tags["mlflow.parentRunId"] == run.id
    names = {a.path for a in client.list_artifacts(run.id)}
    assert {"card", "bundle"} <= names
    assert (folder / "mlartifacts").is_dir()
    assert not (folder / "mlruns").exists()


def test_logged_model_scores_the_same_and_nothing_is_pickled(logged, data):
    import mlflow

    folder, run, _, uri, model = logged
    mlflow.set_tracking_uri(run.uri)
    loaded = mlflow.pyfunc.load_model(uri)
    mlflow.set_tracking_uri(None)
    np.testing.assert_array_equal(loaded.predict(data.X)["score"], model.score(data.matrix))
    assert loaded.metadata.metadata["schema"] == data.schema.digest
    assert [c.name for c in loaded.metadata.signature.inputs] == list(NAMES)
    example = loaded.metadata.saved_input_example_info
    assert example is not None
    assert not [p for p in folder.rglob("*") if p.suffix in (".pkl", ".pickle", ".joblib")]


def test_standing_alone(logged, data, tmp_path):
    import mlflow

    folder, _, _, _, model = logged
    made = tracking.save_model(model, folder / "model", tmp_path / "m", example=data.X.head(2))
    found = mlflow.pyfunc.load_model(str(made)).predict(data.X.head(5))
    np.testing.assert_array_equal(found["score"], model.score(data.matrix[:5]))
    with pytest.raises(ConfigError, match="is not empty"):
        tracking.save_model(model, folder / "model", made, example=data.X.head(2))


def test_a_failing_run_is_marked(logged):
    import mlflow

    folder = logged[0]
    with pytest.raises(RuntimeError, match="stop"), tracking.run("unit", "bad", folder=folder) as r:
        raise RuntimeError("stop")
    assert mlflow.MlflowClient(tracking_uri=r.uri).get_run(r.id).info.status == "FAILED"
    assert mlflow.active_run() is None


def test_an_unusable_store_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    opening = tracking.run("unit", "x", folder=tmp_path / "file")
    with pytest.raises(ConfigError, match="tracking store") as caught, opening:
        pass
    assert "\n" not in str(caught.value)


def test_the_store_in_use_before_is_in_use_again(tmp_path, monkeypatch):
    import mlflow

    before = mlflow.get_tracking_uri()
    with tracking.run("unit", "x", folder=tmp_path / "a") as run:
        assert mlflow.get_tracking_uri() == run.uri
    assert mlflow.get_tracking_uri() == before
    named = f"sqlite:///{tmp_path}/named.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", named)
    with tracking.run("unit", "x", folder=tmp_path / "a") as run:
        assert run.uri == named
    given = f"sqlite:///{tmp_path}/given.db"
    with tracking.run("unit", "x", folder=tmp_path / "a", tracking_uri=given) as run:
        assert run.uri == given


def test_nothing_is_printed(data, tmp_path, capfd):
    with tracking.run("quiet", "x", folder=tmp_path) as run:
        run.params({"a": 1})
        run.dataset(data, context="training")
    out, err = capfd.readouterr()
    assert out == ""
    assert err == ""
    assert json.dumps(run.id)
