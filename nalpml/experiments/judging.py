"""Turn scores into parts of a report: held-out data, protocols, cross-fitted training data."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml import tracking
from nalpml.datasets import Dataset
from nalpml.errors import ConfigError
from nalpml.experiments import protocols
from nalpml.experiments.config import Experiment
from nalpml.experiments.data import Prepared
from nalpml.export import Model
from nalpml.models import CovertChannelDetector, baselines, evaluation, explain, metrics
from nalpml.models.controls import artefact_auc, permutation_auc
from nalpml.models.threshold import choose
from nalpml.report import Part, draw

F64 = npt.NDArray[np.float64]

_log = logging.getLogger("nalpml")

CROSS = "cross-fitted"
HELD_OUT = "held out"


def every_part(
    config: Experiment,
    data: Prepared,
    model: Model,
    cross: F64,
    kept: tracking.Run,
    *,
    make: Callable[..., CovertChannelDetector],
) -> list[Part]:
    """Judge a model in every way that an experiment asks for.

    Parameters
    ----------
    config : Experiment
        What is asked.
    data : Prepared
        Training and held-out windows.
    model : Model
        Trained on all training windows.
    cross : ndarray, shape (n_train,), float64
        Score of each training window by other folds; NaN where there is none.
    kept : Run
        Where protocols are kept as nested runs.
    make : callable
        Gives an unfitted detector of the experiment: ``make(config, **changes)``.

    Returns
    -------
    list of Part
        The most important first; the first carries ``permutation_auc`` and ``artefact_auc``.

    Raises
    ------
    ConfigError
        When there is nothing to judge on.
    """
    parts = []
    if data.holdout is not None:
        kept.dataset(data.holdout, context="evaluation")
        seen = np.intersect1d(data.holdout.tool[data.holdout.covert], data.train.tool)
        note = (
            f"{len(np.unique(data.holdout.capture))} captures that training never saw; "
            f"tools that it saw elsewhere: {', '.join(seen) or 'none'}. "
            f"{data.duplicates} windows equal a training window."
        )
        others: dict[str, F64] = {}
        skipped: dict[str, str] = {}
        if config.baselines:
            others, skipped = baselines.scores(
                data.whole, data.holdout, detector=make(config), nfstream=data.nfstream,
                seed=config.seed, n_jobs=config.detector.n_jobs,
            )  # fmt: skip
        parts.append(judged(HELD_OUT, note, model, data.holdout, seed=config.seed, others=others))
        parts[-1].result["baselines_skipped"] = skipped
    parts += [by_protocol(config, name, data.train, model, make) for name in config.protocols]
    judged_rows = np.flatnonzero(~np.isnan(cross))
    if len(judged_rows):
        rows = data.train.take(judged_rows, name=CROSS)
        note = (
            "Training windows, each scored by trees that had not seen its tool or capture: what "
            "calibration and threshold were chosen on, so an optimistic view of both."
        )
        parts.append(part(CROSS, note, model, rows, cross[judged_rows], None, seed=config.seed))
    if not parts:
        raise ConfigError(
            f"experiment {config.name}: nothing to judge on: add held-out data, or detector.cv"
        )
    if config.permutation:
        small = {
            "n_estimators": min(50, config.detector.n_estimators),
            "n_jobs": config.detector.n_jobs,
        }
        train = data.train
        for key, auc in (
            ("permutation_auc", permutation_auc(
                train.matrix, train.y, train.groups, seed=config.seed, cv=3, **small
            )),
            ("artefact_auc", artefact_auc(train, seed=config.seed, **small)),
        ):  # fmt: skip
            parts[0].result[key] = None if np.isnan(auc) else auc
    return parts


def by_protocol(
    config: Experiment,
    name: str,
    data: Dataset,
    model: Model,
    make: Callable[..., CovertChannelDetector],
) -> Part:
    """Judge a protocol, kept as a nested run with one nested run a fold.

    Parameters
    ----------
    config : Experiment
        What is asked.
    name : str
        Of the protocol.
    data : Dataset
        Training windows, of which each fold holds some out.
    model : Model
        Whose classes order the confusion table.
    make : callable
        Gives an unfitted detector of the experiment.

    Returns
    -------
    Part
        Measured at the threshold that gives the wanted rate over the judged benign windows: the
        models of the folds are not the one whose threshold the model carries.
    """
    _log.info("protocol %s", name)
    with tracking.run(config.name, name, folder=".") as kept:
        found = protocols.judge(
            name, data, lambda: make(config, cv=min(2, config.detector.cv)), fold_by=config.fold_by
        )
        rows = found.data
        kept.dataset(rows, context="evaluation")
        benign = found.score[~rows.covert]
        threshold = choose(benign, target_fpr=config.target_fpr, seed=config.seed, n_boot=20).value
        note = (
            f"{protocols.NOTES[name]} {len(np.unique(found.fold))} trainings; the threshold is "
            f"the one that {config.target_fpr:g} of the judged benign windows reach."
        )
        one = part(
            name.replace("_", " "), note, model, rows, found.score, found.found,
            seed=config.seed, threshold=threshold if len(benign) else None,
        )  # fmt: skip
        kept.metrics(plain(one.result))
        kept.pictures(draw(one))
        for fold in np.unique(found.fold):
            own = found.fold == fold
            with tracking.run(config.name, str(fold)[:200], folder=".") as inner:
                inner.metrics(_short_measures(rows.covert[own], found.score[own], threshold))
    return one


def _short_measures(
    covert: npt.NDArray[np.bool_], score: F64, threshold: float
) -> dict[str, float | None]:
    """Figures of one fold."""
    alert = score >= threshold
    return {
        "n": len(score),
        "n_covert": int(covert.sum()),
        "recall": float(alert[covert].mean()) if covert.any() else None,
        "false_positive_rate": float(alert[~covert].mean()) if not covert.all() else None,
        **(metrics.rank_measures(covert, score) if 0 < covert.sum() < len(covert) else {}),
    }


def judged(
    name: str,
    note: str,
    model: Model,
    data: Dataset,
    *,
    seed: int,
    others: dict[str, F64] | None = None,
) -> Part:
    """Judge a model on data, with reasons for its worst errors.

    Parameters
    ----------
    name, note : str
        For the report.
    model : Model
        The model.
    data : Dataset
        Labelled windows.
    seed : int
        Of the resampling.
    others : dict of str to ndarray
        Scores of other methods on the same windows.

    Returns
    -------
    Part
        Measured.

    Raises
    ------
    SchemaError
        When features differ, naming each.
    """
    model.schema.check(data.schema)
    score, found = model.score(data.matrix), model.label(data.matrix)
    made = part(name, note, model, data, score, found, seed=seed, others=others)
    worst = made.worst
    if worst is not None and len(worst):
        rows = data.matrix[worst["row"].to_numpy()]
        told = explain.reasons(model, rows, k=3)
        text = [", ".join(f"{r['feature']} {_short(r['value'])}" for r in row) for row in told]
        made = dataclasses.replace(made, worst=worst.assign(reasons=text))
    return made


def part(
    name: str,
    note: str,
    model: Model,
    data: Dataset,
    score: F64,
    found: npt.NDArray[np.str_] | None,
    *,
    seed: int,
    others: dict[str, F64] | None = None,
    threshold: float | None = None,
) -> Part:
    """Measure given scores at a threshold.

    Parameters
    ----------
    name, note : str
        For the report.
    model : Model
        Whose classes hold, and threshold where no other is given.
    data : Dataset
        Labelled windows.
    score : ndarray, shape (n,), float64
        Scores.
    found : ndarray, shape (n,), str, optional
        Predicted labels.
    seed : int
        Of the resampling.
    others : dict of str to ndarray
        Scores of other methods on the same windows.
    threshold : float, optional
        By default the model's.

    Returns
    -------
    Part
        Measured.
    """
    threshold = model.threshold.value if threshold is None else threshold
    result = evaluation.evaluate_scores(
        data, score, found, threshold=threshold, classes=model.classes, seed=seed
    )
    result |= {"model": model.id, "dataset": data.name, "digest": data.digest}
    compared = {}
    if data.covert.any() and not data.covert.all():
        for other, values in (others or {}).items():
            rates = metrics.at_fprs(
                data.covert, values, data.groups, fprs=metrics.FPRS, seed=seed, n_boot=50
            )
            measures = metrics.rank_measures(data.covert, values)
            compared[other] = {"recall_at_fpr": rates, **measures}
    result["baselines"] = compared
    labels = found if found is not None else np.full(len(data), "", dtype=str)
    return Part(
        name=name,
        note=note,
        result=result,
        covert=data.covert,
        score=score,
        baselines=(others or {}) if compared else {},
        baseline_results=compared,
        worst=evaluation.scores_frame(data, score, labels, threshold),
    )


def _short(value: float | None) -> str:
    return "missing" if value is None else f"{value:.3g}"


def plain(result: dict[str, Any]) -> dict[str, Any]:
    """Numbers that a run keeps; lists and long tables stay in evaluation.json.

    Parameters
    ----------
    result : dict
        From `evaluation.evaluate_scores`.

    Returns
    -------
    dict
        Names to numbers, nested.
    """
    kept: dict[str, Any] = {k: v for k, v in result.items() if isinstance(v, int | float)}
    for row in result["recall_at_fpr"]:
        kept[f"recall_at_fpr_{row['fpr']:g}"] = row["recall"]
    for kind in ("by_tool", "by_channel"):
        kept[kind] = {name: row["recall"] for name, row in result[kind].items()}
    pairs = result["host_pairs"]
    kept["host_pairs"] = {k: v for k, v in pairs.items() if isinstance(v, int | float)}
    for name, rows in pairs.get("by_channel_at_fpr", {}).items():
        for row in rows:
            kept[f"host_pairs.recall_at_fpr_{row['fpr']:g}.{name}"] = row["recall"]
    if result.get("drift"):
        kept["aut"] = result["drift"]["aut"]
    return kept
