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
from nalpml.models.controls import permutation_auc
from nalpml.report import Part

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
        The most important first; the first carries ``permutation_auc``.

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
        others = (
            baselines.scores(
                data.train.X, data.train.covert, data.holdout.X, seed=config.seed,
                n_jobs=config.detector.n_jobs,
            )
            if config.baselines
            else {}
        )  # fmt: skip
        parts.append(judged(HELD_OUT, note, model, data.holdout, seed=config.seed, others=others))
    for name in config.protocols:
        _log.info("protocol %s", name)
        with tracking.run(config.name, name, folder=".") as inner:
            rows, score, found = protocols.judge(
                name, data.train, lambda: make(config, cv=2), fold_by=config.fold_by
            )
            one = part(
                name.replace("_", " "), protocols.NOTES[name], model, rows, score, found,
                seed=config.seed,
            )  # fmt: skip
            inner.metrics(plain(one.result))
        parts.append(one)
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
        auc = permutation_auc(
            data.train.matrix, data.train.y, data.train.groups, seed=config.seed,
            n_estimators=min(50, config.detector.n_estimators), cv=3,
            n_jobs=config.detector.n_jobs,
        )  # fmt: skip
        parts[0].result["permutation_auc"] = None if np.isnan(auc) else auc
    return parts


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
) -> Part:
    """Measure given scores at a model's threshold.

    Parameters
    ----------
    name, note : str
        For the report.
    model : Model
        Whose threshold and classes hold.
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

    Returns
    -------
    Part
        Measured.
    """
    threshold = model.threshold.value
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
    kept["host_pairs"] = {
        k: v for k, v in result["host_pairs"].items() if isinstance(v, int | float)
    }
    return kept
