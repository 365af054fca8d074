"""Configuration files: what is accepted, and one line for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nalpml.errors import ConfigError
from nalpml.generators import load_config, parse_config


def test_loads(tmp_path: Path) -> None:
    path = tmp_path / "mix.toml"
    path.write_text('name = "a"\nduration = 5\n[[entry]]\nprofile = "dns.*"\nweight = 1.5\n')
    config = load_config(path)
    assert (config.name, config.duration, config.entry[0].weight) == ("a", 5.0, 1.5)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "entry: Field required"),
        ("entry = [", "not TOML"),
        ('[[entry]]\nprofile = "x"\n', "give either count or weight"),
        ('[[entry]]\nprofile = "x"\ncount = 1\nweight = 1\n', "give either count or weight"),
        ('[[entry]]\nprofile = "x"\ncount = 1\ncolour = 1\n', r"entry\.0\.colour: Extra inputs"),
        ('hosts = 1\n[[entry]]\nprofile = "x"\ncount = 1\n', "hosts: Input should be greater"),
    ],
)
def test_refusals_name_the_key(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_config(text, source="mix.toml")
    assert str(caught.value).startswith("mix.toml: ")
    assert "\n" not in str(caught.value)


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(tmp_path / "b.toml")
