from __future__ import annotations

import numpy as np
import pytest

from nalpml import datasets
from nalpml.datasets import families as module
from nalpml.errors import ConfigError

from .conftest import make

ROWS = (
    [("tcp_c2", "c2-tcp", "c2-tcp-a", "captured")] * 6
    + [("benign", "", "c2-tcp-a", "captured")] * 4
    + [("udp_c2", "c2-udp", "c2-udp-b", "captured")] * 4
    + [("icmp_tunnel", "ptunnel", "ptunnel-a", "captured")] * 5
    + [("icmp_tunnel", "ptunnel-ng", "ptunnel-ng-a", "captured")] * 5
    + [("socks", "dante", "both", "captured")] * 3
    + [("icmp_tunnel", "icmptx", "both", "captured")] * 3
    + [("socks", "microsocks", "microsocks-a", "captured")] * 4
    + [("benign", "", "app-tcp-beat", "captured")] * 4
    + [("benign", "", "vsock-app-beat", "captured")] * 4
    + [("benign", "", "ssh-typing", "captured")] * 4
    + [("socks", "socks.v5", "mix", "generated")] * 6
    + [("benign", "dns.client", "mix", "generated")] * 6
)


@pytest.fixture(scope="module")
def data():
    return make(ROWS)


def test_families_and_what_shares_a_capture_stay_together(data):
    units = datasets.kindred(data)
    assert set(units[data.source == "captured"]) == {
        "c2", "ptunnel", "dante+icmptx", "microsocks", "benign:app", "benign:ssh",
    }  # fmt: skip
    assert set(units[data.source == "generated"]) == {"tool:socks.v5", "tool:dns.client"}
    np.testing.assert_array_equal(units, data.fold_groups("kindred"))


def test_captures_link_families_over_a_chain():
    places = [("a-x", "one"), ("b-x", "one"), ("b-y", "two"), ("c-x", "two"), ("d-x", "three")]
    chain = make([("socks", tool, capture, "captured") for tool, capture in places])
    assert datasets.kindred(chain).tolist() == ["a+b+c"] * 4 + ["d"]


@pytest.mark.parametrize("n_splits", [2, 3, 8])
def test_as_strict_as_leaving_out_one_tool(data, n_splits):
    """Every tool is judged once, by what saw neither it, nor its kin, nor its captures."""
    seen = np.zeros(len(data), dtype=int)
    for split in datasets.leave_kindred_out(data, n_splits=n_splits):
        seen[split.test] += 1
        covert = split.test[data.covert[split.test]]
        assert not set(data.tool[covert]) & set(data.tool[split.train])
        assert not {module.family(t) for t in data.tool[covert]} & {
            module.family(t) for t in data.tool[split.train] if t
        }
        assert not set(data.capture[split.test]) & set(data.capture[split.train])
        assert (data.source[split.test] == "captured").all()
    np.testing.assert_array_equal(seen, data.source == "captured")
    one_by_one = {s.name: set(s.test) for s in datasets.leave_one_tool_out(data)}
    folds = [set(s.test) for s in datasets.leave_kindred_out(data, n_splits=n_splits)]
    for tool in np.unique(data.tool[data.covert & (data.source == "captured")]):
        assert any(one_by_one[str(tool)] <= fold for fold in folds), tool


def test_each_fold_has_some_of_every_label():
    rows = [
        (label, f"{label}{i}", f"{label}{i}", "captured")
        for label in ("socks", "timing", "benign")
        for i in range(4)
        for _ in range(3)
    ]
    spread = make(rows)
    for split in datasets.leave_kindred_out(spread, n_splits=4):
        assert set(spread.y[split.test]) == {"socks", "timing", "benign"}


def test_one_family_cannot_be_left_out():
    with pytest.raises(ConfigError, match="two families"):
        list(datasets.leave_kindred_out(make(ROWS[:6])))
