from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nalpml.datasets.splits import count_duplicates
from nalpml.errors import ConfigError
from nalpml.experiments import protocols
from nalpml.models import CovertChannelDetector
from tests.unit.datasets.conftest import make

ROWS = [
    (label, tool, f"{tool}-{k}", "captured")
    for label, tool in (
        ("socks", "dante"), ("socks", "microsocks"), ("timing", "timing-on"),
        ("timing", "timing-off"), ("icmp_tunnel", "ptunnel"), ("icmp_tunnel", "hans"),
    )
    for k in range(2)
    for _ in range(6)
]  # fmt: skip
ROWS += [("benign", "", capture, "captured") for _, _, capture, _ in ROWS]
ROWS += [("benign", "", f"{name}-{k}", "captured") for name in ("ssh", "dns") for k in range(30)]
ROWS += [("timing", "timing.on", "mix", "generated")] * 8
ROWS += [("benign", "dns.client", "mix", "generated")] * 8


@pytest.fixture(scope="module")
def data():
    made = make(ROWS)
    network = np.where(np.arange(len(made)) % 2, "lan", "wan")
    network[made.source == "generated"] = ""
    return dataclasses.replace(made, identity=made.identity.assign(network=network))


def fast():
    return CovertChannelDetector(n_estimators=5, cv=0, min_child_samples=2)


def test_a_channel_left_out_is_never_learnt_from(data):
    found = list(protocols.leave_one_channel_out(data))
    assert [s.name for s in found] == ["icmp_tunnel", "socks", "timing"]
    judged = np.zeros(len(data), int)
    for split in found:
        assert split.name not in set(data.y[split.train])
        assert set(data.y[split.test]) <= {split.name, "benign"}
        assert not set(data.capture[split.test]) & set(data.capture[split.train])
        judged[split.test] += 1
    np.testing.assert_array_equal(judged, data.source == "captured")


def test_captures_are_folded_whole(data):
    judged = np.zeros(len(data), int)
    for split in protocols.capture_folds(data):
        assert not set(data.capture[split.test]) & set(data.capture[split.train])
        judged[split.test] += 1
    np.testing.assert_array_equal(judged, data.source == "captured")


def test_networks_are_left_out_by_name(data):
    found = {s.name: s for s in protocols.across_networks(data)}
    assert set(found) == {"lan", "wan"}
    network = data.identity["network"].to_numpy()
    assert set(network[found["lan"].train]) == {"wan", ""}
    bare = dataclasses.replace(data, identity=data.identity.drop(columns="network"))
    with pytest.raises(ConfigError, match="no capture names"):
        list(protocols.across_networks(bare))


def test_only_the_optimistic_split_puts_copies_on_both_sides(data):
    """Rows that are equal within their session: none is ever both learnt from and judged."""
    X = data.X.copy()
    session = np.where(data.source == "generated", data.tool, data.capture)
    code = np.unique(session, return_inverse=True)[1]
    X[:] = code[:, np.newaxis].astype(np.float32)
    copies = dataclasses.replace(data, X=X)

    def duplicates(split):
        return count_duplicates(copies.matrix[split.test], copies.matrix[split.train])

    for name in ("leave_kindred_out", "leave_one_tool_out", "leave_one_channel_out",
                 "capture_folds", "leave_one_capture_out"):  # fmt: skip
        assert not any(duplicates(s) for s in protocols.PROTOCOLS[name](copies)), name
    assert all(duplicates(s) for s in protocols.random_rows(copies))
    assert "OPTIMISTIC" in protocols.NOTES["random_rows"]


def test_every_protocol_says_what_it_asks():
    assert set(protocols.NOTES) == set(protocols.PROTOCOLS)


@pytest.mark.parametrize("name", ["leave_kindred_out", "leave_one_tool_out"])
def test_what_judges_is_named(data, name):
    found = protocols.judge(name, data, fast)
    assert len(found.data) == len(found.score) == len(found.fold)
    assert not np.isnan(found.score).any()
    if name == "leave_one_tool_out":
        covert = found.data.covert
        np.testing.assert_array_equal(found.fold[covert], found.data.tool[covert])
