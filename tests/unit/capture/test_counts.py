"""Packets counted as Wireshark's own reader counts them, over captures nobody here made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from nalpml.capture.reader import iter_chunks
from nalpml.errors import CaptureError

SUFFIXES = (".pcap", ".pcapng", ".cap")


def counted(files: list[Path]) -> dict[str, int]:
    """Packets of each file as capinfos counts them, without files that it finds damaged."""
    done = subprocess.run(
        ["capinfos", "-T", "-r", "-M", "-m", "-N", "-c", *map(str, files)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = (line.rpartition(",") for line in done.stdout.splitlines())
    found = {name.strip('"'): int(count) for name, _, count in lines if count.isdigit()}
    return {name: count for name, count in found.items() if name not in done.stderr}


@pytest.mark.slow
def test_packets_are_as_many_as_capinfos_counts(shared):
    if not shutil.which("capinfos"):
        pytest.skip("no capinfos: it comes with Wireshark")
    files = sorted(
        path
        for folder in ("corpus", "captures")
        for path in (shared / folder).rglob("*")
        if path.suffix in SUFFIXES
    )
    wanted = counted(files)
    assert len(wanted) > 1000
    different = {}
    for name, count in wanted.items():
        try:
            found = sum(chunk.report.packets for chunk in iter_chunks(name))
        except CaptureError as error:
            different[name] = str(error)
            continue
        if found != count:
            different[name] = f"{found}, not {count}"
    assert not different
