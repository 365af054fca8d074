"""One HTML page with everything in it: no script, no style sheet, no picture from elsewhere."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.errors import ConfigError
from nalpml.export import Model
from nalpml.report import figures

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
    if result["by_tool"]:
        found["recall_by_tool"] = figures.recall_bars(result["by_tool"], "Recall by tool")
    if result.get("confusion"):
        found["confusion"] = figures.confusion(result["confusion"], result["classes"])
    return found


def write(
    folder: str | Path,
    *,
    title: str,
    model: Model,
    parts: Sequence[Part],
    facts: Sequence[tuple[str, str]] = (),
    importance: Sequence[tuple[str, float]] = (),
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
    importance : sequence of (str, float)
        Features and their mean contribution.

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
    if importance:
        pictures["importance"] = figures.importance(importance)
        sections.append(
            f"<section><h2>Features</h2><div class=grid>{_image(pictures['importance'])}</div>"
            "</section>"
        )
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


def _model_facts(model: Model) -> list[tuple[str, str]]:
    t = model.threshold
    sure = "" if t.estimable else ", not estimable from so few"
    return [
        ("model", model.id),
        ("features", f"{len(model.schema.names)}, schema {model.schema.digest}"),
        ("threshold", f"{t.value:.4g} ({t.low:.4g} to {t.high:.4g})"),
        ("chosen for FPR", f"{t.target_fpr:g} on {t.negatives:,} benign windows{sure}"),
    ]


def _section(part: Part, drawn: dict[str, bytes]) -> str:
    result = part.result
    tables = [
        ("Recall at stated false positive rates", _rates(part)),
        ("By channel, at the threshold", _shares(result["by_channel"], "channel", "recall")),
        ("False alerts by capture", _false(result["false_alerts"])),
        ("What an alert is worth", _worth(result["base_rates"])),
        ("Host pairs", _pairs(result)),
        ("Worst false alerts and misses", _worst(part.worst)),
    ]
    return (
        f"<section><h2>{html.escape(part.name)}</h2><p>{html.escape(part.note)}</p>"
        + _tiles(result)
        + "<div class=grid>"
        + "".join(_image(data) for data in drawn.values())
        + "</div>"
        + "".join(f"<h3>{html.escape(name)}</h3>{table}" for name, table in tables if table)
        + "</section>"
    )


def _tiles(result: dict[str, Any]) -> str:
    fpr = result["false_positive_rate"]
    tiles = [
        ("windows", f"{result['n']:,}", f"{result['n_covert']:,} covert"),
        ("recall at the threshold", _percent(result["recall"]), _span(result["recall_interval"])),
        (
            "false positive rate",
            "–" if fpr is None else f"{fpr:.2g}",
            _span(result["false_positive_interval"], "{:.2g}"),
        ),
        ("average precision", _number(result.get("pr_auc")), ""),
        ("area under ROC", _number(result.get("roc_auc")), ""),
        ("calibration error", _number(result["ece"]), f"Brier {_number(result['brier'])}"),
    ]
    return (
        "<div class=tiles>"
        + "".join(
            f"<div><span>{html.escape(name)}</span><b>{value}</b><small>{small}</small></div>"
            for name, value, small in tiles
        )
        + "</div>"
    )


def _image(data: bytes) -> str:
    return f'<img alt="" src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write an HTML table; everything is escaped.

    Parameters
    ----------
    header : sequence of str
        Column names.
    rows : sequence of sequences
        Cells.

    Returns
    -------
    str
        Empty without rows.
    """
    if not rows:
        return ""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<div class=wide><table><tr>{head}</tr>{body}</table></div>"


def _percent(value: float | None) -> str:
    return "not estimable" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _span(interval: Sequence[float | None], form: str = "{:.3f}") -> str:
    low, high = interval
    if low is None or high is None:
        return ""
    return f"{form.format(low)} to {form.format(high)}"


def _rates(part: Part) -> str:
    methods = {"nalpml": part.result, **part.baseline_results}
    rates = [row["fpr"] for row in part.result["recall_at_fpr"]]
    header = ["method", *(f"FPR {fpr:g}" for fpr in rates), "average precision", "area under ROC"]
    rows = []
    for name, result in methods.items():
        cells = []
        for row in result["recall_at_fpr"]:
            text = _percent(row["recall"])
            if row["low"] is not None:
                text += f" ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
            elif row["recall"] is None:
                text += f" ({row['negatives']:,} of {row['needed']:,} benign)"
            cells.append(text)
        rows.append([name, *cells, _number(result.get("pr_auc")), _number(result.get("roc_auc"))])
    return table(header, rows)


def _shares(by_name: dict[str, dict[str, Any]], what: str, measure: str) -> str:
    return table(
        [what, "windows", "alerts", measure, "95 % interval"],
        [
            [
                name,
                f"{r['n']:,}",
                f"{r['hits']:,}",
                _percent(r["recall"]),
                _span([r["low"], r["high"]]),
            ]
            for name, r in by_name.items()
        ],
    )


def _false(by_capture: dict[str, dict[str, Any]]) -> str:
    noisy = {n: r for n, r in by_capture.items() if r["hits"]}
    if not by_capture:
        return ""
    quiet = len(by_capture) - len(noisy)
    shown = dict(sorted(noisy.items(), key=lambda item: (-item[1]["hits"], item[0]))[:40])
    return f"<p>{quiet} of {len(by_capture)} captures with benign windows have none.</p>" + _shares(
        shown, "capture", "false positive rate"
    )


def _worth(rows: Sequence[dict[str, float]]) -> str:
    return table(
        ["share of covert windows", "probability that an alert is true", "alerts a day"],
        [[f"{r['base_rate']:g}", _percent(r["ppv"]), f"{r['alerts_per_day']:,.0f}"] for r in rows],
    )


def _pairs(result: dict[str, Any]) -> str:
    pairs, delay = result["host_pairs"], result["detection_delay"]
    if not pairs["n_covert"]:
        return ""
    seconds, packets = delay.get("seconds"), delay.get("packets")
    return table(
        ["covert pairs", "benign pairs", "recall", "false alerts", "seconds to alert: median, 90 %",
         "packets to alert: median, 90 %"],
        [[
            pairs["n_covert"], pairs["n_benign"], _percent(pairs["recall"]), pairs["false_alerts"],
            f"{seconds['median']:.1f}, {seconds['p90']:.1f}" if seconds else "–",
            f"{packets['median']:.0f}, {packets['p90']:.0f}" if packets else "–",
        ]],
    )  # fmt: skip


def _worst(frame: pd.DataFrame | None) -> str:
    if frame is None or not len(frame):
        return ""
    shown = frame.drop(columns=["row"], errors="ignore").copy()
    shown["score"] = shown["score"].map("{:.4f}".format)
    shown["start"] = shown["start"].map("{:.3f}".format)
    return table(list(shown.columns), shown.to_numpy(dtype=object).tolist())


def _stem(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_")
