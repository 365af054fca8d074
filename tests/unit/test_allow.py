"""What the operator permits."""

from __future__ import annotations

from pathlib import Path

import pytest

from nalpml.allow import load_allow
from nalpml.errors import ConfigError

VERDICT = {"proto": "udp", "src": "10.1.2.3", "dst": "192.0.2.9", "dport": 623, "label": "socks"}


def allow(tmp_path: Path, text: str) -> bool:
    path = tmp_path / "allow.toml"
    path.write_text(text)
    return load_allow(path).permits(VERDICT)


@pytest.mark.parametrize(
    "text, permitted",
    [
        ("", False),
        ('addresses = ["10.1.0.0/16"]', True),
        ('addresses = ["192.0.2.9"]', True),
        ('addresses = ["10.2.0.0/16", "2001:db8::/32"]', False),
        ("ports = [623]", True),
        ('ports = ["tcp/623"]', False),
        ('ports = ["udp/623"]', True),
        ('labels = ["socks"]', True),
        ('labels = ["tcp_c2"]', False),
        ('[[rule]]\naddress = "10.1.2.3"\nport = 623\nproto = "udp"\nlabel = "socks"', True),
        ('[[rule]]\naddress = "10.1.2.3"\nport = 624', False),
        ('[[rule]]\naddress = "3"', False),
    ],
)
def test_entries_permit_what_they_name(tmp_path: Path, text: str, permitted: bool) -> None:
    assert allow(tmp_path, text) is permitted


@pytest.mark.parametrize(
    "text, named",
    [
        ("hosts = []", "hosts"),
        ('addresses = ["10.0.0.300"]', "addresses"),
        ('ports = ["udp/many"]', "many"),
        ('[[rule]]\nlabel = "evil"', "rule.0.label"),
        ('[[rule]]\nproto = "http"', "rule.0.proto"),
        ("addresses = [", "allow.toml"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named) as caught:
        allow(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_allow(tmp_path / "none.toml")
