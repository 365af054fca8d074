"""IP protocols without ports as a hidden channel: GRE, IPIP, 6in4, unassigned numbers.

RFC 2784, 2003, 4213, 3692 (253 and 254 for experiments); the Honeynet Project's zombie that took
its orders in IP protocol 11; protocol numbers no host of the site uses (IANA's unassigned 147 to
252).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import KINDS, coded, dialog, timeline
from nalpml.generators._framing import framing
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vpn import carried

__all__ = ["PROFILES", "IpTunnel"]

TAKEN = (4, 41, 47, 97, 132, 51, 89, 103, 112, 2, 46, 88, 115, 108, 136, 55)
"""Numbers that belong to protocols with a format, which foreign octets do not have."""

RARE = (11, 253, 254, 99, 61, 63, 114, 84, 13, 16, 92, 97, *range(147, 253, 7))


@dataclass(frozen=True, slots=True, kw_only=True)
class IpTunnel(Profile):
    """A channel directly on IP.

    Parameters
    ----------
    protos : tuple of int
        IP protocols to choose from.
    carries : tuple of str
        ``ip`` whole packets of a victim's traffic, ``dialog`` messages of an implant's own.
    codings : tuple of str
        Encodings of messages.
    running : float
        Probability of the running-sum coding of the protocol-11 zombie.
    bare : float
        Probability that messages follow the IP header at once, also where the protocol's number
        promises another header.
    """

    protos: tuple[int, ...] = (47, 4, 41, *RARE)
    carries: tuple[str, ...] = ("ip", "dialog", "dialog")
    codings: tuple[str, ...] = ("clear", "xor", "base64", "compressed", "encrypted", "arc4")
    running: float = 0.1
    bare: float = 0.0
    ether: tuple[int, ...] = ()
    inbound: float = 0.2
    kinds: tuple[str, ...] = KINDS
    limit: int = 1500

    label: ClassVar[str] = "ip_tunnel"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        proto = pick(rng, self.protos)
        ends = net.ends(rng, version=4, inbound=bool(rng.random() < self.inbound), new=0.5)
        conv = Conversation(ends, proto)
        carries = pick(rng, self.carries)
        if proto in (4, 41, 47):
            # Ordinary packets in an ordinary tunnel are a VPN: nothing would tell them apart.
            carries = "dialog"
        if carries == "ip":
            version = {4: 4, 41: 6}.get(proto, 0)
            for t, d, octets in carried(rng, net, limit=self.limit, version=version):
                conv.at(t, d, self._head(rng, proto, octets) + octets)
            return [conv]
        frame = framing(rng, pick(rng, ("raw", "raw", "magic", "length", "session", "typed")))
        talk = dialog(
            rng, pick(rng, self.kinds), duration=min(net.duration, 240.0), octets=(300, 60_000)
        )
        talk = coded(rng, talk, pick(rng, self.codings))
        size = int(loguniform(rng, 16, 1400))
        running = rng.random() < self.running
        gre = struct.pack(
            ">HH", pick(rng, (0, 0x2000, 0)), pick(rng, (0x0800, 0x6558, int(rng.integers(65536))))
        )
        key = rng.bytes(4) if gre[0] else b""
        count, bare = [0, 0], rng.random() < self.bare
        pause = loguniform(rng, 1e-4, 0.05)
        for t, d, text in timeline(talk, ends.path.rtt):
            for k, low in enumerate(range(0, max(1, len(text)), size)):
                part = frame(text[low : low + size], d, count[d])
                count[d] += 1
                if running:
                    part = b"\x02" + _running(part)
                head = gre + key if proto == 47 and not bare else b""
                if proto == 4 and not bare:
                    head = _fake_v4(rng, len(part))
                if proto == 41 and not bare:
                    head = b"\x60\0\0\0" + struct.pack(">HBB", len(part), 59, 64) + rng.bytes(32)
                conv.at(t + k * pause, d, head + part)
                if len(conv.t) >= self.limit:
                    return [conv]
        return [conv]

    def _head(self, rng: np.random.Generator, proto: int, octets: bytes) -> bytes:
        if proto == 47:
            ether = (
                pick(rng, self.ether) if self.ether else (0x86DD if octets[0] >> 4 == 6 else 0x0800)
            )
            return struct.pack(">HH", 0, ether)
        return b""


def _running(text: bytes) -> bytes:
    """Each octet is the one before plus itself plus 0x17 (the protocol-11 zombie's coding)."""
    data = np.frombuffer(text, np.uint8).astype(np.int64) + 0x17
    coded_text: bytes = (np.cumsum(data) & 0xFF).astype(np.uint8).tobytes()
    return coded_text


def _fake_v4(rng: np.random.Generator, size: int) -> bytes:
    """An inner IPv4 header whose protocol (253) nobody dissects."""
    head = struct.pack(
        ">BBHHHBBH", 0x45, 0, 20 + size, int(rng.integers(65536)), 0, 64, 253, 0
    ) + rng.bytes(8)
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", 0xFFFF - total) + head[12:]


PROFILES: tuple[Profile, ...] = (
    IpTunnel(name="ip_tunnel.random", about="Any protocol, carrying packets or messages."),
    IpTunnel(
        name="ip_tunnel.rare",
        about="Unassigned and experimental protocol numbers.",
        protos=RARE,
        carries=("dialog",),
    ),
    IpTunnel(
        name="ip_tunnel.gre",
        about="GRE between hosts that are no routers, often with own payloads.",
        protos=(47,),
        carries=("dialog",),
    ),
    IpTunnel(
        name="ip_tunnel.ipip",
        about="IPIP from a workstation: messages behind an inner header.",
        protos=(4,),
        carries=("dialog",),
    ),
    IpTunnel(
        name="ip_tunnel.sit",
        about="6in4 from a workstation: messages behind an inner IPv6 header.",
        protos=(41,),
        carries=("dialog",),
    ),
    IpTunnel(
        name="ip_tunnel.foreign",
        about="Messages in numbers of other protocols, without what those begin with.",
        protos=TAKEN,
        carries=("dialog",),
        bare=1.0,
    ),
    IpTunnel(
        name="ip_tunnel.foreign_inner",
        about="The same in numbers that promise an inner packet.",
        protos=(4, 41, 47, 97),
        carries=("dialog",),
        codings=("clear", "xor", "base64", "arc4"),
        bare=1.0,
    ),
    IpTunnel(
        name="ip_tunnel.rare_ip",
        about="Whole packets in an unassigned protocol.",
        protos=RARE,
        carries=("ip",),
    ),
)
