from __future__ import annotations

import numpy as np
import pytest

from nalpml.datasets.site import stretches
from nalpml.export import Threshold
from nalpml.models import site

OWN = Threshold(value=0.9, low=0.8, high=0.95, target_fpr=1e-3, fpr=1e-3, negatives=9)


def test_a_threshold_lets_through_what_was_asked_for_and_no_more():
    score = np.random.default_rng(0).uniform(0.5, 1, 5000)
    groups = np.arange(5000) % 50
    found = site.choose_for_volume(score, groups, 2.0, 20, least=OWN)
    assert (score >= found.value).sum() == 40
    assert found.low <= found.value <= found.high
    assert found.estimable
    assert found.target_fpr == found.fpr == pytest.approx(40 / 5000)


def test_minutes_of_traffic_never_lower_a_threshold_and_may_raise_it():
    quiet, groups = np.full(100, 0.1), np.zeros(100)
    kept = site.choose_for_volume(quiet, groups, 1e-3, 5, least=OWN)
    assert kept.value == OWN.value
    assert not kept.estimable
    loud = site.choose_for_volume(np.full(100, 0.97), groups, 1e-3, 5, least=OWN)
    assert loud.value > 0.97


def test_days_of_quiet_traffic_lower_it():
    found = site.choose_for_volume(np.full(100, 0.1), np.zeros(100), 10.0, 5, least=OWN)
    assert found.value == 0.5


def test_time_that_two_taps_see_counts_once():
    assert site.observed_seconds(np.array([[0, 10], [2, 4], [8, 20], [100, 101]])) == 21


def test_a_wrong_clock_makes_no_years():
    start = np.array([1.7e9, 0.0, 1.7e9 + 30, 1.7e9 + 3000])
    spans = stretches(start, start + 5)
    assert site.observed_seconds(spans) == 3005 + 5
    assert len(spans) == 2


def test_what_stands_out_is_neither_learnt_nor_forgotten():
    score = np.array([0.2, 0.95, 0.5, np.nan])
    found = site.presume(score, threshold=0.9, assumed=0.5)
    assert found.weight.tolist() == [0.8, 0, 0.5, 1]
    assert found.suspect.tolist() == [False, True, False, False]
    assert found.found == 0.25
    assert not found.exceeded


def test_recall_from_quantiles_is_that_of_the_scores():
    rng = np.random.default_rng(1)
    score = rng.beta(5, 1, 3000)
    score[:5] = np.nan
    label = np.where(np.arange(3000) % 3 == 0, "socks", "tcp_c2")
    label[-500:] = "benign"
    curve = site.score_curve(score, label)
    assert set(curve) == {"all", "socks", "tcp_c2"}
    for threshold in (0.0, 0.5, 0.9, 1.0):
        rows = ~np.isnan(score) & (label == "socks")
        found = site.recall_on_curve(curve, threshold)["socks"]
        assert found == pytest.approx((score[rows] >= threshold).mean(), abs=0.01)
