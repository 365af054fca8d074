"""Packets inside packets: IP in IP, GRE, VXLAN, GTP-U and Teredo."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from ._link import ethernet, ethertype, ppp
from ._octets import be16

__all__ = ["find_inner"]

IPIP, SIT, GRE, VXLAN, GTP, TEREDO = 1, 2, 3, 4, 5, 6
"""Kinds of encapsulation: places in capture.packets.TUNNELS."""


@kernel
def _gre(buffer, start, end):
    # RFC 2784 and 2890; version 1 is that of PPTP (RFC 2637).
    if start + 4 > end:
        return 0, 0
    flags = be16(buffer, start)
    kind = be16(buffer, start + 2)
    offset = start + 4
    if flags & 7 == 1 and kind == 0x880B:
        offset += 4 + (4 if flags & 0x1000 else 0) + (4 if flags & 0x80 else 0)
        return ppp(buffer, offset, end)
    if flags & 7 or flags & 0x4000:
        return 0, 0
    for bit in (0x8000, 0x2000, 0x1000):
        if flags & bit:
            offset += 4
    if kind == 0x6558:
        return ethernet(buffer, offset, end)
    if kind in (0x0800, 0x86DD, 0x8100, 0x8847):
        return ethertype(buffer, offset, end, kind)
    return 0, 0


@kernel
def _vxlan(buffer, start, end):
    # RFC 7348: the flag of a valid network identifier, and reserved zeros.
    if start + 8 > end or buffer[start] != 8 or buffer[start + 1] or buffer[start + 7]:
        return 0, 0
    return ethernet(buffer, start + 8, end)


@kernel
def _version(buffer, offset, end):
    if offset < end:
        version = np.int64(buffer[offset] >> 4)
        if version == 4 or version == 6:
            return offset, version
    return 0, 0


@kernel
def _gtp(buffer, start, end):
    # GTP version 1, user plane (3GPP TS 29.281): only G-PDU carries a packet.
    if start + 8 > end or buffer[start] & 0xF0 != 0x30 or buffer[start + 1] != 0xFF:
        return 0, 0
    offset = start + 8
    if buffer[start] & 7:
        offset += 4
        if offset > end:
            return 0, 0
        following = buffer[offset - 1] if buffer[start] & 4 else 0
        for _ in range(8):
            if following == 0:
                break
            if offset >= end or buffer[offset] == 0:
                return 0, 0
            offset += 4 * np.int64(buffer[offset])
            if offset > end:
                return 0, 0
            following = buffer[offset - 1]
        if following:
            return 0, 0
    return _version(buffer, offset, end)


@kernel
def _teredo(buffer, start, end):
    # RFC 4380: an authentication and an origin indication may stand before IPv6.
    offset = start
    if offset + 4 <= end and be16(buffer, offset) == 1:
        offset += 13 + np.int64(buffer[offset + 2]) + np.int64(buffer[offset + 3])
    if offset + 8 <= end and be16(buffer, offset) == 0:
        offset += 8
    place, version = _version(buffer, offset, end)
    if version == 6:
        return place, version
    return 0, 0


@kernel
def find_inner(buffer, row):
    """Find the packet inside a decoded packet.

    Parameters
    ----------
    buffer : uint8 (k,)
        The frame: the octets that ``payload_off`` points into.
    row : structured
        Of PACKET_DTYPE: the outer packet.

    Returns
    -------
    (int, int, int)
        Offset of the inner IP header, its version (not positive: there is none that can be
        read), and the kind of encapsulation.
    """
    start = np.int64(row["payload_off"])
    end = start + np.int64(row["payload_cap"])
    proto = row["proto"]
    if proto == 17:
        low = min(row["sport"], row["dport"])
        high = max(row["sport"], row["dport"])
        if low == 4789 or high == 4789 or low == 8472 or high == 8472:
            offset, version = _vxlan(buffer, start, end)
            return offset, version, VXLAN
        if low == 2152 or high == 2152:
            offset, version = _gtp(buffer, start, end)
            return offset, version, GTP
        if low == 3544 or high == 3544:
            offset, version = _teredo(buffer, start, end)
            return offset, version, TEREDO
        return 0, 0, 0
    if proto == 47:
        offset, version = _gre(buffer, start, end)
        return offset, version, GRE
    if proto == 4:
        return start, 4, IPIP
    if proto == 41:
        return start, 6, SIT
    return 0, 0, 0
