from __future__ import annotations

from nalpml.features import FLOW_FEATURES
from nalpml.features.costs import costs
from tests.unit.features.sample import sample


def test_every_group_of_flow_features_has_its_time() -> None:
    spent = costs([sample()])
    assert set(spent) == {declared.group for declared in FLOW_FEATURES.values()}
    assert all(seconds >= 0 for seconds in spent.values())
    assert sum(spent.values()) > 0
