"""Recognise application protocols from the first octets of a payload.

Each test is a protocol's own framing (RFC or published format), strict enough that random
octets pass with a chance of about 2**-16 or less wherever the format allows that. Ports play
no part; codes are those of ``nalpml.capture.apps``.
"""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["recognise"]

(
    TLS, QUIC, HTTP, SSH, DNS, NTP, DHCP, SNMP, SYSLOG, RTP, STUN, SIP, WIREGUARD, OPENVPN, IKE,
    RMCP, RMCP_SOL, AMT, SOCKS4_REQUEST, SOCKS5_GREETING, SOCKS5_CHOICE, SOCKS4_REPLY, SMB, RDP,
    MQTT, REDIS, POSTGRESQL, MYSQL, MEMCACHED, BANNER, ASN1, BITTORRENT, DHT, VXLAN, GTP, MODBUS,
    DTLS, COAP, NETBIOS, TFTP, DNP3, ENIP, OPCUA, BACNET, RTSP, GIT, RTCP, SOCKS5_REQUEST,
    RADIUS, MPEGTS, AMQP, MONGODB, DCERPC, L2TP, KEEPALIVE, UTP, KERBEROS, TEXT, MARKUP, IEC104,
    S7, SOCKS5_AUTH, BGP, X11, RIP, NFS_RPC, DIAMETER, XMPP, IPP, HSRP, TEREDO,
) = range(1, 72)  # fmt: skip


@kernel
def _be16(b, o):
    return (np.int64(b[o]) << 8) | np.int64(b[o + 1])


@kernel
def _be32(b, o):
    return (_be16(b, o) << 16) | _be16(b, o + 2)


@kernel
def _le32(b, o):
    return (
        np.int64(b[o])
        | (np.int64(b[o + 1]) << 8)
        | (np.int64(b[o + 2]) << 16)
        | (np.int64(b[o + 3]) << 24)
    )


@kernel
def _printable(b, s, n):
    for i in range(s, s + n):
        if not (0x20 <= b[i] < 0x7F or b[i] in (9, 10, 13)):
            return False
    return True


@kernel
def _word_is(b, s, n, word):
    # `word` packs up to 8 ASCII characters, big-endian: compared without regard to case.
    size = 0
    rest = word
    while rest > 0:
        size += 1
        rest >>= 8
    if size > n:
        return False
    for i in range(size):
        have = np.int64(b[s + i])
        if 0x61 <= have <= 0x7A:
            have -= 0x20
        if have != (word >> (8 * (size - 1 - i))) & 0xFF:
            return False
    return True


@kernel
def _any_word(b, s, n, words):
    for word in words:
        if _word_is(b, s, n, word):
            return True
    return False


# GET POST HEAD PUT DELETE OPTIONS CONNECT PATCH TRACE HTTP/1. HTTP/2 PROPFIN NOTIFY M-SEARC
# PRI * H SUBSCRI UNSUBSC
_HTTP = (
    0x47455420, 0x504f535420, 0x4845414420, 0x50555420, 0x44454c45544520, 0x4f5054494f4e53,
    0x434f4e4e454354, 0x504154434820, 0x545241434520, 0x485454502f312e, 0x485454502f32,
    0x50524f5046494e, 0x4e4f5449465920, 0x4d2d5345415243, 0x505249202a2048, 0x53554253435249,
    0x554e5355425343,
)  # fmt: skip

# INVITE REGISTE SIP/2.0 BYE SIP ACK SIP CANCEL SUBSCRI PUBLISH INFO SI PRACK S
_SIP = (
    0x494e5649544520, 0x52454749535445, 0x5349502f322e30, 0x42594520534950, 0x41434b20534950,
    0x43414e43454c20, 0x53554253435249, 0x5055424c495348, 0x494e464f205349, 0x505241434b2053,
)  # fmt: skip

# RTSP/1. DESCRIB SETUP R PLAY RT TEARDOW ANNOUNC
_RTSP = (
    0x525453502f312e, 0x44455343524942, 0x53455455502052, 0x504c4159205254, 0x54454152444f57,
    0x414e4e4f554e43,
)  # fmt: skip

# 220 220- +OK * OK EHLO HELO USER LOGIN A1 A001 A CAPAB QUIT AUTH CAPA 250 250- 331 530 -ERR
# 200 NICK CAP LS
_BANNER = (
    0x32323020, 0x3232302d, 0x2b4f4b, 0x2a204f4b, 0x45484c4f20, 0x48454c4f20, 0x5553455220,
    0x4c4f47494e20, 0x413120, 0x4130303120, 0x41204341504142, 0x51554954, 0x4155544820,
    0x43415041, 0x32353020, 0x3235302d, 0x33333120, 0x35333020, 0x2d455252, 0x32303020,
    0x4e49434b20, 0x434150204c53,
)  # fmt: skip

# PING +PONG +OK
_REDIS = (
    0x50494e470d0a, 0x2b504f4e470d0a, 0x2b4f4b0d0a,
)  # fmt: skip

# GET SET STATS VERSION DELETE ADD STORED END VALUE
_MEMCACHED = (
    0x47455420, 0x53455420, 0x5354415453, 0x56455253494f4e, 0x44454c45544520, 0x41444420,
    0x53544f524544, 0x454e440d0a, 0x56414c554520,
)  # fmt: skip


@kernel
def _tls(b, s, n):
    return (
        n >= 5
        and 20 <= b[s] <= 24
        and b[s + 1] == 3
        and b[s + 2] <= 4
        and 0 < _be16(b, s + 3) <= 16384 + 2048
    )


@kernel
def _ber(b, s, n, length):
    # SEQUENCE whose length fills the payload -> offset of its contents, else 0.
    if n < 6 or b[s] != 0x30:
        return 0
    first = np.int64(b[s + 1])
    if first < 0x80:
        return 2 if first + 2 == length else 0
    if first == 0x81:
        return 3 if np.int64(b[s + 2]) + 3 == length else 0
    if first == 0x82:
        return 4 if _be16(b, s + 2) + 4 == length else 0
    if first == 0x84:
        return 6 if _be32(b, s + 2) + 6 == length else 0
    return 0


@kernel
def _dns_names(b, s, n, questions):
    # The question section's labels must be well formed as far as it was captured.
    position = s + 12
    end = s + n
    for _ in range(min(questions, 4)):
        total = 0
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
        kind = _be16(b, position)
        if not (1 <= kind <= 110 or 249 <= kind <= 262 or kind in (32768, 32769, 65, 64)):
            return False
        if (_be16(b, position + 2) & 0x7FFF) not in (1, 3, 4, 254, 255):
            return False
        position += 4
    return True


@kernel
def _dns(b, s, n):
    if n < 12:
        return False
    flags = _be16(b, s + 2)
    opcode = (flags >> 11) & 15
    if opcode > 6 or (flags & 0x40 and opcode < 4):
        return False
    questions = _be16(b, s + 4)
    answers = _be16(b, s + 6)
    authority = _be16(b, s + 8)
    extra = _be16(b, s + 10)
    if questions + answers + authority + extra == 0:
        # Some servers answer an error with the header alone.
        return n == 12 and flags & 0x8000 != 0 and flags & 15 != 0
    if questions > 16 or answers > 200 or authority > 100 or extra > 100:
        return False
    return _dns_names(b, s, n, questions)


@kernel
def _socks5_address(b, s, n):
    # Octets of atyp, address and port from s on, 0 where that is no SOCKS address.
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
            if 3 + _socks5_address(b, s + 3, n - 3) == length:
                return SOCKS5_REQUEST
        return 0
    if b[s] == 4 and n >= 9 and n == length and b[s + n - 1] == 0 and 1 <= b[s + 1] <= 2:
        if _printable(b, s + 8, n - 9) or (b[s + 4] == 0 and b[s + 5] == 0 and b[s + 6] == 0):
            return SOCKS4_REQUEST
        return 0
    if b[s] == 0 and length == 8 and n == 8 and 0x5A <= b[s + 1] <= 0x5D:
        return SOCKS4_REPLY
    if b[s] == 1 and n == length and n >= 5:
        user = np.int64(b[s + 1])
        if 3 + user <= n and 3 + user + np.int64(b[s + 2 + user]) == length and user > 0:
            if _printable(b, s + 2, user):
                return SOCKS5_AUTH
    return 0


@kernel
def _tcp_binary(b, s, n, length):
    if n < 4:
        return 0
    first = _be32(b, s)
    if n >= 8 and b[s] == 0 and first & 0xFFFFFF == length - 4:
        if _be32(b, s + 4) in (0xFF534D42, 0xFE534D42, 0xFD534D42, 0xFC534D42):
            return SMB
    if n >= 4 and (b[s] in (0x81, 0x82, 0x83, 0x85)) and first & 0xFFFF == length - 4 and n >= 4:
        return NETBIOS
    if b[s] == 3 and b[s + 1] == 0 and n >= 7 and first & 0xFFFF == length:
        return S7 if n > 7 and b[s + 4] == 2 and b[s + 7] == 0x32 else RDP
    if n == 8 and b[s] == 0x10 and first == 0x10000000 and _be32(b, s + 4) == 0x534F4C20:
        return AMT
    if n == 8 and first == 0x10000000 and _be32(b, s + 4) in (0x49444552, 0x4B564D52):
        return AMT
    if n >= 8 and b[s] == 0x11 and b[s + 1] == 0 and length in (13, 19) and b[s + 3] == 0:
        return AMT
    if n >= 8 and length == first and _be32(b, s + 4) in (196608, 80877103, 80877102, 80877104):
        return POSTGRESQL
    if n >= 7 and b[s] in (0x51, 0x52, 0x50, 0x53, 0x70, 0x42, 0x44, 0x54, 0x58, 0x43, 0x5A):
        if 4 <= _be32(b, s + 1) <= length - 1 and b[s + 1] == 0 and b[s + 2] == 0:
            return POSTGRESQL
    if n >= 6 and b[s + 3] == 0 and b[s + 4] == 10 and 0x33 <= b[s + 5] <= 0x3A:
        if (_le32(b, s) & 0xFFFFFF) + 4 == length:
            return MYSQL
    if n >= 8 and first & 0xFFFFFF == 1 and (_le32(b, s) & 0xFFFFFF) + 4 == length and n >= 36:
        return MYSQL
    if n >= 16 and _le32(b, s) >= 16 and _le32(b, s) >= length:
        if _le32(b, s + 12) in (1, 2001, 2002, 2004, 2005, 2010, 2011, 2012, 2013):
            return MONGODB
    if n >= 8 and b[s + 2] == 0 and b[s + 3] == 0 and _be16(b, s + 4) + 6 == length:
        if 1 <= b[s + 7] & 0x7F <= 43:
            return MODBUS
    if n >= 10 and b[s] == 0x05 and b[s + 1] == 0x64 and b[s + 2] >= 5:
        return DNP3
    if n >= 24 and b[s + 1] == 0 and b[s + 3] <= 4 and _le32(b, s) >> 16 == length - 24:
        if (_le32(b, s) & 0xFFFF) in (1, 4, 0x63, 0x64, 0x65, 0x66, 0x6F, 0x70):
            return ENIP
    if n >= 8 and b[s + 3] in (0x46, 0x43, 0x41) and _le32(b, s + 4) >= length:
        if _any_word(b, s, n, (0x48454C, 0x41434B, 0x4F504E, 0x4D5347, 0x434C4F, 0x455252)):
            return OPCUA
    if n >= 6 and b[s] == 0x68 and np.int64(b[s + 1]) + 2 <= length and b[s + 1] >= 4:
        if np.int64(b[s + 1]) + 2 == length and length <= 255:
            return IEC104
    if n >= 19 and first == 0xFFFFFFFF and _be32(b, s + 12) == 0xFFFFFFFF and b[s + 18] <= 5:
        return BGP
    if n >= 16 and b[s] == 5 and b[s + 1] == 0 and b[s + 2] <= 19 and b[s + 4] in (0x10, 0):
        return DCERPC
    if n >= 20 and b[s] == 1 and (first & 0xFFFFFF) >= length and first & 3 == 0:
        if b[s + 4] & 0x0F == 0 and 257 <= (_be32(b, s + 4) & 0xFFFFFF) < 0x1000000 >> 4:
            return DIAMETER
    if n >= 32 and b[s] == 0x80 and (first & 0x7FFFFFFF) + 4 == length:
        if _be32(b, s + 8) <= 1:
            return NFS_RPC
    if n >= 20 and b[s] == 19 and _word_is(b, s + 1, n - 1, 0x424954544F5252):
        return BITTORRENT
    if n >= 14 and b[s] == 0x10 and b[s + 2] == 0 and b[s + 3] in (4, 6):
        if _any_word(b, s + 4, n - 4, (0x4D515454, 0x4D514973)):
            return MQTT
    if n >= 2 and b[s] in (0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xC0, 0xD0, 0xE0):
        if np.int64(b[s + 1]) + 2 == length and length <= 6:
            return MQTT
    if n >= 14 and _ber(b, s + 4, n - 4, length - 4) == 0 and first == length - 4:
        if b[s + 4] in (0x6A, 0x6B, 0x6C, 0x6D, 0x7E):
            return KERBEROS
    if n >= 14 and _be16(b, s) == length - 2 and _dns(b, s + 2, n - 2):
        return DNS
    return 0


@kernel
def _tcp(b, s, n, length):
    if _tls(b, s, n):
        return TLS
    if _word_is(b, s, n, 0x5353482D):  # SSH-
        return SSH
    code = _socks(b, s, n, length)
    if code:
        return code
    if n >= 4 and 0x20 <= b[s] < 0x7F or b[s] in (0x2A, 0x24):
        if _any_word(b, s, n, _HTTP):
            return HTTP
        if _any_word(b, s, n, _SIP):
            return SIP
        if _any_word(b, s, n, _RTSP):
            return RTSP
        if n >= 4 and b[s] in (0x2A, 0x24) and 0x30 <= b[s + 1] <= 0x39:
            if b[s + 2] == 13 or b[s + 3] == 13:
                return REDIS
        if _any_word(b, s, n, _REDIS):
            return REDIS
        if _any_word(b, s, n, _BANNER):
            return BANNER
        if _any_word(b, s, n, _MEMCACHED):
            return MEMCACHED
        if _word_is(b, s, n, 0x414D5150):  # AMQP
            return AMQP
        if n >= 8 and b[s] == 0x30 and b[s + 1] == 0x30 and _word_is(b, s + 4, n - 4, 0x4749542D):
            return GIT
        if _any_word(b, s, n, (0x3C3F584D4C, 0x3C53545245, 0x3C21444F43, 0x3C48544D)):
            return XMPP if _word_is(b, s, n, 0x3C53545245) else MARKUP
        if b[s] in (0x7B, 0x5B) and n >= 8 and b[s + 1] in (0x22, 0x7B, 10, 13, 32):
            if _printable(b, s, min(n, 64)):
                return MARKUP
    body = _ber(b, s, n, length)
    if body and body < n and b[s + body] in (0x02, 0xA1, 0xA0):
        return ASN1
    code = _tcp_binary(b, s, n, length)
    if code:
        return code
    if n >= 4 and _printable(b, s, min(n, 256)):
        return TEXT
    return 0


@kernel
def _rmcp(b, s, n, length):
    if n < 4 or b[s] != 6 or b[s + 1] != 0 or b[s + 3] & 0x1F not in (6, 7):
        return 0
    if b[s + 3] & 0x1F == 7 and n >= 16 and b[s + 4] == 6 and b[s + 5] & 0x3F == 1:
        return RMCP_SOL
    return RMCP


@kernel
def _udp_infrastructure(b, s, n, length):
    if n >= 240 and 1 <= b[s] <= 2 and b[s + 2] <= 16 and _be32(b, s + 236) == 0x63825363:
        return DHCP
    if n >= 48 and length in (48, 68, 72, 52) and 1 <= (b[s] >> 3) & 7 <= 4 and b[s] & 7 >= 1:
        if b[s] & 7 <= 5 and b[s + 1] <= 16:
            return NTP
    if n >= 8 and length >= 12 and b[s] & 7 in (6, 7) and 1 <= (b[s] >> 3) & 7 <= 4:
        if b[s] & 0xC0 == 0 and (b[s + 1] & 0x1F) <= 12 and _be16(b, s + 10) + 12 <= length:
            return NTP
    body = _ber(b, s, n, length)
    if body:
        if n > body + 2 and b[s + body] == 2 and b[s + body + 1] == 1 and b[s + body + 2] <= 3:
            return SNMP
        return ASN1
    if n >= 6 and b[s] in (0x6A, 0x6B, 0x6C, 0x6D, 0x7E) and b[s + 1] in (0x81, 0x82):
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
    if n >= 20 and 1 <= b[s] <= 13 and _be16(b, s + 2) == length and length <= 4096:
        return RADIUS
    if n >= 4 and b[s] in (1, 2) and b[s + 1] in (1, 2) and b[s + 2] == 0 and b[s + 3] == 0:
        if (length - 4) % 20 == 0:
            return RIP
    if n >= 24 and _be32(b, s + 4) in (0, 1) and _be32(b, s + 8) == 2 and _be32(b, s) != 0:
        if 100000 <= _be32(b, s + 12) < 200000 and _be32(b, s + 4) == 0:
            return NFS_RPC
    if (
        n >= 14
        and b[s] in (0x10, 0x11)
        and b[s + 1] & 0xF0 == 0
        and _be16(b, s + 10) + 14 <= length
    ):
        if b[s + 1] & 3:
            return NETBIOS
    if n >= 20 and b[s] == 0 and b[s + 1] <= 16 and length == 20 and b[s + 6] <= 255:
        if b[s + 2] in (1, 2, 4, 8, 16):
            return HSRP
    return 0


@kernel
def _udp_media(b, s, n, length):
    if n >= 20 and b[s] & 0xC0 == 0 and _be32(b, s + 4) == 0x2112A442:
        return STUN
    if n >= 20 and b[s] <= 1 and 1 <= b[s + 1] <= 0x20 and _be16(b, s + 2) + 20 == length:
        return STUN
    if n >= 12 and b[s] >> 6 == 2:
        kind = b[s + 1]
        if 200 <= kind <= 207 and (_be16(b, s + 2) + 1) * 4 <= length:
            return RTCP
        audio = kind & 0x7F
        if b[s] & 0x0F <= 4 and (audio <= 34 or 96 <= audio) and length >= 20:
            return RTP
    if n >= 188 and b[s] == 0x47 and length % 188 == 0:
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
    if n >= 28 and b[s + 17] in (0x10, 0x20) and _be32(b, s + 24) == length:
        return IKE
    if (
        n >= 32
        and _be32(b, s) == 0
        and b[s + 21] in (0x10, 0x20)
        and _be32(b, s + 28) == length - 4
    ):
        return IKE
    if n == 1 and length == 1 and b[s] == 0xFF:
        return KEEPALIVE
    if n >= 14 and 7 <= b[s] >> 3 <= 8 and length in (14, 26, 42, 50, 54) and b[s] & 7 == 0:
        return OPENVPN
    if n >= 14 and b[s] >> 3 in (1, 2, 3, 7, 8, 10) and b[s] & 7 <= 1 and n >= 18:
        # Control packets: session id, then packet ids that start small.
        for offset in (9, 25, 29, 37, 41):
            if offset + 5 <= n and _be32(b, s + offset) < 4096 and b[s + offset + 4] <= 8:
                return OPENVPN
    if n >= 8 and b[s] == 8 and b[s + 1] == 0 and b[s + 2] == 0 and b[s + 3] == 0 and b[s + 7] == 0:
        return VXLAN
    if n >= 8 and b[s] & 0xE0 in (0x20, 0x40) and b[s] & 0x10 and _be16(b, s + 2) + 8 == length:
        return GTP
    if n >= 12 and b[s] >> 5 == 2 and _be16(b, s + 2) + 4 == length:
        return GTP
    if n >= 12 and b[s] & 0xC8 == 0xC8 and b[s + 1] & 0x0F == 2 and _be16(b, s + 2) == length:
        return L2TP
    if n >= 40 and b[s] >> 4 == 6 and _be16(b, s + 4) + 40 == length:
        return TEREDO
    return 0


@kernel
def _quic(b, s, n):
    if n < 20 or b[s] & 0xC0 != 0xC0:
        return False
    version = _be32(b, s + 1)
    known = (
        version in (1, 0x6B3343CF, 0)
        or version >> 8 == 0xFF0000
        or version >> 24 == 0x51  # Google's Q0xx
        or version >> 24 == 0x54
        or version & 0x0F0F0F0F == 0x0A0A0A0A
        or version >> 16 == 0xFACE
    )
    return known and b[s + 5] <= 20


@kernel
def _udp_other(b, s, n, length):
    if n >= 12 and _any_word(b, s, n, _SIP):
        return SIP
    if n >= 8 and _any_word(b, s, n, _HTTP):
        return HTTP
    if n >= 12 and b[s] == 0x64 and b[s + 2] == 0x3A and b[s + 1] in (0x31, 0x32):
        return DHT
    if n >= 20 and b[s] & 0x0F == 1 and b[s] >> 4 <= 4 and b[s + 1] <= 2 and b[s] != 0x01:
        return UTP
    if n >= 20 and b[s] == 0x01 and b[s + 1] <= 2 and _be16(b, s + 16) != 0 and n == 20:
        return UTP
    if n >= 4 and b[s] == 0x81 and b[s + 1] <= 0x0B and _be16(b, s + 2) == length:
        return BACNET
    if n >= 24 and b[s + 1] == 0 and _le32(b, s) >> 16 == length - 24:
        if (_le32(b, s) & 0xFFFF) in (1, 4, 0x63, 0x64, 0x65, 0x66, 0x6F, 0x70):
            return ENIP
    if n >= 4 and b[s] >> 6 == 1 and b[s] & 0x0F <= 8:
        code = b[s + 1]
        token = np.int64(b[s] & 0x0F)
        if code in (0, 1, 2, 3, 4) or 0x40 <= code <= 0x5F or 0x80 <= code <= 0x8F:
            if (code == 0 and length == 4) or (
                length > 4 + token
                and n > 4 + token
                and b[s + 4 + token] >> 4 in (1, 3, 4, 5, 6, 11, 15)
            ):
                return COAP
    if n >= 16 and _be16(b, s + 4) in (1,) and _be16(b, s + 6) == 0 and _be16(b, s) < 0x100:
        if _any_word(b, s + 8, n - 8, _MEMCACHED):
            return MEMCACHED
    if n >= 5 and (b[s] == 0x3C or b[s] == 0x7B) and _printable(b, s, min(n, 64)):
        return MARKUP
    if n >= 4 and _printable(b, s, min(n, 256)):
        return TEXT
    return 0


@kernel
def _udp(b, s, n, length):
    code = _rmcp(b, s, n, length)
    if code:
        return code
    code = _udp_infrastructure(b, s, n, length)
    if code:
        return code
    if _dns(b, s, n):
        return DNS
    code = _udp_tunnel(b, s, n, length)
    if code:
        return code
    if _quic(b, s, n):
        return QUIC
    code = _udp_media(b, s, n, length)
    if code:
        return code
    # SOCKS 5 UDP relays: reserved zeros, fragment number, address.
    if n >= 10 and b[s] == 0 and b[s + 1] == 0 and b[s + 2] == 0 and b[s + 3] in (1, 3, 4):
        if 3 + _socks5_address(b, s + 3, n - 3) < length:
            return SOCKS5_REQUEST
    return _udp_other(b, s, n, length)


@kernel
def recognise(buffer, rows):
    """Fill the ``app`` column of decoded TCP, UDP and VSOCK rows.

    Parameters
    ----------
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into.
    rows : structured (n,)
        Of PACKET_DTYPE, decoded; ``app`` is filled in place, 0 where nothing is recognised.
    """
    for i in range(len(rows)):
        row = rows[i]
        count = np.int64(row["payload_cap"])
        if row["skip"] != 0 or count == 0 or row["ip_frag"] & 0x1FFF:
            continue
        start = np.int64(row["payload_off"])
        length = np.int64(row["payload_len"])
        if row["proto"] == 17:
            row["app"] = _udp(buffer, start, count, length)
        elif row["proto"] == 6 or row["proto"] == 256:
            row["app"] = _tcp(buffer, start, count, length)
