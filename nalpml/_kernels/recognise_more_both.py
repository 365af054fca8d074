"""Protocols with one framing over TCP and UDP, by their first octets."""

from __future__ import annotations

import numpy as np

from ._apps import DCERPC, ENIP, HTTP, MEMCACHED, STUN
from ._apps_more import (
    COIN,
    DISCORD,
    DLMS,
    DOIP,
    FINS,
    GIOP,
    HART_IP,
    KNXIP,
    LDP,
    MSDP,
    OPENFLOW,
    PROXY,
    RTPS,
    SAP,
    SOMEIP,
    SYNCHROPHASOR,
    SYNCTHING,
    TPLINK,
    TRDP,
    TURN,
    TUYA,
    ZABBIX,
    at_port,
    zeros,
)
from ._jit import kernel
from ._octets import be16, be32, le16, le32
from ._words import look_up, magic

__all__ = ["recognise_both"]

MAGIC = magic(
    (ZABBIX, b"ZBXD\x01"),
    (ZABBIX, b"ZBXD\x03"),
    (ZABBIX, b"ZBXD\x05"),
    (RTPS, b"RTPS\x01"),
    (RTPS, b"RTPS\x02"),
    (RTPS, b"RTPX\x02"),
    (GIOP, b"GIOP\x01"),
    (GIOP, b"MIOP\x10"),
    (FINS, b"FINS\0\0"),
    (SYNCTHING, b"\x2e\xa7\xd9\x0b"),
    (SYNCTHING, b"\x9f\x79\xbc\x40"),
    (SYNCTHING, b"\x9e\x79\xbc\x40"),
    (DISCORD, b"\x13\x37\xca\xfe"),
    (PROXY, b"PROXY TC"),
    (PROXY, b"PROXY UN"),
    (PROXY, b"\r\n\r\n\0\r\nQ"),
    (HTTP, b"Content-"),
    (SAP, b"v=0\r\no="),
)


@kernel
def _vehicle(b, s, n, length):
    # ISO 13400-2, SOME/IP, IEC 61375-2-3 (TRDP).
    if n < 8:
        return 0
    if b[s] ^ b[s + 1] == 0xFF and (b[s] <= 4 or b[s] == 0xFF):
        kind = be16(b, s + 2)
        if (
            (kind <= 8 and (b[s] != 0xFF or 1 <= kind <= 3))
            or 0x4001 <= kind <= 0x4004
            or 0x8001 <= kind <= 0x8004
        ):
            if be32(b, s + 4) + 8 <= length and be32(b, s + 4) <= 0xFFFF:
                return DOIP
    if n >= 16 and be32(b, s + 4) + 8 <= length and be32(b, s + 4) >= 8 and b[s + 12] == 1:
        kind = b[s + 14] & 0xDF
        if (kind <= 2 or 0x80 <= kind <= 0x81) and b[s + 15] <= 0x5F and b[s + 13] <= 16:
            return SOMEIP
    if n >= 36 and b[s + 4] == 1 and be16(b, s + 4) <= 0x0104:
        if b[s + 6] in (0x4D, 0x50) and b[s + 7] in (
            0x64, 0x70, 0x72, 0x65, 0x6E, 0x71, 0x63,
        ):  # fmt: skip
            if be32(b, s + 20) <= 65536:
                return TRDP
    return 0


@kernel
def _plant(b, s, n, length):
    # KNXnet/IP, DLMS wrapper and HDLC (IEC 62056-46, 47), IEEE C37.118.2, HART-IP, EtherNet/IP
    # implicit I/O.
    if n < 8:
        return 0
    if b[s] == 6 and b[s + 1] == 0x10 and 2 <= b[s + 2] <= 9 and be16(b, s + 4) <= length:
        if be16(b, s + 4) == length or b[s + 3] <= 0x50:
            return KNXIP
    if be16(b, s) == 1 and be16(b, s + 6) + 8 == length:
        if 0 < be16(b, s + 2) < 1024 and 0 < be16(b, s + 4) < 1024:
            return DLMS
    if b[s] == 0xAA and b[s + 1] & 0x8F in (1, 2) and b[s + 1] <= 0x52 and length >= 16:
        if be16(b, s + 2) == length:
            return SYNCHROPHASOR
    if 1 <= b[s] <= 2 and b[s + 1] <= 2 and b[s + 2] <= 4 and be16(b, s + 6) == length:
        return HART_IP
    if b[s] == 0x7E and b[s + 1] & 0xF0 == 0xA0 and n == length and b[s + n - 1] == 0x7E:
        if be16(b, s + 1) & 0x07FF == length - 2:
            return DLMS
    if n >= 20 and le32(b, s) == 0x80020002 and le16(b, s + 4) == 8:
        if le16(b, s + 14) == 0x00B1:
            return ENIP
    return 0


@kernel
def _home(b, s, n, length):
    # Tuya's frame (prefix, sequence, command, length, suffix), and JSON under the running XOR
    # of TP-Link's plugs, that starts from 171.
    if n >= 16 and be32(b, s) == 0x000055AA and b[s + 8] == 0 and b[s + 9] == 0:
        if be32(b, s + 12) + 16 <= length:
            return TUYA
    if n >= 18 and be32(b, s) == 0x00006699 and be32(b, s + 14) <= length:
        return TUYA
    skip = np.int64(0)
    if n >= 8 and be32(b, s) == length - 4:
        skip = np.int64(4)
    if n >= skip + 8 and b[s + skip] == 0xD0 and b[s + skip + 1] == 0xF2:
        for i in range(s + skip + 2, s + min(n, skip + 16)):
            letter = b[i] ^ b[i - 1]
            if not 0x20 <= letter < 0x7F:
                return 0
        return TPLINK
    return 0


@kernel
def _network(b, s, n, length, sport, dport):
    # LDP (RFC 5036), OpenFlow, MSDP (RFC 3618), coin networks' messages.
    if n >= 14 and be16(b, s) == 1 and 10 <= be16(b, s + 2) <= length - 4 and be16(b, s + 8) == 0:
        kind = be16(b, s + 10) & 0x7FFF
        if kind == 1 or 0x0100 <= kind <= 0x0404:
            return LDP
    if n >= 8 and 1 <= b[s] <= 6 and b[s + 1] <= 35 and 8 <= be16(b, s + 2) <= length:
        size = be16(b, s + 2)
        if size == length or (size + 8 <= n and b[s + size] == b[s]):
            if at_port(sport, dport, 6633, 6653):
                return OPENFLOW
    if n >= 3 and 1 <= b[s] <= 5 and be16(b, s + 1) == length and at_port(sport, dport, 639, 639):
        return MSDP
    if n >= 24 and le32(b, s + 16) <= 0x2000000:
        # Network magic, name filled with zeros, length, checksum.
        name = 0
        while name < 12 and 0x61 <= b[s + 4 + name] <= 0x7A:
            name += 1
        if 4 <= name < 12 and zeros(b, s + 4 + name, 12 - name):
            return COIN
    if n >= 24 and b[s] & 0xFE == 0x80 and b[s + 1] <= 0x3E and b[s + 5] == 0 and b[s + 4] <= 24:
        if be32(b, s + 8) + 24 == length and be16(b, s + 2) + np.int64(b[s + 4]) <= length - 24:
            return MEMCACHED
    return 0


@kernel
def _calls(b, s, n, length, sport, dport):
    # STUN over TCP, as such (RFC 8489) or after a length (RFC 4571); TURN channels (RFC 8656);
    # connectionless RPC (C706, 12.5).
    if n >= 20 and b[s] & 0xC0 == 0 and be32(b, s + 4) == 0x2112A442:
        return STUN
    if n >= 22 and be16(b, s) == length - 2:
        if b[s + 2] & 0xC0 == 0 and be32(b, s + 6) == 0x2112A442:
            return STUN
    if n >= 8 and b[s] == 0x40 and 0 <= length - 4 - be16(b, s + 2) <= 3:
        if (b[s + 1] == 0 or at_port(sport, dport, 3478, 3479)) and be16(b, s + 2) > 0:
            return TURN
    if n >= 80 and b[s] == 4 and b[s + 1] <= 19 and b[s + 4] & 0xEF == 0 and b[s + 5] == 0:
        if b[s + 6] == 0 and b[s + 4] == 0x10 and le16(b, s + 74) + 80 == length:
            return DCERPC
        if b[s + 6] == 0 and b[s + 4] == 0 and be16(b, s + 74) + 80 == length:
            return DCERPC
    return 0


@kernel
def recognise_both(b, s, n, length, sport, dport, head):
    """Recognise a payload of a protocol that runs over TCP and UDP alike.

    Parameters
    ----------
    b : uint8 (k,)
    s, n : int
        Where the captured payload starts, and its octets.
    length : int
        The payload's length from its headers.
    sport, dport : int
        Ports: they admit a test that is too weak without them.
    head : uint64
        Its first 8 octets, zero filled.

    Returns
    -------
    int
        A code, 0 where nothing is recognised.
    """
    code = look_up(head, n, MAGIC)
    if code == 0:
        code = _vehicle(b, s, n, length)
    if code == 0:
        code = _plant(b, s, n, length)
    if code == 0:
        code = _home(b, s, n, length)
    if code == 0:
        code = _network(b, s, n, length, sport, dport)
    if code == 0:
        code = _calls(b, s, n, length, sport, dport)
    return code
