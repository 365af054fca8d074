"""Recall against how strongly traffic hides, or how little a capture shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nalpml.report.figures import BENIGN, COVERT, OTHER, _png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Curve", "strength_curves"]

_COLOURS = (COVERT, BENIGN, OTHER, "#CC79A7", "#E69F00", "#56B4E9", "#8A8F98", "#8C564B", "#000000")


@dataclass(frozen=True)
class Curve:
    """One line of a figure.

    Attributes
    ----------
    name : str
        For the legend.
    strength, value, low, high : sequence of float
        Points and their 95 % intervals.
    strong : bool
        Whether the line is drawn with its intervals; faint otherwise.
    """

    name: str
    strength: Sequence[float]
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    strong: bool = True


def strength_curves(
    curves: Sequence[Curve], *, axis: str, title: str, ladder: bool = True
) -> bytes:
    """Draw the share found against strength.

    Parameters
    ----------
    curves : sequence of Curve
        Lines; all strengths are marked on the axis.
    axis, title : str
        Labels.
    ladder : bool
        Whether strengths are evenly spaced, or to scale.

    Returns
    -------
    bytes
        PNG.
    """
    ticks = list(dict.fromkeys(s for curve in curves for s in curve.strength))
    place = {s: float(k) for k, s in enumerate(ticks)} if ladder else {s: s for s in ticks}

    def draw(axes: Axes) -> None:
        spread = (max(place.values()) - min(place.values())) or 1.0
        for number, curve in enumerate(curves):
            # A little apart, so that intervals at one strength do not cover each other.
            shift = (number - (len(curves) - 1) / 2) * 0.006 * spread * curve.strong
            at = np.array([place[s] for s in curve.strength]) + shift
            value = np.asarray(curve.value)
            colour = _COLOURS[number % len(_COLOURS)]
            if curve.strong:
                bars = [
                    np.maximum(value - curve.low, 0), np.maximum(np.asarray(curve.high) - value, 0)
                ]  # fmt: skip
                axes.errorbar(at, value, yerr=bars, fmt="o-", ms=4, lw=1.6, elinewidth=0.8,
                              capsize=2, color=colour, label=curve.name)  # fmt: skip
            else:
                axes.plot(at, value, "-", lw=0.9, marker=".", color=colour, label=curve.name)
        axes.set_xticks([place[s] for s in ticks], [f"{s:g}" for s in ticks])
        axes.set(xlabel=axis, ylabel="sessions found", ylim=(-0.03, 1.03))
        axes.set_title(title)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))

    return _png(draw, width=6.6, height=3.2)
