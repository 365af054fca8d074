"""Codes of recognised protocols, and what their tests share."""

from __future__ import annotations

import numpy as np

from ._jit import kernel
from ._octets import be16, be32
from ._words import words

# As in nalpml.capture.apps.
(
    TLS, QUIC, HTTP, SSH, DNS, NTP, DHCP, SNMP, SYSLOG, RTP, STUN, SIP, WIREGUARD, OPENVPN, IKE,
    RMCP, RMCP_SOL, AMT, SOCKS4_REQUEST, SOCKS5_GREETING, SOCKS5_CHOICE, SOCKS4_REPLY, SMB, RDP,
    MQTT, REDIS, POSTGRESQL, MYSQL, MEMCACHED, BANNER, ASN1, BITTORRENT, DHT, VXLAN, GTP, MODBUS,
    DTLS, COAP, NETBIOS, TFTP, DNP3, ENIP, OPCUA, BACNET, RTSP, GIT, RTCP, SOCKS5_REQUEST,
    RADIUS, MPEGTS, AMQP, MONGODB, DCERPC, L2TP, KEEPALIVE, UTP, KERBEROS, TEXT, MARKUP, IEC104,
    S7, SOCKS5_AUTH, BGP, X11, RIP, NFS_RPC, DIAMETER, XMPP, IPP, HSRP, TEREDO,
) = range(1, 72)  # fmt: skip


HTTP_WORDS = words(
    b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS", b"CONNECT", b"PATCH ",
    b"TRACE ", b"HTTP/1.", b"HTTP/2", b"PROPFIN", b"NOTIFY ", b"M-SEARC", b"PRI * H", b"SUBSCRI",
    b"UNSUBSC",
)  # fmt: skip
SIP_WORDS = words(
    b"INVITE ", b"REGISTE", b"SIP/2.0", b"BYE SIP", b"ACK SIP", b"CANCEL ", b"SUBSCRI",
    b"PUBLISH", b"INFO SI", b"PRACK S",
)  # fmt: skip
MEMCACHED_WORDS = words(
    b"GET ", b"SET ", b"STATS", b"VERSION", b"DELETE ", b"ADD ", b"STORED", b"END\r\n", b"VALUE ",
)  # fmt: skip


@kernel
def upper(head):
    """Turn ASCII letters among 8 octets into upper case: uint64."""
    low = head & np.uint64(0x7F7F7F7F7F7F7F7F)
    beyond_z = low + np.uint64(0x0505050505050505)
    from_a = low + np.uint64(0x1F1F1F1F1F1F1F1F)
    is_lower = ~head & (beyond_z ^ from_a) & np.uint64(0x8080808080808080)
    return head ^ (is_lower >> np.uint64(2))


@kernel
def head_at(b, s, n):
    """Up to 8 octets from `s` on as `prefix_hi` has them, in upper case: uint64."""
    value = np.uint64(0)
    for i in range(8):
        value <<= np.uint64(8)
        if i < n:
            value |= np.uint64(b[s + i])
    return upper(value)


@kernel
def printable(b, s, n):
    """Whether `n` octets are printable ASCII, tabs and line ends."""
    for i in range(s, s + n):
        if not (0x20 <= b[i] < 0x7F or b[i] in (9, 10, 13)):
            return False
    return True


@kernel
def _tag(b, s, length):
    # Octets before the contents of an ASN.1 value that fills the payload, 0 where none does.
    first = np.int64(b[s + 1])
    if first < 0x80:
        return 2 if first + 2 == length else 0
    if first == 0x81:
        return 3 if np.int64(b[s + 2]) + 3 == length else 0
    if first == 0x82:
        return 4 if be16(b, s + 2) + 4 == length else 0
    if first == 0x84:
        return 6 if be32(b, s + 2) + 6 == length else 0
    return 0


@kernel
def tag_fills(b, s, n, length):
    """Whether an ASN.1 value, whatever its tag, fills the payload."""
    return n >= 6 and _tag(b, s, length) > 0


@kernel
def ber(b, s, n, length):
    """Offset of the contents of an ASN.1 SEQUENCE that fills the payload, else 0."""
    if n < 6 or b[s] != 0x30:
        return 0
    return _tag(b, s, length)


@kernel
def _dns_names(b, s, n, questions):
    # The question section's labels must be well formed as far as it was captured.
    position = s + 12
    end = s + n
    for _ in range(min(questions, 4)):
        total = np.int64(0)
        while True:
            if position >= end:
                return True
            size = np.int64(b[position])
            if size == 0:
                position += 1
                break
            if size >= 0xC0:
                position += 2
                break
            if size > 63:
                return False
            total += size + 1
            if total > 255:
                return False
            position += size + 1
        if position + 4 > end:
            return position >= end
        kind = be16(b, position)
        if not (1 <= kind <= 110 or 249 <= kind <= 262 or kind in (32768, 32769)):
            return False
        if (be16(b, position + 2) & 0x7FFF) not in (1, 3, 4, 254, 255):
            return False
        position += 4
    return True


@kernel
def dns(b, s, n):
    """Whether a DNS message has a plausible header and well-formed questions."""
    if n < 12:
        return False
    flags = be16(b, s + 2)
    opcode = (flags >> 11) & 15
    if opcode > 6 or (flags & 0x40 and opcode < 4):
        return False
    questions = be16(b, s + 4)
    answers = be16(b, s + 6)
    authority = be16(b, s + 8)
    extra = be16(b, s + 10)
    if questions + answers + authority + extra == 0:
        # Some servers answer an error with the header alone.
        return n == 12 and flags & 0x8000 != 0 and flags & 15 != 0
    if questions > 16 or answers > 200 or authority > 100 or extra > 100:
        return False
    return _dns_names(b, s, n, questions)


@kernel
def socks5_address(b, s, n):
    """Octets of address type, address and port from `s` on, 0 where that is no address."""
    if n < 1:
        return 0
    kind = b[s]
    if kind == 1:
        return 7
    if kind == 4:
        return 19
    if kind == 3 and n >= 2:
        return np.int64(b[s + 1]) + 4
    return 0
