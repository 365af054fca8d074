"""Flow tables of other programs against our windows, column by column.

Tables have millions of rows, and windows are cut by other rules than their flows. A window takes
the label of the rows with its protocol, addresses and ports (either direction); where those rows
disagree, of the ones whose time overlaps; where these disagree too, it is unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.channels import BENIGN
from nalpml.errors import ConfigError

__all__ = ["SLACK", "each", "label_windows", "moments", "numbers", "read_table"]

SLACK = 60.0
"""Seconds by which a row's times may be off: some tables round to the minute."""


def read_table(table: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read some columns of a CSV file as text.

    Parameters
    ----------
    table : Path
        The file; spaces around names of columns do not count, and of two with one name the first
        is meant (CIC-IDS2017 has ``Fwd Header Length`` twice).
    columns : sequence of str
        What is needed.

    Returns
    -------
    DataFrame
        Text without spaces around it; the index is the line in the file. Lines that hold nothing
        in these columns are left out; what a short line lacks is empty.

    Raises
    ------
    ConfigError
        When the file cannot be read, is no table, or a column is missing.
    """
    try:
        # The publishers' files are not all UTF-8: a dash in a label is Latin-1 in some.
        with table.open(newline="", encoding="utf-8", errors="replace") as source:
            names = [name.strip().lstrip("\ufeff") for name in next(csv.reader(source), [])]
        missing = [column for column in columns if column not in names]
        if missing:
            raise ConfigError(f"{table}: no column {missing[0]!r}; it has {', '.join(names)}")
        places = [names.index(column) for column in columns]
        frame = pd.read_csv(
            table, header=None, skiprows=1, names=range(len(names)), usecols=places, dtype=str,
            keep_default_na=False, na_values=[], skip_blank_lines=False, index_col=False,
            encoding="utf-8", encoding_errors="replace",
        )[places]  # fmt: skip
    except OSError as error:
        raise ConfigError(f"{table}: cannot be read ({error.strerror})") from error
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame(columns=range(len(columns)), dtype=str)
    except (pd.errors.ParserError, csv.Error) as error:
        raise ConfigError(f"{table}: not a table ({error})") from error
    frame.columns = pd.Index(columns)
    frame.index = pd.RangeIndex(2, 2 + len(frame))
    text: pd.DataFrame = frame.fillna("").apply(lambda column: column.str.strip())
    kept: pd.DataFrame = text.loc[(text != "").any(axis=1)]
    return kept


def numbers(text: pd.DataFrame, complaint: Callable[[int, str], str]) -> pd.DataFrame:
    """Turn columns of text into numbers.

    Parameters
    ----------
    text : DataFrame
        From :func:`read_table`.
    complaint : callable
        Line and text of the first that is no finite number, to the message.

    Returns
    -------
    DataFrame
        float64.

    Raises
    ------
    ConfigError
        With the complaint.
    """
    values: pd.DataFrame = text.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    bad = ~np.isfinite(values.to_numpy())
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ConfigError(complaint(int(text.index[row]), str(text.iat[row, column])))
    return values


def moments(
    text: pd.Series, forms: Sequence[str], complaint: Callable[[int, str], str]
) -> pd.Series:
    """Turn a column of local times into datetimes without a zone.

    Parameters
    ----------
    text : Series
        From :func:`read_table`.
    forms : sequence of str
        As of ``strptime``; the first that fits a line holds.
    complaint : callable
        Line and text of the first that fits none, to the message.

    Returns
    -------
    Series
        datetime64.

    Raises
    ------
    ConfigError
        With the complaint.
    """
    found = pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns]")
    for form in forms:
        left = found.isna()
        if not left.any():
            break
        found[left] = pd.to_datetime(text[left], format=form, errors="coerce")
    if (bad := found.isna()).any():
        line = found.index[bad][0]
        raise ConfigError(complaint(int(line), str(text[line])))
    return found


def each(text: pd.Series, value: Callable[[int, str], object]) -> list[object]:
    """Map a column by its distinct texts, which are few.

    Parameters
    ----------
    text : Series
        From :func:`read_table`.
    value : callable
        Line where a text stands first, and the text, to its value.

    Returns
    -------
    list
        A value a row.
    """
    code, distinct = pd.factorize(text)
    _, first = np.unique(code, return_index=True)
    lines = text.index.to_numpy()[first]
    values = [value(int(line), str(t)) for line, t in zip(lines, distinct, strict=True)]
    return [values[i] for i in code]


def _ends(
    frame: pd.DataFrame, hosts: pd.Index, protos: pd.Index
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Protocol and both ends as numbers, the lower end first; and which hosts are known."""
    proto = protos.get_indexer(pd.Index(frame["proto"]))
    tables_have = frame["proto"].isin(("tcp", "udp")).to_numpy()
    ends = []
    for side, port_name in (("src", "sport"), ("dst", "dport")):
        # Tables put type and code, or a hash, where other protocols' ports would be.
        port = np.nan_to_num(frame[port_name].to_numpy(dtype=np.float64, na_value=np.nan))
        ends.append(
            hosts.get_indexer(pd.Index(frame[side])) * 65536
            + np.where(tables_have, port, 0).astype(np.int64)
        )
    known = (ends[0] >= 0) & (ends[1] >= 0) & (proto >= 0)
    low, high = np.minimum(*ends), np.maximum(*ends)
    return pd.DataFrame({"proto": proto, "low": low, "high": high}), known


def label_windows(frame: pd.DataFrame, rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Label and tool of each window.

    Parameters
    ----------
    frame : DataFrame
        Windows: ``proto``, ``src``, ``sport``, ``dst``, ``dport``, ``start``, ``end``.
    rows : DataFrame
        The same of a table's flows, and ``label`` (None: unknown) and ``tool``.

    Returns
    -------
    labels, tools : list of str
        Empty where nothing is known.
    """
    hosts = pd.Index(pd.unique(pd.concat([frame["src"], frame["dst"]])))
    protos = pd.Index(pd.unique(frame["proto"]))
    window, _ = _ends(frame, hosts, protos)
    theirs, known = _ends(rows, hosts, protos)
    rows, theirs = rows[known].reset_index(drop=True), theirs[known]
    kind, kinds = pd.factorize(rows["label"].fillna("") + "\n" + rows["tool"])
    both = pd.concat([window, theirs], ignore_index=True)
    key = both.groupby(["proto", "low", "high"], sort=False).ngroup().to_numpy()
    table = pd.DataFrame({"key": key[len(window) :], "kind": kind})
    least, most = (table.groupby("key")["kind"].agg(how) for how in ("min", "max"))
    mine = pd.Series(key[: len(window)])
    chosen = mine.map(least.where(least == most, -2)).fillna(-1).to_numpy(dtype=np.int64, copy=True)

    contested = np.flatnonzero(chosen == -2)
    asked = pd.DataFrame({"key": key[contested], "window": contested})
    for side in ("start", "end"):
        asked[f"own_{side}"] = frame[side].to_numpy(dtype=np.float64)[contested]
        table[side] = rows[side].to_numpy(dtype=np.float64)
    pairs = asked.merge(table, on="key")
    near = (pairs["start"] - SLACK <= pairs["own_end"]) & (
        pairs["own_start"] <= pairs["end"] + SLACK
    )
    grouped = pairs[near].groupby("window")["kind"]
    one = grouped.min()[grouped.min() == grouped.max()]
    chosen[one.index.to_numpy(dtype=np.int64)] = one.to_numpy()

    labels, tools = [], []
    for code in chosen:
        label, tool = str(kinds[code]).split("\n") if code >= 0 else ("", "")
        labels.append(label)
        tools.append("" if label in ("", BENIGN) else tool)
    return labels, tools
