"""Features that a profile promises to move do move: over every profile of one mixture."""

from __future__ import annotations

import fnmatch
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nalpml.datasets import loading
from nalpml.generators import PROFILES, Entry, MixConfig, generate
from tests.contract.promises import PROMISES, SILENT, Promise


def _matches(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) or pattern == f"label:{PROFILES[name].label}"


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Features of the windows of two episodes of every profile, and the profile's name."""
    parts = []
    for vsock in (False, True):
        names = [n for n, p in PROFILES.items() if p.vsock == vsock]
        config = MixConfig(
            entry=tuple(Entry(profile=n, count=2) for n in names),
            duration=120, hosts=60, midstream=0, one_way=0,
        )  # fmt: skip
        folder: Path = tmp_path_factory.mktemp("all")
        generate(config, seed=9).write(folder)
        data = loading.load(folder, name="all")
        parts.append(data.X.assign(profile=data.tool.astype(str)))
    return pd.concat(parts)


def _keeps(windows: pd.DataFrame, promise: Promise) -> set[str]:
    """Profiles with a window that has one of the features within the bounds."""
    _, features, low, high = promise
    values = windows[list(features)].to_numpy(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        within = ((values >= low) & (values <= high)).any(axis=1)
    return set(windows["profile"][within])


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: f"{p[0]}-{p[1][0]}")
def test_a_promise_is_kept_and_means_something(promise: Promise, windows: pd.DataFrame) -> None:
    promised = {name for name in PROFILES if _matches(name, promise[0])}
    assert promised, "no profile of that name"
    kept = _keeps(windows, promise)
    assert promised <= kept, promised - kept
    others = set(PROFILES) - promised
    assert len(others & kept) < 0.75 * len(others), "what everything does is no promise"


def test_every_profile_promises_something_or_is_wide_on_purpose() -> None:
    patterns = [p[0] for p in PROMISES] + list(SILENT)
    assert [n for n in PROFILES if not any(_matches(n, pattern) for pattern in patterns)] == []
    for pattern in SILENT:
        assert any(_matches(n, pattern) for n in PROFILES), pattern
