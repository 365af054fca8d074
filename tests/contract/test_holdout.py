"""What judges the shipped model is never what it learnt from."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from nalpml.channels import LABELS
from nalpml.experiments.config import load_experiment

ROOT = Path(__file__).resolve().parents[2]
HOLDOUT = ROOT / "datasets" / "holdout"


def rows(folder: str) -> list[dict[str, str]]:
    with (ROOT / "datasets" / folder / "manifest.csv").open(newline="") as source:
        return list(csv.DictReader(source))


def tools(folder: str) -> set[str]:
    found = set()
    for path in (ROOT / "datasets" / folder).glob("*.json"):
        content = json.loads(path.read_text())
        found |= {content["tool"], *(flow["tool"] for flow in content["flows"])}
    return found


def test_no_tool_is_on_both_sides() -> None:
    assert tools("holdout") & tools("real") == set()


@pytest.mark.parametrize("file", sorted((ROOT / "experiments").glob("*/*.toml")), ids=str)
def test_no_experiment_trains_on_it(file: Path) -> None:
    if file.name != "config.toml":
        pytest.skip("not an experiment")
    for table in load_experiment(file).captures:
        path = (file.parent / table.path).resolve()
        inside = path == HOLDOUT or HOLDOUT in path.parents or path in HOLDOUT.parents
        assert not inside or table.use == "holdout"


def test_manifest_labels_and_captures_agree() -> None:
    named = {row["name"]: row for row in rows("holdout")}
    assert set(named) == {path.stem for path in HOLDOUT.glob("*.pcap")}
    assert set(named) == {path.stem for path in HOLDOUT.glob("*.json")}
    for name, row in named.items():
        data = (HOLDOUT / f"{name}.pcap").read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"], name
        assert row["label"] in LABELS, name


def test_both_sets_stay_small_together() -> None:
    files = [path for path in (ROOT / "datasets").rglob("*") if path.suffix in (".pcap", ".json")]
    assert sum(path.stat().st_size for path in files) < 40_000_000
