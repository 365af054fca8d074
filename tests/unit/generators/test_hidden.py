"""Traffic that hides: each way does what its strength says, and no training mixture holds it."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from nalpml.generators import PROFILES, Entry, MixConfig
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators.benign.ping import ping_data
from nalpml.generators.hidden import ALPHABETS, CARRIERS, WAYS, Hidden, _text
from nalpml.generators.mix import mix


def session(
    way: str, strength: float, *, carrier: str = "icmp_tunnel", seed: int = 1
) -> list[Conversation]:
    rng = np.random.default_rng(seed)
    net = Network(np.random.default_rng(2), hosts=20)
    one = Hidden(name="x.y", about="", way=way, carrier=carrier, strength=strength)
    return one.conversations(rng, net)


STRENGTH = {
    "mimicry": 8, "mirrored": 8, "within": 0.5, "padding": 128, "content": 8.0, "jitter": 0.2,
    "interval": 60, "beside": 0.5,
}  # fmt: skip


def test_every_way_is_tested_here_and_none_is_trained_on() -> None:
    assert set(STRENGTH) == set(WAYS)
    assert not [p for p in PROFILES.values() if isinstance(p, Hidden)]


@pytest.mark.parametrize("way", sorted(STRENGTH))
def test_the_same_seed_gives_the_same_octets(way: str) -> None:
    profile = Hidden(name="h.x", about="", way=way, strength=STRENGTH[way])
    config = MixConfig(entry=(Entry(profile="h.x", count=2),), hosts=20)
    one, same, other = (
        mix(config, MappingProxyType({"h.x": profile}), seed=seed) for seed in (1, 1, 2)
    )
    assert one.card["sha256"] == same.card["sha256"] != other.card["sha256"]
    assert "icmp_tunnel" in set(one.labels["label"])


@pytest.mark.parametrize("octets", [1, 8, 40])
def test_a_mimic_changes_the_end_of_an_ordinary_ping(octets: int) -> None:
    (conv,) = session("mimicry", octets)
    ordinary = ping_data("linux", 56, 0.0, np.random.default_rng(1))
    for payload in conv.payloads:
        assert len(payload) == 56
        assert payload[16 : 56 - octets] == ordinary[16 : 56 - octets]
    assert len({payload[-octets:] for payload in conv.payloads}) > 10
    asked = [p for p, d in zip(conv.payloads, conv.d, strict=True) if d == 0]
    answered = [p for p, d in zip(conv.payloads, conv.d, strict=True) if d == 1]
    assert asked != answered


def test_a_mirrored_mimic_is_answered_verbatim() -> None:
    (conv,) = session("mirrored", 8)
    assert conv.payloads[0::2] == conv.payloads[1::2]


def test_a_share_of_the_echoes_carries_data() -> None:
    ends = {
        share: sum(p[-1] != 55 for p in session("within", share)[0].payloads[::2])
        for share in (0.01, 0.25, 1.0)
    }
    assert ends[0.01] < ends[0.25] < ends[1.0]
    assert ends[0.01] >= 1


@pytest.mark.parametrize("carrier", CARRIERS)
def test_padding_fills_every_message(carrier: str) -> None:
    convs = session("padding", 256, carrier=carrier)
    assert all(conv.label == carrier for conv in convs)
    assert all(len(p) >= 256 for conv in convs for p in conv.payloads)
    bare = session("padding", 0, carrier=carrier)
    assert any(len(p) < 256 for conv in bare for p in conv.payloads)


@pytest.mark.parametrize("bits, name, alphabet", ALPHABETS)
def test_content_has_the_octets_it_says_at_the_same_lengths(
    bits: float, name: str, alphabet: bytes
) -> None:
    convs, plain = (session("content", b, carrier="tcp_c2", seed=5) for b in (bits, 8.0))
    assert [len(p) for c in convs for p in c.payloads] == [
        len(p) for c in plain for p in c.payloads
    ]
    if alphabet:
        assert {octet for c in convs for p in c.payloads for octet in p} <= set(alphabet)
    text = _text(np.random.default_rng(1), name, 20_000)
    counts = np.bincount(np.frombuffer(text, np.uint8))
    share = counts[counts > 0] / counts.sum()
    assert -(share * np.log2(share)).sum() == pytest.approx(bits, abs=0.06)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_beacons_keep_their_interval_and_jitter(carrier: str) -> None:
    def gaps(way: str, strength: float) -> np.ndarray:
        return np.diff([conv.start for conv in session(way, strength, carrier=carrier)])

    assert gaps("interval", 3600) == pytest.approx(3600, rel=0.101)
    assert np.ptp(gaps("jitter", 0.0)) < 1e-6
    spread = gaps("jitter", 0.5)
    assert 0.3 < np.ptp(spread) / spread.mean() < 1.5


def test_ordinary_conversations_stand_beside_between_the_same_hosts() -> None:
    convs = session("beside", 0.2, carrier="udp_c2")
    beacons = [c for c in convs if c.label == "udp_c2"]
    assert len(beacons) == 12
    assert len(convs) - len(beacons) >= 40
    assert len({(c.ends.client.v4, c.ends.server.v4) for c in convs}) == 1
