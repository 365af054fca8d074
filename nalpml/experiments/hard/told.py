"""The hard cases as tables and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from nalpml.experiments.hard.config import HardCases, Hiding, Seen
from nalpml.experiments.hard.measure import Point, Share
from nalpml.experiments.hard.run import ALL, SHIPPED, Measured
from nalpml.report.strength import Curve, strength_curves
from nalpml.report.tables import make, markdown

__all__ = ["pictures", "tables"]


def _share(one: Share) -> str:
    return f"{100 * one.value:.0f} % ({100 * one.low:.0f} to {100 * one.high:.0f})"


def _cases(config: HardCases) -> Iterable[tuple[str, Hiding | Seen]]:
    yield from ((one.way, one) for one in config.hiding)
    yield from ((one.view, one) for one in config.view)


def tables(config: HardCases, found: Measured) -> str:
    """Three tables a case, as Markdown.

    Parameters
    ----------
    config : HardCases
        What was asked.
    found : Measured
        What came out.

    Returns
    -------
    str
        Markdown.
    """
    other = next(name for name in found.thresholds if name != SHIPPED)
    head = (
        f"Model `{found.model}`. Thresholds: its own {found.thresholds[SHIPPED]:.4f}, at which "
        f"{found.alerts:,} of {found.ordinary:,} ordinary windows alert, and "
        f"{found.thresholds[other]:.4f}, which {config.fpr:g} of them reach.\n"
    )
    blocks = [head]
    for name, one in _cases(config):
        points = [p for p in found.points if p.case == name]
        title = name.replace("_", " ")
        blocks.append(f"### {title}\n")
        blocks += [
            _pivot(f"Sessions found {threshold}", one.axis, points, _sessions(threshold))
            for threshold in (SHIPPED, other)
        ]
        blocks.append(_pivot(f"Windows that alert {SHIPPED}", one.axis, points, _windows, n=False))
        false = [p for p in points if p.false_alerts is not None]
        if false:
            blocks.append(_pivot("Ordinary windows that alert", one.axis, false, _false, n=False))
    return "\n".join(blocks)


def _sessions(threshold: str) -> Callable[[Point], Share]:
    return lambda p: p.sessions[threshold]


def _windows(p: Point) -> Share:
    return p.windows[SHIPPED]


def _false(p: Point) -> Share:
    assert p.false_alerts is not None  # noqa: S101 - chosen for having them
    return p.false_alerts


def _pivot(
    title: str,
    axis: str,
    points: Sequence[Point],
    value: Callable[[Point], Share],
    *,
    n: bool = True,
) -> str:
    """A line a strength, a column a channel; the most sessions of a channel in its heading."""
    channels = list(dict.fromkeys(p.channel for p in points))
    cell = {(p.strength, p.channel): _share(value(p)) for p in points}
    most = {c: max(value(p).n for p in points if p.channel == c) for c in channels}
    header = [axis, *(f"{c} ({most[c]})" if n else c for c in channels)]
    rows = [
        [f"{s:g}", *(cell.get((s, c), "") for c in channels)]
        for s in dict.fromkeys(p.strength for p in points)
    ]
    return markdown(make(title, header, rows))


def pictures(config: HardCases, found: Measured, folder: Path) -> list[Path]:
    """One figure a case: share of sessions found against strength, a line a channel.

    Parameters
    ----------
    config : HardCases
        What was asked.
    found : Measured
        What came out.
    folder : Path
        Where to write; made when missing.

    Returns
    -------
    list of Path
        PNG files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for name, one in _cases(config):
        by_channel: dict[str, list[Point]] = {}
        for p in found.points:
            if p.case == name:
                by_channel.setdefault(p.channel, []).append(p)
        drawn = strength_curves(_curves(by_channel), axis=one.axis, title=name.replace("_", " "),
                                ladder=one.ladder)  # fmt: skip
        path = folder / f"{name}.png"
        path.write_bytes(drawn)
        out.append(path)
    return out


def _curves(by_channel: Mapping[str, list[Point]]) -> list[Curve]:
    return [
        Curve(
            channel,
            [p.strength for p in points],
            [p.sessions[SHIPPED].value for p in points],
            [p.sessions[SHIPPED].low for p in points],
            [p.sessions[SHIPPED].high for p in points],
            strong=channel == ALL or len(by_channel) <= 3,
        )
        for channel, points in by_channel.items()
    ]
