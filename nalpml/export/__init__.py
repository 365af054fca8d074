"""Models for use: score, save, load, export; no training code is imported."""

from __future__ import annotations

from nalpml.export.bundle import DEFAULT, Model, load
from nalpml.export.calibration import Calibration
from nalpml.export.threshold import Threshold

__all__ = ["DEFAULT", "Calibration", "Model", "Threshold", "load"]
