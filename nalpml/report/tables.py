"""The tables of a report as rows of text, for the page and for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes
    ----------
    title : str
        Over it; empty for none.
    header : tuple of str
        Names of columns.
    rows : tuple of tuple of str
        Cells.
    note : str
        Under the title; empty for none.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.rows)


def make(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]], note: str = "") -> Table:
    """Make a table; every cell becomes text.

    Parameters
    ----------
    title : str
        Over it.
    header : sequence of str
        Names of columns.
    rows : sequence of sequences
        Cells.
    note : str
        Under the title.

    Returns
    -------
    Table
        False where there are no rows.
    """
    return Table(title, tuple(header), tuple(tuple(str(c) for c in row) for row in rows), note)


def percent(value: float | None) -> str:
    """A share as text, "not estimable" where there is none."""
    return "not estimable" if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    """A number as text, a dash where there is none."""
    return "–" if value is None else f"{value:.4f}"


def span(interval: Sequence[float | None], form: str = "{:.3f}") -> str:
    """An interval as text, empty where there is none."""
    low, high = interval
    if low is None or high is None:
        return ""
    return f"{form.format(low)} to {form.format(high)}"


def rate(row: Mapping[str, Any]) -> str:
    """Recall with its interval; ``~`` where so few negatives cannot establish the rate."""
    if row["recall"] is None:
        return f"not estimable ({row['negatives']:,} of {row['needed']:,} benign)"
    mark = "" if row.get("estimable", True) else "~"
    text = f"{mark}{100 * row['recall']:.1f} %"
    if row.get("low") is not None:
        text += f" ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
    return text


FEW = "~: fewer than 10 / FPR benign ones, too few to establish the rate."


def rates(result: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> Table:
    """Recall of windows at stated rates, one line a method."""
    fprs = [row["fpr"] for row in result["recall_at_fpr"]]
    header = ["method", *(f"FPR {fpr:g}" for fpr in fprs), "average precision", "area under ROC"]
    return make(
        "Recall of windows at stated false positive rates",
        header,
        [
            [
                name,
                *(rate(row) for row in one["recall_at_fpr"]),
                number(one.get("pr_auc")),
                number(one.get("roc_auc")),
            ]
            for name, one in {"nalpml": result, **others}.items()
        ],
    )


def channels(found: Mapping[str, Sequence[Mapping[str, Any]]], unit: str) -> Table:
    """Recall by channel at the thresholds that give stated rates over all benign ones."""
    if not found:
        return make("", [], [])
    first = next(iter(found.values()))
    few = not all(row["estimable"] for row in first)
    return make(
        f"{unit.capitalize()} by channel, at stated false positive rates",
        ["channel", unit, *(f"FPR {row['fpr']:g}" for row in first)],
        [[name, f"{rows[0]['n']:,}", *(rate(row) for row in rows)] for name, rows in found.items()],
        f"{first[0]['negatives']:,} benign {unit}." + (f" {FEW}" if few else ""),
    )


def shares(by_name: Mapping[str, Mapping[str, Any]], title: str, what: str, measure: str) -> Table:
    """Alerts at the threshold by name."""
    return make(
        title,
        [what, "windows", "alerts", measure, "95 % interval"],
        [
            [
                name,
                f"{r['n']:,}",
                f"{r['hits']:,}",
                percent(r["recall"]),
                span((r["low"], r["high"])),
            ]
            for name, r in by_name.items()
        ],
    )


def false_alerts(by_capture: Mapping[str, Mapping[str, Any]]) -> Table:
    """Captures with the most false alerts."""
    noisy = {n: r for n, r in by_capture.items() if r["hits"]}
    shown = dict(sorted(noisy.items(), key=lambda item: (-item[1]["hits"], item[0]))[:40])
    made = shares(shown, "False alerts by capture", "capture", "false positive rate")
    quiet = len(by_capture) - len(noisy)
    note = f"{quiet} of {len(by_capture)} captures with benign windows have none."
    return Table(made.title, made.header, made.rows, note)


def worth(rows: Sequence[Mapping[str, float]], per_host: int, hosts: int) -> Table:
    """Probability that an alert is true, and alerts a day."""
    return make(
        "What an alert is worth, at the threshold",
        ["share of covert windows", "probability that an alert is true", "alerts a day",
         "false ones"],
        [
            [f"{r['base_rate']:g}", percent(r["ppv"]), f"{r['alerts_per_day']:,.0f}",
             f"{r['false_per_day']:,.0f}"]
            for r in rows
        ],
        f"For {hosts:,} hosts with {per_host:,} flow windows a day each, an assumption: alerts "
        "scale with it.",
    )  # fmt: skip


def delays(found: Mapping[str, Any]) -> Table:
    """Packets and seconds to the first alert, by channel."""
    rows = {"all host pairs": {**found, "n": found["pairs"]}}
    if "conversations" in found:
        rows |= {"all conversations": found["conversations"], **found["by_channel"]}

    def both(row: Mapping[str, Any], key: str, form: str) -> str:
        one = row.get(key)
        return f"{one['median']:{form}}, {one['p90']:{form}}" if one else "–"

    return make(
        "Until detection, at the threshold",
        ["conversations of", "number", "detected", "packets: median, 90 %",
         "seconds: median, 90 %"],
        [
            [name, f"{r['n']:,}", f"{r['detected']:,}", both(r, "packets", ".0f"),
             both(r, "seconds", ".1f")]
            for name, r in rows.items()
            if r["n"]
        ],
        "To the last packet of the first window that alerts; a live scan reports a window when it "
        "closes.",
    )  # fmt: skip


def drift(found: Mapping[str, Any] | None) -> Table:
    """Recall period by period."""
    if not found:
        return make("", [], [])
    aut = found["aut"]
    return make(
        "Over time, at the threshold",
        ["period", "covert windows", "recall", "benign windows", "false positive rate"],
        [
            [k + 1, f"{r['n_covert']:,}", "–" if r["recall"] is None else percent(r["recall"]),
             f"{r['n_benign']:,}",
             "–" if r["false_positive_rate"] is None else f"{r['false_positive_rate']:.2g}"]
            for k, r in enumerate(found["periods"])
        ],
        "Periods of equal length." + ("" if aut is None else f" AUT of recall {aut:.3f}."),
    )  # fmt: skip


def worst(frame: pd.DataFrame | None) -> Table:
    """Worst false alerts and misses."""
    if frame is None or not len(frame):
        return make("", [], [])
    shown = frame.drop(columns=["row"], errors="ignore").copy()
    shown["score"] = shown["score"].map("{:.4f}".format)
    shown["start"] = shown["start"].map("{:.3f}".format)
    rows = shown.to_numpy(dtype=object).tolist()
    return make("Worst false alerts and misses", list(shown.columns), rows)


def study(name: str, note: str, axis: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """One line a training."""
    first = rows[0]

    def pair(row: Mapping[str, Any], k: int) -> str:
        text = rate(row["pairs"][k])
        spread = row.get("spread")
        if spread and row["draws"] > 1:
            low, high = 100 * spread[k]["low"], 100 * spread[k]["high"]
            text += f"; {row['draws']} draws: {low:.1f} to {high:.1f}"
        return text

    few = not all(r["estimable"] for r in (*first["pairs"], *first["windows"]))
    return make(
        name,
        [axis, *(f"pairs, FPR {r['fpr']:g}" for r in first["pairs"]),
         *(f"windows, FPR {r['fpr']:g}" for r in first["windows"]), "average precision"],
        [
            [row["what"], *(pair(row, k) for k in range(len(row["pairs"]))),
             *(rate(r) for r in row["windows"]), number(row["pr_auc"])]
            for row in rows
        ],
        note + (f" {FEW}" if few else ""),
    )  # fmt: skip


def markdown(table: Table) -> str:
    """Write a table as Markdown.

    Parameters
    ----------
    table : Table
        What to write.

    Returns
    -------
    str
        Title in bold, note, table; empty without rows.
    """
    if not table:
        return ""
    safe: Callable[[str], str] = lambda text: text.replace("|", "\\|").replace("\n", " ")  # noqa: E731
    lines = [f"**{table.title}.** {table.note}".rstrip(), ""]
    lines += ["| " + " | ".join(safe(c) for c in table.header) + " |"]
    lines += ["|" + " --- |" * len(table.header)]
    lines += ["| " + " | ".join(safe(c) for c in row) + " |" for row in table.rows]
    return "\n".join(lines) + "\n"
