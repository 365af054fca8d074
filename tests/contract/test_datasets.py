"""Every shipped capture has labels, a line in its manifest, and is what the manifest says."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nalpml.capture import reader
from nalpml.channels import BENIGN, LABELS
from nalpml.datasets.labels import label_path, read_labels, uncompressed
from nalpml.datasets.loading import is_capture

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
REAL = DATASETS / "real"
FIELDS = ("scenario", "tool", "version", "workload", "path", "flows", "rest")
LARGE = 25_000
"""Octets above which a capture is packed with gzip, if that takes it below half."""
HEADINGS = (
    "Motivation",
    "Composition",
    "Collection",
    "Labelling and its known errors",
    "Preprocessing",
    "Splits and leakage",
    "Privacy and licence",
    "Limits",
)


@cache
def manifest() -> dict[str, dict[str, str]]:
    with (REAL / "manifest.csv").open(newline="") as source:
        return {row["name"]: row for row in csv.DictReader(source)}


def stored(folder: Path = REAL) -> dict[str, Path]:
    """Captures by name: `name.pcap`, or `name.pcap.gz`."""
    found = [path for path in folder.iterdir() if is_capture(path)]
    names = {uncompressed(path.name).removesuffix(".pcap"): path for path in found}
    assert len(names) == len(found), "a capture is there twice"
    return names


def document(name: str) -> dict[str, Any]:
    content = json.loads((REAL / f"{name}.json").read_text())
    assert isinstance(content, dict)
    return content


def test_captures_labels_and_manifest_name_the_same() -> None:
    names = set(manifest())
    assert names == set(stored())
    assert names == {path.stem for path in REAL.glob("*.json")}


def test_the_manifest_holds_the_digests() -> None:
    files = stored()
    for name, row in manifest().items():
        data = files[name].read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"], name
        assert len(data) == int(row["bytes"]), name


def test_large_captures_are_packed_where_that_halves_them_and_the_same_each_time() -> None:
    for name, path in stored().items():
        data = path.read_bytes()
        assert label_path(path) == REAL / f"{name}.json"
        if path.suffix != ".gz":
            assert len(data) <= LARGE or len(gzip.compress(data, 9)) * 2 >= len(data), name
            continue
        assert data[3:8] == bytes(5), f"{name}: a name or a time in the head of gzip"
        plain = gzip.decompress(data)
        assert len(plain) > LARGE, name
        assert len(data) * 2 < len(plain), name


def test_labels_are_in_the_vocabulary_and_say_where_they_come_from() -> None:
    for name, row in manifest().items():
        content = document(name)
        assert not [field for field in FIELDS if field not in content], name
        assert content["rest"] in (BENIGN, None), name
        for flow in content["flows"]:
            assert flow["label"] in LABELS, name
            assert flow["tool"] == flow["tool"].lower() != "", name
        assert row["label"] in (*LABELS, "unknown"), name


def test_a_tool_is_always_spelled_the_same() -> None:
    tools = {flow["tool"] for name in manifest() for flow in document(name)["flows"]}
    plain: dict[str, str] = {}
    for tool in sorted(tools):
        assert plain.setdefault(tool.replace("-", "").replace("_", ""), tool) == tool


def test_benign_captures_are_three_times_the_covert_ones() -> None:
    count = dict.fromkeys((*LABELS, "unknown"), 0)
    for row in manifest().values():
        count[row["label"]] += 1
    covert = sum(n for label, n in count.items() if label not in (BENIGN, "unknown"))
    assert count[BENIGN] >= 3 * covert
    assert sum(n > 0 for label, n in count.items() if label != "unknown") >= 9


@pytest.mark.slow
def test_the_package_reads_every_capture_and_agrees_on_the_labels() -> None:
    files = stored()
    for name, row in manifest().items():
        packets = reader.read(files[name])
        labels = read_labels(REAL / f"{name}.json", packets)
        covert = [i for i, (label, _) in enumerate(labels.kinds) if label != BENIGN]
        hits = int(sum((labels.code == i).sum() for i in covert))
        # Errors that quote a labelled echo flow of any identifier may count with it here.
        assert abs(hits - int(row["labelled_packets"])) <= 0.05 * hits + 2, name


def test_the_card_has_its_headings_and_the_set_is_small() -> None:
    card = (REAL / "CARD.md").read_text()
    assert [heading for heading in HEADINGS if f"## {heading}\n" not in card] == []
    assert sum(path.stat().st_size for path in REAL.iterdir()) < 38_000_000


def _lab_is_possible() -> str:
    if os.geteuid():
        return "namespaces need root"
    missing = [
        tool
        for tool in ("ip", "ethtool", "gcc", "tcpdump", "tshark", "ping", "dpkg-query")
        if not shutil.which(tool)
    ]
    if missing:
        return f"{missing[0]} is not installed"
    probe = subprocess.run(["ip", "netns", "add", "nlcheck"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", "nlcheck"], capture_output=True, check=False)
    return "network namespaces are not allowed here" if probe.returncode else ""


@pytest.mark.slow
def test_the_lab_makes_captures_that_agree_with_their_labels(tmp_path: Path) -> None:
    reason = _lab_is_possible()
    if reason:
        pytest.skip(reason)
    names = ["ping-lan", "icmp-raw-reply-c", "app-udp-lookup"]
    run = [sys.executable, str(DATASETS / "lab" / "run.py"), "--out", str(tmp_path / "out")]
    work = ["--work", str(tmp_path / "work"), "--seed", "77", "-j", "3"]
    made = subprocess.run([*run, *work, *names], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    checked = subprocess.run([*run, "--verify"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    compared = subprocess.run(
        [*run, "--compare", str(REAL), *names], capture_output=True, text=True, check=False
    )
    assert compared.returncode == 0, compared.stdout
    for name in names:
        again = json.loads((tmp_path / "out" / f"{name}.json").read_text())
        shipped = document(name)
        assert [f["label"] for f in again["flows"]] == [f["label"] for f in shipped["flows"]]
        assert again["packets"] == pytest.approx(shipped["packets"], rel=0.5)
