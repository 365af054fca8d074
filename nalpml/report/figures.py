"""Figures of an evaluation, as PNG bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nalpml.models import metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

# Okabe and Ito's palette, which colour-blind readers can tell apart.
COVERT, BENIGN, OTHER, GREY = "#D55E00", "#0072B2", "#009E73", "#8A8F98"

BARS = 40
"""Bars of a figure at the most: more is no longer a picture."""
_STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "legend.fontsize": 8,
}


def _png(draw: Any, *, width: float = 6.2, height: float = 3.6) -> bytes:
    """Draw on fresh axes and return the picture."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        buffer = io.BytesIO()
        # Without a date or version the same numbers give the same bytes.
        figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()


def precision_recall(curves: dict[str, tuple[Bool, F64]]) -> bytes:
    """Precision against recall, one line a method.

    Parameters
    ----------
    curves : dict of str to (truth, score)
        The first is drawn strongest; each with both kinds of windows.

    Returns
    -------
    bytes
        PNG.
    """

    def draw(axes: Axes) -> None:
        for number, (name, (covert, score)) in enumerate(curves.items()):
            points = metrics.curve_points(covert, score)
            axes.plot(
                [0.0, *points["recall"]],
                [points["precision"][0], *points["precision"]],
                drawstyle="steps-post",
                label=name,
                **_line(number),
            )
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02))
        axes.set_title("Precision and recall")
        _beside(axes)

    return _png(draw)


def roc(curves: dict[str, tuple[Bool, F64]]) -> bytes:
    """Recall against the false positive rate on a logarithmic axis.

    Parameters
    ----------
    curves : dict of str to (truth, score)
        The first is drawn strongest; each with both kinds of windows.

    Returns
    -------
    bytes
        PNG; the shaded part is left of 10 / negatives, where a rate is not estimable.
    """

    def draw(axes: Axes) -> None:
        negatives = max(int((~covert).sum()) for covert, _ in curves.values())
        left = max(1e-6, 0.5 / max(1, negatives))
        for number, (name, (covert, score)) in enumerate(curves.items()):
            points = metrics.curve_points(covert, score)
            axes.plot(
                np.maximum([0.0, *points["fpr"]], left),
                [0.0, *points["recall"]],
                drawstyle="steps-post",
                label=name,
                **_line(number),
            )
        axes.axvspan(left, min(1.0, 10 / max(1, negatives)), color=GREY, alpha=0.12, lw=0)
        axes.set_xscale("log")
        axes.set(xlabel="false positive rate", ylabel="recall", xlim=(left, 1), ylim=(0, 1.02))
        axes.set_title("Recall at low false positive rates (shaded: not estimable)")
        _beside(axes)

    return _png(draw)


def _beside(axes: Axes) -> None:
    """Put the legend where it hides no line."""
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _line(number: int) -> dict[str, Any]:
    colours = (COVERT, BENIGN, OTHER, "#CC79A7", "#E69F00", "#56B4E9", GREY)
    return {
        "color": colours[number % len(colours)],
        "lw": 2.2 if number == 0 else 1.1,
        "zorder": 3 if number == 0 else 2,
    }


def reliability(curve: Sequence[dict[str, float]]) -> bytes:
    """Observed share of covert windows against the score.

    Parameters
    ----------
    curve : sequence of dict
        From `metrics.reliability`.

    Returns
    -------
    bytes
        PNG; areas are proportional to the square root of the number of windows.
    """

    def draw(axes: Axes) -> None:
        x = [row["score"] for row in curve]
        y = [row["covert"] for row in curve]
        size = [8 + 4 * np.sqrt(row["n"]) for row in curve]
        axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls="--")
        axes.plot(x, y, color=BENIGN, lw=1)
        axes.scatter(x, y, s=np.minimum(size, 300), color=BENIGN, alpha=0.7, zorder=3)
        axes.set(xlabel="mean score", ylabel="share covert", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        axes.set_title("Reliability")

    return _png(draw)


def confusion(table: Sequence[Sequence[int]], names: Sequence[str]) -> bytes:
    """Predicted labels of each true label.

    Parameters
    ----------
    table : square sequence of int
        Rows are true labels.
    names : sequence of str
        Labels; those that never occur are left out.

    Returns
    -------
    bytes
        PNG; colours are shares of a row, numbers are windows.
    """
    counts = np.asarray(table)
    rows = np.flatnonzero(counts.sum(axis=1)).tolist()
    columns = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1)).tolist()
    part = counts[np.ix_(rows, columns)]
    share = part / np.maximum(1, part.sum(axis=1, keepdims=True))

    def draw(axes: Axes) -> None:
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(columns)), [names[i] for i in columns], rotation=35, ha="right")
        axes.set_yticks(range(len(rows)), [names[i] for i in rows])
        for (i, j), value in np.ndenumerate(part):
            if value:
                colour = "white" if share[i, j] > 0.6 else "black"
                axes.text(j, i, f"{value:,}", ha="center", va="center", fontsize=7, color=colour)
        axes.set(xlabel="predicted", ylabel="true")
        axes.spines[:].set_visible(False)
        axes.set_title("Confusion between channels")

    return _png(draw, height=max(2.4, 0.42 * len(rows) + 1.6))


def recall_bars(by_name: dict[str, dict[str, Any]], title: str) -> bytes:
    """Recall at the threshold, by tool or channel, with Wilson intervals.

    Parameters
    ----------
    by_name : dict of dict
        From `metrics.share_by`.
    title : str
        Over the figure.

    Returns
    -------
    bytes
        PNG; the number of windows stands beside each name. Of more than `BARS` names, those with
        the least recall: what fails is what one looks for.
    """
    names = sorted(by_name, key=lambda name: (by_name[name]["recall"], name), reverse=True)
    if len(names) > BARS:
        title = f"{title}: the {BARS} found least, of {len(names)}"
        names = names[-BARS:]

    def draw(axes: Axes) -> None:
        at = np.arange(len(names))
        value = np.array([by_name[n]["recall"] for n in names])
        low = value - [by_name[n]["low"] for n in names]
        high = np.array([by_name[n]["high"] for n in names]) - value
        axes.barh(at, value, color=COVERT, alpha=0.75, height=0.66)
        axes.errorbar(
            value, at, xerr=np.maximum([low, high], 0), fmt="none", ecolor="#333333", elinewidth=1
        )
        axes.set_yticks(at, [f"{n} ({by_name[n]['n']:,})" for n in names])
        axes.invert_yaxis()
        axes.set(xlabel="recall at the threshold", xlim=(0, 1.02))
        axes.set_title(title)

    return _png(draw, height=max(1.8, 0.24 * len(names) + 1.0))


def histogram(covert: Bool, score: F64, threshold: float) -> bytes:
    """Scores of benign and covert windows, counted on a logarithmic axis.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        Scores.
    threshold : float
        Drawn as a line.

    Returns
    -------
    bytes
        PNG.
    """

    def draw(axes: Axes) -> None:
        bins = np.linspace(0, 1, 51).tolist()
        for name, rows, colour in (("benign", ~covert, BENIGN), ("covert", covert, COVERT)):
            axes.hist(score[rows], bins=bins, color=colour, alpha=0.55, label=name)
        axes.axvline(threshold, color="#333333", lw=1, ls="--", label=f"threshold {threshold:.4g}")
        axes.set_yscale("symlog", linthresh=1)
        axes.set(xlabel="score", ylabel="windows", xlim=(0, 1))
        axes.set_title("Scores")
        _beside(axes)

    return _png(draw)


def importance(pairs: Sequence[tuple[str, float]], *, top: int = 20) -> bytes:
    """Features with the greatest mean absolute contribution.

    Parameters
    ----------
    pairs : sequence of (str, float)
        From `explain.importance`.
    top : int
        Number of bars.

    Returns
    -------
    bytes
        PNG.
    """
    shown = list(pairs)[:top]

    def draw(axes: Axes) -> None:
        at = np.arange(len(shown))
        axes.barh(at, [value for _, value in shown], color=OTHER, alpha=0.8, height=0.66)
        axes.set_yticks(at, [name for name, _ in shown])
        axes.invert_yaxis()
        axes.set(xlabel="mean absolute contribution to the log-odds")
        axes.set_title("What the model looks at")

    return _png(draw, height=max(1.8, 0.22 * len(shown) + 1.0))
