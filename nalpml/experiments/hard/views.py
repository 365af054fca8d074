"""What a capture does not show: packets that were not sampled, octets cut off, a direction."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.capture.packets import PacketTable
from nalpml.capture.reader import read
from nalpml.datasets import Dataset, concatenate, find_captures
from nalpml.datasets.dataset import from_frame
from nalpml.datasets.labels import read_labels
from nalpml.errors import ConfigError
from nalpml.features import extract, schema
from nalpml.flows import flows

Bool = npt.NDArray[np.bool_]

_log = logging.getLogger("nalpml")

__all__ = ["one_way", "sampled", "view"]


def sampled(packets: PacketTable, one_of: float, *, seed: int) -> Bool:
    """Frames that a sampler keeps: each with the same chance, as RFC 5475, 5.2.1 has it.

    Parameters
    ----------
    packets : PacketTable
        A capture.
    one_of : float
        One frame of so many.
    seed : int
        Of the drawing.

    Returns
    -------
    ndarray, shape (n,), bool
        Packets inside a tunnel share their frame's fate.
    """
    frames = int(packets["index"].max()) + 1 if len(packets) else 0
    kept = np.random.default_rng(seed).random(frames) * one_of < 1
    result: Bool = kept[packets["index"]]
    return result


def one_way(packets: PacketTable, side: int) -> Bool:
    """Packets of one of the two ends of each pair of hosts.

    Parameters
    ----------
    packets : PacketTable
        A capture.
    side : int
        0 both, 1 whoever spoke first, 2 the other one.

    Returns
    -------
    ndarray, shape (n,), bool
        By the frame's outermost addresses.
    """
    if side == 0 or not len(packets):
        return np.ones(len(packets), dtype=bool)
    first = np.unique(packets["index"], return_index=True)[1]
    names = ("src_hi", "src_lo", "dst_hi", "dst_lo")
    ends = np.stack([packets[name][first] for name in names], axis=1)
    a, b = ends[:, :2], ends[:, 2:]
    swapped = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    pair = np.where(swapped[:, np.newaxis], np.hstack([b, a]), ends)
    _, opening, number = np.unique(pair, axis=0, return_index=True, return_inverse=True)
    spoke_first = swapped[opening][number.ravel()] == swapped
    of_frame = np.zeros(int(packets["index"].max()) + 1, dtype=bool)
    of_frame[packets["index"][first]] = spoke_first == (side == 1)
    result: Bool = of_frame[packets["index"]]
    return result


def view(
    folder: str | Path,
    name: str,
    strength: float,
    *,
    seed: int,
    cache: Path | None = None,
) -> Dataset:
    """Read labelled captures as a poorer capture point would have made them.

    Parameters
    ----------
    folder : str or Path
        Captures with label files; labels are those of the whole capture.
    name : str
        ``sampled``, ``truncated`` or ``one_way``; see `config.Seen`.
    strength : float
        Of the view.
    seed : int
        Of the sampling.
    cache : Path, optional
        Folder for extracted features.

    Returns
    -------
    Dataset
        Windows that are left.

    Raises
    ------
    ConfigError
        When no capture with labels is there.
    """
    pairs = find_captures(folder)
    if not pairs:
        raise ConfigError(f"{folder}: no capture with a label file (x.json beside x.pcap) is there")
    stored = None if cache is None else cache / f"{_key(pairs, name, strength, seed)}.parquet"
    if stored is not None and stored.is_file():
        frames = [part for _, part in pd.read_parquet(stored).groupby("capture", sort=False)]
    else:
        frames = [
            _seen(capture, label, name, strength, seed + number)
            for number, (capture, label) in enumerate(pairs)
        ]
        if stored is not None:
            stored.parent.mkdir(parents=True, exist_ok=True)
            pd.concat(frames, ignore_index=True).to_parquet(stored, index=False)
    what = f"{name} {strength:g}"
    _log.info("%s: %d captures", what, len(frames))
    return concatenate([from_frame(f, name=what) for f in frames if len(f)], name=what)


def _key(pairs: Sequence[tuple[Path, Path]], name: str, strength: float, seed: int) -> str:
    digest = hashlib.sha256(f"{schema().digest} {name} {strength} {seed}".encode())
    for pair in pairs:
        for path in pair:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _seen(capture: Path, labels: Path, name: str, strength: float, seed: int) -> pd.DataFrame:
    whole = read(capture)
    known = read_labels(labels, whole)
    if name == "truncated":
        packets = read(capture, snaplen=int(strength))
    else:
        kept = (
            sampled(whole, strength, seed=seed)
            if name == "sampled"
            else one_way(whole, int(strength))
        )
        packets = PacketTable(whole.rows[kept], whole.buffer, whole.report)
    windows = flows(packets)
    frame = extract.frame(windows, capture=capture.name)
    label, tool = known.windows(windows)
    return frame.assign(label=label.astype(object), tool=tool.astype(object), capture=capture.name)
