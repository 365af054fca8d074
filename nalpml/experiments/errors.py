"""The worst errors of a model on labelled captures, with its reasons and what was seen in them.

A session is what one tool (or what is ordinary) did between two hosts in one capture; it is as
suspicious as its most suspicious window. The worst false alerts are the ordinary sessions with the
greatest scores, the worst misses the covert ones with the least; a capture appears once in each.

Run: ``python -m nalpml.experiments.errors CAPTURES... -o FILE.md [--notes NOTES.toml]``.
"""

from __future__ import annotations

import argparse
import fnmatch
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from nalpml.datasets import Dataset, concatenate, load
from nalpml.errors import NalpmlError
from nalpml.experiments._toml import Table, read_table
from nalpml.export import Model
from nalpml.export import load as load_model
from nalpml.report.tables import make, markdown

F64 = npt.NDArray[np.float64]

__all__ = ["Note", "errors", "load_notes", "main", "written"]

KINDS = ("false alert", "miss")
REASONS = 4
"""Features that speak for, and features that speak against, in a line."""


class Note(Table):
    """What a person saw in the packets of an error.

    Attributes
    ----------
    match : str
        Shell pattern over captures.
    text : str
        What its packets show.
    """

    match: str = Field(min_length=1)
    text: str = Field(min_length=1)


class _Notes(Table):
    note: tuple[Note, ...] = ()


def load_notes(path: str | Path) -> tuple[Note, ...]:
    """Read ``[[note]]`` tables.

    Parameters
    ----------
    path : str or Path
        TOML.

    Returns
    -------
    tuple of Note
        In the order of the file.

    Raises
    ------
    ConfigError
        When the file cannot be read, or a key is unknown or missing.
    """
    return read_table(path, _Notes, name="notes").note


def errors(model: Model, data: Dataset, *, worst: int = 20) -> pd.DataFrame:
    """Find the sessions that a model judges worst.

    Parameters
    ----------
    model : Model
        The model.
    data : Dataset
        Labelled windows that it did not learn from.
    worst : int
        Sessions of each kind at the most; only those on the wrong side of the model's threshold.

    Returns
    -------
    DataFrame
        ``kind``, ``capture``, ``tool``, ``label``, ``score``, ``proto``, ``sport``, ``dport``,
        ``packets``, ``windows`` (of the session), ``speaks_for`` and ``speaks_against``.

    Raises
    ------
    SchemaError
        When features differ, naming each.
    """
    model.schema.check(data.schema)
    score = model.score(data.matrix)
    frame = pd.DataFrame(
        {
            "row": np.arange(len(data)),
            "score": score,
            "capture": data.capture,
            "label": data.y,
            "tool": data.tool,
            "pair": data.host_pairs,
        }
    )
    ordered = frame.sort_values(["score", "row"], ascending=[False, True])
    session = ["capture", "label", "tool", "pair"]
    best = ordered.drop_duplicates(session).set_index(session)
    best["windows"] = frame.groupby(session).size()
    best = best.reset_index()
    covert, alert = best["label"] != "benign", best["score"] >= model.threshold.value
    false = best[~covert & alert].drop_duplicates("capture").head(worst)
    missed = best[covert & ~alert].sort_values(["score", "row"])
    missed = missed.drop_duplicates("capture").head(worst)
    picked = pd.concat([false.assign(kind=KINDS[0]), missed.assign(kind=KINDS[1])])
    rows = picked["row"].to_numpy()
    told = _reasons(model, data.matrix[rows]) if len(rows) else []
    identity = data.identity.iloc[rows]
    return pd.DataFrame(
        {
            **{name: picked[name].to_numpy() for name in ("kind", "capture", "tool", "label")},
            "score": picked["score"].to_numpy(),
            **{name: identity[name].to_numpy() for name in ("proto", "sport", "dport", "packets")},
            "windows": picked["windows"].to_numpy(),
            "speaks_for": [pair[0] for pair in told],
            "speaks_against": [pair[1] for pair in told],
        }
    )


def _reasons(model: Model, rows: npt.NDArray[np.float32]) -> list[tuple[str, str]]:
    """Features that speak for and against, the strongest first, as text."""
    found = []
    for value, part in zip(rows, model.contributions(rows), strict=True):
        order = np.argsort(-part, kind="stable")
        both = (
            [i for i in order[:REASONS] if part[i] > 0],
            [i for i in order[::-1][:REASONS] if part[i] < 0],
        )
        found.append(
            tuple(
                ", ".join(f"{model.schema.names[i]} {_short(value[i])} ({part[i]:+.2f})" for i in s)
                for s in both
            )
        )
    return [(one, other) for one, other in found]


def _short(value: np.float32) -> str:
    return "missing" if np.isnan(value) else f"{value:.3g}"


def written(model: Model, data: Dataset, found: pd.DataFrame, notes: Sequence[Note]) -> str:
    """The errors as Markdown, with what is known of their packets.

    Parameters
    ----------
    model : Model
        Whose errors.
    data : Dataset
        All that was judged.
    found : DataFrame
        From `errors`.
    notes : sequence of Note
        The first that matches a capture is its text.

    Returns
    -------
    str
        A line on the whole and a table of each kind.
    """
    score = model.score(data.matrix)
    alert = score >= model.threshold.value
    quiet = ~data.covert
    blocks = [
        f"Model `{model.id}` at its threshold {model.threshold.value:.4f}: "
        f"{int((alert & quiet).sum()):,} of {int(quiet.sum()):,} ordinary windows alert, "
        f"{int((alert & data.covert).sum()):,} of {int(data.covert.sum()):,} covert windows do.\n"
    ]
    for kind in KINDS:
        of_kind = found[found["kind"] == kind]
        rows = [_line(one, notes) for one in of_kind.to_dict("records")]
        header = ["score", "capture", "what", "window", "speaks for", "speaks against", "packets"]
        title = f"The {len(rows)} worst " + ("false alerts" if kind == KINDS[0] else "misses")
        blocks.append(markdown(make(title, header, rows)))
    return "\n".join(blocks)


def _line(one: Mapping[Any, Any], notes: Sequence[Note]) -> list[str]:
    ports = [f"{int(one[p])}" for p in ("sport", "dport") if not pd.isna(one[p])]
    packets = "+".join(str(n) for n in one["packets"])
    seen = next(
        (note.text for note in notes if fnmatch.fnmatchcase(str(one["capture"]), note.match)),
        "not looked at",
    )
    what = one["label"] if one["label"] != "benign" else ""
    return [
        f"{one['score']:.4f}",
        str(one["capture"]),
        " ".join(part for part in (str(one["tool"]), what) if part) or "ordinary",
        f"{one['proto']} {'→'.join(ports)}, {packets} packets, {one['windows']} windows",
        one["speaks_for"],
        one["speaks_against"],
        seen,
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """List the worst errors from the command line."""
    parser = argparse.ArgumentParser(prog="nalpml.experiments.errors", description=main.__doc__)
    parser.add_argument("data", nargs="+", type=Path, help="folders of captures with label files")
    parser.add_argument("-o", "--output", type=Path, required=True, help="Markdown file")
    parser.add_argument("--model", type=Path, help="model folder; by default the one that ships")
    parser.add_argument("--notes", type=Path, help="TOML with what was seen in the packets")
    parser.add_argument("--cache", type=Path, help="folder for extracted features")
    parser.add_argument("--worst", type=int, default=20, help="lines of each kind")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        notes = () if given.notes is None else load_notes(given.notes)
        model = load_model(given.model)
        data = concatenate(
            [load(path, cache=given.cache, name=path.name) for path in given.data], name="judged"
        )
        text = written(model, data, errors(model, data, worst=given.worst), notes)
        given.output.write_text(text, encoding="utf-8")
    except NalpmlError as error:
        sys.stderr.write(f"nalpml: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"nalpml: {error.filename}: cannot be written ({error.strerror})\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
