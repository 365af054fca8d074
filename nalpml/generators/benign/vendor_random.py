"""Unknown protocols of vendors, over the space of what such protocols look like.

Each episode draws a `Design` (header, serialisation, sizes), a shape (who speaks when), ports and
peers, so that a body of high entropy on a port without a name is no evidence by itself. Ports
follow RFC 6335: registered and dynamic ones, few system ports.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import ephemeral, tcp, to_group, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_design import Design
from nalpml.generators.benign.vendor_partial import pieces
from nalpml.generators.benign.vendor_shapes import PERIODS, SHAPES, Talk, greet

__all__ = ["PROFILES", "Vendor", "vendor_port"]

_KNOWN = (
    1025,
    1119,
    2000,
    3000,
    3074,
    4000,
    4070,
    4244,
    5000,
    5055,
    5222,
    5223,
    5228,
    6000,
    6881,
    7000,
    7680,
    8000,
    8001,
    8008,
    8009,
    8080,
    8081,
    8088,
    8443,
    8883,
    8888,
    9000,
    9001,
    9090,
    9100,
    9200,
    9999,
    10000,
    10001,
    11095,
    12345,
    20000,
    27015,
    30000,
    32400,
    40000,
    50000,
    55555,
)
"""Ports that many unrelated products use."""


def vendor_port(rng: np.random.Generator) -> int:
    """A port a product listens on.

    Examples
    --------
    >>> 0 < vendor_port(np.random.default_rng(0)) < 65536
    True
    """
    u = rng.random()
    if u < 0.25:
        return int(pick(rng, _KNOWN))
    if u < 0.75:
        return int(rng.integers(1024, 49152))
    if u < 0.9:
        return int(rng.integers(49152, 65536))
    return int(rng.integers(1, 1024)) if u < 0.97 else int(pick(rng, (80, 443, 443, 53)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor(Profile):
    """A protocol of its own between two hosts.

    Parameters
    ----------
    over : {"tcp", "udp", "any"}
        Transport.
    shapes : tuple of str
        Choices from `nalpml.generators.benign.vendor_shapes.SHAPES`.
    styles : tuple of str
        Choices of bodies; empty for all.
    greeting : float
        Probability of an opening exchange of names, versions or keys.
    scope : {"lan", "wan", None}
        Where the peer is.
    symmetric : float
        Probability that both ends use the same port (UDP).
    partial : float
        Probability that only a part was captured.
    """

    over: str = "any"
    shapes: tuple[str, ...] = tuple(SHAPES)
    styles: tuple[str, ...] = ()
    greeting: float = 0.6
    scope: str | None = None
    symmetric: float = 0.12
    bare: float = 0.12
    partial: float = 0.35

    def open(self, rng: np.random.Generator, net: Network) -> tuple[Conversation, Design]:
        """Draw a conversation and a design for it."""
        datagram = self.over == "udp" or (self.over == "any" and rng.random() < 0.5)
        port = vendor_port(rng)
        if datagram:
            both = port if rng.random() < self.symmetric else None
            conv = udp(rng, net, port, scope=self.scope, sport=both)
        else:
            conv = tcp(rng, net, port, scope=self.scope)
        style = pick(rng, self.styles) if self.styles else ""
        return conv, Design(rng, datagram, style, self.bare)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv, design = self.open(rng, net)
        talk = Talk(rng, conv, design, min(net.duration, loguniform(rng, 5, 400)))
        if rng.random() < self.greeting:
            greet(talk)
        return pieces(rng, SHAPES[pick(rng, self.shapes)](talk, net), self.partial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents(Vendor):
    """A connection (or a port) for each report or request, at a period or at random.

    The nearest honest thing to a beacon: constant sizes, one server, the same exchange each time.
    """

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the connections of one agent."""
        first, design = self.open(rng, net)
        period, clock = pick(rng, PERIODS), rng.random() < 0.6
        greeting, rounds = rng.random() < self.greeting, int(rng.geometric(0.5))
        talk = Talk(rng, first, design, 60.0)
        small, large = talk.small, talk.large
        out, at = [], 0.0
        for _ in range(int(rng.integers(1, 25))):
            conv = Conversation(
                first.ends,
                first.proto,
                sport=ephemeral(rng, first.ends),
                dport=first.dport,
                start=at,
                closing=first.closing,
                closer=first.closer,
            )
            design.counts = [0, 0]
            one = Talk(rng, conv, design, 60.0)
            one.small, one.large = small, large
            if greeting:
                greet(one)
            for _ in range(rounds):
                one.send(0, small(), one.think(), 1)
                one.send(1, large(), one.think(), 1)
            out.append(conv)
            at += period if clock else float(rng.exponential(period))
            if at > net.duration:
                break
        return pieces(rng, out, 0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers(Vendor):
    """One local port, many remote peers: discovery, overlays, games, calls through relays."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one node's contacts."""
        first, design = self.open(rng, net)
        local, one_port, answered = first.sport, rng.random() < 0.6, float(rng.uniform(0.1, 1))
        host, inbound = first.ends.client, rng.random() < 0.2
        shape = SHAPES[pick(rng, self.shapes)]
        out = []
        for k in range(int(rng.integers(2, 25))):
            peer = net.outside(rng, new=0.9) if self.scope != "lan" else net.host(rng)
            if peer is host:
                continue
            pair = (peer, host) if inbound else (host, peer)
            version = first.ends.version
            ends = Ends(
                client=pair[0],
                server=pair[1],
                version=version,
                path=net.path(rng, client=pair[0], server=pair[1]),
            )
            port = first.dport if one_port else int(rng.integers(1024, 65536))
            if first.proto == 6:
                conv = Conversation(
                    ends, 6, sport=ephemeral(rng, ends), dport=port, closing="rst", start=k * 0.4
                )
                if rng.random() > answered:
                    conv.opening, conv.closing = pick(rng, ("syn", "refused")), "none"
                    out.append(conv)
                    continue
            else:
                conv = Conversation(
                    ends,
                    17,
                    sport=port if inbound else local,
                    dport=local if inbound else port,
                    start=k * loguniform(rng, 0.01, 2),
                )
            design.counts = [0, 0]
            talk = Talk(rng, conv, design, loguniform(rng, 1, 60))
            if conv.proto == 17 and rng.random() > answered:
                talk.send(0, talk.small(), 0.0)
            else:
                out += shape(talk, net)[:-1]
            out.append(conv)
        return [c for c in out if c.t or c.proto == 6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shouts(Vendor):
    """Announcements and searches to a broadcast or multicast address."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the shouts of a few hosts that run the same product."""
        design, port = Design(rng, datagram=True, bare=0.3), vendor_port(rng)
        group = 0xFFFFFFFF if rng.random() < 0.5 else 0xE0000000 | int(rng.integers(1, 1 << 28))
        six = 0xFF02 << 112 | int(rng.integers(1, 1 << 32)) if rng.random() < 0.2 else 0
        text = design.message(int(loguniform(rng, 2, 700)), 0)
        alike, period = rng.random() < 0.6, loguniform(rng, 0.5, 90)
        out = []
        for _ in range(int(rng.integers(1, 8))):
            host = net.host(rng)
            ends = to_group(rng, net, host, 0 if six else group, six)
            sport = port if rng.random() < 0.5 else ephemeral(rng, ends)
            conv = Conversation(ends, 17, sport=sport, dport=port, start=float(rng.uniform(0, 20)))
            for k in range(int(rng.geometric(0.3))):
                body = (
                    text
                    if alike
                    else design.message(int(loguniform(rng, 8, 500)), 0, 1, k * period)
                )
                conv.at(k * period, 0, body)
            out.append(conv)
            if rng.random() < 0.4 and not six:
                peer = net.host(rng)
                if peer is not host:
                    path = net.path(rng, client=peer, server=host)
                    reply = Conversation(
                        Ends(client=peer, server=host, version=4, path=path),
                        17,
                        sport=port,
                        dport=sport,
                        start=conv.start + 0.01,
                    )
                    reply.say(0, design.message(int(loguniform(rng, 20, 900)), 1, 2), 0.0)
                    out.append(reply)
        return out


_TEXT = ("json", "xml", "pairs", "lines", "path", "wide")
_BINARY = ("records", "bits", "tlv", "asn1", "protobuf", "packed")

PROFILES: tuple[Profile, ...] = (
    Vendor(name="vendor.rpc_tcp", about="Questions and answers on a stream.", over="tcp",
        shapes=("requests",)),
    Vendor(name="vendor.rpc_udp", about="Questions and answers in datagrams.", over="udp",
        shapes=("requests", "once")),
    Vendor(name="vendor.sealed_tcp",
        about="Keys exchanged in clear, then encrypted messages with clear headers.", over="tcp",
        styles=("sealed",), greeting=0.95, bare=0.03),
    Vendor(name="vendor.sealed_udp", about="Encrypted datagrams behind a clear header.",
        over="udp", styles=("sealed",), greeting=0.8, bare=0.03),
    Vendor(name="vendor.telemetry", about="Reports one way.", shapes=("telemetry",),
        greeting=0.3),
    Vendor(name="vendor.keepalive", about="Sessions that are mostly alive.",
        shapes=("keepalive",)),
    Vendor(name="vendor.push", about="Subscriptions and their events.", shapes=("push",),
        over="tcp"),
    Vendor(name="vendor.bulk", about="Files in blocks.", shapes=("bulk",),
        styles=("sealed", "squeezed", "media", "lines", "records")),
    Vendor(name="vendor.media", about="Audio and video units at a rate.", over="udp",
        shapes=("stream",), styles=("media", "sealed", "media", "records")),
    Vendor(name="vendor.state", about="Game and device state at a rate.", over="udp",
        shapes=("stream", "probe"), styles=("bits", "records", "sealed", "packed", "tlv")),
    Vendor(name="vendor.chat", about="People who write to each other.",
        shapes=("human", "keepalive", "push"), scope="wan", over="tcp"),
    Vendor(name="vendor.text", about="Text in fields or lines, with or without a header.",
        styles=_TEXT, bare=0.5),
    Vendor(name="vendor.binary", about="Records in the clear.", styles=_BINARY, bare=0.2),
    Vendor(name="vendor.masked", about="Bodies obscured by a constant or running key.",
        styles=("masked",), bare=0.3),
    Vendor(name="vendor.retry", about="Messages repeated until somebody answers.",
        shapes=("retry",), over="udp", greeting=0.0),
    Vendor(name="vendor.probe", about="Delay and reachability probes.", shapes=("probe",),
        greeting=0.1),
    Vendor(name="vendor.lan", about="Devices and controllers of one site.", scope="lan",
        shapes=("requests", "telemetry", "keepalive", "once")),
    Vendor(name="vendor.parts", about="Any of it, in parts.", partial=1.0),
    Agents(name="vendor.agent_tcp", about="A connection a report.", over="tcp"),
    Agents(name="vendor.agent_udp", about="A source port a report.", over="udp", greeting=0.1),
    Peers(name="vendor.peers_udp", about="One port, many peers.", over="udp",
        shapes=("once", "requests", "retry", "human")),
    Peers(name="vendor.peers_tcp", about="Many peers, many of them gone.", over="tcp",
        shapes=("requests", "once", "push"), styles=("sealed", "tlv", "protobuf", "bits")),
    Shouts(name="vendor.shouts", about="Broadcast and multicast announcements.", over="udp"),
)  # fmt: skip
"""Profiles of drawn protocols."""
