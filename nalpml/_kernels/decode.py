"""Frames into packet rows, from the link layer to the transport header, tunnels opened.

Every read is bounded by the captured length; sizes come from the headers.
"""

from __future__ import annotations

import numpy as np

from ._ip import decode_ip
from ._jit import kernel
from ._link import VSOCK, find_ip
from ._octets import le16, le32, le64
from ._reasons import TRUNCATED
from ._tunnel import find_inner

__all__ = ["DEPTH", "decode"]

DEPTH = 4
"""Packets inside one another that are decoded below the outermost."""

VSOCK_PROTO = 256


@kernel
def _vsock(buffer, start, end, row):
    # af_vsockmon_hdr, then virtio_vsock_hdr (include/uapi/linux/{vsockmon,virtio_vsock}.h).
    if end - start < 32:
        return TRUNCATED
    row["proto"] = VSOCK_PROTO
    row["src_lo"] = le64(buffer, start)
    row["dst_lo"] = le64(buffer, start + 8)
    row["sport"] = le32(buffer, start + 16)
    row["dport"] = le32(buffer, start + 20)
    row["icmp_type"] = min(le16(buffer, start + 24), 255)
    transport = le16(buffer, start + 28)
    first = start + 32 + transport
    if first > end:
        return TRUNCATED
    length = end - first
    if le16(buffer, start + 26) == 2 and transport >= 44:
        row["icmp_code"] = min(le16(buffer, start + 62), 255)
        row["tcp_window"] = le32(buffer, start + 64) & 0xFFFF
        # Host-side captures repeat the tail of split buffers: the header's length is the truth.
        length = le32(buffer, start + 56)
    row["payload_len"] = length
    row["ip_len"] = length
    row["payload_off"] = first
    row["payload_cap"] = min(end - first, length)
    return 0


@kernel
def _inner(buffer, rows, filled, blank):
    # Rows of what the last row carries -> (rows filled, 1 where a packet could not be read).
    for depth in range(1, DEPTH + 1):
        outer = rows[filled - 1]
        if outer["ip_frag"] & 0x1FFF:
            return filled, 0
        offset, version, kind = find_inner(buffer, outer)
        if version <= 0:
            return filled, 0
        row = rows[filled]
        row["index"] = outer["index"]
        row["time_ns"] = outer["time_ns"]
        row["frame_len"] = outer["frame_len"]
        row["frame_cap"] = outer["frame_cap"]
        row["depth"] = depth
        row["tunnel"] = kind
        end = np.int64(outer["payload_off"]) + np.int64(outer["payload_cap"])
        if decode_ip(buffer, offset, end, version, row) != 0:
            rows[filled] = blank[0]
            return filled, 1
        filled += 1
    return filled, 0


@kernel
def decode(buffer, times, offsets, captured, wire, links, first_index, rows, blank):
    """Decode frames into rows, as far as there is room for them.

    Parameters
    ----------
    buffer : uint8 (k,)
        Octets of the capture.
    times, offsets, captured, wire, links : int64 (n,)
        Time in ns, place and lengths in octets, link type of each frame. Each frame lies
        within the buffer.
    first_index : int
        Frame number of the first.
    rows : structured (m,)
        Of PACKET_DTYPE, zeroed; filled in place: the outermost packet of a frame, and behind it
        the packets inside, by depth.
    blank : structured (1,)
        Of PACKET_DTYPE, zeroed.

    Returns
    -------
    (int, int, int)
        Frames decoded (fewer than n where fewer than 1 + DEPTH rows were left), rows filled,
        and inner packets that could not be read.
    """
    filled = 0
    unread = 0
    for i in range(len(times)):
        if filled + 1 + DEPTH > len(rows):
            return i, filled, unread
        row = rows[filled]
        filled += 1
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
        offset, version = find_ip(buffer, start, end, links[i])
        if version < 0:
            row["skip"] = -version
            continue
        row["skip"] = decode_ip(buffer, offset, end, version, row)
        if row["skip"] == 0 and row["proto"] != 6:
            filled, lost = _inner(buffer, rows, filled, blank)
            unread += lost
    return len(times), filled, unread
