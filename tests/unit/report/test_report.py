from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nalpml import report
from nalpml.errors import ConfigError
from nalpml.export import Model
from nalpml.features import Schema
from nalpml.models import metrics, rates, worth
from nalpml.models.explain import Contributions
from nalpml.report import figures, page, tables


def part(*, benign=True, covert=True, name="held out"):
    rng = np.random.default_rng(0)
    truth = rng.random(300) < 0.4
    truth = truth[truth] if not benign else truth[~truth] if not covert else truth
    score = np.clip(rng.normal(0.3 + 0.4 * truth, 0.15), 0, 1)
    alert = score >= 0.5
    names = np.where(rng.random(len(truth)) < 0.5, "a<b>", "tool")
    stated = metrics.at_fprs(truth, score, names, fprs=(1e-1, 1e-4), seed=0, n_boot=5)
    found = rates.recall_by(truth, score, names, names, fprs=(1e-1, 1e-4), seed=0, n_boot=5)
    result = {
        "n": len(truth), "n_covert": int(truth.sum()), "threshold": 0.5, "recall": 0.9,
        "recall_interval": [0.8, 0.95], "false_positive_rate": 0.01,
        "false_positive_interval": [0.0, 0.02], "pr_auc": 0.9, "roc_auc": 0.9, "ece": 0.1,
        "brier": 0.1, "reliability": metrics.reliability(truth, score), "recall_at_fpr": stated,
        "by_tool": metrics.share_by(names[truth], alert[truth]),
        "by_channel": metrics.share_by(names[truth], alert[truth]),
        "false_alerts": metrics.false_alerts(truth, alert, names),
        "base_rates": worth.base_rates(0.9, 1e-3),
        "by_channel_at_fpr": found,
        "host_pairs": {"n_covert": 3, "n_benign": 4, "recall": 1.0, "false_alerts": 0,
                       "by_channel_at_fpr": found},
        "detection_delay": {"pairs": 3, "detected": 3, "seconds": {"median": 1.0, "p90": 2.0},
                            "packets": {"median": 5.0, "p90": 9.0},
                            "conversations": {"n": 4, "detected": 0}, "by_channel": {},
                            "curve": {"packets": [[1, 0.0], [5, 0.5]],
                                      "seconds": [[1, 0.2], [5, 0.9]]}},
        "drift": {"periods": [
            {"start": 0.0, "n_covert": 3, "recall": 0.5, "n_benign": 0,
             "false_positive_rate": None}], "aut": 0.5},
        "confusion": [[3, 1, 0], [0, 4, 0], [0, 0, 0]], "classes": ["benign", "socks", "timing"],
    }  # fmt: skip
    worst = pd.DataFrame(
        {"kind": ["miss"], "row": [1], "score": [0.2], "tool": ["<script>"], "start": [1.5]}
    )
    baselines = {"rule": rng.random(len(truth))} if benign and covert else {}
    compared = (
        {"rule": {"recall_at_fpr": stated, "pr_auc": 0.1, "roc_auc": 0.5}} if baselines else {}
    )
    return report.Part(name, "Note.", result, truth, score, baselines, compared, worst)


RATE = {"recall": 0.5, "low": 0.4, "high": 0.6, "n": 9, "negatives": 2000, "threshold": 0.5}
RATES = [RATE | {"fpr": 1e-2, "estimable": True}, RATE | {"fpr": 1e-3, "estimable": False}]
STUDY = {
    "name": "packets",
    "note": "Trained on one thing.",
    "axis": "packets | seen",
    "rows": (
        {"what": "2", "pairs": RATES, "windows": RATES, "pr_auc": 0.5},
        {"what": "4", "pairs": RATES, "windows": RATES, "pr_auc": 0.7, "draws": 3,
         "spread": [{"low": 0.1, "high": 0.7}] * 2},
    ),
}  # fmt: skip
CONTRIBUTIONS = Contributions(
    ("a", "b"),
    np.array([[1, np.nan], [2, np.nan], [3, 1]], np.float32),
    np.array([[0.1, 0.0], [0.5, 0.1], [-0.2, 1.0]]),
)


@pytest.fixture(scope="module")
def model():
    return Model("tree\n", Schema("flow", (("a", 1),)), ("benign", "socks"))


def test_page_holds_everything_itself(tmp_path, model):
    made = report.write(
        tmp_path / "r", title="A & B", model=model, parts=[part(), part(name="other")],
        facts=[("question", "why?")], contributions=CONTRIBUTIONS, studies=[report.study(**STUDY)],
        study_figures={"study": report.study_curve("packets | seen", STUDY["rows"])},
    )  # fmt: skip
    text = made.read_text()
    assert "A &amp; B" in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "a&lt;b&gt;" in text
    assert 'src="http' not in text
    assert "href" not in text
    assert text.count("data:image/png;base64,") == 17
    assert "not estimable" in text
    names = {p.name for p in made.parent.glob("*.png")}
    assert {"held_out_roc.png", "other_detection_delay.png", "shap_summary.png"} <= names
    assert text.index("<h2>Studies") < text.index("<h2>held out")
    assert "AUT of recall 0.500" in text


@pytest.mark.parametrize("kinds", [{"benign": False}, {"covert": False}])
def test_one_kind_of_windows_draws_what_it_can(tmp_path, model, kinds):
    found = report.draw(part(**kinds))
    assert "roc" not in found
    assert all(data.startswith(b"\x89PNG") for data in found.values())
    report.write(tmp_path, title="x", model=model, parts=[part(**kinds)])


def test_same_numbers_same_pictures():
    assert report.draw(part()) == report.draw(part())


def test_of_many_tools_the_picture_has_those_found_least():
    tools = {f"t{k:03}": {"recall": k / 300, "low": 0.0, "high": 1.0, "n": 1} for k in range(300)}
    least = {name: tools[name] for name in list(tools)[:40]}
    few = figures.recall_bars(least, "Recall by tool: the 40 found least, of 300")
    assert figures.recall_bars(tools, "Recall by tool") == few


def test_unwritable(tmp_path, model):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        report.write(tmp_path / "file", title="x", model=model, parts=[part()])


def test_table_escapes_and_may_be_empty():
    empty, one = tables.make("t", ["a"], []), tables.make("t", ["<b>"], [["x|y"]], "Note.")
    assert page.table(empty) == report.markdown(empty) == ""
    assert "<th>&lt;b&gt;</th>" in page.table(one)
    lines = report.markdown(one).splitlines()
    assert lines == ["**t.** Note.", "", "| <b> |", "| --- |", "| x\\|y |"]


def test_rates_that_cannot_be_established_are_marked():
    text = report.markdown(report.study(**STUDY))
    assert "| 2 | 50.0 % (40.0 to 60.0) | ~50.0 % (40.0 to 60.0)" in text
    assert "too few to establish" in text
    assert "3 draws: 10.0 to 70.0" in text


def test_every_table_of_a_part_has_rows_as_wide_as_its_header():
    found = page.tables_of(part())
    assert len(found) == 9
    for one in found:
        assert {len(row) for row in one.rows} == {len(one.header)}, one.title
