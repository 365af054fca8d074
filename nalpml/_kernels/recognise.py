"""Recognise application protocols from the first octets of a payload.

Each test is a protocol's own framing (RFC or published format), strict enough that random
octets pass with a chance of about 2**-16 or less wherever the format allows that. Ports play
no part; codes are those of ``nalpml.capture.apps``.
"""

from __future__ import annotations

import numpy as np

from ._apps import upper
from ._jit import kernel
from ._tcp_apps import recognise_tcp
from ._udp_apps import recognise_udp

__all__ = ["recognise"]


@kernel
def recognise(buffer, rows):
    """Fill the ``app`` column of decoded TCP, UDP and VSOCK rows.

    Parameters
    ----------
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into.
    rows : structured (n,)
        Of PACKET_DTYPE, with payload statistics; ``app`` is filled in place, 0 where nothing
        is recognised.
    """
    for i in range(len(rows)):
        row = rows[i]
        count = np.int64(row["payload_cap"])
        if row["skip"] != 0 or count == 0 or row["ip_frag"] & 0x1FFF:
            continue
        start = np.int64(row["payload_off"])
        length = np.int64(row["payload_len"])
        head = upper(row["prefix_hi"])
        if row["proto"] == 17:
            row["app"] = recognise_udp(buffer, start, count, length, head)
        elif row["proto"] == 6 or row["proto"] == 256:
            row["app"] = recognise_tcp(buffer, start, count, length, head)
