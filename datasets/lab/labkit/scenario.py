"""Scenario files: TOML in, checked scenarios out, one for each variant."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from labkit.link import LinkPath
from labkit.plan import HOSTS
from labkit.process import LabError

LABELS = (
    "benign", "icmp_tunnel", "udp_c2", "tcp_c2", "socks", "serial_over_lan", "vsock_c2",
    "ip_tunnel", "header_storage", "timing",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One thing that happens: a command on a host, or a pause.

    Attributes
    ----------
    on
        Host, see :data:`labkit.plan.HOSTS`, or ``router``.
    run
        A bash command line; the scenario's variables are in its environment.
    wait
        Condition to wait for after the start, see :func:`labkit.process.wait_ready`.
    background
        Do not wait for the end of the command.
    timeout
        Seconds after which the command is ended (which is not an error).
    may_fail
        A non-zero exit status does not fail the scenario.
    sleep
        Seconds to pause, after the command if there is one.
    """

    on: str = "client"
    run: str = ""
    wait: str = ""
    background: bool = False
    timeout: float = 90.0
    may_fail: bool = False
    sleep: float = 0.0


@dataclass(frozen=True)
class Rule:
    """Which packets of a capture carry a label.

    Attributes
    ----------
    proto
        ``icmp``, ``icmp6``, ``udp``, ``tcp`` or a protocol number as text.
    a, b
        Variables or addresses of the two ends; empty for any.
    a_port, b_port, icmp_id
        Numbers (as text, variables allowed); empty for any.
    label, tool
        What to write.
    carrying
        Wireshark display filter: keep only flows with at least one such packet.
    least
        Fewest packets that the rule must match.
    """

    proto: str
    label: str
    tool: str = ""
    a: str = ""
    b: str = ""
    a_port: str = ""
    b_port: str = ""
    icmp_id: str = ""
    carrying: str = ""
    least: int = 4


@dataclass(frozen=True)
class Scenario:
    """A scenario, one variant of it: everything that a capture needs.

    Attributes
    ----------
    name
        Name of the capture.
    group
        Name of the scenario that this is a variant of.
    """

    name: str
    group: str
    tool: str
    workload: str
    start: tuple[Step, ...]
    run: tuple[Step, ...]
    flows: tuple[Rule, ...]
    path_name: str
    path: LinkPath
    packages: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    expect: tuple[str, ...] = ()
    rest: str | None = "benign"
    capture: str = "any"
    farm: int = 0
    vm: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)

    def fill(self, text: str, env: Mapping[str, str]) -> str:
        """Replace ``$NAME`` in a file's text or a rule by the variables."""
        return _fill(text, env)


def _fill(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``$NAME``; twice, since a variable may name another."""
    once = string.Template(text).safe_substitute(variables)
    return string.Template(once).safe_substitute(variables)


def _build(kind: type, table: Mapping[str, Any], where: str) -> Any:
    known = {f.name for f in fields(kind)}
    unknown = sorted(set(table) - known)
    if unknown:
        raise LabError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")
    try:
        return kind(**table)
    except TypeError as error:
        raise LabError(f"{where}: {error}") from None


def _steps(tables: Iterable[Mapping[str, Any]], where: str) -> tuple[Step, ...]:
    steps = tuple(_build(Step, table, where) for table in tables)
    for step in steps:
        if step.on not in (*HOSTS, "router"):
            raise LabError(f"{where}: on = {step.on!r} is not a host of the lab")
    return steps


def _rules(
    tables: Iterable[Mapping[str, Any]], tool: str, variables: Mapping[str, str], where: str
) -> tuple[Rule, ...]:
    rules = []
    for table in tables:
        text = {k: v if k == "least" else str(v) for k, v in table.items()}
        rule = _build(Rule, {"tool": tool, **text}, where)
        rule = replace(
            rule, label=_fill(rule.label, variables), tool=_fill(rule.tool, variables).lower()
        )
        if rule.label not in LABELS:
            raise LabError(f"{where}: label {rule.label!r} is not in the vocabulary")
        rules.append(rule)
    return tuple(rules)


def _variant(
    table: dict[str, Any],
    variant: dict[str, Any],
    paths: Mapping[str, LinkPath],
    background: Mapping[str, Any],
) -> Scenario:
    merged = {**table, **variant}
    group = table["name"]
    where = f"scenario {group}"
    variables = {k: str(merged.pop(k)) for k in list(merged) if k.isupper()}
    suffix = variant.get("name", "")
    start, run = list(merged.pop("start", [])), list(merged.pop("run", []))
    for name in merged.pop("background", []):
        if name not in background:
            raise LabError(f"{where}: background {name!r} is not in background.toml")
        start += background[name].get("start", [])
        run = [dict(step, background=True) for step in background[name]["run"]] + run
    path_name = merged.pop("path", "wan")
    if path_name not in paths:
        raise LabError(f"{where}: path {path_name!r} is not in paths.toml")
    tool = _fill(str(merged.get("tool", "")), variables).lower()
    merged["tool"] = tool
    merged.update(
        name=f"{group}-{suffix}" if suffix else group,
        group=group,
        start=_steps(start, where),
        run=_steps(run, where),
        flows=_rules(merged.pop("flows", []), tool, variables, where),
        path_name=path_name,
        path=paths[path_name],
        variables=variables,
        packages=tuple(_fill(p, variables) for p in merged.pop("packages", ())),
        expect=tuple(merged.pop("expect", ())),
    )
    if merged.get("rest") == "unknown":
        merged["rest"] = None
    scenario = _build(Scenario, merged, where)
    assert isinstance(scenario, Scenario)
    return scenario


def _over_paths(variants: list[dict[str, Any]], also: list[str]) -> list[dict[str, Any]]:
    """Return the variants, and each again over the paths in `also` (its own, or the scenario's)."""
    out = []
    for variant in variants:
        further = variant.pop("also", also)
        out.append(variant)
        for path in further:
            if path != variant.get("path"):
                name = "-".join(n for n in (variant.get("name", ""), f"via-{path}") if n)
                out.append({**variant, "name": name, "path": path})
    return out


def load(folder: Path) -> dict[str, Scenario]:
    """Read every scenario file of a folder.

    Returns
    -------
    dict
        Name of the capture to scenario, in file order.

    Raises
    ------
    LabError
        A file does not parse, or names something that does not exist.
    """

    def read(file: Path) -> dict[str, Any]:
        try:
            return tomllib.loads(file.read_text())
        except tomllib.TOMLDecodeError as error:
            raise LabError(f"{file.name}: {error}") from None

    paths = {k: _build(LinkPath, v, "paths.toml") for k, v in read(folder / "paths.toml").items()}
    background = read(folder / "background.toml")
    found: dict[str, Scenario] = {}
    for file in sorted(folder.glob("*.toml")):
        if file.name in ("paths.toml", "background.toml"):
            continue
        for table in read(file).get("scenario", []):
            variants = table.pop("variant", [{}])
            also = table.pop("also", [])
            for variant in _over_paths(variants, also):
                scenario = _variant(table, variant, paths, background)
                if scenario.name in found:
                    raise LabError(f"{file.name}: {scenario.name} is there twice")
                found[scenario.name] = scenario
    return found
