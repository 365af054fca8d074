"""How a detector ages: its recall period by period, and the area under that curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset

Bool = npt.NDArray[np.bool_]


def area_under_time(values: Sequence[float]) -> float:
    """Area under a measure over time, AUT (Pendlebury et al., TESSERACT, USENIX Security 2019).

    ``AUT(f, N) = 1 / (N - 1) * sum((f(k + 1) + f(k)) / 2)`` over ``N`` periods of equal length.

    Parameters
    ----------
    values : sequence of float
        The measure in each period, in order; at least two.

    Returns
    -------
    float
        Within the range of the values.

    Examples
    --------
    >>> area_under_time([1.0, 0.5, 0.0])
    0.5
    """
    f = np.asarray(values, dtype=np.float64)
    return float(((f[1:] + f[:-1]) / 2).mean())


def by_period(data: Dataset, alert: Bool, *, periods: int = 5) -> dict[str, Any] | None:
    """Recall and false positive rate in periods of equal length.

    Parameters
    ----------
    data : Dataset
        Truth and times.
    alert : ndarray, shape (n,), bool
        Verdicts at one threshold, which stays.
    periods : int
        Number of periods between the first and the last window's start.

    Returns
    -------
    dict or None
        ``periods`` (``start`` in epoch seconds, ``n_covert``, ``recall``, ``n_benign``,
        ``false_positive_rate``; None where there is nothing to judge) and ``aut`` of recall over
        the periods that have covert windows. None when fewer than two of them do.
    """
    covert = data.covert
    start = data.identity["start"].to_numpy(dtype=np.float64)
    if not len(start) or start.max() <= start.min():
        return None
    edges = np.linspace(start.min(), start.max(), periods + 1)
    number = np.clip(np.searchsorted(edges, start, side="right") - 1, 0, periods - 1)
    rows = []
    for k in range(periods):
        positive, negative = (number == k) & covert, (number == k) & ~covert
        rows.append(
            {
                "start": float(edges[k]),
                "n_covert": int(positive.sum()),
                "recall": float(alert[positive].mean()) if positive.any() else None,
                "n_benign": int(negative.sum()),
                "false_positive_rate": float(alert[negative].mean()) if negative.any() else None,
            }
        )
    known = [row["recall"] for row in rows if row["recall"] is not None]
    return {"periods": rows, "aut": area_under_time(known)} if len(known) > 1 else None
