"""Messengers, games and sharing networks over TCP by their first octets."""

from __future__ import annotations

import numpy as np

from ._apps_more import (
    EDONKEY,
    ETHEREUM,
    GNUTELLA,
    LEVIN,
    MINECRAFT,
    MTPROTO,
    OSCAR,
    SPOTIFY,
    STEAM,
    TEAMVIEWER,
    WHATSAPP,
    YMSG,
    at_port,
    graphic,
    zeros,
)
from ._jit import kernel
from ._octets import be16, be32, le32
from ._words import look_up, magic

__all__ = ["recognise_peers"]

MAGIC = magic(
    (LEVIN, b"\x01\x21\x01\x01\x01\x01\x01\x01"),
    (GNUTELLA, b"GNUTELLA"),
    (YMSG, b"YMSG\0"),
    (MTPROTO, b"\xee\xee\xee\xee"),
    (MTPROTO, b"\xdd\xdd\xdd\xdd"),
    (WHATSAPP, b"ED\0\x01"),
)


@kernel
def _minecraft(b, s, n, length):
    # Handshake: length, 0, version, host name, port, next state.
    if n < 10 or np.int64(b[s]) + 1 > length or b[s] >= 0x80 or b[s + 1] != 0:
        return 0
    at = np.int64(2)
    while at < 5 and b[s + at] >= 0x80:
        at += 1
    name = np.int64(b[s + at + 1])
    if 4 <= name <= n - at - 5 and at + name + 4 == np.int64(b[s]):
        if graphic(b, s + at + 2, name) and 1 <= b[s + at + name + 4] <= 3:
            return MINECRAFT
    return 0


@kernel
def recognise_peers(b, s, n, length, sport, dport, head):
    """Recognise a messenger's, a game's or a sharing network's TCP payload.

    Parameters and result as of `recognise_both`.
    """
    code = look_up(head, n, MAGIC)
    if code:
        return code
    if n < 6:
        return 0
    if be16(b, s) == 0x5741 and 1 <= b[s + 2] <= 8 and b[s + 3] <= 6 and b[s + 4] == 0:
        return WHATSAPP
    if b[s] == 0xEF and b[s + 1] < 0x7F and np.int64(b[s + 1]) * 4 + 2 == length and length >= 42:
        return MTPROTO
    if n >= 24 and le32(b, s) == length and le32(b, s + 4) == 0 and zeros(b, s + 8, 8):
        return MTPROTO
    if b[s] in (0xE3, 0xC5, 0xD4):
        size = le32(b, s + 1) + 5
        if size == length or (size >= 6 and size + 6 <= n and b[s + size] == b[s]):
            return EDONKEY
    # The sealed handshake of RLPx (EIP-8): length, then a point that is not compressed.
    if be16(b, s) + 2 == length and length >= 300 and b[s + 2] == 4:
        if at_port(sport, dport, 30300, 30310):
            return ETHEREUM
    if be16(b, s) == 4 and n >= 7 and be32(b, s + 2) == length and b[s + 6] == 0x52:
        return SPOTIFY
    if n >= 8 and be32(b, s + 4) == 0x56543031 and le32(b, s) + 8 <= length:
        return STEAM
    if be16(b, s) in (0x1724, 0x1130) and at_port(sport, dport, 5938, 5938):
        return TEAMVIEWER
    if b[s] == 0x2A and 1 <= b[s + 1] <= 5 and be16(b, s + 4) + 6 == length:
        return OSCAR
    return _minecraft(b, s, n, length)
