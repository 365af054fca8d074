"""The realism audit: what it refuses, and that a discriminator tells what can be told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nalpml.errors import ConfigError
from nalpml.experiments.realism import load_audit
from nalpml.generators import PROFILES
from nalpml.models.discriminator import discriminate

AUDIT = Path(__file__).parents[3] / "experiments" / "realism" / "audit.toml"


def test_the_audit_names_profiles_that_are_there() -> None:
    import fnmatch

    for family in load_audit(AUDIT).family:
        for pattern in family.profiles:
            assert fnmatch.filter(PROFILES, pattern), pattern


@pytest.mark.parametrize(
    "text, complaint",
    [("real = 1", "real"), ("real = 'x'\nodd = 1", "family"), ("= 1", "not TOML")],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "audit.toml").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        load_audit(tmp_path / "audit.toml")


def test_what_differs_is_told_and_what_does_not_is_not() -> None:
    rng = np.random.default_rng(1)
    y = np.repeat([True, False], 200)
    groups = np.arange(400) // 10
    noise = rng.random((400, 4)).astype(np.float32)
    names = ["a", "b", "c", "d"]
    same = discriminate(noise, y, groups, names, seed=1)
    assert same.interval[0] < 0.5 < same.interval[1] or abs(same.auc - 0.5) < 0.1
    noise[y, 2] += 2
    other = discriminate(noise, y, groups, names, seed=1)
    assert other.auc > 0.99
    assert other.beyond > 0.9
    assert other.importance[0][0] == "c"
