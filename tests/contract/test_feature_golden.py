"""Golden rows: values of every feature, which may change only with its revision."""

from __future__ import annotations

import difflib
import inspect
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contract.feature_checks import LEVELS, rows_of
from tests.unit.features.sample import sample

GOLDEN = Path(__file__).parents[1] / "golden" / "features.json"


def _golden_value(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.6g}")


@cache
def _golden_now() -> dict[str, Any]:
    flows = sample()
    rows: dict[str, Any] = {}
    for features in LEVELS.values():
        for name, declared in features.items():
            values = np.float32(declared.compute(flows))
            if declared.level == "packet":  # of each flow the mean, not every packet
                parts = [rows_of(declared, flows, values, i) for i in range(len(flows))]
                means = [np.nan if np.isnan(p).all() else np.nanmean(p) for p in parts]
                values = np.array(means)
            listed = [_golden_value(value) for value in values.tolist()]
            rows[name] = {"revision": declared.revision, "values": listed}
    return rows


def _close(one: list[float | None], other: list[float | None]) -> bool:
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(
        (a is None and b is None)
        or (a is not None and b is not None and abs(a - b) <= 1e-5 * max(1.0, abs(b)))
        for a, b in pairs
    )


def stale(golden: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """What differs, by feature: new, gone, or other values (with or without a new revision)."""
    found = {name: "is gone" for name in golden if name not in now}
    for name, row in now.items():
        if name not in golden:
            found[name] = "is new"
        elif row["revision"] != golden[name]["revision"]:
            found[name] = f"revision {golden[name]['revision']} -> {row['revision']}"
        elif not _close(golden[name]["values"], row["values"]):
            found[name] = f"other values at the same revision {row['revision']}"
    return found


def test_goldenrows_of() -> None:
    now = _golden_now()
    if os.environ.get("NALPML_REFRESH_GOLDEN") == "1":
        lines = [f" {json.dumps(name)}: {json.dumps(row)}" for name, row in now.items()]
        GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    golden = json.loads(GOLDEN.read_text())
    found = stale(golden, now)
    changes = [
        line
        for name in found
        for line in difflib.unified_diff(
            [json.dumps(golden.get(name))],
            [json.dumps(now.get(name))],
            name,
            name,
            lineterm="",
            n=0,
        )
    ]
    assert not found, inspect.cleandoc(
        """
        {found}
        {changes}

        If you meant it: raise `revision` of each feature with other values, then
            NALPML_REFRESH_GOLDEN=1 python -m pytest tests/contract/test_feature_golden.py
        If you did not mean it, do NOT refresh: something upstream (decoding, windows, kernels)
        changed what models were trained on.
        """
    ).format(found=found, changes="\n".join(changes))


@pytest.mark.parametrize(
    "golden, now, expected",
    [
        ({"a": {"revision": 1, "values": [1.0, None]}}, {}, {"a": "is gone"}),
        ({}, {"a": {"revision": 1, "values": [1.0]}}, {"a": "is new"}),
        (
            {"a": {"revision": 1, "values": [1.0, None]}},
            {"a": {"revision": 1, "values": [1.1, None]}},
            {"a": "other values at the same revision 1"},
        ),
        (
            {"a": {"revision": 1, "values": [1.0, None]}},
            {"a": {"revision": 1, "values": [1.0, 2.0]}},
            {"a": "other values at the same revision 1"},
        ),
        (
            {"a": {"revision": 1, "values": [1.0]}},
            {"a": {"revision": 2, "values": [1.1]}},
            {"a": "revision 1 -> 2"},
        ),
        ({"a": {"revision": 1, "values": [1.0]}}, {"a": {"revision": 1, "values": [1.0]}}, {}),
    ],
)
def test_golden_check_finds_changes(
    golden: dict[str, Any], now: dict[str, Any], expected: dict[str, str]
) -> None:
    assert stale(golden, now) == expected
