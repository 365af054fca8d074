from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nalpml.datasets import Dataset
from nalpml.features import Schema

NAMES = ("a", "b", "c")


def make(rows, *, seed=0, name="toy"):
    """Rows of (label, tool, capture, source)."""
    rng = np.random.default_rng(seed)
    label, tool, capture, source = (
        np.array(column, dtype=str) for column in zip(*rows, strict=True)
    )
    n = len(label)
    X = pd.DataFrame(rng.normal(size=(n, len(NAMES))).astype(np.float32), columns=list(NAMES))
    X["a"] += np.where(label == "benign", 0, 3).astype(np.float32)
    start = np.arange(n, dtype=float)
    identity = pd.DataFrame(
        {
            "start": start,
            "end": start + 0.5,
            "src": ["10.0.0.1"] * n,
            "dst": [f"10.0.1.{i % 7}" for i in range(n)],
            "flow_uid": [f"f{i // 2}" for i in range(n)],
            "packets": [(6, 4)] * n,
        }
    )
    schema = Schema("flow", tuple((n, 1) for n in NAMES))
    return Dataset(X, label, tool, capture, source, identity, schema, name)


@pytest.fixture
def toy():
    rows = (
        [("benign", "", f"c{i % 5}", "captured") for i in range(50)]
        + [("icmp_tunnel", "ptunnel", "c0", "captured")] * 5
        + [("icmp_tunnel", "icmptx", "c1", "captured")] * 5
        + [("udp_c2", "socat", "c1", "captured")] * 5
        + [("socks", "socks.a", "mix", "generated")] * 10
        + [("benign", "dns.client", "mix", "generated")] * 10
    )
    return make(rows)
