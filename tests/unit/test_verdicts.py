"""Verdicts as text."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from nalpml.verdicts import FORMATS, eve_event, open_writer

VERDICT: dict[str, Any] = {
    "start": 1_700_000_000.25, "end": 1_700_000_003.5, "proto": "icmp", "icmp_id": 7,
    "src": "10.0.0.1", "sport": 8, "dst": "10.0.0.2", "dport": 0,
    "flow_uid": "ffffffffffffffff", "community_id": "1:abc", "window": 0,
    "packets": [3, 2], "bytes": [300, 200], "score": 0.987, "label": "icmp_tunnel",
    "alert": True, "technique": "T1095",
    "reasons": [
        {"feature": "icmp_changed_share", "value": 1.0, "contribution": 2.0},
        {"feature": "size_std_orig", "value": None, "contribution": 1.0},
    ],
    "capture": "x.pcap", "model": "m-1",
}  # fmt: skip


def written(form: str, *verdicts: dict[str, Any]) -> str:
    out = io.StringIO()
    writer = open_writer(form, out)
    for verdict in verdicts:
        writer.write(verdict)
    writer.close()
    return out.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_no_verdict_writes_nothing(form: str) -> None:
    assert written(form) == ""


def test_json_lines_are_the_verdicts() -> None:
    lines = written("jsonl", VERDICT, VERDICT).splitlines()
    assert [json.loads(line) for line in lines] == [VERDICT, VERDICT]


def test_csv_has_a_column_a_value() -> None:
    (row,) = csv.DictReader(io.StringIO(written("csv", VERDICT)))
    assert row["packets_orig"] == "3"
    assert row["bytes_resp"] == "200"
    assert row["reasons"] == "icmp_changed_share=1;size_std_orig=none"
    assert row["alert"] == "True"


def test_eve_events_hold_what_suricata_s_do() -> None:
    event = json.loads(written("eve", VERDICT))
    assert event["event_type"] == "alert"
    assert event["timestamp"] == "2023-11-14T22:13:23.500000+0000"
    assert (event["icmp_type"], event["icmp_code"]) == (8, 0)
    assert "src_port" not in event
    assert event["flow"]["pkts_toserver"] == 3
    assert event["alert"]["metadata"]["mitre_technique_id"] == ["T1095"]
    assert 0 <= event["flow_id"] < 2**63


def test_eve_flows_have_ports_where_there_are_any() -> None:
    quiet = {**VERDICT, "proto": "tcp", "sport": 4000, "dport": 443, "alert": False}
    event = eve_event(quiet)
    assert event["event_type"] == "flow"
    assert (event["src_port"], event["dest_port"]) == (4000, 443)
    other = eve_event({**quiet, "proto": "47", "sport": None, "dport": None})
    assert "src_port" not in other
    vsock = eve_event({**quiet, "proto": "vsock", "community_id": None})
    assert "community_id" not in vsock


def test_the_table_shows_who_what_and_why() -> None:
    text = written("table", VERDICT, {**VERDICT, "proto": "udp", "src": "fe80::1", "sport": 5})
    assert "10.0.0.1 id 7" in text
    assert "[fe80::1]:5" in text
    assert "icmp_tunnel !" in text
    assert "icmp_changed_share=1" in text
