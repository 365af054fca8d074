"""Before and after, as a dictionary of plain values, and as text for terminal, card and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.models.site import DAY, rate_interval
from nalpml.report import Table

F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Talk = tuple[str, str, str, str, str]
"""Source, destination, protocol, responder's port, found label."""

LOUDEST = 5


def side(
    score: F64,
    talks: Sequence[Talk],
    threshold: float,
    seconds: float,
    *,
    model: str,
    recall: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """What a threshold means at a site.

    Parameters
    ----------
    score : ndarray, shape (n,), float64
        Scores of the site's windows that are not permitted.
    talks : sequence of (str, str, str, str, str)
        Who talks in each.
    threshold : float
        Where an alert begins.
    seconds : float
        Time the windows were seen in.
    model : str
        The model's name.
    recall : mapping
        Recall on known covert windows, by where they are from and by channel (``all`` too).

    Returns
    -------
    dict
        JSON values.
    """
    rows: list[int] = np.flatnonzero(score >= threshold).tolist()
    days = max(seconds, 1.0) / DAY
    low, high = rate_interval(len(rows), days)
    by_talk = Counter(talks[row] for row in rows)
    return {
        "model": model,
        "threshold": threshold,
        "alerts": len(rows),
        "host_pairs": len({frozenset(talks[row][:2]) for row in rows}),
        "per_day": len(rows) / days,
        "per_day_low": low,
        "per_day_high": high,
        "recall": {name: dict(values) for name, values in recall.items()},
        "loudest": [
            {"who": _who(talk), "label": talk[4], "alerts": n}
            for talk, n in by_talk.most_common(LOUDEST)
        ],
    }


def _who(talk: Talk) -> str:
    src, dst, proto, port, _ = talk
    return f"{src} > {dst} {proto}" + (f"/{port}" if port not in ("", "None", "<NA>") else "")


def rows(story: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The table of before and after.

    Parameters
    ----------
    story : mapping
        From `calibrate` or `learn`.

    Returns
    -------
    list of (str, str, str)
        Measure, before, after.
    """
    before, after = story["before"], story["after"]
    table = [
        ("threshold", f"{before['threshold']:.6g}", f"{after['threshold']:.6g}"),
        ("alerts in these captures", f"{before['alerts']:,}", f"{after['alerts']:,}"),
        ("alerts a day (95 %)", _rate(before), _rate(after)),
        ("pairs of hosts that alert", f"{before['host_pairs']:,}", f"{after['host_pairs']:,}"),
    ]
    for name, values in after["recall"].items():
        was = before["recall"].get(name, {})
        for channel in ("all", *sorted(set(values) - {"all"})):
            label = f"recall, {name}" if channel == "all" else f"  {channel}"
            table.append((label, _share(was.get(channel)), _share(values.get(channel))))
    return table


def _rate(part: Mapping[str, Any]) -> str:
    return f"{part['per_day']:,.1f} ({part['per_day_low']:,.1f} to {part['per_day_high']:,.1f})"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def remarks(story: Mapping[str, Any]) -> list[str]:
    """What to know before the figures are relied on.

    Parameters
    ----------
    story : mapping
        From `calibrate` or `learn`.

    Returns
    -------
    list of str
        Sentences.
    """
    hours, after = story["hours"], story["after"]
    found = [
        f"{story['windows']:,} windows of {story['captures']:,} captures that cover {hours:.3g} "
        f"hours; all are presumed benign."
    ]
    if story["permitted"]:
        found.append(f"{story['permitted']:,} windows are permitted and count as no alert.")
    if story["unreadable"]:
        found.append(f"{len(story['unreadable'])} captures could not be read.")
    wanted = story.get("alerts_per_day")
    if wanted is not None and not story["estimable"]:
        needed = 10 / wanted * 24
        found.append(
            f"{wanted:g} alerts a day are {wanted * hours / 24:.2g} in these {hours:.3g} hours: "
            f"too few to estimate the rate, which may be up to {after['per_day_high']:,.3g} a day. "
            f"The threshold was not lowered. Captures of {needed:,.3g} hours would do."
        )
    if not after["recall"]:
        found.append("What the change costs in recall is not known: name covert traffic (--known).")
    part = story.get("contamination")
    if part is not None:
        found.append(
            f"Contamination assumed: at most {100 * part['assumed']:.3g} % of windows; found: "
            f"{100 * part['found']:.3g} %, {part['windows']:,} windows of {part['pairs']:,} pairs "
            "of hosts that look covert to a model that had not seen their responder. They were "
            "not learnt from."
        )
        if part["found"] > part["assumed"]:
            found.append(
                "That is more than was assumed: look at these before this model is relied on."
            )
        found += [f"Looks covert: {who['who']} ({who['label']}, {who['alerts']})"
                  for who in part["loudest"]]  # fmt: skip
    loud = story["before"]["loudest"]
    total = story["before"]["alerts"]
    if loud and loud[0]["alerts"] > max(2, total / 4):
        found.append(
            f"{loud[0]['alerts']:,} of {total:,} alerts before are {loud[0]['who']} "
            f"({loud[0]['label']}): where that is permitted, say so with --allow."
        )
    found += [f"Still alerts: {who['who']} ({who['label']}, {who['alerts']})"
              for who in after["loudest"]]  # fmt: skip
    return found


def told_as_table(story: Mapping[str, Any]) -> Table:
    """Before and after for the report.

    Parameters
    ----------
    story : mapping
        From `learn`.

    Returns
    -------
    Table
        With the remarks as its note.
    """
    return Table(
        "Own traffic, before and after", ("", "before", "after"), tuple(rows(story)),
        " ".join(remarks(story)),
    )  # fmt: skip


def shareable(story: Mapping[str, Any]) -> dict[str, Any]:
    """What of a story goes into a model's folder: nothing that names a host.

    Parameters
    ----------
    story : mapping
        From `calibrate` or `learn`.

    Returns
    -------
    dict
        Without addresses and names of captures; with ``table`` and ``remarks`` for the card.
    """
    plain = {**story, "unreadable": [""] * len(story["unreadable"])}
    for name in ("before", "after", "contamination"):
        if story.get(name):
            plain[name] = {**story[name], "loudest": []}
    return {**plain, "table": [list(row) for row in rows(plain)], "remarks": remarks(plain)}


def text(story: Mapping[str, Any]) -> str:
    """Write for a terminal.

    Parameters
    ----------
    story : mapping
        From `calibrate` or `learn`.

    Returns
    -------
    str
        A table and remarks, lines that end with a line feed.
    """
    table = [("", "before", "after"), *rows(story)]
    widths = [max(len(row[i]) for row in table) for i in range(3)]
    lines = [
        f"{name:<{widths[0]}}  {before:>{widths[1]}}  {after:>{widths[2]}}"
        for name, before, after in table
    ]
    return "\n".join([*lines, "", *remarks(story)]) + "\n"
