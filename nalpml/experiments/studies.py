"""Studies: the same training again with less to learn from, or less to look at.

Each trains on generated traffic (or on real captures alone, for the number of tools) and is judged
on real captures, so that a row says what a part is worth where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset, kindred, leave_kindred_out
from nalpml.datasets.dataset import CAPTURED, GENERATED
from nalpml.errors import ConfigError
from nalpml.experiments.data import Prepared
from nalpml.experiments.selection import evidence
from nalpml.features import FLOW_FEATURES
from nalpml.models import CovertChannelDetector, metrics, pairs, rates

F64 = npt.NDArray[np.float64]
Make = Callable[[], CovertChannelDetector]

WINDOW_FPRS = (1e-2, 1e-3)
PAIR_FPRS = (1e-2, 1e-3)
REPEATS = 3
"""Draws of tools or profiles, whose spread is stated."""

TOOLS = (2, 4, 8, 16)
PROFILES = (10, 20, 40, 80)
PACKETS = (4, 16)


@dataclass(frozen=True)
class Study:
    """One table of a study.

    Attributes
    ----------
    name : str
        Heading.
    note : str
        What was trained on, what is judged.
    axis : str
        What differs from row to row.
    rows : tuple of dict
        ``what`` and the values of `measure`; for drawn rows ``low`` and ``high`` of the pairs'
        recall are the least and the greatest of the draws.
    """

    name: str
    note: str
    axis: str
    rows: tuple[dict[str, Any], ...]


def measure(data: Dataset, score: F64, *, seed: int = 0) -> dict[str, Any]:
    """Figures of one row.

    Parameters
    ----------
    data : Dataset
        Judged windows, benign and covert.
    score : ndarray, shape (n,), float64
        P(covert).
    seed : int
        Of the intervals.

    Returns
    -------
    dict
        ``pr_auc``; ``windows`` and ``pairs``: rows of `rates.recall_by` over all channels.
    """
    covert = data.covert
    windows = rates.recall_by(
        covert, score, data.y, data.groups, fprs=WINDOW_FPRS, seed=seed, n_boot=100
    )
    of_pairs = pairs.by_channel(data, score, fprs=PAIR_FPRS, seed=seed, n_boot=100)
    return {
        "pr_auc": metrics.rank_measures(covert, score)["pr_auc"],
        "windows": windows[pairs.ALL],
        "pairs": of_pairs[pairs.ALL],
        "channels": {name: rows for name, rows in of_pairs.items() if name != pairs.ALL},
    }


def sides(data: Prepared) -> tuple[Dataset, Dataset]:
    """What a study learns from and what it is judged on.

    Parameters
    ----------
    data : Prepared
        Of the experiment.

    Returns
    -------
    learn, judged : Dataset
        Generated training windows, shorter ones included; held-out windows, or else the real
        training windows.

    Raises
    ------
    ConfigError
        When there is no generated traffic to learn from, or nothing real to judge on.
    """
    parts = data.train if data.augmented is None else data.whole
    learn = parts.take(parts.source == GENERATED, name="generated")
    judged = data.holdout
    if judged is None:
        judged = data.train.take(data.train.source == CAPTURED, name="captured")
    if not learn.covert.any() or not judged.covert.any() or judged.covert.all():
        raise ConfigError("a study needs generated traffic to learn from and real captures")
    return learn, judged


def trained_score(
    detector: CovertChannelDetector,
    learn: Dataset,
    judged: Dataset,
    columns: list[str] | None = None,
) -> F64:
    """Train on one side and score the other.

    Parameters
    ----------
    detector : CovertChannelDetector
        Unfitted.
    learn, judged : Dataset
        Labelled windows.
    columns : list of str, optional
        Features that may be looked at; by default all.

    Returns
    -------
    ndarray, shape (n,), float64
        Score of each judged window.
    """
    names = list(learn.schema.names) if columns is None else columns
    detector.fit(learn.X[names], learn.y, learn.groups, evidence(learn))
    found: F64 = detector.covert_score(judged.X[names])
    return found


def feature_groups(data: Prepared, make: Make, seed: int) -> Study:
    """Without each group of features, and with each group alone.

    Parameters
    ----------
    data : Prepared
        Of the experiment.
    make : callable
        Gives an unfitted detector.
    seed : int
        Of the intervals.

    Returns
    -------
    Study
        All features first.
    """
    learn, judged = sides(data)
    group = {name: FLOW_FEATURES[name].group for name in learn.schema.names}
    rows = []
    names = sorted(set(group.values()))
    choices = [("all features", list(group))]
    choices += [(f"without {one}", [n for n, g in group.items() if g != one]) for one in names]
    choices += [(f"{one} alone", [n for n, g in group.items() if g == one]) for one in names]
    for what, columns in choices:
        row = measure(judged, trained_score(make(), learn, judged, columns), seed=seed)
        rows.append({"what": what, "features": len(columns), **row})
    return Study(
        "feature groups",
        "Trained on generated traffic with some of the features, judged on real captures.",
        "features used",
        tuple(rows),
    )


def tools(data: Prepared, make: Make, seed: int) -> Study:
    """More and more families of real tools to learn from.

    Parameters
    ----------
    data : Prepared
        Of the experiment; real captures among the training windows.
    make : callable
        Gives an unfitted detector.
    seed : int
        Of the draws.

    Returns
    -------
    Study
        Judged on families of one fold, which no row learns from.
    """
    real = data.train.take(data.train.source == CAPTURED, name="captured")
    split = next(iter(leave_kindred_out(real, n_splits=3)))
    rest, judged = real.take(split.train), real.take(split.test)
    units = kindred(rest)
    quiet = np.char.startswith(units, "benign:")
    families = np.unique(units[~quiet])
    counts = [k for k in TOOLS if k < len(families)] + [len(families)]

    def row(k: int, number: int) -> F64:
        rng = np.random.default_rng([seed, k, number])
        chosen = rng.choice(families, k, replace=False)
        return trained_score(make(), rest.take(quiet | np.isin(units, chosen)), judged)

    return Study(
        "number of tools",
        f"Trained on real captures alone, judged on {split.name.removeprefix('without ')}.",
        "families of tools learnt from",
        tuple(_drawn(judged, counts, row, last=len(families), seed=seed)),
    )


def profiles(data: Prepared, make: Make, seed: int) -> Study:
    """More and more covert profiles to learn from, with all benign ones.

    Parameters
    ----------
    data : Prepared
        Of the experiment.
    make : callable
        Gives an unfitted detector.
    seed : int
        Of the draws.

    Returns
    -------
    Study
        Judged on real captures.
    """
    learn, judged = sides(data)
    names = np.unique(learn.tool[learn.covert])
    counts = [k for k in PROFILES if k < len(names)] + [len(names)]

    def row(k: int, number: int) -> F64:
        rng = np.random.default_rng([seed, k, number])
        chosen = rng.choice(names, k, replace=False)
        return trained_score(
            make(), learn.take(~learn.covert | np.isin(learn.tool, chosen)), judged
        )

    return Study(
        "number of profiles",
        "Trained on generated traffic of some covert profiles and all ordinary ones, judged on "
        "real captures.",
        "covert profiles learnt from",
        tuple(_drawn(judged, counts, row, last=len(names), seed=seed)),
    )


def _drawn(
    judged: Dataset, counts: list[int], row: Callable[[int, int], F64], *, last: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Rows over several draws; everything can be drawn in one way only."""
    for k in counts:
        draws = [
            measure(judged, row(k, number), seed=seed)
            for number in range(1 if k == last else REPEATS)
        ]
        middle = sorted(draws, key=lambda d: d["pairs"][0]["recall"])[len(draws) // 2]
        spread = [
            {"low": min(values), "high": max(values)}
            for values in zip(*([r["recall"] for r in d["pairs"]] for d in draws), strict=True)
        ]
        yield {"what": str(k), "draws": len(draws), **middle, "spread": spread}


def packets(data: Prepared, make: Make, seed: int, again: Callable[[int], Dataset]) -> Study:
    """Fewer packets of each conversation to look at.

    Parameters
    ----------
    data : Prepared
        Of the experiment.
    make : callable
        Gives an unfitted detector.
    seed : int
        Of the intervals.
    again : callable
        Gives the judged captures with windows that close at so many packets.

    Returns
    -------
    Study
        The first window of each conversation, cut at so many packets.
    """
    learn, judged = sides(data)
    detector = make().fit(learn.X, learn.y, learn.groups, evidence(learn))
    rows = []
    for k in (*PACKETS, None):
        seen = judged if k is None else again(k)
        seen = seen.take(seen.identity["window"].to_numpy() == 0)
        row = measure(seen, detector.covert_score(seen.X), seed=seed)
        rows.append({"what": "whole windows" if k is None else str(k), **row})
    return Study(
        "packets seen",
        "Trained on generated traffic, judged on the first packets of each real conversation.",
        "packets of a conversation",
        tuple(rows),
    )


STUDIES: Mapping[str, Callable[[Prepared, Make, int], Study]] = MappingProxyType(
    {"feature_groups": feature_groups, "tools": tools, "profiles": profiles}
)
"""Studies by name that need the experiment's data alone; `packets` also reads captures again."""
