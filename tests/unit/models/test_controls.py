from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nalpml.models import controls

from .test_evaluation import toy


def families(n=900, seed=0):
    """Twelve families, each with a covert and a quiet capture, that nothing tells apart."""
    data = toy(3 * n, seed=seed)
    half = n // 2
    rows = [np.flatnonzero(data.covert)[:half], np.flatnonzero(~data.covert)[:half]]
    data, n = data.take(np.concatenate(rows)), 2 * half
    rng = np.random.default_rng(seed + 100)
    number = np.tile(np.arange(n // 2) % 12, 2).astype(str)
    capture = np.char.add(np.where(data.covert, "mal", "ok"), number)
    identity = data.identity.assign(
        src=[f"10.0.0.{i}" for i in rng.integers(1, 250, n)],
        dst=[f"fd00::{i:x}" for i in rng.integers(1, 250, n)],
        sport=rng.integers(1024, 65535, n),
    )
    tool = np.where(data.covert, np.char.add("tool", number), "")
    return dataclasses.replace(data, capture=capture, tool=tool, identity=identity)


def test_artefacts_alone_are_chance():
    auc = controls.artefact_auc(families(), seed=0, n_estimators=15)
    assert 0.35 < auc < 0.65


def test_artefacts_that_give_it_away_are_noticed():
    data = families()
    telling = data.identity.assign(sport=np.where(data.covert, 4444, 50000))
    auc = controls.artefact_auc(
        dataclasses.replace(data, identity=telling), seed=0, n_estimators=15
    )
    assert auc > 0.95


def test_artefacts_need_two_families_of_real_captures():
    data = families(100)
    made = dataclasses.replace(data, source=np.full(len(data), "generated"))
    assert np.isnan(controls.artefact_auc(made, seed=0))


def test_addresses_of_both_kinds_are_numbers():
    found = controls.artefacts(families(50))
    assert found["dst"].max() < 250
    assert found["src"].notna().all()
    with pytest.raises(KeyError):
        found["payload"]
