"""How far generated traffic can be told from real traffic of the same kind.

A discriminator is trained family by family on flow windows, judged on captures it has not seen.
An area under the curve of 0.5 would mean that it cannot tell; 1.0 that it always can. Because a
laboratory's captures are narrow where generators are wide on purpose, a second figure matters more
for what a detector learns: the share of real windows that lie outside of what was generated.

Run: ``python -m nalpml.experiments.realism experiments/realism/audit.toml -o out/realism``.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from nalpml.channels import proto_number
from nalpml.datasets import Dataset, concatenate, find_captures, load_captures, load_generated
from nalpml.errors import ConfigError, NalpmlError
from nalpml.experiments._toml import Table, read_table
from nalpml.features import FLOW_FEATURES
from nalpml.generators import Entry, MixConfig, generate
from nalpml.generators.config import SystemName
from nalpml.models.discriminator import Told, discriminate

_log = logging.getLogger("nalpml")

__all__ = ["Audit", "Family", "audit", "load_audit", "main", "table"]

F64 = npt.NDArray[np.float64]

GROUPS = {
    "stack": ("header", "transport", "icmp"),
    "timing": ("timing", "covert_timing"),
    "content": ("payload", "framing", "size", "volume", "conformance"),
}
"""Groups of features that the discriminator is also given alone."""


class Family(Table):
    """Real windows and the profiles that stand for them.

    Attributes
    ----------
    name : str
        For the table.
    captures : tuple of str
        Shell patterns over names of real captures.
    profiles : tuple of str
        Shell patterns over names of profiles.
    label : str
        Label of the windows taken from both.
    proto : str, optional
        Protocol of the windows.
    ports : tuple of int
        Responder ports; any when empty.
    """

    name: str = Field(min_length=1)
    captures: tuple[str, ...] = Field(min_length=1)
    profiles: tuple[str, ...] = Field(min_length=1)
    label: str = "benign"
    proto: str | None = None
    ports: tuple[int, ...] = ()


class Audit(Table):
    """The audit file.

    Attributes
    ----------
    real : str
        Folder of labelled captures, relative to the file.
    seed : int
        Of generators, folds and resampling.
    mixtures, episodes : int
        Generated captures a family, and episodes in each.
    duration : float
        Seconds a generated capture lasts: as long as the real ones.
    most, pair : int
        Windows taken from one capture, and from one pair of hosts in it.
    first : bool
        Whether only the first window of a flow is taken: later ones tell how long it lasted.
    systems : tuple of str
        Operating systems of generated hosts: those of the laboratory, so that the discriminator
        judges the traffic and not who else might send it. All when empty.
    family : tuple of Family
        ``[[family]]`` tables.
    """

    real: str
    seed: int = Field(default=1, ge=0)
    mixtures: int = Field(default=8, ge=2)
    episodes: int = Field(default=24, ge=1)
    duration: float = Field(default=40.0, gt=0)
    most: int = Field(default=20, ge=1)
    pair: int = Field(default=4, ge=1)
    first: bool = True
    systems: tuple[SystemName, ...] = ()
    family: tuple[Family, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Row:
    """What the discriminator found for one family."""

    family: str
    real: int
    captures: int
    generated: int
    told: Told
    groups: dict[str, float]
    outside: list[tuple[str, float]]


def load_audit(path: str | Path) -> Audit:
    """Read an audit file.

    Raises
    ------
    ConfigError
        When it cannot be read, is not TOML, or has an unknown or wrong key.
    """
    return read_table(path, Audit, name="audit")


def audit(
    config: Audit,
    base: Path,
    *,
    cache: Path | None = None,
    only: Sequence[str] = (),
) -> list[Row]:
    """Run the audit.

    Parameters
    ----------
    config : Audit
    base : Path
        Folder that `Audit.real` is relative to.
    cache : Path, optional
        Folder for the features of real captures.
    only : sequence of str
        Patterns of families; all when empty.

    Returns
    -------
    list of Row
        In the order of the file.

    Raises
    ------
    ConfigError
        When a family has no window on one of the two sides.
    """
    found = [capture for capture, _ in find_captures(base / config.real)]
    loaded: dict[Path, Dataset] = {}
    rows = []
    for number, family in enumerate(config.family):
        if only and not any(fnmatch.fnmatchcase(family.name, p) for p in only):
            continue
        wanted = [
            path
            for path in found
            if any(fnmatch.fnmatchcase(path.name.split(".")[0], p) for p in family.captures)
        ]
        for path in wanted:
            if path not in loaded:
                loaded[path] = load_captures(path, cache=cache, name=path.name)
        ours = _real([loaded[path] for path in wanted], family, config)
        made = _generated(family, config, number)
        for side, data in (("real", ours), ("generated", made)):
            if len(np.unique(data.capture)) < 2:
                raise ConfigError(f"family {family.name}: windows of fewer than 2 {side} captures")
        rows.append(_judge(family, ours, made, config.seed))
        _log.info("%s: AUC %.2f", family.name, rows[-1].told.auc)
        _log.debug("%s", table(rows[-1:], features=10).splitlines()[-1])
    return rows


def _wanted(data: Dataset, family: Family) -> npt.NDArray[np.bool_]:
    keep: npt.NDArray[np.bool_] = data.y == family.label
    if family.proto is not None:
        proto_number(family.proto)
        keep &= (data.identity["proto"] == family.proto).to_numpy(bool)
    if family.ports:
        keep &= data.identity["dport"].isin(family.ports).to_numpy(bool)
    return keep


def _few(data: Dataset, keep: npt.NDArray[np.bool_], most: int, config: Audit) -> Dataset:
    """At most so many windows of a capture, and few of a pair of hosts."""
    rng = np.random.default_rng(config.seed)
    if config.first:
        keep = keep & (data.identity["window"] == 0).to_numpy(bool)
    order = rng.permutation(np.flatnonzero(keep))
    seen: dict[str, int] = {}
    chosen = []
    for row in order.tolist():
        names = (str(data.capture[row]), str(data.host_pairs[row]))
        full = any(seen.get(n, 0) >= m for n, m in zip(names, (most, config.pair), strict=True))
        if full:
            continue
        for name in names:
            seen[name] = seen.get(name, 0) + 1
        chosen.append(row)
    return data.take(np.array(sorted(chosen), np.int64))


def _real(parts: list[Dataset], family: Family, config: Audit) -> Dataset:
    kept = [
        _few(part, _wanted(part, family), config.most, config)
        for part in parts
        if len(part) and _wanted(part, family).any()
    ]
    if not kept:
        raise ConfigError(f"family {family.name}: no window of its captures is meant")
    return concatenate(kept, name=family.name)


def _generated(family: Family, config: Audit, number: int) -> Dataset:
    parts = []
    for k in range(config.mixtures):
        share = 1.0 / len(family.profiles)
        mix = MixConfig(
            entry=tuple(Entry(profile=p, weight=share) for p in family.profiles),
            episodes=config.episodes,
            duration=config.duration,
            midstream=0.0,
            one_way=0.0,
            systems=config.systems,
        )
        with tempfile.TemporaryDirectory() as folder:
            made = generate(mix, seed=config.seed * 10_000 + number * 100 + k)
            made.write(folder)
            parts.append(load_generated(folder, name=f"generated-{k}"))
    renamed = [
        Dataset(
            X=d.X,
            y=d.y,
            tool=d.tool,
            capture=np.full(len(d), f"generated-{k}"),
            source=d.source,
            identity=d.identity,
            schema=d.schema,
            name=d.name,
        )
        for k, d in enumerate(parts)
    ]
    data = concatenate(renamed, name=family.name)
    # A capture of ours holds many sessions, so it may give more windows.
    return _few(data, _wanted(data, family), 8 * config.most, config)


def _judge(family: Family, real: Dataset, made: Dataset, seed: int) -> Row:
    # What depends on how many sessions a capture holds is no property of the traffic.
    names = [n for n in real.X.columns if FLOW_FEATURES[n].group != "context"]
    x = np.concatenate((real.X[names].to_numpy(np.float32), made.X[names].to_numpy(np.float32)))
    y = np.concatenate((np.ones(len(real), bool), np.zeros(len(made), bool)))
    groups = np.concatenate((real.capture, made.capture))
    told = discriminate(x, y, groups, names, seed=seed)
    alone = {}
    for group, members in GROUPS.items():
        columns = [i for i, n in enumerate(names) if FLOW_FEATURES[n].group in members]
        part = discriminate(x[:, columns], y, groups, [names[i] for i in columns], seed=seed)
        alone[group] = part.auc
    return Row(
        family=family.name,
        real=len(real),
        captures=len(np.unique(real.capture)),
        generated=len(made),
        told=told,
        groups=alone,
        outside=_outside(x[y], x[~y], names),
    )


def _outside(real: npt.NDArray[np.float32], made: npt.NDArray[np.float32], names: list[str]) -> Any:
    """Features by the share of real windows beyond the middle 99 % of the generated ones."""
    found = []
    for i, name in enumerate(names):
        a, b = real[:, i], made[:, i]
        present = ~np.isnan(a)
        if not present.any():
            continue
        known = b[~np.isnan(b)]
        if not known.size:
            found.append((name, float(present.mean())))
            continue
        low, high = np.quantile(known, (0.005, 0.995))
        slack = 1e-6 + 0.01 * abs(high - low)
        share = ((a[present] < low - slack) | (a[present] > high + slack)).mean() * present.mean()
        if share > 0.05:
            found.append((name, float(share)))
    return sorted(found, key=lambda pair: -pair[1])


def table(rows: Sequence[Row], *, features: int = 4) -> str:
    """Render results as a Markdown table."""
    head = (
        "| family | real windows (captures) | generated | AUC (95 %) | stack | timing | content "
        "| real beyond generated | tells most |\n|---|---|---|---|---|---|---|---|---|\n"
    )
    out = []
    for row in rows:
        worst = ", ".join(name for name, _ in row.told.importance[:features])
        low, high = row.told.interval
        out.append(
            f"| {row.family} | {row.real} ({row.captures}) | {row.generated} "
            f"| {row.told.auc:.2f} ({low:.2f} to {high:.2f}) "
            + "".join(f"| {row.groups[g]:.2f} " for g in GROUPS)
            + f"| {row.told.beyond:.0%} | {worst} |"
        )
    return head + "\n".join(out) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the audit from the command line; print the table."""
    parser = argparse.ArgumentParser(prog="nalpml.experiments.realism", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG, format="%(message)s", stream=sys.stderr)
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    try:
        config = load_audit(given.config)
        rows = audit(config, given.config.parent, cache=given.cache, only=given.only)
    except NalpmlError as error:
        sys.stderr.write(f"nalpml: {error}\n")
        return 2
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / "realism.md").write_text(table(rows), encoding="utf-8")
    detail = {
        row.family: {
            "auc": row.told.auc,
            "interval": row.told.interval,
            "groups": row.groups,
            "beyond": row.told.beyond,
            "importance": row.told.importance[:25],
            "outside": row.outside[:25],
        }
        for row in rows
    }
    text = json.dumps(detail, indent=1) + "\n"
    (given.output / "realism.json").write_text(text, encoding="utf-8")
    sys.stdout.write(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
