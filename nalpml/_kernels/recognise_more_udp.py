"""Further protocols over UDP by their first octets."""

from __future__ import annotations

import numpy as np

from ._apps import BITTORRENT, HSRP, L2TP, NFS_RPC, NTP, QUIC, RADIUS, RTCP, printable
from ._apps_more import (
    ADS,
    AFS_RX,
    AHCP,
    BABEL,
    BFD,
    BJNP,
    CAPWAP,
    COLLECTD,
    DHCPV6,
    DISCORD,
    DLEP,
    DNSCRYPT,
    EDONKEY,
    ESP,
    ETHEREUM,
    FINS,
    GELF,
    GENEVE,
    GLBP,
    GNUTELLA,
    LISP,
    LORAWAN,
    MEGACO,
    MGCP,
    MIIO,
    MPLS_PING,
    MQTT_SN,
    MTPROTO,
    MUMBLE,
    NATPMP,
    NETCODE,
    NETFLOW,
    PFCP,
    PTP,
    RAKNET,
    ROUGHTIME,
    SAP,
    SFLOW,
    SLP,
    SOURCE_QUERY,
    SPOTIFY,
    STEAM,
    TAILSCALE,
    TEAMSPEAK,
    TEAMVIEWER,
    UBIQUITI,
    WOL,
    XDMCP,
    at_port,
    graphic,
    zeros,
)
from ._jit import kernel
from ._octets import be16, be32, le16, le32
from ._words import look_up, magic

__all__ = ["recognise_more_udp"]

MAGIC = magic(
    (SFLOW, b"\0\0\0\x05\0\0\0\x01"),
    (SFLOW, b"\0\0\0\x05\0\0\0\x02"),
    (SFLOW, b"\0\0\0\x04\0\0\0\x01"),
    (SFLOW, b"\0\0\0\x02\0\0\0\x01"),
    (BJNP, b"BJNP"),
    (BJNP, b"BJNB"),
    (BJNP, b"MFNP"),
    (FINS, b"\x80\0\x02\0"),
    (FINS, b"\xc0\0\x02\0"),
    (FINS, b"\xc1\0\x02\0"),
    (ADS, b"\x03\x66\x14\x71"),
    (SPOTIFY, b"SpotUdp0"),
    (BITTORRENT, b"BT-SEARC"),
    (GNUTELLA, b"GND\x01"),
    (GNUTELLA, b"GND\x02"),
    (GNUTELLA, b"GND\x03"),
    (TEAMSPEAK, b"TS3INIT1"),
    (TAILSCALE, b"TS\xf0\x9f\x92\xac"),
    (DNSCRYPT, b"r6fnvWj8"),
    (DNSCRYPT, b"Q6fnvWj8"),
    (ROUGHTIME, b"ROUGHTIM"),
    (NETCODE, b"\0NETCODE"),
    (DLEP, b"DLEP\0"),
    (STEAM, b"\xff\xff\xff\xff\x21\x4c\x5f\xa0"),
    (MEGACO, b"!/1 "),
    (MEGACO, b"!/2 "),
    (MEGACO, b"MEGACO/1"),
    (CAPWAP, b"\x01\0\0\0\x16\xfe\xff\0"),
    (CAPWAP, b"\x01\0\0\0\x16\xfe\xfd\0"),
    (CAPWAP, b"\x01\0\0\0\x17\xfe\xff\0"),
    (CAPWAP, b"\x01\0\0\0\x17\xfe\xfd\0"),
)


@kernel
def _dhcpv6(b, s, n, length):
    # RFC 8415: message type, transaction or relay header, options to the end.
    if n < 8 or n != length or not 1 <= b[s] <= 23:
        return False
    at = np.int64(34) if b[s] in (12, 13) else np.int64(4)
    if at + 4 > n:
        return False
    while at + 4 <= n:
        if be16(b, s + at) == 0 or be16(b, s + at) > 150:
            return False
        at += 4 + be16(b, s + at + 2)
    return at == n


@kernel
def _routing(b, s, n, length, sport, dport):
    # SLP (RFC 2165, 2608), BFD (RFC 5880), Babel (RFC 8966), AHCP, HSRP 2 and 1, GLBP, LISP
    # (RFC 9300, 9301), MPLS echo (RFC 8029).
    if n < 4:
        return 0
    if n >= 14 and b[s] == 2 and 1 <= b[s + 1] <= 11 and be32(b, s + 1) & 0xFFFFFF == length:
        if b[s + 5] & 0x1F == 0 and b[s + 6] == 0:
            return SLP
    if n >= 12 and b[s] == 1 and 1 <= b[s + 1] <= 10 and be16(b, s + 2) == length:
        if 0x61 <= b[s + 6] <= 0x7A and 0x61 <= b[s + 7] <= 0x7A:
            return SLP
    if n >= 24 and b[s] >> 5 == 1 and b[s] & 0x1F <= 9 and 24 <= b[s + 3] <= 52 and b[s + 2] > 0:
        if b[s + 3] == length and be32(b, s + 12) < 1 << 26 and be32(b, s + 16) < 1 << 26:
            if be32(b, s + 4) != 0:
                return BFD
    if b[s] == 42 and b[s + 1] == 2 and be16(b, s + 2) + 4 == length:
        return BABEL
    if n >= 24 and b[s] == 43 and b[s + 1] <= 2 and at_port(sport, dport, 5359, 5359):
        return AHCP
    if at_port(sport, dport, 1985, 1985) or at_port(sport, dport, 2029, 2029):
        if b[s] == 1 and b[s + 1] == 40 and n >= 4 and b[s + 2] == 2:
            return HSRP
        if b[s] == 0 and b[s + 1] <= 3 and length >= 20 and b[s + 2] <= 16:
            return HSRP
        if b[s] in (2, 4) and length in (6, 48) and n >= 6 and be16(b, s + 2) <= 255:
            return HSRP
    if n >= 12 and b[s] == 1 and b[s + 1] == 0 and b[s + 2] <= 3:
        if at_port(sport, dport, 3222, 3222):
            return GLBP
    if n >= 12 and at_port(sport, dport, 4342, 4342):
        if 1 <= b[s] >> 4 <= 4 and b[s + 2] <= 1 and 1 <= b[s + 3] <= 16:
            return LISP
        if b[s] >> 4 == 8 and b[s + 1] == 0 and (b[s + 4] == 0x45 or b[s + 4] >> 4 == 6):
            return LISP
    if n >= 28 and at_port(sport, dport, 4341, 4341) and b[s + 8] == 0x45:
        if be16(b, s + 10) + 8 == length:
            return LISP
    if n >= 32 and be16(b, s) == 1 and b[s + 2] == 0 and b[s + 3] <= 1 and 1 <= b[s + 4] <= 2:
        if 1 <= b[s + 5] <= 4 and b[s + 6] <= 20 and at_port(sport, dport, 3503, 3503):
            return MPLS_PING
    return 0


@kernel
def _flow_export(b, s, n, length):
    # NetFlow 1, 5, 7 and 9 (RFC 3954), IPFIX (RFC 7011).
    if n < 20:
        return False
    version = be16(b, s)
    count = be16(b, s + 2)
    if version in (1, 5, 7) and 1 <= count <= 30:
        header = 16 if version == 1 else 24
        return length == header + (48 if version == 5 else 52) * count
    if version == 10 and count == length:
        kind = be16(b, s + 16)
        return (kind in (2, 3) or kind >= 256) and 4 <= be16(b, s + 18) <= length - 16
    if version == 9 and n >= 24 and 1 <= count <= 64 and be32(b, s + 8) > 0x30000000:
        kind = be16(b, s + 20)
        return (kind <= 1 or kind >= 256) and 4 <= be16(b, s + 22) <= length - 20
    return False


@kernel
def _tunnels(b, s, n, length, sport, dport):
    # Geneve (RFC 8926), ESP in UDP (RFC 3948), PFCP (TS 29.244), CAPWAP (RFC 5415), L2TPv3.
    if n < 8:
        return 0
    if b[s] <= 0x3F and b[s + 1] & 0x3F == 0 and b[s + 7] == 0:
        if be16(b, s + 2) in (0x6558, 0x0800, 0x86DD) and length > 8 + 4 * np.int64(b[s]):
            return GENEVE
    if at_port(sport, dport, 4500, 4500) and length >= 32 and length & 3 == 0 and n >= 24:
        # Numbers begin with 1; ciphertext is no text.
        if be32(b, s) >= 256 and 1 <= be32(b, s + 4) < 1 << 20 and not printable(b, s + 8, 16):
            return ESP
    if b[s] & 0xF8 == 0x20 and be16(b, s + 2) + 4 == length:
        kind = b[s + 1]
        if (1 <= kind <= 15 and b[s] & 1 == 0) or (50 <= kind <= 57 and b[s] & 1):
            return PFCP
    if at_port(sport, dport, 5246, 5247) and b[s] == 0 and 2 <= b[s + 1] >> 3 <= 8:
        if b[s + 3] & 7 == 0 and zeros(b, s + 4, 2):
            return CAPWAP
    if at_port(sport, dport, 1701, 1701) and be16(b, s) == 3 and be16(b, s + 2) == 0:
        return L2TP
    if b[s] & 0x0D in (0x09, 0x0D) and n >= 18 and b[s] & 0xC0 == 0:
        # Google's QUIC with its version: Q and three digits.
        at = s + 9 if b[s] & 8 else s + 1
        if b[at] == 0x51 and b[at + 1] == 0x30 and 0x30 <= b[at + 2] <= 0x39:
            return QUIC
    if b[s] & 0x80 and n >= 13 and b[s + 1] == 0x51 and b[s + 2] == 0x30 and b[s + 3] == 0x34:
        return QUIC
    return 0


@kernel
def _clocks(b, s, n, length, sport, dport):
    # NTP of unusual size and control messages (RFC 5905, 9327), PTP (IEEE 1588), Roughtime, port
    # mapping (RFC 6886, 6887).
    if n >= 12 and at_port(sport, dport, 123, 123):
        mode = b[s] & 7
        version = (b[s] >> 3) & 7
        if 1 <= version <= 4 and 1 <= mode <= 5 and length >= 48 and b[s + 1] <= 16:
            if b[s + 2] <= 17 and (b[s + 3] == 0 or b[s + 3] >= 0xD0):
                return NTP
        if mode >= 6 and 1 <= version <= 4 and length >= 8 and be16(b, s + 6) < 512:
            return NTP
    if n >= 34 and b[s] & 0x0F in (0, 1, 2, 3, 8, 9, 10, 11, 12, 13) and b[s + 1] & 0x0F == 2:
        if be16(b, s + 2) == length and b[s + 4] < 128 and b[s] >> 4 <= 3 and b[s + 1] >> 4 <= 1:
            if zeros(b, s + 16, 4):
                return PTP
        if 34 <= be16(b, s + 2) <= length and at_port(sport, dport, 319, 320):
            return PTP
    if n >= 28 and at_port(sport, dport, 319, 320) and be16(b, s) <= 1 and be16(b, s + 2) <= 1:
        return PTP
    if n >= 16 and b[s] <= 16 and b[s] >= 2 and be16(b, s + 1) == 0 and b[s + 3] == 0:
        # Tags: their number, offsets in fours, then names in order.
        count = np.int64(b[s])
        if n >= 4 * count + 4 and le32(b, s + 4) & 3 == 0 and le32(b, s + 4) < length:
            tag = be32(b, s + 4 * count)
            if tag in (0x4E4F4E43, 0x53494700, 0x53524550, 0x504144FF, 0x56455200):
                return ROUGHTIME
    if at_port(sport, dport, 5350, 5351) and n >= 2 and b[s] in (0, 2):
        if b[s] == 0 and b[s + 1] & 0x7F <= 2 and length in (2, 8, 12, 16):
            return NATPMP
        if b[s] == 2 and b[s + 1] & 0x7F <= 3 and length >= 24 and length % 4 == 0:
            return NATPMP
    return 0


@kernel
def _management(b, s, n, length, sport, dport):
    # RADIUS by request of the server (RFC 5176), short RTCP, XDMCP, SAP (RFC 2974), MGCP
    # (RFC 3435), Rx, RPC replies, collectd, GELF, wake-up packets.
    if n >= 20 and 40 <= b[s] <= 45 and be16(b, s + 2) == length:
        return RADIUS
    if n >= 8 and length == 8 and b[s] >> 6 == 2 and 200 <= b[s + 1] <= 207:
        if be16(b, s + 2) == 1:
            return RTCP
    if n >= 6 and be16(b, s) == 1 and 1 <= be16(b, s + 2) <= 15 and be16(b, s + 4) == length - 6:
        return XDMCP
    if n >= 16 and b[s] & 0xE8 == 0x20 and b[s + 1] <= 32:
        at = 8 + 4 * np.int64(b[s + 1])
        if n >= at + 4 and be32(b, s + at) in (0x6170706C, 0x763D300D, 0x763D300A):
            return SAP
    if at_port(sport, dport, 2427, 2427) or at_port(sport, dport, 2727, 2727):
        if n >= 8 and printable(b, s, 8) and (b[s + 3] == 0x20 or b[s + 4] == 0x20):
            return MGCP
    if n >= 28 and at_port(sport, dport, 7000, 7021) and 1 <= b[s + 20] <= 13:
        if be32(b, s + 8) < 1 << 24 and be32(b, s + 12) < 1 << 24 and b[s + 23] <= 5:
            return AFS_RX
    if n >= 24 and be32(b, s + 4) == 1 and be32(b, s + 8) == 0 and be32(b, s + 12) <= 6:
        if be32(b, s + 16) <= 400 and be32(b, s + 16) & 3 == 0:
            return NFS_RPC
    if n >= 12 and be16(b, s) == 0 and 6 <= be16(b, s + 2) <= min(n - 4, 128):
        size = be16(b, s + 2)
        if b[s + size - 1] == 0 and graphic(b, s + 4, size - 5) and be16(b, s + size) <= 8:
            return COLLECTD
    if n >= 12 and be16(b, s) == 0x1E0F and b[s + 10] < b[s + 11] <= 128:
        return GELF
    if n >= 8 and at_port(sport, dport, 12201, 12201):
        if be16(b, s) in (0x1F8B, 0x789C, 0x7801, 0x78DA):
            return GELF
    if n >= 102 and be32(b, s) == 0xFFFFFFFF and be16(b, s + 4) == 0xFFFF:
        if be32(b, s + 6) == be32(b, s + 12) and be32(b, s + 6) == be32(b, s + 96):
            return WOL
    return 0


@kernel
def _things(b, s, n, length, sport, dport):
    # miIO, Ubiquiti discovery, LoRaWAN packet forwarders (Semtech), MQTT-SN 1.2.
    if n >= 4 and be16(b, s) == 0x2131 and be16(b, s + 2) == length:
        return MIIO
    if n >= 4 and 1 <= b[s] <= 2 and b[s + 1] <= 11 and be16(b, s + 2) + 4 == length:
        if at_port(sport, dport, 10001, 10001):
            return UBIQUITI
    if n >= 4 and 1 <= b[s] <= 2 and b[s + 3] <= 5:
        if n >= 14 and b[s + 3] in (0, 5) and b[s + 12] == 0x7B and b[s + 13] in (0x22, 0x20, 10):
            return LORAWAN
        if n >= 6 and b[s + 3] == 3 and b[s + 4] == 0x7B and b[s + 5] in (0x22, 0x20, 10):
            return LORAWAN
        if at_port(sport, dport, 1700, 1700) or at_port(sport, dport, 1680, 1680):
            if (length == 4 and b[s + 3] in (1, 4)) or (length == 12 and b[s + 3] in (2, 5)):
                return LORAWAN
    if n >= 2 and n == length and np.int64(b[s]) == length and b[s + 1] <= 0x1D:
        if at_port(sport, dport, 1883, 1885):
            return MQTT_SN
    return 0


@kernel
def _kademlia(b, s, length):
    # Kad 2 of eMule (opcodes.h, KademliaUDPListener.cpp): requests of a fixed size, answers of
    # so many contacts of 25 octets; packed ones hold a zlib stream.
    kind = b[s + 1]
    if b[s] == 0xE5:
        return length >= 16 and b[s + 2] == 0x78 and b[s + 3] in (0x01, 0x5E, 0x9C, 0xDA)
    if b[s] != 0xE4:
        return False
    if kind == 0x21:
        return length == 35 and b[s + 2] in (2, 4, 11)
    if kind == 0x29:
        return length >= 19 and length == 19 + 25 * np.int64(b[s + 18])
    if kind == 0x09:
        return length >= 23 and length == 23 + 25 * le16(b, s + 21)
    if kind in (0x11, 0x19, 0x22):
        return 22 <= length <= 48 and b[s + 20] in (5, 6, 7, 8, 9, 10) and b[s + 21] <= 3
    if kind in (0x01, 0x60):
        return length == 2
    return length == 4 and kind in (0x50, 0x61)


@kernel
def _games(b, s, n, length, sport, dport):
    # Source and Quake queries, RakNet, Discord's IP discovery, Mumble pings, node discovery of
    # Ethereum (version 4), eDonkey, TeamViewer.
    if n >= 5 and be32(b, s) == 0xFFFFFFFF and 0x20 <= b[s + 4] < 0x7F:
        return SOURCE_QUERY
    if n >= 5 and be16(b, s) == 0x8000 and be16(b, s + 2) == length and b[s + 4] & 0x7F <= 5:
        return SOURCE_QUERY
    for at in (1, 9, 17):
        if n >= at + 16 and be32(b, s + at) == 0x00FFFF00 and be32(b, s + at + 4) == 0xFEFEFEFE:
            return RAKNET
    if n >= 32 and be32(b, s + 16) == 0xFFFFFFFF and be32(b, s + 20) == 0xFFFFFFFF:
        # Telegram's relays: tag of the call, then no identifier.
        if be32(b, s + 24) == 0xFFFFFFFF:
            return MTPROTO
    if length == 74 and n >= 8 and be16(b, s) in (1, 2) and be16(b, s + 2) == 70:
        return DISCORD
    if at_port(sport, dport, 64738, 64738) and n >= 12 and b[s] == 0:
        if (length == 12 and be32(b, s) == 0) or (length == 24 and b[s + 1] <= 2):
            return MUMBLE
    if n >= 100 and b[s + 96] <= 1 and 1 <= b[s + 97] <= 6:
        size = np.int64(b[s + 98])
        if size == 0xF8 and np.int64(b[s + 99]) + 100 <= length and b[s + 99] >= 56:
            return ETHEREUM
        if size == 0xF9 and n >= 101 and be16(b, s + 99) + 101 <= length:
            return ETHEREUM
        if 0xC1 <= size < 0xF8 and size - 0xC0 + 99 == length:
            return ETHEREUM
    if n >= 2 and n == length and _kademlia(b, s, length):
        return EDONKEY
    if n >= 2 and at_port(sport, dport, 4661, 4672):
        code = b[s + 1]
        if b[s] in (0xE3, 0xC5) and (0x90 <= code <= 0xA3 or code >= 0xFE):
            return EDONKEY
        if b[s] == 0xE4 and code <= 0x63:
            return EDONKEY
    if n >= 14 and be32(b, s) == 0 and be16(b, s + 11) == 0x1724:
        return TEAMVIEWER
    return 0


@kernel
def recognise_more_udp(b, s, n, length, sport, dport, head):
    """Recognise a UDP payload; parameters and result as of `recognise_both`."""
    code = look_up(head, n, MAGIC)
    if code == 0:
        code = _routing(b, s, n, length, sport, dport)
    if code == 0 and _flow_export(b, s, n, length):
        code = NETFLOW
    if code == 0:
        code = _tunnels(b, s, n, length, sport, dport)
    if code == 0:
        code = _clocks(b, s, n, length, sport, dport)
    if code == 0:
        code = _management(b, s, n, length, sport, dport)
    if code == 0:
        code = _things(b, s, n, length, sport, dport)
    if code == 0:
        code = _games(b, s, n, length, sport, dport)
    if code == 0 and _dhcpv6(b, s, n, length):
        code = DHCPV6
    return code
