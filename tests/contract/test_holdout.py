"""What judges the shipped model is never what it learnt from."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from nalpml.channels import LABELS
from nalpml.datasets.labels import uncompressed
from nalpml.datasets.loading import is_capture
from nalpml.experiments.config import load_experiment

ROOT = Path(__file__).resolve().parents[2]
HOLDOUT = ROOT / "datasets" / "holdout"


needs_holdout = pytest.mark.skipif(
    not (HOLDOUT / "manifest.csv").is_file(), reason="datasets/holdout is not there"
)


def rows(folder: str) -> list[dict[str, str]]:
    with (ROOT / "datasets" / folder / "manifest.csv").open(newline="") as source:
        return list(csv.DictReader(source))


def tools(folder: str) -> set[str]:
    found = set()
    for path in (ROOT / "datasets" / folder).glob("*.json"):
        content = json.loads(path.read_text())
        found |= {content["tool"], *(flow["tool"] for flow in content["flows"])}
    return found


@needs_holdout
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


@needs_holdout
def test_manifest_labels_and_captures_agree() -> None:
    named = {row["name"]: row for row in rows("holdout")}
    found = [path for path in HOLDOUT.iterdir() if is_capture(path)]
    files = {uncompressed(path.name).removesuffix(".pcap"): path for path in found}
    assert set(named) == set(files)
    assert len(found) == len(files)
    assert set(named) == {path.stem for path in HOLDOUT.glob("*.json")}
    for name, row in named.items():
        data = files[name].read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"], name
        assert row["label"] in LABELS, name


def test_both_sets_stay_small_together() -> None:
    files = [path for path in (ROOT / "datasets").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 40_000_000
