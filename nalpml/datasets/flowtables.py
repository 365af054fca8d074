"""Public sets that label flows in tables: CIC-IDS2017 and CTU-13.

The tables' flows are not ours: they are cut by other rules, and their clocks are local.
`flowmatch` finds the windows that they speak of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from nalpml.capture.reader import read
from nalpml.channels import BENIGN, proto_name
from nalpml.datasets.dataset import CAPTURED, Dataset, concatenate, from_frame
from nalpml.datasets.flowmatch import each, label_windows, moments, numbers, read_table
from nalpml.datasets.public import captures_of, check_label
from nalpml.errors import ConfigError
from nalpml.flows import WindowConfig, flows

_log = logging.getLogger("nalpml")
_CIC = (
    "Source IP", "Source Port", "Destination IP", "Destination Port", "Protocol", "Timestamp",
    "Flow Duration", "Label",
)  # fmt: skip
_CIC_TIMES = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %I:%M:%S %p")
_CTU = ("StartTime", "Dur", "Proto", "SrcAddr", "Sport", "DstAddr", "Dport", "Label")
_CTU_TIMES = ("%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")
# Argus names some protocols after what it sees in UDP.
_ARGUS = {
    "ipv6-icmp": "icmp6", "icmpv6": "icmp6", "rtp": "udp", "rtcp": "udp", "udt": "udp",
}  # fmt: skip


def _load(
    captures: Sequence[Path],
    root: Path,
    rows_for: Callable[[Path], pd.DataFrame],
    name: str,
    config: WindowConfig | None,
) -> Dataset:
    from nalpml.features import extract

    parts = []
    for capture in captures:
        windows = flows(read(capture), config or WindowConfig())
        frame = extract.frame(windows, capture=capture.relative_to(root).as_posix())
        frame["label"], frame["tool"] = label_windows(frame, rows_for(capture))
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


def _epoch(moment: pd.Series, utc_offset: float) -> pd.Series:
    """Epoch seconds of local times."""
    return (moment - pd.Timestamp(0)) / pd.Timedelta(seconds=1) - utc_offset * 3600


def _not_a_time(table: Path, column: str, form: str) -> Callable[[int, str], str]:
    return lambda line, text: (
        f"{table}: line {line}: {column}: {text!r} is not a time such as {form}"
    )


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

    def rows_for(capture: Path) -> pd.DataFrame:
        day = capture.name.split("-")[0].split(".")[0].lower()
        own = [table for table in tables if table.name.lower().startswith(day)]
        if not own:
            raise ConfigError(f"{folder}: no table {day}*.csv for {capture.name}")
        return pd.concat([_cic_rows(table, wanted, utc_offset) for table in own])

    return _load(captures_of(folder), folder, rows_for, "CIC-IDS2017", config)


def _cic_rows(table: Path, labels: Mapping[str, str | None], utc_offset: float) -> pd.DataFrame:
    text = read_table(table, _CIC)
    # One of the publisher's tables ends in thousands of empty lines.
    text = text[text["Source IP"] != ""]
    value = numbers(
        text[["Source Port", "Destination Port", "Protocol", "Flow Duration"]],
        lambda line, found: (
            f"{table}: line {line}: ports, Protocol and Flow Duration are numbers (not {found!r})"
        ),
    )
    moment = moments(text["Timestamp"], _CIC_TIMES, _not_a_time(table, "Timestamp", _CIC_TIMES[0]))
    # Working hours on a 12-hour clock.
    moment = moment + pd.to_timedelta(12 * moment.dt.hour.between(1, 7), unit="h")
    start = _epoch(moment, utc_offset)
    return _rows(
        text["Label"],
        labels,
        proto=each(text["Protocol"], lambda _, number: proto_name(int(float(number)))),
        src=text["Source IP"],
        sport=value["Source Port"],
        dst=text["Destination IP"],
        dport=value["Destination Port"],
        start=start,
        end=start + value["Flow Duration"].clip(lower=0) / 1e6,
    )


def _rows(text: pd.Series, labels: Mapping[str, str | None], **columns: object) -> pd.DataFrame:
    """Flows of a table with our labels for theirs."""
    mapped = each(text, lambda _, label: _mapped(label, labels))
    rows = pd.DataFrame(columns, index=text.index)
    return rows.assign(**pd.DataFrame(mapped, index=text.index, columns=["label", "tool"]))


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
        the first that fits. By default ``From-Normal``, ``To-Normal`` and ``flow=Normal`` are
        benign and all else is unknown: background was never looked into, and the bots speak HTTP
        and IRC.
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
    wanted = {**(labels or {}), **dict.fromkeys(("From-Normal", "To-Normal", "=Normal"), BENIGN)}
    for label in wanted.values():
        check_label(label, "labels")

    def rows_for(capture: Path) -> pd.DataFrame:
        tables = sorted(capture.parent.glob("*.binetflow*"))
        if not tables:
            raise ConfigError(f"{capture.parent}: no .binetflow table for {capture.name}")
        return pd.concat([_ctu_rows(table, wanted, utc_offset) for table in tables])

    return _load(captures_of(folder), folder, rows_for, "CTU-13", config)


def _ctu_rows(table: Path, labels: Mapping[str, str | None], utc_offset: float) -> pd.DataFrame:
    text = read_table(table, _CTU)
    lasted = numbers(
        text[["Dur"]], lambda line, found: f"{table}: line {line}: Dur: {found!r} is not a number"
    )["Dur"]
    moment = moments(text["StartTime"], _CTU_TIMES, _not_a_time(table, "StartTime", _CTU_TIMES[0]))
    start = _epoch(moment, utc_offset)
    ports = {
        ours: each(text[theirs], partial(_argus_port, f"{table}: line {{}}: {theirs}"))
        for ours, theirs in (("sport", "Sport"), ("dport", "Dport"))
    }
    return _rows(
        text["Label"],
        labels,
        proto=each(text["Proto"], lambda _, proto: _ARGUS.get(proto.lower(), proto.lower())),
        src=text["SrcAddr"],
        dst=text["DstAddr"],
        start=start,
        end=start + lasted.clip(lower=0),
        **ports,
    )


def _argus_port(where: str, line: int, text: str) -> float:
    """Argus writes ports in decimal or hexadecimal, and nothing where there are none."""
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10) if text else np.nan
    except ValueError as error:
        raise ConfigError(f"{where.format(line)}: {text!r} is not a port") from error
