"""Tunnels as captures often show them: one direction, the middle, another address family inside.

A router sees one direction of ESP when routing is asymmetric (RFC 3948, RFC 4303); Teredo peers ask
each other by ICMPv6 echoes inside UDP (RFC 4380, 5.2); VPNs without a dissector run between two
equal ports of their own (fastd, tinc, n2n, cjdns, ZeroTier).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_tunnels import icmp6_packet
from nalpml.generators.benign.vpn import Vpn, carried

__all__ = ["PROFILES", "OneSide", "OwnPort", "TeredoEcho", "sealed_tunnel"]

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSide(Profile):
    """A tunnel of which the capture holds one direction.

    Parameters
    ----------
    kinds : tuple of str
        As in `Vpn`.
    """

    kinds: tuple[str, ...] = ("natt", "ikesp")

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw some minutes of one tunnel and drop what came the other way."""
        convs = Vpn(name="", about="", kind=pick(rng, self.kinds)).conversations(rng, net)
        side = int(rng.integers(2))
        if rng.random() < 0.6:
            # The negotiation was before the capture.
            convs = [c for c in convs if c.proto == 50] or convs
        for conv in convs:
            keep = [k for k, d in enumerate(conv.d) if d == side]
            conv.t, conv.payloads = [conv.t[k] for k in keep], [conv.payloads[k] for k in keep]
            conv.meta, conv.d = [conv.meta[k] for k in keep], [side] * len(keep)
            conv.parent = [-1] * len(keep)
        return [c for c in convs if c.t]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeredoEcho(Profile):
    """Teredo peers that look for each other: echoes inside UDP, bubbles, a few packets."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw the first packets of one pair."""
        port = 3544 if rng.random() < 0.6 else int(rng.integers(1024, 65536))
        conv = udp(rng, net, port, scope="wan", version=4)
        here = b"\x20\1\0\0" + rng.bytes(12)
        there = (b"\x20\1\0\0" if port != 3544 else b"\x2a\2\2\x6b") + rng.bytes(12)
        nonce, ident = rng.bytes(8), rng.bytes(2)
        for k in range(round(loguniform(rng, 1, 30))):
            seq = struct.pack(">H", k + 1)
            data = nonce if rng.random() < 0.7 else bytes(range(32))
            gap = float(pick(rng, (1.0, 2.0, 5.0, 30.0)))
            if rng.random() < 0.15:
                # A bubble: an IPv6 header that says that nothing follows.
                conv.say(0, b"\x60\0\0\0\0\0\x3b\x15" + here + there, gap)
                continue
            conv.say(0, icmp6_packet(here, there, b"\x80\0\0\0" + ident + seq + data), gap)
            if rng.random() < 0.8:
                lead = b"\0\0" + rng.bytes(6) if rng.random() < 0.3 else b""
                answer = icmp6_packet(there, here, b"\x81\0\0\0" + ident + seq + data)
                conv.say(1, lead + answer, loguniform(rng, 1e-4, 0.05))
        return [conv]


def sealed_tunnel(rng: Rng, net: Network, conv: Conversation, *, limit: int = 600) -> None:
    """Fill a conversation with a VPN of a drawn format: handshake, packets, keep-alives.

    Parameters
    ----------
    rng : numpy Generator
    net : Network
    conv : Conversation
        UDP and empty.
    limit : int
        Packets carried at most.
    """
    kind, session = rng.bytes(1), (rng.bytes(4), rng.bytes(4))
    kind = kind if rng.random() < 0.6 else b""
    named, counted = rng.random() < 0.5, rng.random() < 0.7
    code, tag = pick(rng, (">I", "<I", ">Q", "<Q")), int(pick(rng, (0, 4, 8, 12, 16, 24)))
    block = int(pick(rng, (1, 1, 8, 16)))
    count = [0, 0]

    def packet(d: int, size: int) -> bytes:
        count[d] += 1
        head = kind + (session[1 - d] if named else b"")
        head += struct.pack(code, count[d]) if counted else b""
        return head + rng.bytes(-(-size // block) * block + tag)

    for size in [int(rng.integers(40, 300)) for _ in range(int(rng.integers(0, 3)))]:
        conv.say(0, packet(0, size), 1e-3)
        conv.say(1, packet(1, int(size * loguniform(rng, 0.6, 1.5))), loguniform(rng, 1e-3, 0.05))
    begin, last, alive = conv.now + conv.ends.path.rtt, 0.0, pick(rng, (5.0, 10.0, 25.0, 60.0))
    for t, d, octets in carried(rng, net, limit=limit):
        while t - last > alive:
            last += alive
            side = int(rng.integers(2))
            conv.at(begin + last, side, packet(side, 0) or b"\0")
        conv.at(begin + t, d, packet(d, min(len(octets), conv.ends.path.mtu - 90)))
        last = t


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPort(Profile):
    """A VPN nobody dissects, on a port of its own.

    Parameters
    ----------
    equal : float
        Probability that both ends use the port.
    """

    equal: float = 0.7

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw some minutes of one tunnel."""
        common = (655, 7654, 9993, 10000, 1195, 5555, 51821, 500, 11010, 4242)
        port = pick(rng, common) if rng.random() < 0.4 else int(rng.integers(1024, 65536))
        conv = udp(rng, net, port, scope=pick(rng, ("wan", "wan", "lan")), version=4)
        conv.sport = port if rng.random() < self.equal else ephemeral(rng, conv.ends)
        sealed_tunnel(rng, net, conv)
        return [conv]


PROFILES: tuple[Profile, ...] = (
    OneSide(name="vpn.half", about="One direction of ESP, bare or in UDP (RFC 3948, 4303)."),
    TeredoEcho(name="vpn.teredo_echo", about="Teredo peers' echoes and bubbles (RFC 4380)."),
    OwnPort(name="vpn.own_port", about="VPNs nobody dissects, on ports of their own."),
)
