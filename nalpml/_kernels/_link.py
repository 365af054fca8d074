"""Link layers: where a frame's IP packet starts."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from ._octets import be16, be32, le16, le32
from ._reasons import BAD_LINK, NOT_IP, TRUNCATED, UNSUPPORTED

__all__ = ["VSOCK", "ethernet", "find_ip", "ppp"]

# Link types as in the tcpdump.org registry.
ETHERNET, NULL, PPP, RAW_BSD, RAW_BSD_2, PPP_HDLC, RAW, CHDLC, WIFI, LOOP, SLL, RADIOTAP = (
    1, 0, 9, 12, 14, 50, 101, 104, 105, 108, 113, 127,
)  # fmt: skip
IPV4, IPV6, VSOCK, SLL2 = 228, 229, 271, 276


@kernel
def _is_snap(buffer, offset):
    # LLC of the subnetwork access protocol with no organisation: an EtherType follows.
    return be32(buffer, offset) == 0xAAAA0300 and be16(buffer, offset + 4) == 0


@kernel
def ethertype(buffer, offset, end, kind):
    """Skip VLAN tags, MPLS labels, PPPoE and SNAP from an EtherType on.

    Parameters
    ----------
    buffer : uint8 (k,)
    offset, end : int
        Octets behind the EtherType, and where the captured octets end.
    kind : int
        The EtherType, or the length of an IEEE 802.3 frame.

    Returns
    -------
    (int, int)
        Offset of the IP header and its version, or 0 and minus a skip reason.
    """
    for _ in range(8):
        if kind in (0x8100, 0x88A8, 0x9100):
            if offset + 4 > end:
                return 0, -TRUNCATED
            kind = be16(buffer, offset + 2)
            offset += 4
        elif kind in (0x8847, 0x8848):
            while True:
                if offset + 4 > end:
                    return 0, -TRUNCATED
                bottom = buffer[offset + 2] & 1
                offset += 4
                if bottom:
                    break
            if offset >= end:
                return 0, -TRUNCATED
            version = buffer[offset] >> 4
            if version == 4 or version == 6:
                return offset, np.int64(version)
            return 0, -NOT_IP
        elif kind == 0x8864:
            if offset + 8 > end:
                return 0, -TRUNCATED
            protocol = be16(buffer, offset + 6)
            if protocol == 0x21:
                return offset + 8, 4
            if protocol == 0x57:
                return offset + 8, 6
            return 0, -NOT_IP
        elif kind < 0x0600:
            if offset + 8 > end:
                return 0, -TRUNCATED
            if not _is_snap(buffer, offset):
                return 0, -NOT_IP
            kind = be16(buffer, offset + 6)
            offset += 8
        elif kind == 0x0800:
            return offset, 4
        elif kind == 0x86DD:
            return offset, 6
        else:
            return 0, -NOT_IP
    return 0, -BAD_LINK


@kernel
def ethernet(buffer, start, end):
    """Find the IP packet of an Ethernet frame: as `ethertype`."""
    if end - start < 14:
        return 0, -TRUNCATED
    return ethertype(buffer, start + 14, end, be16(buffer, start + 12))


@kernel
def _wifi(buffer, start, end):
    # IEEE 802.11 data frames in the clear; others carry no IP that could be read.
    if start + 2 > end:
        return 0, -TRUNCATED
    control = np.int64(buffer[start])
    flags = np.int64(buffer[start + 1])
    if (control >> 2) & 3 != 2 or control & 0x40 or flags & 0x40:
        return 0, -NOT_IP
    offset = start + 24
    if flags & 3 == 3:  # between access points: a fourth address
        offset += 6
    if control & 0x80:  # quality of service
        if offset + 2 > end:
            return 0, -TRUNCATED
        if buffer[offset] & 0x80:  # several frames in one
            return 0, -NOT_IP
        offset += 2
        if flags & 0x80:
            offset += 4
    if offset + 8 > end:
        return 0, -TRUNCATED
    if not _is_snap(buffer, offset):
        return 0, -NOT_IP
    return ethertype(buffer, offset + 8, end, be16(buffer, offset + 6))


@kernel
def ppp(buffer, offset, end):
    """Find IP behind a PPP protocol field: as `ethertype`."""
    if offset + 2 <= end and buffer[offset] == 0xFF and buffer[offset + 1] == 0x03:
        offset += 2
    if offset + 2 > end:
        return 0, -TRUNCATED
    if buffer[offset] & 1:
        protocol = np.int64(buffer[offset])
        offset += 1
    else:
        protocol = be16(buffer, offset)
        offset += 2
    if protocol == 0x21:
        return offset, 4
    if protocol == 0x57:
        return offset, 6
    return 0, -NOT_IP


@kernel
def find_ip(buffer, start, end, link):
    """Find the IP packet of a frame.

    Parameters
    ----------
    buffer : uint8 (k,)
    start, end : int
        Where the captured octets of the frame start and end.
    link : int
        Link type; -1 where it is not known.

    Returns
    -------
    (int, int)
        Offset of the IP header and its version, or 0 and minus a skip reason.
    """
    length = end - start
    if link == ETHERNET:
        return ethernet(buffer, start, end)
    if link == SLL:
        if length < 16:
            return 0, -TRUNCATED
        return ethertype(buffer, start + 16, end, be16(buffer, start + 14))
    if link == SLL2:
        if length < 20:
            return 0, -TRUNCATED
        return ethertype(buffer, start + 20, end, be16(buffer, start))
    if link == NULL or link == LOOP:
        if length < 4:
            return 0, -TRUNCATED
        family = be32(buffer, start)
        if family > 0xFFFF:  # written in the other byte order
            family = le32(buffer, start)
        if family == 2:
            return start + 4, 4
        if family in (24, 28, 30, 10):
            return start + 4, 6
        return 0, -NOT_IP
    if link in (RAW, RAW_BSD, RAW_BSD_2, IPV4, IPV6):
        if length < 1:
            return 0, -TRUNCATED
        version = np.int64(buffer[start] >> 4)
        if version == 4 or version == 6:
            return start, version
        return 0, -NOT_IP
    if link == PPP or link == PPP_HDLC:
        return ppp(buffer, start, end)
    if link == CHDLC:
        if length < 4:
            return 0, -TRUNCATED
        return ethertype(buffer, start + 4, end, be16(buffer, start + 2))
    if link == WIFI:
        return _wifi(buffer, start, end)
    if link == RADIOTAP:
        if length < 4:
            return 0, -TRUNCATED
        size = le16(buffer, start + 2)
        if size < 8:
            return 0, -BAD_LINK
        return _wifi(buffer, start + size, end)
    return 0, -UNSUPPORTED
