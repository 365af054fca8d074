"""Cutting the tail of captures that are larger than their set has room for."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from pathlib import Path

from labkit import capture, labels, store
from labkit.labels import Flow
from labkit.process import LabError

HEAD = 24
"""Octets of a classic capture's file header; sixteen more stand before each packet."""


def cut_at(data: bytes, limit: int) -> int:
    """Return how many octets of a capture hold whole packets and are no more than `limit`."""
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        raise LabError("not a little-endian capture with microseconds, as tcpdump writes it here")
    at = HEAD
    while at + 16 <= len(data):
        after = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
        if after > min(limit, len(data)):
            break
        at = after
    return at


def trim(folder: Path, name: str, limit: int) -> int:
    """Keep a capture's head and make its label file say so.

    Parameters
    ----------
    folder, name
        The capture; its label file lies beside it.
    limit
        Octets the capture may have, unpacked.

    Returns
    -------
    int
        Octets cut.

    Raises
    ------
    LabError
        A labelled tool would be gone, or labels and packets no longer agree.
    """
    pcap = store.find(folder, name)
    data = store.content(pcap)
    if len(data) <= limit:
        return 0
    file = store.label_file(pcap)
    document = json.loads(file.read_text())
    new = folder / f"{name}.cut"
    kept = data[: cut_at(data, limit)]
    new.write_bytes(kept)
    try:
        packets = capture.packets(new)
        old = [Flow(**flow) for flow in document["flows"]]
        flows = [flow for flow in old if any(flow.covers(p) for p in packets)]
        if {f.tool for f in old} != {f.tool for f in flows}:
            raise LabError(f"{name}: nothing of a labelled tool is left")
        document |= {
            "flows": [asdict(flow) for flow in flows],
            "packets": len(packets),
            "labelled_packets": sum(any(f.covers(p) for f in flows) for p in packets),
            "cut": limit,
        }
        wrong = labels.problems(document, new, packets)
        if wrong:
            raise LabError(f"{name}: {'; '.join(wrong)}")
        file.write_text(labels.dump(document))
        store.put(folder, name, kept)
    finally:
        new.unlink(missing_ok=True)
    return len(data) - len(kept)
