from __future__ import annotations

import json

import pytest

from nalpml.errors import ConfigError
from nalpml.features import FLOW_FEATURES, PACKET_FEATURES, SERVES, reference


def test_table_has_a_line_a_feature() -> None:
    lines = reference("table").splitlines()
    assert len(lines) == 1 + len(FLOW_FEATURES) + len(PACKET_FEATURES)
    assert lines[0].split() == ["name", "unit", "group", "meaning"]


def test_json_has_what_a_program_needs() -> None:
    first = json.loads(reference("json"))[0]
    assert set(first) == {
        "name", "level", "group", "unit", "revision", "serves", "summary", "doc",
    }  # fmt: skip
    assert first["doc"].startswith(first["summary"])


def test_page_explains_its_keywords() -> None:
    page = reference("md")
    assert page.startswith("# Features\n")
    assert all(f"*{keyword}*" in page for keyword in SERVES)


def test_unknown_format() -> None:
    with pytest.raises(ConfigError, match="unknown format 'yaml': use table, json or md"):
        reference("yaml")
