"""Protocols over UDP by their first octets."""

from __future__ import annotations

import numpy as np

from ._apps import (
    ASN1,
    BACNET,
    COAP,
    DHCP,
    DHT,
    DNS,
    DTLS,
    ENIP,
    GTP,
    HSRP,
    HTTP,
    HTTP_WORDS,
    IKE,
    KEEPALIVE,
    KERBEROS,
    L2TP,
    MARKUP,
    MEMCACHED,
    MEMCACHED_WORDS,
    MPEGTS,
    NETBIOS,
    NFS_RPC,
    NTP,
    OPENVPN,
    QUIC,
    RADIUS,
    RIP,
    RMCP,
    RMCP_SOL,
    RTCP,
    RTP,
    SIP,
    SIP_WORDS,
    SNMP,
    SOCKS5_REQUEST,
    STUN,
    SYSLOG,
    TEREDO,
    TFTP,
    UTP,
    VXLAN,
    WIREGUARD,
    ber,
    dns,
    head_at,
    printable,
    socks5_address,
    tag_fills,
)
from ._jit import kernel
from ._octets import be16, be32, le32
from ._quic import quic
from ._words import starts

__all__ = ["recognise_udp"]


@kernel
def _rmcp(b, s, n, length):
    if n < 4 or b[s] != 6 or b[s + 1] != 0 or b[s + 3] & 0x1F not in (6, 7):
        return 0
    if b[s + 3] & 0x1F == 7 and n >= 16 and b[s + 4] == 6 and b[s + 5] & 0x3F == 1:
        return RMCP_SOL
    return RMCP


@kernel
def _udp_infrastructure(b, s, n, length):
    if n >= 240 and 1 <= b[s] <= 2 and b[s + 2] <= 16 and be32(b, s + 236) == 0x63825363:
        return DHCP
    if n >= 48 and length in (48, 68, 72, 52) and 1 <= (b[s] >> 3) & 7 <= 4 and b[s] & 7 >= 1:
        # Poll exponents to 17, precision below a second (chrony says 32 to hide its own).
        if b[s] & 7 <= 5 and b[s + 1] <= 16 and (b[s + 2] <= 17 or b[s + 2] >= 0xFA):
            if b[s + 3] in (0, 0x20) or b[s + 3] >= 0xD0:
                return NTP
    if n >= 12 and b[s] & 7 in (6, 7) and 1 <= (b[s] >> 3) & 7 <= 4:
        if b[s] & 0xC0 == 0 and (b[s + 1] & 0x1F) <= 12 and be16(b, s + 10) + 12 <= length:
            return NTP
    body = ber(b, s, n, length)
    if body:
        if n > body + 2 and b[s + body] == 2 and b[s + body + 1] == 1 and b[s + body + 2] <= 3:
            return SNMP
        return ASN1
    if n >= 6 and b[s] in (0x6A, 0x6B, 0x6C, 0x6D, 0x7E) and tag_fills(b, s, n, length):
        return KERBEROS
    if n >= 4 and b[s] == 0x3C and 0x30 <= b[s + 1] <= 0x39:
        for i in range(2, 5):
            if i < n and b[s + i] == 0x3E:
                return SYSLOG
    if n >= 4 and b[s] == 0 and 1 <= b[s + 1] <= 5 and length >= 4:
        if b[s + 1] in (3, 4) and length <= 516:
            return TFTP
        if b[s + 1] <= 2 and b[s + n - 1] == 0 and 0x20 < b[s + 2] < 0x7F:
            return TFTP
    if n >= 20 and 1 <= b[s] <= 13 and be16(b, s + 2) == length and length <= 4096:
        return RADIUS
    if n >= 4 and b[s] in (1, 2) and b[s + 1] in (1, 2) and b[s + 2] == 0 and b[s + 3] == 0:
        if (length - 4) % 20 == 0:
            return RIP
    if n >= 24 and be32(b, s + 4) == 0 and be32(b, s + 8) == 2 and be32(b, s) != 0:
        if 100000 <= be32(b, s + 12) < 200000:
            return NFS_RPC
    if n >= 14 and b[s] in (0x10, 0x11) and b[s + 1] & 0xF0 == 0 and be16(b, s + 10) + 14 <= length:
        if b[s + 1] & 3:
            return NETBIOS
    if n >= 20 and b[s] == 0 and b[s + 1] <= 16 and length == 20:
        if b[s + 2] in (1, 2, 4, 8, 16):
            return HSRP
    return 0


@kernel
def _udp_media(b, s, n, length):
    if n >= 20 and b[s] & 0xC0 == 0 and be32(b, s + 4) == 0x2112A442:
        return STUN
    if n >= 20 and b[s] <= 1 and 1 <= b[s + 1] <= 0x20 and be16(b, s + 2) + 20 == length:
        return STUN
    if n >= 12 and b[s] >> 6 == 2:
        kind = b[s + 1]
        if 200 <= kind <= 207 and (be16(b, s + 2) + 1) * 4 <= length:
            return RTCP
        audio = kind & 0x7F
        if b[s] & 0x0F <= 4 and (audio <= 34 or audio >= 96) and length >= 20:
            return RTP
    if n >= 188 and b[s] == 0x47 and length % 188 == 0 and b[s + 3] & 0x30:
        if b[s + 1] & 0x80 == 0 and (n <= 188 or b[s + 188] == 0x47):
            return MPEGTS
    return 0


@kernel
def _udp_tunnel(b, s, n, length):
    if n >= 13 and 20 <= b[s] <= 26 and b[s + 1] == 0xFE and b[s + 2] in (0xFF, 0xFD, 0xFC):
        return DTLS
    if n >= 32 and 1 <= b[s] <= 4 and b[s + 1] == 0 and b[s + 2] == 0 and b[s + 3] == 0:
        if (
            (b[s] == 1 and length == 148)
            or (b[s] == 2 and length == 92)
            or (b[s] == 3 and length == 64)
            or (b[s] == 4 and length >= 32 and length % 16 == 0)
        ):
            return WIREGUARD
    if n >= 28 and b[s + 17] in (0x10, 0x20) and be32(b, s + 24) == length:
        return IKE
    if n >= 32 and be32(b, s) == 0 and b[s + 21] in (0x10, 0x20) and be32(b, s + 28) == length - 4:
        return IKE
    if n == 1 and length == 1 and b[s] == 0xFF:
        return KEEPALIVE
    if n >= 14 and 7 <= b[s] >> 3 <= 8 and length in (14, 26, 42, 50, 54) and b[s] & 7 == 0:
        # Resets: no or one acknowledgement and packet 0 or 1, behind an HMAC's replay counter.
        if n == length and length <= 26 and b[s + 9] <= 1 and be32(b, s + n - 4) <= 1:
            return OPENVPN
        for offset in (9, 25, 29, 41):
            if offset + 4 <= n and length >= 42 and be32(b, s + offset) < 4096:
                return OPENVPN
    if n >= 18 and b[s] >> 3 in (1, 2, 3, 7, 8, 10) and b[s] & 7 <= 1:
        # Control packets: session id, then packet ids that start small.
        for offset in (9, 25, 29, 37, 41):
            if offset + 5 <= n and be32(b, s + offset) < 4096 and b[s + offset + 4] <= 8:
                return OPENVPN
    if n >= 8 and b[s] == 8 and b[s + 1] == 0 and b[s + 2] == 0 and b[s + 3] == 0 and b[s + 7] == 0:
        return VXLAN
    if n >= 8 and b[s] & 0xE0 in (0x20, 0x40) and b[s] & 0x10 and be16(b, s + 2) + 8 == length:
        return GTP
    if n >= 12 and b[s] >> 5 == 2 and be16(b, s + 2) + 4 == length:
        return GTP
    if n >= 12 and b[s] & 0xC8 == 0xC8 and b[s + 1] & 0x0F == 2 and be16(b, s + 2) == length:
        return L2TP
    if n >= 40 and b[s] >> 4 == 6 and be16(b, s + 4) + 40 == length:
        return TEREDO
    if n >= 48 and b[s] == 0 and b[s + 1] <= 1 and b[s + 2] == 0:
        # RFC 4380, 5.1.1: authentication, then origin, then IPv6.
        at = np.int64(13) + np.int64(b[s + 3]) if b[s + 1] == 1 else np.int64(0)
        if at + 8 <= n and be16(b, s + at) == 0:
            at += 8
        if at + 40 <= n and b[s + at] >> 4 == 6 and be16(b, s + at + 4) + 40 + at == length:
            return TEREDO
    return 0


@kernel
def _coap_value(b, at, n, number, size):
    # Sizes that RFC 7252 (5.10), 7641 and 7959 give an option, and no control characters in text.
    if number in (3, 8, 11, 15, 20, 35, 39):
        for i in range(at, at + min(n, size)):
            if b[i] < 0x20:
                return False
        return size <= 1034 and (size > 0 or number in (8, 11, 15, 20))
    if number in (1, 4, 292):
        return size <= 8
    if number == 5:
        return size == 0
    return size <= 4 if number in (6, 7, 12, 14, 17, 23, 27, 28, 60, 258) else True


@kernel
def _coap(b, s, n, length):
    # RFC 7252: a registered code, and options in known numbers up to a marker or the end.
    if n < 4 or b[s] >> 6 != 1 or b[s] & 0x0F > 8:
        return False
    code = b[s + 1]
    if code == 0:
        return length == 4
    # A reset is empty; requests are no acknowledgements.
    kind = (b[s] >> 4) & 3
    if kind == 3 or (kind == 2 and code < 32):
        return False
    low = code & 0x1F
    if not (
        (code >> 5 == 0 and low <= 7)
        or (code >> 5 == 2 and (1 <= low <= 5 or low == 31))
        or (code >> 5 == 4 and (low <= 15 or low in (22, 29)))
        or (code >> 5 == 5 and low <= 8)
    ):
        return False
    at = s + 4 + np.int64(b[s] & 0x0F)
    end = s + n
    number = np.int64(0)
    for _ in range(24):
        if at >= end:
            return at - s == length or n < length
        if b[at] == 0xFF:
            return at - s + 1 < length
        step = np.int64(b[at] >> 4)
        size = np.int64(b[at] & 0x0F)
        at += 1
        if step == 15 or size == 15:
            return False
        if at + max(step - 12, 0) + max(size - 12, 0) > end:
            return n < length
        if step == 13:
            step = np.int64(b[at]) + 13
            at += 1
        elif step == 14:
            step = be16(b, at) + 269
            at += 2
        if size == 13:
            size = np.int64(b[at]) + 13
            at += 1
        elif size == 14:
            size = be16(b, at) + 269
            at += 2
        number += step
        # Those that are registered.
        if number > 60 and number not in (252, 258, 292, 2049, 2053):
            return False
        if number in (0, 2, 10, 13, 18, 22, 24, 25, 26, 29, 30) or 32 <= number <= 34:
            return False
        if not _coap_value(b, at, end - at, number, size):
            return False
        at += size
    return False


@kernel
def _utp(b, s, n, length):
    # BEP 29: version 1; all but data end with the header or its extensions (a selective
    # acknowledgement of whole words, or bits of eight octets). Windows stay below 16 MB.
    if n < 20 or b[s] & 0x0F != 1 or b[s] >> 4 > 4 or b[s + 1] > 2:
        return False
    end = np.int64(20)
    kind = b[s + 1]
    while kind != 0:
        if end + 2 > n or kind > 2 or b[s + end] > 2 or b[s + end + 1] not in (4, 8, 16, 32):
            return False
        kind = b[s + end]
        end += 2 + np.int64(b[s + end + 1])
    if b[s] != 0x01:
        return end == length
    return b[s + 12] == 0 and b[s + 13] < 0x10 and end < length


@kernel
def _udp_other(b, s, n, length, head):
    if n >= 12 and starts(head, SIP_WORDS):
        return SIP
    if n >= 8 and starts(head, HTTP_WORDS):
        return HTTP
    if n >= 12 and b[s] == 0x64 and b[s + 2] == 0x3A and b[s + 1] in (0x31, 0x32):
        return DHT
    if _utp(b, s, n, length):
        return UTP
    if n >= 4 and b[s] == 0x81 and b[s + 1] <= 0x0B and be16(b, s + 2) == length:
        return BACNET
    if n >= 24 and b[s + 1] == 0 and le32(b, s) >> 16 == length - 24:
        if (le32(b, s) & 0xFFFF) in (1, 4, 0x63, 0x64, 0x65, 0x66, 0x6F, 0x70):
            return ENIP
    if _coap(b, s, n, length):
        return COAP
    if n >= 16 and be16(b, s + 4) == 1 and be16(b, s + 6) == 0 and be16(b, s) < 0x100:
        if starts(head_at(b, s + 8, n - 8), MEMCACHED_WORDS):
            return MEMCACHED
    if n >= 5 and (b[s] == 0x3C or b[s] == 0x7B) and printable(b, s, min(n, 64)):
        second = b[s + 1]
        if b[s] == 0x7B and second in (0x22, 0x27, 0x7B, 0x7D, 9, 10, 13, 32):
            return MARKUP
        if b[s] == 0x3C and (0x41 <= second & 0xDF <= 0x5A or second in (0x21, 0x2F, 0x3F)):
            return MARKUP
    return 0


@kernel
def recognise_udp(b, s, n, length, head):
    """Recognise a UDP payload; parameters and result as of `recognise_tcp`."""
    code = _rmcp(b, s, n, length)
    if code:
        return code
    code = _udp_infrastructure(b, s, n, length)
    if code:
        return code
    if dns(b, s, n):
        return DNS
    code = _udp_tunnel(b, s, n, length)
    if code:
        return code
    if quic(b, s, n, length):
        return QUIC
    code = _udp_media(b, s, n, length)
    if code:
        return code
    # SOCKS 5 UDP relays: reserved zeros, fragment number, address.
    if n >= 10 and b[s] == 0 and b[s + 1] == 0 and b[s + 2] == 0 and b[s + 3] in (1, 3, 4):
        if 3 + socks5_address(b, s + 3, n - 3) < length:
            return SOCKS5_REQUEST
    return _udp_other(b, s, n, length, head)
