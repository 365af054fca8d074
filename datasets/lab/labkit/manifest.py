"""The manifest of a folder of captures, and the check of the whole folder."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from labkit import capture, labels, store

COLUMNS = (
    "name", "label", "channel", "tool", "version", "packets", "flows", "bytes", "sha256",
    "labelled_packets",
)  # fmt: skip


def main_label(document: dict[str, Any]) -> str:
    """Return the label a capture stands for: its flows' most frequent, else that of the rest."""
    counted = Counter(flow["label"] for flow in document["flows"])
    return counted.most_common(1)[0][0] if counted else document["rest"] or "unknown"


def _channel(document: dict[str, Any], packets: list[capture.Packet]) -> str:
    """Return the carrier of the labelled flows (of all, if none): protocol and lowest port."""
    flows = document["flows"]
    if flows:
        flow = flows[0]
        ports = [p for p in (flow["b_port"],) if p]
        return "/".join([str(flow["proto"]), *(str(p) for p in ports)])
    counted = Counter(p.proto for p in packets)
    return counted.most_common(1)[0][0]


def row(name: str, pcap: Path) -> dict[str, Any]:
    """Return a capture's line of the manifest: octets and digest are those of the stored file."""
    document = json.loads(store.label_file(pcap).read_text())
    packets = capture.packets(pcap)
    return {
        "name": name,
        "label": main_label(document),
        "channel": _channel(document, packets),
        "tool": document["tool"],
        "version": document["version"],
        "packets": document["packets"],
        "flows": labels.count_flows(packets),
        "bytes": pcap.stat().st_size,
        "sha256": hashlib.sha256(pcap.read_bytes()).hexdigest(),
        "labelled_packets": document["labelled_packets"],
    }


def write(folder: Path) -> list[dict[str, Any]]:
    """Write ``manifest.csv`` for every capture with a label file; unchanged rows are kept."""
    file = folder / "manifest.csv"
    old: dict[str, dict[str, Any]] = {}
    if file.exists():
        with file.open(newline="") as source:
            old = {line["sha256"]: line for line in csv.DictReader(source)}

    def line(item: tuple[str, Path]) -> dict[str, Any]:
        name, pcap = item
        known = old.get(hashlib.sha256(pcap.read_bytes()).hexdigest())
        return known if known and known["name"] == name else row(name, pcap)

    found = store.captures(folder).items()
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(line, [item for item in found if store.label_file(item[1]).exists()]))
    with file.open("w", newline="") as sink:
        writer = csv.DictWriter(sink, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows


def _check(pcap: Path) -> list[str]:
    if not store.label_file(pcap).exists():
        return [f"{pcap.name}: no label file"]
    document = json.loads(store.label_file(pcap).read_text())
    wrong = labels.problems(document, pcap, capture.packets(pcap))
    return [f"{pcap.name}: {text}" for text in wrong]


def verify(folder: Path, names: list[str]) -> list[str]:
    """Check captures against their label files with tshark; return the problems found."""
    chosen = [p for n, p in store.captures(folder).items() if not names or n in names]
    with ThreadPoolExecutor(4) as pool:
        return [text for found in pool.map(_check, chosen) for text in found]
