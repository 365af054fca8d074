"""Protocols over TCP whose frames state their length, further on than their greetings."""

from __future__ import annotations

import numpy as np

from ._apps import AMQP, ASN1, HTTP, KERBEROS, MYSQL, SMB, printable
from ._apps_more import LOCO, PPTP, THRIFT, WEBSOCKET, WOW, Z3950, at_port, graphic, zeros
from ._jit import kernel
from ._octets import be16, be32, le16, le32

__all__ = ["recognise_frames"]


@kernel
def _amqp(b, s, n, length):
    # AMQP 0-9-1 (2.3.5): type, channel, size, and 0xCE behind the frame; 1.0 (2.3): size, offset
    # of the body in words, type, and a described performative.
    if n < 8:
        return False
    size = be32(b, s + 3)
    if b[s] in (1, 2, 3, 8) and b[s + 1] < 0x10 and size + 8 <= n and b[s + size + 7] == 0xCE:
        return size > 0 or b[s] == 8
    if be32(b, s) == length and b[s + 4] == 2 and b[s + 5] <= 1:
        if length == 8:
            return zeros(b, s + 5, 3)
        if n >= 11 and be16(b, s + 8) == 0x0053:
            kind = b[s + 10]
            return 0x40 <= kind <= 0x44 if b[s + 5] else 0x10 <= kind <= 0x18
    return False


@kernel
def _http2_frame(b, s, n):
    # Octets of an HTTP/2 frame whose header is sound (RFC 9113, 4.1 and 6), else 0.
    if n < 9 or b[s] != 0 or b[s + 5] & 0x80:
        return 0
    size = be16(b, s + 1)
    kind, flags = b[s + 3], b[s + 4]
    stream = be32(b, s + 5)
    if kind == 0 or kind == 1 or kind == 9:
        good = stream != 0 and flags & 0xD2 == 0 and size > 0
    elif kind == 2:
        good = size == 5 and stream != 0
    elif kind == 3:
        good = size == 4 and stream != 0
    elif kind == 4:
        good = size % 6 == 0 and stream == 0 and flags <= 1
    elif kind == 6:
        good = size == 8 and stream == 0 and flags <= 1
    elif kind == 7:
        good = size >= 8 and stream == 0
    else:
        good = kind == 8 and size == 4
    return size + 9 if good and stream < 0x1000000 else 0


@kernel
def _http2(b, s, n, length):
    # Sound frames up to the end of the segment.
    at = np.int64(0)
    for _ in range(16):
        size = _http2_frame(b, s + at, n - at)
        if size == 0:
            return False
        at += size
        if at == length:
            return True
    return False


@kernel
def _websocket(b, s, n, length):
    # RFC 6455, 5.2: text that fills the segment (clients mask it), ping, pong and close.
    if n < 2 or n != length or b[s] & 0x70:
        return False
    size = np.int64(b[s + 1] & 0x7F)
    at = np.int64(2)
    if size == 126:
        if n < 4:
            return False
        size = be16(b, s + 2)
        at = np.int64(4)
    masked = b[s + 1] & 0x80 != 0
    if masked:
        at += 4
    if size == 127 or at + size != length:
        return False
    if b[s] == 0x88:
        if masked or size < 2:
            return masked and size == 2
        return 1000 <= be16(b, s + at) <= 1015 and printable(b, s + at + 2, size - 2)
    if b[s] in (0x89, 0x8A):
        return size == 0
    if b[s] not in (0x81, 0x01) or size < 4:
        return False
    for i in range(64):
        if i == size:
            break
        octet = b[s + at + i] ^ b[s + at - 4 + (i & 3)] if masked else b[s + at + i]
        if not (0x20 <= octet < 0x7F or octet in (9, 10, 13)):
            return False
    return True


@kernel
def _messengers(b, s, n, length):
    # LOCO: the sealed key of a session, then frames with a method in capitals; the challenge of
    # World of Warcraft's log-on; PPTP's control connection (RFC 2637, 2).
    if length >= 268 and n >= 12 and le32(b, s) == 256 and 12 <= le32(b, s + 4) <= 16:
        if 1 <= le32(b, s + 8) <= 3:
            return LOCO
    if n >= 22 and b[s + 17] == 0 and le32(b, s + 18) + 22 == length and 0x41 <= b[s + 6] <= 0x5A:
        name = 0
        while name < 11 and graphic(b, s + 6 + name, 1):
            name += 1
        if name >= 4 and zeros(b, s + 6 + name, 11 - name):
            return LOCO
    if n >= 12 and b[s] == 0 and le16(b, s + 2) + 4 == length and be32(b, s + 4) == 0x576F5700:
        return WOW
    if n >= 12 and be16(b, s) == length and be16(b, s + 2) == 1 and be32(b, s + 4) == 0x1A2B3C4D:
        return PPTP
    return 0


@kernel
def _inside(b, s):
    # Octets of a value in DER with a long length, its head included; 0 for others. Six are there.
    if b[s + 1] == 0x81:
        return np.int64(b[s + 2]) + 3
    if b[s + 1] == 0x82:
        return be16(b, s + 2) + 4
    if b[s + 1] == 0x84:
        return be32(b, s + 2) + 6
    return 0


@kernel
def _asn1(b, s, n, length):
    # Messages that several segments carry: Kerberos (RFC 4120, 7.2.2), whose outer value fills
    # what the length says, and LDAP (RFC 4511), whose operation fills the message.
    if n >= 18 and b[s + 4] in (0x6A, 0x6B, 0x6C, 0x6D, 0x7E):
        size = be32(b, s)
        inner = _inside(b, s + 4)
        if size > length - 4 and inner == size and size < 1 << 20:
            head = 4 + (3 if b[s + 5] == 0x81 else 4)
            if b[s + head] == 0x30 and _inside(b, s + head) + head == size + 4:
                return KERBEROS
    if n >= 18 and b[s] == 0x30 and b[s + 1] in (0x82, 0x84):
        size = _inside(b, s)
        at = np.int64(4) if b[s + 1] == 0x82 else np.int64(6)
        number = np.int64(b[s + at + 1])
        if size > 16 and b[s + at] == 2 and 1 <= number <= 4:
            at += 2 + number
            if at + 6 <= n and 0x60 <= b[s + at] <= 0x78:
                rest = _inside(b, s + at)
                if rest and at + rest <= size <= at + rest + 256:
                    return ASN1
    return 0


@kernel
def _others(b, s, n, length, sport, dport):
    # SMB behind its session header wherever that ends; MySQL's packets; Thrift's compact
    # messages; Z39.50's search and present.
    if n >= 8 and b[s] == 0:
        if be32(b, s + 4) in (0xFF534D42, 0xFE534D42, 0xFD534D42, 0xFC534D42):
            return SMB
    if n >= 5 and at_port(sport, dport, 3306, 3306):
        size = le32(b, s) & 0xFFFFFF
        if size + 4 == length and b[s + 3] <= 16:
            return MYSQL
        if size > 0 and size + 8 <= n and b[s + size + 7] == b[s + 3] + 1:
            return MYSQL
    if n >= 8 and b[s] == 0x82 and b[s + 1] & 0x1F == 1 and 1 <= b[s + 1] >> 5 <= 4:
        at = np.int64(2)
        while at < 6 and b[s + at] >= 0x80:
            at += 1
        name = np.int64(b[s + at + 1])
        if 3 <= name < 64 and at + 2 + name < n and graphic(b, s + at + 2, name):
            return THRIFT
    if n >= 8 and 0xB6 <= b[s] <= 0xB9:
        at = np.int64(2) if b[s + 1] < 0x80 else np.int64(4)
        whole = np.int64(b[s + 1]) + 2 if b[s + 1] < 0x80 else _inside(b, s)
        if whole == length and b[s + at] in (0x82, 0x8D, 0x97, 0x98):
            if 1 <= b[s + at + 1] <= 8 and at + 2 + np.int64(b[s + at + 1]) < n:
                return Z3950
    return 0


@kernel
def recognise_frames(b, s, n, length, sport, dport):
    """Recognise a TCP payload of frames; parameters and result as of `recognise_both`."""
    if _amqp(b, s, n, length):
        return AMQP
    if _http2(b, s, n, length):
        return HTTP
    if _websocket(b, s, n, length):
        return WEBSOCKET
    code = _messengers(b, s, n, length)
    if code == 0:
        code = _asn1(b, s, n, length)
    if code == 0:
        code = _others(b, s, n, length, sport, dport)
    return code
