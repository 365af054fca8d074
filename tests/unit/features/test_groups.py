"""What features say of traffic whose answer is known by hand, group by group."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP

from nalpml.features import FLOW_FEATURES, compute, schema
from nalpml.flows import Flows
from tests.unit.features.sample import octets
from tests.unit.features.small import A, B, datagrams, echo, stamp, table, tcp, udp


def value(name: str, flows: Flows) -> float:
    return float(FLOW_FEATURES[name].compute(flows)[0])


def values(flows: Flows) -> dict[str, float]:
    return dict(zip(schema().names, compute(flows)[0].tolist(), strict=True))


# volume, size


def test_producer_consumer_ratio() -> None:
    assert value("producer_consumer_ratio", udp([(0, bytes(30)), (1, bytes(10))])) == 0.5
    assert value("producer_consumer_ratio", udp([(0, bytes(30))])) == 1
    assert math.isnan(value("producer_consumer_ratio", tcp([{"flags": "S"}])))


def test_sizes() -> None:
    row = values(udp([(0, bytes(n)) for n in (20, 20, 36, 68)] + [(1, bytes(5))]))
    assert row["size_mean_orig"] == 36
    assert row["size_median_orig"] == 28
    assert row["size_modal_share_orig"] == 0.5
    assert row["size_entropy_orig"] == 1.5
    assert row["size_block_share_orig"] == 1, "20, 36 and 68 are 4 modulo 16"
    assert [row[f"splt_{i}"] for i in range(1, 6)] == [20, 20, 36, 68, -5]
    assert math.isnan(row["size_modal_share_resp"])


# timing


def test_a_beacon_scores_high_and_a_person_low() -> None:
    beacon = udp([(i % 2, bytes(40)) for i in range(20)], gap=5.0)
    assert value("beacon_time_score", beacon) == pytest.approx(1)
    assert value("burst_gap_median", beacon) == pytest.approx(5)
    assert value("burst_gap_cv", beacon) == pytest.approx(0, abs=1e-6)
    human = datagrams([0.6, 30.0, 1.0, 0.7, 90.0, 3.0, 0.8, 12.0, 240.0])
    assert value("beacon_time_score", human) < 0.7


def test_bursts_need_silence() -> None:
    assert value("burst_rate_log", datagrams([0.1] * 7)) == -3
    assert math.isnan(value("burst_gap_median", datagrams([0.1] * 7)))


# payload, framing


def test_random_payloads_reach_the_expected_entropy() -> None:
    row = values(udp([(0, octets(f"r{i}", 200)) for i in range(20)] + [(1, b"plain text " * 9)]))
    assert row["entropy_ratio_orig"] == pytest.approx(1, abs=0.01)
    assert abs(row["chi_square_orig"]) < 2.5
    assert row["chi_square_resp"] > 4
    assert row["octet_entropy_orig"] == pytest.approx(8, abs=0.02)
    assert row["octet_entropy_resp"] < 7
    assert row["copied_share_orig"] == 0
    assert row["copied_share_resp"] > 0.8
    assert row["entropy_ratio_resp"] < 0.6
    assert row["printable_first_resp"] == 1
    assert row["header_entropy_orig"] == pytest.approx(1, abs=0.06)
    assert row["header_constant_orig"] == 0
    assert row["length_stated_orig"] == 0


def test_a_structured_protocol() -> None:
    def message(i: int) -> bytes:
        body = octets(f"m{i}", 16 + 8 * i)
        return b"MAGC" + struct.pack(">HH", len(body), i) + body

    row = values(udp([(i % 2, message(i)) for i in range(16)]))
    assert row["prefix_modal_orig"] == row["prefix_modal_resp"] == 1
    assert row["header_constant_orig"] >= 5 / 16
    assert row["header_counting_orig"] >= 1 / 16
    assert row["header_agreement"] >= 5 / 16
    assert row["length_field_orig"] == row["length_field_resp"] == 1
    assert row["length_stated_orig"] == row["length_stated_resp"] == 1


def test_replies_that_repeat_their_request() -> None:
    row = values(udp([(0, b"Q123abcd"), (1, b"R123efgh"), (0, b"same"), (1, b"same"), (0, b"?")]))
    assert row["reply_octets_share"] == pytest.approx((3 / 8 + 1) / 2)
    assert row["request_answered_share"] == pytest.approx(2 / 3)


def test_esp_in_udp_counts_on() -> None:
    def esp(number: int, body: bytes) -> bytes:
        return struct.pack(">II", 0xC0FFEE01, number) + body

    def share_of(payloads: list[bytes]) -> float:
        packets = [IP(src=A, dst=B) / UDP(sport=4500, dport=4500) / payload for payload in payloads]
        return value("app_share", table([(i * 0.1, packet) for i, packet in enumerate(packets)]))

    ciphertext = [octets(f"esp{i}", 64) for i in range(8)]
    assert share_of([esp(i + 1, c) for i, c in enumerate(ciphertext)]) == 1
    assert share_of([esp(9, c) for c in ciphertext]) == 1 / 8
    assert share_of([esp(99991 * (i + 1) % 2**20, c) for i, c in enumerate(ciphertext)]) < 0.5
    # Text behind a counter is none, whoever counts.
    text = b"{'id': 1390851128, 'user': 'carla'}".ljust(64)
    assert share_of([esp(i + 1, text) for i in range(8)]) == 0


def test_fills_of_pings_are_near_and_data_far() -> None:
    linux = stamp(0) + bytes(range(16, 56))
    fills = [bytes(range(97, 120)) + b"abcdefghi", b"\xab\xcd" * 36, bytes(56), linux]
    for fill in fills:
        assert value("icmp_fill_distance", echo([fill] * 4)) < 0.06
    assert value("icmp_fill_distance", echo([octets("data", 56)] * 4)) > 0.9


# ICMP


@pytest.mark.parametrize(
    "payload, plain",
    [
        (stamp(0) + bytes(range(16, 56)), 1),  # iputils
        (b"abcdefghijklmnopqrstuvwabcdefghi", 1),  # Windows
        (b"", 1),  # nmap
        (bytes(56), 1),  # fping
        (stamp(0)[:8], 1),  # a time stamp alone
        (stamp(0)[:8] + bytes(12), 1),  # busybox -s 20
        (octets("knock", 9), 0),
        (octets("tunnel", 56), 0),
        (b"whoami; cat /etc/passwd; uname -a", 0),
    ],
)
def test_ordinary_fills(payload: bytes, plain: int) -> None:
    assert value("icmp_plain_share", echo([payload])) == plain


def test_a_character_a_ping_is_not_judged() -> None:
    assert math.isnan(value("icmp_plain_share", echo([b"a", b"bc"])))


def test_echo_pairing() -> None:
    flow = table(
        (t, IP(src=s, dst=d) / ICMP(type=kind, id=3, seq=seq) / data)
        for t, s, d, kind, seq, data in [
            (0.0, A, B, 8, 1, b"asked..."),
            (0.1, B, A, 0, 1, b"asked..."),
            (1.0, A, B, 8, 2, b"asked..."),
            (1.1, B, A, 0, 2, b"other!!!"),
            (2.0, A, B, 8, 3, b"nothing"),
            (3.0, B, A, 0, 9, b"unasked"),
        ]
    )
    row = values(flow)
    assert row["icmp_unanswered_share"] == pytest.approx(1 / 3)
    assert row["icmp_changed_share"] == 0.5
    assert row["icmp_unsolicited_share"] == pytest.approx(1 / 3)
    assert row["icmp_latency_median"] == pytest.approx(0.1)


# headers, transport


def test_identifications() -> None:
    def row(identifiers: list[int]) -> dict[str, float]:
        packets = [IP(src=A, dst=B, id=i) / TCP(sport=1, dport=2, flags="A") for i in identifiers]
        return values(table((0.1 * n, packet) for n, packet in enumerate(packets)))

    counter, data = row([7, 8, 9, 11, 12]), row([ord(c) << 8 for c in "secret"])
    assert counter["ip_id_counting_orig"] == 1
    assert counter["ip_id_text_orig"] == 0
    assert data["ip_id_text_orig"] == 1
    assert row([0, 0, 0, 0])["ip_id_zero_orig"] == 1
    noise = [int.from_bytes(octets(f"id{i}", 2), "big") for i in range(60)]
    assert row(noise)["ip_id_counting_orig"] < 0.05
    assert row(noise)["ip_id_step_entropy_orig"] > 5.5


def test_initial_sequence_numbers() -> None:
    knocks = tcp([{"flags": "S", "seq": ord(c) << 24} for c in "covert"])
    assert value("tcp_isn_round_share", knocks) == 1
    retries = tcp([{"flags": "S", "seq": 0x1234567}] * 4)
    assert value("tcp_isn_round_share", retries) == 0
    assert value("tcp_isn_round_share", retries) == 0


def test_segments_out_of_order() -> None:
    flow = tcp([
        {"flags": "PA", "seq": 100, "data": b"12345"},
        {"flags": "PA", "seq": 105, "data": b"12345"},
        {"flags": "PA", "seq": 105, "data": b"12345"},
        {"flags": "PA", "seq": 500, "data": b"12345"},
        {"flags": "PA", "seq": 505, "data": b"12345"},
    ])  # fmt: skip
    assert value("tcp_repeat_share", flow) == 0.25
    assert value("tcp_jump_share", flow) == 0.25


def test_columns_hold_no_address_and_no_port() -> None:
    one, other = udp([(0, b"x" * 20)] * 3, port=6000), udp([(0, b"x" * 20)] * 3, port=6001)
    np.testing.assert_array_equal(compute(one), compute(other))
