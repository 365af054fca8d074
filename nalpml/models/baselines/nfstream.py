"""NFStream's statistics and nDPI's verdicts, joined to our windows.

NFStream is not imported: ``benchmarks/nfstream_flows.py`` runs it in an environment of its own and
writes Parquet, a row a flow. A window takes the flow of the same capture, protocol, addresses and
ports that shares most of its time; where NFStream sees no flow (VSOCK, IP protocols it does not
decode) the window's columns are empty.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.channels import proto_number
from nalpml.datasets import Dataset
from nalpml.errors import ConfigError

F64 = npt.NDArray[np.float64]

KEY = ("capture", "protocol", "src_ip", "src_port", "dst_ip", "dst_port")
TIMES = ("bidirectional_first_seen_ms", "bidirectional_last_seen_ms")
VERDICT = ("application_name", "application_confidence")

DPI = 6
"""nDPI's confidence from which a name comes from the packets and not from a port or an address."""

CHANNEL_NAMES = ("SOCKS", "GRE", "IP_IN_IP", "VPN", "TUNNEL", "TOR")
"""Parts of nDPI's names that say tunnel or proxy."""

SLACK = 0.002
"""Seconds by which NFStream's milliseconds may miss our nanoseconds."""


def read(path: Path) -> pd.DataFrame:
    """Read what ``benchmarks/nfstream_flows.py`` wrote.

    Parameters
    ----------
    path : Path
        Parquet.

    Returns
    -------
    DataFrame
        A row a flow.

    Raises
    ------
    ConfigError
        When it cannot be read or a column is missing.
    """
    try:
        flows = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read as Parquet ({error})") from error
    missing = [name for name in (*KEY, *TIMES, *VERDICT) if name not in flows.columns]
    if missing:
        raise ConfigError(f"{path}: not NFStream's flows: no column {missing[0]!r}")
    return flows


def _ends(address: Any, port: Any) -> list[tuple[str, int]]:
    plain = {text: ipaddress.ip_address(text).compressed for text in set(address) if _is_ip(text)}
    number = pd.to_numeric(pd.Series(np.asarray(port)), errors="coerce").fillna(0).astype(int)
    return [(plain.get(a, str(a)), p) for a, p in zip(address, number, strict=True)]


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _keys(capture: Any, protocol: Any, one: Any, other: Any) -> list[str]:
    return [
        f"{c} {p} {sorted((a, b))}"
        for c, p, a, b in zip(capture, protocol, one, other, strict=True)
    ]


def join(data: Dataset, flows: pd.DataFrame) -> pd.DataFrame:
    """The NFStream flow of each window.

    Parameters
    ----------
    data : Dataset
        Windows.
    flows : DataFrame
        From `read`.

    Returns
    -------
    DataFrame, shape (n, k)
        Rows in the order of the windows, columns of ``flows``; empty where there is no flow.
    """
    identity = data.identity
    number = {name: proto_number(name) for name in set(identity["proto"])}
    protocol = [number[name] for name in identity["proto"]]
    ported = np.isin(protocol, (6, 17))  # NFStream has port 0 where there are none
    ends = [
        _ends(identity[a].astype(str), np.where(ported, identity[p], 0))
        for a, p in (("src", "sport"), ("dst", "dport"))
    ]
    wanted = pd.DataFrame(
        {
            "key": _keys(data.capture, protocol, *ends),
            "row": np.arange(len(data)),
            "start": identity["start"].to_numpy(np.float64) - SLACK,
            "end": identity["end"].to_numpy(np.float64) + SLACK,
        }
    )
    ends = [_ends(flows[f"{s}_ip"].astype(str), flows[f"{s}_port"]) for s in ("src", "dst")]
    there = pd.DataFrame(
        {
            "key": _keys(flows["capture"], flows["protocol"], *ends),
            "flow": np.arange(len(flows)),
            "first": flows[TIMES[0]].to_numpy(np.float64) / 1e3,
            "last": flows[TIMES[1]].to_numpy(np.float64) / 1e3,
        }
    )
    pairs = wanted.merge(there, on="key")
    shared = np.minimum(pairs["end"], pairs["last"]) - np.maximum(pairs["start"], pairs["first"])
    pairs = pairs.assign(shared=shared)[shared >= 0].sort_values(["row", "shared", "flow"])
    best = pairs.groupby("row")["flow"].last()
    result = flows.iloc[best.to_numpy()].set_index(best.index)
    return result.reindex(np.arange(len(data)))


def statistics(joined: pd.DataFrame) -> pd.DataFrame:
    """NFStream's numbers, without what names the experiment.

    Parameters
    ----------
    joined : DataFrame
        From `join`.

    Returns
    -------
    DataFrame, float32
        Packet, octet, size, inter-arrival and flag statistics, and the protocol.
    """
    parts = ("bidirectional_", "src2dst_", "dst2src_")
    kept = [n for n in joined.columns if n.startswith(parts) and not n.endswith("_seen_ms")]
    return joined[["protocol", *kept]].astype(np.float32)


def verdict(joined: pd.DataFrame) -> F64:
    """Read nDPI's verdict as suspicion.

    Parameters
    ----------
    joined : DataFrame
        From `join`.

    Returns
    -------
    ndarray, shape (n,), float64
        3 where nDPI names a tunnel or proxy, 2 where it knows no name or sees no flow, 1 where
        the name is guessed, 0 where its dissectors name a protocol.
    """
    name = joined["application_name"].fillna("Unknown").astype(str)
    sure = joined["application_confidence"].fillna(0).to_numpy(np.float64) >= DPI
    unknown = (name == "Unknown").to_numpy()
    tunnel = name.str.upper().str.contains("|".join(CHANNEL_NAMES)).to_numpy()
    return np.select([tunnel, unknown, ~sure], [3.0, 2.0, 1.0], 0.0)
