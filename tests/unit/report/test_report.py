from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nalpml import report
from nalpml.errors import ConfigError
from nalpml.export import Model
from nalpml.features import Schema
from nalpml.models import metrics
from nalpml.report import page


def part(*, benign=True, covert=True, name="held out"):
    rng = np.random.default_rng(0)
    truth = rng.random(300) < 0.4
    truth = truth[truth] if not benign else truth[~truth] if not covert else truth
    score = np.clip(rng.normal(0.3 + 0.4 * truth, 0.15), 0, 1)
    alert = score >= 0.5
    names = np.where(rng.random(len(truth)) < 0.5, "a<b>", "tool")
    rates = metrics.at_fprs(truth, score, names, fprs=(1e-1, 1e-4), seed=0, n_boot=5)
    result = {
        "n": len(truth), "n_covert": int(truth.sum()), "threshold": 0.5, "recall": 0.9,
        "recall_interval": [0.8, 0.95], "false_positive_rate": 0.01,
        "false_positive_interval": [0.0, 0.02], "pr_auc": 0.9, "roc_auc": 0.9, "ece": 0.1,
        "brier": 0.1, "reliability": metrics.reliability(truth, score), "recall_at_fpr": rates,
        "by_tool": metrics.share_by(names[truth], alert[truth]),
        "by_channel": metrics.share_by(names[truth], alert[truth]),
        "false_alerts": metrics.false_alerts(truth, alert, names),
        "base_rates": [{"base_rate": 1e-3, "ppv": 0.5, "alerts_per_day": 12.0}],
        "host_pairs": {"n_covert": 3, "n_benign": 4, "recall": 1.0, "false_alerts": 0},
        "detection_delay": {"pairs": 3, "detected": 3, "seconds": {"median": 1.0, "p90": 2.0},
                            "packets": {"median": 5.0, "p90": 9.0}},
        "confusion": [[3, 1, 0], [0, 4, 0], [0, 0, 0]], "classes": ["benign", "socks", "timing"],
    }  # fmt: skip
    worst = pd.DataFrame(
        {"kind": ["miss"], "row": [1], "score": [0.2], "tool": ["<script>"], "start": [1.5]}
    )
    baselines = {"rule": rng.random(len(truth))} if benign and covert else {}
    compared = (
        {"rule": {"recall_at_fpr": rates, "pr_auc": 0.1, "roc_auc": 0.5}} if baselines else {}
    )
    return report.Part(name, "Note.", result, truth, score, baselines, compared, worst)


@pytest.fixture(scope="module")
def model():
    return Model("tree\n", Schema("flow", (("a", 1),)), ("benign", "socks"))


def test_page_holds_everything_itself(tmp_path, model):
    made = report.write(
        tmp_path / "r", title="A & B", model=model, parts=[part(), part(name="other")],
        facts=[("question", "why?")], importance=[("a", 1.0), ("b", 0.5)],
    )  # fmt: skip
    text = made.read_text()
    assert "A &amp; B" in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "a&lt;b&gt;" in text
    assert 'src="http' not in text
    assert "href" not in text
    assert text.count("data:image/png;base64,") == 13
    assert "not estimable" in text
    names = {p.name for p in made.parent.glob("*.png")}
    assert {"held_out_roc.png", "other_confusion.png", "importance.png"} <= names


@pytest.mark.parametrize("kinds", [{"benign": False}, {"covert": False}])
def test_one_kind_of_windows_draws_what_it_can(tmp_path, model, kinds):
    found = report.draw(part(**kinds))
    assert "roc" not in found
    assert all(data.startswith(b"\x89PNG") for data in found.values())
    report.write(tmp_path, title="x", model=model, parts=[part(**kinds)])


def test_same_numbers_same_pictures():
    assert report.draw(part()) == report.draw(part())


def test_unwritable(tmp_path, model):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        report.write(tmp_path / "file", title="x", model=model, parts=[part()])


def test_table_escapes_and_may_be_empty():
    assert page.table(["a"], []) == ""
    assert "&lt;b&gt;" in page.table(["<b>"], [["<b>"]])
