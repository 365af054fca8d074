from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from nalpml import export
from nalpml.allow import AllowList
from nalpml.errors import ConfigError
from nalpml.experiments import Experiment, run
from nalpml.experiments.site import SiteOptions, calibrate, text
from nalpml.export import Threshold
from nalpml.generators import MixConfig, generate

CARD = {"intended_use": "Tests.", "out_of_scope": "All else.", "limits": "Tiny."}
MIX = {
    "duration": 120.0,
    "hosts": 10,
    "entry": [
        {"profile": "ping.*", "count": 40},
        {"profile": "dns.*", "count": 20},
        {"profile": "label:icmp_tunnel", "count": 30},
    ],
}
OWN = {
    "duration": 600.0,
    "hosts": 8,
    "entry": [{"profile": "ping.*", "count": 30}, {"profile": "label:icmp_tunnel", "count": 2}],
}


def experiment() -> Experiment:
    return Experiment.model_validate(
        {
            "name": "unit",
            "question": "Does it know the site?",
            "seed": 3,
            "target_fpr": 1e-2,
            "card": CARD,
            "baselines": False,
            "permutation": False,
            "detector": {"n_estimators": 12, "cv": 2, "n_jobs": 1, "num_leaves": 7},
            "generate": [{"name": "train", "mix": MIX}],
        }
    )


@pytest.fixture(scope="module")
def captures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    generate(MixConfig.model_validate(OWN), seed=5).write(folder)
    (folder / "broken.pcap").write_bytes(b"not a capture at all")
    return folder


@pytest.fixture(scope="module")
def learnt(captures, tmp_path_factory):
    options = SiteOptions(captures, alerts_per_day=2000, contamination=0.001)
    return run(experiment(), tmp_path_factory.mktemp("run"), site=options)


def test_training_with_a_site_tells_before_and_after(learnt):
    story = learnt.site
    assert story["captures"] == 1
    assert len(story["unreadable"]) == 1
    assert story["after"]["threshold"] == learnt.model.threshold.value
    assert 0 < story["learnt_from"] < story["windows"]
    told = text(story)
    assert "recall, training tools held out" in told
    assert "Contamination assumed: at most 0.1 %" in told
    assert "look at these before this model is relied on" in told
    assert "Own traffic, before and after" in learnt.report.read_text()


def test_covert_traffic_among_a_sites_own_is_not_learnt_as_benign(learnt):
    part = learnt.site["contamination"]
    assert part["windows"] >= 2
    assert {who["label"] for who in part["loudest"]} >= {"icmp_tunnel"}


def test_a_model_folder_names_no_host_of_the_site(learnt):
    stored = (learnt.model_dir / "model.json").read_text()
    for who in learnt.site["contamination"]["loudest"]:
        assert who["who"].split()[0] not in stored
    assert "A site's own traffic" in (learnt.model_dir / "MODEL_CARD.md").read_text()
    assert export.load(learnt.model_dir).id == learnt.model.id


def test_calibration_moves_the_threshold_and_no_score(learnt, captures, tmp_path):
    model = dataclasses.replace(learnt.model, threshold=Threshold(value=0.9))
    found = calibrate(model, [captures], alerts_per_day=5000, out=tmp_path / "moved")
    again = export.load(found.folder)
    assert again.threshold.value == found.story["after"]["threshold"] != 0.9
    assert again.model_text == model.model_text
    assert found.story["after"]["per_day"] <= 5000
    assert found.story["after"]["recall"]["training tools held out"]["all"] > 0
    assert json.loads((found.folder / "model.json").read_text())["meta"]["site"]["table"]
    rows = np.zeros((1, len(model.schema.names)), np.float32)
    assert again.score(rows) == model.score(rows)


def test_what_is_permitted_does_not_count(learnt, captures, tmp_path):
    everything = AllowList(addresses=("0.0.0.0/0", "::/0"))
    with pytest.raises(ConfigError, match="permitted"):
        calibrate(learnt.model, [captures], alerts_per_day=1, out=tmp_path / "no", allow=everything)


@pytest.mark.parametrize("wanted", [0.0, -1.0, float("nan")])
def test_senseless_volumes_are_refused(learnt, captures, tmp_path, wanted):
    with pytest.raises(ConfigError, match="alerts a day"):
        calibrate(learnt.model, [captures], alerts_per_day=wanted, out=tmp_path)


def test_a_folder_without_captures_is_refused_before_training(tmp_path):
    with pytest.raises(ConfigError, match="no capture is there"):
        run(experiment(), tmp_path / "out", site=SiteOptions(tmp_path))
