"""What the pair of hosts tells when each flow is a packet or two."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Packet, Raw

from nalpml.capture.packets import DecodeReport, PacketTable
from nalpml.capture.scapy import from_scapy
from nalpml.features import FLOW_FEATURES, compute, schema
from nalpml.flows import flows
from nalpml.flows.window import iter_flows

A, B, C = "192.0.2.1", "198.51.100.1", "203.0.113.7"
Timed = Iterator[tuple[float, Packet]]


def octets(name: str, count: int) -> bytes:
    return hashlib.shake_128(name.encode()).digest(count)


def beacon() -> Timed:
    """A datagram a minute, each to another port, never an answer."""
    for i in range(20):
        port = 20000 + int.from_bytes(octets(f"port{i}", 2), "big") % 20000
        yield i * 55.0, IP(src=A, dst=B) / UDP(sport=40000 + i, dport=port) / octets(f"b{i}", 64)


def traceroute() -> Timed:
    """Probes to rising ports with rising time to live; routers answer with errors."""
    for i in range(20):
        probe = IP(src=A, dst=B, ttl=1 + i // 3) / UDP(sport=40000, dport=33434 + i) / bytes(32)
        yield i * 0.1, probe
        error = ICMP(type=11, code=0) / Raw(bytes(probe)[:28])
        yield i * 0.1 + 0.02, IP(src=C, dst=A) / error


def lookups() -> Timed:
    """DNS: one port, answers at once."""
    for i in range(20):
        asked = bytes([i, i, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + octets(f"name{i}", 10 + i % 7)
        yield i * 3.3, IP(src=A, dst=B) / UDP(sport=30000 + i, dport=53) / asked
        yield i * 3.3 + 0.02, IP(src=B, dst=A) / UDP(sport=53, dport=30000 + i) / asked


def scan() -> Timed:
    """Half-open connections to one port after the other, all closed."""
    for i in range(20):
        yield i * 0.01, IP(src=A, dst=B) / TCP(sport=50000, dport=1 + i, flags="S")
        yield i * 0.01 + 0.001, IP(src=B, dst=A) / TCP(sport=1 + i, dport=50000, flags="RA")


def packets(timed: Timed) -> PacketTable:
    made = []
    for time, packet in sorted(timed, key=lambda pair: pair[0]):
        packet.time = 1_700_000_000 + time
        made.append(packet)
    return from_scapy(made)


def last(timed: Timed) -> dict[str, float]:
    table = flows(packets(timed))
    return dict(zip(schema().names, compute(table)[-1].tolist(), strict=True))


def test_a_beacon_that_changes_ports_is_visible() -> None:
    row = last(beacon())
    assert row["packets_orig"] == 1
    assert row["context_first_contact"] == 1  # the service is new, the pair is not
    assert row["pair_flows_log"] == pytest.approx(np.log2(20))
    assert row["pair_services_share"] == 1
    assert row["pair_gap_cv"] < 0.01
    assert row["pair_unanswered_share"] == 1
    assert row["pair_error_share"] == 0
    assert row["pair_same_size_share"] == 1
    assert row["pair_same_payload_share"] == 0
    assert row["pair_octets_log_orig"] == pytest.approx(np.log2(1 + 92))


def test_traceroute_looks_otherwise() -> None:
    row = last(traceroute())
    assert row["pair_services_share"] == 1
    assert row["pair_unanswered_share"] == row["pair_error_share"] == 1
    assert row["pair_same_payload_share"] == 1


def test_lookups_and_scans_look_otherwise() -> None:
    row = last(lookups())
    assert row["pair_services_share"] == pytest.approx(1 / 19)
    assert row["pair_unanswered_share"] == 0
    assert row["context_fanout"] == pytest.approx(1 / 20)
    row = last(scan())
    assert row["pair_services_share"] == row["context_fanout"] == 1
    assert np.isnan(row["pair_same_size_share"])


def test_ten_minutes_of_silence_begin_anew() -> None:
    def twice() -> Timed:
        yield from beacon()
        for i in range(3):
            packet = IP(src=A, dst=B) / UDP(sport=1000 + i, dport=20000 + i) / b"x"
            yield 19 * 55.0 + 601 + i, packet

    row = last(twice())
    assert row["pair_flows_log"] == pytest.approx(np.log2(3))
    assert row["pair_gap_log"] == pytest.approx(0)


@pytest.mark.parametrize("size", [1, 7, 40])
def test_the_size_of_chunks_changes_nothing(size: int) -> None:
    def all_of_it() -> Timed:
        for part in (beacon, traceroute, lookups, scan):
            yield from part()

    table = packets(all_of_it())
    chunks = [
        PacketTable(table.rows[i : i + size].copy(), table.buffer, DecodeReport())
        for i in range(0, len(table), size)
    ]
    whole, parts = flows(table), list(iter_flows(chunks))
    names = [name for name in whole.windows.dtype.names if name.startswith(("pair_", "ctx_"))]
    cut = np.concatenate([part.windows for part in parts])
    cut = cut[np.argsort(cut["first_index"], kind="stable")]
    for name in names:
        np.testing.assert_array_equal(whole.windows[name], cut[name], err_msg=name)


def test_every_pair_feature_is_declared_for_flows() -> None:
    assert sum(declared.group == "pair" for declared in FLOW_FEATURES.values()) >= 10
