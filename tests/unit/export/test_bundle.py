from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np
import pytest

from nalpml import features
from nalpml.errors import BundleError, SchemaError
from nalpml.export import Threshold, bundle, load


@pytest.fixture
def folder(model, tmp_path, monkeypatch, schema):
    monkeypatch.setattr(features, "schema", lambda level="flow": schema)
    return model.save(tmp_path / "m")


def edit(folder, name, change):
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))


def test_round_trip(model, folder, X):
    again = load(folder)
    np.testing.assert_array_equal(again.score(X), model.score(X))
    np.testing.assert_array_equal(again.samples, model.samples)
    assert (again.label(X) == model.label(X)).all()
    assert again.id == model.id
    assert again.id.startswith("unit-")
    assert (again.classes, again.threshold, again.calibration) == (
        model.classes,
        model.threshold,
        model.calibration,
    )
    assert {p.name for p in folder.iterdir()} >= {
        "model.txt",
        "schema.json",
        "model.json",
        "selftest.json",
        "MODEL_CARD.md",
    }


def test_saving_twice_gives_the_same_bytes(model, folder, tmp_path):
    other = model.save(tmp_path / "again")
    for path in folder.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name


def test_probabilities_scores_and_contributions_fit_together(model, X):
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(model.score(X), 1 - p[:, 0], atol=1e-12)
    assert (model.label(X) == np.array(model.classes)[p.argmax(axis=1)]).all()
    c = model.contributions(X)
    assert c.shape == X.shape
    assert np.corrcoef(c.sum(axis=1), np.log(p[:, 1:].sum(axis=1) / p[:, 0]))[0, 1] > 0.95


def test_other_features_are_named(model, folder, monkeypatch, schema):
    changed = features.Schema("flow", (("f0", 2), *schema.features[1:-1], ("new", 1)))
    monkeypatch.setattr(features, "schema", lambda level="flow": changed)
    with pytest.raises(SchemaError, match="3 features differ") as caught:
        load(folder)
    assert all(name in str(caught.value) for name in ("f0 (r1 wanted, r2 here)", "f5", "new"))
    assert "\n" not in str(caught.value)
    assert load(folder, check_schema=False).id == model.id


@pytest.mark.parametrize("name", ["model.txt", "schema.json", "selftest.json"])
def test_a_changed_file_is_named(folder, name):
    with (folder / name).open("a") as file:
        file.write("\n")
    with pytest.raises(BundleError, match=f"{name}: differs from its sha256"):
        load(folder)


@pytest.mark.parametrize("name", ["model.txt", "schema.json", "selftest.json", "model.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"{name} cannot be read"):
        load(folder)


def test_a_missing_folder_and_a_file_in_its_place(tmp_path):
    with pytest.raises(BundleError, match="no such model folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="no such model folder"):
        load(tmp_path / "file")


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda c: c.update(format=99), "format 99 is not known"),
        (lambda c: c.update(classes=["benign"]), "classes must be a list"),
        (lambda c: c.update(classes=["benign", "a", "b", "c"]), "4 classes need 4"),
        (lambda c: c["threshold"].pop("value"), "threshold is not complete"),
        (lambda c: c["calibration"].update(method="x"), "calibration.method"),
        (lambda c: c["calibration"].update(slope=3.0), "self-test is not reproduced"),
        (lambda c: c.update(sha256=[]), "sha256 must be an object"),
    ],
)
def test_a_damaged_head_is_named(folder, change, message):
    edit(folder, "model.json", change)
    with pytest.raises(BundleError, match=message):
        load(folder)


def test_not_json(folder):
    (folder / "model.json").write_text("{")
    with pytest.raises(BundleError, match="not JSON"):
        load(folder)


def test_self_test_of_another_shape(folder):
    text = json.dumps({"format": 1, "rows": [[1, 2]], "scores": [0.5]})
    (folder / "selftest.json").write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    edit(folder, "model.json", lambda c: c["sha256"].update({"selftest.json": digest}))
    with pytest.raises(BundleError, match="selftest"):
        load(folder)


def test_unwritable(model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot be written"):
        model.save(tmp_path / "file" / "m")


def test_without_onnx_no_stale_export_stays(model, folder):
    model.save(folder, with_onnx=False)
    assert not (folder / "model.onnx").exists()
    assert load(folder).id == model.id


def test_card_says_what_is_known_and_what_is_not(model, folder):
    card = (folder / "MODEL_CARD.md").read_text()
    assert model.id in card
    assert model.schema.digest in card
    assert "Not stated in the experiment file." in card
    told = dataclasses.replace(
        model,
        meta={
            "card": {"limits": "Sees no VMCI."},
            "data": [{"dataset": "lab", "windows": 10, "covert": 4, "groups": 2, "digest": "ab"}],
            "parameters": {"seed": 1},
            "evaluation": {
                "n": 10,
                "n_covert": 4,
                "n_groups": 2,
                "recall_at_fpr": [{"fpr": 1e-3, "recall": None, "low": None, "high": None}],
            },
        },
    )
    text = bundle.card.render(told)
    assert "Sees no VMCI." in text
    assert "| lab | 10 | 4 | 2 | ab |" in text
    assert "| recall at FPR 0.001 | not estimable |" in text


def test_threshold_round_trip():
    t = Threshold(0.9, 0.8, 0.95, 1e-3, 0.0005, 20_000, True)
    assert Threshold.from_dict(t.to_dict()) == t
