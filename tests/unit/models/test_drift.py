from __future__ import annotations

import numpy as np
import pytest

from nalpml.models import drift, worth

from .test_evaluation import toy


def test_recall_falls_period_by_period():
    data = toy(2000)
    start = data.identity["start"].to_numpy()
    alert = data.covert & (np.random.default_rng(9).random(2000) > start / 100)
    found = drift.by_period(data, alert, periods=4)
    recall = [row["recall"] for row in found["periods"]]
    assert recall == sorted(recall, reverse=True)
    assert found["aut"] == pytest.approx(0.5, abs=0.08)
    assert sum(row["n_covert"] for row in found["periods"]) == data.covert.sum()
    assert all(row["false_positive_rate"] == 0 for row in found["periods"])


def test_area_is_within_the_values_and_weighs_the_ends_half():
    assert drift.area_under_time([0.4, 0.4]) == pytest.approx(0.4)
    assert drift.area_under_time([1.0, 0.0, 0.0]) == pytest.approx(0.25)


def test_one_moment_has_no_drift():
    data = toy(50)
    same = data.identity.assign(start=1.0)
    still = type(data)(
        data.X, data.y, data.tool, data.capture, data.source, same, data.schema, "still"
    )
    assert drift.by_period(still, data.covert) is None
    assert drift.by_period(data.take(~data.covert), np.zeros((~data.covert).sum(), bool)) is None


def test_alerts_a_day_scale_with_windows():
    one, two = (worth.base_rates(0.5, 1e-3, per_host=n)[3] for n in (100, 200))
    assert two["alerts_per_day"] == pytest.approx(2 * one["alerts_per_day"])
    assert one["false_per_day"] == pytest.approx(1000, rel=1e-3)
    assert one["ppv"] == pytest.approx(1e-5 * 0.5 / (1e-5 * 0.5 + (1 - 1e-5) * 1e-3))
    assert worth.base_rates(None, 0.1) == []
