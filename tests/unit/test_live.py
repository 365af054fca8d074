"""A live tap: ``tcpdump -w - | nalpml scan -`` says what it knows as soon as it knows it."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.fuzz.mutate import pcap
from tests.unit.kernels.frames import ipv4, udp

HANGS = 600
"""Seconds after which a program that says nothing is taken for one that waits for its input."""

RAW_IP = 101


def packet(second: int, port: int) -> bytes:
    """A record of a classic pcap file: one datagram at a second, from a port."""
    record = pcap(RAW_IP, [ipv4(17, 1, 2, udp(port, 9999, bytes(32)))])[24:]
    return second.to_bytes(4, "little") + bytes(4) + record[8:]


@pytest.mark.parametrize("form", ["jsonl", "eve", "csv"])
def test_verdicts_come_while_the_tap_goes_on(small_model: Path, form: str) -> None:
    # One datagram a second, each of another flow: from the 61st second on, every second ends one.
    command = [sys.executable, "-m", "nalpml", "scan", "-", "--model", str(small_model), "--all"]
    with subprocess.Popen(
        [*command, "--format", form], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines: queue.Queue[bytes] = queue.Queue()
        reader = threading.Thread(target=lambda: [*map(lines.put, process.stdout or ())])
        reader.start()
        process.stdin.write(pcap(RAW_IP, []))
        for second in range(66):
            process.stdin.write(packet(second, 1000 + second))
            process.stdin.flush()
            if second <= 60:
                continue
            line = lines.get(timeout=HANGS)
            if line.startswith(b"start,"):
                line = lines.get(timeout=HANGS)
            assert b"%d" % (1000 + second - 61) in line
        process.stdin.close()
        reader.join(HANGS)
        assert lines.qsize() == 61
        assert process.wait(HANGS) == 0
