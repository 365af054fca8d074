"""Captures to tables: who talked, and the features of each window or packet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..capture.address import address_text, proto_text
from ..capture.packets import PacketTable
from ..capture.reader import Source, iter_chunks, source_name
from ..channels import VSOCK
from ..errors import ConfigError
from ..flows import Flows, WindowConfig, flows, iter_flows
from ..flows.community import community_id, flow_uid
from . import compute, schema

if TYPE_CHECKING:
    import os

    import pandas as pd

__all__ = ["IDENTITY", "extract", "frame", "identity", "iter_windows", "write_parquet"]

IDENTITY = (
    "start", "end", "proto", "icmp_id", "src", "sport", "dst", "dport", "flow_uid",
    "community_id", "window", "packets", "bytes", "capture",
)  # fmt: skip
"""Columns that say which window a row is, before the features."""


def identity(windows: NDArray[Any], *, capture: str) -> dict[str, Any]:
    """Describe windows as verdicts do.

    Parameters
    ----------
    windows : structured (n,)
        As in `Flows`.
    capture : str
        Name of the capture.

    Returns
    -------
    dict
        A column for each name in `IDENTITY`: epoch seconds, text, integers or None;
        ``packets`` and ``bytes`` hold [originator, responder].
    """
    is_vsock = windows["proto"] == VSOCK
    has_ports = np.isin(windows["proto"], (1, 6, 17, 33, 58, 132, VSOCK))
    return {
        "start": windows["start_ns"] / 1e9,
        "end": windows["end_ns"] / 1e9,
        "proto": proto_text(windows["proto"]),
        "icmp_id": _nullable(windows["icmp_id"], windows["icmp_id"] >= 0),
        "src": address_text(windows["src_hi"], windows["src_lo"], is_vsock),
        "sport": _nullable(windows["sport"], has_ports),
        "dst": address_text(windows["dst_hi"], windows["dst_lo"], is_vsock),
        "dport": _nullable(windows["dport"], has_ports),
        "flow_uid": flow_uid(windows),
        "community_id": community_id(windows),
        "window": windows["window"].astype(np.int64),
        "packets": _both(windows, "packets"),
        "bytes": _both(windows, "bytes"),
        "capture": [capture] * len(windows),
    }


def _nullable(values: NDArray[Any], present: NDArray[np.bool_]) -> list[int | None]:
    pairs = zip(values.tolist(), present.tolist(), strict=True)
    return [value if known else None for value, known in pairs]


def _both(windows: NDArray[Any], name: str) -> list[list[int]]:
    sides = zip(windows[f"{name}_orig"].tolist(), windows[f"{name}_resp"].tolist(), strict=True)
    return [[orig, resp] for orig, resp in sides]


def frame(flows: Flows, *, capture: str = "", level: str = "flow") -> pd.DataFrame:
    """Make a DataFrame of flow windows (or their packets).

    Parameters
    ----------
    flows : Flows
        Flow windows with their packets.
    capture : str
        Name of the capture.
    level : str
        ``flow`` for a row a window, ``packet`` for a row a packet.

    Returns
    -------
    pandas.DataFrame
        Identity columns (for packets also frame number ``packet`` and ``time``), then features
        as float32 in schema order; ``attrs["schema"]`` is the schema's digest.
    """
    import pandas as pd

    if level not in ("flow", "packet"):
        raise ConfigError(f"unknown level {level!r}: use flow or packet")
    table = pd.DataFrame(identity(flows.windows, capture=capture), columns=list(IDENTITY))
    for name in ("icmp_id", "sport", "dport"):
        table[name] = table[name].astype("Int64")
    for name in ("community_id", "proto", "src", "dst", "flow_uid", "capture"):
        table[name] = table[name].astype(object)
    if level == "packet":
        table = table.loc[np.repeat(np.arange(len(flows)), np.diff(flows.offsets))]
        table = table.reset_index(drop=True)
        table["packet"] = flows.column("index")
        table["time"] = flows.column("time_ns") / 1e9
    names = schema(level).names
    values = pd.DataFrame(compute(flows, level=level), columns=list(names))
    result = pd.concat([table, values], axis=1)
    result.attrs["schema"] = schema(level).digest
    return result


def iter_windows(source: Source, config: WindowConfig | None = None) -> Iterator[Flows]:
    """Stream a capture into closed windows.

    Parameters
    ----------
    source : path, ``-`` or binary file object
        The capture.
    config : WindowConfig, optional
        When windows close.

    Yields
    ------
    Flows
        Batches of windows in closing order.

    Raises
    ------
    CaptureError
        If the source is no readable capture.
    """
    return iter_flows(iter_chunks(source), config)


def extract(
    captures: Source | PacketTable | Iterable[Any],
    *,
    level: str = "flow",
    config: WindowConfig | None = None,
) -> pd.DataFrame:
    """Extract features from captures.

    Parameters
    ----------
    captures : path, PacketTable, list of scapy packets, or iterable of paths
        What to read; each capture keeps its own flows.
    level : str
        ``flow`` for a row a window, ``packet`` for a row a packet.
    config : WindowConfig, optional
        When windows close.

    Returns
    -------
    pandas.DataFrame
        See `frame`; windows of a capture in order of their first packet.

    Raises
    ------
    CaptureError
        If one is no readable capture.
    ConfigError
        If the level is unknown.
    """
    import pandas as pd

    parts = []
    for item in _several(captures):
        if isinstance(item, PacketTable):
            parts.append(frame(flows(item, config), capture=item.report.source, level=level))
            continue
        batches = list(iter_windows(item, config))
        joined = Flows.concatenate(batches).by_start()
        parts.append(frame(joined, capture=source_name(item), level=level))
    result = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    result.attrs["schema"] = schema(level).digest
    return result


def _several(captures: Source | PacketTable | Iterable[Any]) -> list[Any]:
    import os

    if isinstance(captures, str | os.PathLike | PacketTable) or hasattr(captures, "read"):
        return [captures]
    items = list(captures)
    if not items:
        raise ConfigError("no capture was named")
    if hasattr(items[0], "time") and hasattr(items[0], "payload"):
        from ..capture.scapy import from_scapy

        return [from_scapy(items)]
    return items


def write_parquet(
    table: pd.DataFrame, path: str | os.PathLike[str], *, level: str = "flow"
) -> None:
    """Write an extracted table.

    Parameters
    ----------
    table : pandas.DataFrame
        As `extract` returns, perhaps with columns ``label`` and ``tool``.
    path : path
        Parquet file to write.
    level : str
        The level it was extracted at.

    Raises
    ------
    ConfigError
        If it cannot be written.

    Notes
    -----
    The file's metadata carry ``nalpml.schema_version``, ``nalpml.schema_digest`` and the schema
    itself as ``nalpml.schema``.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    wanted = schema(level)
    metadata = {
        **(arrow.schema.metadata or {}),
        b"nalpml.schema_version": str(wanted.version).encode(),
        b"nalpml.schema_digest": wanted.digest.encode(),
        b"nalpml.schema": wanted.to_json().encode(),
    }
    try:
        pq.write_table(arrow.replace_schema_metadata(metadata), path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror or error})") from error
