"""What routers, switches and stacks say among themselves.

RFC 4861 and 4862 (neighbour discovery), RFC 2710 and 3810 (MLD), RFC 4443 and 792 (ICMP; time
stamps, address masks, redirects), RFC 2281 (HSRP), RFC 5798 (VRRP), Cisco's GLBP as dissected,
RFC 2328 (OSPF), RFC 7868 (EIGRP), RFC 7761 (PIM), RFC 2236 and 3376 (IGMP), RFC 2453 (RIP), RFC
3626 (OLSR), RFC 5880 (BFD).
"""

from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation, icmp_meta
from nalpml.generators._frames import internet_sum
from nalpml.generators._network import Ends, Host, Network
from nalpml.generators._ports import to_group, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import lot, short

__all__ = ["PROFILES"]

Rng = np.random.Generator
_LOCAL = 0xFE80 << 48
_NODES = 0xFF02 << 112 | 1
_SOLICITED = 0xFF02 << 112 | 0x1FF << 24


def _sum(text: bytes) -> bytes:
    words = np.frombuffer(text + bytes(len(text) % 2), ">u2").astype(np.uint64)
    return struct.pack(">H", int(internet_sum(words.sum(dtype=np.uint64)[None])[0]))


def _sealed(text: bytes, at: int) -> bytes:
    """A message with its Internet checksum filled in at an offset."""
    return text[:at] + _sum(text) + text[at + 2 :]


def _link(net: Network, rng: Rng, host: Host, peer: Host | None, group: int) -> Ends:
    """Ends on one link: hop limit as sent; a group when there is no peer."""
    if peer is None:
        return to_group(rng, net, host, 0, group)
    path = net.path(rng, client=host, server=peer)
    path = dataclasses.replace(path, macs=(host.mac, peer.mac), hops=(0, 0), loss=0.0, mtu=1500)
    return Ends(client=host, server=peer, version=6, path=path)


def _router_limit(host: Host, limit: int = 255) -> Host:
    """The same host with the hop limit its protocol demands: 255 proves a neighbour, 1 stays."""
    return dataclasses.replace(host, system=dataclasses.replace(host.system, ttl=limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours(Profile):
    """Neighbour and router discovery and multicast listeners, all of a link's or few messages."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw a link's exchanges."""
        out = []
        for k in range(int(rng.integers(1, 12))):
            host, peer = _router_limit(net.host(rng)), _router_limit(net.host(rng))
            out += self._one(rng, net, host, peer, k * loguniform(rng, 0.01, 8))
        return [c for c in out if c.t]

    def _one(
        self, rng: Rng, net: Network, host: Host, peer: Host, start: float
    ) -> list[Conversation]:
        u = rng.random()
        mac = b"\1\1" + host.mac.to_bytes(6, "big")
        target = peer.v6[0].to_bytes(8, "big") + peer.v6[1].to_bytes(8, "big")
        if u < 0.55:
            group = _SOLICITED | peer.v6[1] & 0xFFFFFF
            unicast = rng.random() < 0.4
            ask = Conversation(
                _link(net, rng, host, peer if unicast else None, group), 58, start=start
            )
            for _ in range(int(rng.geometric(0.7))):
                ask.say(
                    0,
                    target + (b"" if unicast and rng.random() < 0.3 else mac),
                    1.0,
                    icmp_meta(135),
                )
            if rng.random() < 0.2 or peer.mac == host.mac:
                return [ask]
            reply = Conversation(
                _link(net, rng, peer, host, 0), 58, start=start + 1.0 + loguniform(rng, 1e-4, 0.01)
            )
            flags = int(pick(rng, (0x60, 0x40, 0xE0))) << 24
            option = b"\2\1" + peer.mac.to_bytes(6, "big") if rng.random() < 0.8 else b""
            reply.say(0, target + option, 0.0, icmp_meta(136, 0, flags))
            return [ask, reply] if rng.random() < 0.85 else [reply]
        conv = Conversation(_link(net, rng, host, None, _NODES), 58, start=start)
        if u < 0.75:
            prefix = (
                b"\3\4\x40\xc0"
                + struct.pack(">III", 2592000, 604800, 0)
                + host.v6[0].to_bytes(8, "big")
                + bytes(8)
            )
            more = pick(
                rng,
                (
                    b"",
                    b"\5\1\0\0\0\0\5\xdc",
                    b"\x19\3\0\0\0\0\4\xb0" + target,
                    b"\x1f\2\0\0\0\0\4\xb0\5local\0\0"[:16],
                ),
            )
            rest = struct.pack(">BBH", 64, int(pick(rng, (0, 0x40, 0xC0))), 1800)
            for _ in range(int(rng.geometric(0.5))):
                conv.say(
                    0,
                    struct.pack(">II", 0, 0) + mac + prefix + more,
                    float(pick(rng, (3.0, 10.0, 30.0))),
                    icmp_meta(134, 0, int.from_bytes(rest, "big")),
                )
        elif u < 0.85:
            for _ in range(int(rng.integers(1, 4))):
                conv.say(0, mac, 4.0, icmp_meta(133))
        elif u < 0.93:  # unprotected by a router alert, as many stacks' captures show it
            kind = int(pick(rng, (131, 132, 130)))
            address = (0xFF02 << 112 | int(rng.integers(1 << 32))).to_bytes(16, "big")
            conv.say(0, address, 1.0, icmp_meta(kind, 0, 0))
        else:
            records = [
                bytes((4, 0, 0, 0)) + (_SOLICITED | int(rng.integers(1 << 24))).to_bytes(16, "big")
                for _ in range(int(rng.integers(1, 5)))
            ]
            text = b"\x3a\0\5\2\0\0\1\0"
            report = b"\x8f\0\0\0\0\0" + short(len(records)) + b"".join(records)
            whole = Conversation(_link(net, rng, host, None, 0xFF02 << 112 | 0x16), 0, start=start)
            ends = whole.ends
            source = ends.client.v6[0].to_bytes(8, "big") + ends.client.v6[1].to_bytes(8, "big")
            there = (0xFF02 << 112 | 0x16).to_bytes(16, "big")
            check = _sum(source + there + struct.pack(">II", len(report), 58) + report)
            six = struct.pack(">IHBB", 6 << 28, len(text) + len(report), 0, 1) + source + there
            whole = Conversation(ends, 0, sport=0x86DD, start=start)
            for _ in range(int(rng.integers(1, 4))):
                whole.say(0, six + text + report[:2] + check + report[4:], 0.3)
            return [whole]
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Profile):
    """ICMP of version 4 that is neither echo nor an error about data."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one exchange."""
        ends = net.ends(rng, version=4, scope=pick(rng, ("lan", "lan", "wan")))
        conv = Conversation(ends, 1)
        kind = pick(rng, ("stamp", "mask", "router", "info"))
        ident, count = int(rng.integers(1 << 16)), int(rng.geometric(0.5))
        for k in range(count):
            rest, now = ident << 16 | k, 36_000_000 + 1000 * k
            if kind == "stamp":
                conv.say(0, struct.pack(">III", now, 0, 0), 1.0, icmp_meta(13, 0, rest))
                conv.say(
                    1, struct.pack(">III", now, now + 9, now + 9), 1e-4, icmp_meta(14, 0, rest)
                )
            elif kind == "mask":
                conv.say(0, bytes(4), 1.0, icmp_meta(17, 0, rest))
                if rng.random() < 0.7:
                    conv.say(1, b"\xff\xff\xff\0", 1e-4, icmp_meta(18, 0, rest))
            elif kind == "info":
                conv.say(0, b"", 1.0, icmp_meta(15, 0, rest))
                if rng.random() < 0.5:
                    conv.say(1, b"", 1e-4, icmp_meta(16, 0, rest))
            elif rng.random() < 0.5:
                conv.say(0, b"", 1.0, icmp_meta(10, 0, 0))
            else:
                conv.say(
                    0,
                    ends.client.v4.to_bytes(4, "big") + bytes(4),
                    8.0,
                    icmp_meta(9, 0, 0x01020708),
                )
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing(Profile):
    """Hellos and updates of routing and redundancy protocols, to their groups.

    Parameters
    ----------
    names : tuple of str
        Protocols to choose from.
    few : float
        Probability that only one to three messages are seen.
    """

    names: tuple[str, ...]
    few: float = 0.4

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one router's messages of one protocol."""
        host = net.host(rng)
        address = host.v4.to_bytes(4, "big")
        name = pick(rng, self.names)
        proto, port, group, period, make = _ROUTING[name]
        limit = 255 if name in ("vrrp", "glbp") else 1
        ends = to_group(rng, net, _router_limit(host, limit), group, 0)
        conv = Conversation(ends, proto, sport=port, dport=port)
        text, alike = make(rng, address), rng.random() < 0.7
        most = 3 if rng.random() < self.few else 3 + int(min(40, net.duration / period))
        for _ in range(int(rng.integers(1, most + 1))):
            conv.say(0, text if alike else make(rng, address), period)
        return [conv]


def _ospf(rng: Rng, address: bytes) -> bytes:
    hello = (
        b"\xff\xff\xff\0\0\x0a\x02\x01\0\0\0\x28"
        + address
        + bytes(4)
        + b"".join(rng.bytes(4) for _ in range(int(rng.integers(0, 4))))
    )
    return _sealed(b"\2\1" + short(24 + len(hello)) + address + bytes(4) + bytes(12) + hello, 12)


def _eigrp(rng: Rng, address: bytes) -> bytes:
    return _sealed(
        b"\2\5\0\0"
        + bytes(12)
        + short(0)
        + short(100)
        + b"\0\1\0\x0c\1\0\1\0\0\0\0\x0f\0\4\0\x08\x0c\4\1\2",
        2,
    )


def _pim(rng: Rng, address: bytes) -> bytes:
    return _sealed(b"\x20\0\0\0\0\1\0\2\0\x69\0\x14\0\4" + rng.bytes(4), 2)


def _igmp(rng: Rng, address: bytes) -> bytes:
    """Queries, reports and leaves of all versions; reports of version 3 list their groups."""
    group, u = b"\xef" + rng.bytes(3), rng.random()
    if u < 0.2:
        return _sealed(b"\x11" + pick(rng, (b"\0", b"\x64", b"\x0a")) + b"\0\0" + bytes(4), 2)
    if u < 0.6:
        return _sealed(pick(rng, (b"\x12\0", b"\x16\0", b"\x17\0")) + b"\0\0" + group, 2)
    if u < 0.7:
        return _sealed(b"\x11\x64\0\0" + bytes(4) + b"\2\x7d\0\0", 2)
    n = int(rng.integers(1, 6))
    kind = bytes((int(rng.integers(1, 7)),))
    records = b"".join(kind + b"\0\0\0\xef" + rng.bytes(3) for _ in range(n))
    return _sealed(b"\x22\0\0\0\0\0" + short(n) + records, 2)


def _vrrp(rng: Rng, address: bytes) -> bytes:
    return _sealed(
        b"\x21" + bytes((int(rng.integers(1, 255)), 100, 1, 0, 1, 0, 0)) + address + bytes(8), 6
    )


def _hsrp(rng: Rng, address: bytes) -> bytes:
    state = int(pick(rng, (16, 8, 4)))
    return (
        bytes((0, int(rng.integers(2)), state, 3, 10, 100, int(rng.integers(10)), 0))
        + b"cisco\0\0\0"
        + address
    )


def _hsrp2(rng: Rng, address: bytes) -> bytes:
    return (
        b"\1\x28\2\0"
        + bytes((6, 4))
        + short(int(rng.integers(99)))
        + rng.bytes(6)
        + struct.pack(">III", 100, 3000, 10000)
        + address
        + bytes(12)
        + b"\3\x08cisco\0\0\0"
    )


def _glbp(rng: Rng, address: bytes) -> bytes:
    times = struct.pack(">IIHHH", 3000, 10_000, 600, 14_400, 0)
    head = b"\1\0\0\1\0\0" + rng.bytes(6) + b"\1\x1c\0\x20\0\x64\0\0"
    return head + times + b"\1\4" + address


def _rip(rng: Rng, address: bytes) -> bytes:
    routes = b"".join(
        b"\0\2\0\0"
        + rng.bytes(3)
        + b"\0\xff\xff\xff\0"
        + bytes(4)
        + struct.pack(">I", int(rng.integers(1, 16)))
        for _ in range(int(rng.integers(1, 25)))
    )
    return b"\2\2\0\0" + routes


def _olsr(rng: Rng, address: bytes) -> bytes:
    inner = (
        b"\1\x86" + short(16) + address + b"\1\0" + short(int(rng.integers(1 << 16))) + b"\0\0\5\3"
    )
    return short(4 + len(inner)) + short(int(rng.integers(1 << 16))) + inner


def _bfd(rng: Rng, address: bytes) -> bytes:
    state = int(pick(rng, (0xC0, 0xC0, 0x40, 0x80)))
    tail = rng.bytes(4) + rng.bytes(4) + struct.pack(">III", 300000, 300000, 50000)
    key = pick(rng, (b"", b"", b"\2\x18\1\0" + rng.bytes(20), b"\4\x1c\1\0" + rng.bytes(24)))
    return bytes((0x20, state | 4 * bool(key), 3, 24 + len(key))) + tail + key


def _ptp(rng: Rng, address: bytes) -> bytes:
    return (
        b"\x00\x02\x00\x2c\0\0\2\0"
        + bytes(12)
        + rng.bytes(8)
        + b"\0\1"
        + rng.bytes(2)
        + b"\0\0"
        + bytes(2)
        + rng.bytes(8)
    )


def _ldp_hello(rng: Rng, address: bytes) -> bytes:
    return (
        b"\0\1\0\x1e"
        + address
        + b"\0\0\1\0\0\x14"
        + bytes(4)
        + b"\4\0\0\4\0\x0f\0\0\4\1\0\4"
        + address
    )


_ROUTING = {
    "ospf": (89, 0, 0xE0000005, 10.0, _ospf),
    "eigrp": (88, 0, 0xE000000A, 5.0, _eigrp),
    "pim": (103, 0, 0xE000000D, 30.0, _pim),
    "igmp": (2, 0, 0xE0000016, 30.0, _igmp),
    "vrrp": (112, 0, 0xE0000012, 1.0, _vrrp),
    "hsrp": (17, 1985, 0xE0000002, 3.0, _hsrp),
    "hsrp2": (17, 1985, 0xE0000066, 3.0, _hsrp2),
    "glbp": (17, 3222, 0xE0000066, 3.0, _glbp),
    "rip": (17, 520, 0xE0000009, 30.0, _rip),
    "olsr": (17, 698, 0xFFFFFFFF, 2.0, _olsr),
    "ptp": (17, 319, 0xE0000181, 1.0, _ptp),
    "ldp": (17, 646, 0xE0000002, 5.0, _ldp_hello),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bfd(Profile):
    """Single-hop sessions: constant control packets from both sides, hop limit 255."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw both directions of one session, each a flow of its own."""
        ends = net.ends(rng, scope="lan", version=4)
        period = float(pick(rng, (0.05, 0.3, 0.3, 1.0)))
        first = udp(
            rng,
            net,
            int(pick(rng, (3784, 3784, 4784))),
            ends=ends,
            sport=int(rng.integers(49152, 65536)),
        )
        text = _bfd(rng, b"")
        for _ in range(lot(rng, 1, 60)):
            first.say(0, text, period * float(rng.uniform(0.75, 1)))
        return [first]


PROFILES: tuple[Profile, ...] = (
    Neighbours(name="net.neighbours", about="Neighbour and router discovery, MLD."),
    Control(name="net.icmp", about="Time stamps, masks, router discovery of ICMP."),
    Routing(name="net.routing", about="Routing hellos over IP.",
            names=("ospf", "eigrp", "pim", "vrrp")),
    Routing(name="net.igmp", about="Group membership (RFC 1112, 2236, 3376).", names=("igmp",)),
    Routing(name="net.vrrp", about="Router redundancy (RFC 5798).", names=("vrrp",)),
    Routing(name="net.routing_udp", about="Routing, redundancy and time over UDP.",
            names=("hsrp", "hsrp2", "glbp", "rip", "olsr", "ptp", "ldp")),
    Bfd(name="net.bfd", about="BFD (RFC 5880)."),
)  # fmt: skip
