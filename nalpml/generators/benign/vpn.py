"""Tunnels operated in the open, on their own ports and protocols: benign in this vocabulary.

WireGuard's protocol paper, OpenVPN's packet format, RFC 7296 and 4303 (IKEv2, ESP), RFC 3948, RFC
2784 and 2890 (GRE), RFC 7348 (VXLAN), RFC 2003 (IPIP), RFC 4213 (6in4), RFC 2637 (PPTP), RFC 5880
(BFD).
"""

from __future__ import annotations

import copy
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._inner import inner_packets
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.dns import Dns
from nalpml.generators.benign.ping import Ping
from nalpml.generators.benign.tls import Tls

__all__ = ["PROFILES", "carried"]


def carried(
    rng: np.random.Generator,
    net: Network,
    *,
    limit: int = 1500,
    duration: float = 120.0,
    version: int = 0,
) -> list[tuple[float, int, bytes]]:
    """IP packets of a few ordinary conversations, as a tunnel between two sites carries them.

    `version` 4 or 6 keeps to one IP version.
    """
    net = copy.copy(net)
    net.v6 = {4: 0.0, 6: 1.0}.get(version, net.v6)
    choices = (
        Tls(name="web", about="", response=(200, 60_000), pause=(0.01, 5.0)),
        Tls(name="api", about="", response=(100, 2000), exchanges=(1, 20), parallel=(1, 1)),
        Dns(name="dns", about=""),
        Ping(name="ping", about="", count=(3, 30)),
        Tls(name="up", about="", request=(10_000, 200_000), response=(100, 400), exchanges=(1, 3)),
    )
    convs: list[Conversation] = []
    for _ in range(int(rng.integers(1, 5))):
        start = float(rng.uniform(0, duration / 3))
        for conv in pick(rng, choices).conversations(rng, net):
            conv.start += start
            convs.append(conv)
    return inner_packets(convs, rng, limit=limit)


def _esp(spi: tuple[bytes, bytes], d: int, n: int, rng: np.random.Generator, size: int) -> bytes:
    padded = (size + 2 + 15) // 16 * 16
    return spi[d] + struct.pack(">I", n) + rng.bytes(16 + padded + 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpn(Profile):
    """A virtual private network that carries ordinary traffic.

    Parameters
    ----------
    kind : str
        wireguard, openvpn, ikesp, natt, gre, ipip, sit, vxlan or gretap.
    """

    kind: str = "wireguard"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw some minutes of one tunnel."""
        packets = carried(rng, net, version={"ipip": 4, "sit": 6}.get(self.kind, 0))
        return _KINDS[self.kind](rng, net, packets)


Packets = list[tuple[float, int, bytes]]
Build = Callable[[np.random.Generator, Network, Packets], list[Conversation]]


def _wireguard(rng: np.random.Generator, net: Network, packets: Packets) -> list[Conversation]:
    port = pick(rng, (51820, 51820, 51820, int(rng.integers(1024, 65000))))
    conv = udp(rng, net, port, sport=51820 if rng.random() < 0.3 else None)
    peers = (rng.bytes(4), rng.bytes(4))
    conv.say(0, b"\x01\0\0\0" + peers[0] + rng.bytes(140), 0)
    conv.say(1, b"\x02\0\0\0" + peers[1] + peers[0] + rng.bytes(80), 1e-3)
    begin, count, last = conv.now + conv.ends.path.rtt, [0, 0], 0.0
    for t, d, octets in packets:
        if t - last > 25:
            conv.at(
                begin + last + 25,
                0,
                b"\x04\0\0\0" + peers[1] + struct.pack("<Q", count[0]) + rng.bytes(16),
            )
            count[0] += 1
        size = (len(octets) + 15) // 16 * 16 + 16
        conv.at(
            begin + t,
            d,
            b"\x04\0\0\0" + peers[1 - d] + struct.pack("<Q", count[d]) + rng.bytes(size),
        )
        count[d] += 1
        last = t
    return [conv]


def _openvpn(rng: np.random.Generator, net: Network, packets: Packets) -> list[Conversation]:
    conv = udp(rng, net, pick(rng, (1194, 1194, 1194, 443, 1195)))
    ids = (rng.bytes(8), rng.bytes(8))
    conv.say(0, b"\x38" + ids[0] + b"\0\0\0\0\0", 0)
    conv.say(1, b"\x40" + ids[1] + b"\x01\0\0\0\0" + ids[0] + b"\0\0\0\0", 1e-3)
    for k in range(int(rng.integers(4, 12))):
        d = k % 2
        body = b"\x16\x03\x01" + rng.bytes(int(rng.integers(80, 1100)))
        conv.say(d, b"\x20" + ids[d] + b"\0" + struct.pack(">I", k + 1) + body, 2e-3)
        conv.say(1 - d, b"\x28" + ids[1 - d] + b"\x01" + struct.pack(">I", k + 1) + ids[d], 1e-3)
    begin, count = conv.now + conv.ends.path.rtt, [1, 1]
    peer = rng.bytes(3)
    for t, d, octets in packets:
        body = rng.bytes(len(octets) + 17)
        conv.at(begin + t, d, b"\x48" + peer + struct.pack(">I", count[d]) + body)
        count[d] += 1
    end = packets[-1][0] if packets else 1.0
    for k in range(int(end / 10)):
        conv.at(
            begin + 10 * k + 5,
            k % 2,
            b"\x48" + peer + struct.pack(">I", count[k % 2]) + rng.bytes(33),
        )
    return [conv]


def _ikev2(rng: np.random.Generator, conv: Conversation, *, marker: bytes) -> None:
    spi = (rng.bytes(8), rng.bytes(8))
    for k, (exchange, size) in enumerate(((34, 400), (35, 300))):
        for d in (0, 1):
            responder = bytes(8) if exchange == 34 and d == 0 else spi[1]
            flags = 0x08 if d == 0 else 0x20
            first = 33 if exchange == 34 else 46
            body = int(size * float(rng.uniform(0.6, 1.4))) // 16 * 16
            payload = struct.pack(">BBH", 0, 0, body + 4) + rng.bytes(body)
            if exchange == 34:
                nonce = struct.pack(">BBH", 0, 0, 36) + rng.bytes(32)
                payload, first = nonce, 40
            total = 28 + len(payload)
            head = (
                spi[0] + responder + struct.pack(">BBBBII", first, 0x20, exchange, flags, k, total)
            )
            conv.say(d, marker + head + payload, 2e-3)


def _ikesp(rng: np.random.Generator, net: Network, packets: Packets) -> list[Conversation]:
    ike = udp(rng, net, 500, sport=500)
    _ikev2(rng, ike, marker=b"")
    esp = Conversation(ike.ends, 50, start=ike.now + ike.ends.path.rtt)
    spi, count = (rng.bytes(4), rng.bytes(4)), [1, 1]
    for t, d, octets in packets:
        esp.at(t, d, _esp(spi, d, count[d], rng, len(octets)))
        count[d] += 1
    return [ike, esp]


def _natt(rng: np.random.Generator, net: Network, packets: Packets) -> list[Conversation]:
    conv = udp(rng, net, 4500, sport=4500 if rng.random() < 0.5 else None)
    _ikev2(rng, conv, marker=bytes(4))
    spi, count = (b"\xc0" + rng.bytes(3), b"\xc1" + rng.bytes(3)), [1, 1]
    begin = conv.now + conv.ends.path.rtt
    for t, d, octets in packets:
        conv.at(begin + t, d, _esp(spi, d, count[d], rng, len(octets)))
        count[d] += 1
    for k in range(int((packets[-1][0] if packets else 1) / 20)):
        conv.at(begin + 20 * k, 0, b"\xff")
    return [conv]


def _plain(proto: int) -> Build:
    def build(rng: np.random.Generator, net: Network, packets: Packets) -> list[Conversation]:
        ends: Ends = net.ends(rng, version=4)
        conv = Conversation(ends, proto)
        keyed, sequenced = rng.random() < 0.3, rng.random() < 0.2
        key, count = rng.bytes(4), [0, 0]
        for t, d, octets in packets:
            head = b""
            if proto == 47:
                ether = 0x86DD if octets[0] >> 4 == 6 else 0x0800
                head = struct.pack(">HH", 0x2000 * keyed | 0x1000 * sequenced, ether)
                head += (key if keyed else b"") + (
                    struct.pack(">I", count[d]) if sequenced else b""
                )
            conv.at(t, d, head + octets)
            count[d] += 1
        return [conv]

    return build


def _vxlan(rng: np.random.Generator, net: Network, packets: Packets) -> list[Conversation]:
    conv = udp(rng, net, 4789, scope="lan", version=4)
    vni = struct.pack(">I", int(rng.integers(1, 1 << 24)) << 8)
    macs = (rng.bytes(5), rng.bytes(5))
    for t, d, octets in packets:
        ether = b"\x86\xdd" if octets[0] >> 4 == 6 else b"\x08\x00"
        frame = b"\x02" + macs[1 - d] + b"\x02" + macs[d] + ether + octets
        conv.at(t, d, b"\x08\0\0\0" + vni + frame)
    return [conv]


def _routing(rng: np.random.Generator, net: Network, packets: Packets) -> list[Conversation]:
    """OSPF hellos and VRRP advertisements between routers."""
    ends = net.ends(rng, scope="lan", version=4)
    vrrp = rng.random() < 0.5
    conv = Conversation(ends, 112 if vrrp else 89)
    router = rng.bytes(4)
    body = bytes((0x31, 10, 100, 1)) + b"\x00\x64" if vrrp else b""
    for k in range(int(rng.integers(5, 60))):
        if vrrp:
            octets = body + b"\0\0" + router
        else:
            octets = struct.pack(">BBH", 2, 1, 48) + router + bytes(4)
            rest = bytes(10) + b"\xff\xff\xff\0" + struct.pack(">HBBI", 10, 2, 1, 40) + bytes(12)
            octets += b"\0\0" + rest[: 48 - 14]
        total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
        total = (total & 0xFFFF) + (total >> 16)
        check = struct.pack(">H", 0xFFFF - ((total & 0xFFFF) + (total >> 16)))
        at = 6 if vrrp else 12
        octets = octets[:at] + check + octets[at + 2 :]
        conv.at(k * (1.0 if vrrp else 10.0) + float(rng.exponential(0.01)), 0, octets)
    return [conv]


_KINDS: dict[str, Build] = {
    "wireguard": _wireguard,
    "openvpn": _openvpn,
    "ikesp": _ikesp,
    "natt": _natt,
    "gre": _plain(47),
    "ipip": _plain(4),
    "sit": _plain(41),
    "vxlan": _vxlan,
    "routing": _routing,
}

PROFILES: tuple[Profile, ...] = (
    Vpn(name="vpn.wireguard", about="WireGuard: handshake, padded data, keep-alive every 25 s."),
    Vpn(name="vpn.openvpn", about="OpenVPN over UDP: control channel, P_DATA_V2.", kind="openvpn"),
    Vpn(name="vpn.ipsec", about="IKEv2 on UDP 500, then ESP.", kind="ikesp"),
    Vpn(name="vpn.ipsec_nat", about="IKEv2 and ESP in UDP 4500 with keep-alives.", kind="natt"),
    Vpn(
        name="vpn.gre",
        about="GRE between routers, keyed and sequenced or not (RFC 2784, 2890).",
        kind="gre",
    ),
    Vpn(
        name="vpn.ipip", about="IP in IP between sites and load balancers (RFC 2003).", kind="ipip"
    ),
    Vpn(name="vpn.sit", about="6in4 of a tunnel broker (RFC 4213).", kind="sit"),
    Vpn(name="vpn.vxlan", about="VXLAN inside a data centre (RFC 7348).", kind="vxlan"),
    Vpn(
        name="vpn.routing",
        about="OSPF hellos and VRRP: protocols without ports, benign.",
        kind="routing",
    ),
)
