from __future__ import annotations

from pathlib import Path

import pytest

from nalpml.errors import ConfigError
from nalpml.experiments import load_experiment

EXPERIMENTS = Path(__file__).resolve().parents[3] / "experiments"

GOOD = """
name = "x"
question = "?"
[card]
intended_use = "a"
out_of_scope = "b"
limits = "c"
[[generate]]
name = "mix"
[generate.balanced]
episodes = 10
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "config.toml"
        path.write_text(text)
        return path

    return write


def test_defaults(file):
    config = load_experiment(file(GOOD))
    assert config.target_fpr == 1e-4
    assert config.generate[0].balanced.episodes == 10
    assert config.windows.packets == 1000


@pytest.mark.parametrize(
    "change, message",
    [
        (("question", "qestion"), "question: Field required"),
        (('name = "x"', 'name = "x"\nsede = 1'), "sede: Extra inputs"),
        (
            ("episodes = 10", "episodes = 0"),
            "generate.0.balanced.episodes: Input should be greater",
        ),
        (("episodes = 10", "episode = 10"), "generate.0.balanced.episode: Extra inputs"),
        (("[generate.balanced]\nepisodes = 10", ""), "give one of file, mix and balanced"),
        (('name = "mix"', 'name = "mix"\nuse = "holdout"'), "nothing to train on"),
        (('name = "x"', 'name = "x"\ntarget_fpr = 2'), "target_fpr: Input should be less than 1"),
        (('name = "x"', 'name = "../x"'), "name: String should match"),
        (("[card]", "[detector]\nnum_leafs = 3\n[card]"), "detector.num_leafs: Extra inputs"),
        (('limits = "c"', ""), "card.limits: Field required"),
        (('name = "x"', "name = x"), "not TOML"),
        (('name = "x"', 'name = "x"\nprotocols = ["random"]'), "protocols.0: Input should be"),
    ],
)
def test_mistakes_are_named_in_one_line(file, change, message):
    path = file(GOOD.replace(*change))
    with pytest.raises(ConfigError, match=message) as caught:
        load_experiment(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_two_mixtures_of_one_name(file):
    with pytest.raises(ConfigError, match="tables have one name"):
        load_experiment(file(GOOD + GOOD[GOOD.index("[[generate]]") :]))


def test_unreadable_files(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_experiment(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_experiment(tmp_path / "x.toml")


def test_every_shipped_experiment_is_valid():
    files = sorted(EXPERIMENTS.glob("*/config.toml"))
    assert files
    for path in files:
        config = load_experiment(path)
        assert config.name == path.parent.name
        assert (path.parent / "README.md").is_file()
        for table in config.captures:
            assert (path.parent / table.path).resolve().is_dir(), f"{path}: {table.path}"
