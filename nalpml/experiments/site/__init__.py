"""A site's own traffic: move a threshold to its volume, or learn from it as presumed benign."""

from __future__ import annotations

from nalpml.experiments.site.calibrate import Calibrated, calibrate
from nalpml.experiments.site.learn import Learnt, SiteOptions, learn, told
from nalpml.experiments.site.story import text, told_as_table

__all__ = [
    "Calibrated",
    "Learnt",
    "SiteOptions",
    "calibrate",
    "learn",
    "text",
    "told",
    "told_as_table",
]
