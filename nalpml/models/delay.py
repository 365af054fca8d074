"""How long a covert channel goes unseen, in packets and in seconds.

A window is scored when it closes, so a conversation is found at the end of the first window that
alerts. Where a window closes by idleness or age, a live scan says so that much later (60 s and
120 s by default); the seconds here end with the window's last packet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset

Bool = npt.NDArray[np.bool_]
F64 = npt.NDArray[np.float64]
Text = npt.NDArray[np.str_]

PACKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
"""Points at which the share of conversations that have been found is stated."""


def detection_delay(data: Dataset, alert: Bool) -> dict[str, Any]:
    """Measure how long covert pairs of hosts, and covert conversations, go unseen.

    Parameters
    ----------
    data : Dataset
        Truth and times.
    alert : ndarray, shape (n,), bool
        Verdicts.

    Returns
    -------
    dict
        Of pairs of hosts: ``pairs``, ``detected``; of the detected the median and 90 % quantile of
        ``seconds`` from the first covert window's start to the end of the first covert window
        that alerts, and of ``packets`` in covert windows up to and with it. The same of
        ``conversations`` (flows), with ``n`` for their number, ``by_channel``, and ``curve``:
        the share of conversations that is found after so many packets, and after so many
        seconds.
    """
    rows = np.flatnonzero(data.covert)
    identity = data.identity
    start, end = (identity[c].to_numpy(dtype=np.float64)[rows] for c in ("start", "end"))
    size = (
        np.array([sum(p) for p in identity["packets"].to_numpy()[rows]], dtype=np.float64)
        if "packets" in identity.columns
        else np.zeros(len(rows))
    )
    pair, verdict, channel = data.host_pairs[rows], alert[rows], data.y[rows]
    _, seconds, packets = _first(pair, start, end, size, verdict)
    found = _summary(seconds, packets)
    result: dict[str, Any] = {"pairs": found.pop("n"), **found}
    flow = (
        np.char.add(data.capture, identity["flow_uid"].to_numpy(dtype=object).astype(str))[rows]
        if "flow_uid" in identity.columns
        else pair
    )
    first, seconds, packets = _first(flow, start, end, size, verdict)
    result["conversations"] = _summary(seconds, packets)
    result["by_channel"] = {
        str(name): _summary(seconds[channel[first] == name], packets[channel[first] == name])
        for name in np.unique(channel)
    }
    result["curve"] = {
        "packets": [[at, _share(packets <= at)] for at in PACKETS],
        "seconds": [[at, _share(seconds <= at)] for at in SECONDS],
    }
    return result


def _first(
    unit: Text, start: F64, end: F64, size: F64, verdict: Bool
) -> tuple[npt.NDArray[np.int64], F64, F64]:
    """First row of each unit, and seconds and packets to its first alert, NaN without one."""
    order = np.lexsort((start, unit))
    names = unit[order]
    head = np.append(True, names[1:] != names[:-1])[: len(order)]
    firsts = np.flatnonzero(head)
    number = np.cumsum(head) - 1
    total = np.cumsum(size[order])
    before = (total - size[order])[firsts]
    hits = np.flatnonzero(verdict[order])
    found, place = np.unique(number[hits], return_index=True)
    at = hits[place]
    seconds, packets = np.full(len(firsts), np.nan), np.full(len(firsts), np.nan)
    seconds[found] = end[order][at] - start[order][firsts[found]]
    packets[found] = total[at] - before[found]
    return order[firsts], seconds, packets


def _share(hit: Bool) -> float | None:
    return float(hit.mean()) if len(hit) else None


def _summary(seconds: F64, packets: F64) -> dict[str, Any]:
    result: dict[str, Any] = {"n": len(seconds), "detected": int((~np.isnan(seconds)).sum())}
    for key, values in (("seconds", seconds), ("packets", packets)):
        known = values[~np.isnan(values)]
        if len(known):
            middle, late = np.quantile(known, [0.5, 0.9])
            result[key] = {"median": float(middle), "p90": float(late)}
    return result
