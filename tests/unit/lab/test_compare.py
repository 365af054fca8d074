from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labkit.compare import differences

FLOW = {"proto": "tcp", "label": "tcp_c2", "tool": "ncat", "a_port": 40_000, "b_port": 4_444}
DOCUMENT = {"scenario": "s", "tool": "ncat", "rest": "benign", "packets": 100, "flows": [FLOW]}


def run(folder: Path, data: bytes, **change: Any) -> Path:
    folder.mkdir()
    (folder / "s-a.pcap").write_bytes(data)
    (folder / "s-a.json").write_text(json.dumps({**DOCUMENT, **change}))
    return folder


def test_a_second_run_may_differ_in_bytes_ports_and_a_few_packets(tmp_path: Path) -> None:
    one = run(tmp_path / "one", b"1")
    other = run(tmp_path / "two", b"2", packets=70, flows=[{**FLOW, "a_port": 41_000}])
    assert differences(one, other, []) == []
    assert differences(one, other, ["s-a"]) == []


def test_what_differs_is_named(tmp_path: Path) -> None:
    one = run(tmp_path / "one", b"1")
    cases = {
        "the same bytes": (b"1", {}),
        "100 and 40 packets": (b"2", {"packets": 40}),
        "of one run only: tcp tcp_c2 ncat 4444": (b"2", {"flows": []}),
        "tool is 'ncat' and 'socat'": (b"2", {"tool": "socat"}),
    }
    for number, (complaint, (data, change)) in enumerate(cases.items()):
        other = run(tmp_path / f"other{number}", data, **change)
        assert [complaint in text for text in differences(one, other, [])] == [True], complaint
    assert "is not there" in differences(one, tmp_path / "two", ["s-a"])[0]


def test_the_whole_of_a_cut_capture_may_have_more(tmp_path: Path) -> None:
    late = {**FLOW, "b_port": 53}
    cut = run(tmp_path / "cut", b"1", cut=60_000)
    whole = run(tmp_path / "whole", b"2", packets=400, flows=[FLOW, late])
    assert differences(cut, whole, []) == differences(whole, cut, []) == []
    small = run(tmp_path / "small", b"2", packets=40, flows=[late])
    assert differences(cut, small, []) == [
        "s-a: labelled flows of one run only: tcp tcp_c2 ncat 4444",
        "s-a: 100 and 40 packets",
    ]
