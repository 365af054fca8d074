"""One HTML page with everything in it: no script, no style sheet, no picture from elsewhere."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.errors import ConfigError
from nalpml.export import Model
from nalpml.models import worth
from nalpml.models.explain import Contributions
from nalpml.report import figures, more_figures, tables

F64 = npt.NDArray[np.float64]

_PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Part:
    """One evaluation in a report.

    Attributes
    ----------
    name : str
        Heading.
    note : str
        What was trained on, what is judged.
    result : dict
        From `evaluation.evaluate_scores`.
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        Scores.
    baselines : dict of str to ndarray
        Scores of other methods on the same rows.
    baseline_results : dict of str to dict
        ``recall_at_fpr``, ``pr_auc``, ``roc_auc`` of each.
    worst : DataFrame, optional
        From `evaluation.scores_frame`, perhaps with a column ``reasons``.
    """

    name: str
    note: str
    result: dict[str, Any]
    covert: npt.NDArray[np.bool_]
    score: F64
    baselines: dict[str, F64] = field(default_factory=dict)
    baseline_results: dict[str, dict[str, Any]] = field(default_factory=dict)
    worst: pd.DataFrame | None = None


def draw(part: Part) -> dict[str, bytes]:
    """Draw the figures of a part.

    Parameters
    ----------
    part : Part
        The evaluation.

    Returns
    -------
    dict of str to bytes
        PNG by file stem; only figures that the data allow.
    """
    result = part.result
    found = {"scores": figures.histogram(part.covert, part.score, result["threshold"])}
    if part.covert.any() and not part.covert.all():
        curves = {"nalpml": (part.covert, part.score)}
        curves |= {name: (part.covert, score) for name, score in part.baselines.items()}
        found["precision_recall"] = figures.precision_recall(curves)
        found["roc"] = figures.roc(curves)
        found["reliability"] = figures.reliability(result["reliability"])
    if result["detection_delay"].get("curve") and result["n_covert"]:
        found["detection_delay"] = more_figures.detection_delay(result["detection_delay"]["curve"])
    if result.get("confusion"):
        found["confusion"] = figures.confusion(result["confusion"], result["classes"])
    if result["by_tool"]:  # the tallest, so that it leaves no hole in the grid
        found["recall_by_tool"] = figures.recall_bars(result["by_tool"], "Recall by tool")
    return found


def write(
    folder: str | Path,
    *,
    title: str,
    model: Model,
    parts: Sequence[Part],
    facts: Sequence[tuple[str, str]] = (),
    contributions: Contributions | None = None,
    studies: Sequence[tables.Table] = (),
    study_figures: Mapping[str, bytes] = MappingProxyType({}),
) -> Path:
    """Write ``index.html`` and the figures as PNG files.

    Parameters
    ----------
    folder : str or Path
        Made when it is not there.
    title : str
        Heading of the page.
    model : Model
        What was evaluated.
    parts : sequence of Part
        Evaluations, the most important first.
    facts : sequence of (str, str)
        Shown under the heading.
    contributions : Contributions, optional
        Values and contributions of features, row by row.
    studies : sequence of Table
        Shown before everything else.
    study_figures : mapping of str to bytes
        PNG by name, shown with them.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConfigError
        When the folder cannot be written.
    """
    folder = Path(folder)
    sections = []
    pictures: dict[str, bytes] = {}
    for part in parts:
        drawn = draw(part)
        pictures |= {f"{_stem(part.name)}_{name}": data for name, data in drawn.items()}
        sections.append(_section(part, drawn))
    features = {}
    if contributions is not None:
        features["importance"] = figures.importance(contributions.importance())
        features["shap_summary"] = more_figures.shap_summary(contributions)
    if features:
        sections.append(f"<section><h2>Features</h2>{_grid(features)}</section>")
    if studies:
        told = "".join(table(one) for one in studies)
        sections.insert(0, f"<section><h2>Studies</h2>{_grid(study_figures)}{told}</section>")
    pictures |= features | dict(study_figures)
    text = _PAGE.substitute(
        title=html.escape(title),
        facts="".join(
            f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
            for name, value in (*_model_facts(model), *facts)
        ),
        sections="\n".join(sections),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in pictures.items():
            (folder / f"{name}.png").write_bytes(data)
        page = folder / "index.html"
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror})") from error
    return page


def _grid(drawn: Mapping[str, bytes]) -> str:
    return f"<div class=grid>{''.join(_image(data, name) for name, data in drawn.items())}</div>"


def _model_facts(model: Model) -> list[tuple[str, str]]:
    t = model.threshold
    sure = "" if t.estimable else ", not estimable from so few"
    return [
        ("model", model.id),
        ("features", f"{len(model.schema.names)}, schema {model.schema.digest}"),
        ("threshold", f"{t.value:.4g} ({t.low:.4g} to {t.high:.4g})"),
        ("chosen for FPR", f"{t.target_fpr:g} on {t.negatives:,} benign windows{sure}"),
    ]


def tables_of(part: Part) -> list[tables.Table]:
    """Every table of a part that has rows, the most telling first.

    Parameters
    ----------
    part : Part
        The evaluation.

    Returns
    -------
    list of Table
        For the page and for Markdown.
    """
    result = part.result
    pairs = result["host_pairs"]
    found = [
        tables.channels(pairs.get("by_channel_at_fpr", {}), "host pairs"),
        tables.channels(result.get("by_channel_at_fpr", {}), "windows"),
        tables.rates(result, part.baseline_results),
        tables.shares(
            result["by_channel"], "Windows by channel, at the threshold", "channel", "recall"
        ),
        tables.delays(result["detection_delay"]),
        tables.worth(result["base_rates"], worth.WINDOWS_PER_HOST, worth.HOSTS),
        tables.drift(result.get("drift")),
        tables.false_alerts(result["false_alerts"]),
        tables.worst(part.worst),
    ]
    return [one for one in found if one]


def _section(part: Part, drawn: dict[str, bytes]) -> str:
    return (
        f"<section><h2>{html.escape(part.name)}</h2><p>{html.escape(part.note)}</p>"
        + _tiles(part.result)
        + _grid(drawn)
        + "".join(table(one) for one in tables_of(part))
        + "</section>"
    )


def _tiles(result: dict[str, Any]) -> str:
    fpr, pairs = result["false_positive_rate"], result["host_pairs"]
    number, span = tables.number, tables.span
    tiles = [
        ("windows", f"{result['n']:,}", f"{result['n_covert']:,} covert"),
        ("recall at the threshold", _known(result["recall"]), span(result["recall_interval"])),
        (
            "false positive rate",
            "–" if fpr is None else f"{fpr:.2g}",
            span(result["false_positive_interval"], "{:.2g}"),
        ),
        (
            "covert host pairs found",
            _known(pairs["recall"]),
            f"{pairs['n_covert']:,} covert, {pairs['n_benign']:,} benign, "
            f"{pairs['false_alerts']:,} false",
        ),
        ("average precision", number(result.get("pr_auc")), ""),
        ("area under ROC", number(result.get("roc_auc")), ""),
        ("calibration error", number(result["ece"]), f"Brier {number(result['brier'])}"),
    ]
    for key, name in (("permutation_auc", "labels shuffled"), ("artefact_auc", "artefacts alone")):
        if result.get(key) is not None:
            tiles.append((f"ROC area, {name}", f"{result[key]:.3f}", "chance is 0.5"))
    return (
        "<div class=tiles>"
        + "".join(
            f"<div><span>{html.escape(name)}</span><b>{value}</b><small>{small}</small></div>"
            for name, value, small in tiles
        )
        + "</div>"
    )


def _known(value: float | None) -> str:
    return "–" if value is None else tables.percent(value)


def _image(data: bytes, name: str) -> str:
    text = html.escape(name.replace("_", " "))
    return f'<img alt="{text}" src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def table(one: tables.Table) -> str:
    """Write a table as HTML; everything is escaped.

    Parameters
    ----------
    one : Table
        What to write.

    Returns
    -------
    str
        Title, note and table; empty without rows.
    """
    if not one:
        return ""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in one.header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in one.rows
    )
    title = f"<h3>{html.escape(one.title)}</h3>" if one.title else ""
    note = f"<p>{html.escape(one.note)}</p>" if one.note else ""
    return f"{title}{note}<div class=wide><table><tr>{head}</tr>{body}</table></div>"


def _stem(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_")
