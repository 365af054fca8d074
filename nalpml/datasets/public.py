"""Captures of other people: public sets by the rules their folders follow.

None of these sets is part of the package; each loader expects the folder as its publisher hands
it out, unpacked. Attacks that are no covert channel outside the application layer have no label
in the vocabulary: their windows are left out unless the caller names one.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nalpml.capture.reader import read
from nalpml.channels import BENIGN, LABELS
from nalpml.datasets.dataset import CAPTURED, Dataset, concatenate, from_frame
from nalpml.datasets.labels import apply_labels
from nalpml.datasets.loading import is_capture, load_captures
from nalpml.errors import ConfigError
from nalpml.flows import WindowConfig, flows

Rule = Callable[[Path], dict[str, Any] | None]

LAB = Path(__file__).resolve().parents[2] / "datasets" / "real"
"""Where a clone of the repository keeps the lab's captures."""

_log = logging.getLogger("nalpml")
# Fields that pcapStego writes into, as its CSV names them.
_STEGO = {
    **dict.fromkeys(("TOS", "TTL", "ID", "FL", "TC", "HL"), "header_storage"),
    "TIMING": "timing",
}
_STEGO_COLUMNS = ("field", "src", "dst", "p_src", "p_dst", "proto")


def captures_of(folder: str | Path) -> list[Path]:
    """Every capture below a folder.

    Parameters
    ----------
    folder : str or Path
        A folder, or one capture.

    Returns
    -------
    list of Path
        Sorted.

    Raises
    ------
    ConfigError
        When there is none.
    """
    folder = Path(folder)
    if not folder.exists():
        raise ConfigError(f"{folder}: no such file or folder")
    if folder.is_file():
        return [folder]
    found = sorted(p for p in folder.rglob("*") if p.is_file() and is_capture(p))
    if not found:
        raise ConfigError(
            f"{folder}: no capture is there (.pcap, .pcapng, .cap, .dmp; also compressed)"
        )
    return found


def check_label(label: str | None, where: str) -> None:
    """Refuse what is not in the vocabulary.

    Parameters
    ----------
    label : str or None
        A label, or None for unknown.
    where : str
        For the message.

    Raises
    ------
    ConfigError
        Naming the label.
    """
    if label is not None and label not in LABELS:
        raise ConfigError(f"{where}: {label!r} is not a label; use null or {', '.join(LABELS)}")


def by_rule(
    folder: str | Path, rule: Rule, *, name: str | None = None, config: WindowConfig | None = None
) -> Dataset:
    """Load captures whose labels follow from a rule.

    Parameters
    ----------
    folder : str or Path
        With captures, at any depth.
    rule : callable
        Path of a capture to what its label file would hold (``flows`` and ``rest``); None to
        leave the capture out unread.
    name : str, optional
        Name of the dataset; by default the folder's.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Dataset
        Windows with a known label; ``capture`` is the path inside the folder.

    Raises
    ------
    ConfigError
        When there is no capture, or the rule labels none.
    CaptureError
        When a capture cannot be read.
    """
    from nalpml.features import extract

    folder = Path(folder)
    root = folder if folder.is_dir() else folder.parent
    name = name or folder.name
    parts = []
    for capture in captures_of(folder):
        content = rule(capture)
        if content is None:
            _log.info("%s: no label is known, left out", capture)
            continue
        packets = read(capture)
        windows = flows(packets, config or WindowConfig())
        frame = extract.frame(windows, capture=capture.relative_to(root).as_posix())
        known = apply_labels(content, packets, where=str(capture))
        label, tool = known.windows(windows)
        frame["label"], frame["tool"] = label.astype(object), tool.astype(object)
        parts.append(from_frame(frame, name=name, source=CAPTURED))
    if not parts:
        raise ConfigError(f"{folder}: the layout is another one: no capture has a known label")
    return concatenate(parts, name=name)


def load_lab(
    folder: str | Path | None = None,
    *,
    config: WindowConfig | None = None,
    n_jobs: int = 1,
    cache: str | Path | None = None,
) -> Dataset:
    """Load the lab's captures: real tools and real ordinary programs.

    Parameters
    ----------
    folder : str or Path, optional
        Folder that ``datasets/lab/run.py`` wrote; by default the set that the repository ships.
    config : WindowConfig, optional
        When windows close.
    n_jobs : int
        Processes.
    cache : str or Path, optional
        Folder for extracted features.

    Returns
    -------
    Dataset
        ``capture``, features ``X``, labels ``y`` and ``groups`` of every window.

    Raises
    ------
    ConfigError
        When the captures are not there, as in an installation without a clone.
    """
    path = LAB if folder is None else Path(folder)
    if not path.is_dir():
        raise ConfigError(
            f"{path}: no such folder; the lab's captures come with a clone of the repository "
            "(datasets/real), or are made by datasets/lab/run.py"
        )
    return load_captures(path, config=config, n_jobs=n_jobs, cache=cache, name="lab")


def load_cic_bell_dns_exf(
    folder: str | Path, *, attack: str | None = None, config: WindowConfig | None = None
) -> Dataset:
    """Load the captures of CIC-Bell-DNS-EXF-2021.

    The rule: ``benign*.pcap`` is benign; ``heavy_*.pcap`` and ``light_*.pcap`` are exfiltration
    by DNS, which is the application layer and has no label of its own. The publisher's CSV files
    hold features without addresses, so they cannot label packets and are not needed.

    Parameters
    ----------
    folder : str or Path
        With ``Attack_heavy_Benign``, ``Attack_Light_Benign`` and ``Benign`` below, or a part.
    attack : str, optional
        Label for the exfiltration's captures; left out by default.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Dataset
        Labelled windows.

    Raises
    ------
    ConfigError
        When no capture follows the rule, or `attack` is no label.
    """
    check_label(attack, "attack")

    def rule(capture: Path) -> dict[str, Any] | None:
        kind = capture.name.lower()
        if kind.startswith("benign"):
            return {"rest": BENIGN}
        if attack is not None and kind.startswith(("heavy_", "light_")):
            return _one("udp", attack, "dnsexfiltrator", b_port=53)
        return None

    return by_rule(folder, rule, name="CIC-Bell-DNS-EXF-2021", config=config)


def load_nefias(folder: str | Path, *, config: WindowConfig | None = None) -> Dataset:
    """Load the recordings of NeFiAS.

    The rule, from the recordings' descriptions: ``TCC_*`` and ``SCC_*`` (also behind a prefix
    such as ``remotehost_``) carry data in the gaps between packets, by CCEAP over TCP; captures
    in a folder ``Legitimate_*`` are benign; other channels (sizes, retransmissions) are outside
    the vocabulary and left out.

    Parameters
    ----------
    folder : str or Path
        The repository's ``recordings``, or a folder of it.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Dataset
        Windows labelled ``timing`` (tool ``cceap``) and ``benign``.

    Raises
    ------
    ConfigError
        When no capture follows the rule.
    """

    def rule(capture: Path) -> dict[str, Any] | None:
        if any(part.startswith("Legitimate") for part in capture.parts):
            return {"rest": BENIGN}
        if re.search(r"(^|_)[TS]CC_", capture.name):
            return _one("tcp", "timing", "cceap")
        return None

    return by_rule(folder, rule, name="NeFiAS", config=config)


def load_pcapstego(
    folder: str | Path, *, rest: str | None = BENIGN, config: WindowConfig | None = None
) -> Dataset:
    """Load captures that pcapStego has written into.

    The rule: ``injected_flows.csv`` beside the captures names the flows, with the columns
    ``field, src, dst, p_src, p_dst, proto, length [packet], length [bit]``; a line applies to
    every capture of its folder. ``TIMING`` is a timing channel, the other fields (``TOS``,
    ``TTL``, ``ID``, ``FL``, ``TC``, ``HL``) are header storage.

    Parameters
    ----------
    folder : str or Path
        With ``injected_flows.csv``, or folders that have one each.
    rest : str or None
        Label of the carrier capture's other flows.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    Dataset
        Labelled windows, tool ``pcapstego``.

    Raises
    ------
    ConfigError
        When there is no such CSV, or a line of one is wrong, naming file, line and column.
    """
    check_label(rest, "rest")

    def rule(capture: Path) -> dict[str, Any] | None:
        table = capture.parent / "injected_flows.csv"
        if not table.is_file():
            return None
        return {"flows": _stego_flows(table), "rest": rest}

    return by_rule(folder, rule, name="pcapStego", config=config)


def _one(proto: str, label: str, tool: str, b_port: int | None = None) -> dict[str, Any]:
    entry = {"proto": proto, "b_port": b_port, "label": label, "tool": tool}
    return {"flows": [entry], "rest": None}


def _stego_flows(table: Path) -> list[dict[str, Any]]:
    """Entries of a label file from pcapStego's list."""
    found = []
    for number, row in enumerate(rows_of(table, _STEGO_COLUMNS), 2):
        where = f"{table}: line {number}"
        label = _STEGO.get(row["field"].strip().upper())
        if label is None:
            known = ", ".join(_STEGO)
            raise ConfigError(f"{where}: field {row['field']!r} is none of {known}")
        try:
            ports = [int(float(row[key])) for key in ("p_src", "p_dst")]
            proto = str(int(float(row["proto"])))
        except ValueError as error:
            raise ConfigError(f"{where}: p_src, p_dst and proto are numbers ({error})") from error
        found.append(
            {
                "proto": proto, "a": row["src"].strip(), "b": row["dst"].strip(),
                "a_port": ports[0], "b_port": ports[1], "label": label, "tool": "pcapstego",
            }
        )  # fmt: skip
    return found


def rows_of(table: Path, columns: Iterable[str]) -> Iterable[dict[str, str]]:
    """Read a CSV file that must have some columns.

    Parameters
    ----------
    table : Path
        The file; spaces around names of columns do not count.
    columns : iterable of str
        What is needed.

    Yields
    ------
    dict
        Column to text, a line each.

    Raises
    ------
    ConfigError
        When the file cannot be read or a column is missing, naming it.
    """
    try:
        # The publishers' files are not all UTF-8: a dash in a label is Latin-1 in some.
        with table.open(newline="", encoding="utf-8", errors="replace") as source:
            reader = csv.reader(source)
            names = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
            missing = [column for column in columns if column not in names]
            if missing:
                raise ConfigError(f"{table}: no column {missing[0]!r}; it has {', '.join(names)}")
            for number, row in enumerate(reader, 2):
                if not any(row):
                    continue
                if len(row) < len(names):
                    raise ConfigError(f"{table}: line {number}: {len(row)} of {len(names)} columns")
                yield dict(zip(names, row, strict=False))
    except OSError as error:
        raise ConfigError(f"{table}: cannot be read ({error.strerror})") from error
