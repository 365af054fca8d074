"""Captures to verdicts: the same from Python, the command line, a pipe and ONNX Runtime."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

import nalpml as nl
from nalpml.allow import AllowList
from nalpml.scan import VERDICT, Scanner


@pytest.fixture(scope="module")
def scanner(small_model: Path) -> Scanner:
    return nl.load(small_model)


def test_a_verdict_has_the_contracts_keys_and_kinds(scanner: Scanner, mixture: Path) -> None:
    verdicts = list(scanner.stream(mixture))
    assert verdicts
    for verdict in verdicts:
        assert tuple(verdict) == VERDICT
        assert 0.0 <= verdict["score"] <= 1.0
        assert verdict["label"] in scanner.model.classes
        assert verdict["alert"] is (verdict["score"] >= scanner.alert_from)
        assert verdict["technique"] == ("T1095" if verdict["alert"] else None)
        assert len(verdict["reasons"]) <= 5
        assert bool(verdict["reasons"]) == verdict["alert"]
        assert verdict["capture"] == str(mixture)
        json.dumps(verdict, allow_nan=False)


def test_it_finds_the_tunnels_and_names_why(scanner: Scanner, mixture: Path) -> None:
    found = scanner.scan(mixture)
    alerts = found[found["alert"]]
    assert len(alerts)
    assert set(alerts["proto"]) <= {"icmp", "icmp6"}
    assert {r["feature"] for reasons in alerts["reasons"] for r in reasons[:1]} == {
        "icmp_fill_entropy_excess"
    }
    assert not found.loc[found["proto"] == "udp", "alert"].any()


def test_a_pipe_gives_the_file_s_verdicts(scanner: Scanner, mixture: Path) -> None:
    class Pipe(io.RawIOBase):
        """Hands out a few octets at a time, as a live capture does."""

        def __init__(self, data: bytes) -> None:
            self._data = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            return self._data.readinto(memoryview(buffer)[:4099])

    whole = list(scanner.stream(mixture))
    piped = list(scanner.stream(io.BufferedReader(Pipe(mixture.read_bytes()))))
    for verdict in piped:
        verdict["capture"] = str(mixture)
    assert piped == whole


def test_halves_of_a_capture_are_one_stream(
    scanner: Scanner, mixture: Path, tmp_path: Path
) -> None:
    data = mixture.read_bytes()
    place, records = 24, []
    while place < len(data):
        size = 16 + int.from_bytes(data[place + 8 : place + 12], "little")
        records.append(data[place : place + size])
        place += size
    halves = [tmp_path / "early.pcap", tmp_path / "late.pcap"]
    middle = len(records) // 2
    for path, part in zip(halves, (records[:middle], records[middle:]), strict=True):
        path.write_bytes(data[:24] + b"".join(part))

    whole = list(scanner.stream(mixture))
    # The order of the names does not matter: time does.
    merged = list(scanner.stream(halves[::-1]))
    assert len(merged) == len(whole) > 0
    for one, other in zip(whole, merged, strict=True):
        assert one | {"capture": ""} == other | {"capture": ""}


def test_a_packet_table_can_be_scanned(scanner: Scanner, mixture: Path) -> None:
    assert list(scanner.stream(nl.read(mixture))) == list(scanner.stream(mixture))


def test_onnx_runtime_gives_the_same_scores(
    scanner: Scanner, small_model: Path, mixture: Path
) -> None:
    runtime = pytest.importorskip("onnxruntime")
    features = nl.extract(mixture).sort_values(["flow_uid", "window"])
    X = features[list(scanner.model.schema.names)].to_numpy(np.float32)
    session = runtime.InferenceSession(
        small_model / "model.onnx", providers=["CPUExecutionProvider"]
    )
    outputs = [output.name for output in session.get_outputs()]
    (score,) = session.run(["score"], {session.get_inputs()[0].name: X})
    assert "score" in outputs
    verdicts = scanner.scan(mixture).sort_values(["flow_uid", "window"])
    np.testing.assert_allclose(np.ravel(score), verdicts["score"], atol=1e-5)


def test_the_threshold_and_the_allow_list_decide_alone_about_alerts(
    small_model: Path, mixture: Path
) -> None:
    everything = nl.load(small_model, threshold=0.0).scan(mixture)
    assert everything["alert"].all()
    allowed = Scanner(
        nl.load(small_model).model, threshold=0.0, allow=AllowList(ports=("udp/53",))
    ).scan(mixture)
    dns = (allowed["proto"] == "udp") & (allowed["dport"] == 53)
    assert dns.any()
    assert not allowed.loc[dns, "alert"].any()
    assert allowed.loc[~dns, "alert"].all()
    # Allowed windows keep their score.
    np.testing.assert_array_equal(allowed["score"], everything["score"])


def test_an_empty_capture_gives_an_empty_table(scanner: Scanner, tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    found = scanner.scan(path)
    assert list(found.columns) == list(VERDICT)
    assert found.empty


def test_the_report_counts_every_packet(scanner: Scanner, mixture: Path) -> None:
    reports = []
    verdicts = list(scanner.stream(mixture, report=reports.append))
    assert sum(sum(v["packets"]) for v in verdicts) == reports[0].decoded
    assert reports[0].packets == len(nl.read(mixture))


def test_ptunnel_is_found_among_ordinary_traffic(shared: Path) -> None:
    path = shared / "captures" / "icmp" / "icmp_ptng_ssh_mixed.pcap"
    labels = json.loads(path.with_suffix(".json").read_text())
    tunnels = {flow["icmp_id"] for flow in labels["flows"]}
    found = nl.load().scan(path)
    alerts = found[found["alert"]]
    assert set(alerts["icmp_id"]) == tunnels
