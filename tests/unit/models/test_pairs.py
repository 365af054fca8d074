from __future__ import annotations

import numpy as np
import pytest

from nalpml.models import metrics, pairs, rates

from .test_evaluation import toy


def scores(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    covert = rng.random(n) < 0.3
    names = np.where(covert, np.where(rng.random(n) < 0.5, "a", "b"), "none")
    shift = np.where(names == "a", 3.0, np.where(names == "b", 0.5, 0.0))
    group = np.char.add(names, rng.integers(0, 8, n).astype(str))
    return covert, np.round(rng.normal(size=n) + shift, 2), names, group


def test_recall_of_a_name_is_at_the_common_threshold():
    covert, score, names, group = scores()
    found = rates.recall_by(covert, score, names, group, fprs=(0.05,), seed=0, n_boot=40)
    assert list(found) == ["(all)", "a", "b"]
    cut = found["a"][0]["threshold"]
    assert (score[~covert] >= cut).mean() <= 0.05
    assert (score[~covert] >= np.max(score[score < cut])).mean() > 0.05
    for name in ("a", "b"):
        row = found[name][0]
        assert row["recall"] == pytest.approx((score[names == name] >= cut).mean())
        assert row["n"] == (names == name).sum()
        assert row["low"] < row["recall"] < row["high"]
    whole = metrics.recall_at_fpr(covert, score, 0.05)
    assert found["(all)"][0]["recall"] == pytest.approx(whole)


def test_few_negatives_are_said_and_few_groups_keep_a_width():
    covert, score, names, _ = scores(300)
    found = rates.recall_by(covert, score, names, names, fprs=(0.1, 1e-3), seed=0, n_boot=20)
    assert [row["estimable"] for row in found["a"]] == [True, False]
    assert found["a"][0]["high"] - found["a"][0]["low"] > 0.01


def test_one_kind_has_no_rates():
    every = np.ones(5, bool)
    text = np.full(5, "x")
    assert rates.recall_by(every, np.ones(5), text, text, fprs=(0.1,), seed=0) == {}
    assert rates.recall_by(~every, np.ones(5), text, text, fprs=(0.1,), seed=0) == {}


def test_a_covert_pair_is_judged_by_its_covert_windows():
    data = toy(200)
    identity = data.identity.assign(src="10.0.0.1", dst="10.0.0.2")
    mixed = type(data)(
        data.X, data.y, data.tool, data.capture, data.source, identity, data.schema, "mixed"
    )
    score = np.where(mixed.covert, 0.2, 0.9)
    found = pairs.pair_table(mixed, score)
    assert found["covert"].all()
    assert (found["score"] == 0.2).all()
    assert found["windows"].sum() == mixed.covert.sum()


def test_the_greatest_score_speaks_for_the_pair_and_unjudged_rows_do_not():
    data = toy(100)
    score = np.linspace(0, 1, 100)
    score[:50] = np.nan
    found = pairs.pair_table(data, score)
    for pair, top in zip(found["pair"], found["score"], strict=True):
        assert top == np.nanmax(score[data.host_pairs == pair])


def test_text_of_rates():
    data = toy(600)
    found = pairs.by_channel(data, data.covert + np.linspace(0, 0.1, 600), n_boot=5)
    text = pairs.as_text(found)
    assert "icmp_tunnel" in text
    assert "1.000" in text
    assert "~" in text
