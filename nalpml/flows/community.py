"""Community ID, version 1: a flow hash that other sensors compute alike.

Source: the Community ID flow hashing specification (Corelight), version 1. ICMP is hashed by
type and counterpart, so all echo sessions of two hosts share one; VSOCK has none.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..channels import VSOCK

__all__ = ["community_id"]

_PAIRS_4 = {0: 8, 8: 0, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 10: 9, 9: 10}
_PAIRS_6 = {
    128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130,
    139: 140, 140: 139, 144: 145, 145: 144,
}  # fmt: skip
_REPLIES = {1: (0, 14, 16, 18, 9), 58: (129, 134, 136)}


def community_id(windows: NDArray[Any]) -> list[str | None]:
    """Hash the flow of each window.

    Parameters
    ----------
    windows : structured (n,)
        As in `nalpml.flows.Flows`.

    Returns
    -------
    list of (str or None)
        ``1:`` and base64 of SHA-1; None for VSOCK.
    """
    names = ("src_hi", "src_lo", "dst_hi", "dst_lo", "sport", "dport", "proto")
    columns = [windows[name].tolist() for name in names]
    known: dict[tuple[int, ...], str | None] = {}
    result = []
    for row in zip(*columns, strict=True):
        if row not in known:
            known[row] = None if row[6] == VSOCK else _hash(*row)
        result.append(known[row])
    return result


def _octets(high: int, low: int, mapped: bool) -> bytes:
    return struct.pack("!I", low & 0xFFFFFFFF) if mapped else struct.pack("!QQ", high, low)


def _hash(
    src_hi: int, src_lo: int, dst_hi: int, dst_lo: int, sport: int, dport: int, proto: int
) -> str:
    mapped = src_hi == 0 and src_lo >> 32 == 0xFFFF
    source, target = _octets(src_hi, src_lo, mapped), _octets(dst_hi, dst_lo, mapped)
    ports = proto in (6, 17, 132)
    one_way = False
    if proto in (1, 58):
        pairs = _PAIRS_4 if proto == 1 else _PAIRS_6
        if sport in _REPLIES[proto]:
            # Seen from the reply: the originator's type is the request's.
            sport = pairs[sport]
        one_way = sport not in pairs
        dport = pairs.get(sport, dport)
        ports = True
    if not one_way and (target, dport) < (source, sport):
        source, target, sport, dport = target, source, dport, sport
    data = b"\0\0" + source + target + struct.pack("!BB", proto, 0)
    if ports:
        data += struct.pack("!HH", sport, dport)
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return "1:" + base64.b64encode(digest).decode()


def flow_uid(windows: NDArray[Any]) -> NDArray[Any]:
    """Write each window's own flow hash as text.

    Parameters
    ----------
    windows : structured (n,)
        As in `nalpml.flows.Flows`.

    Returns
    -------
    object (n,)
        16 hexadecimal digits; stable between runs, from key and start of the flow.
    """
    return np.array([f"{uid:016x}" for uid in windows["flow_uid"].tolist()], object)
