from __future__ import annotations

from pathlib import Path

import pytest
from labkit import scenario
from labkit.process import LabError

PATHS = "[lan]\ndelay_ms = 0.2\n[far]\ndelay_ms = 80.0\nloss_pct = 1.0\n"
GOOD = """
[[scenario]]
name = "shell"
tool = "ncat"
workload = "$TEXT on $PORT"
start = [{ on = "server", run = "exec ncat -l $PORT" }]
run = [{ run = "ncat $SERVER $PORT" }]
flows = [{ proto = "tcp", b = "$SERVER", b_port = "$PORT", label = "tcp_c2" }]
variant = [
  { name = "a", PORT = "4444", TEXT = "lines", path = "lan", also = ["far"] },
  { name = "b", PORT = "53", TEXT = "keys", path = "far" },
]
"""


def folder(tmp_path: Path, text: str, background: str = "") -> Path:
    (tmp_path / "paths.toml").write_text(PATHS)
    (tmp_path / "background.toml").write_text(background)
    (tmp_path / "some.toml").write_text(text)
    return tmp_path


def test_variants_and_further_paths_become_captures(tmp_path: Path) -> None:
    found = scenario.load(folder(tmp_path, GOOD))
    assert list(found) == ["shell-a", "shell-a-via-far", "shell-b"]
    first = found["shell-a"]
    assert first.variables["PORT"] == "4444"
    assert first.path.delay_ms == 0.2
    assert found["shell-a-via-far"].path.loss_pct == 1.0
    assert first.flows[0].tool == "ncat"
    assert first.fill("$TEXT on $PORT, $UNKNOWN", first.variables) == "lines on 4444, $UNKNOWN"


@pytest.mark.parametrize(
    "change, complaint",
    [
        (('label = "tcp_c2"', 'label = "evil"'), "vocabulary"),
        (('on = "server"', 'on = "mars"'), "not a host"),
        (('path = "lan"', 'path = "moon"'), "paths.toml"),
        (('proto = "tcp"', 'porto = "tcp"'), "porto"),
        (('name = "b"', 'name = "a"'), "twice"),
        (('tool = "ncat"', "tool = ncat"), "some.toml"),
        (('path = "lan"', 'path = "lan", background = ["web"]'), "background.toml"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(LabError, match=complaint):
        scenario.load(folder(tmp_path, GOOD.replace(*change)))


def test_background_runs_beside(tmp_path: Path) -> None:
    background = '[web]\nrun = [{ on = "client2", run = "curl" }]\n'
    text = GOOD.replace('path = "lan",', 'path = "lan", background = ["web"],')
    one = scenario.load(folder(tmp_path, text, background))["shell-a"]
    assert [step.on for step in one.run] == ["client2", "client"]
    assert one.run[0].background


def test_the_shipped_scenarios_load(lab: Path) -> None:
    known = scenario.load(lab / "scenarios")
    assert len(known) > 200
    labels = {rule.label for one in known.values() for rule in one.flows}
    assert labels >= {"icmp_tunnel", "udp_c2", "tcp_c2", "socks", "serial_over_lan", "ip_tunnel"}
    benign = sum(not one.flows for one in known.values())
    assert benign > len(known) / 3
