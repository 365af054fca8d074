from __future__ import annotations

import dataclasses
import importlib
import json

import numpy as np
import pytest

from nalpml.errors import BundleError
from nalpml.export import Calibration, trees
from nalpml.export import onnx as export_onnx

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def test_everything_equals_the_model(model, X):
    found = export_onnx.run(export_onnx.to_onnx(model), X)
    np.testing.assert_allclose(found["score"], model.score(X), atol=1e-6)
    np.testing.assert_allclose(found["probabilities"], model.predict_proba(X), atol=1e-6)
    assert (found["label"] == model.label(X)).all()


def test_rows_at_split_thresholds(model, X):
    rows = trees.threshold_rows(trees.parse(model.model_text), X, seed=3, n=2000)
    found = export_onnx.run(export_onnx.to_onnx(model), rows)
    np.testing.assert_allclose(found["score"], model.score(rows), atol=1e-6)


def test_any_number_of_rows_and_none(model, X):
    data = export_onnx.to_onnx(model)
    for n in (0, 1, 7):
        assert export_onnx.run(data, X[:n])["score"].shape == (n,)


def test_the_file_says_what_it_is(model):
    proto = onnx.load_from_string(export_onnx.to_onnx(model))
    said = {p.key: json.loads(p.value) for p in proto.metadata_props}
    assert said["feature_names"] == list(model.schema.names)
    assert said["schema_digest"] == model.schema.digest
    assert said["classes"] == list(model.classes)
    assert said["threshold"] == model.threshold.value
    assert said["calibration"]["slope"] == model.calibration.slope
    assert said["model"] == model.id
    assert proto.producer_name == "nalpml"


def test_same_model_same_bytes(model):
    assert export_onnx.to_onnx(model) == export_onnx.to_onnx(model)


def test_a_differing_export_is_refused(model, X):
    other = dataclasses.replace(model, calibration=Calibration(0.5, 1.0))
    with pytest.raises(BundleError, match="the export is refused"):
        export_onnx.check_parity(model, export_onnx.to_onnx(other), X)


def test_missing_package_is_named(model, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(BundleError, match=r"pip install nalpml\[onnx\]"):
        export_onnx.to_onnx(model)
