"""Codes of the protocols of the second pass, and what its tests share."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

# As in nalpml.capture.apps, behind those of the first pass.
(
    SLP, DHCPV6, BFD, LDP, LISP, GENEVE, GLBP, BABEL, AHCP, SFLOW, NETFLOW, ESP, PTP, WOL, CAPWAP,
    DOIP, TACACS, VNC, OPENFLOW, PFCP, BJNP, KAFKA, TDS, FIX, COLLECTD, RAKNET, SOURCE_QUERY,
    ELASTICSEARCH, HISLIP, RTPS, TEAMVIEWER, ROUGHTIME, NATPMP, MGCP, AFS_RX, ZABBIX, SKINNY, ICA,
    ORACLE_TNS, DRDA, AJP, FASTCGI, CASSANDRA, THRIFT, AFP, ISCSI, RTMP, SMPP, HL7, DICOM, Z3950,
    SOMEIP, KNXIP, DLMS, SYNCHROPHASOR, HART_IP, FINS, ADS, TRDP, STEAM, TEAMSPEAK, MUMBLE,
    DISCORD, WHATSAPP, MTPROTO, TPLINK, TUYA, MIIO, UBIQUITI, SPOTIFY, SYNCTHING, EDONKEY,
    GNUTELLA, COIN, LEVIN, ETHEREUM, MINECRAFT, TURN, GELF, DNSCRYPT, RLOGIN, RSH, TELNET, MUNIN,
    GEARMAN, ZMTP, NATS, STOMP, OPENWIRE, RSYNC, SVN, XDMCP, SAP, MSDP, TINC, TAILSCALE, MQTT_SN,
    LORAWAN, YMSG, OSCAR, GIOP, JAVA, NBD, CEPH, DLEP, PROXY, NETCODE, IPERF, MEGACO, MPLS_PING,
) = range(72, 182)  # fmt: skip


def magic(*entries: tuple[int, bytes]) -> np.ndarray:
    """Fixed first octets as numbers to compare a payload's first 8 octets with.

    Parameters
    ----------
    *entries : tuple of int and bytes
        Code, and 3 to 8 octets that a payload of it starts with.

    Returns
    -------
    uint64 (n, 4)
        Value and mask (left-aligned), number of octets, code.
    """
    table = np.zeros((len(entries), 4), np.uint64)
    for row, (code, octets) in zip(table, entries, strict=True):
        row[0] = int.from_bytes(octets.ljust(8, b"\0"), "big")
        row[1] = int.from_bytes(b"\xff" * len(octets) + b"\0" * (8 - len(octets)), "big")
        row[2] = len(octets)
        row[3] = code
    return table


@kernel
def look_up(head, n, table):
    """Code of the entry of a `magic` table that `n` octets start with, else 0."""
    for i in range(len(table)):
        if head & table[i, 1] == table[i, 0] and n >= np.int64(table[i, 2]):
            return np.int64(table[i, 3])
    return np.int64(0)


@kernel
def graphic(b, s, n):
    """Whether `n` octets are visible ASCII characters."""
    for i in range(s, s + n):
        if not 0x21 <= b[i] < 0x7F:
            return False
    return True


@kernel
def zeros(b, s, n):
    """Whether `n` octets are all zero."""
    for i in range(s, s + n):
        if b[i] != 0:
            return False
    return True


@kernel
def digits(b, s, n):
    """How many of up to `n` octets from `s` on are decimal digits before another comes."""
    for i in range(n):
        if not 0x30 <= b[s + i] <= 0x39:
            return i
    return n


@kernel
def at_port(sport, dport, low, high):
    """Whether one of the ports is in a range, ends included."""
    return low <= sport <= high or low <= dport <= high
