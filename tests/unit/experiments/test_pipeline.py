from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from nalpml import datasets, export
from nalpml.capture.writer import write_pcap
from nalpml.errors import BundleError, ConfigError
from nalpml.experiments import Experiment, data, evaluate, run, studies
from nalpml.generators import MixConfig, generate

CARD = {"intended_use": "Tests.", "out_of_scope": "All else.", "limits": "Tiny."}
MIX = {
    "duration": 120.0,
    "hosts": 10,
    "entry": [
        {"profile": "ping.*", "count": 60},
        {"profile": "dns.*", "count": 30},
        {"profile": "label:icmp_tunnel", "count": 30},
        {"profile": "label:udp_c2", "count": 30},
    ],
}


def experiment(**changes):
    content = {
        "name": "unit",
        "question": "Does it run?",
        "seed": 3,
        "target_fpr": 1e-2,
        "card": CARD,
        "detector": {"n_estimators": 12, "cv": 2, "n_jobs": 1, "num_leaves": 7},
        "windows": {"augment_packets": [8]},
        "generate": [
            {"name": "train", "mix": MIX},
            {"name": "test", "mix": MIX, "seed": 4, "use": "holdout"},
        ],
    }
    return Experiment.model_validate(content | changes)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return run(experiment(), tmp_path_factory.mktemp("run"))


def test_everything_is_where_it_says(result):
    assert list(result.evaluations) == ["held out", "cross-fitted"]
    assert result.report.is_file()
    assert export.load(result.model_dir).id == result.model.id
    assert (result.folder / "mlruns.db").is_file()
    stored = json.loads((result.folder / "evaluation.json").read_text())
    assert stored == json.loads(json.dumps(result.evaluations))
    held = result.evaluations["held out"]
    assert held["roc_auc"] > 0.8
    assert set(held["baselines"]) >= {"payload size rule", "random forest"}
    assert {"permutation_auc", "artefact_auc"} <= set(held)
    assert "(all)" in held["host_pairs"]["by_channel_at_fpr"]
    assert held["detection_delay"]["conversations"]["n"] > 0
    words = (result.folder / "RESULT.md").read_text()
    assert "### held out" in words
    assert "| random forest |" in words
    assert set(result.model.classes) == {"benign", "icmp_tunnel", "udp_c2"}
    json.dumps(result.summary(), allow_nan=False)
    card = (result.model_dir / "MODEL_CARD.md").read_text()
    assert "Tiny." in card
    assert "| train |" in card


def test_the_run_is_kept(result):
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=result.tracking_uri)
    kept = client.get_run(result.run_id)
    assert kept.data.params["seed"] == "3"
    assert kept.data.params["detector.n_estimators"] == "12"
    assert kept.data.metrics["held out.roc_auc"] == pytest.approx(
        result.evaluations["held out"]["roc_auc"]
    )
    found = {i.dataset.name: i.dataset.digest for i in kept.inputs.dataset_inputs}
    assert set(found) == {"train", "held out"}
    assert {"report", "RESULT.md"} <= {a.path for a in client.list_artifacts(result.run_id)}
    pictures = {a.path for a in client.list_artifacts(result.run_id, "report")}
    for name in ("precision_recall", "reliability", "confusion", "detection_delay"):
        assert f"report/held_out_{name}.png" in pictures
    assert "report/shap_summary.png" in pictures
    champion = client.get_model_version_by_alias("unit", "champion")
    assert champion.tags["nalpml.digest"] == result.evaluations["held out"]["digest"]


def test_training_twice_gives_the_same_folder(result, tmp_path):
    again = run(experiment(baselines=False, permutation=False), tmp_path)
    names = {"model.txt", "schema.json", "selftest.json", "model.onnx"}
    for path in result.model_dir.iterdir():
        if path.name in names:
            assert path.read_bytes() == (again.model_dir / path.name).read_bytes(), path.name
    assert again.model.id == result.model.id


def test_evaluate_gives_what_training_gave(result, tmp_path):
    found = evaluate(result.model_dir, [result.folder / "data" / "test"], tmp_path, track=True)
    ours = found.evaluations["evaluation"]
    theirs = result.evaluations["held out"]
    for key in ("n", "recall", "false_positive_rate", "roc_auc", "brier", "by_tool"):
        assert ours[key] == theirs[key], key
    assert found.report.is_file()
    assert found.run_id
    loaded = datasets.load(result.folder / "data" / "test")
    score = result.model.score(loaded.matrix)
    assert ours["recall"] == np.mean(score[loaded.covert] >= result.model.threshold.value)


def test_protocols_judge_unseen_tools(tmp_path):
    made = run(
        experiment(
            protocols=["leave_one_tool_out"],
            generate=[{"name": "train", "mix": MIX}],
            windows={},
            baselines=False,
            permutation=False,
        ),
        tmp_path,
    )
    assert list(made.evaluations) == ["leave one tool out", "cross-fitted"]
    part = made.evaluations["leave one tool out"]
    assert part["n_benign"] == 0 or part["false_positive_rate"] is not None
    assert len(part["by_tool"]) > 1


FAST = {"n_estimators": 8, "cv": 0, "n_jobs": 1, "num_leaves": 7}


def test_protocols_and_studies_over_real_captures(tmp_path, monkeypatch):
    """Protocols and studies on what stands in for real captures, and the runs of each."""
    import mlflow

    monkeypatch.setattr(studies, "PROFILES", (2,))
    monkeypatch.setattr(studies, "PACKETS", (4,))
    captured(tmp_path / "real")
    made = run(
        experiment(
            protocols=["leave_kindred_out", "leave_one_channel_out", "random_rows",
                       "across_networks"],
            studies=["feature_groups", "tools", "profiles", "packets"],
            generate=[{"name": "train", "mix": MIX}],
            captures=[{"path": "real"}],
            windows={},
            detector=FAST,
            baselines=False,
            permutation=False,
        ),
        tmp_path / "out",
        base=tmp_path,
    )  # fmt: skip
    assert list(made.evaluations) == [
        "leave kindred out", "leave one channel out", "random rows", "across networks",
    ]  # fmt: skip
    found = json.loads((made.folder / "studies.json").read_text())
    rows = {study["name"]: [row["what"] for row in study["rows"]] for study in found}
    assert rows["feature groups"][0] == "all features"
    assert {"without payload", "payload alone"} <= set(rows["feature groups"])
    assert rows["packets seen"] == ["4", "whole windows"]
    assert rows["number of profiles"][0] == "2"
    draws = found[2]["rows"][0]
    assert draws["draws"] == 3
    assert draws["spread"][0]["low"] <= draws["pairs"][0]["recall"] <= draws["spread"][0]["high"]
    words = (made.folder / "RESULT.md").read_text()
    assert "**packets seen.**" in words
    client = mlflow.MlflowClient(tracking_uri=made.tracking_uri)
    runs = client.search_runs([client.get_run(made.run_id).info.experiment_id])
    parents = {r.info.run_id: r.data.tags.get("mlflow.parentRunId") for r in runs}
    named = {r.info.run_name: r for r in runs}
    assert parents[named["without payload"].info.run_id] == named["feature_groups"].info.run_id
    fold = named["icmp_tunnel"]
    assert parents[fold.info.run_id] == named["leave_one_channel_out"].info.run_id
    assert fold.data.metrics["n_covert"] > 0
    assert client.list_artifacts(named["leave_kindred_out"].info.run_id, "figures")


def captured(folder):
    """Labelled captures in place of real ones: one a profile, over two network paths."""
    made = generate(MixConfig.model_validate(MIX), seed=5)
    frames = np.split(made.frames.data, made.frames.offsets[1:-1])
    folder.mkdir()
    for number, (tool, rows) in enumerate(made.labels.groupby("tool")):
        own = [frames[i] for i in rows["packet"]]
        name = str(tool).replace(".", "-")
        write_pcap(
            folder / f"{name}.pcap",
            made.frames.time_ns[rows["packet"].to_numpy()],
            np.cumsum([0, *map(len, own)]),
            np.concatenate(own),
        )
        label = str(rows["label"].iloc[0])
        content = {
            "flows": [] if label == "benign" else [{"label": label, "tool": name}],
            "rest": "benign",
            "path": {"name": "lan" if number % 2 else "wan"},
        }
        (folder / f"{name}.json").write_text(json.dumps(content))


def test_the_same_traffic_on_both_sides_is_refused(tmp_path):
    both = [
        {"name": "a", "mix": MIX},
        {"name": "b", "mix": MIX, "use": "holdout"},
    ]
    with pytest.raises(ConfigError, match="flows that training sees"):
        run(experiment(generate=both), tmp_path)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"captures": [{"path": "nowhere"}]}, "nowhere: no such file"),
        ({"generate": [{"name": "a", "file": "no.toml"}]}, "no.toml: cannot be read"),
        (
            {"generate": [{"name": "a", "mix": {"entry": [{"profile": "dns.*", "count": 5}]}}]},
            "no covert windows",
        ),
    ],
)
def test_missing_data_are_named(tmp_path, changes, message):
    with pytest.raises(ConfigError, match=message):
        run(experiment(**changes), tmp_path, base=tmp_path)


def test_unusable_output_and_model(tmp_path, result):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        run(experiment(), tmp_path / "file" / "out")
    with pytest.raises(BundleError, match="no such model folder"):
        evaluate(tmp_path / "none", ["x"], tmp_path)
    with pytest.raises(ConfigError, match="no data"):
        evaluate(result.model_dir, [], tmp_path)


def test_patterns_choose_captures_and_tools(result):
    loaded = datasets.load(result.folder / "data" / "test")
    named = dataclasses.replace(loaded, capture=np.where(loaded.covert, "c", "b"))
    hit = data._matching(named.capture, ("c*",))
    np.testing.assert_array_equal(hit, named.covert)
