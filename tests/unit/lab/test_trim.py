"""Cutting captures: whole packets, and labels that go with them."""

import json
import shutil
import struct

import pytest
from labkit import labels, trim
from labkit.process import LabError

EMPTY = b"\xd4\xc3\xb2\xa1" + struct.pack("<HHiIII", 2, 4, 0, 0, 9216, 1)
FLOW = {
    "proto": "udp", "a": "10.0.0.1", "b": "10.0.0.2", "a_port": None, "b_port": 53,
    "icmp_id": None, "label": "udp_c2", "tool": "ours",
}  # fmt: skip


def record(size, second=100):
    return struct.pack("<IIII", second, 0, size, size) + bytes(size)


def test_whole_packets_are_kept():
    data = EMPTY + record(60) + record(100) + record(60)
    assert trim.cut_at(data, 24 + 76 + 116) == 24 + 76 + 116
    assert trim.cut_at(data, 24 + 76 + 115) == 24 + 76
    assert trim.cut_at(data, 10_000) == len(data)


def test_a_packet_that_the_file_does_not_hold_is_cut():
    assert trim.cut_at(EMPTY + record(60) + record(100)[:-1], 10_000) == 24 + 76


def test_another_format_is_refused():
    with pytest.raises(LabError, match="little-endian"):
        trim.cut_at(b"\x0a\x0d\x0d\x0a" + bytes(40), 100)


def frame(source, target):
    """Return a UDP datagram to port 53 in an Ethernet frame, its checksum left out."""
    addresses = bytes(int(part) for text in (source, target) for part in text.split("."))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 36, 1, 0, 64, 17, 0) + addresses
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    head = head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:]
    return bytes(12) + b"\x08\x00" + head + struct.pack(">HHHH", 40_000, 53, 16, 0) + bytes(8)


@pytest.fixture
def capture(tmp_path):
    """Return a capture of six datagrams, of which the first four carry the label."""
    pcap, data = tmp_path / "x.pcap", EMPTY
    for number in range(6):
        octets = frame("10.0.0.1", "10.0.0.2" if number < 4 else "10.0.0.3")
        data += struct.pack("<IIII", 100 + number, 0, len(octets), len(octets)) + octets
    pcap.write_bytes(data)
    document = {
        "flows": [FLOW], "rest": "benign", "start": 99.0, "stop": 110.0, "packets": 6,
        "labelled_packets": 4,
    }  # fmt: skip
    pcap.with_suffix(".json").write_text(labels.dump(document))
    return pcap


needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark")


@needs_tshark
def test_the_labels_follow(capture):
    before = len(capture.read_bytes())
    assert trim.trim(capture.parent, "x", 24 + 3 * 66) == before - (24 + 3 * 66)
    document = json.loads(capture.with_suffix(".json").read_text())
    assert (document["packets"], document["labelled_packets"], document["cut"]) == (3, 3, 222)
    assert document["flows"] == [FLOW]


@needs_tshark
def test_a_labelled_tool_is_never_cut_away(capture):
    document = json.loads(capture.with_suffix(".json").read_text())
    document["flows"][0] |= {"b": "10.0.0.3", "tool": "late"}
    capture.with_suffix(".json").write_text(labels.dump(document))
    before = capture.read_bytes()
    with pytest.raises(LabError, match="nothing of a labelled tool"):
        trim.trim(capture.parent, "x", 24 + 2 * 66)
    assert capture.read_bytes() == before
    assert not capture.with_suffix(".cut").exists()


def test_a_small_capture_stays(capture):
    before = capture.read_bytes(), capture.with_suffix(".json").read_text()
    assert trim.trim(capture.parent, "x", len(before[0])) == 0
    assert (capture.read_bytes(), capture.with_suffix(".json").read_text()) == before
