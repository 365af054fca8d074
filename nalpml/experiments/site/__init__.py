"""A site's own traffic: move a threshold to its volume, or learn from it as presumed benign."""

from __future__ import annotations

from nalpml.experiments.site.calibrate import Calibrated, calibrate
from nalpml.experiments.site.learn import Learnt, SiteOptions, learn

__all__ = ["Calibrated", "Learnt", "SiteOptions", "calibrate", "learn"]
