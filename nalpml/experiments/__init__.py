"""Experiments: a TOML file in, a trained, judged, exported and reported model out."""

from __future__ import annotations

from nalpml.experiments.config import Experiment, load_experiment
from nalpml.experiments.pipeline import Result, evaluate, run

__all__ = ["Experiment", "Result", "evaluate", "load_experiment", "run"]
