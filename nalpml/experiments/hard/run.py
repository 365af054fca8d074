"""Generate, look, score: every case at every strength."""

from __future__ import annotations

import fnmatch
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset, load, load_generated
from nalpml.errors import ConfigError
from nalpml.experiments.hard.config import HardCases
from nalpml.experiments.hard.measure import Point, point, share
from nalpml.experiments.hard.views import view
from nalpml.export import Model
from nalpml.generators import PROFILES, Entry, MixConfig
from nalpml.generators.hidden import Hidden
from nalpml.generators.mix import mix
from nalpml.models.threshold import choose

F64 = npt.NDArray[np.float64]

_log = logging.getLogger("nalpml")

SHIPPED = "at the model's threshold"
ALL = "(all)"


@dataclass(frozen=True)
class Measured:
    """What came out.

    Attributes
    ----------
    points : tuple of Point
        In the order of the file.
    thresholds : dict of str to float
        The model's own, and that of the stated rate.
    ordinary : int
        Windows of ordinary traffic that the latter is taken over.
    alerts : int
        Those that alert at the model's own threshold.
    model : str
        Identifier.
    """

    points: tuple[Point, ...]
    thresholds: dict[str, float]
    ordinary: int
    alerts: int
    model: str


def hard_cases(
    config: HardCases, model: Model, *, base: Path, work: Path, cache: Path | None = None
) -> Measured:
    """Measure a model on every case.

    Parameters
    ----------
    config : HardCases
        What to measure.
    model : Model
        Which must not have learnt from the same episodes or captures.
    base : Path
        Folder that paths in the file are relative to.
    work : Path
        Folder for generated captures.
    cache : Path, optional
        Folder for extracted features.

    Returns
    -------
    Measured
        Points and thresholds.

    Raises
    ------
    ConfigError
        When captures are missing, or the model learnt from a mixture with the same seed.
    SchemaError
        When the model's features are not those of this package.
    """
    if config.seed == model.meta.get("seed"):
        raise ConfigError(f"seed {config.seed}: the model's own; use one that nothing learnt from")
    captures = None if config.captures is None else base / config.captures
    if captures is not None and not captures.is_dir():
        raise ConfigError(f"captures: {config.captures}: no such folder (from {base})")
    quiet = [_ordinary(config, work, cache)]
    if captures is not None:
        held = load(captures, cache=cache)
        quiet.append(held.take(~held.covert))
    model.schema.check(quiet[0].schema)
    benign = np.concatenate([model.score(data.matrix) for data in quiet])
    thresholds = {
        SHIPPED: model.threshold.value,
        f"at FPR {config.fpr:g}": choose(
            benign, target_fpr=config.fpr, seed=config.seed, n_boot=20
        ).value,
    }
    points = [*_hidden(config, model, work, cache, thresholds)]
    if captures is not None:
        points += _seen(config, model, captures, cache, thresholds)
    return Measured(
        tuple(points),
        thresholds,
        len(benign),
        int((benign >= model.threshold.value).sum()),
        model.id,
    )


def _ordinary(config: HardCases, work: Path, cache: Path | None) -> Dataset:
    names = [
        p.name
        for p in PROFILES.values()
        if p.label == "benign"
        and not p.vsock
        and any(fnmatch.fnmatchcase(p.name, pattern) for pattern in config.profiles)
    ]
    if not names:
        raise ConfigError(f"profiles: {', '.join(config.profiles)} match no ordinary profile")
    entries = tuple(Entry(profile=name, weight=1.0) for name in names)
    asked = MixConfig(
        name="ordinary", entry=entries, episodes=config.ordinary, duration=3600.0, hosts=400
    )
    folder = mix(asked, PROFILES, seed=config.seed).write(work / "ordinary")
    data = load_generated(folder, cache=cache)
    return data.take(~data.covert)


def _hidden(
    config: HardCases,
    model: Model,
    work: Path,
    cache: Path | None,
    thresholds: dict[str, float],
) -> Iterator[Point]:
    """Generated cases, all in one mixture; the name of a profile says which it is."""
    profiles: dict[str, Hidden] = {}
    for one in config.hiding:
        for carrier in one.carriers:
            for strength in one.strengths:
                name = f"{one.way}.{carrier}.{strength:g}"
                profiles[name] = Hidden(
                    name=name, about=one.axis, way=one.way, carrier=carrier, strength=strength
                )
    if not profiles:
        return
    asked = MixConfig(
        name=config.name,
        entry=tuple(Entry(profile=name, count=config.episodes) for name in profiles),
        duration=3600.0,
        hosts=400,
        midstream=0.0,
        one_way=0.0,
    )
    _log.info("generating %d sessions", config.episodes * len(profiles))
    folder = mix(asked, MappingProxyType(profiles), seed=config.seed).write(work / "hidden")
    data = load_generated(folder, cache=cache)
    score = model.score(data.matrix)
    for name, profile in profiles.items():
        rows = (data.tool == name) & data.covert
        yield point(
            data, score, rows, case=profile.way, channel=profile.carrier,
            strength=profile.strength, thresholds=thresholds, seed=config.seed,
        )  # fmt: skip


def _seen(
    config: HardCases,
    model: Model,
    captures: Path,
    cache: Path | None,
    thresholds: dict[str, float],
) -> Iterator[Point]:
    """Views of real captures, over all channels and channel by channel."""
    for one in config.view:
        for strength in one.strengths:
            data = view(captures, one.view, strength, seed=config.seed, cache=cache)
            score = model.score(data.matrix)
            quiet = ~data.covert
            false = share(
                score[quiet] >= thresholds[SHIPPED], data.capture[quiet], seed=config.seed
            )
            for channel in (ALL, *np.unique(data.y[data.covert]).tolist()):
                rows = data.covert if channel == ALL else data.y == channel
                yield point(
                    data, score, rows, case=one.view, channel=str(channel), strength=strength,
                    thresholds=thresholds, seed=config.seed,
                    false_alerts=false if channel == ALL else None,
                )  # fmt: skip
