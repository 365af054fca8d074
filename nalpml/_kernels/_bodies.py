"""Whether the body of an IP packet is what its protocol number announces.

Each test asks for what the protocol fixes: versions, lengths that agree, checksums where they
cover the body alone. Data behind another protocol's number passes one time in hundreds at most,
save for ESP, of which only alignment and the reserved SPIs can be told (one time in four).
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from ._octets import be16, be32

__all__ = ["AS_ANNOUNCED", "OTHERWISE", "body_state", "dccp", "sctp"]

AS_ANNOUNCED, OTHERWISE = 4, 5
"""Values of the ``checksum`` column: the body parses, it does not."""


@kernel
def _sums_up(buffer, start, end):
    # Whether the Internet checksum over the octets is right (RFC 1071).
    total = np.int64(0)
    for i in range(start, end - 1, 2):
        total += be16(buffer, i)
    if (end - start) & 1:
        total += np.int64(buffer[end - 1]) << 8
    total = (total & 0xFFFF) + (total >> 16)
    return (total & 0xFFFF) + (total >> 16) == 0xFFFF


@kernel
def _ipv4(buffer, start, end, stop):
    # An IPv4 header whose length is what is left, or whose checksum is right.
    if end - start < 20 or buffer[start] >> 4 != 4:
        return False
    header = np.int64(buffer[start] & 15) * 4
    if header < 20 or start + header > end or be16(buffer, start + 2) > stop - start:
        return False
    return be16(buffer, start + 2) == stop - start or _sums_up(buffer, start, start + header)


@kernel
def _ipv6(buffer, start, end, stop):
    if end - start < 40 or buffer[start] >> 4 != 6:
        return False
    return be16(buffer, start + 4) + 40 == stop - start


@kernel
def _ethernet(buffer, start, end, stop):
    # A frame with a known type, and IP in it that fits (padding may follow).
    if end - start < 14:
        return False
    kind = be16(buffer, start + 12)
    first = start + 14
    while kind in (0x8100, 0x88A8) and first + 4 <= end:
        kind = be16(buffer, first + 2)
        first += 4
    if kind == 0x0800:
        return (
            end - first >= 20
            and buffer[first] >> 4 == 4
            and (be16(buffer, first + 2) <= stop - first)
        )
    if kind == 0x86DD:
        return (
            end - first >= 40
            and buffer[first] >> 4 == 6
            and (be16(buffer, first + 4) + 40 <= stop - first)
        )
    if kind == 0x0806:
        return end - first >= 8 and be32(buffer, first) == 0x00010800
    if 3 <= kind <= 1500:  # IEEE 802.3: a length, then LLC
        return kind <= stop - first
    return kind in (0x8847, 0x8863, 0x8864, 0x888E, 0x88CC, 0x88E5, 0x8809, 0x8902)


@kernel
def _mpls(buffer, start, end, stop):
    # Labels up to the bottom of the stack, then IP (RFC 4023).
    first = start
    for _ in range(8):
        if first + 4 > end:
            return False
        first += 4
        if buffer[first - 2] & 1:
            return _ipv4(buffer, first, end, stop) or _ipv6(buffer, first, end, stop)
    return False


@kernel
def _mirrored(buffer, first, end, stop, flags, kind):
    # ERSPAN (draft-foschiano-erspan): type I is a frame alone, II and III have a version and a
    # header before it, and III perhaps a subheader.
    if kind == 0x88BE and not flags & 0x1000:
        return _ethernet(buffer, first, end, stop)
    if first + 12 > end:
        return False
    if kind == 0x88BE:
        return buffer[first] >> 4 == 1 and _ethernet(buffer, first + 8, end, stop)
    header = 20 if buffer[first + 11] & 1 else 12
    return buffer[first] >> 4 == 2 and _ethernet(buffer, first + header, end, stop)


@kernel
def _gre(buffer, start, end, stop):
    # RFC 2784, 2890; version 1 is that of PPTP (RFC 2637).
    if end - start < 4:
        return False
    flags = be16(buffer, start)
    kind = be16(buffer, start + 2)
    first = start + 4
    if flags & 7 == 1:
        if kind != 0x880B or flags & 0xC078 or not flags & 0x2000 or end - start < 8:
            return False
        first += 4 + (4 if flags & 0x1000 else 0) + (4 if flags & 0x80 else 0)
        return be16(buffer, start + 4) == max(stop - first, 0)
    if flags & 0x4FFF:
        return False
    for bit in (0x8000, 0x2000, 0x1000):
        if flags & bit:
            first += 4
    if first > end:
        return False
    if kind == 0x0800:
        return _ipv4(buffer, first, end, stop)
    if kind == 0x86DD:
        return _ipv6(buffer, first, end, stop)
    if kind == 0x6558:
        return _ethernet(buffer, first, end, stop)
    if kind in (0x8847, 0x8848):
        return _mpls(buffer, first, end, stop)
    if kind == 0:  # keep-alives of routers
        return stop - first <= 24
    if kind == 0x88BE or kind == 0x22EB:
        return _mirrored(buffer, first, end, stop, flags, kind)
    # WCCP, NHRP, CDP, IS-IS, ARP.
    return kind in (0x883E, 0x2001, 0x2000, 0x00FE, 0x0806)


@kernel
def sctp(buffer, start, end, stop, more):
    """Whether an SCTP common header and chunks that fill the packet follow (RFC 9260).

    Parameters
    ----------
    buffer : uint8 (k,)
    start, end : int
        Where the captured body starts and ends.
    stop : int
        Where it ends by the IP header.
    more : int
        Not 0 where later fragments bring the rest.

    Returns
    -------
    bool
    """
    if end - start < 16:
        return end < stop
    first = start + 12
    while first + 4 <= end:
        kind = buffer[first]
        size = be16(buffer, first + 2)
        known = kind <= 15 or kind in (0x40, 0x80, 0x81, 0x82, 0x84, 0xC0, 0xC1, 0xC2)
        if not known or size < 4:
            return False
        if kind == 1 and (be32(buffer, start + 4) != 0 or size < 20):
            return False  # INIT stands alone and has no tag
        if kind == 0 and size < 17:
            return False
        first += size
        if first == stop:  # the last chunk's padding may be left out
            return True
        first += -size & 3
    if first < stop:
        return end < stop  # by the snap length
    return first == stop or more != 0


@kernel
def dccp(buffer, start, end, stop):
    """Whether a DCCP header follows (RFC 4340); parameters and result as of `sctp`."""
    if end - start < 12 or buffer[start + 8] & 0xE0:
        return False
    kind = buffer[start + 8] >> 1
    offset = np.int64(buffer[start + 4]) * 4
    long = buffer[start + 8] & 1
    if kind > 9 or (long == 0 and kind not in (2, 3, 4)) or (long and buffer[start + 9]):
        return False
    # Data stands alone, a request has a service code, all others an acknowledgement number.
    least = 12 + 4 * np.int64(long)
    if kind == 0 or (kind != 2 and long == 0):
        least += 4
    elif kind != 2:
        least += 8
    if offset < least or offset > stop - start:
        return False
    if kind == 0 or kind == 2:
        return True
    # Reserved octets before the acknowledgement number.
    if long == 0:
        return end - start < 13 or buffer[start + 12] == 0
    return end - start < 18 or be16(buffer, start + 16) == 0


@kernel
def _routing(buffer, start, end, stop, protocol):
    # Neighbours of a router: a version, a type, and a length or a checksum.
    size = stop - start
    if end - start < 8:
        return False
    kind = buffer[start + 1]
    whole = end == stop
    if protocol == 2:  # IGMP (RFC 2236, 3376), and what else has its number: DVMRP, mtrace
        first = buffer[start]
        known = 0x11 <= first <= 0x17 or first in (0x1E, 0x1F, 0x22, 0x23, 0x24, 0x30, 0x31, 0x32)
        return known and (not whole or _sums_up(buffer, start, end))
    if protocol == 46:  # RSVP (RFC 2205)
        return buffer[start] >> 4 == 1 and be16(buffer, start + 6) == size
    if protocol == 88:  # EIGRP (RFC 7868)
        return buffer[start] == 2 and kind <= 11 and (not whole or _sums_up(buffer, start, end))
    if protocol == 89:  # OSPF (RFC 2328, 5340); a digest may follow
        return buffer[start] in (2, 3) and 1 <= kind <= 5 and 16 <= be16(buffer, start + 2) <= size
    if protocol == 103:  # PIM (RFC 7761)
        known = buffer[start] >> 4 == 2 and buffer[start] & 15 <= 13
        return known and (kind == 0 or (whole and _sums_up(buffer, start, end)))
    if protocol == 113:  # PGM (RFC 3208, 8): a type, a length that fits, a checksum or none
        if end - start < 16 or buffer[start + 4] not in (0, 1, 2, 4, 5, 8, 9, 10, 13):
            return False
        if be16(buffer, start + 14) + 16 > size or buffer[start + 5] & 0x3C:
            return False
        return be16(buffer, start + 6) == 0 or not whole or _sums_up(buffer, start, end)
    # VRRP (RFC 3768, 5798): so many addresses, and authentication in version 2; CARP.
    if buffer[start] not in (0x21, 0x31):
        return False
    count = np.int64(buffer[start + 3])
    if buffer[start] == 0x21 and 8 + 4 * count <= size <= 60 + 4 * count:
        return True  # with a digest behind it
    return size in (8 + 4 * count, 8 + 16 * count) or size == 36


@kernel
def _extension(buffer, start, end, stop, protocol):
    # ESP, AH (RFC 4302), IPComp (RFC 3173), HIP (RFC 7401), UDP-Lite (RFC 3828).
    size = stop - start
    if end - start < 8:
        return False
    if protocol == 50:
        return be32(buffer, start) >= 256 and size & 3 == 0 and size >= 24
    if protocol == 51:
        header = (np.int64(buffer[start + 1]) + 2) * 4
        return be16(buffer, start + 2) == 0 and 12 <= header <= size
    if protocol == 108:
        return buffer[start + 1] == 0 and be16(buffer, start + 2) != 0
    if protocol == 139:
        header = (np.int64(buffer[start + 1]) + 1) * 8
        return header == size and buffer[start + 3] & 0xF0 in (0x10, 0x20)
    covered = be16(buffer, start + 4)
    return (covered == 0 or 8 <= covered <= size) and be16(buffer, start + 6) != 0


@kernel
def body_state(buffer, start, end, stop, protocol):
    """Say whether the body of an unfragmented IP packet is as its protocol number announces.

    Parameters
    ----------
    buffer : uint8 (k,)
    start, end : int
        Where the captured body starts and ends.
    stop : int
        Where it ends by the IP header.
    protocol : int
        IANA number.

    Returns
    -------
    int
        `AS_ANNOUNCED`, `OTHERWISE`, or 0 for protocols without a test.
    """
    if protocol == 4 or protocol == 94:
        good = _ipv4(buffer, start, end, stop)
    elif protocol == 41:
        good = _ipv6(buffer, start, end, stop)
    elif protocol == 47:
        good = _gre(buffer, start, end, stop)
    elif protocol == 97:
        good = (
            end - start >= 16
            and be16(buffer, start) == 0x3000
            and _ethernet(buffer, start + 2, end, stop)
        )
    elif protocol == 137:
        good = _mpls(buffer, start, end, stop)
    elif protocol in (2, 46, 88, 89, 103, 112, 113):
        good = _routing(buffer, start, end, stop, protocol)
    elif protocol in (50, 51, 108, 136, 139):
        good = _extension(buffer, start, end, stop, protocol)
    else:
        return 0
    return AS_ANNOUNCED if good else OTHERWISE
