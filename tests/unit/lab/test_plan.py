from __future__ import annotations

import ipaddress

import pytest
from labkit.plan import HOSTS, draw, scenario_seed


@pytest.mark.parametrize("seed", range(40))
def test_networks_are_private_apart_and_hold_their_hosts(seed: int) -> None:
    plan = draw(seed)
    assert plan.lan.is_private
    assert plan.wan.is_private
    assert not plan.lan.overlaps(plan.wan)
    assert len({plan.v4[host] for host in HOSTS}) == len(HOSTS)
    for host in HOSTS:
        side, side6 = (plan.lan, plan.lan6) if host.startswith("client") else (plan.wan, plan.wan6)
        assert ipaddress.ip_address(plan.v4[host]) in side
        assert ipaddress.ip_address(plan.v6[host]) in side6


def test_a_seed_gives_one_plan_and_another_seed_another() -> None:
    assert draw(5) == draw(5)
    assert draw(5) != draw(6)
    assert scenario_seed("ping", 1) != scenario_seed("ping", 2)
    assert scenario_seed("ping", 1) != scenario_seed("pong", 1)


def test_a_farm_takes_no_address_twice() -> None:
    plan = draw(3)
    farm = plan.farm(300)
    assert len({*farm, *plan.v4.values()}) == 300 + len(set(plan.v4.values()))
    assert all(ipaddress.ip_address(address) in plan.wan for address in farm)


def test_the_capture_point_can_be_asked_for() -> None:
    assert draw(1, "lan").capture == "lan0"
    assert draw(1, "wan").capture == "wan0"
