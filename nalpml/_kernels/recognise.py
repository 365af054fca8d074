"""Recognise application protocols from the first octets of a payload.

Each test is a protocol's own framing (RFC or published format), strict enough that random
octets pass with a chance of about 2**-16 or less wherever the format allows that. Ports play
no part; codes are those of ``nalpml.capture.apps``.
"""

from __future__ import annotations

import numpy as np

from ._apps import TEXT, printable, upper
from ._jit import kernel
from ._tcp_apps import recognise_tcp
from ._udp_apps import recognise_udp

__all__ = ["recognise"]

HEAD = 256
"""Octets that must be printable for plain text."""


@kernel
def _is_text(data, count, row):
    # Whether the first octets are printable, four of them at least; where the count of all
    # octets settles it, none is looked at again.
    if count < 4:
        return False
    if row["printable"] == count:
        return True
    return count > HEAD and printable(data, 0, HEAD)


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
        data = buffer[start : start + count]
        length = np.int64(row["payload_len"])
        head = upper(row["prefix_hi"])
        if row["proto"] == 17:
            code = recognise_udp(data, 0, count, length, head)
        elif row["proto"] == 6 or row["proto"] == 256:
            code = recognise_tcp(data, 0, count, length, head)
        else:
            continue
        if code == 0 and _is_text(data, count, row):
            code = TEXT
        row["app"] = code
