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
from nalpml.models import metrics

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
        ``host_pairs``; ``detection_delay``; ``per_100k`` benign windows.
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
        "base_rates": base_rates(recall, fpr),
        "host_pairs": host_pairs(data, score, threshold, fprs=fprs, seed=seed, n_boot=n_boot),
        "detection_delay": detection_delay(data, alert),
    }
    if n_covert and n_benign:
        result |= metrics.rank_measures(covert, score)
    if found is not None:
        names = [*classes, *sorted(set(data.y.tolist()) - set(classes))]
        result["classes"] = names
        result["confusion"] = metrics.confusion(data.y, found, names)
    return result


def base_rates(recall: float | None, fpr: float | None) -> list[dict[str, float]]:
    """What an alert is worth, and how many there are, at stated base rates.

    Parameters
    ----------
    recall, fpr : float or None
        At the threshold.

    Returns
    -------
    list of dict
        ``base_rate``, ``ppv`` and ``alerts_per_day`` for ``metrics.WINDOWS_PER_DAY`` windows;
        empty when a rate is not known.
    """
    if recall is None or fpr is None:
        return []
    return [
        {
            "base_rate": p,
            "ppv": metrics.predictive_value(recall, fpr, p),
            "alerts_per_day": metrics.WINDOWS_PER_DAY * (p * recall + (1 - p) * fpr),
        }
        for p in metrics.BASE_RATES
    ]


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
        Truth; a pair is covert when any of its windows is.
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
        ``n_covert``, ``n_benign``, ``recall``, ``false_alerts``, ``recall_at_fpr``, ``by_tool``.
    """
    if not len(data):
        return {"n_covert": 0, "n_benign": 0, "recall": None, "false_alerts": 0}
    frame = pd.DataFrame(
        {
            "pair": data.host_pairs,
            "score": np.where(np.isnan(score), 0.0, score),
            "covert": data.covert,
            "tool": np.where(data.covert, data.tool, ""),
            "group": data.groups,
        }
    ).sort_values(["covert", "score"], ascending=False, kind="stable")
    pairs = frame.groupby("pair", sort=True).agg(
        score=("score", "max"),
        covert=("covert", "any"),
        tool=("tool", "first"),
        group=("group", "first"),
    )
    covert = pairs["covert"].to_numpy(dtype=bool)
    top = pairs["score"].to_numpy(dtype=np.float64)
    groups = pairs["group"].to_numpy(dtype=object).astype(str)
    tool = pairs["tool"].to_numpy(dtype=object).astype(str)
    alert = top >= threshold
    return {
        "n_covert": int(covert.sum()),
        "n_benign": int((~covert).sum()),
        "recall": float(alert[covert].mean()) if covert.any() else None,
        "false_alerts": int(alert[~covert].sum()),
        "recall_at_fpr": metrics.at_fprs(covert, top, groups, fprs=fprs, seed=seed, n_boot=n_boot),
        "by_tool": metrics.share_by(tool[covert], alert[covert]),
    }


def detection_delay(data: Dataset, alert: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """How long a covert pair of hosts goes unseen.

    Parameters
    ----------
    data : Dataset
        Truth and times.
    alert : ndarray, shape (n,), bool
        Verdicts.

    Returns
    -------
    dict
        ``pairs``, ``detected``; of the detected the median and 90 % quantile of ``seconds`` from
        the first covert window's start to the end of the first covert window that alerts, and of
        ``packets`` in covert windows up to and with it.
    """
    rows = np.flatnonzero(data.covert)
    seconds, packets = [], []
    identity = data.identity
    start, end = (identity[c].to_numpy(dtype=np.float64)[rows] for c in ("start", "end"))
    size = (
        np.array([sum(p) for p in identity["packets"].to_numpy()[rows]], dtype=np.int64)
        if "packets" in identity.columns
        else np.zeros(len(rows), dtype=np.int64)
    )
    pair, verdict = data.host_pairs[rows], alert[rows]
    order = np.lexsort((start, pair))
    names = np.unique(pair)
    for group in np.split(order, np.flatnonzero(pair[order][1:] != pair[order][:-1]) + 1):
        hits = np.flatnonzero(verdict[group])
        if len(hits):
            first = int(hits[0])
            seconds.append(float(end[group[first]] - start[group[0]]))
            packets.append(int(size[group[: first + 1]].sum()))
    result: dict[str, Any] = {"pairs": len(names), "detected": len(seconds)}
    for key, values in (("seconds", seconds), ("packets", packets)):
        if values:
            middle, late = np.quantile(values, [0.5, 0.9])
            result[key] = {"median": float(middle), "p90": float(late)}
    return result


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
