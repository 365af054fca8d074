from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nalpml.datasets import Dataset
from nalpml.features import Schema
from nalpml.models import delay

from .test_evaluation import toy


def windows(rows):
    """Rows of (label, flow, start, end, packets)."""
    label, flow, start, end, packets = zip(*rows, strict=True)
    n = len(label)
    identity = pd.DataFrame(
        {"start": start, "end": end, "src": ["10.0.0.1"] * n, "dst": ["10.0.0.2"] * n,
         "flow_uid": flow, "packets": [[p - 1, 1] for p in packets]}
    )  # fmt: skip
    text = np.full(n, "c")
    X = pd.DataFrame({"a": np.zeros(n, np.float32)})
    return Dataset(
        X, np.array(label), text, text, text, identity, Schema("flow", (("a", 1),)), "toy"
    )


ROWS = [
    ("socks", "f", 10.0, 12.0, 20),
    ("socks", "g", 11.0, 11.5, 3),
    ("socks", "f", 130.0, 135.0, 40),
    ("socks", "f", 250.0, 251.0, 5),
    ("benign", "f", 0.0, 1.0, 999),
]


def test_delay_is_to_the_end_of_the_first_window_that_alerts():
    found = delay.detection_delay(windows(ROWS), np.array([False, False, True, True, True]))
    assert (found["pairs"], found["detected"]) == (1, 1)
    assert found["seconds"]["median"] == 125.0
    assert found["packets"]["median"] == 20 + 3 + 40
    conversations = found["conversations"]
    assert (conversations["n"], conversations["detected"]) == (2, 1)
    assert conversations["packets"]["median"] == 60
    assert found["by_channel"]["socks"] == conversations
    assert dict(map(tuple, found["curve"]["packets"]))[50] == 0.0
    assert dict(map(tuple, found["curve"]["packets"]))[100] == 0.5


def test_delay_counts_to_the_first_alert():
    data = toy(40, seed=2)
    found = delay.detection_delay(data, np.ones(40, bool))
    assert found["detected"] == found["pairs"]
    assert found["packets"] == {"median": 5.0, "p90": 5.0}
    assert found["seconds"]["median"] == pytest.approx(1.0)
    assert delay.detection_delay(data, np.zeros(40, bool))["detected"] == 0


def test_nothing_covert_has_no_delay():
    found = delay.detection_delay(windows(ROWS[-1:]), np.array([True]))
    assert (found["pairs"], found["conversations"]["n"]) == (0, 0)
    assert found["curve"]["seconds"][0][1] is None
