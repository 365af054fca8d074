"""Small services of every network: time, addresses, names, management, logs.

RFC 5905 (NTP), RFC 2131 (DHCP), RFC 3416 (SNMP), RFC 5424 and 3164 (syslog), RFC 6762 (mDNS), UPnP
(SSDP), RFC 1002 (NetBIOS), RFC 4795 (LLMNR), RFC 826 (ARP), RFC 1350 (TFTP), RFC 2865 (RADIUS).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, to_group, udp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES", "ber", "snmp"]

_EPOCH = 3_908_988_800


def ber(tag: int, body: bytes) -> bytes:
    r"""One element of ASN.1's basic encoding rules.

    Examples
    --------
    >>> ber(2, b"\x05").hex()
    '020105'
    """
    n = len(body)
    size = bytes((n,)) if n < 128 else b"\x82" + n.to_bytes(2, "big")
    return bytes((tag,)) + size + body


def _number(value: int) -> bytes:
    return ber(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(rng: np.random.Generator) -> bytes:
    base = pick(rng, ("2b06010201", "2b0601040109", "2b060104018f65", "2b06010201020201"))
    return ber(
        6, bytes.fromhex(base) + bytes(rng.integers(1, 30, int(rng.integers(2, 6))).tolist())
    )


def snmp(
    rng: np.random.Generator, kind: int, request: int, oids: list[bytes], community: bytes
) -> bytes:
    """An SNMPv2c message; `kind` 0xA0 get, 0xA1 next, 0xA5 bulk, 0xA2 response, 0xA7 trap."""
    binds = b""
    for oid in oids:
        value = b"\x05\x00"
        if kind in (0xA2, 0xA7):
            u = rng.random()
            value = ber(4, word(rng).encode()) if u < 0.3 else ber(0x41, rng.bytes(4))
        binds += ber(0x30, oid + value)
    error = (
        (_number(0), _number(int(rng.integers(5, 50))))
        if kind == 0xA5
        else (_number(0), _number(0))
    )
    pdu = ber(kind, _number(request) + error[0] + error[1] + ber(0x30, binds))
    return ber(0x30, _number(1) + ber(4, community) + pdu)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ntp(Profile):
    """Client and server, 48 octets each, at polls of 2**k seconds."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw some polls of one client."""
        poll = 2.0 ** int(rng.integers(1, 8))
        fixed = rng.random() < 0.5
        conv = udp(rng, net, 123, sport=123 if fixed else None, new=0.1)
        now = float(rng.uniform(0, 1e6))
        reference = pick(rng, (b"GPS\0", rng.bytes(4)))
        for k in range(int(rng.integers(1, 12))):
            at = k * poll + float(rng.exponential(0.01))
            stamp = struct.pack(
                ">IHH", _EPOCH + int(now + at), int(rng.integers(65536)), int(rng.integers(65536))
            )
            plain = rng.random() < 0.3
            head = struct.pack(">BBbb", 0x23, 0 if plain else 2, int(np.log2(poll)), -20)
            body = (
                bytes(36)
                if plain
                else rng.bytes(4) + bytes(4) + rng.bytes(4) + stamp + stamp + stamp
            )
            sent = conv.at(at, 0, head + body + stamp)
            reply = struct.pack(">BBbb", 0x24, 2, int(np.log2(poll)), -23)
            reply += struct.pack(">HHHH", 0, int(rng.integers(2000)), 0, int(rng.integers(3000)))
            reply += reference + stamp + stamp + stamp + stamp
            conv.at(at + conv.ends.path.owd + 3e-5, 1, reply, parent=sent)
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dhcp(Profile):
    """Discover, offer, request, acknowledge; or a renewal."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one exchange."""
        host = net.host(rng)
        xid, mac = rng.bytes(4), host.mac.to_bytes(6, "big")
        renew = rng.random() < 0.5
        ends = (
            net.ends(rng, scope="lan", version=4)
            if renew
            else to_group(rng, net, host, 0xFFFFFFFF, 0)
        )
        conv = Conversation(ends, 17, sport=68, dport=67)
        lease = host.v4.to_bytes(4, "big")
        name = word(rng).encode()
        asked = b"\x37\x08\x01\x03\x06\x0f\x1f\x21\x2b\x2c"
        for kind in (3,) if renew else (1, 3):
            options = bytes((53, 1, kind)) + b"\x0c" + bytes((len(name),)) + name + asked + b"\xff"
            conv.say(0, _bootp(1, xid, mac, bytes(4), options), 0.02)
            reply = (
                bytes((53, 1, 2 if kind == 1 else 5)) + b"\x33\x04\x00\x01\x51\x80" + b"\x36\x04"
            )
            reply += (
                lease[:3] + b"\x01" + b"\x01\x04\xff\xff\x00\x00\x03\x04" + lease[:3] + b"\x01\xff"
            )
            conv.say(1, _bootp(2, xid, mac, lease, reply), loguniform(rng, 5e-4, 1))
        return [conv]


def _bootp(op: int, xid: bytes, mac: bytes, yours: bytes, options: bytes) -> bytes:
    head = bytes((op, 1, 6, 0)) + xid + bytes(8) + yours + bytes(8) + mac + bytes(10 + 192)
    return (head + b"\x63\x82\x53\x63" + options).ljust(300, b"\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snmp(Profile):
    """A manager that walks or polls an agent, or an agent's traps."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one polling round or one walk."""
        community = pick(rng, (b"public", b"private", word(rng).encode()))
        if rng.random() < 0.15:
            conv = udp(rng, net, 162, scope="lan")
            for _ in range(int(rng.integers(1, 8))):
                conv.say(
                    0,
                    snmp(rng, 0xA7, int(rng.integers(1 << 30)), [_oid(rng), _oid(rng)], community),
                    loguniform(rng, 0.01, 30),
                )
            return [conv]
        conv = udp(rng, net, 161, scope=pick(rng, ("lan", "lan", "wan")))
        walk = rng.random() < 0.5
        pause = 0.0 if walk else loguniform(rng, 0.5, 60)
        request = int(rng.integers(1 << 30))
        for _ in range(int(rng.integers(3, 60))):
            kind = pick(rng, (0xA1, 0xA5)) if walk else 0xA0
            oids = [_oid(rng) for _ in range(1 if walk else int(rng.integers(1, 12)))]
            request += 1
            conv.say(0, snmp(rng, kind, request, oids, community), pause)
            answers = [_oid(rng) for _ in range(10)] if kind == 0xA5 else oids
            conv.say(1, snmp(rng, 0xA2, request, answers, community), loguniform(rng, 2e-4, 0.02))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Syslog(Profile):
    """Log lines to a collector, over UDP or TCP."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the lines of one host."""
        over_tcp = rng.random() < 0.25
        conv = (
            tcp(rng, net, pick(rng, (514, 601, 1514)), scope="lan")
            if over_tcp
            else udp(rng, net, 514, scope="lan", sport=None if rng.random() < 0.6 else 514)
        )
        host, pace = word(rng), loguniform(rng, 0.02, 20)
        for _ in range(int(rng.integers(3, 150))):
            tag = f"{word(rng)}[{int(rng.integers(300, 40000))}]"
            text = (
                f"<{int(rng.integers(0, 192))}>Jan 14 10:2{int(rng.integers(10))}:01 {host} {tag}: "
            )
            text += sentence(rng, int(rng.integers(3, 25)))
            conv.say(0, text.encode() + (b"\n" if over_tcp else b""), float(rng.exponential(pace)))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Multicast(Profile):
    """Announcements and searches that nobody, or everybody, answers."""

    service: str = "mdns"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one host's messages to a group."""
        host = net.host(rng)
        name = word(rng)
        group, port = {
            "mdns": (0xE00000FB, 5353),
            "ssdp": (0xEFFFFFFA, 1900),
            "llmnr": (0xE00000FC, 5355),
            "nbns": (0xFFFFFFFF, 137),
        }[self.service]
        six = {"mdns": 0xFF02 << 112 | 0xFB, "llmnr": 0xFF02 << 112 | 0x10003}.get(self.service, 0)
        if six and rng.random() < 0.3:
            group = 0
        ends = to_group(rng, net, host, group, six)
        sport = port if self.service in ("mdns", "nbns") else int(rng.integers(49152, 65536))
        conv = Conversation(ends, 17, sport=sport, dport=port)
        for k in range(int(rng.integers(1, 12))):
            gap = loguniform(rng, 0.05, 30) if k % 3 == 0 else loguniform(rng, 0.2, 1.1)
            conv.say(0, self._message(rng, name), gap)
        return [conv]

    def _message(self, rng: np.random.Generator, name: str) -> bytes:
        if self.service == "ssdp":
            if rng.random() < 0.5:
                return (
                    b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
                    b"MX: 1\r\nST: urn:dial-multiscreen-org:service:dial:1\r\n\r\n"
                )
            return (
                f"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
                f"CACHE-CONTROL: max-age=1800\r\n"
                f"LOCATION: http://192.168.1.1:5000/{name}.xml\r\nNT: upnp:rootdevice\r\nNTS: "
                f"ssdp:alive\r\nUSN: uuid:{rng.bytes(16).hex()}::upnp:rootdevice\r\n\r\n"
            ).encode()
        if self.service == "nbns":
            text = name.upper()[:15].ljust(15) + "\x00"
            coded = bytes(c for ch in text.encode() for c in (0x41 + (ch >> 4), 0x41 + (ch & 15)))
            return (
                rng.bytes(2)
                + b"\x01\x10\x00\x01"
                + bytes(6)
                + b"\x20"
                + coded
                + b"\0\x00\x20\x00\x01"
            )
        labels = [name, "local"] if rng.random() < 0.4 else [f"_{name}", "_tcp", "local"]
        if self.service == "llmnr":
            labels = [name]
        wire = b"".join(bytes((len(p),)) + p.encode() for p in labels) + b"\0"
        if self.service == "mdns" and rng.random() < 0.5:
            data = b"\x04" + rng.bytes(4).hex()[:4].encode() + b"\xc0\x0c"
            answer = wire + struct.pack(">HHIH", 12, 1, 4500, len(data)) + data
            return struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0) + answer
        ident = 0 if self.service == "mdns" else int(rng.integers(65536))
        return (
            struct.pack(">HHHHHH", ident, 0, 1, 0, 0, 0)
            + wire
            + struct.pack(">HH", pick(rng, (1, 28, 12)), 1)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arp(Profile):
    """Requests and replies for addresses on the link."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw a few resolutions."""
        host, peer = net.host(rng), net.host(rng)
        ends = to_group(rng, net, host, 0xFFFFFFFF, 0)
        conv = Conversation(ends, 0, sport=0x0806)
        for _ in range(int(rng.integers(1, 6))):
            body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + host.mac.to_bytes(6, "big")
            body += host.v4.to_bytes(4, "big") + bytes(6) + peer.v4.to_bytes(4, "big")
            conv.say(0, body, loguniform(rng, 0.1, 60))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Radius(Profile):
    """Access requests of a switch or gateway."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw a few authentications."""
        conv = udp(rng, net, 1812, scope="lan")
        for k in range(int(rng.integers(1, 8))):
            user = word(rng).encode()
            attributes = bytes((1, 2 + len(user))) + user + b"\x02\x12" + rng.bytes(16)
            attributes += b"\x04\x06" + rng.bytes(4) + b"\x50\x12" + rng.bytes(16)
            conv.say(
                0,
                struct.pack(">BBH", 1, k, 20 + len(attributes)) + rng.bytes(16) + attributes,
                loguniform(rng, 0.1, 30),
            )
            reply = b"\x19\x16" + rng.bytes(20) + b"\x50\x12" + rng.bytes(16)
            conv.say(
                1,
                struct.pack(">BBH", pick(rng, (2, 2, 3)), k, 20 + len(reply))
                + rng.bytes(16)
                + reply,
                loguniform(rng, 1e-3, 0.2),
            )
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tftp(Profile):
    """A boot image or a switch's configuration: 512 octets and an acknowledgement at a time."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one transfer: the request, then a flow from the server's own port."""
        first = udp(rng, net, 69, scope="lan", version=4)
        name = word(rng).encode()
        first.say(0, b"\0\1" + name + b".cfg\0octet\0", 0)
        ends = first.ends
        conv = Conversation(
            ends,
            17,
            sport=first.sport,
            dport=int(rng.integers(1024, 65535)),
            start=2 * ends.path.owd + 1e-3,
        )
        for k in range(1, int(rng.integers(3, 200))):
            conv.say(1, struct.pack(">HH", 3, k) + hostname(rng).encode().ljust(512, b"\n"), 1e-4)
            conv.say(0, struct.pack(">HH", 4, k), 1e-4)
        return [first, conv]


PROFILES: tuple[Profile, ...] = (
    Ntp(name="ntp.client", about="ntpd, chrony, SNTP and Windows time (RFC 5905)."),
    Dhcp(name="dhcp.lease", about="Leases and renewals (RFC 2131)."),
    Snmp(name="snmp.poll", about="Pollers, walks and traps (RFC 3416)."),
    Syslog(name="syslog.lines", about="RFC 3164 lines over UDP and TCP."),
    Multicast(name="multicast.mdns", about="Bonjour and Avahi (RFC 6762)."),
    Multicast(name="multicast.ssdp", about="UPnP searches and announcements.", service="ssdp"),
    Multicast(
        name="multicast.llmnr", about=("Windows name resolution (RFC 4795)."), service="llmnr"
    ),
    Multicast(name="multicast.nbns", about="NetBIOS broadcasts (RFC 1002).", service="nbns"),
    Arp(name="arp.requests", about="ARP (RFC 826)."),
    Radius(name="radius.access", about="Access requests and answers (RFC 2865)."),
    Tftp(name="tftp.get", about="Lock-step transfers (RFC 1350)."),
)
