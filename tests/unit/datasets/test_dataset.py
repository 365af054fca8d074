from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from nalpml import datasets
from nalpml.datasets import dataset as module
from nalpml.errors import ConfigError, SchemaError
from nalpml.features import Schema


def test_groups_are_tools_or_captures(toy):
    assert set(toy.groups) == {
        *(f"capture:c{i}" for i in range(5)),
        "tool:ptunnel",
        "tool:icmptx",
        "tool:socat",
        "tool:socks.a",
        "tool:dns.client",
    }


def test_digest_sees_values_labels_and_order(toy):
    assert toy.digest == toy.take(np.arange(len(toy))).digest
    assert toy.digest != toy.take(np.arange(len(toy))[::-1]).digest
    assert toy.digest != dataclasses.replace(toy, tool=np.full(len(toy), "x")).digest


def test_take_and_concatenate(toy):
    covert, benign = toy.take(toy.covert, name="covert"), toy.take(~toy.covert)
    both = datasets.concatenate([covert, benign])
    assert both.name == "covert+toy"
    assert len(both) == len(toy)
    assert both.covert.sum() == len(covert)
    assert both.summary()["windows"] == len(toy)
    assert both.matrix.dtype == np.float32
    assert both.matrix.flags.c_contiguous


def test_host_pairs_ignore_direction(toy):
    identity = toy.identity.rename(columns={"src": "dst", "dst": "src"})
    np.testing.assert_array_equal(
        toy.host_pairs, dataclasses.replace(toy, identity=identity).host_pairs
    )


def test_refusals(toy):
    with pytest.raises(ConfigError, match="no data"):
        datasets.concatenate([])
    with pytest.raises(ConfigError, match="different lengths"):
        dataclasses.replace(toy, y=toy.y[:-1])
    with pytest.raises(ConfigError, match="'dns_tunnel' is not a label"):
        dataclasses.replace(toy, y=np.full(len(toy), "dns_tunnel"))
    with pytest.raises(SchemaError, match="not those of the schema"):
        dataclasses.replace(toy, X=toy.X[["b", "a", "c"]])


def frame_of(toy):
    frame = toy.identity.copy()
    frame["capture"] = toy.capture
    frame[list(toy.schema.names)] = toy.X
    frame["label"] = toy.y
    frame["tool"] = toy.tool
    return frame


def test_parquet_round_trip_leaves_unknown_windows_out(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "schema", lambda level: toy.schema)
    frame = frame_of(toy)
    frame.loc[[3, 4], "label"] = None
    frame.to_parquet(tmp_path / "x.parquet")
    again = datasets.read_parquet(tmp_path / "x.parquet")
    kept = np.delete(np.arange(len(toy)), [3, 4])
    assert again.y.tolist() == toy.y[kept].tolist()
    np.testing.assert_array_equal(again.matrix, toy.matrix[kept])
    assert again.tool.tolist() == toy.tool[kept].tolist()


def test_parquet_refusals(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "schema", lambda level: Schema("flow", (("a", 1), ("zz", 1))))
    frame = frame_of(toy)
    with pytest.raises(SchemaError, match="missing: zz"):
        datasets.from_frame(frame, name="x")
    with pytest.raises(ConfigError, match="no column 'label'"):
        datasets.from_frame(frame.drop(columns="label"), name="x")
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(ConfigError, match="not Parquet"):
        datasets.read_parquet(tmp_path / "x.parquet")
    with pytest.raises(ConfigError, match="cannot be read"):
        datasets.read_parquet(tmp_path / "y.parquet")
    assert isinstance(frame, pd.DataFrame)
