"""How captures lie in a folder: ``x.pcap``, or ``x.pcap.gz`` where that saves half of many octets.

Programs that read captures (tshark, tcpdump's readers, the package) read both.
"""

from __future__ import annotations

import gzip
from pathlib import Path

LARGE = 25_000
"""Octets of a capture above which compressing is tried."""


def captures(folder: Path) -> dict[str, Path]:
    """Return the stored captures of a folder by name, in order of their names."""
    found = {path.name.removesuffix(".pcap"): path for path in folder.glob("*.pcap")}
    for path in folder.glob("*.pcap.gz"):
        found[path.name.removesuffix(".pcap.gz")] = path
    return dict(sorted(found.items()))


def find(folder: Path, name: str) -> Path:
    """Return where a capture is stored, or would be if it is not there."""
    packed = folder / f"{name}.pcap.gz"
    return packed if packed.exists() else folder / f"{name}.pcap"


def label_file(pcap: Path) -> Path:
    """Return the label file that belongs beside a stored capture."""
    return pcap.with_name(pcap.name.removesuffix(".gz").removesuffix(".pcap") + ".json")


def content(pcap: Path) -> bytes:
    """Return a stored capture's octets, unpacked."""
    data = pcap.read_bytes()
    return gzip.decompress(data) if pcap.suffix == ".gz" else data


def put(folder: Path, name: str, data: bytes) -> Path:
    """Store a capture, in place of an older one of that name.

    Parameters
    ----------
    folder
        Where.
    name
        The capture's, without endings.
    data
        Octets of the capture.

    Returns
    -------
    Path
        ``name.pcap.gz`` when `data` is larger than `LARGE` and gzip takes it below half (the same
        octets each time: no name, no time), else ``name.pcap``.
    """
    plain, packed = folder / f"{name}.pcap", folder / f"{name}.pcap.gz"
    small = gzip.compress(data, 9, mtime=0) if len(data) > LARGE else data
    halved = len(small) < len(data) / 2
    target, other = (packed, plain) if halved else (plain, packed)
    part = folder / f"{name}.part"
    part.write_bytes(small if halved else data)
    part.replace(target)
    other.unlink(missing_ok=True)
    return target
