"""A second pass over payloads that the first recognised nothing in, or plain text.

Further protocols by their published framing. As in the first pass random octets pass a test
with a chance of about 2**-16 or less; where a format is too weak for that, its test also asks
for the port that the protocol is registered for.
"""

from __future__ import annotations

import numpy as np

from ._apps import TEXT
from ._jit import kernel
from .recognise_more_both import recognise_both
from .recognise_more_frames import recognise_frames
from .recognise_more_lines import keep_alive, recognise_lines
from .recognise_more_tcp import recognise_more_tcp
from .recognise_more_udp import recognise_more_udp

__all__ = ["recognise_more"]


@kernel
def recognise_more(buffer, rows):
    """Fill the ``app`` column of TCP, UDP and VSOCK rows where it is 0 or plain text.

    Parameters
    ----------
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into.
    rows : structured (n,)
        Of PACKET_DTYPE, after `recognise`; ``app`` is changed in place.
    """
    for i in range(len(rows)):
        row = rows[i]
        count = np.int64(row["payload_cap"])
        if row["skip"] != 0 or count == 0 or row["ip_frag"] & 0x1FFF:
            continue
        proto = row["proto"]
        if (row["app"] != 0 and row["app"] != TEXT) or proto not in (6, 17, 256):
            continue
        start = np.int64(row["payload_off"])
        data = buffer[start : start + count]
        length = np.int64(row["payload_len"])
        sport = np.int64(row["sport"])
        dport = np.int64(row["dport"])
        head = row["prefix_hi"]
        code = keep_alive(data, 0, count, length, sport, dport)
        if code == 0:
            code = recognise_both(data, 0, count, length, sport, dport, head)
        if code == 0 and proto == 17:
            code = recognise_more_udp(data, 0, count, length, sport, dport, head)
        elif code == 0:
            code = recognise_lines(data, 0, count, length, head)
            if code == 0:
                code = recognise_frames(data, 0, count, length, sport, dport)
        if code == 0 and proto != 17:
            code = recognise_more_tcp(data, 0, count, length, sport, dport, head)
        if code != 0:
            row["app"] = code
