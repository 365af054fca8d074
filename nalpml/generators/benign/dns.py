"""DNS over UDP: queries of a resolver's clients (RFC 1035, RFC 6891)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile

__all__ = ["PROFILES", "Dns", "dns_query", "dns_response"]

_TYPES = (1, 1, 1, 1, 28, 28, 28, 65, 5, 15, 16, 12, 33, 6, 2)


def _name(text: str) -> bytes:
    return b"".join(bytes((len(p),)) + p.encode() for p in text.split(".")) + b"\0"


def dns_query(rng: np.random.Generator, name: str, kind: int, *, edns: bool = True) -> bytes:
    """A query for one name."""
    cookie = b"\0\x0a\0\x08" + rng.bytes(8) if edns and rng.random() < 0.4 else b""
    size = pick(rng, (1232, 4096, 512))
    extra = b"\0" + struct.pack(">HHIH", 41, size, 0, len(cookie)) + cookie if edns else b""
    head = struct.pack(">HHHHHH", int(rng.integers(65536)), 0x0100, 1, 0, 0, int(edns))
    return head + _name(name) + struct.pack(">HH", kind, 1) + extra


def dns_response(rng: np.random.Generator, query: bytes, name: str, kind: int) -> bytes:
    """A response: answers of the type that was asked for, or none."""
    question = _name(name) + struct.pack(">HH", kind, 1)
    u = rng.random()
    answers = 0 if u < 0.15 else int(rng.integers(1, 7))
    code = 3 if u < 0.08 else 0
    out = b""
    for _ in range(answers):
        if kind == 1:
            data = rng.bytes(4)
        elif kind == 28:
            data = b"\x26" + rng.bytes(15)
        elif kind == 16:
            text = hostname(rng).encode()
            data = bytes((len(text),)) + text
        elif kind == 15:
            data = struct.pack(">H", 10) + _name(hostname(rng))
        elif kind == 33:
            data = struct.pack(">HHH", 0, 5, 443) + _name(hostname(rng))
        elif kind == 6:
            data = _name(hostname(rng)) + _name(hostname(rng)) + rng.bytes(20)
        elif kind == 65:
            data = struct.pack(">H", 1) + b"\0" + bytes((0, 1, 0, 3)) + b"\x02h2"
        else:
            data = _name(hostname(rng))
        out += (
            b"\xc0\x0c"
            + struct.pack(">HHIH", kind, 1, int(rng.integers(20, 86400)), len(data))
            + data
        )
    head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, answers, 0, 0)
    return head + question + out


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns(Profile):
    """Lookups of one client, each from a port of its own, A and AAAA often together.

    Parameters
    ----------
    lookups : tuple of int
        Bounds of the number of names.
    one_port : bool
        Whether the client keeps its source port (old resolvers, forwarders).
    """

    lookups: tuple[int, int] = (1, 12)
    one_port: bool = False

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the lookups of one client."""
        ends = net.ends(rng, new=0.1)
        edns = bool(rng.random() < 0.6)
        convs: list[Conversation] = []
        at = 0.0
        port = ephemeral(rng, ends)
        shared = Conversation(ends, 17, sport=port, dport=53)
        for _ in range(int(rng.integers(self.lookups[0], self.lookups[1] + 1))):
            name = hostname(rng)
            kind = pick(rng, _TYPES)
            kinds = (1, 28) if kind == 1 and rng.random() < 0.5 else (kind,)
            for k in kinds:
                port = ephemeral(rng, ends)
                conv = (
                    shared
                    if self.one_port
                    else Conversation(ends, 17, sport=port, dport=53, start=at)
                )
                query = dns_query(rng, name, k, edns=edns)
                if self.one_port:
                    conv.wait(at)
                    conv.last = 0
                conv.say(0, query)
                if rng.random() > 0.02:
                    think = loguniform(rng, 1e-4, 0.05)
                    conv.say(1, dns_response(rng, query, name, k), think)
                if not self.one_port:
                    convs.append(conv)
            at += loguniform(rng, 0.01, 20)
        return convs or [shared]


PROFILES: tuple[Profile, ...] = (
    Dns(name="dns.client", about="Stub resolvers of ordinary programs (RFC 1035)."),
    Dns(
        name="dns.forwarder",
        about="A forwarder with one source port (RFC 5452, section 9.2).",
        lookups=(10, 120),
        one_port=True,
    ),
)
