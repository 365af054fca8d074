"""A beacon score of pairs of hosts in the form of RITA v5, written from its published formulas.

RITA joins all connections from one host to another over a day and asks how alike their spacing
and their sizes are, how much of the day they cover, and how evenly. It works on connection logs;
here a connection is a flow. A laboratory's capture is minutes and not a day, so coverage and
evenness are of the capture's time, and its least span of six hours is not asked for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.datasets import Dataset

F64 = npt.NDArray[np.float64]

LEAST = 4
"""Connections below which a pair is no beacon."""

BINS = 24
"""Parts of the capture's time, for RITA's hours of the day."""

RUN = 12
"""Bins in a row that count as full duration."""


def alike(values: F64) -> float:
    """How alike values are: the mean of 1 - |Bowley skewness| and (median - MAD) / median.

    Parameters
    ----------
    values : ndarray, shape (n,), float64
        Zeros are left out.

    Returns
    -------
    float
        In [0, 1]; 0 without values.

    Examples
    --------
    >>> alike(np.array([60.0, 60.0, 60.0]))
    1.0
    """
    values = values[values > 0]
    if not len(values):
        return 0.0
    q1, q2, q3 = np.quantile(values, [0.25, 0.5, 0.75])
    skew = 0.0 if q2 in (q1, q3) else (q1 + q3 - 2 * q2) / (q3 - q1)
    spread = float(np.median(np.abs(values - q2)))
    return float((1 - abs(skew) + max(q2 - spread, 0.0) / q2) / 2)


def beacon(start: F64, octets: F64, span: tuple[float, float]) -> float:
    """Beacon score of one pair's connections.

    Parameters
    ----------
    start : ndarray, shape (n,), float64
        Starts of connections, seconds, ascending.
    octets : ndarray, shape (n,), float64
        What the originator sent in each.
    span : (float, float)
        First and last second of the capture.

    Returns
    -------
    float
        Mean of the scores of time, size, duration and histogram; 0 below `LEAST` connections.
    """
    whole = span[1] - span[0]
    if len(start) < LEAST or whole <= 0:
        return 0.0
    count, _ = np.histogram(start, bins=BINS, range=span)
    run = longest = 0
    for filled in count > 0:
        run = run + 1 if filled else 0
        longest = max(longest, run)
    duration = max((start[-1] - start[0]) / whole, min(longest / RUN, 1.0))
    even = max(1 - float(count.std() / count.mean()), 0.0)
    return float(alike(np.diff(start)) + alike(octets) + duration + even) / 4


def scores(data: Dataset) -> F64:
    """Beacon score of each window's originator, responder and port.

    Parameters
    ----------
    data : Dataset
        Windows; all of a pair's count, also later ones, as in a day's log.

    Returns
    -------
    ndarray, shape (n,), float64
        In [0, 1].
    """
    identity = data.identity
    frame = pd.DataFrame(
        {
            "capture": data.capture,
            "pair": identity["src"].astype(str)
            + " " + identity["dst"].astype(str)
            + " " + identity["dport"].astype(str)
            + " " + identity["proto"].astype(str),
            "flow": identity["flow_uid"].astype(str),
            "start": identity["start"].to_numpy(np.float64),
            "octets": [float(pair[0]) for pair in identity["bytes"]],
        }
    )  # fmt: skip
    ends = pd.Series(identity["end"].to_numpy(np.float64)).groupby(frame["capture"]).max()
    begins = frame.groupby("capture")["start"].min()
    flows = frame.groupby(["capture", "pair", "flow"], as_index=False).agg(
        start=("start", "min"), octets=("octets", "sum")
    )
    found: dict[tuple[str, str], float] = {}
    for key, rows in flows.sort_values("start").groupby(["capture", "pair"]):
        if len(rows) >= LEAST:
            capture, pair = map(str, key)
            span = (float(begins.loc[capture]), float(ends.loc[capture]))
            found[capture, pair] = beacon(
                rows["start"].to_numpy(np.float64), rows["octets"].to_numpy(np.float64), span
            )
    keys = zip(frame["capture"], frame["pair"], strict=True)
    return np.array([found.get(key, 0.0) for key in keys], dtype=np.float64)
