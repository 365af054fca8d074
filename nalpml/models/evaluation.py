"""One evaluation of scores on labelled windows: every measure the report shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.channels import BENIGN
from nalpml.datasets import Dataset
from nalpml.export import Model
from nalpml.models import delay, drift, metrics, pairs, rates, worth

PAIR_FPRS = (1e-2, 1e-3)
"""Rates at which recall of pairs of hosts is stated by channel: pairs are fewer than windows."""

F64 = npt.NDArray[np.float64]
Text = npt.NDArray[np.str_]


def evaluate_model(
    model: Model, data: Dataset, *, seed: int = 0, n_boot: int = 200
) -> dict[str, Any]:
    """Score a dataset with a model and measure it.

    Parameters
    ----------
    model : Model
        As loaded; its schema must be the data's.
    data : Dataset
        Data that the model was not trained on.
    seed : int
        Seed of the resampling.
    n_boot : int
        Number of resamples.

    Returns
    -------
    dict
        See `evaluate_scores`; also ``model``, ``dataset`` and ``digest``.

    Raises
    ------
    SchemaError
        When features differ, naming each.
    """
    model.schema.check(data.schema)
    probability = model.predict_proba(data.matrix)
    found = np.asarray(model.classes)[probability.argmax(axis=1)]
    result = evaluate_scores(
        data,
        model.score(data.matrix),
        found,
        threshold=model.threshold.value,
        classes=model.classes,
        seed=seed,
        n_boot=n_boot,
    )
    return {"model": model.id, "dataset": data.name, "digest": data.digest, **result}


def evaluate_scores(
    data: Dataset,
    score: F64,
    found: Text | None,
    *,
    threshold: float,
    classes: Sequence[str] = (),
    seed: int = 0,
    n_boot: int = 200,
    fprs: Sequence[float] = metrics.FPRS,
) -> dict[str, Any]:
    """Measure scores.

    Parameters
    ----------
    data : Dataset
        Truth and where each window comes from.
    score : ndarray, shape (n,), float64
        Calibrated P(covert).
    found : ndarray, shape (n,), str, optional
        Predicted labels; without them there is no confusion table.
    threshold : float
        Where an alert begins.
    classes : sequence of str
        Order of the confusion table, benign first; labels that are only in the data follow.
    seed : int
        Seed of the resampling.
    n_boot : int
        Number of resamples.
    fprs : sequence of float
        Rates at which recall is stated.

    Returns
    -------
    dict
        JSON values: counts; ``recall_at_fpr``; ``pr_auc``, ``roc_auc``, ``brier``, ``ece``,
        ``reliability``; at the threshold ``recall``, ``false_positive_rate``, ``by_tool``,
        ``by_channel``, ``false_alerts`` by capture; ``confusion``; ``base_rates``;
        ``host_pairs``; ``detection_delay``; ``per_100k`` benign windows; ``by_channel_at_fpr``;
        ``drift``.
    """
    covert = data.covert
    alert = score >= threshold
    n_benign, n_covert = int((~covert).sum()), int(covert.sum())
    curve = metrics.reliability(covert, score)
    hits, false = int(alert[covert].sum()), int(alert[~covert].sum())
    recall = hits / n_covert if n_covert else None
    fpr = false / n_benign if n_benign else None
    tool = np.where(data.tool == "", "(unnamed)", data.tool)
    result: dict[str, Any] = {
        "n": len(data),
        "n_covert": n_covert,
        "n_benign": n_benign,
        "n_groups": len(np.unique(data.groups)),
        "threshold": threshold,
        "recall": recall,
        "recall_interval": list(metrics.wilson(hits, n_covert)),
        "false_positive_rate": fpr,
        "false_positive_interval": list(metrics.wilson(false, n_benign)),
        "per_100k": None if fpr is None else fpr * 1e5,
        "recall_at_fpr": metrics.at_fprs(
            covert, score, data.groups, fprs=fprs, seed=seed, n_boot=n_boot
        ),
        "brier": float(np.mean((score - covert) ** 2)) if len(data) else None,
        "ece": metrics.calibration_error(curve),
        "reliability": curve,
        "by_tool": metrics.share_by(tool[covert], alert[covert]),
        "by_channel": metrics.share_by(data.y[covert], alert[covert]),
        "false_alerts": metrics.false_alerts(covert, alert, data.capture),
        "by_channel_at_fpr": rates.recall_by(
            covert, score, data.y, data.groups, fprs=fprs, seed=seed, n_boot=n_boot
        ),
        "base_rates": worth.base_rates(recall, fpr),
        "host_pairs": host_pairs(data, score, threshold, fprs=fprs, seed=seed, n_boot=n_boot),
        "detection_delay": delay.detection_delay(data, alert),
        "drift": drift.by_period(data, alert),
    }
    if n_covert and n_benign:
        result |= metrics.rank_measures(covert, score)
    if found is not None:
        names = [*classes, *sorted(set(data.y.tolist()) - set(classes))]
        result["classes"] = names
        result["confusion"] = metrics.confusion(data.y, found, names)
    return result


def host_pairs(
    data: Dataset,
    score: F64,
    threshold: float,
    *,
    fprs: Sequence[float] = metrics.FPRS,
    seed: int = 0,
    n_boot: int = 200,
) -> dict[str, Any]:
    """The same question asked of pairs of hosts: the greatest score of any of their windows.

    Parameters
    ----------
    data : Dataset
        Truth; see `pairs.pair_table`.
    score : ndarray, shape (n,), float64
        Scores of windows.
    threshold : float
        Where an alert begins.
    fprs : sequence of float
        Rates at which recall is stated.
    seed, n_boot : int
        Of the resampling.

    Returns
    -------
    dict
        ``n_covert``, ``n_benign``; at the threshold ``recall``, ``false_alerts``,
        ``false_positive_rate``, ``by_tool``, ``by_channel``; ``recall_at_fpr``, and
        ``by_channel_at_fpr`` as `rates.recall_by` gives it.
    """
    table = pairs.pair_table(data, np.where(np.isnan(score), 0.0, score))
    covert = table["covert"].to_numpy(dtype=bool)
    top = table["score"].to_numpy(dtype=np.float64)
    groups, tool, channel = (
        table[name].to_numpy(dtype=object).astype(str) for name in ("group", "tool", "channel")
    )
    alert = top >= threshold
    n_benign = int((~covert).sum())
    return {
        "n_covert": int(covert.sum()),
        "n_benign": n_benign,
        "recall": float(alert[covert].mean()) if covert.any() else None,
        "false_alerts": int(alert[~covert].sum()),
        "false_positive_rate": float(alert[~covert].mean()) if n_benign else None,
        "recall_at_fpr": metrics.at_fprs(covert, top, groups, fprs=fprs, seed=seed, n_boot=n_boot),
        "by_tool": metrics.share_by(tool[covert], alert[covert]),
        "by_channel": metrics.share_by(channel[covert], alert[covert]),
        "by_channel_at_fpr": rates.recall_by(
            covert, top, channel, groups, fprs=PAIR_FPRS, seed=seed, n_boot=n_boot
        ),
    }


def scores_frame(
    data: Dataset, score: F64, found: Text, threshold: float, *, worst: int = 20
) -> pd.DataFrame:
    """The false alerts with the greatest scores and the misses with the least.

    Parameters
    ----------
    data : Dataset
        Truth and identity.
    score : ndarray, shape (n,), float64
        Scores.
    found : ndarray, shape (n,), str
        Predicted labels.
    threshold : float
        Where an alert begins.
    worst : int
        Rows of each kind at the most.

    Returns
    -------
    DataFrame
        ``kind`` (``false alert`` or ``miss``), ``row``, ``score``, ``label``, ``found``, ``tool``,
        ``capture``, ``src``, ``dst``, ``start``.
    """
    covert, alert = data.covert, score >= threshold
    rows = np.flatnonzero(~covert & alert)
    false = rows[np.argsort(-score[rows], kind="stable")][:worst]
    rows = np.flatnonzero(covert & ~alert)
    missed = rows[np.argsort(score[rows], kind="stable")][:worst]
    picked = np.concatenate([false, missed])
    return pd.DataFrame(
        {
            "kind": ["false alert"] * len(false) + ["miss"] * len(missed),
            "row": picked,
            "score": score[picked],
            "label": data.y[picked],
            "found": found[picked] if len(found) else np.full(len(picked), BENIGN),
            "tool": data.tool[picked],
            "capture": data.capture[picked],
            "src": data.identity["src"].to_numpy()[picked],
            "dst": data.identity["dst"].to_numpy()[picked],
            "start": data.identity["start"].to_numpy()[picked],
        }
    )
