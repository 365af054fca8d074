"""Further protocols over TCP and VSOCK by their first octets."""

from __future__ import annotations

import numpy as np

from ._apps import BANNER, HTTP, MARKUP, MODBUS, MQTT, NFS_RPC, RTSP, SYSLOG, X11, XMPP, printable
from ._apps_more import (
    ADS,
    AFP,
    AJP,
    CASSANDRA,
    CEPH,
    DICOM,
    DRDA,
    ELASTICSEARCH,
    FASTCGI,
    FIX,
    GEARMAN,
    HISLIP,
    HL7,
    ICA,
    IPERF,
    ISCSI,
    JAVA,
    KAFKA,
    MUNIN,
    NATS,
    NBD,
    OPENWIRE,
    ORACLE_TNS,
    RLOGIN,
    RSH,
    RSYNC,
    RTMP,
    SKINNY,
    SMPP,
    STOMP,
    SVN,
    TACACS,
    TDS,
    TELNET,
    THRIFT,
    TINC,
    VNC,
    Z3950,
    ZMTP,
    at_port,
    digits,
    graphic,
    zeros,
)
from ._jit import kernel
from ._octets import be16, be32, le16, le32
from ._words import look_up, magic
from .recognise_more_peers import recognise_peers

__all__ = ["recognise_more_tcp"]

MAGIC = magic(
    (VNC, b"RFB 00"),
    (RSYNC, b"@RSYNCD:"),
    (GEARMAN, b"\0REQ\0\0\0"),
    (GEARMAN, b"\0RES\0\0\0"),
    (SVN, b"( succes"),
    (SVN, b"( failur"),
    (SVN, b"( 2 ( ed"),
    (NATS, b'INFO {"'),
    (STOMP, b"STOMP\n"),
    (STOMP, b"SEND\ndes"),
    (STOMP, b"MESSAGE\n"),
    (HL7, b"\x0bMSH|"),
    (RTMP, b"\x02\0\0\0\0\0\x04\x01"),
    (RTMP, b"\x02\0\0\0\0\0\x04\x05"),
    (X11, b"l\0\x0b\0\0\0"),
    (X11, b"B\0\0\x0b\0\0"),
    (ICA, b"\x7f\x7fICA\0"),
    (ICA, b"\x1aCGP/01"),
    (JAVA, b"JRMI\0"),
    (JAVA, b"\xac\xed\0\x05"),
    (JAVA, b"JDWP-Han"),
    (NBD, b"NBDMAGIC"),
    (CEPH, b"ceph v0"),
    (CEPH, b"ceph v2"),
    (MUNIN, b"# munin "),
    (FIX, b"8=FIX.4."),
    (FIX, b"8=FIXT.1"),
    (RTSP, b"GET_PARA"),
    (RTSP, b"SET_PARA"),
    (RTSP, b"PAUSE rt"),
    (XMPP, b"<presenc"),
    (XMPP, b"<message"),
    (XMPP, b"<iq "),
    (BANNER, b"PASS "),
    (BANNER, b"PASV\r\n"),
    (BANNER, b"SYST\r\n"),
    (BANNER, b"TYPE "),
    (BANNER, b"PORT "),
    (BANNER, b"RETR "),
    (BANNER, b"MAIL FRO"),
    (BANNER, b"RCPT TO:"),
)


@kernel
def _words(b, s, n, length, sport, dport):
    # Syslog over TCP (RFC 6587), elements, remote shells (RFC 1282), FIX, iperf 3's cookie, tinc.
    if n >= 8 and b[s] == 0x3C:
        number = digits(b, s + 1, 4)
        if 1 <= number <= 3 and b[s + 1 + number] == 0x3E:
            return SYSLOG
        letter = b[s + 1] | 0x20
        if (0x61 <= letter <= 0x7A or b[s + 1] in (0x2F, 0x3F)) and printable(b, s, min(n, 64)):
            for i in range(s + 3, s + min(n, 64)):
                if b[i] == 0x3E:
                    return MARKUP
    if n >= 12 and 0x31 <= b[s] <= 0x39:
        number = digits(b, s, 5)
        if number < 5 and b[s + number] == 0x20 and b[s + number + 1] == 0x3C:
            inner = digits(b, s + number + 2, 4)
            if 1 <= inner <= 3 and b[s + number + 2 + inner] == 0x3E:
                return SYSLOG
    if 3 <= n <= 6 and n == length and b[s + n - 1] == 0 and at_port(sport, dport, 512, 514):
        if digits(b, s, n - 1) == n - 1:
            return RSH
    if 8 <= n <= 100 and n == length and b[s + n - 1] == 0:
        # Names at both ends, then type and speed of the terminal.
        ends = 0
        slash = False
        for i in range(s + (b[s] == 0), s + n):
            if b[i] == 0:
                ends += 1
            elif not 0x20 < b[i] < 0x7F:
                ends = 9
            slash = slash or (ends == 2 and b[i] == 0x2F)
        if ends == 3 and slash and 0x30 <= b[s + n - 2] <= 0x39:
            return RLOGIN
    if n >= 16 and be16(b, s) == 0x383D:
        for i in range(s + 3, s + 12):
            if b[i] == 1 and be16(b, i + 1) == 0x393D:
                return FIX
    if n == 37 and length == 37 and b[s + 36] == 0:
        for i in range(s, s + 36):
            if not (0x61 <= b[i] <= 0x7A or 0x32 <= b[i] <= 0x37):
                return 0
        return IPERF
    if 8 <= n <= 64 and b[s] == 0x30 and b[s + 1] == 0x20 and at_port(sport, dport, 655, 655):
        if b[s + n - 1] == 10 and printable(b, s, n):
            return TINC
    return 0


@kernel
def _terminal(b, s, n, length):
    # Telnet negotiation (RFC 854, 855): WILL to DONT, or a subnegotiation up to its end.
    if n < 3 or b[s] != 0xFF:
        return 0
    if n >= 10 and b[s + 9] == 0x7F and zeros(b, s + 1, 7):
        return ZMTP
    if 0xFB <= b[s + 1] <= 0xFE and (b[s + 2] <= 49 or b[s + 2] == 0xFF):
        if length == 3 or (n >= 5 and b[s + 3] == 0xFF and 0xF0 <= b[s + 4] <= 0xFE):
            return TELNET
        if n > 3 and b[s + 2] <= 49 and printable(b, s + 3, min(n - 3, 32)):
            return TELNET
    if b[s + 1] == 0xFA and b[s + 2] <= 49 and n >= 6:
        for i in range(s + 3, s + min(n, 256) - 1):
            if b[i] == 0xFF and b[i + 1] == 0xF0:
                return TELNET
    return 0


@kernel
def _databases(b, s, n, length, sport, dport):
    # MS-TDS 2.2.3, TNS, DRDA's DSS, Cassandra's native protocol, Kafka requests.
    if n < 8:
        return 0
    if b[s] in (1, 2, 3, 4, 6, 7, 14, 16, 17, 18) and b[s + 1] in (0, 1, 9) and b[s + 7] == 0:
        size = be16(b, s + 2)
        if size == length or (size >= 512 and length < size and size % 512 == 0 and n >= 512):
            return TDS
    if be16(b, s) == length and be16(b, s + 2) == 0 and 1 <= b[s + 4] <= 19:
        if b[s + 5] & 0xC3 == 0 and be16(b, s + 6) == 0:
            return ORACLE_TNS
    if be32(b, s) == length and b[s + 4] in (6, 12, 14) and be16(b, s + 6) == 0:
        if at_port(sport, dport, 1521, 1526):
            return ORACLE_TNS
    if n >= 10 and b[s + 2] == 0xD0 and 1 <= b[s + 3] & 0x0F <= 5 and be16(b, s) <= length:
        if be16(b, s) == be16(b, s + 6) + 6 and 0x10 <= b[s + 8] <= 0x24:
            return DRDA
    if n >= 9 and 3 <= b[s] & 0x7F <= 5 and b[s + 1] <= 0x1F and b[s + 4] <= 16:
        if be32(b, s + 5) + 9 == length:
            return CASSANDRA
    if n >= 14 and be32(b, s) == length - 4:
        name = be16(b, s + 12)
        if be16(b, s + 4) <= 92 and be16(b, s + 6) <= 20 and 1 <= name <= min(n - 14, 255):
            if graphic(b, s + 14, name):
                return KAFKA
        if length >= 12 and be32(b, s + 4) < 65536 and at_port(sport, dport, 9092, 9094):
            return KAFKA
    return 0


@kernel
def _servers(b, s, n, length):
    # AJP 1.3, FastCGI 1.0, Thrift, OpenWire, DSI (AFP), Elasticsearch, HiSLIP, HTTP/2 frames.
    if n < 5:
        return 0
    if be16(b, s) in (0x1234, 0x4142) and be16(b, s + 2) == length - 4 and 2 <= b[s + 4] <= 10:
        return AJP
    if n >= 16 and b[s] == 1 and b[s + 1] == 1 and b[s + 2] <= 4 and be16(b, s + 4) == 8:
        if b[s + 6] == 0 and b[s + 8] == 0 and 1 <= b[s + 9] <= 3 and zeros(b, s + 11, 5):
            return FASTCGI
    if n >= 8 and b[s] == 1 and 2 <= b[s + 1] <= 11 and b[s + 2] == 0 and b[s + 7] == 0:
        after = be16(b, s + 4) + np.int64(b[s + 6]) + 8
        if after + 8 <= n and b[s + after] == 1 and be16(b, s + 2) == be16(b, s + after + 2):
            return FASTCGI
    at = np.int64(4) if n >= 12 and be32(b, s) == length - 4 else np.int64(0)
    if n >= at + 12 and be32(b, s + at) & 0xFFFFFFF8 == 0x80010000 and 1 <= b[s + at + 3] <= 4:
        name = be32(b, s + at + 4)
        if 1 <= name <= 128 and graphic(b, s + at + 8, min(name, n - at - 8)):
            return THRIFT
    if n >= 13 and b[s + 4] == 1 and be32(b, s + 5) == 0x41637469 and be32(b, s + 9) == 0x76654D51:
        return OPENWIRE
    if n >= 16 and b[s] <= 1 and 1 <= b[s + 1] <= 8 and be32(b, s + 12) == 0:
        if be32(b, s + 8) + 16 == length and be32(b, s) & 0xFFFF != 0 and be32(b, s + 4) == 0:
            return AFP
        if length == 16 and be32(b, s + 8) == 0 and b[s] == 1:
            return AFP
        if be32(b, s + 8) + 16 == length and b[s + 1] in (2, 6) and be16(b, s + 2) < 4096:
            return AFP
    if n >= 6 and be16(b, s) == 0x4553 and be32(b, s + 2) + 6 == length:
        return ELASTICSEARCH
    if n >= 16 and be16(b, s) == 0x4853 and b[s + 2] <= 26 and be32(b, s + 8) == 0:
        if be32(b, s + 12) + 16 == length:
            return HISLIP
    if n >= 9 and b[s] == 0 and b[s + 3] == 4 and b[s + 4] <= 1 and be32(b, s + 5) == 0:
        if be16(b, s + 1) % 6 == 0 and be16(b, s + 1) + 9 <= length:
            return HTTP
    return 0


@kernel
def _smpp(b, s, n, length, kind, status):
    # Responses have the highest bit; requests no status, and most of them a string first.
    if kind > 0x80000000:
        kind -= 0x80000000
        return status < 0x500 and (kind <= 9 or kind in (0x15, 0x21, 0x103))
    if status != 0:
        return False
    if kind in (6, 0x15):
        return length == 16
    if not (1 <= kind <= 9 or kind in (0x21, 0x103)):
        return False
    size = 0
    while size < 16 and 16 + size < n and 0x20 < b[s + 16 + size] < 0x7F:
        size += 1
    if 16 + size + 3 > n or b[s + 16 + size] != 0:
        return False
    if kind in (1, 2, 9):
        return size > 0
    return b[s + 17 + size] <= 6 and b[s + 18 + size] <= 18


@kernel
def _records(b, s, n, length):
    # DICOM upper layer (PS3.8, 9.3), Z39.50, iSCSI (RFC 7143), SMPP 3.4, AMS/TCP, RPC records.
    if n < 10:
        return 0
    if 1 <= b[s] <= 7 and b[s + 1] == 0 and be32(b, s + 2) + 6 == length:
        if b[s] <= 2 and be16(b, s + 6) & 1 and be16(b, s + 8) == 0:
            return DICOM
        if b[s] == 4 and n >= 12 and be32(b, s + 6) + 4 <= be32(b, s + 2) and b[s + 10] & 1:
            return DICOM
        if b[s] in (3, 5, 6, 7) and length == 10 and b[s + 6] == 0 and b[s + 7] <= 5:
            return DICOM
    if b[s] in (0xB4, 0xB5):
        if b[s + 2] in (0x82, 0x83) and np.int64(b[s + 1]) + 2 == length and b[s + 3] <= 32:
            return Z3950
        if b[s + 1] == 0x82 and be16(b, s + 2) + 4 == length and b[s + 4] in (0x82, 0x83):
            return Z3950
    if n >= 48 and b[s + 4] == 0:
        kind = b[s] & 0xBF
        data = (be32(b, s + 4) + 3) & 0xFFFFFC
        if kind <= 6 or 0x20 <= kind <= 0x26 or kind in (0x10, 0x31, 0x32, 0x3F):
            if data + 48 == length and (b[s + 1] & 0x80 or (length > 48 and kind > 0)):
                return ISCSI
    if n >= 16 and be32(b, s) == length and 0 < be32(b, s + 12) < 0x80000000:
        if _smpp(b, s, n, length, be32(b, s + 4), be32(b, s + 8)):
            return SMPP
    if n >= 32 and be16(b, s) == 0 and le32(b, s + 2) + 6 == length and le16(b, s + 22) <= 9:
        if le16(b, s + 24) in (4, 5, 0x44, 0x45) and le32(b, s + 26) + 38 == length:
            return ADS
    if n >= 28 and b[s] == 0x80 and (be32(b, s) & 0x7FFFFFFF) + 4 > length:
        if be32(b, s + 8) == 0 and be32(b, s + 12) == 2 and be32(b, s + 16) < 0x60000000:
            return NFS_RPC
        if be32(b, s + 8) == 1 and be32(b, s + 12) == 0 and be32(b, s + 20) <= 400:
            return NFS_RPC
    return 0


@kernel
def _media(b, s, n, length, sport, dport):
    # Interleaved RTP (RFC 7826), RTMP handshake and commands, Skinny, MQTT messages, TACACS+
    # (RFC 8907), Modbus' own codes.
    if n < 4:
        return 0
    if n >= 5 and b[s] == 0x24 and b[s + 1] <= 15 and be16(b, s + 2) + 4 <= length:
        if b[s + 4] == 0x80 and be16(b, s + 2) >= 12:
            return RTSP
    if b[s] == 3 and n >= 13 and be32(b, s + 5) == 0 and length >= 1200:
        return RTMP
    if b[s] == 3 and length >= 1200 and at_port(sport, dport, 1935, 1935):
        return RTMP
    if b[s] == 3 and n >= 16 and b[s + 7] == 0x14 and be32(b, s + 8) == 0 and b[s + 12] == 2:
        return RTMP
    if n >= 12 and at_port(sport, dport, 2000, 2002) and le32(b, s) + 8 <= length:
        if le32(b, s + 4) <= 0x20 and le32(b, s + 8) < 0x200 and le32(b, s) >= 4:
            return SKINNY
    if b[s] >> 4 == 3 or b[s] in (0x10, 0x82, 0xA2, 0x90, 0xB0):
        left = np.int64(b[s + 1] & 0x7F)
        at = np.int64(2)
        if b[s + 1] & 0x80:
            left += np.int64(b[s + 2] & 0x7F) << 7
            at = np.int64(3)
        if b[s + at - 1] < 0x80 and left + at == length and n >= at + 3:
            start = at if b[s] >> 4 == 3 or b[s] == 0x10 else at + 2
            name = be16(b, s + start) if n >= start + 2 else 0
            if 1 <= name <= n - start - 2 and graphic(b, s + start + 2, name):
                if name >= 3 and b[s] & 6 != 6:
                    return MQTT
            if b[s] in (0x90, 0xB0) and length <= 8 and b[s + n - 1] in (0, 1, 2, 0x80):
                return MQTT
    if n >= 12 and b[s] & 0xFE == 0xC0 and 1 <= b[s + 1] <= 3 and b[s + 3] & 0xFA == 0:
        if be32(b, s + 8) + 12 == length:
            return TACACS
    if n >= 8 and be16(b, s + 2) == 0 and be16(b, s + 4) + 6 == length:
        if b[s + 7] & 0x7F == 0x5A and at_port(sport, dport, 502, 502):
            return MODBUS
    return 0


@kernel
def recognise_more_tcp(b, s, n, length, sport, dport, head):
    """Recognise a TCP or VSOCK payload; parameters and result as of `recognise_both`."""
    code = look_up(head, n, MAGIC)
    if code == 0:
        code = _words(b, s, n, length, sport, dport)
    if code == 0:
        code = _terminal(b, s, n, length)
    if code == 0:
        code = _databases(b, s, n, length, sport, dport)
    if code == 0:
        code = _servers(b, s, n, length)
    if code == 0:
        code = _records(b, s, n, length)
    if code == 0:
        code = _media(b, s, n, length, sport, dport)
    if code == 0:
        code = recognise_peers(b, s, n, length, sport, dport, head)
    return code
