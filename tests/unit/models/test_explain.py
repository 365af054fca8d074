from __future__ import annotations

import numpy as np

from nalpml.features import Schema
from nalpml.models import CovertChannelDetector, explain


def test_the_feature_that_decides_is_the_reason():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 4)).astype(np.float32)
    y = np.where(X[:, 2] > 0.3, "socks", "benign")
    schema = Schema("flow", tuple((f"f{i}", 1) for i in range(4)))
    model = CovertChannelDetector(n_estimators=20, cv=2).fit(X, y).to_model(schema)
    row = np.array([[0, np.nan, 2, 0], [0, np.nan, -2, 0]], dtype=np.float32)
    covert, benign = explain.reasons(model, row, k=3)
    assert covert[0]["feature"] == "f2"
    assert covert[0]["value"] == 2.0
    assert covert[0]["contribution"] > 0
    assert [r["contribution"] for r in covert] == sorted(
        (r["contribution"] for r in covert), reverse=True
    )
    assert all(r["feature"] != "f2" for r in benign)
    assert explain.contributions(model, X).importance()[0][0] == "f2"


def test_missing_values_become_none():
    found = explain.top_reasons(
        ("a", "b"), np.array([[np.nan, 1]], dtype=np.float32), np.array([[2.0, 1.0]]), k=1
    )
    assert found == [[{"feature": "a", "value": None, "contribution": 2.0}]]
