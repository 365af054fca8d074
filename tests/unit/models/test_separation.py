from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from nalpml.datasets.dataset import CAPTURED, Dataset
from nalpml.features import FLOW_FEATURES, schema
from nalpml.models._kept import KEPT
from nalpml.models.separation import (
    UNEXPLAINED,
    area,
    main,
    model_gains,
    page,
    separation,
)


def made(shift: float, captures: int = 6, windows: int = 20) -> Dataset:
    """Windows of which one feature tells the ICMP tunnels by so much, and the others nothing."""
    rng = np.random.default_rng(4)
    count = 2 * captures * windows
    names = schema().names
    table = np.full((count, len(names)), np.nan, np.float32)
    covert = np.repeat([True, False], count // 2)
    table[:, 0] = rng.normal(0, 1, count) + shift * covert
    table[:, 1] = 1.0
    number = np.arange(count) // windows
    return Dataset(
        X=pd.DataFrame(table, columns=list(names)),
        y=np.where(covert, "icmp_tunnel", "benign"),
        tool=np.where(covert, "some", ""),
        capture=np.char.add("c", number.astype(str)),
        source=np.full(count, CAPTURED),
        identity=pd.DataFrame({"proto": ["icmp"] * count}),
        schema=schema(),
        name="made",
    )


def test_area_known_answers() -> None:
    one, two = np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.5])
    assert area(one, two) == 1
    assert area(two, one) == 0
    assert area(one, one) == 0.5


def test_a_feature_that_tells_and_one_that_does_not() -> None:
    table = separation(made(3.0)).set_index("feature")
    assert list(table.index) == list(schema().names[:2])  # the rest has no evidence
    assert table["auc"].iloc[0] > 0.95
    assert table["auc"].iloc[1] == 0.5
    text = page([made(3.0)], {schema().names[0]: 0.25})
    start = text.splitlines().index("|---|---|---|") + 1
    told, silent = text.splitlines()[start : start + 2]
    assert told.endswith("| 250.0 |")
    assert "~" not in told
    assert silent.startswith(f"| {schema().names[1]} | 0.50~ |")
    silent = text.partition("and why it stays")[2]
    assert f"| {schema().names[1]} |" in silent
    assert f"| {schema().names[0]} |" not in silent


def test_no_capture_outweighs_the_others() -> None:
    data = made(0.0)
    heavy = data.take(np.concatenate([np.arange(len(data)), np.repeat(np.arange(20), 50)]))
    assert separation(heavy, most=10)["covert"].max() == 60


def test_benign_windows_are_of_the_channel_s_protocols() -> None:
    data = made(3.0)
    other = dataclasses.replace(data, identity=data.identity.assign(proto="udp"))
    mixed = data.take(data.covert)
    benign = other.take(~data.covert)
    from nalpml.datasets.dataset import concatenate

    assert separation(concatenate([mixed, benign])).empty


def test_gains_are_shares_of_the_shipped_model(repository) -> None:
    gains = model_gains(repository / "nalpml" / "export" / "default")
    assert sum(gains.values()) == pytest.approx(1)


def test_command_line(repository, tmp_path) -> None:
    target = tmp_path / "page.md"
    data = repository / "datasets" / "real"
    kept = tmp_path / "few"
    kept.mkdir()
    for path in sorted(data.glob("hping*"))[:4]:
        (kept / path.name).write_bytes(path.read_bytes())
    main([str(kept), "-o", str(target)])
    assert "| feature |" in target.read_text()


def test_what_tells_nothing_has_its_reason(repository) -> None:
    assert set(KEPT) <= set(FLOW_FEATURES)
    written = (repository / "docs" / "separation.md").read_text()
    assert "and why it stays" in written
    assert UNEXPLAINED not in written
    silent = page([made(0.0)], {})
    assert "| beacon_time_score | 0.0 | the field's own" in silent
    assert f"| packets_orig | 0.0 | {UNEXPLAINED} |" in silent
