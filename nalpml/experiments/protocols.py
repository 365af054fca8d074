"""Protocols: train again on a part of the data, judge on the rest, by tool, capture or time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import (
    Dataset,
    Split,
    by_time,
    leave_kindred_out,
    leave_one_capture_out,
    leave_one_tool_out,
    synthetic_to_real,
)
from nalpml.datasets.dataset import CAPTURED
from nalpml.datasets.families import assign, kindred
from nalpml.datasets.splits import without_copies
from nalpml.errors import ConfigError
from nalpml.experiments.selection import evidence
from nalpml.models import CovertChannelDetector

F64 = npt.NDArray[np.float64]

FOLDS = 5


def leave_one_channel_out(data: Dataset) -> Iterable[Split]:
    """Hold out each channel whole, to see whether what belongs to no known channel is found.

    Real captures of the channel are held out with all that is in them, and of the other benign
    captures an equal part with each channel, so that every real benign window is judged by a
    model that has not seen its capture.

    Parameters
    ----------
    data : Dataset
        With real captures.

    Yields
    ------
    Split
        Named by the channel; no window of it is on the training side, generated ones included.
    """
    real = data.source == CAPTURED
    units = kindred(data)
    channels = np.unique(data.y[data.covert & real]).tolist()
    quiet = real & np.char.startswith(units, "benign:")
    share = assign(units[quiet], data.y[quiet], max(1, len(channels)))
    own = np.array([share.get(str(unit), -1) for unit in units])
    for number, channel in enumerate(channels):
        captures = np.unique(data.capture[real & (data.y == channel)])
        beside = real & np.isin(data.capture, captures)
        test = beside & (~data.covert | (data.y == channel)) | (own == number)
        train = ~(data.y == channel) & ~beside & (own != number)
        yield without_copies(data, Split(channel, np.flatnonzero(train), np.flatnonzero(test)))


def across_networks(data: Dataset) -> Iterable[Split]:
    """Hold out each network path (delay, loss, rate) of the laboratory in turn.

    Parameters
    ----------
    data : Dataset
        Captures whose labels name a path.

    Yields
    ------
    Split
        Named by the path. The same tools are seen over other paths.

    Raises
    ------
    ConfigError
        When no path is named.
    """
    if "network" not in data.identity.columns:
        raise ConfigError("protocol across_networks: no capture names its network path")
    network = data.identity["network"].fillna("").to_numpy(dtype=object).astype(str)
    for name in np.unique(network[network != ""]):
        test = network == name
        split = Split(str(name), np.flatnonzero(~test), np.flatnonzero(test))
        yield without_copies(data, split)


def capture_folds(data: Dataset) -> Iterable[Split]:
    """Hold out real captures a fifth at a time: other captures of the same tools were seen.

    Parameters
    ----------
    data : Dataset
        With real captures.

    Yields
    ------
    Split
        Every real row is tested once.
    """
    real = data.source == CAPTURED
    fold_of = assign(data.capture[real], data.y[real], FOLDS)
    fold = np.array([fold_of.get(str(capture), -1) for capture in data.capture])
    for number in range(FOLDS):
        test = real & (fold == number)
        split = Split(f"captures {number}", np.flatnonzero(~test), np.flatnonzero(test))
        yield without_copies(data, split)


def random_rows(data: Dataset) -> Iterable[Split]:
    """Split real windows at random: neighbours of a session on both sides.

    Parameters
    ----------
    data : Dataset
        Any.

    Yields
    ------
    Split
        For one line that shows what such a split hides.
    """
    fold = np.random.default_rng(0).integers(0, FOLDS, len(data))
    real = data.source == CAPTURED
    for number in range(FOLDS):
        test = real & (fold == number)
        yield Split(f"random {number}", np.flatnonzero(~test), np.flatnonzero(test))


PROTOCOLS: Mapping[str, Callable[[Dataset], Iterable[Split]]] = MappingProxyType(
    {
        "leave_kindred_out": leave_kindred_out,
        "leave_one_tool_out": leave_one_tool_out,
        "leave_one_channel_out": leave_one_channel_out,
        "leave_one_capture_out": leave_one_capture_out,
        "capture_folds": capture_folds,
        "across_networks": across_networks,
        "synthetic_to_real": lambda data: [synthetic_to_real(data)],
        "real_to_synthetic": lambda data: [synthetic_to_real(data, reverse=True)],
        "by_time": lambda data: [by_time(data)],
        "random_rows": random_rows,
    }
)
"""Protocol by name: a dataset in, splits out."""

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "leave_kindred_out": "Each family of real tools that share code, with all captures it is "
        "in, is judged by a model that saw neither; generated traffic is learnt from throughout.",
        "leave_one_tool_out": "Each covert tool, with the real captures it is in, is judged by a "
        "model that saw neither.",
        "leave_one_capture_out": "Each real capture is judged by a model that has not seen it; "
        "other captures of its tool were seen.",
        "leave_one_channel_out": "Each channel is judged by a model that has seen no traffic of "
        "it, generated or real: a score for what belongs to no known channel.",
        "capture_folds": "Real captures, a fifth at a time, are judged by a model that has not "
        "seen them; other captures of their tools were seen.",
        "across_networks": "Each emulated network path is judged by a model that saw the same "
        "tools over other paths.",
        "synthetic_to_real": "Trained on generated traffic alone, judged on real captures.",
        "real_to_synthetic": "Trained on real captures alone, judged on generated traffic.",
        "by_time": "Trained on the earlier windows, judged on the later ones.",
        "random_rows": "OPTIMISTIC: windows split at random, so that each session is on both "
        "sides. For comparison alone.",
    }
)
"""What each protocol asks, for the report."""


@dataclass(frozen=True)
class Judged:
    """What a protocol found.

    Attributes
    ----------
    data : Dataset
        The test windows; one that is in several splits counts once.
    score : ndarray, shape (m,), float64
        P(covert), calibrated where the detector calibrates.
    found : ndarray, shape (m,), str
        Predicted labels.
    fold : ndarray, shape (m,), str
        Name of the split that judged the window.
    """

    data: Dataset
    score: F64
    found: npt.NDArray[np.str_]
    fold: npt.NDArray[np.str_]


def judge(
    name: str, data: Dataset, make: Callable[[], CovertChannelDetector], *, fold_by: str = "tool"
) -> Judged:
    """Score every test window of a protocol by a model that was not trained on its group.

    Parameters
    ----------
    name : str
        One of `PROTOCOLS`.
    data : Dataset
        All data.
    make : callable
        Gives an unfitted detector.
    fold_by : str
        What calibration holds out; see `Dataset.fold_groups`.

    Returns
    -------
    Judged
        Windows that could be judged; one in several splits is judged by the first that holds out
        its own tool.

    Raises
    ------
    ConfigError
        When no split can be trained.
    """
    score = np.full(len(data), np.nan)
    found, fold = (np.full(len(data), "", dtype=object) for _ in range(2))
    for split in PROTOCOLS[name](data):
        # In a capture with several tools, only the split of a window's own tool judges it.
        rows = split.test
        if name == "leave_one_tool_out":
            rows = rows[~data.covert[rows] | (data.tool[rows] == split.name)]
        rows = rows[np.isnan(score[rows])]
        covert = data.covert[split.train]
        if not len(rows) or covert.all() or not covert.any():
            continue
        detector = fit(make(), data, split, fold_by=fold_by)
        score[rows] = detector.covert_score(data.X.iloc[rows])
        found[rows], fold[rows] = detector.predict(data.X.iloc[rows]), split.name
    judged = np.flatnonzero(~np.isnan(score))
    if not len(judged):
        raise ConfigError(f"protocol {name}: no part of the data can be trained on and judged")
    return Judged(
        data.take(judged, name=name),
        score[judged],
        found[judged].astype(str),
        fold[judged].astype(str),
    )


def fit(
    detector: CovertChannelDetector, data: Dataset, split: Split, *, fold_by: str = "tool"
) -> Any:
    """Train on one side of a split.

    Parameters
    ----------
    detector : CovertChannelDetector
        Unfitted.
    data : Dataset
        All data.
    split : Split
        Rows.
    fold_by : str
        What calibration holds out; see `Dataset.fold_groups`.

    Returns
    -------
    CovertChannelDetector
        Fitted.
    """
    rows = split.train
    return detector.fit(
        data.X.iloc[rows],
        data.y[rows],
        data.groups[rows],
        evidence(data.take(rows)),
        fold_groups=data.fold_groups(fold_by)[rows],
    )
