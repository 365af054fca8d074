from __future__ import annotations

import numpy as np
import pytest

from nalpml.features import FLOW_FEATURES
from nalpml.features._views import carries, entropy_table, expected_entropy, messages
from nalpml.flows import Flows
from tests.unit.features.sample import octets
from tests.unit.features.small import tcp, udp


def value(name: str, flows: Flows) -> float:
    return float(FLOW_FEATURES[name].compute(flows)[0])


def test_a_keep_alive_carries_no_payload() -> None:
    flows = tcp([
        {"flags": "PA", "seq": 10, "data": b"\x01hello"},
        {"flags": "A", "seq": 15, "data": b"\x00"},
        {"flags": "PA", "seq": 16, "data": b"\x00"},
    ])  # fmt: skip
    assert carries(flows).tolist() == [True, False, True]
    assert value("size_min_orig", flows) == 1
    assert value("payload_packet_share", flows) == pytest.approx(2 / 3)


def test_a_full_segment_goes_on() -> None:
    flows = tcp([
        {"flags": "PA", "seq": 1, "data": b"HEAD" + bytes(1400)},
        {"flags": "PA", "seq": 1405, "data": octets("rest", 300)},
        {"flags": "PA", "seq": 1705, "data": b"HEAD" + octets("next", 60)},
    ])  # fmt: skip
    assert messages(flows).tolist() == [True, False, True]
    assert value("prefix_modal_orig", flows) == 1


def test_every_datagram_is_a_message() -> None:
    assert messages(udp([(0, bytes(1400)), (0, bytes(1400))])).all()


@pytest.mark.parametrize("count", [8, 56, 400, 2048, 3000])
def test_expected_entropy_is_that_of_random_octets(count: int) -> None:
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(200):
        often = np.bincount(rng.integers(0, 256, count), minlength=256)
        shares = often[often > 0] / count
        drawn.append(-np.sum(shares * np.log2(shares)))
    assert expected_entropy(np.array([count]))[0] == pytest.approx(np.mean(drawn), abs=0.02)


def test_expected_entropy_of_few_octets_is_exact() -> None:
    # One octet has none; of two, one pair in 256 is equal.
    assert entropy_table()[1] == pytest.approx(0, abs=1e-12)
    assert entropy_table()[2] == pytest.approx(255 / 256)
