"""Application protocols that the recogniser knows, and the ports where they are expected.

The recogniser looks at the first octets of a payload only, so that what it says can be
checked by hand; it is a test of conformance ("does this look like what its port promises"),
not a classifier of applications. Ports are IANA's registrations and common practice.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["APPS", "APP_CODES", "EXPECTED"]

APPS = (
    "none", "tls", "quic", "http", "ssh", "dns", "ntp", "dhcp", "snmp", "syslog", "rtp", "stun",
    "sip", "wireguard", "openvpn", "ike", "rmcp", "rmcp_sol", "amt", "socks4_request",
    "socks5_greeting", "socks5_choice", "socks4_reply", "smb", "rdp", "mqtt", "redis",
    "postgresql", "mysql", "memcached", "banner", "asn1", "bittorrent", "dht", "vxlan", "gtp",
    "modbus", "dtls", "coap", "netbios", "tftp", "dnp3", "enip", "opcua", "bacnet", "rtsp", "git",
    "rtcp", "socks5_request", "radius", "mpegts", "amqp", "mongodb", "dcerpc", "l2tp", "keepalive",
    "utp", "kerberos", "text", "markup", "iec104", "s7", "socks5_auth", "bgp", "x11", "rip",
    "nfs_rpc", "diameter", "xmpp", "ipp", "hsrp", "teredo",
)  # fmt: skip
"""Names by recogniser code; 0 is nothing recognised."""

APP_CODES: Mapping[str, int] = MappingProxyType({name: code for code, name in enumerate(APPS)})

_TCP: dict[str, tuple[int, ...]] = {
    "http": (80, 81, 591, 631, 2869, 3128, 5357, 5985, 8000, 8008, 8080, 8081, 8088, 8888, 9200),
    "tls": (
        261,
        443,
        465,
        563,
        636,
        853,
        989,
        990,
        992,
        993,
        994,
        995,
        5061,
        5223,
        5228,
        5671,
        5986,
        6514,
        8443,
        8883,
        9443,
        16995,
    ),
    "ssh": (22, 2222),
    "dns": (53,),
    "banner": (21, 25, 110, 119, 143, 587),
    "smb": (139, 445),
    "netbios": (139,),
    "rdp": (3389, 102),
    "s7": (102,),
    "mqtt": (1883,),
    "redis": (6379,),
    "postgresql": (5432,),
    "mysql": (3306,),
    "memcached": (11211,),
    "asn1": (389, 3268),
    "kerberos": (88,),
    "bittorrent": tuple(range(6881, 6890)),
    "modbus": (502,),
    "dnp3": (20000,),
    "enip": (44818,),
    "opcua": (4840,),
    "rtsp": (554, 8554),
    "git": (9418,),
    "amqp": (5672,),
    "mongodb": (27017,),
    "dcerpc": (135,),
    "sip": (5060,),
    "bgp": (179,),
    "iec104": (2404,),
    "amt": (16994,),
    "socks5_greeting": (1080,),
    "socks4_request": (1080,),
    "nfs_rpc": (111, 2049),
    "diameter": (3868,),
    "xmpp": (5222, 5269),
}
_UDP: dict[str, tuple[int, ...]] = {
    "dns": (53, 5353, 5355, 137),
    "ntp": (123,),
    "dhcp": (67, 68, 546, 547),
    "snmp": (161, 162),
    "syslog": (514,),
    "quic": (443, 80),
    "dtls": (443, 5684),
    "stun": (3478, 3479, 19302),
    "sip": (5060,),
    "wireguard": (51820,),
    "openvpn": (1194,),
    "ike": (500, 4500),
    "rmcp": (623, 664),
    "http": (1900, 3702),
    "markup": (3702,),
    "vxlan": (4789, 8472),
    "gtp": (2123, 2152, 3386),
    "coap": (5683,),
    "netbios": (138,),
    "tftp": (69,),
    "bacnet": (47808,),
    "radius": (1645, 1646, 1812, 1813),
    "kerberos": (88,),
    "asn1": (389,),
    "l2tp": (1701,),
    "rip": (520,),
    "nfs_rpc": (111, 2049),
    "hsrp": (1985,),
    "teredo": (3544,),
    "dht": (6881,),
    "enip": (2222, 44818),
    "memcached": (11211,),
}


def _expected(table: dict[str, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    result: dict[int, tuple[int, ...]] = {}
    for name, ports in table.items():
        for port in ports:
            result[port] = (*result.get(port, ()), APP_CODES[name])
    return result


EXPECTED: Mapping[int, Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {6: MappingProxyType(_expected(_TCP)), 17: MappingProxyType(_expected(_UDP))}
)
"""Protocol number -> port -> recogniser codes that conform to it."""
