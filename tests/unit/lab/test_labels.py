from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from labkit import labels
from labkit.capture import Packet
from labkit.link import LinkPath, netem_arguments, relay_arguments
from labkit.process import LabError
from labkit.scenario import Rule, Scenario

BASE = Packet(1, 90, 90, "10.0.0.1", "10.0.0.2", "tcp", 40000, 443, None, None, 1.0)
ENV = {"CLIENT": "10.0.0.1", "SERVER": "10.0.0.2", "PORT": "443"}


def back(packet: Packet) -> Packet:
    return replace(packet, src=packet.dst, dst=packet.src, sport=packet.dport, dport=packet.sport)


def resolve(packets: list[Packet], **rule: object) -> list[labels.Flow]:
    given = {"proto": "tcp", "label": "tcp_c2", "tool": "ncat", "least": 1, **rule}
    scenario = Scenario(
        "s", "s", "ncat", "w", (), (), (Rule(**given),), "lan", LinkPath(), variables={}
    )
    return labels.resolve(scenario, ENV, Path("unused"), packets)


def test_a_rule_finds_the_concrete_flow_and_both_directions() -> None:
    other = replace(BASE, dport=80)
    flows = resolve([BASE, back(BASE), other], a="$CLIENT", b="$SERVER", b_port="$PORT")
    assert [(f.a, f.a_port, f.b, f.b_port) for f in flows] == [("10.0.0.1", 40000, "10.0.0.2", 443)]
    assert flows[0].covers(BASE)
    assert flows[0].covers(back(BASE))
    assert not flows[0].covers(other)


def test_a_rule_without_ends_lists_a_flow_once() -> None:
    assert len(resolve([BASE, back(BASE), BASE])) == 1


def test_a_rule_that_matches_nothing_fails() -> None:
    with pytest.raises(LabError, match="0 packets match"):
        resolve([BASE], b_port="22")


def test_echo_flows_are_kept_apart_by_identifier_and_errors_are_nobodys() -> None:
    ping = replace(BASE, proto="icmp", sport=None, dport=None, icmp_type=8, icmp_id=7)
    error = replace(ping, icmp_type=3, icmp_id=None)
    flows = resolve([ping, replace(ping, icmp_id=9), error], proto="icmp", icmp_id="7")
    assert [f.icmp_id for f in flows] == [7]
    assert not flows[0].covers(error)


def test_many_identifiers_of_a_pair_become_one_flow() -> None:
    ping = replace(BASE, proto="icmp", sport=None, dport=None, icmp_type=8)
    flows = resolve([replace(ping, icmp_id=i) for i in range(40)], proto="icmp")
    assert [f.icmp_id for f in flows] == [None]


def test_a_label_file_is_one_flow_a_line() -> None:
    flow = {"proto": "tcp", "a": "x", "b": "y"}
    document = {"flows": [flow, flow], "rest": "benign"}
    text = labels.dump(document)
    assert json.loads(text) == document
    assert len(text.splitlines()) == 7
    assert json.loads(labels.dump({"flows": [], "rest": None})) == {"flows": [], "rest": None}


def test_a_path_becomes_arguments() -> None:
    path = LinkPath(delay_ms=18, jitter_ms=2, loss_pct=1.5, rate_kbit=800)
    assert relay_arguments(path, 7) == ["18", "2", "1.5", "800", "0", "7"]
    assert netem_arguments(path) == [
        "delay", "18ms", "2ms", "distribution", "normal", "loss", "1.5%", "rate", "800kbit",
    ]  # fmt: skip
    assert netem_arguments(LinkPath(delay_ms=1)) == ["delay", "1ms"]
