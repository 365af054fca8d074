"""Fields that must not tell what is covert do not."""

from __future__ import annotations

import numpy as np

from nalpml.experiments.artefacts import FIELDS, VSOCK_FIELDS, measure, table


def test_nothing_but_the_channel_tells() -> None:
    # So many episodes that chance stays well within the bounds: with 2,100 it did not.
    found = measure(seed=11, mixtures=5, episodes=900, duration=120.0)
    assert [f.name for f in found] == [*FIELDS, "all of them"]
    for finding in found:
        assert abs(finding.auc - 0.5) <= 0.05, finding
        assert abs(finding.permuted - 0.5) <= 0.05, finding
    assert len(table(found).splitlines()) == len(found) + 2


def test_nothing_but_the_channel_tells_over_vsock() -> None:
    found = measure(seed=11, mixtures=16, episodes=300, vsock=True)
    assert [f.name for f in found] == [*VSOCK_FIELDS, "all of them"]
    for finding in found:
        assert abs(finding.auc - 0.5) <= 0.05, finding
        assert abs(finding.permuted - 0.5) <= 0.05, finding


def test_the_audit_sees_what_does_tell() -> None:
    from nalpml.models.discriminator import cross_scores

    rng = np.random.default_rng(1)
    y = rng.random(600) < 0.5
    x = np.stack((rng.random(600), np.where(y, 64, 128)), axis=1).astype(np.float32)
    scores = cross_scores(x, y, np.arange(600) % 3, np.ones(600), seed=1)
    assert scores[y].min() > scores[~y].max()
