"""Features beside their slow twins, over made-up conversations and captures that chance draws."""

from __future__ import annotations

import functools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from nalpml.features import FLOW_FEATURES
from nalpml.flows import Flows, flows
from tests.unit.features.naive_features import Window
from tests.unit.features.naive_more import KERNELS, PLAIN
from tests.unit.features.naive_transport import TWINS
from tests.unit.features.sample import sample
from tests.unit.kernels.test_windows import captures

table_of_all = functools.cache(sample)


def windows(table: Flows) -> list[Window]:
    names = table.packets.dtype.names
    rows = [dict(zip(names, row, strict=True)) for row in table.packets.tolist()]
    heads = [
        dict(zip(table.windows.dtype.names, head, strict=True)) for head in table.windows.tolist()
    ]
    edges = table.offsets.tolist()
    return [Window(rows[a:b], h) for a, b, h in zip(edges, edges[1:], heads, strict=False)]


def differing(name: str, table: Flows, made: list[Window]) -> list[tuple[int, float, float]]:
    ours = FLOW_FEATURES[name].compute(table).tolist()
    theirs = [TWINS[name](window) for window in made]
    return [
        (place, one, other)
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True))
        if not (math.isnan(one) and math.isnan(other))
        and not math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    ]


@functools.cache
def windows_of_all() -> list[Window]:
    return windows(table_of_all())


@pytest.mark.parametrize("name", TWINS)
def test_features_equal_their_twins(name: str) -> None:
    assert not differing(name, table_of_all(), windows_of_all())


@settings(max_examples=25)
@given(packets=captures())
def test_features_equal_their_twins_whatever_the_packets(packets) -> None:
    table = flows(packets)
    made = windows(table)
    assert {name: d for name in TWINS if (d := differing(name, table, made))} == {}


def test_every_feature_has_a_twin_or_a_kernel_that_has(repository: Path) -> None:
    assert set(TWINS) <= set(FLOW_FEATURES)
    assert len(TWINS) >= 190
    tests = "".join(p.read_text() for p in (repository / "tests/unit/kernels").glob("test_*.py"))
    assert [kernel for kernel in KERNELS if f"{kernel}(" not in tests] == []
    stems = tuple(stem for group in KERNELS.values() for stem in group)
    left = [name for name in FLOW_FEATURES if name not in TWINS and not name.startswith(stems)]
    assert set(left) == PLAIN


def test_twins_have_something_to_differ_in() -> None:
    values = {name: FLOW_FEATURES[name].compute(table_of_all()) for name in TWINS}
    assert [name for name, column in values.items() if np.isnan(column).all()] == []
