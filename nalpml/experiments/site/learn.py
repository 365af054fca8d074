"""Learn from a site's unlabelled traffic as presumed benign, and see what it changed."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset, concatenate
from nalpml.datasets.public import captures_of
from nalpml.datasets.site import SiteTraffic
from nalpml.errors import ConfigError
from nalpml.experiments.config import Experiment
from nalpml.experiments.selection import evidence
from nalpml.experiments.site import story as stories
from nalpml.export import Model, Threshold
from nalpml.models import CovertChannelDetector
from nalpml.models.site import DAY, choose_for_volume, observed_seconds, presume

F64 = npt.NDArray[np.float64]

_log = logging.getLogger("nalpml")


@dataclass(frozen=True)
class SiteOptions:
    """What a user says of a site's traffic.

    Attributes
    ----------
    captures : Path
        Folder of captures, or one.
    alerts_per_day : float or None
        False alerts that can be taken; None keeps the experiment's false positive rate.
    contamination : float
        Share of windows that may be covert; more than that is told as a warning.
    most : int
        Windows that are learnt from at the most, drawn evenly.
    """

    captures: Path
    alerts_per_day: float | None = None
    contamination: float = 0.01
    most: int = 100_000

    def check(self) -> None:
        """Refuse what cannot be used, before anything is made.

        Raises
        ------
        ConfigError
            When no capture is there or alerts a day are not above 0.
        """
        captures_of(self.captures)
        if self.alerts_per_day is not None and not self.alerts_per_day > 0:
            raise ConfigError(f"alerts a day must be above 0, not {self.alerts_per_day:g}")


@dataclass(frozen=True)
class Learnt:
    """A detector that knows a site.

    Attributes
    ----------
    detector : CovertChannelDetector
        Trained with the site's windows.
    cross : ndarray, shape (n_train,), float64
        Score of each labelled training window by other folds.
    threshold : Threshold
        For the site's volume where alerts a day were named.
    site : Dataset
        The site's windows that were used.
    story : dict
        Before and after, JSON values.
    """

    detector: CovertChannelDetector
    cross: F64
    threshold: Threshold
    site: Dataset
    story: dict[str, Any]


def learn(
    config: Experiment,
    whole: Dataset,
    n_train: int,
    traffic: SiteTraffic,
    options: SiteOptions,
    *,
    make: Callable[..., CovertChannelDetector],
    holdout: Dataset | None = None,
) -> Learnt:
    """Train without the site, judge the site's windows without their responders, train with them.

    Parameters
    ----------
    config : Experiment
        The experiment.
    whole : Dataset
        Labelled windows to learn from, the plain ones first.
    n_train : int
        How many of them are plain.
    traffic : SiteTraffic
        The site's windows.
    options : SiteOptions
        What is said of them.
    make : callable
        Gives an unfitted detector: ``make(config, **changes)``.
    holdout : Dataset, optional
        Labelled windows for recall before and after.

    Returns
    -------
    Learnt
        The detector, and before and after.
    """
    site, share = _sample(traffic.data, options.most, config.seed)
    labels = whole.fold_groups(config.fold_by)
    _log.info("training without the site's traffic")
    known = evidence(whole)
    before = make(config).fit(whole.X, whole.y, whole.groups, known, fold_groups=labels)
    mixed = concatenate([whole, site], name="train")
    own = responders(site)
    groups, folds = np.concatenate([whole.groups, own]), np.concatenate([labels, own])
    _log.info("judging %d windows of the site without their responders", len(site))
    half = max(1, config.detector.n_estimators // 2)  # enough to rank; the final trees are whole
    weight = np.concatenate([known, np.ones(len(site))])
    first = make(config, n_estimators=half).fit(mixed.X, mixed.y, groups, weight, fold_groups=folds)
    presumed = presume(
        first.cross_fitted_[len(whole) :],
        threshold=before.threshold_.value,
        assumed=options.contamination,
    )
    weight = np.concatenate([known, presumed.weight])
    _log.info("training with %d of them", int((~presumed.suspect).sum()))
    final = make(config).fit(mixed.X, mixed.y, groups, weight, fold_groups=folds)
    score = _without(final, site, final.cross_fitted_[len(whole) :])
    seconds = observed_seconds(traffic.spans) * share
    ordinary = ~presumed.suspect
    threshold = final.threshold_
    if options.alerts_per_day is not None:
        threshold = choose_for_volume(
            score[ordinary], site.host_pairs[ordinary], seconds / DAY, options.alerts_per_day,
            least=final.threshold_, seed=config.seed,
        )  # fmt: skip
    old = before.covert_score(site.X)
    sides = {}
    for name, detector, values, where in (
        ("before", before, old, before.threshold_.value),
        ("after", final, score, threshold.value),
    ):
        recall = {
            "training tools held out": _recall(
                whole.y[:n_train], detector.cross_fitted_[:n_train], where
            )
        }
        if holdout is not None and holdout.covert.any():
            found = detector.covert_score(holdout.X)
            recall[f"{holdout.name} data"] = _recall(holdout.y, found, where)
        sides[name] = stories.side(
            values, _talks(site, detector.predict(site.X)), where, seconds,
            model=f"{config.name}, {name}", recall=recall,
        )  # fmt: skip
    story: dict[str, Any] = {
        "captures": traffic.captures,
        "unreadable": list(traffic.unreadable),
        "windows": len(traffic.data),
        "learnt_from": int(ordinary.sum()),
        "permitted": 0,
        "hours": seconds / share / 3600,
        "alerts_per_day": options.alerts_per_day,
        "estimable": threshold.estimable,
        "digest": site.digest,
        "contamination": _suspects(site, presumed, first),
        **sides,
    }
    return Learnt(final, final.cross_fitted_[:n_train], threshold, site, story)


def responders(site: Dataset) -> npt.NDArray[np.str_]:
    """What folds of a site keep together: the responder, so that all that call it go with it."""
    names = site.identity["dst"].to_numpy(dtype=object).astype(str)
    return np.char.add("site:", names)


def _sample(data: Dataset, most: int, seed: int) -> tuple[Dataset, float]:
    if len(data) <= most:
        return data, 1.0
    rows = np.sort(np.random.default_rng(seed).choice(len(data), most, replace=False))
    return data.take(rows), most / len(data)


def _without(detector: CovertChannelDetector, site: Dataset, score: F64) -> F64:
    """Cross-fitted scores, and of what was not trained on, the model's own."""
    score, missing = score.copy(), np.isnan(score)
    if missing.any():
        score[missing] = detector.covert_score(site.X[missing])
    return score


def _recall(label: npt.NDArray[np.str_], score: F64, threshold: float) -> dict[str, float]:
    seen = ~np.isnan(score) & (label != "benign")
    if not seen.any():
        return {}
    hit = score >= threshold
    found = {"all": float(hit[seen].mean())}
    return found | {
        str(name): float(hit[seen & (label == name)].mean()) for name in np.unique(label[seen])
    }


def _talks(site: Dataset, found: npt.NDArray[Any]) -> list[stories.Talk]:
    parts = [site.identity[name].astype(str) for name in ("src", "dst", "proto", "dport")]
    return list(zip(*parts, found.astype(str), strict=True))


def _suspects(site: Dataset, presumed: Any, first: CovertChannelDetector) -> dict[str, Any]:
    rows = np.flatnonzero(presumed.suspect)
    some = site.take(rows)
    told = stories.side(
        np.ones(len(rows)), _talks(some, first.predict(some.X) if len(rows) else some.y), 0.5, DAY,
        model="", recall={},
    )  # fmt: skip
    return {
        "assumed": presumed.assumed,
        "found": presumed.found,
        "windows": len(rows),
        "pairs": told["host_pairs"],
        "loudest": told["loudest"],
    }


def told(model: Model, learnt: Learnt) -> Model:
    """The model with the site's threshold and, without addresses, its story."""
    meta = {**model.meta, "site": stories.shareable(learnt.story)}
    return dataclasses.replace(model, threshold=learnt.threshold, meta=meta)
