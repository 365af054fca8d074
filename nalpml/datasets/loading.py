"""Labelled captures to a Dataset, in parallel over captures, with a cache."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from nalpml.capture.reader import read
from nalpml.datasets import labels as _labels
from nalpml.datasets.dataset import (
    CAPTURED,
    GENERATED,
    Dataset,
    concatenate,
    from_frame,
    read_parquet,
)
from nalpml.errors import ConfigError
from nalpml.features import schema
from nalpml.flows import WindowConfig, flows

SUFFIXES = (".pcap", ".pcapng", ".cap", ".dmp")

_log = logging.getLogger("nalpml")


@dataclass(frozen=True, slots=True)
class _Job:
    capture: Path
    labels: Path
    generated: bool
    name: str
    config: WindowConfig
    cache: Path | None
    snaplen: int | None = None


def load(
    path: str | Path,
    *,
    config: WindowConfig | None = None,
    n_jobs: int = 1,
    cache: str | Path | None = None,
    snaplen: int | None = None,
    name: str | None = None,
) -> Dataset:
    """Load labelled data of any kind.

    Parameters
    ----------
    path : str or Path
        A generated folder (with ``labels.parquet``), a folder of captures with label files, one
        such capture, or Parquet from ``nalpml extract --labels``.
    config : WindowConfig, optional
        When windows close; Parquet is taken as it is.
    n_jobs : int
        Processes.
    cache : str or Path, optional
        Folder for extracted features.
    snaplen : int, optional
        Octets of each frame to look at; all that was captured by default.
    name : str, optional
        Name of the dataset; by default the folder's.

    Returns
    -------
    Dataset
        Labelled windows.

    Raises
    ------
    ConfigError
        When nothing labelled is there, or a label file is wrong.
    CaptureError
        When a capture cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise ConfigError(f"{path}: no such file or folder")
    if path.suffix == ".parquet":
        return read_parquet(path)
    if path.is_dir() and (path / "labels.parquet").is_file():
        return load_generated(path, config=config, cache=cache, snaplen=snaplen, name=name)
    return load_captures(
        path, config=config, n_jobs=n_jobs, cache=cache, snaplen=snaplen, name=name
    )


def load_generated(
    folder: str | Path,
    *,
    config: WindowConfig | None = None,
    cache: str | Path | None = None,
    snaplen: int | None = None,
    name: str | None = None,
) -> Dataset:
    """Load what ``nalpml generate`` wrote.

    Parameters
    ----------
    folder : str or Path
        With ``traffic.pcap`` and ``labels.parquet``.
    config : WindowConfig, optional
        When windows close.
    cache : str or Path, optional
        Folder for extracted features.
    snaplen : int, optional
        Octets of each frame to look at; all that was captured by default.
    name : str, optional
        Name of the dataset; by default the folder's.

    Returns
    -------
    Dataset
        Windows whose ``source`` is ``generated`` and whose ``tool`` is the profile.

    Raises
    ------
    ConfigError
        When the labels cannot be read.
    CaptureError
        When the capture cannot be read.
    """
    folder = Path(folder)
    name = name or folder.name
    job = _Job(
        capture=folder / "traffic.pcap",
        labels=folder / "labels.parquet",
        generated=True,
        name=name,
        config=config or WindowConfig(),
        cache=None if cache is None else Path(cache),
        snaplen=snaplen,
    )
    return from_frame(_extract(job), name=name, source=GENERATED)


def load_captures(
    path: str | Path,
    *,
    recursive: bool = True,
    config: WindowConfig | None = None,
    n_jobs: int = 1,
    cache: str | Path | None = None,
    snaplen: int | None = None,
    name: str | None = None,
) -> Dataset:
    """Load captures that have label files beside them.

    Parameters
    ----------
    path : str or Path
        A folder, or one capture.
    recursive : bool
        Whether to look into folders of the folder.
    config : WindowConfig, optional
        When windows close.
    n_jobs : int
        Processes.
    cache : str or Path, optional
        Folder for extracted features, keyed by the digests of capture and labels, schema and
        window limits.
    snaplen : int, optional
        Octets of each frame to look at; all that was captured by default.
    name : str, optional
        Name of the dataset; by default the folder's.

    Returns
    -------
    Dataset
        Windows in the order of file names; ``capture`` is the path inside the folder,
        without the ending of a compressed file.

    Raises
    ------
    ConfigError
        When no capture with a label file is there, or a label file is wrong.
    CaptureError
        When a capture cannot be read.
    """
    path = Path(path)
    root = path if path.is_dir() else path.parent
    jobs = [
        _Job(
            capture=capture,
            labels=label,
            generated=False,
            name=_labels.uncompressed(capture.relative_to(root).as_posix()),
            config=config or WindowConfig(),
            cache=None if cache is None else Path(cache),
            snaplen=snaplen,
        )
        for capture, label in find_captures(path, recursive=recursive)
    ]
    if not jobs:
        raise ConfigError(f"{path}: no capture with a label file (x.json beside x.pcap) is there")
    name = name or path.name
    parts = [
        from_frame(frame, name=f"{name}/{job.name}", source=CAPTURED)
        for job, frame in zip(jobs, _run(jobs, n_jobs), strict=True)
    ]
    return concatenate(parts, name=name)


def find_captures(path: str | Path, *, recursive: bool = True) -> list[tuple[Path, Path]]:
    """Captures that have a label file.

    Parameters
    ----------
    path : str or Path
        A folder, or one capture.
    recursive : bool
        Whether to look into folders of the folder.

    Returns
    -------
    list of (Path, Path)
        Capture and label file, sorted by path. Captures without one are left out, with their
        number in the log.
    """
    path = Path(path)
    if path.is_dir():
        found = sorted(p for p in (path.rglob("*") if recursive else path.iterdir()) if p.is_file())
        captures = [p for p in found if is_capture(p)]
    else:
        captures = [path]
    pairs = [(capture, _labels.label_path(capture)) for capture in captures]
    if bare := sum(label is None for _, label in pairs):
        _log.warning("%s: %d captures have no label file and are left out", path, bare)
    return [(capture, label) for capture, label in pairs if label is not None]


def is_capture(path: Path) -> bool:
    """Whether a file name ends as captures' names do."""
    name = path.name.lower()
    return any(name.endswith(s + c) for s in SUFFIXES for c in ("", *_labels.COMPRESSED))


def sha256(path: str | Path) -> str:
    """Hex digest of a file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        64 hex digits.

    Raises
    ------
    ConfigError
        When it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error


def _run(jobs: Sequence[_Job], n_jobs: int) -> list[pd.DataFrame]:
    if n_jobs < 2 or len(jobs) < 2:
        return [_extract(job) for job in jobs]
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Threads of numerical libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(n_jobs, len(jobs)), mp_context=context) as pool:
        return list(pool.map(_extract, jobs, chunksize=max(1, len(jobs) // (4 * n_jobs))))


def _extract(job: _Job) -> pd.DataFrame:
    """Identity, features, label and tool of one capture's windows, and its network path."""
    return _features(job).assign(capture=job.name, network=_network(job))


def _network(job: _Job) -> str:
    """Name of the path that a label file says its capture was made over; empty without one."""
    if job.generated:
        return ""
    try:
        path = json.loads(job.labels.read_text()).get("path")
    except (OSError, ValueError, AttributeError):
        return ""  # a label file that cannot be read is refused where its labels are
    return str(path.get("name", "")) if isinstance(path, dict) else ""


def _features(job: _Job) -> pd.DataFrame:
    stored = None
    if job.cache is not None:
        key = "\n".join(
            [
                sha256(job.capture),
                sha256(job.labels),
                schema().digest,
                str((*astuple(job.config), job.snaplen)),
            ]
        )
        stored = job.cache / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.parquet"
        if stored.is_file():
            return pd.read_parquet(stored)
    frame = _compute(job)
    if stored is not None:
        stored.parent.mkdir(parents=True, exist_ok=True)
        # Its own name in each process: several may share a cache, and meet at one capture.
        part = stored.with_suffix(f".{os.getpid()}.part")
        frame.to_parquet(part, index=False)
        part.replace(stored)
    return frame


def labelled_frame(capture: str | Path, labels: str | Path) -> pd.DataFrame:
    """Extract the windows of one capture with their labels.

    Parameters
    ----------
    capture : str or Path
        The capture.
    labels : str or Path
        Its label file: JSON, or ``labels.parquet`` of generated traffic.

    Returns
    -------
    DataFrame
        Identity columns, features, ``label`` and ``tool``; both are empty where nothing is known.

    Raises
    ------
    CaptureError
        When the capture cannot be read.
    ConfigError
        When the label file is wrong.
    """
    generated = Path(labels).suffix == ".parquet"
    job = _Job(Path(capture), Path(labels), generated, str(capture), WindowConfig(), None)
    return _compute(job)


def _compute(job: _Job) -> pd.DataFrame:
    from nalpml.features import extract

    packets = read(job.capture, snaplen=job.snaplen)
    known = (
        _labels.read_generated(job.labels)
        if job.generated
        else _labels.read_labels(job.labels, packets)
    )
    windows = flows(packets, job.config)
    if packets.report.damage:
        _log.warning("%s", packets.report)
    frame: pd.DataFrame = extract.frame(windows, capture=job.name)
    label, tool = known.windows(windows)
    frame["label"], frame["tool"] = label.astype(object), tool.astype(object)
    if not np.any(label != ""):
        _log.warning("%s: no window has a known label", job.capture)
    return frame
