"""Data in the header fields of many short connections, beside what stacks put there."""

from __future__ import annotations

import numpy as np
import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.packet import Packet

from nalpml.capture.scapy import from_scapy
from nalpml.features import compute, schema
from nalpml.flows import flows

MESSAGE = b"transfer at nine from the usual place; bring the second key"
COUNT = len(MESSAGE)
RNG = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def _draw_anew() -> None:
    # The same draws whatever the order of tests.
    global RNG
    RNG = np.random.default_rng(5)


def last(packets: list[Packet], pause: float = 0.5) -> dict[str, float]:
    for i, packet in enumerate(packets):
        packet.time = 1_700_000_000 + i * pause
    table = flows(from_scapy(packets))
    assert len(table) == len(packets)  # every packet is a flow
    return dict(zip(schema().names, compute(table)[-1].tolist(), strict=True))


def syn(i: int, *, ident: int, isn: int, stamp: int = 0, port: int | None = None) -> Packet:
    ports = {"sport": 40_000 + 2 * i if port is None else port, "dport": 80}
    options = [("Timestamp", (stamp, 0))] if stamp else []
    ip = IP(src="192.0.2.1", dst="198.51.100.1", id=ident)
    return ip / TCP(flags="S", seq=isn, options=options, **ports)


def draw(low: int, high: int) -> int:
    return int(RNG.integers(low, high))


def connections(count: int = COUNT) -> list[Packet]:
    """A stack: a counter of its own for identification, random numbers, one clock."""
    return [
        syn(i, ident=900 + 7 * i, isn=draw(0, 2**32), stamp=3_300_000_000 + 500 * i)
        for i in range(count)
    ]


def test_an_ordinary_stack_shows_nothing() -> None:
    row = last(connections())
    assert row["pair_id_rise_share"] == row["pair_port_rise_share"] == 1
    assert row["pair_id_text_share"] < 0.5
    assert row["pair_isn_text_share"] < 0.1


def test_octets_in_the_identification() -> None:
    packets = [
        syn(i, ident=octet << 8, isn=draw(0, 2**32), port=draw(1025, 60_000))
        for i, octet in enumerate(MESSAGE)
    ]
    row = last(packets)
    assert row["pair_id_text_share"] == 1
    assert row["pair_id_high_distinct"] < 0.6
    assert row["pair_id_rise_share"] < 0.4
    assert row["pair_port_rise_share"] < 0.1


def test_octets_in_initial_sequence_numbers_and_timestamps() -> None:
    row = last([syn(i, ident=i + 1, isn=octet << 24) for i, octet in enumerate(MESSAGE)])
    assert row["pair_isn_text_share"] == 1
    words = [int.from_bytes(MESSAGE[i : i + 4].ljust(4), "big") for i in range(0, COUNT, 4)]
    row = last([syn(i, ident=0, isn=draw(0, 2**32), stamp=w) for i, w in enumerate(words)])
    assert np.isnan(row["pair_id_text_share"])  # no identification, no evidence


def test_pairs_of_octets_in_the_identification_of_datagrams() -> None:
    packets = [
        IP(src="192.0.2.1", dst="198.51.100.1", id=MESSAGE[i] << 8 | MESSAGE[i + 1])
        / UDP(sport=draw(1025, 60_000), dport=53)
        / b"question"
        for i in range(0, COUNT - 1, 2)
    ]
    row = last(packets)
    assert row["pair_id_text_share"] == 1


def test_few_flows_say_nothing() -> None:
    row = last(connections(3))
    heads = ("pair_id_", "pair_isn_", "pair_stamp_", "pair_port_")
    values = [value for name, value in row.items() if name.startswith(heads)]
    assert len(values) == 5
    assert np.isnan(values).all()
