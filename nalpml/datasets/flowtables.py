"""Public sets that label flows in tables: CIC-IDS2017 and CTU-13.

The tables' flows are not ours: they are cut by other rules, and their clocks are local. A window
takes the label of the rows with its protocol, addresses and ports (either direction); where those
rows disagree, of the ones whose time overlaps; where these disagree too, it is unknown.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from nalpml.capture.reader import read
from nalpml.channels import BENIGN, proto_name
from nalpml.datasets.dataset import CAPTURED, Dataset, concatenate, from_frame
from nalpml.datasets.public import captures_of, check_label, rows_of
from nalpml.errors import ConfigError
from nalpml.flows import WindowConfig, flows

Key = tuple[str, tuple[str, int], tuple[str, int]]
SLACK = 60.0
"""Seconds by which a row's times may be off: some tables round to the minute."""

_log = logging.getLogger("nalpml")
_CIC = (
    "Source IP", "Source Port", "Destination IP", "Destination Port", "Protocol", "Timestamp",
    "Flow Duration", "Label",
)  # fmt: skip
_CTU = ("StartTime", "Dur", "Proto", "SrcAddr", "Sport", "DstAddr", "Dport", "Label")


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One labelled row of a flow table.

    Attributes
    ----------
    key : tuple
        Protocol and the two ends, the lower first.
    start, end : float
        Epoch seconds.
    label, tool : str or None, str
        Of our vocabulary; None for unknown.
    """

    key: Key
    start: float
    end: float
    label: str | None
    tool: str


def _key(proto: str, src: str, sport: int, dst: str, dport: int) -> Key:
    if proto not in ("tcp", "udp"):
        sport = dport = 0  # tables put type and code, or a hash, where ports would be
    low, high = sorted(((src, sport), (dst, dport)))
    return proto, low, high


def _label_windows(frame: pd.DataFrame, rows: Iterable[FlowRow]) -> tuple[list[str], list[str]]:
    """Label and tool of each window; empty where nothing is known."""
    table: dict[Key, list[FlowRow]] = defaultdict(list)
    for row in rows:
        table[row.key].append(row)
    labels, tools = [], []
    columns = ("proto", "src", "sport", "dst", "dport", "start", "end")
    for proto, src, sport, dst, dport, start, end in zip(*(frame[c] for c in columns), strict=True):
        ports = [0 if pd.isna(port) else int(port) for port in (sport, dport)]
        found = table.get(_key(proto, src, ports[0], dst, ports[1]), [])
        kinds = {(row.label, row.tool) for row in found}
        if len(kinds) > 1:
            kinds = {
                (row.label, row.tool)
                for row in found
                if row.start - SLACK <= end and start <= row.end + SLACK
            }
        label, tool = kinds.pop() if len(kinds) == 1 else (None, "")
        labels.append(label or "")
        tools.append(tool if label not in (None, BENIGN) else "")
    return labels, tools


def _load(
    captures: Sequence[Path],
    root: Path,
    rows_for: Callable[[Path], Iterable[FlowRow]],
    name: str,
    config: WindowConfig | None,
) -> Dataset:
    from nalpml.features import extract

    parts = []
    for capture in captures:
        windows = flows(read(capture), config or WindowConfig())
        frame = extract.frame(windows, capture=capture.relative_to(root).as_posix())
        frame["label"], frame["tool"] = _label_windows(frame, rows_for(capture))
        known = int((frame["label"] != "").sum())
        if not known:
            raise ConfigError(
                f"{capture}: no window matches a labelled row of its table; is it of another day?"
            )
        _log.info("%s: %d of %d windows have a label", capture, known, len(frame))
        parts.append(from_frame(frame, name=name, source=CAPTURED))
    return concatenate(parts, name=name)


def _mapped(text: str, labels: Mapping[str, str | None]) -> tuple[str | None, str]:
    """Label of the first pattern that is in a table's own label, and a name for the tool."""
    for pattern, label in labels.items():
        if pattern.lower() in text.lower():
            return label, pattern.lower().replace(" ", "-")
    return None, ""


def _seconds(text: str, forms: Sequence[str], utc_offset: float, where: str) -> float:
    for form in forms:
        try:
            moment = datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return moment.timestamp() - utc_offset * 3600
    raise ConfigError(f"{where}: {text!r} is not a time such as {forms[0]}")


def load_cic_ids2017(
    folder: str | Path,
    *,
    labels: Mapping[str, str | None] | None = None,
    utc_offset: float = -3.0,
    config: WindowConfig | None = None,
) -> Dataset:
    """Load CIC-IDS2017: captures by weekday, and the flow tables *with* addresses.

    A capture ``Friday-WorkingHours.pcap`` is labelled by every table ``Friday*.csv`` below the
    folder that has the columns ``Source IP``, ``Source Port``, ``Destination IP``, ``Destination
    Port``, ``Protocol``, ``Timestamp``, ``Flow Duration`` and ``Label`` (the publisher's
    ``TrafficLabelling`` or ``GeneratedLabelledFlows``; ``MachineLearningCSV`` has no addresses).
    Known faults: the tables' labels have errors, and times without seconds in a 12-hour clock.

    Parameters
    ----------
    folder : str or Path
        With captures and tables at any depth.
    labels : mapping, optional
        Part of a table's label to a label of ours or None. ``BENIGN`` is benign by default and
        everything else unknown: web attacks, scans and floods are no covert channels.
    utc_offset : float
        Hours that the tables' clock is ahead of UTC.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Dataset
        Labelled windows.

    Raises
    ------
    ConfigError
        When captures or tables are missing, or a line is wrong, naming file, line and column.
    """
    folder = Path(folder)
    wanted = {"BENIGN": BENIGN, **(labels or {})}
    for label in wanted.values():
        check_label(label, "labels")
    tables = sorted(p for p in folder.rglob("*.csv") if p.is_file())

    def rows_for(capture: Path) -> Iterable[FlowRow]:
        day = capture.name.split("-")[0].split(".")[0].lower()
        own = [table for table in tables if table.name.lower().startswith(day)]
        if not own:
            raise ConfigError(f"{folder}: no table {day}*.csv for {capture.name}")
        for table in own:
            yield from _cic_rows(table, wanted, utc_offset)

    return _load(captures_of(folder), folder, rows_for, "CIC-IDS2017", config)


def _cic_rows(
    table: Path, labels: Mapping[str, str | None], utc_offset: float
) -> Iterable[FlowRow]:
    forms = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %I:%M:%S %p")
    for number, row in enumerate(rows_of(table, _CIC), 2):
        where = f"{table}: line {number}"
        if not row["Source IP"].strip():
            continue  # one of the publisher's tables ends in thousands of empty lines
        try:
            proto = proto_name(int(float(row["Protocol"])))
            ports = [int(float(row[f"{side} Port"])) for side in ("Source", "Destination")]
            lasted = float(row["Flow Duration"]) / 1e6
        except ValueError as error:
            raise ConfigError(
                f"{where}: ports, Protocol and Flow Duration are numbers ({error})"
            ) from error
        start = _seconds(row["Timestamp"], forms, utc_offset, f"{where}: Timestamp")
        if 1 <= datetime.fromtimestamp(start + utc_offset * 3600, UTC).hour <= 7:
            start += 12 * 3600  # working hours on a 12-hour clock
        label, tool = _mapped(row["Label"], labels)
        ends = (row["Source IP"].strip(), ports[0], row["Destination IP"].strip(), ports[1])
        yield FlowRow(_key(proto, *ends), start, start + lasted, label, tool)


def load_ctu13(
    folder: str | Path,
    *,
    labels: Mapping[str, str | None] | None = None,
    utc_offset: float = 2.0,
    config: WindowConfig | None = None,
) -> Dataset:
    """Load CTU-13: a folder a scenario, with captures and a ``.binetflow`` table.

    Parameters
    ----------
    folder : str or Path
        One scenario, or the folder of all (``1`` to ``13``); captures unpacked from ``.bz2``.
    labels : mapping, optional
        Part of a table's label (``flow=From-Botnet-V42-TCP-CC...``) to a label of ours or None,
        the first that fits. By default ``From-Normal`` and ``To-Normal`` are benign and all else
        is unknown: background was never looked into, and the bots speak HTTP and IRC.
    utc_offset : float
        Hours that the tables' clock is ahead of UTC: Prague's summer time.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Dataset
        Labelled windows.

    Raises
    ------
    ConfigError
        When captures or tables are missing, or a line is wrong, naming file, line and column.
    """
    folder = Path(folder)
    wanted = {**(labels or {}), "From-Normal": BENIGN, "To-Normal": BENIGN}
    for label in wanted.values():
        check_label(label, "labels")

    def rows_for(capture: Path) -> Iterable[FlowRow]:
        tables = sorted(capture.parent.glob("*.binetflow*"))
        if not tables:
            raise ConfigError(f"{capture.parent}: no .binetflow table for {capture.name}")
        for table in tables:
            yield from _ctu_rows(table, wanted, utc_offset)

    return _load(captures_of(folder), folder, rows_for, "CTU-13", config)


def _ctu_rows(
    table: Path, labels: Mapping[str, str | None], utc_offset: float
) -> Iterable[FlowRow]:
    forms = ("%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")
    for number, row in enumerate(rows_of(table, _CTU), 2):
        where = f"{table}: line {number}"
        proto = row["Proto"].strip().lower()
        proto = {"ipv6-icmp": "icmp6", "icmpv6": "icmp6"}.get(proto, proto)
        ports = [_argus_port(row[c], f"{where}: {c}") for c in ("Sport", "Dport")]
        try:
            lasted = float(row["Dur"])
        except ValueError as error:
            raise ConfigError(f"{where}: Dur: {row['Dur']!r} is not a number") from error
        start = _seconds(row["StartTime"], forms, utc_offset, f"{where}: StartTime")
        label, tool = _mapped(row["Label"], labels)
        ends = (row["SrcAddr"].strip(), ports[0], row["DstAddr"].strip(), ports[1])
        yield FlowRow(_key(proto, *ends), start, start + lasted, label, tool)


def _argus_port(text: str, where: str) -> int:
    """Argus writes ports in decimal or hexadecimal, and nothing where there are none."""
    text = text.strip()
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10) if text else 0
    except ValueError as error:
        raise ConfigError(f"{where}: {text!r} is not a port") from error
