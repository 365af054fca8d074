"""Move a model's threshold to a site's volume: no training, no labels."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml import datasets
from nalpml.allow import AllowList
from nalpml.datasets.public import captures_of
from nalpml.datasets.site import stretches
from nalpml.errors import CaptureError, ConfigError
from nalpml.experiments.site import story as stories
from nalpml.export import Model, load
from nalpml.models.site import DAY, choose_for_volume, observed_seconds, recall_on_curve
from nalpml.scan import Scanner

F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

_log = logging.getLogger("nalpml")


@dataclass(frozen=True)
class Calibrated:
    """A model whose threshold fits a site.

    Attributes
    ----------
    model : Model
        With the new threshold, and in ``meta["site"]`` the story without addresses.
    folder : Path
        Where it was written.
    story : dict
        Before and after, JSON values.
    """

    model: Model
    folder: Path
    story: dict[str, Any]

    def text(self) -> str:
        """Before and after for a terminal."""
        return stories.text(self.story)


@dataclass(frozen=True)
class _Seen:
    """Scores of a site's windows, and who talks in them."""

    score: F64
    talks: list[stories.Talk]
    permitted: Bool
    spans: F64
    captures: int
    unreadable: list[str]


def calibrate(
    model: Model | str | Path | None,
    captures: Sequence[str | Path],
    *,
    alerts_per_day: float,
    out: str | Path,
    known: Sequence[str | Path] = (),
    allow: AllowList | None = None,
    seed: int = 0,
) -> Calibrated:
    """Choose the threshold at which a site's ordinary traffic alerts so often, and save the model.

    Scores do not change, only where an alert begins.

    Parameters
    ----------
    model : Model, str, Path or None
        A model, its folder, or None for the one in the package.
    captures : sequence of str or Path
        Captures of ordinary traffic, or folders of them; labels are not needed.
    alerts_per_day : float
        False alerts that whoever looks at them can take.
    out : str or Path
        Folder for the model.
    known : sequence of str or Path
        Labelled data with covert windows, to see what the new threshold costs.
    allow : AllowList, optional
        What is permitted, as for scanning: it alerts neither before nor after.
    seed : int
        Of the interval's resampling.

    Returns
    -------
    Calibrated
        The model, and before and after.

    Raises
    ------
    ConfigError
        When no capture can be read, or a number makes no sense.
    BundleError, SchemaError
        When the model cannot be loaded or written.
    """
    if not alerts_per_day > 0:
        raise ConfigError(f"alerts a day must be above 0, not {alerts_per_day:g}")
    model = model if isinstance(model, Model) else load(model)
    seen = _score(model, captures, allow or AllowList())
    counted = ~seen.permitted
    score = seen.score[counted]
    talks = [talk for talk, kept in zip(seen.talks, counted.tolist(), strict=True) if kept]
    if not len(score):
        raise ConfigError("every window of these captures is permitted: nothing to calibrate on")
    seconds = observed_seconds(seen.spans)
    if seconds <= 0:
        raise ConfigError("these captures cover no time: alerts a day cannot be counted")
    pairs = np.array([" ".join(sorted(talk[:2])) for talk in talks])
    threshold = choose_for_volume(
        score, pairs, seconds / DAY, alerts_per_day, least=model.threshold, seed=seed
    )
    told = _known(model, known)
    sides = {
        name: stories.side(
            score, talks, value, seconds, model=model.id, recall=_recall(model, told, value)
        )
        for name, value in (("before", model.threshold.value), ("after", threshold.value))
    }
    story: dict[str, Any] = {
        "captures": seen.captures,
        "unreadable": seen.unreadable,
        "windows": len(seen.score),
        "permitted": int(seen.permitted.sum()),
        "hours": seconds / 3600,
        "alerts_per_day": alerts_per_day,
        "estimable": threshold.estimable,
        **sides,
    }
    meta = {**model.meta, "site": stories.shareable(story)}
    moved = dataclasses.replace(model, threshold=threshold, meta=meta)
    return Calibrated(moved, moved.save(out), story)


def _score(model: Model, captures: Sequence[str | Path], allow: AllowList) -> _Seen:
    # Above 1 no window alerts, so no time goes into reasons; what alerts is asked afterwards.
    scanner = Scanner(model, threshold=2.0)
    paths = [path for named in captures for path in captures_of(named)]
    score: list[float] = []
    talks: list[stories.Talk] = []
    permitted: list[bool] = []
    spans, unreadable = [], []
    for path in paths:
        begin = len(score)
        times: list[tuple[float, float]] = []
        try:
            for v in scanner.stream(path):
                score.append(v["score"])
                talks.append((v["src"], v["dst"], v["proto"], str(v["dport"]), v["label"]))
                permitted.append(allow.permits(v))
                times.append((v["start"], v["end"]))
        except CaptureError as error:
            # Half a capture would count alerts without its time.
            del score[begin:], talks[begin:], permitted[begin:]
            unreadable.append(str(error))
            _log.warning("left out: %s", error)
            continue
        if times:
            spans.append(stretches(*np.array(times).T))
    if not score:
        raise ConfigError("no capture could be read, or none holds a flow")
    return _Seen(
        np.array(score), talks, np.array(permitted), np.concatenate(spans), len(spans), unreadable
    )


def _known(model: Model, known: Sequence[str | Path]) -> dict[str, tuple[F64, Any]]:
    told = {}
    for path in known:
        data = datasets.load(path)
        model.schema.check(data.schema)
        if not data.covert.any():
            raise ConfigError(f"{path}: no window there is labelled covert")
        covert = data.take(data.covert)
        told[data.name] = (model.score(covert.matrix), covert.y)
    return told


def _recall(
    model: Model, told: dict[str, tuple[F64, Any]], threshold: float
) -> dict[str, dict[str, float]]:
    """Recall on data that was named, else as the model remembers it of its training."""
    found = {}
    for name, (score, label) in told.items():
        hit = score >= threshold
        found[name] = {"all": float(hit.mean())}
        found[name] |= {str(one): float(hit[label == one].mean()) for one in np.unique(label)}
    curve = model.meta.get("covert_scores")
    if not found and curve:
        found["training tools held out"] = recall_on_curve(curve, threshold)
    return found
