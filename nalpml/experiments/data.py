"""The data of an experiment: generate, load, filter, and keep training and held-out apart."""

from __future__ import annotations

import fnmatch
import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from nalpml.datasets import Dataset, concatenate, load
from nalpml.datasets.splits import count_duplicates
from nalpml.errors import ConfigError
from nalpml.experiments.config import Captures, Experiment, Mixture
from nalpml.experiments.selection import select
from nalpml.flows import WindowConfig
from nalpml.generators import MixConfig, generate, load_config, training_mix

_log = logging.getLogger("nalpml")


@dataclass(frozen=True)
class Prepared:
    """What an experiment trains on and is judged on.

    Attributes
    ----------
    train : Dataset
        Training windows, as they close in use.
    augmented : Dataset or None
        The same traffic cut into shorter windows; for training only.
    holdout : Dataset or None
        Windows that training must not see.
    parts : tuple of Dataset
        Training datasets one by one, for the card.
    duplicates : int
        Held-out windows whose features equal a training window's.
    nfstream : Path or None
        Where NFStream's flows of the same captures are, or would be.
    """

    train: Dataset
    augmented: Dataset | None
    holdout: Dataset | None
    parts: tuple[Dataset, ...]
    duplicates: int
    nfstream: Path | None = None

    @cached_property
    def whole(self) -> Dataset:
        """All that is learnt from: training windows, and then the shorter ones."""
        if self.augmented is None:
            return self.train
        return concatenate([self.train, self.augmented], name="train")


def prepare(
    config: Experiment, *, base: Path, work: Path, cache: Path | None, n_jobs: int = 1
) -> Prepared:
    """Generate and load everything.

    Parameters
    ----------
    config : Experiment
        The experiment.
    base : Path
        Folder that paths in the file are relative to.
    work : Path
        Folder for generated captures.
    cache : Path, optional
        Folder for extracted features.
    n_jobs : int
        Processes for reading captures.

    Returns
    -------
    Prepared
        Training and held-out windows.

    Raises
    ------
    ConfigError
        When data are missing, or a capture is in both.
    """
    mixtures = {m.name: _generate(m, config, base, work) for m in config.generate}

    def collect(use: str, packets: int, snaplen: int | None = None) -> list[Dataset]:
        limits = WindowConfig(config.windows.idle, config.windows.age, packets)
        found = [
            load(mixtures[m.name], config=limits, cache=cache, snaplen=snaplen, name=m.name)
            for m in config.generate
            if m.use == use
        ]
        return found + [
            _captured(c, base, limits, cache, n_jobs, snaplen)
            for c in config.captures
            if c.use == use
        ]

    def teaching(data: Dataset) -> Dataset:
        return select(
            data,
            least=config.windows.least_packets,
            most=config.windows.most_per_group,
            series=config.windows.least_series,
            seed=config.seed,
        )

    packets = config.windows.packets
    parts = tuple(collect("train", packets))
    train = teaching(concatenate(parts, name="train"))
    if not train.covert.any() or train.covert.all():
        kind = "covert" if not train.covert.any() else "benign"
        raise ConfigError(f"experiment {config.name}: no {kind} windows to train on")
    shorter = [d for n in config.windows.augment_packets for d in collect("train", n)]
    shorter += [
        d for n in config.windows.augment_snaplen for d in collect("train", packets, snaplen=n)
    ]
    held = collect("holdout", packets)
    holdout = concatenate(held, name="held out") if held else None
    duplicates = 0
    if holdout is not None:
        check_apart(train, holdout)
        duplicates = count_duplicates(holdout.matrix, train.matrix)
    return Prepared(
        train=train,
        augmented=teaching(concatenate(shorter, name="augmented")) if shorter else None,
        holdout=holdout,
        parts=parts,
        duplicates=duplicates,
        nfstream=None if config.nfstream is None else base / config.nfstream,
    )


def cut(
    config: Experiment, packets: int, *, base: Path, cache: Path | None, n_jobs: int = 1
) -> Dataset:
    """Read the captures that are judged again, with windows of so many packets.

    Parameters
    ----------
    config : Experiment
        The experiment; its held-out captures, or all of them where none is held out.
    packets : int
        At which a window closes.
    base : Path
        Folder that paths in the file are relative to.
    cache : Path, optional
        Folder for extracted features.
    n_jobs : int
        Processes for reading captures.

    Returns
    -------
    Dataset
        Their windows.
    """
    limits = WindowConfig(config.windows.idle, config.windows.age, packets)
    held = [c for c in config.captures if c.use == "holdout"] or list(config.captures)
    return concatenate([_captured(c, base, limits, cache, n_jobs) for c in held], name="cut")


def check_sources(config: Experiment, base: Path) -> None:
    """Refuse an experiment whose files are not there, before anything is made.

    Parameters
    ----------
    config : Experiment
        The experiment.
    base : Path
        Folder that paths in the file are relative to.

    Raises
    ------
    ConfigError
        Naming the file, or what is wrong in a mixture.
    """
    for table in config.captures:
        if not (base / table.path).exists():
            raise ConfigError(f"captures: {table.path}: no such file or folder (from {base})")
    for mixture in config.generate:
        _mix(mixture, base)


def check_apart(train: Dataset, holdout: Dataset) -> None:
    """Refuse data in which one flow is trained on and judged.

    Parameters
    ----------
    train, holdout : Dataset
        The two sides.

    Raises
    ------
    ConfigError
        Naming a capture that is on both.
    """
    # A flow's identifier hashes its key and start, so the same packets show under any file name.
    shared = np.isin(_flows(holdout), _flows(train))
    if shared.any():
        captures = np.unique(holdout.capture[shared])
        raise ConfigError(
            f"held-out data: {len(captures)} captures hold flows that training sees, "
            f"for example {captures[0]}: use exclude to keep them apart"
        )


def _flows(data: Dataset) -> list[str]:
    identity = data.identity
    start = identity["start"].map("{:.6f}".format)
    flow = identity["flow_uid"].astype(str)
    return (flow + "@" + start).tolist()


def _generate(mixture: Mixture, config: Experiment, base: Path, work: Path) -> Path:
    seed = config.seed if mixture.seed is None else mixture.seed
    folder = work / mixture.name
    _log.info("generating %s", mixture.name)
    generate(_mix(mixture, base), seed=seed).write(folder)
    return folder


def _mix(mixture: Mixture, base: Path) -> MixConfig:
    if mixture.mix is not None:
        return mixture.mix
    if mixture.file is not None:
        return load_config(base / mixture.file)
    balanced = mixture.balanced
    assert balanced is not None  # noqa: S101 - the configuration has one of the three
    try:
        return training_mix(**balanced.model_dump(), name=mixture.name)
    except ValidationError as error:
        raise ConfigError(
            f"generate: {mixture.name}: balanced: {error.errors()[0]['msg']}"
        ) from None


def _captured(
    table: Captures,
    base: Path,
    limits: WindowConfig,
    cache: Path | None,
    n_jobs: int,
    snaplen: int | None = None,
) -> Dataset:
    path = (base / table.path).resolve()
    data = load(
        path,
        config=limits,
        n_jobs=n_jobs,
        cache=cache,
        snaplen=snaplen,
        name=table.name or path.name,
    )
    kept = _matching(data.capture, table.include) & ~_matching(data.capture, table.exclude)
    kept &= ~(_matching(data.tool, table.exclude_tools) & (data.tool != ""))
    if not kept.any():
        raise ConfigError(f"captures: {table.path}: include and exclude leave nothing")
    return data if kept.all() else data.take(kept)


def _matching(
    names: np.ndarray[tuple[int], np.dtype[np.str_]], patterns: tuple[str, ...]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    distinct, inverse = np.unique(names, return_inverse=True)
    hit = [any(fnmatch.fnmatchcase(str(n), p) for p in patterns) for n in distinct]
    return np.array(hit, dtype=bool)[inverse]
