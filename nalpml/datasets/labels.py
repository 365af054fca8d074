"""Ground truth of packets, and what it makes of flow windows.

Truth is kept per packet, so that no definition of a flow can mislabel: a window's label is that
of the majority of its labelled packets, covert winning a tie; a window without one labelled
packet is unknown, and is left out of training and of metrics.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.capture.address import address_halves
from nalpml.capture.packets import PacketTable
from nalpml.channels import BENIGN, LABELS, proto_number
from nalpml.errors import ConfigError
from nalpml.flows import Flows

I64 = npt.NDArray[np.int64]

UNKNOWN = -1
COMPRESSED = (".gz", ".zst")
"""Endings of captures that are compressed as a whole."""
DEPTHS = 5
"""A packet has at most four others around it."""
_MARKS = frozenset({"flows", "rest"})
_KEYS = frozenset({"proto", "a", "b", "a_port", "b_port", "icmp_id", "label", "tool"})


@dataclass(frozen=True, slots=True)
class PacketLabels:
    """Label and tool of every packet of one capture.

    Attributes
    ----------
    code : ndarray, shape (n, DEPTHS), int64
        Index into ``kinds`` by frame number and by how many packets are around the packet; -1
        where nothing is known.
    kinds : tuple of (str, str)
        Label and tool; the tool is empty where none is named.
    """

    code: I64
    kinds: tuple[tuple[str, str], ...]

    def windows(self, flows: Flows) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.str_]]:
        """Label and tool of flow windows.

        Parameters
        ----------
        flows : Flows
            Windows over packets of this capture.

        Returns
        -------
        label, tool : ndarray, shape (len(flows),), str
            Empty text where no packet of the window is labelled.
        """
        label, tool = np.full(len(flows), "", dtype=object), np.full(len(flows), "", dtype=object)
        if not len(flows) or not self.kinds:
            return label.astype(str), tool.astype(str)
        window = np.repeat(np.arange(len(flows)), np.diff(flows.offsets))
        # A packet beyond the labels is unknown.
        padded = np.vstack([self.code, np.full((1, DEPTHS), UNKNOWN)])
        frame = np.minimum(flows.packets["index"], len(self.code))
        code = padded[frame, flows.packets["depth"]]
        known = code >= 0
        pair, count = np.unique(window[known] * len(self.kinds) + code[known], return_counts=True)
        row, kind = pair // len(self.kinds), pair % len(self.kinds)
        covert = np.array([name != BENIGN for name, _ in self.kinds])[kind]
        n_covert = np.bincount(row, weights=count * covert, minlength=len(flows))
        n_benign = np.bincount(row, weights=count * ~covert, minlength=len(flows))
        is_covert = (n_covert > 0) & (n_covert >= n_benign)
        # Among the kinds of the winning side, the last one written is the most frequent.
        sides = covert == is_covert[row]
        order = np.lexsort((-kind[sides], count[sides]))
        for r, k in zip(row[sides][order], kind[sides][order], strict=True):
            label[r], tool[r] = self.kinds[k]
        return label.astype(str), tool.astype(str)


def uncompressed(name: str) -> str:
    """Name of a file without the ending that says it is compressed.

    Examples
    --------
    >>> uncompressed("a/x.pcap.gz"), uncompressed("x.pcap")
    ('a/x.pcap', 'x.pcap')
    """
    ending = next((e for e in COMPRESSED if name.lower().endswith(e)), "")
    return name[: len(name) - len(ending)]


def label_path(capture: Path) -> Path | None:
    """Find the label file beside a capture.

    Parameters
    ----------
    capture : Path
        For example ``x.pcap`` or ``x.pcap.gz``.

    Returns
    -------
    Path or None
        ``x.json`` or ``x.pcap.json`` (or ``x.pcap.gz.json``), whichever is there and is a label
        file.
    """
    plain = capture.with_name(uncompressed(capture.name))
    beside = (
        plain.with_suffix(".json"),
        plain.with_name(plain.name + ".json"),
        capture.with_name(capture.name + ".json"),
    )
    for path in beside:
        if path.is_file() and path != capture:
            try:
                content = json.loads(path.read_text())
            except (OSError, ValueError):
                return path  # reading it will say what is wrong
            if isinstance(content, dict) and set(content) & _MARKS:
                return path
    return None


def read_labels(path: str | Path, packets: PacketTable) -> PacketLabels:
    """Apply a label file to the packets of its capture.

    Parameters
    ----------
    path : str or Path
        JSON with ``flows``, a list of ``proto``, ``a``, ``b``, ``a_port``, ``b_port``,
        ``icmp_id``, ``label``, ``tool`` (null or absent matches anything; either direction; the
        first entry that matches a packet holds), and ``rest``, the label of all other packets
        (null: unknown).
    packets : PacketTable
        Every packet of the capture, in order.

    Returns
    -------
    PacketLabels
        One code a frame and depth.

    Raises
    ------
    ConfigError
        When the file cannot be read or an entry is wrong, naming the field.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{path}: not JSON ({error})") from error
    return apply_labels(content, packets, where=str(path))


def apply_labels(content: Any, packets: PacketTable, *, where: str) -> PacketLabels:
    """Apply what a label file holds to the packets of its capture.

    Parameters
    ----------
    content : object
        What :func:`read_labels` reads from the file.
    packets : PacketTable
        Every packet of the capture, in order.
    where : str
        For messages: where the content comes from.

    Returns
    -------
    PacketLabels
        One code a frame and depth.

    Raises
    ------
    ConfigError
        When an entry is wrong, naming the field.
    """
    if not isinstance(content, dict) or not isinstance(content.get("flows", []), list):
        raise ConfigError(f"{where}: an object with a list 'flows' and a label 'rest' is expected")
    kinds: dict[tuple[str, str], int] = {}
    rest = _label(content.get("rest"), f"{where}: rest")
    code = np.full(len(packets), UNKNOWN, dtype=np.int64)
    if rest is not None:
        code[:] = kinds.setdefault((rest, ""), 0)
    taken = np.zeros(len(packets), dtype=bool)
    for number, entry in enumerate(content.get("flows", [])):
        field = f"{where}: flows[{number}]"
        if not isinstance(entry, dict):
            raise ConfigError(f"{field}: an object is expected")
        unknown = set(entry) - _KEYS
        if unknown:
            raise ConfigError(f"{field}: unknown key {min(unknown)!r}")
        label = _label(entry.get("label"), f"{field}.label")
        hit = _match(entry, packets, field) & ~taken
        taken |= hit
        if label is None:
            code[hit] = UNKNOWN
        else:
            code[hit] = kinds.setdefault((label, str(entry.get("tool") or "")), len(kinds))
    frames = int(packets["index"].max()) + 1 if len(packets) else 0
    table = np.full((frames, DEPTHS), UNKNOWN, dtype=np.int64)
    table[packets["index"], packets["depth"]] = code
    return PacketLabels(_inner_follow(table, kinds, _named(taken, packets, frames)), tuple(kinds))


def _named(
    taken: npt.NDArray[np.bool_], packets: PacketTable, frames: int
) -> npt.NDArray[np.bool_]:
    # Which packets an entry names, by frame and depth.
    named = np.zeros((frames, DEPTHS), dtype=bool)
    named[packets["index"], packets["depth"]] = taken
    return named


def _inner_follow(
    table: I64, kinds: Iterable[tuple[str, str]], named: npt.NDArray[np.bool_]
) -> I64:
    """Packets inside a covert one are not benign for that: they are unknown unless named."""
    covert = np.array([label != BENIGN for label, _ in kinds], dtype=bool)
    if not len(covert):
        return table
    inside = np.zeros(len(table), dtype=bool)
    for depth in range(1, DEPTHS):
        around = table[:, depth - 1]
        inside |= (around >= 0) & covert[around]
        table[inside & ~named[:, depth], depth] = UNKNOWN
    return table


def read_generated(path: str | Path) -> PacketLabels:
    """Read the labels of a generated capture.

    Parameters
    ----------
    path : str or Path
        ``labels.parquet`` with columns ``packet``, ``label`` and ``tool``.

    Returns
    -------
    PacketLabels
        One code a frame and depth.

    Raises
    ------
    ConfigError
        When the file cannot be read or a column or label is wrong.
    """
    import pyarrow
    import pyarrow.parquet

    path = Path(path)
    try:
        table = pyarrow.parquet.read_table(path, columns=["packet", "label", "tool"])
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    except (pyarrow.ArrowException, KeyError, ValueError) as error:
        raise ConfigError(
            f"{path}: not a label table with columns packet, label, tool ({error})"
        ) from error
    packet = table["packet"].to_numpy()
    label = table["label"].to_numpy(zero_copy_only=False).astype(str)
    tool = table["tool"].to_numpy(zero_copy_only=False).astype(str)
    for name in np.unique(label):
        _label(str(name), f"{path}: label")
    if len(packet) and packet.min() < 0:
        raise ConfigError(f"{path}: packet numbers must not be negative")
    pairs, inverse = np.unique(np.char.add(np.char.add(label, "\n"), tool), return_inverse=True)
    code = np.full(int(packet.max()) + 1 if len(packet) else 0, UNKNOWN, dtype=np.int64)
    code[packet] = inverse
    kinds = tuple((str(p).split("\n")[0], str(p).split("\n")[1]) for p in pairs)
    every = np.repeat(code[:, np.newaxis], DEPTHS, axis=1)
    return PacketLabels(_inner_follow(every, kinds, np.zeros(every.shape, dtype=bool)), kinds)


def _label(value: Any, where: str) -> str | None:
    if value is None:
        return None
    if value not in LABELS:
        raise ConfigError(f"{where}: {value!r} is not a label; use null or {', '.join(LABELS)}")
    return str(value)


def _number(entry: dict[str, Any], key: str, where: str) -> int | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{where}.{key}: {value!r} is not a whole number from 0")
    return value


def _address(entry: dict[str, Any], key: str, where: str) -> tuple[int, int] | None:
    value = entry.get(key)
    if value is None:
        return None
    try:
        return address_halves(str(value))
    except ValueError as error:
        raise ConfigError(f"{where}.{key}: {value!r} is not an address or CID") from error


def _match(entry: dict[str, Any], packets: PacketTable, where: str) -> npt.NDArray[np.bool_]:
    """Packets that an entry names, in either direction."""
    hit = packets["skip"] == 0
    proto = entry.get("proto")
    if proto is not None:
        try:
            hit &= packets["proto"] == proto_number(str(proto).removeprefix("ip"))
        except ValueError as error:
            raise ConfigError(f"{where}.proto: {error}") from error
    icmp_id = _number(entry, "icmp_id", where)
    if icmp_id is not None:
        hit &= packets["icmp_id"] == icmp_id
    ends = [
        (_address(entry, side, where), _number(entry, f"{side}_port", where)) for side in ("a", "b")
    ]
    forward = _end(packets, "src", "sport", *ends[0]) & _end(packets, "dst", "dport", *ends[1])
    back = _end(packets, "dst", "dport", *ends[0]) & _end(packets, "src", "sport", *ends[1])
    result: npt.NDArray[np.bool_] = hit & (forward | back)
    return result


def _end(
    packets: PacketTable,
    side: str,
    port_name: str,
    address: tuple[int, int] | None,
    port: int | None,
) -> npt.NDArray[np.bool_]:
    hit = np.ones(len(packets), dtype=bool)
    if address is not None:
        high, low = address
        hit &= (packets[f"{side}_hi"] == np.uint64(high)) & (
            packets[f"{side}_lo"] == np.uint64(low)
        )
    if port is not None:
        hit &= packets[port_name] == port
    return hit
