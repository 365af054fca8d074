"""Link layer to transport: octets of frames into packet rows.

Every read is bounded by the captured length; sizes come from the headers. Helpers stand in
this file because the on-disk cache of compiled code does not see changes in other files.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["decode"]

# Skip reasons, as in capture.packets.SKIP_REASONS.
NOT_IP, TRUNCATED, BAD_LINK, BAD_IP, BAD_TRANSPORT, UNSUPPORTED = 1, 2, 3, 4, 5, 6

ETHERNET, NULL, PPP, RAW_BSD, CHDLC, RAW, LOOP, SLL, IPV4, IPV6, VSOCK, SLL2 = (
    1, 0, 9, 12, 104, 101, 108, 113, 228, 229, 271, 276,
)  # fmt: skip

VSOCK_PROTO = 256


@kernel
def _be16(buffer, offset):
    return (np.int64(buffer[offset]) << 8) | np.int64(buffer[offset + 1])


@kernel
def _be32(buffer, offset):
    return (_be16(buffer, offset) << 16) | _be16(buffer, offset + 2)


@kernel
def _le16(buffer, offset):
    return np.int64(buffer[offset]) | (np.int64(buffer[offset + 1]) << 8)


@kernel
def _le32(buffer, offset):
    return _le16(buffer, offset) | (_le16(buffer, offset + 2) << 16)


@kernel
def _be64(buffer, offset):
    value = np.uint64(0)
    for i in range(8):
        value = (value << np.uint64(8)) | np.uint64(buffer[offset + i])
    return value


@kernel
def _le64(buffer, offset):
    value = np.uint64(0)
    for i in range(8):
        value = (value << np.uint64(8)) | np.uint64(buffer[offset + 7 - i])
    return value


@kernel
def _ethertype(buffer, offset, end, kind):
    # Skip VLAN tags, MPLS labels and PPPoE from an EtherType on: (offset of IP, 4 or 6), or
    # (0, -reason).
    for _ in range(8):
        if kind in (0x8100, 0x88A8, 0x9100):
            if offset + 4 > end:
                return 0, -TRUNCATED
            kind = _be16(buffer, offset + 2)
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
            protocol = _be16(buffer, offset + 6)
            if protocol == 0x21:
                return offset + 8, 4
            if protocol == 0x57:
                return offset + 8, 6
            return 0, -NOT_IP
        elif kind == 0x0800:
            return offset, 4
        elif kind == 0x86DD:
            return offset, 6
        else:
            return 0, -NOT_IP
    return 0, -BAD_LINK


@kernel
def _ppp(buffer, offset, end):
    if offset + 2 <= end and buffer[offset] == 0xFF and buffer[offset + 1] == 0x03:
        offset += 2
    if offset + 2 > end:
        return 0, -TRUNCATED
    if buffer[offset] & 1:
        protocol = np.int64(buffer[offset])
        offset += 1
    else:
        protocol = _be16(buffer, offset)
        offset += 2
    if protocol == 0x21:
        return offset, 4
    if protocol == 0x57:
        return offset, 6
    return 0, -NOT_IP


@kernel
def _link(buffer, start, end, link):
    # -> (offset of the IP header, 4 or 6), or (0, -reason).
    length = end - start
    if link == ETHERNET:
        if length < 14:
            return 0, -TRUNCATED
        return _ethertype(buffer, start + 14, end, _be16(buffer, start + 12))
    if link == SLL:
        if length < 16:
            return 0, -TRUNCATED
        return _ethertype(buffer, start + 16, end, _be16(buffer, start + 14))
    if link == SLL2:
        if length < 20:
            return 0, -TRUNCATED
        return _ethertype(buffer, start + 20, end, _be16(buffer, start))
    if link == NULL or link == LOOP:
        if length < 4:
            return 0, -TRUNCATED
        family = _be32(buffer, start)
        if family > 0xFFFF:  # written in the other byte order
            family = _le32(buffer, start)
        if family == 2:
            return start + 4, 4
        if family in (24, 28, 30, 10):
            return start + 4, 6
        return 0, -NOT_IP
    if link in (RAW, RAW_BSD, 14, IPV4, IPV6):
        if length < 1:
            return 0, -TRUNCATED
        version = np.int64(buffer[start] >> 4)
        if version == 4 or version == 6:
            return start, version
        return 0, -NOT_IP
    if link == PPP or link == 50:
        return _ppp(buffer, start, end)
    if link == CHDLC:
        if length < 4:
            return 0, -TRUNCATED
        return _ethertype(buffer, start + 4, end, _be16(buffer, start + 2))
    return 0, -UNSUPPORTED


@kernel
def _ipv6(buffer, offset, end, row):
    # Fixed header and extension chain -> (protocol, offset of its payload, end by length, ok).
    row["flow_label"] = _be32(buffer, offset) & 0xFFFFF
    row["tos"] = (_be16(buffer, offset) >> 4) & 0xFF
    row["ttl"] = buffer[offset + 7]
    row["src_hi"] = _be64(buffer, offset + 8)
    row["src_lo"] = _be64(buffer, offset + 16)
    row["dst_hi"] = _be64(buffer, offset + 24)
    row["dst_lo"] = _be64(buffer, offset + 32)
    length = _be16(buffer, offset + 4)
    following = np.int64(buffer[offset + 6])
    row["ip_len"] = length + 40
    stop = offset + 40 + length
    position = offset + 40
    for _ in range(16):
        if following == 44:
            if position + 8 > end:
                return following, position, stop, False
            word = _be16(buffer, position + 2)
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
    row["sport"] = _be16(buffer, offset)
    row["dport"] = _be16(buffer, offset + 2)
    row["tcp_seq"] = _be32(buffer, offset + 4)
    row["tcp_ack"] = _be32(buffer, offset + 8)
    word = _be16(buffer, offset + 12)
    header = (word >> 12) * 4
    row["tcp_header"] = header
    row["tcp_flags"] = word & 0xFFF
    row["tcp_window"] = _be16(buffer, offset + 14)
    row["tcp_urgent"] = _be16(buffer, offset + 18)
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
            row["tcp_tsval"] = _be32(buffer, position + 2)
        position += size
    return header


@kernel
def _icmp_checksum(buffer, offset, stop):
    total = np.int64(0)
    position = offset
    while position + 1 < stop:
        total += _be16(buffer, position)
        position += 2
    if position < stop:
        total += np.int64(buffer[position]) << 8
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


@kernel
def _transport(buffer, offset, end, stop, protocol, row):
    # -> octets of transport header, or -reason. `end` bounds what was captured, `stop` what
    # the IP header announces.
    if protocol == 6:
        return _tcp(buffer, offset, end, stop, row)
    if protocol == 17:
        if end - offset < 8:
            return -TRUNCATED
        row["sport"] = _be16(buffer, offset)
        row["dport"] = _be16(buffer, offset + 2)
        if _be16(buffer, offset + 6) == 0:
            row["checksum"] = 3
        length = _be16(buffer, offset + 4)
        if length != 0 and (length < 8 or offset + length > stop):
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
        row["icmp_id"] = _be16(buffer, offset + 4)
        row["icmp_seq"] = _be16(buffer, offset + 6)
        if protocol == 1 and stop <= end:
            row["checksum"] = 1 if _icmp_checksum(buffer, offset, stop) else 2
        return 8
    if protocol == 132 or protocol == 33:
        if end - offset < 12:
            return -TRUNCATED
        row["sport"] = _be16(buffer, offset)
        row["dport"] = _be16(buffer, offset + 2)
        return 12
    return 0


@kernel
def _ip(buffer, offset, end, version, row):
    if version == 4:
        if end - offset < 20:
            return TRUNCATED
        header = np.int64(buffer[offset] & 0x0F) * 4
        if header < 20 or buffer[offset] >> 4 != 4:
            return BAD_IP
        length = _be16(buffer, offset + 2)
        if length == 0:  # segmentation offload: the frame tells the length
            length = np.int64(row["frame_len"]) - (np.int64(row["frame_cap"]) - (end - offset))
        if length < header:
            return BAD_IP
        row["ip_len"] = length
        row["tos"] = buffer[offset + 1]
        row["ip_id"] = _be16(buffer, offset + 4)
        row["ip_frag"] = _be16(buffer, offset + 6)
        row["ttl"] = buffer[offset + 8]
        row["src_lo"] = np.uint64(0xFFFF00000000) | np.uint64(_be32(buffer, offset + 12))
        row["dst_lo"] = np.uint64(0xFFFF00000000) | np.uint64(_be32(buffer, offset + 16))
        protocol = np.int64(buffer[offset + 9])
        position = offset + header
        stop = offset + length
        later = _be16(buffer, offset + 6) & 0x1FFF
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
        later = np.int64(row["ip_frag"]) & 0x1FFF
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
    if protocol == 17 and later == 0:
        length = _be16(buffer, position + 4)
        if length >= 8:
            row["payload_len"] = length - 8
    row["payload_off"] = min(first, end)
    row["payload_cap"] = max(min(end - first, np.int64(row["payload_len"])), 0)
    return 0


@kernel
def _vsock(buffer, start, end, row):
    # af_vsockmon_hdr, then virtio_vsock_hdr (include/uapi/linux/{vsockmon,virtio_vsock}.h).
    if end - start < 32:
        return TRUNCATED
    row["proto"] = VSOCK_PROTO
    row["src_lo"] = _le64(buffer, start)
    row["dst_lo"] = _le64(buffer, start + 8)
    row["sport"] = _le32(buffer, start + 16)
    row["dport"] = _le32(buffer, start + 20)
    row["icmp_type"] = min(_le16(buffer, start + 24), 255)
    transport = _le16(buffer, start + 28)
    first = start + 32 + transport
    if first > end:
        return TRUNCATED
    length = end - first
    if _le16(buffer, start + 26) == 2 and transport >= 44:
        row["icmp_code"] = min(_le16(buffer, start + 62), 255)
        row["tcp_window"] = _le32(buffer, start + 64) & 0xFFFF
        # Host-side captures repeat the tail of split buffers: the header's length is the truth.
        length = _le32(buffer, start + 56)
    row["payload_len"] = length
    row["ip_len"] = length
    row["payload_off"] = first
    row["payload_cap"] = min(end - first, length)
    return 0


@kernel
def decode(buffer, times, offsets, captured, wire, links, first_index, rows):
    """Decode frames into rows.

    Parameters
    ----------
    buffer : uint8 (k,)
        Octets of the capture.
    times, offsets, captured, wire, links : int64 (n,)
        Time in ns, place and lengths in octets, link type of each frame. Each frame lies
        within the buffer.
    first_index : int
        Frame number of the first.
    rows : structured (n,)
        Of PACKET_DTYPE, zeroed; filled in place.
    """
    for i in range(len(times)):
        row = rows[i]
        start = offsets[i]
        end = start + captured[i]
        row["index"] = first_index + i
        row["time_ns"] = times[i]
        row["frame_len"] = wire[i]
        row["frame_cap"] = captured[i]
        row["payload_off"] = start
        if links[i] == VSOCK:
            row["skip"] = _vsock(buffer, start, end, row)
            continue
        offset, version = _link(buffer, start, end, links[i])
        if version < 0:
            row["skip"] = -version
            continue
        row["skip"] = _ip(buffer, offset, end, version, row)
