"""Verdicts as text: table, JSON lines, Suricata EVE, CSV.

Each writer takes verdicts one by one and writes what it can at once, so that a live scan's
output can be piped on.
"""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Iterator
from typing import IO, Any, Protocol

__all__ = ["FORMATS", "Writer", "csv_row", "eve_event", "open_writer"]

Verdict = dict[str, Any]

FORMATS = ("table", "jsonl", "eve", "csv")


class Writer(Protocol):
    """Writes verdicts to a text stream."""

    def write(self, verdict: Verdict) -> None:
        """Write one verdict."""
        ...

    def close(self) -> None:
        """Write what was held back."""
        ...


class _Jsonl:
    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def write(self, verdict: Verdict) -> None:
        self._out.write(json.dumps(verdict) + "\n")
        self._out.flush()

    def close(self) -> None:
        self._out.flush()


def _time(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "+0000")


def eve_event(verdict: Verdict) -> dict[str, Any]:
    """Turn a verdict into an event as in Suricata's EVE log.

    Parameters
    ----------
    verdict : dict
        As `nalpml.scan.Scanner` gives.

    Returns
    -------
    dict
        ``event_type`` is ``flow``, or ``alert`` for alerts; what EVE has no field for stands
        under ``nalpml``.
    """
    icmp = verdict["proto"] in ("icmp", "icmp6")
    event: dict[str, Any] = {
        "timestamp": _time(verdict["end"]),
        "flow_id": int(verdict["flow_uid"], 16) >> 1,
        "event_type": "alert" if verdict["alert"] else "flow",
        "src_ip": verdict["src"],
        "dest_ip": verdict["dst"],
        "proto": {"icmp6": "IPv6-ICMP"}.get(verdict["proto"], verdict["proto"].upper()),
    }
    if icmp:
        event |= {"icmp_type": verdict["sport"], "icmp_code": verdict["dport"]}
    elif verdict["sport"] is not None:
        event |= {"src_port": verdict["sport"], "dest_port": verdict["dport"]}
    if verdict["community_id"] is not None:
        event["community_id"] = verdict["community_id"]
    event["flow"] = {
        "pkts_toserver": verdict["packets"][0],
        "pkts_toclient": verdict["packets"][1],
        "bytes_toserver": verdict["bytes"][0],
        "bytes_toclient": verdict["bytes"][1],
        "start": _time(verdict["start"]),
        "end": _time(verdict["end"]),
    }
    if verdict["alert"]:
        event["alert"] = {
            "action": "allowed",
            "signature": f"covert channel: {verdict['label']}",
            "category": "Covert channel (ATT&CK T1095)",
            "metadata": {"mitre_technique_id": [verdict["technique"]]},
        }
    names = ("icmp_id", "window", "score", "label", "reasons", "capture", "model")
    event["nalpml"] = {name: verdict[name] for name in names}
    return event


class _Eve(_Jsonl):
    def write(self, verdict: Verdict) -> None:
        super().write(eve_event(verdict))


def csv_row(verdict: Verdict) -> dict[str, Any]:
    """Flatten a verdict: a column a value, reasons as ``feature=value`` parted by ``;``.

    Parameters
    ----------
    verdict : dict
        As `nalpml.scan.Scanner` gives.

    Returns
    -------
    dict
        ``packets`` and ``bytes`` become ``_orig`` and ``_resp`` columns.
    """
    row: dict[str, Any] = {}
    for name, value in verdict.items():
        if name in ("packets", "bytes"):
            row[f"{name}_orig"], row[f"{name}_resp"] = value
        elif name == "reasons":
            row[name] = ";".join(f"{why['feature']}={_short(why['value'])}" for why in value)
        else:
            row[name] = value
    return row


def _short(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


class _Csv:
    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._writer: csv.DictWriter[str] | None = None

    def write(self, verdict: Verdict) -> None:
        row = csv_row(verdict)
        if self._writer is None:
            self._writer = csv.DictWriter(self._out, list(row), lineterminator="\n")
            self._writer.writeheader()
        self._writer.writerow(row)
        self._out.flush()

    def close(self) -> None:
        self._out.flush()


def _rows(verdicts: list[Verdict]) -> Iterator[tuple[str, ...]]:
    for verdict in verdicts:
        orig, resp = verdict["packets"]
        why = ", ".join(f"{r['feature']}={_short(r['value'])}" for r in verdict["reasons"][:3])
        yield (
            _time(verdict["start"])[:19].replace("T", " "),
            f"{verdict['end'] - verdict['start']:.1f}",
            verdict["proto"],
            _end(verdict, "src", "sport"),
            _end(verdict, "dst", "dport"),
            f"{orig}/{resp}",
            f"{verdict['score']:.4f}",
            verdict["label"] + (" !" if verdict["alert"] else ""),
            why,
        )


def _end(verdict: Verdict, address: str, port: str) -> str:
    if verdict["proto"] in ("icmp", "icmp6"):
        identifier = verdict["icmp_id"]
        shown = f" id {identifier}" if address == "src" and identifier is not None else ""
        return f"{verdict[address]}{shown}"
    if verdict[port] is None:
        return str(verdict[address])
    text = verdict[address]
    return f"[{text}]:{verdict[port]}" if ":" in text else f"{text}:{verdict[port]}"


class _Table:
    # Columns need the widest cell, so a table comes at the end.
    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._held: list[Verdict] = []

    def write(self, verdict: Verdict) -> None:
        self._held.append(verdict)

    def close(self) -> None:
        from rich.console import Console
        from rich.table import Table

        if not self._held:
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        names = ("start (UTC)", "seconds", "proto", "originator", "responder", "packets", "score")
        for name in names:
            right = name in ("seconds", "packets", "score")
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        table.add_column("label")
        table.add_column("reasons", overflow="fold")
        held = sorted(self._held, key=lambda verdict: (verdict["start"], verdict["flow_uid"]))
        for row in _rows(held):
            table.add_row(*row)
        terminal = self._out.isatty()
        console = Console(
            file=self._out, width=None if terminal else 200, highlight=False, markup=False
        )
        console.print(table)


def open_writer(form: str, out: IO[str]) -> Writer:
    """Pick a writer.

    Parameters
    ----------
    form : str
        One of `FORMATS`.
    out : text file
        Where to write.

    Returns
    -------
    Writer

    Raises
    ------
    KeyError
        If the format is none of `FORMATS`.
    """
    writers: dict[str, type[Any]] = {"table": _Table, "jsonl": _Jsonl, "eve": _Eve, "csv": _Csv}
    writer: Writer = writers[form](out)
    return writer
