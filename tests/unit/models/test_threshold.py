from __future__ import annotations

import numpy as np
import pytest

from nalpml.models.threshold import CEILING, FLOOR, choose


@pytest.mark.parametrize("rate", [1e-1, 1e-2, 1e-3])
def test_at_most_the_rate_alerts(rate):
    s = np.random.default_rng(0).beta(5, 2, 5000)
    t = choose(s, target_fpr=rate, seed=0)
    assert (s >= t.value).mean() <= rate
    assert t.fpr == (s >= t.value).mean()
    assert t.estimable == (10 / rate <= 5000)


def test_few_negatives_give_the_greatest_of_them_and_say_so():
    t = choose(np.array([0.1, 0.7, 0.6]), target_fpr=1e-4, seed=0)
    assert t.value == np.nextafter(0.7, 1)
    assert not t.estimable


def test_bounds():
    assert choose(np.full(100, 0.01), target_fpr=1e-2, seed=0).value == FLOOR
    assert choose(np.ones(100), target_fpr=1e-2, seed=0).value == CEILING
    assert choose(np.ones(100), target_fpr=1e-2, seed=0).fpr == 1.0
    assert choose(np.zeros(0), target_fpr=1e-2, seed=0).fpr is None


def test_interval_widens_when_one_group_makes_the_tail():
    rng = np.random.default_rng(0)
    s = np.r_[rng.uniform(0, 0.6, 900), rng.uniform(0.8, 0.99, 100)]
    by_row = choose(s, target_fpr=5e-2, seed=0)
    by_group = choose(s, np.repeat(np.arange(10), 100), target_fpr=5e-2, seed=0)
    assert by_group.high - by_group.low > by_row.high - by_row.low
