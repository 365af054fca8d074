"""A site's own captures, without labels: presumed benign windows, and the time they cover."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.channels import BENIGN
from nalpml.datasets.dataset import Dataset, concatenate, from_frame
from nalpml.datasets.labels import label_path
from nalpml.datasets.public import captures_of
from nalpml.errors import CaptureError, ConfigError
from nalpml.features import extract
from nalpml.flows import WindowConfig

_log = logging.getLogger("nalpml")


@dataclass(frozen=True)
class SiteTraffic:
    """Windows of a site and the time they cover.

    Attributes
    ----------
    data : Dataset
        Windows, all labelled benign: presumed, not known.
    spans : ndarray, shape (k, 2), float64
        First and last second of the stretches in which captures were running.
    captures : int
        Captures that were read.
    unreadable : tuple of str
        Captures that could not be read, with the reason.
    """

    data: Dataset
    spans: npt.NDArray[np.float64]
    captures: int = 1
    unreadable: tuple[str, ...] = ()


PAUSE = 3600.0
"""Seconds without any window from which nobody can say that the capture was running."""


def stretches(
    start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Times in which a capture was certainly running.

    One packet with a wrong clock would otherwise make years of a capture of minutes, and so a
    rate of alerts of next to nothing.

    Parameters
    ----------
    start, end : ndarray, shape (n,), float64
        First and last second of each window.

    Returns
    -------
    ndarray, shape (k, 2), float64
        First and last second of stretches that are `PAUSE` or more apart.

    Examples
    --------
    >>> stretches(np.array([0.0, 50.0, 1.7e9]), np.array([10.0, 60.0, 1.7e9])).tolist()
    [[0.0, 60.0], [1700000000.0, 1700000000.0]]
    """
    order = np.argsort(start, kind="stable")
    first, last = start[order], np.maximum.accumulate(end[order])
    cut = np.flatnonzero(first[1:] - last[:-1] >= PAUSE) + 1
    begins = np.r_[0, cut] if len(first) else cut
    ends = np.r_[cut, len(first)] if len(first) else cut
    return np.column_stack([first[begins], last[ends - 1]])


def load_unlabelled(path: str | Path, *, config: WindowConfig | None = None) -> SiteTraffic:
    """Extract every capture of a site, a stream at a time.

    Parameters
    ----------
    path : str or Path
        Folder of captures, or one; label files beside them are not looked at.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    SiteTraffic
        All windows; ``capture`` is the path in the folder.

    Raises
    ------
    ConfigError
        When no capture is there, or none can be read.
    """
    root = Path(path)
    parts, spans, unreadable = [], [], []
    for capture in captures_of(root):
        name = capture.name if root.is_file() else capture.relative_to(root).as_posix()
        try:
            frames = list(_frames(capture, name, config))
        except CaptureError as error:
            unreadable.append(f"{name}: {error}")
            _log.warning("left out: %s", error)
            continue
        if frames:
            table = pd.concat(frames, ignore_index=True)
            spans.append(stretches(*(table[c].to_numpy(np.float64) for c in ("start", "end"))))
            parts.append(from_frame(table.assign(label=BENIGN, tool=""), name=name))
    if not parts:
        raise ConfigError(f"{path}: no capture there could be read, or none holds a flow")
    return SiteTraffic(
        concatenate(parts, name=f"site/{root.name}"),
        np.concatenate(spans),
        len(parts),
        tuple(unreadable),
    )


def load_site(folder: str | Path, *, config: WindowConfig | None = None) -> Dataset:
    """Load one's own traffic, presumed benign.

    Parameters
    ----------
    folder : str or Path
        Captures without labels, at any depth. Whoever captured them vouches that no covert
        channel is inside; look at what a trained model scores highest before relying on it.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Dataset
        All windows, labelled ``benign``.

    Raises
    ------
    ConfigError
        When there is no capture, or one has a label file: then its labels count, not this.
    """
    for capture in captures_of(folder):
        labels = label_path(capture)
        if labels is not None:
            raise ConfigError(f"{labels}: the capture has labels; use load_captures")
    return load_unlabelled(folder, config=config).data


def _frames(capture: Path, name: str, config: WindowConfig | None) -> Iterator[pd.DataFrame]:
    for flows in extract.iter_windows(capture, config):
        if len(flows):
            yield extract.frame(flows, capture=name)
