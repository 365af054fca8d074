"""Small bots: a few constant octets at an interval, and now and then an order of as few.

What remains of a beacon when nothing need be said: zeros, a word or random octets, always the same,
answered alike, by another constant or not at all; orders of 2 to 16 octets, results hardly longer.
IoT bots speak so over TCP (two octets of zeros, Mirai's loaders), many implants over UDP. Intervals
and octets are drawn as those of honest keep-alives are (`benign.agents`): what differs is that
nobody logs in, that orders come from the side that is called, and what a port is for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import encode, loguniform, output, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile
from nalpml.generators.benign.agents import ALIVE_GAPS, alive_octets
from nalpml.generators.covert import tcp_c2, udp_c2

__all__ = ["PROFILES", "PulseTcp", "PulseUdp"]

Rng = np.random.Generator


def _order(rng: Rng, key: bytes) -> bytes:
    """An order in a few octets: a number and arguments, a verb, or either of them encoded."""
    style = pick(rng, ("binary", "address", "verb", "sealed"))
    if style == "binary":
        return rng.bytes(1) + bytes(int(rng.integers(0, 3))) + rng.bytes(int(rng.integers(1, 8)))
    if style == "address":
        return struct.pack(">BI", int(rng.integers(1, 9)), int(rng.integers(1 << 32))) + rng.bytes(
            4
        )
    if style == "verb":
        text = pick(rng, (b"id", b"stop", b"scan 22", b"sleep 30", b"up", b"kill", b"!udp", b"ver"))
        return text + pick(rng, (b"", b"\n", b"\0"))
    return encode(rng, "xor", rng.bytes(int(rng.integers(2, 16))), key)


def _beats(rng: Rng, net: Network, conv: Conversation, *, operator: int, orders: float) -> None:
    """Fill a conversation: `operator` is the side that gives orders."""
    here, key = 1 - operator, rng.bytes(4)
    period, spread = loguniform(rng, *ALIVE_GAPS), pick(rng, (1e-3, 1e-3, 0.02, 0.1, 0.3))
    beat, empty = alive_octets(rng), alive_octets(rng)
    answer = pick(rng, (b"", beat, beat, empty))
    size = loguniform(rng, 2, 60)
    clear, silent = rng.random() < 0.4, rng.random() < 0.3
    if rng.random() < 0.3:
        # The first time it says who it is: an architecture, a number, a name's octets.
        conv.say(here, rng.bytes(int(rng.integers(2, 12))) if clear else _order(rng, key), 1e-3)
    for _ in range(int(np.clip(min(net.duration, 400.0) / period, 4, 150))):
        conv.say(here, beat, max(0.01, period * float(1 + spread * rng.normal())))
        if answer:
            conv.say(operator, answer, loguniform(rng, 1e-4, 0.05))
        if rng.random() < orders:
            conv.say(operator, _order(rng, key), float(rng.uniform(0, period)))
            if not silent:
                text = output(rng, max(1, int(size * loguniform(rng, 0.5, 4))))
                text = text if clear else encode(rng, "xor", text, key)
                conv.say(here, text, loguniform(rng, 2e-3, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseTcp(Profile):
    """One long connection of beats.

    Parameters
    ----------
    orders : tuple of float
        Probabilities, a beat, of an order, to choose from.
    inbound : float
        Probability that the operator connects to a listening bot.
    """

    orders: tuple[float, ...] = (0.0, 0.02, 0.05, 0.15)
    inbound: float = 0.1

    label: ClassVar[str] = "tcp_c2"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one bot's connection."""
        inbound = bool(rng.random() < self.inbound)
        ends = net.ends(rng, inbound=inbound, new=0.5)
        ports = (*tcp_c2.BORROWED, *tcp_c2.ODD)
        port = pick(rng, ports) if rng.random() < 0.5 else int(rng.integers(1024, 65536))
        conv = Conversation(
            ends, 6, sport=ephemeral(rng, ends), dport=port,
            closing=pick(rng, ("fin", "rst", "none", "none")), closer=int(rng.integers(2)),
        )  # fmt: skip
        _beats(rng, net, conv, operator=0 if inbound else 1, orders=pick(rng, self.orders))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseUdp(Profile):
    """Beats in datagrams.

    Parameters
    ----------
    orders : tuple of float
        As in `PulseTcp`.
    borrowed : float
        Probability of a port that firewalls let out.
    """

    orders: tuple[float, ...] = (0.0, 0.02, 0.05, 0.15)
    borrowed: float = 0.5

    label: ClassVar[str] = "udp_c2"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one bot's datagrams."""
        ends = net.ends(rng, inbound=False, new=0.5)
        some = rng.random() < self.borrowed
        port = pick(rng, udp_c2.BORROWED) if some else int(rng.integers(1024, 65536))
        sport = port if rng.random() < 0.2 else ephemeral(rng, ends)
        conv = Conversation(ends, 17, sport=sport, dport=port)
        _beats(rng, net, conv, operator=1, orders=pick(rng, self.orders))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseIp(Profile):
    """Beats directly on IP, in protocols nobody uses.

    Parameters
    ----------
    protos : tuple of int
        IP protocols to choose from.
    """

    protos: tuple[int, ...] = (11, 61, 63, 99, 114, 160, 200, 222, 253, 254)

    label: ClassVar[str] = "ip_tunnel"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one bot's packets."""
        conv = Conversation(
            net.ends(rng, version=4, inbound=False, new=0.5), pick(rng, self.protos)
        )
        _beats(rng, net, conv, operator=1, orders=pick(rng, (0.0, 0.05, 0.15)))
        return [conv]


PROFILES: tuple[Profile, ...] = (
    PulseTcp(name="tcp_c2.pulse", about="Constant beats of a few octets and rare short orders."),
    PulseTcp(name="tcp_c2.pulse_orders", about="The same with orders every few beats.",
             orders=(0.1, 0.3, 0.5)),
    PulseUdp(name="udp_c2.pulse", about="Constant beats in datagrams and rare short orders."),
    PulseUdp(name="udp_c2.pulse_orders", about="The same with orders every few beats.",
             orders=(0.1, 0.3, 0.5)),
    PulseIp(name="ip_tunnel.pulse", about="Constant beats in unused IP protocols."),
)  # fmt: skip
