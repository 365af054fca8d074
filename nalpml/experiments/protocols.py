"""Protocols: train again on a part of the data, judge on the rest, by tool, capture or time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import (
    Dataset,
    Split,
    by_time,
    leave_one_capture_out,
    leave_one_tool_out,
    synthetic_to_real,
)
from nalpml.datasets.splits import Split as _Split
from nalpml.errors import ConfigError
from nalpml.models import CovertChannelDetector

F64 = npt.NDArray[np.float64]

PROTOCOLS: Mapping[str, Callable[[Dataset], Iterable[Split]]] = MappingProxyType(
    {
        "leave_one_tool_out": leave_one_tool_out,
        "leave_one_capture_out": leave_one_capture_out,
        "synthetic_to_real": lambda data: [synthetic_to_real(data)],
        "real_to_synthetic": lambda data: [synthetic_to_real(data, reverse=True)],
        "by_time": lambda data: [by_time(data)],
    }
)
"""Protocol by name: a dataset in, splits out."""

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "leave_one_tool_out": "Each covert tool, with the real captures it is in, is judged by a "
        "model that saw neither.",
        "leave_one_capture_out": "Each real capture is judged by a model that has not seen it; "
        "other captures of its tool were seen.",
        "synthetic_to_real": "Trained on generated traffic alone, judged on real captures.",
        "real_to_synthetic": "Trained on real captures alone, judged on generated traffic.",
        "by_time": "Trained on the earlier windows, judged on the later ones.",
    }
)
"""What each protocol asks, for the report."""


def judge(
    name: str, data: Dataset, make: Callable[[], CovertChannelDetector], *, fold_by: str = "tool"
) -> tuple[Dataset, F64, npt.NDArray[np.str_]]:
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
    judged : Dataset
        The test windows; one that is in several splits counts once, in the split named first
        that holds out its own tool.
    score : ndarray, shape (m,), float64
        Calibrated P(covert).
    found : ndarray, shape (m,), str
        Predicted labels.

    Raises
    ------
    ConfigError
        When no split can be trained.
    """
    score = np.full(len(data), np.nan)
    found = np.full(len(data), "", dtype=object)
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
        found[rows] = detector.predict(data.X.iloc[rows])
    judged = np.flatnonzero(~np.isnan(score))
    if not len(judged):
        raise ConfigError(f"protocol {name}: no part of the data can be trained on and judged")
    return data.take(judged, name=name), score[judged], found[judged].astype(str)


def fit(
    detector: CovertChannelDetector, data: Dataset, split: _Split, *, fold_by: str = "tool"
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
        fold_groups=data.fold_groups(fold_by)[rows],
    )
