from __future__ import annotations

import gzip
import io
import os
import struct
import threading

import numpy as np
import pytest
import zstandard

from nalpml.capture.reader import iter_chunks, iter_merged, read
from nalpml.errors import CaptureError
from nalpml.flows.window import Tracker
from tests.unit.kernels.frames import bits, icmp, ipv4, tcp, udp

FRAMES = [
    bytes(12) + b"\x08\x00" + ipv4(17, 1 + i % 3, 9, udp(5, 7 + i % 2, b"x" * i), ident=i + 1)
    for i in range(40)
] + [
    bytes(12) + b"\x08\x00" + ipv4(4, 7, 8, ipv4(6, 1, 2, tcp(1, 2, 0x18, b"in")), ident=99),
    bytes(12) + b"\x08\x06" + bytes(28),
    bytes(12) + b"\x08\x00" + ipv4(1, 3, 9, icmp(8, 5, b"ping"), ident=100),
]


def pcap(frames, *, start=1000, step=2, magic=b"\xd4\xc3\xb2\xa1", order="<", extra=0) -> bytes:
    head = magic + struct.pack(order + "HHIIII", 2, 4, 0, 0, 65535, 1)
    return head + b"".join(
        struct.pack(order + "IIII", start + i * step, 7, len(f), len(f)) + bytes(extra) + f
        for i, f in enumerate(frames)
    )


WHOLE = pcap(FRAMES)


def windows(chunks):
    tracker = Tracker()
    flows = [tracker.feed(chunk) for chunk in chunks] + [tracker.finish()]
    return (
        bits(np.concatenate([f.windows for f in flows])),
        bits_without_place(np.concatenate([f.packets for f in flows])),
        tracker,
    )


def bits_without_place(rows):
    # Where a payload lay in the buffer of its chunk is no property of the packet.
    return [rows[n].tobytes() for n in rows.dtype.names if n != "payload_off"]


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "a.pcap"
    file.write_bytes(WHOLE)
    return file


def test_packets_are_in_flows_or_skipped(path):
    packets = read(path)
    report = packets.report
    tracker = Tracker()
    rows = len(tracker.feed(packets).packets) + len(tracker.finish().packets)
    assert report.packets == len(FRAMES) == report.decoded + sum(report.skipped.values())
    assert rows == report.decoded + report.inner
    assert report.inner == 1
    assert report.skipped == {"not IP": 1}
    assert tracker.report == report


@pytest.mark.parametrize("packets", [1, 2, 7, 1000])
def test_windows_do_not_depend_on_chunk_size_or_source(path, packets):
    wanted = windows([read(path)])
    sources = [
        iter_chunks(path, packets=packets),
        iter_chunks(str(path), packets=packets),
        iter_chunks(io.BytesIO(WHOLE), packets=packets),
        iter_chunks(Trickle(WHOLE, 11), packets=packets),
    ]
    for chunks in sources:
        found = windows(chunks)
        assert found[:2] == wanted[:2]
        assert (found[2].report.packets, found[2].report.inner) == (43, 1)


class Trickle(io.RawIOBase):
    """A pipe that hands out few octets at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._file, self._size = io.BytesIO(data), size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        piece = self._file.read(min(self._size, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def test_halves_through_one_tracker_are_the_whole(path):
    halves = [pcap(FRAMES[:20]), pcap(FRAMES[20:], start=1040)]
    found = windows(chunk for half in halves for chunk in iter_chunks(io.BytesIO(half)))
    wanted = windows([read(path)])
    # The second file counts its packets anew; all else is the same.
    place = {"first_index", "index"}
    for mine, theirs, dtype in zip(found[:2], wanted[:2], (0, 1), strict=True):
        names = read(path).rows.dtype.names if dtype else found[2]._windows.dtype.names
        names = [n for n in names if not (dtype and n == "payload_off")]
        differing = {n for n, a, b in zip(names, mine, theirs, strict=True) if a != b}
        assert differing <= place


def test_standard_input(path, monkeypatch):
    wanted = windows([read(path)])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(WHOLE)))
    assert windows(iter_chunks("-", packets=5))[:2] == wanted[:2]


def test_what_a_pipe_has_is_handed_on_at_once(tmp_path):
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    more = threading.Event()

    def write():
        with fifo.open("wb", buffering=0) as file:
            file.write(WHOLE[: 24 + 16 + len(FRAMES[0])])
            more.wait(20)
            file.write(WHOLE[24 + 16 + len(FRAMES[0]) :])

    writer = threading.Thread(target=write)
    writer.start()
    chunks = iter_chunks(fifo)
    assert len(next(chunks)) == 1  # while the writer waits
    more.set()
    assert sum(len(chunk) for chunk in chunks) == len(FRAMES)
    writer.join()


@pytest.mark.parametrize(
    "squeeze", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"]
)
def test_compressed(tmp_path, squeeze):
    file = tmp_path / "a.pcap.x"
    file.write_bytes(squeeze(WHOLE))
    assert bits(read(file).rows) == bits(read(io.BytesIO(WHOLE)).rows)
    assert sum(len(chunk) for chunk in iter_chunks(file, packets=9)) == len(FRAMES) + 1


def test_damaged_compression_ends_a_capture_and_is_reported():
    noise = np.random.default_rng(1).integers(0, 256, 3_000_000, dtype=np.uint8).tobytes()
    frames = [bytes(12) + b"\x08\x00" + ipv4(17, 1, 2, udp(1, 2, noise[i : i + 1000]))
              for i in range(0, len(noise), 1000)]  # fmt: skip
    squeezed = gzip.compress(pcap(frames, step=0))
    packets = read(io.BytesIO(squeezed[: len(squeezed) // 2]))
    assert 0 < len(packets) < len(frames)
    assert "cut off behind packet" in packets.report.damage
    assert "cut off" in str(packets.report)


@pytest.mark.parametrize(
    "magic,order,extra,fraction",
    [
        (b"\xd4\xc3\xb2\xa1", "<", 0, 7000),
        (b"\xa1\xb2\xc3\xd4", ">", 0, 7000),
        (b"\x4d\x3c\xb2\xa1", "<", 0, 7),
        (b"\xa1\xb2\x3c\x4d", ">", 0, 7),
        (b"\x34\xcd\xb2\xa1", "<", 8, 7000),
        (b"\xa1\xb2\xcd\x34", ">", 8, 7000),
    ],
)
def test_pcap_variants(magic, order, extra, fraction):
    data = pcap(FRAMES, magic=magic, order=order, extra=extra)
    packets = read(io.BytesIO(data))
    assert packets["time_ns"][0] == 1000 * 10**9 + fraction
    assert packets.report.packets == len(FRAMES)
    assert packets.payload(5) == b"xxxxx"


@pytest.mark.parametrize(
    "content,words",
    [
        (b"", "empty file"),
        (b"ab", "not a pcap or pcapng capture"),
        (b"Dear reader, this is no capture at all.", "starts with 44 65 61 72"),
        (WHOLE[:20], "cut off in the pcap file header"),
        (b"\x1f\x8b" + bytes(30), "cannot be read"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 30, "cannot be read"),
        (gzip.compress(b"", mtime=0), "empty file"),
    ],
)
@pytest.mark.parametrize("reader", [read, lambda path: list(iter_chunks(path))])
def test_what_is_no_capture_is_refused_in_one_line(tmp_path, content, words, reader):
    file = tmp_path / "b.pcap"
    file.write_bytes(content)
    with pytest.raises(CaptureError, match=words) as caught:
        reader(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reader", [read, lambda path: list(iter_chunks(path))])
def test_folders_and_missing_files(tmp_path, reader):
    with pytest.raises(CaptureError, match="is a folder"):
        reader(tmp_path)
    with pytest.raises(CaptureError, match="No such file"):
        reader(tmp_path / "none.pcap")


@pytest.mark.parametrize(
    "data,packets,damage",
    [
        (WHOLE[:-1], 42, "cut off behind packet 42"),
        (WHOLE + b"\0\1", 43, "cut off behind packet 43"),
        (WHOLE + struct.pack("<IIII", 1, 1, 2**31, 9), 43, "impossible record length behind"),
        (WHOLE[:24], 0, ""),
        (WHOLE[:30], 0, "cut off behind packet 0"),
        (bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000") + b"\xff" * 8 + bytes.fromhex("1c000000")
         + bytes.fromhex("06000000050000000000000000"), 0, "impossible block behind packet 0"),
        (bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000"), 0, "cut off behind packet 0"),
    ],
)  # fmt: skip
def test_damage_is_reported_and_what_came_before_is_kept(data, packets, damage):
    for found in (
        read(io.BytesIO(data)).report,
        _sum(iter_chunks(io.BytesIO(data), packets=10)),
        _sum(iter_chunks(Trickle(data, 7), packets=10)),
    ):
        assert found.packets == packets
        assert found.damage.startswith(damage)
        assert bool(found.damage) == bool(damage)


def _sum(chunks):
    tracker = Tracker()
    for chunk in chunks:
        tracker.feed(chunk)
    return tracker.report


def test_order_and_repetition_are_counted_whatever_the_chunks(tmp_path):
    frame = FRAMES[20]
    tail = [FRAMES[21], frame, FRAMES[22]]
    data = pcap([frame, frame, *tail], step=0) + pcap([FRAMES[3]], start=1)[24:]
    for packets in (1, 2, 100):
        report = _sum(iter_chunks(io.BytesIO(data), packets=packets))
        assert (report.duplicates, report.backwards) == (2, 1)
    assert "1 earlier than their predecessor, 2 duplicates" in str(report)


def test_several_captures_in_order_of_time(tmp_path):
    odd, even = io.BytesIO(pcap(FRAMES[1::2], start=1002, step=4)), io.BytesIO(
        pcap(FRAMES[::2], step=4)
    )  # fmt: skip
    broken = io.BytesIO(pcap([], start=5) + b"\1")
    chunks = list(iter_merged([odd, even, broken], packets=5))
    rows = np.concatenate([chunk.rows for chunk in chunks])
    whole = read(io.BytesIO(WHOLE)).rows
    assert rows["time_ns"].tolist() == whole["time_ns"].tolist()
    assert rows["index"].tolist() == whole["index"].tolist()
    assert rows["payload_hash"].tolist() == whole["payload_hash"].tolist()
    reports = [chunk.report for chunk in chunks]
    assert sum(report.packets for report in reports) == len(FRAMES)
    assert sum(bool(report.damage) for report in reports) == 1


def test_a_table_shows_itself_as_a_frame(path):
    frame = read(path).to_frame()
    assert frame.loc[0, "src"] == "10.0.0.1"
    assert frame.loc[40, "proto"] == "4"
    assert frame.loc[41, "depth"] == 1
