"""A capture that generated traffic was laid into: nothing of it changes, and labels tell."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from nalpml.capture.reader import read
from nalpml.capture.writer import write_pcap
from nalpml.errors import ConfigError
from nalpml.generators import Entry, Generated, MixConfig, generate, inject
from nalpml.generators.injection import open_original

COVERT = MixConfig(entry=(Entry(profile="icmp_tunnel.*", count=4),))


def _office(folder: Path, **options: object) -> Path:
    entries = (Entry(profile="tls.web", count=6), Entry(profile="dns.client", count=6))
    config = MixConfig(entry=entries, duration=60, v6=0.0, **options)  # type: ignore[arg-type]
    return generate(config, seed=5).write(folder / "office") / "traffic.pcap"


def _frames(made: Generated, kept: np.ndarray) -> list[bytes]:
    o, data = made.frames.offsets, made.frames.data
    return [data[o[i] : o[i + 1]].tobytes() for i in np.flatnonzero(kept).tolist()]


def test_the_users_packets_are_left_as_they_were(tmp_path: Path) -> None:
    path = _office(tmp_path)
    before = open_original(path, seed=1).frames
    made = inject(COVERT, path, seed=1)
    own = (made.labels["conversation"] == -1).to_numpy()
    assert own.sum() == len(before)
    assert (made.frames.time_ns[own] == before.time_ns).all()
    assert _frames(made, own) == [
        before.data[a:b].tobytes()
        for a, b in zip(before.offsets[:-1].tolist(), before.offsets[1:].tolist(), strict=True)
    ]
    assert set(made.labels["label"][own]) == {"benign"}
    assert set(made.labels["label"][~own]) == {"icmp_tunnel"}
    assert (np.diff(made.frames.time_ns) >= 0).all()


def test_hosts_and_times_are_those_of_the_capture(tmp_path: Path) -> None:
    path = _office(tmp_path)
    was = read(path)
    made = inject(COVERT, path, seed=1)
    now = read(made.write(tmp_path / "out") / "traffic.pcap")
    added = now.rows[(made.labels["conversation"] != -1).to_numpy()[now["index"]]]
    added = added[added["depth"] == 0]
    assert added["time_ns"].min() >= was["time_ns"].min()
    assert added["time_ns"].max() <= was["time_ns"].max()
    seen = set(was["src_lo"].tolist()) | set(was["dst_lo"].tolist())
    ends = list(zip(added["src_lo"].tolist(), added["dst_lo"].tolist(), strict=True))
    assert all(a in seen or b in seen for a, b in ends), "one of both ends is a host of the capture"
    assert len(now.rows[now["depth"] == 0]) == len(made.labels)


def test_the_same_seed_gives_the_same_octets(tmp_path: Path) -> None:
    path = _office(tmp_path)
    first, second, other = (inject(COVERT, path, seed=s) for s in (1, 1, 2))
    assert first.frames.data.tobytes() == second.frames.data.tobytes()
    assert first.frames.data.tobytes() != other.frames.data.tobytes()


def test_a_snap_length_holds_for_both(tmp_path: Path) -> None:
    made = inject(COVERT, _office(tmp_path, snaplen=90), seed=1)
    assert np.diff(made.frames.offsets).max() == 90
    assert made.frames.original.max() > 90


@pytest.mark.parametrize("link", [101, 113])
def test_other_link_types(tmp_path: Path, link: int) -> None:
    packet = bytes.fromhex(
        "450000540001400040010000c0a80005080808080800000012340001"
    ) + bytes(56)  # fmt: skip
    cooked = bytes.fromhex("00000001000600112233445500000800") if link == 113 else b""
    frame = np.frombuffer((cooked + packet) * 3, np.uint8)
    size = len(frame) // 3
    times = np.array([1, 3, 9]) * 10**9
    write_pcap(tmp_path / "raw.pcap", times, np.arange(4) * size, frame, linktype=link)
    made = inject(COVERT, tmp_path / "raw.pcap", seed=1)
    assert made.linktype == link
    table = read(made.write(tmp_path / "out") / "traffic.pcap")
    assert table.report.packets == len(made.labels) > 3
    assert not any(table.report.skipped.values())


def test_what_nobody_knows_has_no_label(tmp_path: Path) -> None:
    made = inject(COVERT, _office(tmp_path), seed=1, rest=None)
    assert set(made.labels["label"]) == {"icmp_tunnel"}
    assert len(made.labels) < len(made.frames)


def test_captures_that_cannot_take_it(tmp_path: Path) -> None:
    write_pcap(
        tmp_path / "none.pcap", np.zeros(0, np.int64), np.zeros(1, np.int64), np.zeros(0, np.uint8)
    )
    with pytest.raises(ConfigError, match="no packets"):
        inject(COVERT, tmp_path / "none.pcap", seed=1)
    write_pcap(
        tmp_path / "odd.pcap",
        np.array([1]),
        np.array([0, 60]),
        np.zeros(60, np.uint8),
        linktype=147,
    )
    with pytest.raises(ConfigError, match="link type 147"):
        inject(COVERT, tmp_path / "odd.pcap", seed=1)
    with pytest.raises(ConfigError, match="not a label"):
        inject(COVERT, _office(tmp_path), seed=1, rest="odd")


def test_writing_needs_lengths_on_the_wire() -> None:
    from nalpml.errors import CaptureError

    with pytest.raises(CaptureError, match="shorter on the wire"):
        write_pcap(
            io.BytesIO(), np.array([1]), np.array([0, 3]), np.zeros(3, np.uint8),
            original=np.array([2]),
        )  # fmt: skip
