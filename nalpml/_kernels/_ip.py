"""IP and transport headers into packet rows.

``end`` bounds what was captured, ``stop`` what the IP header announces: sizes come from the
headers, and no octet behind ``end`` is read.
"""

from __future__ import annotations

import numpy as np

from ._bodies import AS_ANNOUNCED, OTHERWISE, body_state, dccp, sctp
from ._jit import kernel
from ._octets import be16, be32, be64
from ._reasons import BAD_IP, BAD_TRANSPORT, TRUNCATED

__all__ = ["decode_ip"]

LATER, MORE = 0x1FFF, 0x2000
"""Fragment offset and more-fragments bit, as in IPv4."""


@kernel
def _ipv6(buffer, offset, end, row):
    # Fixed header and extension chain -> (protocol, offset of its payload, end by length, ok).
    row["flow_label"] = be32(buffer, offset) & 0xFFFFF
    row["tos"] = (be16(buffer, offset) >> 4) & 0xFF
    row["ttl"] = buffer[offset + 7]
    row["src_hi"] = be64(buffer, offset + 8)
    row["src_lo"] = be64(buffer, offset + 16)
    row["dst_hi"] = be64(buffer, offset + 24)
    row["dst_lo"] = be64(buffer, offset + 32)
    length = be16(buffer, offset + 4)
    following = np.int64(buffer[offset + 6])
    row["ip_len"] = length + 40
    stop = offset + 40 + length
    position = offset + 40
    for _ in range(16):
        if following == 44:
            if position + 8 > end:
                return following, position, stop, False
            word = be16(buffer, position + 2)
            row["ip_id"] = be16(buffer, position + 6)
            # Laid out as IPv4's: fragment offset in units of 8, more-fragments in bit 13.
            row["ip_frag"] = (word >> 3) | ((word & 1) << 13)
            following = np.int64(buffer[position])
            position += 8
            if word >> 3:
                return following, position, stop, True
        elif following in (0, 43, 60, 135, 139, 140):
            if position + 8 > end:
                return following, position, stop, False
            size = (np.int64(buffer[position + 1]) + 1) * 8
            following = np.int64(buffer[position])
            position += size
        elif following == 51:
            if position + 8 > end:
                return following, position, stop, False
            size = (np.int64(buffer[position + 1]) + 2) * 4
            following = np.int64(buffer[position])
            position += size
        else:
            return following, position, stop, True
    return following, position, stop, False


@kernel
def _tcp(buffer, offset, end, stop, row):
    if end - offset < 20:
        return -TRUNCATED
    row["sport"] = be16(buffer, offset)
    row["dport"] = be16(buffer, offset + 2)
    row["tcp_seq"] = be32(buffer, offset + 4)
    row["tcp_ack"] = be32(buffer, offset + 8)
    word = be16(buffer, offset + 12)
    header = (word >> 12) * 4
    row["tcp_header"] = header
    row["tcp_flags"] = word & 0xFFF
    row["tcp_window"] = be16(buffer, offset + 14)
    row["tcp_urgent"] = be16(buffer, offset + 18)
    if header < 20 or offset + header > stop:
        return -BAD_TRANSPORT
    position = offset + 20
    limit = min(offset + header, end)
    while position + 2 <= limit:
        kind = buffer[position]
        if kind == 0:
            break
        if kind == 1:
            position += 1
            continue
        size = np.int64(buffer[position + 1])
        if size < 2:
            break
        if kind == 8 and size == 10 and position + 10 <= limit:
            row["tcp_tsval"] = be32(buffer, position + 2)
        position += size
    return header


@kernel
def _icmp_checksum(buffer, offset, stop):
    total = np.int64(0)
    position = offset
    while position + 1 < stop:
        total += be16(buffer, position)
        position += 2
    if position < stop:
        total += np.int64(buffer[position]) << 8
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


@kernel
def _transport(buffer, offset, end, stop, protocol, row):
    # -> octets of transport header, or -reason.
    more = row["ip_frag"] & MORE
    if protocol == 6:
        return _tcp(buffer, offset, end, stop, row)
    if protocol == 17:
        if end - offset < 8:
            return -TRUNCATED
        row["sport"] = be16(buffer, offset)
        row["dport"] = be16(buffer, offset + 2)
        if be16(buffer, offset + 6) == 0:
            row["checksum"] = 3
        length = be16(buffer, offset + 4)
        if length != 0 and (length < 8 or (offset + length > stop and not more)):
            return -BAD_TRANSPORT
        return 8
    if protocol == 1 or protocol == 58:
        if end - offset < 8:
            if stop - offset < 8 and end - offset >= 4:
                row["icmp_type"] = buffer[offset]
                row["icmp_code"] = buffer[offset + 1]
                return end - offset
            return -TRUNCATED
        row["icmp_type"] = buffer[offset]
        row["icmp_code"] = buffer[offset + 1]
        row["icmp_id"] = be16(buffer, offset + 4)
        row["icmp_seq"] = be16(buffer, offset + 6)
        if protocol == 1 and stop <= end and not more:
            row["checksum"] = 1 if _icmp_checksum(buffer, offset, stop) else 2
        return 8
    if protocol == 132 or protocol == 33:
        if end - offset < 12:
            return -TRUNCATED
        if protocol == 132:
            known = sctp(buffer, offset, end, stop, more)
        else:
            known = dccp(buffer, offset, end, stop)
        row["checksum"] = AS_ANNOUNCED if known else OTHERWISE
        if not known:  # data behind a borrowed number: no ports, one flow of the two hosts
            return 0
        row["sport"] = be16(buffer, offset)
        row["dport"] = be16(buffer, offset + 2)
        return 12
    if not more:
        row["checksum"] = body_state(buffer, offset, end, stop, protocol)
    return 0


@kernel
def decode_ip(buffer, offset, end, version, row):
    """Decode an IP packet.

    Parameters
    ----------
    buffer : uint8 (k,)
    offset, end : int
        Where its captured octets start and end.
    version : int
        4 or 6.
    row : structured
        Of PACKET_DTYPE, with frame lengths; filled in place.

    Returns
    -------
    int
        0, or a skip reason.
    """
    if version == 4:
        if end - offset < 20:
            return TRUNCATED
        header = np.int64(buffer[offset] & 0x0F) * 4
        if header < 20 or buffer[offset] >> 4 != 4:
            return BAD_IP
        length = be16(buffer, offset + 2)
        if length == 0:  # segmentation offload: the frame tells the length
            length = np.int64(row["frame_len"]) - (np.int64(row["frame_cap"]) - (end - offset))
        if length < header:
            return BAD_IP
        row["ip_len"] = length
        row["tos"] = buffer[offset + 1]
        row["ip_id"] = be16(buffer, offset + 4)
        row["ip_frag"] = be16(buffer, offset + 6)
        row["ttl"] = buffer[offset + 8]
        row["src_lo"] = np.uint64(0xFFFF00000000) | np.uint64(be32(buffer, offset + 12))
        row["dst_lo"] = np.uint64(0xFFFF00000000) | np.uint64(be32(buffer, offset + 16))
        protocol = np.int64(buffer[offset + 9])
        position = offset + header
        stop = offset + length
        later = be16(buffer, offset + 6) & LATER
    else:
        if end - offset < 40:
            return TRUNCATED
        if buffer[offset] >> 4 != 6:
            return BAD_IP
        protocol, position, stop, whole = _ipv6(buffer, offset, end, row)
        if not whole:
            row["proto"] = protocol
            return TRUNCATED
        if position > stop:
            return BAD_IP
        later = np.int64(row["ip_frag"]) & LATER
    row["ip_version"] = version
    row["proto"] = protocol
    end = min(end, stop)
    if position > end:
        return TRUNCATED
    taken = np.int64(0)
    if later == 0:
        taken = _transport(buffer, position, end, stop, protocol, row)
        if taken < 0:
            return -taken
    first = position + taken
    row["payload_len"] = max(stop - first, 0)
    if protocol == 17 and later == 0 and not row["ip_frag"] & MORE:
        length = be16(buffer, position + 4)
        if length >= 8:
            row["payload_len"] = length - 8
    row["payload_off"] = min(first, end)
    row["payload_cap"] = max(min(end - first, np.int64(row["payload_len"])), 0)
    return 0
