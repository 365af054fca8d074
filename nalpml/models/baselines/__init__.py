"""What the detector must beat, in one table: rules of the field, other learners, other features.

A baseline scores a window by one quantity, so that it can be held to the same false positive rate
as everything else; its own customary limit plays no part.
"""

from __future__ import annotations

from nalpml.models.baselines._table import BASELINES, Baseline, Task, scores

__all__ = ["BASELINES", "Baseline", "Task", "scores"]
