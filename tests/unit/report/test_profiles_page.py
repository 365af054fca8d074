"""The page of profiles is that of the profiles there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from nalpml.generators import PROFILES
from nalpml.report.profiles import families, page, picture

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_is_up_to_date() -> None:
    text = (DOCS / "profiles.md").read_text(encoding="utf-8")
    assert text == page(), "run: python -m nalpml.report.profiles docs"
    pictures = {path.stem for path in (DOCS / "profiles").glob("*.png")}
    assert pictures == set(families())


def test_every_profile_is_on_it() -> None:
    assert sum(map(len, families().values())) == len(PROFILES)
    for name in PROFILES:
        assert f"| `{name}` |" in page()


def test_a_picture_is_a_picture() -> None:
    pytest.importorskip("matplotlib")
    made = picture([PROFILES["dns.client"], PROFILES["icmp_tunnel.shell_poll"]])
    assert made.startswith(b"\x89PNG")
    assert made == picture([PROFILES["dns.client"], PROFILES["icmp_tunnel.shell_poll"]])
