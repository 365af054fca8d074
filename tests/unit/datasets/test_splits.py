from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nalpml import datasets
from nalpml.datasets import splits
from nalpml.errors import ConfigError

from .conftest import make


def test_leave_one_tool_out_takes_the_tool_and_its_captures(toy):
    found = {s.name: s for s in datasets.leave_one_tool_out(toy)}
    assert set(found) == {"ptunnel", "icmptx", "socat", "socks.a"}
    s = found["icmptx"]
    assert set(toy.tool[s.test]) == {"", "icmptx", "socat"}
    assert "c1" not in set(toy.capture[s.train])
    assert "socat" not in set(toy.tool[s.train])
    generated = found["socks.a"]
    assert set(toy.tool[generated.test]) == {"socks.a"}
    assert "dns.client" in set(toy.tool[generated.train])


@pytest.mark.parametrize(
    "make",
    [
        datasets.leave_one_tool_out,
        lambda d: datasets.grouped_folds(d, n_splits=3, seed=0),
    ],
)
def test_no_group_is_on_both_sides(toy, make):
    found = list(make(toy))
    assert found
    for s in found:
        assert len(s.train)
        assert len(s.test)
        assert not set(toy.groups[s.train]) & set(toy.groups[s.test])


def test_leave_one_capture_out(toy):
    found = list(datasets.leave_one_capture_out(toy))
    assert [s.name for s in found] == [f"c{i}" for i in range(5)]
    for s in found:
        assert set(toy.capture[s.test]) == {s.name}
        assert s.name not in set(toy.capture[s.train])


def test_every_row_is_tested_once(toy):
    rows = np.concatenate([s.test for s in datasets.grouped_folds(toy, n_splits=4, seed=1)])
    assert sorted(rows) == list(range(len(toy)))


def test_time_keeps_flows_together(toy):
    s = datasets.by_time(toy, share=0.5)
    uid, start = toy.identity["flow_uid"].to_numpy(), toy.identity["start"].to_numpy()
    assert start[s.train].max() < start[s.test].min()
    assert not set(uid[s.train]) & set(uid[s.test])


def test_synthetic_to_real_and_back(toy):
    s, r = datasets.synthetic_to_real(toy), splits.synthetic_to_real(toy, reverse=True)
    assert set(toy.source[s.train]) == {"generated"}
    assert set(toy.source[s.test]) == {"captured"}
    np.testing.assert_array_equal(s.train, r.test)


def test_overlap_is_refused_by_name(toy):
    rows = np.arange(len(toy))
    with pytest.raises(ConfigError, match="mine: 10 groups are on both sides: capture:c0"):
        splits.check_disjoint(toy.groups, rows, rows, name="mine")


def test_impossible_splits_are_refused(toy):
    with pytest.raises(ConfigError, match="99 folds need as many groups; toy has 10"):
        list(datasets.grouped_folds(toy, n_splits=99, seed=0))
    real = toy.take(toy.source == "captured")
    with pytest.raises(ConfigError, match="both generated and captured"):
        datasets.synthetic_to_real(real)
    with pytest.raises(ConfigError, match="no windows on one side"):
        datasets.by_time(toy, share=0.0)


def test_duplicates_count_nan_as_equal():
    one = np.array([[1, np.nan], [2, 3], [4, 5]], dtype=np.float32)
    other = np.array([[1, np.nan], [4, 5], [9, 9]], dtype=np.float32)
    assert splits.count_duplicates(one, other) == 2


def test_equal_rows_have_one_number():
    rows = [("benign", "", "c", "captured")] * 6
    data = make(rows)
    X = data.X.copy()
    X.iloc[:] = [[1, 2, 3], [1, 2, 3], [1, 3, 2], [np.nan, 2, 3], [np.nan, 2, 3], [2, 1, 3]]
    code = dataclasses.replace(data, X=X.astype(np.float32)).same
    assert code[0] == code[1]
    assert code[3] == code[4]
    assert len(set(code)) == 4


def twins(toy):
    """Some rows of every capture equal one of another, of the same label and of another."""
    X = toy.X.copy()
    X.iloc[::4] = np.float32(0.5)
    return dataclasses.replace(toy, X=X)


@pytest.mark.parametrize(
    "make_splits",
    [
        datasets.leave_one_tool_out,
        datasets.leave_one_capture_out,
        lambda d: datasets.leave_kindred_out(d, n_splits=3),
        lambda d: datasets.grouped_folds(d, n_splits=3, seed=0),
        lambda d: [datasets.by_time(d, share=0.5)],
        lambda d: [datasets.synthetic_to_real(d)],
        lambda d: [datasets.synthetic_to_real(d, reverse=True)],
    ],
    ids=["tool", "capture", "kindred", "grouped", "time", "synthetic", "real"],
)
def test_no_row_is_learnt_from_that_equals_a_judged_one(toy, make_splits):
    data = twins(toy)
    before = {s.name: s for s in make_splits(toy)}
    found = list(make_splits(data))
    assert (
        sum(splits.count_duplicates(data.matrix[s.test], data.matrix[s.train]) for s in found) == 0
    )
    fewer = 0
    for split in found:
        np.testing.assert_array_equal(split.test, before[split.name].test)
        assert set(split.train) <= set(before[split.name].train)
        fewer += len(before[split.name].train) - len(split.train)
    assert fewer > 0
