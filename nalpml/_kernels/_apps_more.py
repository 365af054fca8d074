"""Codes of the protocols of the second pass, and what its tests share."""

from __future__ import annotations

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
    WEBSOCKET, LOCO, WOW, PPTP,
) = range(72, 186)  # fmt: skip


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
