"""Frames into packet rows, from the link layer to the transport header, tunnels opened.

Every read is bounded by the captured length; sizes come from the headers.
"""

from __future__ import annotations

import numpy as np

from ._ip import decode_ip
from ._jit import kernel
from ._link import VSOCK, find_ip
from ._memory import prefetch
from ._octets import le16, le32, le64
from ._reasons import TRUNCATED
from ._tunnel import find_inner

__all__ = ["DEPTH", "decode"]

DEPTH = 4
"""Packets inside one another that are decoded below the outermost."""

VSOCK_PROTO = 256

AHEAD = 8
"""Frames between one that is decoded and one that is asked of the memory."""


@kernel
def _vsock(buffer, end, row):
    # af_vsockmon_hdr, then virtio_vsock_hdr (include/uapi/linux/{vsockmon,virtio_vsock}.h).
    if end < 32:
        return TRUNCATED
    row["proto"] = VSOCK_PROTO
    row["src_lo"] = le64(buffer, 0)
    row["dst_lo"] = le64(buffer, 8)
    row["sport"] = le32(buffer, 16)
    row["dport"] = le32(buffer, 20)
    row["icmp_type"] = min(le16(buffer, 24), 255)
    transport = le16(buffer, 28)
    first = 32 + transport
    if first > end:
        return TRUNCATED
    length = end - first
    if le16(buffer, 26) == 2 and transport >= 44:
        row["icmp_code"] = min(le16(buffer, 62), 255)
        row["tcp_window"] = le32(buffer, 64) & 0xFFFF
        row["tcp_seq"] = le32(buffer, 68)
        row["tcp_ack"] = le32(buffer, 72)
        # Host-side captures repeat the tail of split buffers: the header's length is the truth.
        length = le32(buffer, 56)
    row["payload_len"] = length
    row["ip_len"] = length
    row["payload_off"] = first
    row["payload_cap"] = min(end - first, length)
    return 0


@kernel
def _inner(frame, rows, filled, blank):
    # Rows of what the last row carries -> (rows filled, 1 where a packet could not be read).
    # Offsets of payloads are still those in the frame.
    for depth in range(1, DEPTH + 1):
        outer = rows[filled - 1]
        if outer["ip_frag"] & 0x1FFF:
            return filled, 0
        offset, version, kind = find_inner(frame, outer)
        if version <= 0:
            return filled, 0
        rows[filled] = blank[0]
        row = rows[filled]
        row["index"] = outer["index"]
        row["time_ns"] = outer["time_ns"]
        row["frame_len"] = outer["frame_len"]
        row["frame_cap"] = outer["frame_cap"]
        row["depth"] = depth
        row["tunnel"] = kind
        end = np.int64(outer["payload_off"]) + np.int64(outer["payload_cap"])
        if decode_ip(frame, offset, end, version, row) != 0:
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
        Of PACKET_DTYPE, of any content; filled: the outermost packet of a frame, and behind it
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
    last = len(times) - 1
    for i in range(len(times)):
        if filled + 1 + DEPTH > len(rows):
            return i, filled, unread
        # Headers of frames lie far apart, and waiting for the memory took longer than reading them.
        prefetch(buffer, offsets[min(i + AHEAD, last)])
        rows[filled] = blank[0]
        row = rows[filled]
        first = filled
        filled += 1
        start = offsets[i]
        end = captured[i]
        frame = buffer[start : start + end]
        row["index"] = first_index + i
        row["time_ns"] = times[i]
        row["frame_len"] = wire[i]
        row["frame_cap"] = captured[i]
        if links[i] == VSOCK:
            row["skip"] = _vsock(frame, end, row)
        else:
            offset, version = find_ip(frame, 0, end, links[i])
            if version < 0:
                row["skip"] = -version
            else:
                row["skip"] = decode_ip(frame, offset, end, version, row)
                if row["skip"] == 0 and row["proto"] != 6:
                    filled, lost = _inner(frame, rows, filled, blank)
                    unread += lost
        for place in range(first, filled):
            rows[place]["payload_off"] += start
    return len(times), filled, unread
