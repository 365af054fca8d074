"""Figures of what a model looks at, how soon it finds, and what studies found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nalpml.models.explain import Contributions
from nalpml.report.figures import BENIGN, COVERT, GREY, OTHER, _png

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def detection_delay(curve: Mapping[str, Sequence[Sequence[float]]]) -> bytes:
    """Share of covert conversations that has been found after so many packets and seconds.

    Parameters
    ----------
    curve : mapping
        ``curve`` of `nalpml.models.delay.detection_delay`.

    Returns
    -------
    bytes
        PNG.
    """

    def draw(axes: Axes) -> None:
        for key, colour, marker in (("packets", COVERT, "o"), ("seconds", BENIGN, "s")):
            at, share = zip(*curve[key], strict=True)
            axes.plot(at, share, color=colour, marker=marker, ms=3.5, label=key)
        axes.set_xscale("log")
        axes.set(xlabel="packets, seconds", ylabel="share found", ylim=(0, 1.02))
        axes.set_title("Conversations found after so many packets and seconds")
        axes.legend(loc="lower right")

    return _png(draw)


def shap_summary(found: Contributions, *, top: int = 18) -> bytes:
    """Contributions of the strongest features, a point a row, coloured by the feature's value.

    Parameters
    ----------
    found : Contributions
        Of a sample of rows.
    top : int
        Number of features.

    Returns
    -------
    bytes
        PNG; grey where the value is missing.
    """
    order = np.argsort(-np.abs(found.contribution).mean(axis=0), kind="stable")[:top]
    jitter = np.random.default_rng(0).uniform(-0.28, 0.28, len(found.value))

    def draw(axes: Axes) -> None:
        for row, column in enumerate(order.tolist()):
            value, x = found.value[:, column], found.contribution[:, column]
            known = np.isfinite(value)
            # Ranks, because a feature's few great values would leave the rest one colour.
            rank = np.argsort(np.argsort(value[known])) / max(1, int(known.sum()) - 1)
            axes.scatter(x[~known], row + jitter[~known], s=3, color=GREY, alpha=0.5, lw=0)
            axes.scatter(
                x[known], row + jitter[known], s=3, c=rank, cmap="viridis", alpha=0.7, lw=0
            )
        axes.axvline(0, color="#333333", lw=0.8)
        axes.set_yticks(range(len(order)), [found.names[i] for i in order])
        axes.invert_yaxis()
        axes.set(xlabel="contribution to the log-odds of covert")
        axes.set_title("What the model makes of it (dark: small values, light: great, grey: none)")

    return _png(draw, height=max(2.4, 0.24 * len(order) + 1.0))


def study_curve(axis: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Recall of host pairs, one point a training.

    Parameters
    ----------
    axis : str
        What differs.
    rows : sequence of mapping
        Rows of a study.

    Returns
    -------
    bytes
        PNG; bars are 95 % intervals.
    """
    names = [str(row["what"]) for row in rows]

    def draw(axes: Axes) -> None:
        at = np.arange(len(names))
        for k, (colour, offset) in enumerate(((COVERT, -0.12), (OTHER, 0.12))):
            if k >= len(rows[0]["pairs"]):
                break
            points = [row["pairs"][k] for row in rows]
            value = np.array([p["recall"] for p in points])
            low = np.maximum(value - [p["low"] for p in points], 0)
            high = np.maximum(np.array([p["high"] for p in points]) - value, 0)
            mark = "" if points[0]["estimable"] else "~"
            axes.errorbar(
                value, at + offset, xerr=[low, high], fmt="o", ms=4, color=colour, elinewidth=1,
                label=f"{mark}FPR {points[0]['fpr']:g}",
            )  # fmt: skip
        axes.set_yticks(at, names)
        axes.invert_yaxis()
        axes.set(xlabel="recall of host pairs", ylabel=axis, xlim=(0, 1.02))
        axes.set_title("Recall of host pairs")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))

    return _png(draw, height=max(2.2, 0.26 * len(names) + 1.1))
