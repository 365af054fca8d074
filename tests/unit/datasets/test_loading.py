from __future__ import annotations

import gzip
import json
import os

import numpy as np
import pandas as pd
import pytest

from nalpml import datasets, generators
from nalpml.datasets import loading as module
from nalpml.errors import CaptureError, ConfigError
from nalpml.features import extract, schema
from nalpml.flows import WindowConfig

MIX = """
duration = 60.0
hosts = 8
[[entry]]
profile = "ping.linux"
count = 4
[[entry]]
profile = "label:icmp_tunnel"
count = 4
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    profile = next(n for n in generators.PROFILES if n.startswith("ping."))
    config = generators.parse_config(MIX.replace("ping.linux", profile))
    return generators.generate(config, seed=3).write(tmp_path_factory.mktemp("made") / "mix")


@pytest.fixture(scope="module")
def captured(generated, tmp_path_factory):
    """The same packets as if captured: label files instead of a table."""
    folder = tmp_path_factory.mktemp("captures")
    traffic = (generated / "traffic.pcap").read_bytes()
    for name in ("one", "sub/two"):
        path = folder / f"{name}.pcap"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(traffic)
        flow = {"proto": "icmp", "label": "icmp_tunnel", "tool": name.removeprefix("sub/")}
        path.with_suffix(".json").write_text(json.dumps({"flows": [flow], "rest": "benign"}))
    (folder / "bare.pcap").write_bytes(traffic)
    return folder


def test_generated_folder(generated):
    data = datasets.load(generated)
    assert data.name == "mix"
    assert set(data.source) == {"generated"}
    assert set(data.y) == {"benign", "icmp_tunnel"}
    assert all(g.startswith("tool:") for g in data.groups)
    assert data.schema == schema()
    assert len(data) == len(extract.extract(generated / "traffic.pcap"))


def test_captures_with_label_files(captured, caplog):
    data = datasets.load(captured)
    assert set(data.capture) == {"one.pcap", "sub/two.pcap"}
    assert "1 captures have no label file" in caplog.text
    assert set(data.groups[data.covert]) <= {"tool:one", "tool:two"}
    flat = datasets.load_captures(captured, recursive=False)
    assert set(flat.capture) == {"one.pcap"}
    one = datasets.load(captured / "one.pcap")
    np.testing.assert_array_equal(one.matrix, flat.matrix)


def test_two_processes_may_share_a_cache(captured, tmp_path, monkeypatch):
    write, me = pd.DataFrame.to_parquet, os.getpid()

    def meanwhile(frame, path, **options):
        write(frame, path, **options)
        if os.getpid() == me:  # another process does the same before this one goes on
            with monkeypatch.context() as other:
                other.setattr(os, "getpid", lambda: me + 1)
                datasets.load(captured, cache=tmp_path)

    monkeypatch.setattr(pd.DataFrame, "to_parquet", meanwhile)
    first = datasets.load(captured, cache=tmp_path)
    assert len(datasets.load(captured, cache=tmp_path)) == len(first)
    assert not list(tmp_path.glob("*.part"))


def test_cache_gives_the_same_rows_without_reading(captured, tmp_path, monkeypatch):
    first = datasets.load(captured, cache=tmp_path)
    monkeypatch.setattr(module, "_compute", lambda job: pytest.fail("read again"))
    again = datasets.load(captured, cache=tmp_path)
    assert again.digest == first.digest
    np.testing.assert_array_equal(again.host_pairs, first.host_pairs)
    assert set(again.capture) == {"one.pcap", "sub/two.pcap"}


def test_other_limits_are_another_entry(captured, tmp_path):
    datasets.load(captured / "one.pcap", cache=tmp_path)
    short = datasets.load(captured / "one.pcap", cache=tmp_path, config=WindowConfig(packets=2))
    assert len(short) > len(datasets.load(captured / "one.pcap", cache=tmp_path))
    assert len(list(tmp_path.iterdir())) == 2


def test_processes_give_the_same(captured):
    assert datasets.load(captured, n_jobs=2).digest == datasets.load(captured).digest


def test_extracted_parquet(generated, tmp_path):
    data = datasets.load(generated)
    frame = pd.concat([data.identity, data.X], axis=1)
    frame["label"], frame["tool"] = data.y.astype(object), data.tool.astype(object)
    frame.to_parquet(tmp_path / "x.parquet")
    again = datasets.load(tmp_path / "x.parquet")
    np.testing.assert_array_equal(again.matrix, data.matrix)
    np.testing.assert_array_equal(again.y, data.y)


def test_mistakes_are_named(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        datasets.load(tmp_path / "none")
    with pytest.raises(ConfigError, match="no capture with a label file"):
        datasets.load(tmp_path)
    (tmp_path / "x.pcap").write_text("not a capture, as anybody can see")
    (tmp_path / "x.json").write_text('{"flows": [], "rest": "benign"}')
    with pytest.raises(CaptureError, match=r"x\.pcap"):
        datasets.load(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        module.sha256(tmp_path / "none")


@pytest.mark.parametrize(
    "name, is_one",
    [("a.pcap", True), ("a.PCAPNG", True), ("a.pcap.gz", True), ("a.json", False), ("a.gz", False)],
)
def test_names_of_captures(tmp_path, name, is_one):
    assert module.is_capture(tmp_path / name) is is_one


def test_a_packed_capture_has_the_windows_of_the_plain_one(captured, tmp_path):
    folder = tmp_path / "packed"
    folder.mkdir()
    data = (captured / "one.pcap").read_bytes()
    (folder / "one.pcap.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    (folder / "one.json").write_bytes((captured / "one.json").read_bytes())
    packed = datasets.load(folder)
    plain = datasets.load_captures(captured, recursive=False)
    assert set(packed.capture) == {"one.pcap"}
    np.testing.assert_array_equal(packed.matrix, plain.matrix)
    assert list(packed.y) == list(plain.y)
    assert list(packed.groups) == list(plain.groups)
