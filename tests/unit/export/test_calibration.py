from __future__ import annotations

import numpy as np
import pytest

from nalpml.errors import BundleError
from nalpml.export.calibration import METHOD, Calibration, covert_shares, fit, log_odds, sigmoid


def test_fit_recovers_the_curve_that_drew_the_labels():
    rng = np.random.default_rng(1)
    z = rng.normal(0, 3, 40_000)
    covert = rng.random(z.size) < sigmoid(0.7 * z - 1.0)
    found = fit(z, covert)
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.intercept == pytest.approx(-1.0, abs=0.05)


def test_separable_data_give_finite_numbers():
    z = np.r_[np.full(50, -8.0), np.full(50, 8.0)]
    found = fit(z, z > 0)
    assert np.isfinite([found.slope, found.intercept]).all()
    assert found.score(np.array([8.0]))[0] > 0.9


def test_score_increases_even_when_the_labels_are_inverted():
    z = np.linspace(-3, 3, 200)
    found = fit(z, z < 0)
    assert (np.diff(found.score(z)) > 0).all()


def test_weights_equal_repetition():
    rng = np.random.default_rng(2)
    z = rng.normal(size=300)
    covert = z + rng.normal(size=300) > 0
    times = rng.integers(1, 4, 300)
    weighted = fit(z, covert, times.astype(float))
    repeated = fit(np.repeat(z, times), np.repeat(covert, times))
    # The smoothed targets count rows, so the two agree closely, not exactly.
    assert weighted.slope == pytest.approx(repeated.slope, rel=0.02)


def test_one_class_is_the_identity():
    assert fit(np.zeros(3), np.zeros(3, dtype=bool)) == Calibration()


@pytest.mark.parametrize("width", [1, 4])
def test_probabilities_sum_to_one_and_agree_with_the_score(width):
    raw = np.random.default_rng(3).normal(0, 20, (50, width))
    c = Calibration(0.8, -0.3, 0.2)
    p = c.probabilities(raw)
    assert p.shape == (50, max(2, width))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(1 - p[:, 0], c.score(log_odds(raw)), atol=1e-12)
    np.testing.assert_allclose(covert_shares(raw).sum(axis=1), 1)


def test_log_odds_are_those_of_the_benign_column():
    assert log_odds(np.array([[1.0, 2.0, 0.5]])).tolist() == [-1.0]
    assert log_odds(np.array([[1.5]])).tolist() == [1.5]


def test_round_trip_and_refusals():
    c = Calibration(0.8, -0.3, 0.2)
    assert Calibration.from_dict(c.to_dict()) == c
    with pytest.raises(BundleError, match=r"'isotonic', known is .*train the model again"):
        Calibration.from_dict({"method": "isotonic"})
    with pytest.raises(BundleError, match="needs slope"):
        Calibration.from_dict({"method": METHOD, "slope": 1})
    with pytest.raises(BundleError, match="slope above 0"):
        Calibration(slope=0.0)
