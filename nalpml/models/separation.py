"""How well each feature alone tells a channel from benign traffic.

``python -m nalpml.models.separation FOLDER… -o PAGE.md`` writes the table over folders of
labelled captures (or generated ones), with the gain that the shipped model has of each feature.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nalpml.channels import BENIGN, CHANNELS
from nalpml.datasets.dataset import Dataset
from nalpml.models._kept import KEPT

__all__ = ["UNEXPLAINED", "page", "separation"]

UNEXPLAINED = "no reason is given: explain it, or take the feature out"

MOST = 40
"""Windows of a capture and label that count, so that none outweighs the others."""

LEAST = 3
"""Captures of each kind below which a channel says nothing about a feature."""


def _thin(data: Dataset, most: int) -> NDArray[np.int64]:
    # Rows evenly spread over each capture and label, never more than so many.
    frame = pd.DataFrame({"capture": data.capture, "label": data.y})
    parts = [
        rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(np.int64)]
        for rows in frame.groupby(["capture", "label"], sort=True).indices.values()
    ]
    return np.sort(np.concatenate(parts))


def area(covert: NDArray[np.float64], benign: NDArray[np.float64]) -> float:
    """Area under the ROC curve of values, ties counted half.

    Parameters
    ----------
    covert, benign : float64 (a,), (b,)
        Without NaN.

    Returns
    -------
    float
        Share of pairs in which the covert value is the larger one (Mann and Whitney).

    Examples
    --------
    >>> area(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([covert, benign]))
    above = ranks[: len(covert)].sum() - len(covert) * (len(covert) + 1) / 2
    return float(above / (len(covert) * len(benign)))


def _error(auc: float, covert: int, benign: int) -> float:
    # Standard error after Hanley and McNeil, "The meaning and use of the area under a ROC
    # curve", Radiology 143, 1982; windows of a capture are kin, so captures are what is counted.
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (covert - 1) * (one - auc**2) + (benign - 1) * (two - auc**2)
    return math.sqrt(max(spread, 1e-9) / (covert * benign))


def separation(data: Dataset, *, most: int = MOST) -> pd.DataFrame:
    """Area under the ROC curve of every feature for every channel.

    Parameters
    ----------
    data : Dataset
        Labelled windows.
    most : int
        Windows of a capture and label that count.

    Returns
    -------
    pandas.DataFrame
        A row a feature and channel with evidence in at least three captures of each kind:
        ``feature``, ``channel``, ``auc``, ``error`` (of captures, not of windows), ``covert``
        and ``benign`` (windows). Benign windows are of the protocols that the channel has; NaN
        is no evidence and is left out.
    """
    data = data.take(_thin(data, most))
    proto = data.identity["proto"].to_numpy(dtype=object).astype(str)
    values = data.matrix.astype(np.float64)
    rows = []
    for channel in CHANNELS:
        covert = data.y == channel
        benign = (data.y == BENIGN) & np.isin(proto, np.unique(proto[covert]))
        for place, name in enumerate(data.schema.names):
            known = ~np.isnan(values[:, place])
            one, two = np.flatnonzero(covert & known), np.flatnonzero(benign & known)
            groups = [len(np.unique(data.capture[part])) for part in (one, two)]
            if min(groups) < LEAST:
                continue
            auc = area(values[one, place], values[two, place])
            rows.append((name, channel, auc, _error(auc, *groups), len(one), len(two)))
    return pd.DataFrame(rows, columns=["feature", "channel", "auc", "error", "covert", "benign"])


_HEAD = """\
# What each feature tells by itself

Area under the ROC curve (AUC) of every flow feature alone, for each channel against benign
windows of the same protocols, over real captures: {names} ({windows} windows of {captures}
captures; at most {most} windows of a capture and label). 1 or 0: the feature alone parts the
two; 0.5: it tells nothing by itself (it may beside others). `~` marks what is within two
standard errors of 0.5 (counted in captures, since windows of one are kin), `.` what has no
evidence in three captures of each kind. *Gain*: share of the shipped model's gain, in
thousandths. Written by `python -m nalpml.models.separation`.

What tells nothing here and stays has its reason behind the table.
"""


def page(data: Sequence[Dataset], gains: Mapping[str, float], *, most: int = MOST) -> str:
    """Write the table as a page.

    Parameters
    ----------
    data : sequence of Dataset
        Captures of all are taken together.
    gains : mapping of str to float
        Share of a model's gain by feature.
    most : int
        As for `separation`.

    Returns
    -------
    str
        Markdown.
    """
    from nalpml.datasets.dataset import concatenate

    whole = concatenate(list(data))
    table = separation(whole, most=most)
    channels = [c for c in CHANNELS if c in set(table["channel"])]
    noise = abs(table["auc"] - 0.5) < 2 * table["error"]
    cells = {
        (feature, channel): f"{auc:.2f}" + ("~" if silent else "")
        for feature, channel, auc, silent in zip(
            table["feature"], table["channel"], table["auc"], noise, strict=True
        )
    }
    lines = [
        _HEAD.format(
            names=", ".join(part.name for part in data), windows=len(whole),
            captures=len(np.unique(whole.capture)), most=most,
        ),
        "| feature | " + " | ".join(channels) + " | gain |",
        "|---|" + "---|" * (len(channels) + 1),
    ]  # fmt: skip
    for name in whole.schema.names:
        row = [cells.get((name, channel), ".") for channel in channels]
        lines.append(f"| {name} | " + " | ".join(row) + f" | {1000 * gains.get(name, 0.0):.1f} |")
    told = set(table.loc[~noise, "feature"])
    lines += [
        "",
        "## Within noise in every channel, and why it stays",
        "",
        "| feature | gain | why |",
        "|---|---|---|",
        *(
            f"| {name} | {1000 * gains.get(name, 0.0):.1f} | {KEPT.get(name, UNEXPLAINED)} |"
            for name in whole.schema.names
            if name not in told
        ),
    ]
    return "\n".join(lines) + "\n"


def model_gains(folder: str | Path) -> dict[str, float]:
    """Share of a model's gain by feature.

    Parameters
    ----------
    folder : path
        A model's folder, as `nalpml.export.bundle` writes it.

    Returns
    -------
    dict of str to float
        Sums to 1.
    """
    import lightgbm

    booster = lightgbm.Booster(model_file=str(Path(folder) / "model.txt"))
    gains = booster.feature_importance("gain")
    return dict(
        zip(booster.feature_name(), (gains / max(gains.sum(), 1e-12)).tolist(), strict=True)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page from the command line."""
    from nalpml.datasets.loading import load

    parser = argparse.ArgumentParser(prog="python -m nalpml.models.separation", description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args(arguments)
    default = Path(__file__).resolve().parents[1] / "export" / "default"
    data = [load(path, cache=options.cache) for path in options.data]
    options.output.write_text(page(data, model_gains(options.model or default)))


if __name__ == "__main__":
    main()
