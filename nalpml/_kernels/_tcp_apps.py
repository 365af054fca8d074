"""Protocols over TCP and VSOCK by their first octets."""

from __future__ import annotations

import numpy as np

from ._apps import (
    AMQP,
    AMT,
    ASN1,
    BANNER,
    BGP,
    BITTORRENT,
    DCERPC,
    DIAMETER,
    DNP3,
    DNS,
    ENIP,
    GIT,
    HTTP,
    HTTP_WORDS,
    IEC104,
    KERBEROS,
    MARKUP,
    MEMCACHED,
    MEMCACHED_WORDS,
    MODBUS,
    MONGODB,
    MQTT,
    MYSQL,
    NETBIOS,
    NFS_RPC,
    OPCUA,
    POSTGRESQL,
    RDP,
    REDIS,
    RTSP,
    S7,
    SIP,
    SIP_WORDS,
    SMB,
    SOCKS4_REPLY,
    SOCKS4_REQUEST,
    SOCKS5_AUTH,
    SOCKS5_CHOICE,
    SOCKS5_GREETING,
    SOCKS5_REQUEST,
    SSH,
    TLS,
    XMPP,
    ber,
    dns,
    head_at,
    printable,
    socks5_address,
    tag_fills,
)
from ._jit import kernel
from ._octets import be16, be32, le32
from ._words import starts, words

__all__ = ["recognise_tcp"]

RTSP_WORDS = words(b"RTSP/1.", b"DESCRIB", b"SETUP R", b"PLAY RT", b"TEARDOW", b"ANNOUNC")
REDIS_WORDS = words(b"PING\r\n", b"+PONG\r\n", b"+OK\r\n")
BANNER_WORDS = words(
    b"220 ", b"220-", b"+OK", b"* OK", b"EHLO ", b"HELO ", b"USER ", b"LOGIN ", b"A1 ", b"A001 ",
    b"A CAPAB", b"QUIT", b"AUTH ", b"CAPA", b"250 ", b"250-", b"331 ", b"530 ", b"-ERR", b"200 ",
    b"NICK ", b"CAP LS",
)  # fmt: skip
SSH_WORDS = words(b"SSH-")
AMQP_WORDS = words(b"AMQP")
GIT_WORDS = words(b"GIT-")
XMPP_WORDS = words(b"<STRE")
MARKUP_WORDS = words(b"<?XML", b"<STRE", b"<!DOC", b"<HTM")
OPCUA_WORDS = words(b"HEL", b"ACK", b"OPN", b"MSG", b"CLO", b"ERR")
TORRENT_WORDS = words(b"BITTORR")
MQTT_WORDS = words(b"MQTT", b"MQIS")


@kernel
def _tls(b, s, n):
    return (
        n >= 5
        and 20 <= b[s] <= 24
        and b[s + 1] == 3
        and b[s + 2] <= 4
        and 0 < be16(b, s + 3) <= 16384 + 2048
    )


@kernel
def _socks(b, s, n, length):
    if n < 2:
        return 0
    if b[s] == 5:
        if length == 2 and (b[s + 1] <= 3 or b[s + 1] == 0xFF) and b[s + 1] != 1:
            return SOCKS5_CHOICE
        if length == 2 + np.int64(b[s + 1]) and 1 <= b[s + 1] <= 16 and n == length:
            for i in range(s + 2, s + n):
                if b[i] > 9 and b[i] != 0x80:
                    return 0
            return SOCKS5_GREETING
        if length >= 10 and n == length and b[s + 1] <= 8 and b[s + 2] == 0:
            if 3 + socks5_address(b, s + 3, n - 3) == length:
                return SOCKS5_REQUEST
        return 0
    if b[s] == 4 and n >= 9 and n == length and b[s + n - 1] == 0 and 1 <= b[s + 1] <= 2:
        if printable(b, s + 8, n - 9) or (b[s + 4] == 0 and b[s + 5] == 0 and b[s + 6] == 0):
            return SOCKS4_REQUEST
        return 0
    if b[s] == 0 and length == 8 and n == 8 and 0x5A <= b[s + 1] <= 0x5D:
        return SOCKS4_REPLY
    if b[s] == 1 and n == length and n >= 5:
        user = np.int64(b[s + 1])
        if 3 + user <= n and 3 + user + np.int64(b[s + 2 + user]) == length and user > 0:
            if printable(b, s + 2, user):
                return SOCKS5_AUTH
    return 0


@kernel
def _framed(b, s, n, length, first):
    # `first`: four octets from the start.
    if n >= 8 and b[s] == 0 and first & 0xFFFFFF == length - 4:
        if be32(b, s + 4) in (0xFF534D42, 0xFE534D42, 0xFD534D42, 0xFC534D42):
            return SMB
    if b[s] in (0x81, 0x82, 0x83, 0x85) and first & 0xFFFF == length - 4:
        return NETBIOS
    if b[s] == 3 and b[s + 1] == 0 and n >= 7 and first & 0xFFFF == length:
        return S7 if n > 7 and b[s + 4] == 2 and b[s + 7] == 0x32 else RDP
    if n == 8 and b[s] == 0x10 and first == 0x10000000 and be32(b, s + 4) == 0x534F4C20:
        return AMT
    if n == 8 and first == 0x10000000 and be32(b, s + 4) in (0x49444552, 0x4B564D52):
        return AMT
    if n >= 8 and b[s] == 0x11 and b[s + 1] == 0 and length in (13, 19) and b[s + 3] == 0:
        return AMT
    return 0


@kernel
def _database(b, s, n, length, first):
    if n >= 8 and length == first and be32(b, s + 4) in (196608, 80877103, 80877102, 80877104):
        return POSTGRESQL
    if n >= 7 and b[s] in (0x51, 0x52, 0x50, 0x53, 0x70, 0x42, 0x44, 0x54, 0x58, 0x43, 0x5A):
        if 4 <= be32(b, s + 1) <= length - 1 and b[s + 1] == 0 and b[s + 2] == 0:
            return POSTGRESQL
    if n >= 6 and b[s + 3] == 0 and b[s + 4] == 10 and 0x33 <= b[s + 5] <= 0x3A:
        if (le32(b, s) & 0xFFFFFF) + 4 == length:
            return MYSQL
    if n >= 8 and first & 0xFFFFFF == 1 and (le32(b, s) & 0xFFFFFF) + 4 == length and n >= 36:
        return MYSQL
    if n >= 16 and le32(b, s) >= 16 and le32(b, s) >= length:
        if le32(b, s + 12) in (1, 2001, 2002, 2004, 2005, 2010, 2011, 2012, 2013):
            return MONGODB
    return 0


@kernel
def _industrial(b, s, n, length, head):
    if n >= 8 and b[s + 2] == 0 and b[s + 3] == 0 and be16(b, s + 4) + 6 == length:
        if 1 <= b[s + 7] & 0x7F <= 43:
            return MODBUS
    if n >= 10 and b[s] == 0x05 and b[s + 1] == 0x64 and b[s + 2] >= 5:
        return DNP3
    if n >= 24 and b[s + 1] == 0 and b[s + 3] <= 4 and le32(b, s) >> 16 == length - 24:
        if (le32(b, s) & 0xFFFF) in (1, 4, 0x63, 0x64, 0x65, 0x66, 0x6F, 0x70):
            return ENIP
    if n >= 8 and b[s + 3] in (0x46, 0x43, 0x41) and le32(b, s + 4) >= length:
        if starts(head, OPCUA_WORDS):
            return OPCUA
    if n >= 6 and b[s] == 0x68 and b[s + 1] >= 4 and np.int64(b[s + 1]) + 2 == length:
        return IEC104
    return 0


@kernel
def _other(b, s, n, length, first):
    if n >= 19 and first == 0xFFFFFFFF and be32(b, s + 12) == 0xFFFFFFFF and b[s + 18] <= 5:
        return BGP
    if n >= 16 and b[s] == 5 and b[s + 1] == 0 and b[s + 2] <= 19 and b[s + 4] in (0x10, 0):
        return DCERPC
    if n >= 20 and b[s] == 1 and (first & 0xFFFFFF) >= length and first & 3 == 0:
        if b[s + 4] & 0x0F == 0 and 257 <= (be32(b, s + 4) & 0xFFFFFF) < 0x100000:
            return DIAMETER
    if n >= 32 and b[s] == 0x80 and (first & 0x7FFFFFFF) + 4 == length:
        if be32(b, s + 8) <= 1:
            return NFS_RPC
    if n >= 20 and b[s] == 19 and starts(head_at(b, s + 1, n - 1), TORRENT_WORDS):
        return BITTORRENT
    if n >= 14 and b[s] == 0x10 and b[s + 2] == 0 and b[s + 3] in (4, 6):
        if starts(head_at(b, s + 4, n - 4), MQTT_WORDS):
            return MQTT
    if n >= 2 and b[s] in (0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xC0, 0xD0, 0xE0):
        if np.int64(b[s + 1]) + 2 == length and length <= 6:
            return MQTT
    if n >= 14 and first == length - 4:
        if b[s + 4] in (0x6A, 0x6B, 0x6C, 0x6D, 0x7E) and tag_fills(b, s + 4, n - 4, length - 4):
            return KERBEROS
    if n >= 14 and be16(b, s) == length - 2 and dns(b, s + 2, n - 2):
        return DNS
    return 0


@kernel
def _text(b, s, n, head):
    # Protocols of words and lines; at least four octets.
    if starts(head, HTTP_WORDS):
        return HTTP
    if starts(head, SIP_WORDS):
        return SIP
    if starts(head, RTSP_WORDS):
        return RTSP
    if b[s] in (0x2A, 0x24) and 0x30 <= b[s + 1] <= 0x39 and (b[s + 2] == 13 or b[s + 3] == 13):
        return REDIS
    if starts(head, REDIS_WORDS):
        return REDIS
    if starts(head, BANNER_WORDS):
        return BANNER
    if starts(head, MEMCACHED_WORDS):
        return MEMCACHED
    if starts(head, AMQP_WORDS):
        return AMQP
    if n >= 8 and b[s] == 0x30 and b[s + 1] == 0x30:
        if starts(head_at(b, s + 4, n - 4), GIT_WORDS):
            return GIT
    if starts(head, MARKUP_WORDS):
        return XMPP if starts(head, XMPP_WORDS) else MARKUP
    if b[s] in (0x7B, 0x5B) and n >= 8 and b[s + 1] in (0x22, 0x7B, 10, 13, 32):
        if printable(b, s, min(n, 64)):
            return MARKUP
    return 0


@kernel
def recognise_tcp(b, s, n, length, head):
    """Recognise a TCP or VSOCK payload.

    Parameters
    ----------
    b : uint8 (k,)
    s, n : int
        Where the captured payload starts, and its octets.
    length : int
        The payload's length from its headers.
    head : uint64
        Its first 8 octets in upper case, zero filled.

    Returns
    -------
    int
        A code, 0 where nothing but perhaps plain text is recognised.
    """
    if _tls(b, s, n):
        return TLS
    if starts(head, SSH_WORDS):
        return SSH
    code = _socks(b, s, n, length)
    if code:
        return code
    if n >= 4 and 0x20 <= b[s] < 0x7F:
        code = _text(b, s, n, head)
        if code:
            return code
    body = ber(b, s, n, length)
    if body and body < n and b[s + body] in (0x02, 0xA1, 0xA0):
        return ASN1
    if n < 4:
        return 0
    first = be32(b, s)
    code = _framed(b, s, n, length, first)
    if code == 0:
        code = _database(b, s, n, length, first)
    if code == 0:
        code = _industrial(b, s, n, length, head)
    if code == 0:
        code = _other(b, s, n, length, first)
    return code
