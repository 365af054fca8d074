"""The evaluation report: figures and one page."""

from __future__ import annotations

from nalpml.report.more_figures import study_curve
from nalpml.report.page import Part, draw, tables_of, write
from nalpml.report.tables import Table, markdown, study

__all__ = [
    "Part",
    "Table",
    "draw",
    "markdown",
    "study",
    "study_curve",
    "tables_of",
    "write",
]
