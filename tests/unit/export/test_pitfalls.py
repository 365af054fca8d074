from __future__ import annotations

import pytest

from nalpml.export.pitfalls import answers
from nalpml.export.threshold import Threshold

SURE = Threshold(0.9, 0.8, 0.95, 1e-3, 0.0005, 20_000, True)


def test_every_pitfall_has_an_answer_without_any_facts():
    found = answers({}, Threshold())
    assert [name.split()[0] for name, _ in found] == [f"P{i}" for i in range(1, 11)]
    text = dict(found)
    assert "were not run" in text["P4 spurious correlations"]
    assert "Not judged beside" in text["P6 inappropriate baseline"]
    assert "nothing can be said" in text["P8 base-rate fallacy"]
    assert "not established by the 0 benign windows" in text["P10 threat model"]


def test_figures_are_the_models_own():
    meta = {
        "fold_by": "kindred",
        "data": [{"dataset": "lab", "groups": 7}],
        "evaluation": {
            "permutation_auc": 0.512,
            "artefact_auc": 0.61,
            "baselines": {"random forest": {}},
            "base_rates": [{"base_rate": 1e-3, "ppv": 0.25}],
        },
    }
    text = dict(answers(meta, SURE))
    assert "lab: 7 tools" in text["P1 sampling bias"]
    assert "family of kindred tools" in text["P3 data snooping"]
    assert "0.512" in text["P4 spurious correlations"]
    assert "0.610" in text["P4 spurious correlations"]
    assert "random forest" in text["P6 inappropriate baseline"]
    assert "25 % at a share of 0.001" in text["P8 base-rate fallacy"]
    assert "not established" not in text["P10 threat model"]


@pytest.mark.parametrize("by", ["tool", "benign_session"])
def test_kin_on_both_sides_is_said(by):
    assert (
        "Kindred tools can be on both sides"
        in dict(answers({"fold_by": by}, SURE))["P3 data snooping"]
    )
