"""Which windows training learns from."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from nalpml.datasets import Dataset
from nalpml.experiments.selection import evidence, select
from nalpml.features import schema


def dataset(rows: list[tuple[str, int, bool]]) -> Dataset:
    """Windows of (label, packets, whether payload was captured)."""
    names = list(schema().names)
    X = pd.DataFrame(np.zeros((len(rows), len(names)), np.float32), columns=names)
    without = [not payload for _, _, payload in rows]
    X.loc[without, ["zero_share_orig", "zero_share_resp"]] = np.nan
    n = len(rows)
    return Dataset(
        X=X,
        y=np.array([label for label, _, _ in rows]),
        tool=np.full(n, "t"),
        capture=np.full(n, "c"),
        source=np.full(n, "generated"),
        identity=pd.DataFrame({"packets": [[packets, 0] for _, packets, _ in rows]}),
        schema=schema(),
        name="d",
    )


def test_windows_need_packets_and_payload_for_their_channel() -> None:
    data = dataset(
        [
            ("benign", 1, False),
            ("timing", 29, True),
            ("timing", 30, True),
            ("header_storage", 40, False),
            ("tcp_c2", 50, False),
            ("tcp_c2", 2, True),
        ]
    )
    kept = select(data, least={"timing": 30}, most=None)
    assert kept.y.tolist() == ["benign", "timing", "header_storage", "tcp_c2"]
    assert [sum(p) for p in kept.identity["packets"]] == [1, 30, 40, 2]


def test_what_speaks_the_protocol_of_its_port_is_no_example_of_bare_c2() -> None:
    data = dataset([("tcp_c2", 9, True), ("tcp_c2", 8, True), ("socks", 7, True)])
    data.X.loc[[0, 2], "port_agreement"] = 1.0
    kept = select(data, least={}, most=None)
    assert [sum(p) for p in kept.identity["packets"]] == [8, 7]


def test_no_group_has_more_than_the_most_and_a_seed_repeats_the_draw() -> None:
    data = dataset([("benign", k + 1, True) for k in range(50)] + [("socks", 9, True)] * 3)
    drawn = [select(data, least={}, most=10, seed=seed) for seed in (1, 1, 2)]
    sizes = [[sum(p) for p in d.identity["packets"]] for d in drawn]
    assert sizes[0] == sizes[1] != sizes[2]
    assert (drawn[0].y == "benign").sum() == 10
    assert (drawn[0].y == "socks").sum() == 3


def test_a_short_window_counts_late_in_a_row_of_flows() -> None:
    data = dataset([("header_storage", 2, True), ("header_storage", 2, True), ("timing", 3, True)])
    data.X["pair_flows_log"] = np.float32([np.log2(1 + 7), np.log2(1 + 8), 6.0])
    kept = select(
        data, least={"header_storage": 24, "timing": 30}, most=None, series={"header_storage": 8}
    )
    assert [sum(p) for p in kept.identity["packets"]] == [2]


def test_short_windows_of_channels_in_payloads_teach_less() -> None:
    data = dataset(
        [
            ("benign", 1, True),
            ("udp_c2", 1, True),
            ("icmp_tunnel", 4, True),
            ("vsock_c2", 4, True),
            ("tcp_c2", 8, True),
            ("socks", 900, True),
            ("header_storage", 2, True),
        ]
    )
    captured = dataclasses.replace(data, source=np.full(len(data), "captured"))
    assert evidence(captured).tolist() == [1.0, 0.125, 1.0, 0.5, 1.0, 1.0, 0.25]
    assert evidence(data).tolist() == evidence(captured).tolist()
    mixed = np.full(len(data), "generated")
    mixed[4] = "captured"
    weaker = [1.0, 0.125 * 0.3, 1.0, 0.5 * 0.3, 1.0, 0.3, 0.25 * 0.3]
    np.testing.assert_allclose(evidence(dataclasses.replace(data, source=mixed)), weaker)
