"""Hard cases: what a view leaves, what a share is, and the command from file to pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nalpml.capture.reader import read
from nalpml.errors import ConfigError
from nalpml.experiments.hard.__main__ import main
from nalpml.experiments.hard.config import load_cases
from nalpml.experiments.hard.measure import share
from nalpml.experiments.hard.views import one_way, sampled, view

ROOT = Path(__file__).parents[3]
REAL = ROOT / "datasets" / "real"
SMALL = """
name = "small"
question = "?"
seed = 5
episodes = 2
ordinary = 20
profiles = ["ping.linux", "dns.*"]
fpr = 0.1
[[hiding]]
way = "mimicry"
axis = "octets"
carriers = ["icmp_tunnel"]
strengths = [40, 1]
"""


def test_the_committed_file_is_read_and_its_captures_are_there() -> None:
    config = load_cases(ROOT / "experiments" / "hard_cases" / "cases.toml")
    assert {one.way for one in config.hiding} >= {"mimicry", "padding", "jitter", "interval"}
    assert {one.view for one in config.view} == {"sampled", "truncated", "one_way"}


@pytest.mark.parametrize(
    "text, complaint",
    [
        (SMALL + "odd = 1", "odd"),
        (SMALL.replace("mimicry", "magic"), "magic.*way of hiding"),
        (SMALL.replace("[40, 1]", "[40]"), "strengths"),
        (SMALL.split("[[hiding]]")[0], "nothing to measure"),
        (SMALL.replace("mimicry", "content"), "content has strengths"),
        ("= 1", "not TOML"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "cases.toml").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        load_cases(tmp_path / "cases.toml")


def test_a_sampler_keeps_its_share_and_whole_frames(mixture: Path) -> None:
    packets = read(mixture)
    kept = sampled(packets, 4, seed=1)
    assert 0.15 < kept.mean() < 0.35
    assert (sampled(packets, 1, seed=1)).all()
    assert (kept == sampled(packets, 4, seed=1)).all()
    for frame in np.unique(packets["index"]):
        assert len(set(kept[packets["index"] == frame])) == 1
        if frame > 50:
            break


def test_the_two_sides_make_up_the_whole(mixture: Path) -> None:
    packets = read(mixture)
    first, second = one_way(packets, 1), one_way(packets, 2)
    assert one_way(packets, 0).all()
    assert (first ^ second).all()
    seen: dict[tuple[int, ...], tuple[int, ...]] = {}
    names = ("src_hi", "src_lo", "dst_hi", "dst_lo")
    for row in range(500):
        ends = tuple(int(packets[name][row]) for name in names)
        opener = seen.setdefault(min(ends, ends[2:] + ends[:2]), ends)
        assert first[row] == (ends[:2] == opener[:2])


def test_a_view_reads_labelled_captures_and_keeps_their_labels(tmp_path: Path) -> None:
    some = tmp_path / "some"
    some.mkdir()
    names = sorted(path.stem for path in REAL.glob("*.pcap"))[:3]
    for name in names:
        for suffix in (".pcap", ".json"):
            (some / (name + suffix)).write_bytes((REAL / (name + suffix)).read_bytes())
    whole = view(some, "sampled", 1, seed=1, cache=tmp_path / "cache")
    again = view(some, "sampled", 1, seed=1, cache=tmp_path / "cache")
    assert whole.X.equals(again.X)
    assert set(whole.capture) <= {f"{name}.pcap" for name in names}
    half = view(some, "one_way", 1, seed=1)
    packets = [sum(sum(pair) for pair in data.identity["packets"]) for data in (whole, half)]
    assert 0 < packets[1] < packets[0]
    assert set(half.y) <= set(whole.y)
    with pytest.raises(ConfigError, match="no capture"):
        view(tmp_path / "cache", "one_way", 1, seed=1)


def test_a_share_is_of_rows_and_its_interval_of_units() -> None:
    hit = np.array([True] * 90 + [False] * 10)
    one = share(hit, np.repeat(["a", "b"], [90, 10]), seed=1)
    assert one.value == 0.9
    assert one.n == 100
    assert one.low == 0.0  # both draws can be of the unit without a hit
    many = share(hit, np.arange(100).astype(str), seed=1)
    assert 0.8 < many.low < 0.9 < many.high < 0.96
    nothing = share(hit[:0], np.array([], dtype=str), seed=1)
    assert np.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0.0, 1.0)


def test_the_command_measures_a_model_and_draws(
    tmp_path: Path, small_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cases.toml").write_text(SMALL)
    out = tmp_path / "out"
    assert main([str(tmp_path / "cases.toml"), "-o", str(out), "--model", str(small_model)]) == 0
    points = json.loads((out / "points.json").read_text())
    found = {p["strength"]: p["sessions"]["at the model's threshold"]["value"] for p in points}
    # The small model alerts on fills that are data, and on nothing else.
    assert found == {40: 1.0, 1: 0.0}
    assert (out / "pictures" / "mimicry.png").read_bytes().startswith(b"\x89PNG")
    assert "| 40 | 100 % (34 to 100) |" in capsys.readouterr().out
    assert main([str(tmp_path / "none.toml"), "-o", str(out)]) == 2
    assert capsys.readouterr().err.startswith("nalpml: ")
