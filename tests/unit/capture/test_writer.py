"""Captures written are captures read, by our own eyes and by scapy's."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest

from nalpml.capture.writer import write_pcap
from nalpml.errors import CaptureError


def _sample(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 300, n)
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    times = np.sort(rng.integers(0, 4 * 10**18, n))
    return times, offsets, rng.integers(0, 256, int(offsets[-1])).astype(np.uint8)


def _parse(octets: bytes) -> tuple[int, list[tuple[int, bytes]]]:
    """The slow obvious reader."""
    magic, major, minor, _, _, _, linktype = struct.unpack_from("<IHHiIII", octets)
    assert (magic, major, minor) == (0xA1B23C4D, 2, 4)
    at, packets = 24, []
    while at < len(octets):
        second, nano, captured, original = struct.unpack_from("<IIII", octets, at)
        assert captured == original
        packets.append((second * 10**9 + nano, octets[at + 16 : at + 16 + captured]))
        at += 16 + captured
    return linktype, packets


@pytest.mark.parametrize("n", [0, 1, 7, 70_000])
def test_round_trip(n: int) -> None:
    times, offsets, data = _sample(n)
    file = io.BytesIO()
    write_pcap(file, times, offsets, data, linktype=271)
    linktype, packets = _parse(file.getvalue())
    assert linktype == 271
    assert [t for t, _ in packets] == times.tolist()
    assert b"".join(frame for _, frame in packets) == data.tobytes()
    assert [len(frame) for _, frame in packets] == np.diff(offsets).tolist()


def test_path_and_file_object_agree(tmp_path: Path) -> None:
    times, offsets, data = _sample(5)
    file = io.BytesIO()
    write_pcap(file, times, offsets, data)
    write_pcap(tmp_path / "a.pcap", times, offsets, data)
    assert (tmp_path / "a.pcap").read_bytes() == file.getvalue()


@pytest.mark.parametrize(
    "times, offsets, message",
    [
        ([1, 2], [0, 4], "2 times need 3 offsets"),
        ([1], [0, 3], "do not cover the 4 octets"),
        ([-1], [0, 4], "outside 1970"),
    ],
)
def test_refuses_what_does_not_fit(times: list[int], offsets: list[int], message: str) -> None:
    with pytest.raises(CaptureError, match=message):
        write_pcap(io.BytesIO(), np.array(times), np.array(offsets), np.zeros(4, np.uint8))


def test_unwritable_path_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be written"):
        write_pcap(tmp_path / "no" / "a.pcap", *_sample(1))
