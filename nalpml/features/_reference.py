"""The reference of all features, written from the registry."""

from __future__ import annotations

import json

from ..errors import ConfigError
from ._registry import FLOW_FEATURES, PACKET_FEATURES, SERVES, Feature

__all__ = ["reference"]

_INTRODUCTION = """\
# Features

Written from the registry by `nalpml features --format md`; do not edit. {flow} flow features (a
value per flow window) and {packet} packet features (a value per packet, `--level packet`).

Units: `s`, `octet`, `packet`, `bit`; `1` is a ratio, a share, a score or a logarithm. `orig` is
the originator of the flow, `resp` the responder. Where there is no evidence the value is NaN,
never zero. `rN` is the revision: it rises whenever any input gives another value, and a model
refuses features of another revision. No feature holds an address, a port number as a magnitude,
an absolute time or a raw time to live.

Examples show the value for conversations of a small made-up table (`shown(feature, "ping",
"tunnel")`: an ordinary ping, then a tunnel in echo payloads); every one is run as a test.

What they serve, after the detection text of ATT&CK T1095:

{serves}
"""


def reference(fmt: str = "table") -> str:
    """Describe every feature.

    Parameters
    ----------
    fmt : str
        ``table`` (a line a feature), ``json`` (a list of objects) or ``md`` (the reference page).

    Returns
    -------
    str
        Text that ends in a newline, in schema order, flow features first.

    Raises
    ------
    ConfigError
        If the format is unknown.

    Examples
    --------
    >>> reference().splitlines()[1].split("  ")[0].strip()
    'packets_orig'
    """
    writers = {"table": _table, "json": _json, "md": _page}
    if fmt not in writers:
        raise ConfigError(f"unknown format {fmt!r}: use table, json or md")
    return writers[fmt]([*FLOW_FEATURES.values(), *PACKET_FEATURES.values()])


def _table(features: list[Feature]) -> str:
    rows = [("name", "unit", "group", "", "meaning")]
    rows += [(f.name, f.unit, f.group, f"r{f.revision}", f.summary) for f in features]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    lines = [
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]])
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _json(features: list[Feature]) -> str:
    content = [
        {
            "name": f.name,
            "level": f.level,
            "group": f.group,
            "unit": f.unit,
            "revision": f.revision,
            "serves": f.serves,
            "summary": f.summary,
            "doc": f.doc,
        }
        for f in features
    ]
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _page(features: list[Feature]) -> str:
    parts = [
        _INTRODUCTION.format(
            flow=len(FLOW_FEATURES),
            packet=len(PACKET_FEATURES),
            serves="\n".join(f"- *{key}*: {text}" for key, text in SERVES.items()),
        )
    ]
    group = ""
    for f in features:
        if f.group != group:
            group = f.group
            count = sum(other.group == group for other in features)
            parts.append(f"## {group} ({count})\n")
        parts.append(f"### {f.name}\n\n`{f.unit}` · r{f.revision} · {f.serves}\n\n{f.doc}\n")
    return "\n".join(parts)
