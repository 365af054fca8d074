"""A small model and small captures that many tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nalpml.export import Model
from nalpml.features import schema
from nalpml.generators import generate, parse_config
from nalpml.models.detector import CovertChannelDetector

MIXTURE = """
duration = 60.0
hosts = 10
[[entry]]
profile = "ping.*"
count = 6
[[entry]]
profile = "dns.*"
count = 6
[[entry]]
profile = "icmp_tunnel.*"
count = {tunnels}
"""


def write_mixture(folder: Path, *, tunnels: int = 6, seed: int = 3) -> Path:
    """A generated capture of pings, DNS and ICMP tunnels; returns its path."""
    generate(parse_config(MIXTURE.format(tunnels=tunnels)), seed=seed).write(folder)
    return folder / "traffic.pcap"


def make_model(seed: int = 0) -> Model:
    """A model that has learnt one rule: ICMP payloads that change behind the time stamp."""
    names = list(schema().names)
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(600, len(names))).astype(np.float32)
    X[rng.random(X.shape) < 0.3] = np.nan
    rule = names.index("icmp_fill_entropy_excess")
    X[:, rule] = rng.choice([0.0, 0.5, 4.5, 5.5, np.nan], size=len(X))
    y = np.where(X[:, rule] > 3, "icmp_tunnel", "benign")
    detector = CovertChannelDetector(n_estimators=20, target_fpr=1e-2, n_jobs=1, random_state=seed)
    return detector.fit(X, y).to_model(schema(), meta={"name": "small"})
