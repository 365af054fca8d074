"""QUIC's long headers (RFC 8999, 9000, 9369), with lengths that agree with the datagram."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from ._octets import be32

__all__ = ["quic"]

LEAST = 1200
"""Octets of a datagram with an Initial from a client, and of a server's that asks for an answer
(RFC 9000, 14.1)."""


@kernel
def _number(b, at, end):
    # A variable-length integer (RFC 9000, 16) -> (value, offset behind it; -1 where cut off).
    if at >= end:
        return np.int64(0), np.int64(-1)
    size = 1 << (b[at] >> 6)
    if at + size > end:
        return np.int64(0), np.int64(-1)
    value = np.int64(b[at] & 0x3F)
    for i in range(at + 1, at + size):
        value = (value << 8) | np.int64(b[i])
    return value, at + size


@kernel
def quic(b, s, n, length):
    """Whether a datagram starts with a QUIC packet that has a long header.

    Parameters
    ----------
    b : uint8 (k,)
    s, n : int
        Where the captured payload starts, and its octets.
    length : int
        The payload's length from its headers.

    Returns
    -------
    bool
        A first octet and a version are not enough: connection identifiers, token and packet
        must fit the datagram, what follows must be another packet or padding, and an Initial
        that is short must be a server's (no token).
    """
    if n < 20 or b[s] & 0x80 == 0:
        return False
    version = be32(b, s + 1)
    if version >> 24 in (0x51, 0x54):  # Google's: Q or T, three digits
        return b[s] & 0x40 != 0 and b[s + 2] == 0x30 and 0x30 <= b[s + 3] <= 0x39
    end = s + n
    at = s + 6 + np.int64(b[s + 5])
    if b[s + 5] > 20 or at >= end or b[at] > 20:
        return False
    at += 1 + np.int64(b[at])
    left = length - (at - s)
    if version == 0:  # negotiation: versions to choose from
        return left >= 4 and left % 4 == 0
    known = version in (1, 0x6B3343CF) or version >> 8 == 0xFF0000 or version >> 16 == 0xFACE
    if b[s] & 0x40 == 0 or not (known or version & 0x0F0F0F0F == 0x0A0A0A0A):
        return False
    kind = (b[s] >> 4) & 3
    if version == 0x6B3343CF:
        kind = (kind + 3) & 3
    if kind == 3:  # retry: a token and a tag
        return left > 16
    token = np.int64(0)
    if kind == 0:
        token, at = _number(b, at, end)
        if at < 0:
            return n < length
        if token > length - (at - s):
            return False
        at += token
    size, at = _number(b, at, end)
    if at < 0:  # by the snap length alone
        return n < length
    behind = length - (at - s) - size
    if size < 20 or behind < 0 or (kind == 0 and length < LEAST and token > 0):
        return False
    at += size
    return behind == 0 or at >= end or b[at] & 0x40 != 0 or b[at] == 0
