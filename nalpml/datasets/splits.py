"""Splits by tool, capture or time; never by row.

Neighbouring windows of one session are near copies, so a random split measures memory. None is
offered. Every split is checked before it is handed out. Two programs can send the very same (a
neighbour's solicitation, a single lookup): what equals a judged row is not learnt from.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nalpml.datasets.dataset import CAPTURED, GENERATED, Dataset
from nalpml.errors import ConfigError

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers to train on and to test on.

    Attributes
    ----------
    name : str
        What is held out.
    train, test : ndarray of int64
        Row numbers; no group is in both.
    """

    name: str
    train: I64
    test: I64


def check_disjoint(groups: npt.NDArray[np.str_], train: I64, test: I64, *, name: str) -> None:
    """Refuse a split that has a group on both sides.

    Parameters
    ----------
    groups : ndarray, shape (n,), str
        Group of each row.
    train, test : ndarray of int64
        Row numbers.
    name : str
        For the message.

    Raises
    ------
    ConfigError
        Naming the groups.
    """
    both = np.intersect1d(groups[train], groups[test])
    if len(both):
        some = ", ".join(both[:3]) + (" …" if len(both) > 3 else "")
        raise ConfigError(f"{name}: {len(both)} groups are on both sides: {some}")


def without_copies(data: Dataset, split: Split) -> Split:
    """Leave out of training what equals, value for value, a row that is judged.

    Parameters
    ----------
    data : Dataset
        That the rows are of.
    split : Split
        Any.

    Returns
    -------
    Split
        With the same test rows.
    """
    copies = np.isin(data.same[split.train], data.same[split.test])
    return replace(split, train=split.train[~copies])


def _split(name: str, groups: npt.NDArray[np.str_], test: npt.NDArray[np.bool_]) -> Split:
    split = Split(name, np.flatnonzero(~test), np.flatnonzero(test))
    check_disjoint(groups, split.train, split.test, name=name)
    return split


def leave_one_tool_out(data: Dataset) -> Iterator[Split]:
    """Hold out each covert tool in turn.

    A real capture with the tool is held out whole, its benign windows too: they share hosts,
    clock and network with it.

    Parameters
    ----------
    data : Dataset
        Any.

    Yields
    ------
    Split
        Named by the tool; ``test`` holds its windows and those of its captures.
    """
    for tool in np.unique(data.tool[data.covert & (data.tool != "")]):
        own = (data.tool == tool) & data.covert
        captures = np.unique(data.capture[own & (data.source == CAPTURED)])
        beside = (data.source == CAPTURED) & np.isin(data.capture, captures)
        # The same tool in training captures is held out, and so are its own captures' groups.
        test = own | beside
        test |= np.isin(data.groups, np.unique(data.groups[beside & ~data.covert]))
        other = np.unique(data.groups[beside & data.covert & ~own])
        train = ~test & ~np.isin(data.groups, other)
        split = Split(str(tool), np.flatnonzero(train), np.flatnonzero(test))
        check_disjoint(data.groups, split.train, split.test, name=str(tool))
        yield without_copies(data, split)


def leave_one_capture_out(data: Dataset) -> Iterator[Split]:
    """Hold out each real capture in turn.

    A tool that is in several captures stays in training; this asks for another network and
    another day, not for another tool.

    Parameters
    ----------
    data : Dataset
        Any.

    Yields
    ------
    Split
        Named by the capture.
    """
    captures = np.char.add(np.char.add(data.source, ":"), data.capture)
    for capture in np.unique(data.capture[data.source == CAPTURED]):
        test = (data.source == CAPTURED) & (data.capture == capture)
        yield without_copies(data, _split(str(capture), captures, test))


def grouped_folds(data: Dataset, *, n_splits: int, seed: int) -> Iterator[Split]:
    """Folds by group with about the same share of each class.

    Parameters
    ----------
    data : Dataset
        Any.
    n_splits : int
        Number of folds.
    seed : int
        Shuffles groups.

    Yields
    ------
    Split
        Every row is tested once.

    Raises
    ------
    ConfigError
        When there are fewer groups than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    n_groups = len(np.unique(data.groups))
    if n_groups < n_splits:
        raise ConfigError(f"{n_splits} folds need as many groups; {data.name} has {n_groups}")
    folds = StratifiedGroupKFold(n_splits=n_splits, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        pairs = list(folds.split(np.zeros((len(data), 1)), data.y, data.groups))
    for number, (_, test) in enumerate(pairs):
        split = _split(f"fold {number}", data.groups, np.isin(np.arange(len(data)), test))
        yield without_copies(data, split)


def by_time(data: Dataset, *, share: float = 0.7) -> Split:
    """Train on the past, test on the future.

    Parameters
    ----------
    data : Dataset
        Any.
    share : float
        Share of windows before the cut.

    Returns
    -------
    Split
        Flows that cross the cut are in neither side.

    Raises
    ------
    ConfigError
        When one side is empty.
    """
    start = data.identity["start"].to_numpy(dtype=np.float64)
    end = data.identity["end"].to_numpy(dtype=np.float64)
    cut = float(np.quantile(start, share)) if len(start) else 0.0
    past, future = end < cut, start >= cut
    flow = np.char.add(data.capture, data.identity["flow_uid"].to_numpy(dtype=object).astype(str))
    crossing = np.isin(flow, np.intersect1d(flow[past], flow[future]))
    split = Split(
        f"after {cut:.0f} s", np.flatnonzero(past & ~crossing), np.flatnonzero(future & ~crossing)
    )
    if not len(split.train) or not len(split.test):
        raise ConfigError(f"{data.name}: no windows on one side of a split at {share:g} of time")
    check_disjoint(flow, split.train, split.test, name=split.name)
    return without_copies(data, split)


def synthetic_to_real(data: Dataset, *, reverse: bool = False) -> Split:
    """Train on generated traffic, test on real captures.

    Parameters
    ----------
    data : Dataset
        Both kinds of rows.
    reverse : bool
        The other way round.

    Returns
    -------
    Split
        Rows of every tool that is on both sides are kept: the tools differ in kind, a profile
        being no program. A shared name is refused.

    Raises
    ------
    ConfigError
        When one kind is missing, or a group is on both sides.
    """
    generated = data.source == GENERATED
    if generated.all() or not generated.any():
        raise ConfigError(f"{data.name}: both generated and captured windows are needed")
    name = "real to synthetic" if reverse else "synthetic to real"
    split = _split(name, data.groups, generated if reverse else ~generated)
    return without_copies(data, split)


def count_duplicates(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> int:
    """Rows of one matrix that are, value for value, in the other.

    Parameters
    ----------
    one, other : ndarray, shape (n, k) and (m, k), float32
        Feature matrices.

    Returns
    -------
    int
        Number of rows of ``one`` with an equal row in ``other``; NaN equals NaN.
    """
    seen = {row.tobytes() for row in np.nan_to_num(other, nan=-1.5e38)}
    return sum(row.tobytes() in seen for row in np.nan_to_num(one, nan=-1.5e38))
