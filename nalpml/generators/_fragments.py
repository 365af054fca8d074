"""Datagrams larger than the path takes, cut into IP fragments (RFC 791; RFC 8200, section 4.5)."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from nalpml.generators._common import Rows
from nalpml.generators._frames import IP4, IP6, joined

__all__ = ["fragment"]

_MORE = 0x2000
_FRAGMENT_HEADER = 44


def fragment(
    rows: Rows, blob: bytes, mtu: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[Rows, bytes]:
    """Replace every row that is too large by rows of its fragments.

    Parameters
    ----------
    rows : structured array of `ROW` [shape=(n,)]
        All columns set; TCP has no place here, for it cuts its own segments.
    blob : bytes
        What `pay_off` addresses.
    mtu : int64 array [shape=(n,)]
        Octets of an IP packet that the path of each row takes.
    rng : numpy Generator
        Draws identifications where a row has none.

    Returns
    -------
    rows : structured array of `ROW`
    blob : bytes
    """
    is_ip = (rows["kind"] == IP4) | (rows["kind"] == IP6)
    header = np.where(rows["kind"] == IP6, 40, 20)
    cooked = np.isin(rows["proto"], (1, 17, 58)) & (rows["raw"] == 0)
    size = header + 8 * cooked + rows["pay_len"]
    large = np.flatnonzero(is_ip & (size > mtu))
    if not large.size:
        return rows, blob
    out, parts = [np.delete(rows, large)], [blob]
    at = len(blob)
    for i in large.tolist():
        body = _whole(rows[i], blob) if cooked[i] else _payload(rows[i], blob)
        extra = 8 if rows["kind"][i] == IP6 else 0
        step = (int(mtu[i]) - int(header[i]) - extra) // 8 * 8
        starts = range(0, len(body), step)
        made = np.repeat(rows[i : i + 1], len(starts))
        ident = int(rows["ip_id"][i]) or int(rng.integers(1, 65536))
        for k, low in enumerate(starts):
            piece = body[low : low + step]
            more = low + step < len(body)
            if extra:
                place = struct.pack(">BBHI", rows["proto"][i], 0, low | more, ident)
                piece = place + piece
            else:
                made["frag"][k] = low // 8 | more * _MORE
            made["pay_len"][k], made["pay_off"][k] = len(piece), at
            parts.append(piece)
            at += len(piece)
        # A link carries them one after another.
        made["time"] += np.arange(len(starts)) * 1300
        made["ip_id"] = 0 if extra else ident
        made["raw"] = 1
        if extra:
            made["proto"] = _FRAGMENT_HEADER
        out.append(made)
    return joined(out), b"".join(parts)


def _payload(row: Rows, blob: bytes) -> bytes:
    at = int(row["pay_off"])
    return blob[at : at + int(row["pay_len"])]


def _whole(row: Rows, blob: bytes) -> bytes:
    """The transport header with its checksum, and the payload."""
    body = _payload(row, blob)
    proto = int(row["proto"])
    if proto == 17:
        size = (len(body) + 8) & 0xFFFF
        head = struct.pack(">HHHH", int(row["sport"]), int(row["dport"]), size, 0)
        at = 6
    else:
        kind, code = int(row["icmp_type"]), int(row["icmp_code"])
        head = struct.pack(">BBHI", kind, code, 0, int(row["icmp_rest"]))
        at = 2
    covered = head + body if proto == 1 else _pseudo(row, len(body) + 8) + head + body
    words = np.frombuffer(covered + bytes(len(covered) % 2), ">u2")
    total = int(words.sum(dtype=np.uint64))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    check = 0xFFFF - total
    if proto == 17:
        unchecked = bool(row["nosum"]) and row["kind"] == IP4
        check = 0 if unchecked else check or 0xFFFF
    return head[:at] + struct.pack(">H", check) + head[at + 2 :] + body


def _pseudo(row: Rows, length: int) -> bytes:
    names = ("src_lo", "dst_lo") if row["kind"] == IP4 else ("src_hi", "src_lo", "dst_hi", "dst_lo")
    wide = ">I" if row["kind"] == IP4 else ">Q"
    mask = 0xFFFFFFFF if row["kind"] == IP4 else 0xFFFFFFFFFFFFFFFF
    addresses = b"".join(struct.pack(wide, int(row[name]) & mask) for name in names)
    return addresses + struct.pack(">II", length, int(row["proto"]))
