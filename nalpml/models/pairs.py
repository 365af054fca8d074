"""Pairs of hosts: what an analyst opens a case on, and the level at which detectors are compared.

A pair is two addresses in one capture. Its score is the greatest of its windows: it alerts when
any of them does, as in a scan. A covert pair is judged by its covert windows alone, so that a
false alert beside a tunnel does not count as having found it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.datasets import Dataset
from nalpml.models import rates

F64 = npt.NDArray[np.float64]

ALL = "(all)"


def pair_table(data: Dataset, score: F64) -> pd.DataFrame:
    """Scores of pairs of hosts.

    Parameters
    ----------
    data : Dataset
        Truth and endpoints.
    score : ndarray, shape (n,), float64
        Scores of windows; rows that are NaN were not judged and are left out.

    Returns
    -------
    DataFrame
        A row a pair and capture, sorted: ``pair``, ``score``, ``covert``, ``channel`` and ``tool``
        (those of its covert window with the greatest score; ``benign`` and empty for others),
        ``capture``, ``group`` (what intervals resample), ``source``, ``windows``.
    """
    frame = pd.DataFrame(
        {
            "pair": data.host_pairs,
            "score": score,
            "covert": data.covert,
            "channel": data.y,
            "tool": np.where(data.covert, data.tool, ""),
            "capture": data.capture,
            "group": data.groups,
            "source": data.source,
        }
    )
    frame = frame[frame["score"].notna()]
    mixed = frame.groupby("pair")["covert"].transform("any")
    frame = frame[frame["covert"] | ~mixed]
    frame = frame.sort_values(["pair", "score"], ascending=[True, False], kind="stable")
    count = frame.groupby("pair", sort=True).size()
    first = frame.drop_duplicates("pair").reset_index(drop=True)
    return first.assign(windows=count.to_numpy())


def by_channel(
    data: Dataset,
    score: F64,
    *,
    fprs: Sequence[float] = (1e-2, 1e-3),
    seed: int = 0,
    n_boot: int = 200,
) -> dict[str, list[dict[str, Any]]]:
    """Recall of pairs by channel, at the threshold that gives a stated FPR over benign pairs.

    Parameters
    ----------
    data : Dataset
        Truth.
    score : ndarray, shape (n,), float64
        Out-of-fold scores of windows, for example ``detector.cross_fitted_`` of a fit with
        ``fold_groups=data.fold_groups("kindred")``; NaN where not judged.
    fprs : sequence of float
        Allowed rates.
    seed, n_boot : int
        Of the intervals.

    Returns
    -------
    dict of str to list of dict
        By channel, and over all as ``(all)``: rows of `rates.recall_by`.
    """
    pairs = pair_table(data, score)
    return rates.recall_by(
        pairs["covert"].to_numpy(dtype=bool),
        pairs["score"].to_numpy(dtype=np.float64),
        pairs["channel"].to_numpy(dtype=object).astype(str),
        pairs["group"].to_numpy(dtype=object).astype(str),
        fprs=fprs,
        seed=seed,
        n_boot=n_boot,
        everything=ALL,
    )


def as_text(found: dict[str, list[dict[str, Any]]]) -> str:
    """Lay `by_channel` out for a terminal.

    Parameters
    ----------
    found : dict
        From `by_channel`.

    Returns
    -------
    str
        A line a channel; ``~`` marks rates that so few benign pairs cannot establish.
    """
    lines = []
    for name, rows in found.items():
        cells = [
            f"{'' if r['estimable'] else '~'}{r['recall']:.3f} ({r['low']:.2f} to {r['high']:.2f})"
            f" at FPR {r['fpr']:g}"
            for r in rows
        ]
        lines.append(f"{name:16} {rows[0]['n']:5} pairs  " + "  ".join(cells))
    negatives = next(iter(found.values()))[0]["negatives"] if found else 0
    return "\n".join([*lines, f"{negatives} benign pairs"])
