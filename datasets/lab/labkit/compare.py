"""Two runs of the same scenarios: bytes must differ, labels and shape must agree."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from labkit import store

SHAPE = 0.5
"""Largest difference of packet counts, as a share: pauses and losses differ between runs."""


def _labels(document: dict[str, Any]) -> Counter[tuple[str, ...]]:
    """Count labelled flows by what does not depend on a drawn port or identifier."""
    fields = ("proto", "label", "tool", "b_port")
    return Counter(tuple(str(flow.get(field)) for field in fields) for flow in document["flows"])


def differences(one: Path, other: Path, names: list[str]) -> list[str]:
    """Return what does not hold between two folders of captures.

    Parameters
    ----------
    one, other
        Folders with captures and label files.
    names
        Captures to compare; those of `other` when empty.

    Returns
    -------
    list of str
        A line for each problem: bytes that are equal, kinds of labelled flows that differ, packet
        counts that are too far apart. Of two captures of which one is cut, the other may have
        more of all.
    """
    out = []
    for name in names or list(store.captures(other)):
        pcaps = [store.find(folder, name) for folder in (one, other)]
        missing = [str(pcap) for pcap in pcaps if not pcap.exists()]
        if missing:
            out.append(f"{name}: {missing[0]} is not there")
            continue
        a, b = (json.loads(store.label_file(pcap).read_text()) for pcap in pcaps)
        if store.content(pcaps[0]) == store.content(pcaps[1]):
            out.append(f"{name}: the same bytes: one is a copy, not a second run")
        out += [
            f"{name}: {field} is {a[field]!r} and {b[field]!r}"
            for field in ("scenario", "tool", "rest")
            if a[field] != b[field]
        ]
        kinds = [set(_labels(document)) for document in (a, b)]
        only = [kinds[0] - kinds[1], kinds[1] - kinds[0]]
        cut = [document.get("cut") is not None for document in (a, b)]
        # What the whole capture has beyond the cut one says nothing.
        excused = only[cut.index(False)] if cut[0] != cut[1] else set()
        if odd := (only[0] | only[1]) - excused:
            out.append(f"{name}: labelled flows of one run only: {' '.join(min(odd))}")
        low, high = sorted((a["packets"], b["packets"]))
        if cut[0] != cut[1]:
            part, whole = (a, b) if cut[0] else (b, a)
            low, high = whole["packets"], part["packets"]
        if low < high * (1 - SHAPE):
            out.append(f"{name}: {a['packets']} and {b['packets']} packets")
    return out
