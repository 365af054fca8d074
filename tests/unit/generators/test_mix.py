"""Mixtures: seeds, labels, independence, refusals, files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nalpml.generators as gen
from nalpml.channels import BENIGN, CHANNELS, LABELS
from nalpml.errors import ConfigError
from nalpml.generators import Entry, Generated, MixConfig


def _mix(*names: str, count: int = 3, **config: object) -> MixConfig:
    return MixConfig(
        entry=tuple(Entry(profile=n, count=count) for n in names), duration=60, hosts=20, **config
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made() -> Generated:
    return gen.generate(
        _mix("ping.linux", "dns.client", "tcp_c2.shell", "icmp_tunnel.random"), seed=5
    )


def test_same_seed_same_octets(made: Generated) -> None:
    again = gen.generate(
        _mix("ping.linux", "dns.client", "tcp_c2.shell", "icmp_tunnel.random"), seed=5
    )
    assert again.card == made.card
    assert np.array_equal(again.frames.time_ns, made.frames.time_ns)
    pd.testing.assert_frame_equal(again.labels, made.labels)


def test_other_seed_other_octets(made: Generated) -> None:
    other = gen.generate(
        _mix("ping.linux", "dns.client", "tcp_c2.shell", "icmp_tunnel.random"), seed=6
    )
    assert other.card["sha256"] != made.card["sha256"]


def _frames_of(made: Generated, tool: str) -> list[tuple[int, bytes]]:
    index = np.flatnonzero(made.labels["tool"] == tool)
    f = made.frames
    return [(int(f.time_ns[i]), f.data[f.offsets[i] : f.offsets[i + 1]].tobytes()) for i in index]


def test_a_profile_does_not_depend_on_its_company(made: Generated) -> None:
    alone = gen.generate(_mix("tcp_c2.shell"), seed=5)
    assert _frames_of(alone, "tcp_c2.shell") == _frames_of(made, "tcp_c2.shell")


def test_labels_cover_every_packet_in_file_order(made: Generated) -> None:
    labels = made.labels
    assert list(labels.columns) == [
        "packet",
        "conversation",
        "label",
        "channel",
        "tool",
        "direction",
    ]
    assert labels["packet"].tolist() == list(range(len(made.frames)))
    assert set(labels["label"].unique()) <= set(LABELS)
    assert labels["channel"].isna().equals(labels["label"] == BENIGN)
    assert set(labels["direction"].unique()) <= {0, 1}
    assert (np.diff(made.frames.time_ns) >= 0).all()
    assert sum(made.card["packets"].values()) == len(labels)


def test_write(made: Generated, tmp_path: Path) -> None:
    folder = made.write(tmp_path / "out")
    assert sorted(p.name for p in folder.iterdir()) == [
        "card.json",
        "conversations.parquet",
        "labels.parquet",
        "traffic.pcap",
    ]
    assert len(pd.read_parquet(folder / "labels.parquet")) == len(made.frames)
    assert json.loads((folder / "card.json").read_text())["seed"] == 5
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        made.write(tmp_path / "file")


def test_weights_share_the_episodes() -> None:
    config = MixConfig(
        entry=(Entry(profile="ping.*", weight=3), Entry(profile="label:socks", weight=1)),
        episodes=80,
        duration=30,
        hosts=10,
    )
    episodes = gen.generate(config, seed=1).card["episodes"]
    pings = sum(n for name, n in episodes.items() if name.startswith("ping."))
    assert (pings, sum(episodes.values()) - pings) == (60, 20)


def test_base_rate_is_stated(made: Generated) -> None:
    rate = (made.labels["label"] != BENIGN).mean()
    assert made.card["base_rate"]["packets"] == pytest.approx(rate)


@pytest.mark.parametrize(
    "names, message",
    [
        (("nothing.*",), "matches none"),
        (("ping.linux", "guest.agent"), "all Ethernet or all VSOCK"),
    ],
)
def test_refusals(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        gen.generate(_mix(*names), seed=0)


def test_midstream_and_one_way() -> None:
    whole = gen.generate(_mix("tls.web", count=20, midstream=0, one_way=0), seed=3)
    cut = gen.generate(_mix("tls.web", count=20, midstream=1.0, one_way=0), seed=3)
    single = gen.generate(_mix("tls.web", count=20, midstream=0, one_way=1.0), seed=3)
    assert len(cut.frames) < len(whole.frames)
    assert (single.labels.groupby("conversation")["direction"].nunique() == 1).all()


def test_storage_and_timing_keep_their_bits() -> None:
    made = gen.generate(
        _mix("header_storage.ip_id", "timing.ipctc", midstream=0, one_way=0), seed=2
    )
    assert (made.conversations["bits"].str.len() > 0).all()


def test_training_mix_is_balanced_and_leaves_out() -> None:
    config = gen.training_mix(covert_share=0.4, exclude=("tcp_c2.shell",))
    share = dict.fromkeys(LABELS, 0.0)
    for entry in config.entry:
        share[gen.PROFILES[entry.profile].label] += entry.weight or 0
    assert "tcp_c2.shell" not in {e.profile for e in config.entry}
    assert share[BENIGN] == pytest.approx(0.6)
    covert = [share[c] for c in CHANNELS if c != "vsock_c2"]
    assert covert == pytest.approx([0.4 / 8] * 8)
