"""The evaluation report: figures and one page."""

from __future__ import annotations

from nalpml.report.page import Part, draw, write

__all__ = ["Part", "draw", "write"]
