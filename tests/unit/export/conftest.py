from __future__ import annotations

import numpy as np
import pytest

from nalpml.features import Schema
from nalpml.models import CovertChannelDetector

WIDTH = 6


def rows(n: int = 600, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, WIDTH)).astype(np.float32)
    X[:, 3] = rng.integers(0, 5, n)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def labels(X: np.ndarray, n_classes: int) -> np.ndarray:
    first, second = np.nan_to_num(X[:, 0]), np.nan_to_num(X[:, 3])
    y = np.where(first > 0.6, "icmp_tunnel", "benign").astype(object)
    if n_classes == 3:
        y[second > 3] = "udp_c2"
    return y.astype(str)


@pytest.fixture(scope="session")
def schema() -> Schema:
    return Schema("flow", tuple((f"f{i}", 1) for i in range(WIDTH)))


@pytest.fixture(scope="session", params=[2, 3], ids=["binary", "multiclass"])
def model(request, schema):
    X = rows()
    detector = CovertChannelDetector(n_estimators=15, cv=3, target_fpr=1e-2, min_child_samples=5)
    return detector.fit(X, labels(X, request.param)).to_model(schema, {"name": "unit"})


@pytest.fixture(scope="session")
def X() -> np.ndarray:
    return rows(300, seed=1)
