"""Captures and live pipes to verdicts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .allow import AllowList
from .capture.packets import DecodeReport, PacketTable
from .capture.reader import Source, iter_chunks, iter_merged, source_name
from .channels import TECHNIQUE
from .export import Model
from .export import load as load_model
from .export.reasons import top_reasons
from .features import compute
from .features.extract import identity
from .flows import Flows, Tracker, WindowConfig

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VERDICT", "Scanner", "load"]

VERDICT = (
    "start", "end", "proto", "icmp_id", "src", "sport", "dst", "dport", "flow_uid",
    "community_id", "window", "packets", "bytes", "score", "label", "alert", "technique",
    "reasons", "capture", "model",
)  # fmt: skip
"""Keys of a verdict, in order."""

Verdict = dict[str, Any]


@dataclass(frozen=True)
class Scanner:
    """A model at work on captures.

    Parameters
    ----------
    model : Model
        What scores windows.
    windows : WindowConfig
        When windows close.
    threshold : float, optional
        Score from which a window alerts; the model's own by default.
    allow : AllowList
        What the operator permits: scored, not alerted.
    """

    model: Model
    windows: WindowConfig = field(default_factory=WindowConfig)
    threshold: float | None = None
    allow: AllowList = field(default_factory=AllowList)

    @property
    def alert_from(self) -> float:
        """Score from which a window alerts."""
        return self.model.threshold.value if self.threshold is None else self.threshold

    def judge(self, flows: Flows, *, capture: str = "") -> list[Verdict]:
        """Score flow windows.

        Parameters
        ----------
        flows : Flows
            Flow windows with their packets.
        capture : str
            Name of the capture.

        Returns
        -------
        list of dict
            A verdict a window, with the keys of `VERDICT`.
        """
        if not len(flows):
            return []
        matrix = compute(flows)
        scores = self.model.score(matrix)
        labels = self.model.label(matrix)
        columns = identity(flows.windows, capture=capture)
        rows = [
            dict(zip(columns, values, strict=True))
            for values in zip(*(_plain(column) for column in columns.values()), strict=True)
        ]
        verdicts = []
        for row, score, label in zip(rows, scores.tolist(), labels.tolist(), strict=True):
            row.update(score=score, label=label, reasons=[], model=self.model.id)
            row["alert"] = score >= self.alert_from and not self.allow.permits(row)
            row["technique"] = TECHNIQUE if row["alert"] else None
            verdicts.append({key: row[key] for key in VERDICT})
        alerted = np.array([verdict["alert"] for verdict in verdicts])
        if alerted.any():
            found = matrix[alerted]
            reasons = top_reasons(self.model.schema.names, found, self.model.contributions(found))
            for place, why in zip(np.flatnonzero(alerted), reasons, strict=True):
                verdicts[place]["reasons"] = why
        return verdicts

    def stream(
        self,
        source: Source | Sequence[Source] | PacketTable,
        report: Callable[[DecodeReport], None] | None = None,
    ) -> Iterator[Verdict]:
        """Score a capture window by window, as windows close.

        Parameters
        ----------
        source : path, ``-``, binary file object, PacketTable or sequence of the first three
            What to read; a pipe is followed until it ends. Several are one stream in order of
            time, and windows go on from one to the next.
        report : callable, optional
            Called at the end with what happened to every packet.

        Yields
        ------
        dict
            Verdicts in the order in which windows close.

        Raises
        ------
        CaptureError
            If the source is no readable capture.
        """
        tracker = Tracker(self.windows)
        if isinstance(source, PacketTable):
            name, chunks = source.report.source, iter([source])
        elif isinstance(source, Sequence) and not isinstance(source, str):
            name, chunks = "+".join(map(source_name, source)), iter_merged(source)
        else:
            name, chunks = source_name(source), iter_chunks(source)
        for chunk in chunks:
            yield from self.judge(tracker.feed(chunk), capture=name)
        yield from self.judge(tracker.finish(), capture=name)
        if report is not None:
            report(tracker.report)

    def scan(self, source: Source | PacketTable) -> pd.DataFrame:
        """Score every window of a capture.

        Parameters
        ----------
        source : path, ``-``, binary file object or PacketTable
            What to read.

        Returns
        -------
        pandas.DataFrame
            A row a window with the keys of `VERDICT` as columns, in closing order.

        Raises
        ------
        CaptureError
            If the source is no readable capture.
        """
        import pandas as pd

        table = pd.DataFrame(list(self.stream(source)), columns=list(VERDICT))
        for name in ("icmp_id", "sport", "dport"):
            table[name] = table[name].astype("Int64")
        return table


def _plain(column: Any) -> list[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def load(
    folder: str | os.PathLike[str] | None = None, *, threshold: float | None = None
) -> Scanner:
    """Load a model folder for scanning.

    Parameters
    ----------
    folder : path, optional
        A model folder; the model shipped in the package by default.
    threshold : float, optional
        Score from which a window alerts; the model's own by default.

    Returns
    -------
    Scanner
        With ``scan(path)``.

    Raises
    ------
    BundleError
        If the folder is incomplete, damaged, or of an unknown format.
    SchemaError
        If the model was trained on other features, naming each.
    """
    return Scanner(load_model(None if folder is None else Path(folder)), threshold=threshold)
