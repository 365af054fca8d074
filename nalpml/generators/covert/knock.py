"""Passive implants: one packet that nobody answers, then a callback or a session the other way.

CASTLETAP (nine XORed octets in an echo request), BPFDoor (magic in ICMP, UDP or TCP), REPTILE,
J-magic (a SYN or payload that meets a condition), Penquin, cd00r (a row of SYNs), Umbreon and
Winnti on Linux.
"""

from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import CODINGS, hostname, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import coded, dialog
from nalpml.generators._framing import FRAMINGS, framing
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.tls import handshake, records
from nalpml.generators.covert.tcp_c2 import knock, say_all

__all__ = ["PROFILES", "Knock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock(Profile):
    """A trigger from outside, then traffic between the same two hosts.

    Parameters
    ----------
    triggers : tuple of str
        ``icmp``, ``udp``, ``tcp`` (payload on an open port's connection), ``syns`` (closed ports),
        ``half`` (SYN, SYN-ACK, RST).
    magic : tuple of bytes
        What the trigger starts with; drawn when empty.
    size : tuple of int
        Bounds of the trigger's octets.
    knock_ports, ports : tuple of int
        Ports of the trigger and of the session; drawn when empty.
    back : float
        Probability that the implant connects out; else the operator connects to it.
    tls : float
        Probability that the session is inside TLS.
    kinds, codings, framings : tuple of str
        Of the session.
    """

    triggers: tuple[str, ...] = ("icmp", "udp", "tcp", "syns", "half")
    magic: tuple[bytes, ...] = ()
    size: tuple[int, int] = (4, 64)
    knock_ports: tuple[int, ...] = ()
    ports: tuple[int, ...] = ()
    back: float = 0.7
    tls: float = 0.2
    kinds: tuple[str, ...] = ("shell", "keys", "tasks", "pull")
    codings: tuple[str, ...] = CODINGS
    framings: tuple[str, ...] = FRAMINGS
    answered: float = 0.3
    scope: str | None = None

    label: ClassVar[str] = "tcp_c2"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw a trigger and what follows."""
        ends = net.ends(rng, inbound=True, new=0.5, scope=self.scope)
        out = self._trigger(rng, net, ends)
        start = out[-1].start + out[-1].now + loguniform(rng, 0.05, 20)
        if rng.random() < self.back:
            path = net.path(rng, client=ends.server, server=ends.client)
            ends = dataclasses.replace(ends, client=ends.server, server=ends.client, path=path)
            flip = False
        else:
            flip = True
        port = (
            pick(rng, self.ports)
            if self.ports
            else int(pick(rng, (443, 53, 8443, 22, int(rng.integers(1024, 65536)))))
        )
        conv = tcp(rng, net, port, ends=ends, start=start)
        talk = dialog(
            rng, pick(rng, self.kinds), duration=min(net.duration, 240.0), octets=(500, 100_000)
        )
        if rng.random() < self.tls:
            handshake(conv, rng, name=hostname(rng), modern=bool(rng.random() < 0.5))
            for gap, speaker, text in talk:
                conv.say(speaker ^ int(flip), records(rng, max(1, len(text))), gap)
        else:
            frame = framing(rng, pick(rng, self.framings))
            say_all(conv, rng, coded(rng, talk, pick(rng, self.codings)), frame, flip=flip)
        return [*out, conv]

    def _trigger(self, rng: np.random.Generator, net: Network, ends: Ends) -> list[Conversation]:
        kind = pick(rng, self.triggers)
        size = int(rng.integers(self.size[0], self.size[1] + 1))
        magic = pick(rng, self.magic) if self.magic else rng.bytes(int(rng.integers(2, 9)))
        body = (magic + rng.bytes(size))[: max(size, len(magic))]
        ports = self.knock_ports or tuple(rng.integers(1, 65536, int(rng.integers(1, 6))).tolist())
        if kind == "icmp":
            conv = icmp_conversation(ends)
            request_and_reply(
                conv,
                ident=int(rng.integers(65536)),
                seq=int(rng.integers(65536)),
                data=body,
                at=0.0,
                reply=body if rng.random() < 0.6 else None,
            )
            conv.label = "icmp_tunnel"
            return [conv]
        if kind == "udp":
            conv = udp(rng, net, pick(rng, ports), ends=ends)
            conv.say(0, body)
            if rng.random() < self.answered:
                conv.say(1, rng.bytes(int(rng.integers(1, 9))), 0.01)
            conv.label = "udp_c2"
            return [conv]
        if kind == "syns":
            return knock(ends, rng, ports, answered=bool(rng.random() < 0.5))
        conv = tcp(rng, net, int(pick(rng, self.knock_ports or (22, 80, 443, 25, 179))), ends=ends)
        if kind == "half":
            conv.opening, conv.closing = "half", "none"
        else:
            conv.say(0, body, 1e-3)
            conv.closing = "rst"
        return [conv]


def bpfdoor(magic: int, secret: bytes) -> bytes:
    """BPFDoor's trigger: magic, address and port to call back, password."""
    return struct.pack(">HH4sH", magic, 0, bytes(4), 0) + secret


PROFILES: tuple[Profile, ...] = (
    Knock(name="knock.random", about="Any trigger, any session."),
    Knock(
        name="knock.icmp",
        about="One echo request, then a callback (CASTLETAP, REPTILE, BPFDoor).",
        triggers=("icmp",),
        back=1.0,
    ),
    Knock(name="knock.udp", about="One datagram, then a session.", triggers=("udp",)),
    Knock(
        name="knock.syn",
        about="A row of SYNs to closed ports, or a half-open one.",
        triggers=("syns", "half"),
    ),
)
