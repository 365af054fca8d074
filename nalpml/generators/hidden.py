"""Covert traffic that hides to a stated degree, to measure how far a detector follows.

These profiles are no part of `nalpml.generators.PROFILES`, so that no training mixture holds them:
they judge. Each way of hiding has one number, its strength, and all else is drawn as elsewhere.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile
from nalpml.generators.benign import PROFILES as ORDINARY
from nalpml.generators.benign.ping import ping_data
from nalpml.generators.covert.icmp_tunnel import IcmpTunnel
from nalpml.generators.covert.tcp_c2 import TcpC2
from nalpml.generators.covert.udp_c2 import UdpC2

__all__ = ["ALPHABETS", "CARRIERS", "WAYS", "Hidden"]

CARRIERS = ("icmp_tunnel", "udp_c2", "tcp_c2")

_TALK = ("shell", "keys", "beacon", "tasks", "log")
_SESSION = (200, 4_000)
"""Octets of a file, where a dialog sends one."""
_BASES: Mapping[str, Profile] = MappingProxyType(
    {
        "icmp_tunnel": IcmpTunnel(
            name="hidden.icmp", about="", kinds=_TALK, disguise=0.0, chunk=(8, 512),
            octets=_SESSION, limit=400,
        ),
        "udp_c2": UdpC2(name="hidden.udp", about="", kinds=_TALK, octets=_SESSION, limit=400),
        "tcp_c2": TcpC2(name="hidden.tcp", about="", kinds=_TALK, octets=_SESSION),
    }
)  # fmt: skip

ALPHABETS: tuple[tuple[float, str, bytes], ...] = (
    (0.0, "one octet", b"A"),
    (3.3, "digits", string.digits.encode()),
    (3.7, "words", b""),
    (4.0, "hexadecimal", b"0123456789abcdef"),
    (6.0, "base64", b""),
    (8.0, "ciphertext", b""),
)
"""Bits an octet (of an endless message), what the content is, and its octets where they are few."""

_WORDS = (
    b"the of and to in a is that for it as was with be by on not he his but at are this have from "
    b"or had an they which one you were all her she there would their we him been has when who "
)


def _text(rng: np.random.Generator, kind: str, size: int) -> bytes:
    alphabet = next(a for _, name, a in ALPHABETS if name == kind)
    if alphabet:
        return bytes(np.frombuffer(alphabet, np.uint8)[rng.integers(0, len(alphabet), size)])
    if kind == "words":
        words = _WORDS.split()
        drawn = b" ".join(words[int(k)] for k in rng.integers(0, len(words), size + 8))
        # A key of a session is any letter of a word, not its first.
        low = int(rng.integers(12))
        return drawn[low : low + size]
    if kind == "base64":
        return base64.b64encode(rng.bytes(size))[:size]
    return rng.bytes(size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden(Profile):
    """One way of hiding at one strength.

    Parameters
    ----------
    way : str
        One of `WAYS`.
    carrier : str
        One of `CARRIERS`; ``content``, ``padding``, ``jitter``, ``interval`` and ``beside`` ask.
    strength : float
        What it means stands beside each way.
    """

    way: str
    carrier: str = "icmp_tunnel"
    strength: float

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        return WAYS[self.way](self, rng, net)


def _ends(rng: np.random.Generator, net: Network) -> Ends:
    # A host outside that nobody else talks to: a session is a pair of hosts.
    return net.ends(rng, scope="wan", inbound=False, new=1.0)


# ------------------------------------------------------------------------------- ordinary pings


def _ping(
    rng: np.random.Generator,
    net: Network,
    carry: Callable[[int, int], int],
    *,
    mirrored: bool,
    count: int,
) -> list[Conversation]:
    """A ping of Linux, once a second, some of whose fill is ciphertext.

    ``carry(number, direction)`` octets of the fill, from its end, are replaced.
    """
    ends = _ends(rng, net)
    conv = icmp_conversation(ends)
    conv.label = "icmp_tunnel"
    ident, t = int(rng.integers(1, 65536)), 0.0

    def dressed(cover: bytes, octets: int) -> bytes:
        return cover[: len(cover) - octets] + rng.bytes(octets)

    for seq in range(1, count + 1):
        cover = ping_data("linux", 56, t, rng)
        data = dressed(cover, carry(seq, 0))
        reply = data if mirrored else dressed(cover, carry(seq, 1))
        request_and_reply(conv, ident=ident, seq=seq, data=data, at=t, reply=reply)
        t += 1.0 + float(rng.exponential(1e-3))
    return [conv]


def _mimicry(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Octets that each echo carries; the replies carry other ones."""
    octets = int(me.strength)
    return _ping(rng, net, lambda n, d: octets, mirrored=False, count=int(rng.integers(30, 120)))


def _mirrored(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Octets that each request carries; the kernel answers with the same."""
    octets = int(me.strength)
    return _ping(rng, net, lambda n, d: octets, mirrored=True, count=int(rng.integers(30, 120)))


def _within(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Share of the echoes of one ping that carry 40 octets each way; the others are ordinary."""
    carrying = rng.random(121) < me.strength
    carrying[1] = True  # a session without any data is none
    return _ping(rng, net, lambda n, d: 40 * int(carrying[n]), mirrored=False, count=120)


# ----------------------------------------------------------------------- what messages look like


def _changed(
    me: Hidden, rng: np.random.Generator, net: Network, change: Callable[[bytes, int], bytes]
) -> list[Conversation]:
    """A session of the carrier, every message of which is changed; equal ones stay equal."""
    convs = _BASES[me.carrier].conversations(rng, net)
    for conv in convs:
        conv.label = conv.label or me.carrier
        room = conv.ends.path.mtu - 80 if me.carrier != "tcp_c2" else 1 << 20
        known: dict[bytes, bytes] = {}
        for k, payload in enumerate(conv.payloads):
            if payload not in known:
                known[payload] = change(payload, room)
            conv.payloads[k] = known[payload]
    return convs


def _padding(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Octets to which every shorter message is filled with random ones."""
    octets = int(me.strength)

    def change(payload: bytes, room: int) -> bytes:
        return payload + rng.bytes(max(0, min(octets, room) - len(payload)))

    return _changed(me, rng, net, change)


def _content(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Bits an octet, one of those in `ALPHABETS`; sizes and times are what they were."""
    kind = next(name for bits, name, _ in ALPHABETS if bits == me.strength)
    return _changed(me, rng, net, lambda payload, room: _text(rng, kind, len(payload)))


# -------------------------------------------------------------------------------------- beacons


def _beacon(
    carrier: str,
    rng: np.random.Generator,
    ends: Ends,
    *,
    period: float,
    jitter: float,
    count: int,
) -> list[Conversation]:
    """Beacons of 40 to 200 octets, each a conversation of its own; every fourth is a task."""
    octets, answer = int(rng.integers(40, 200)), int(rng.integers(16, 100))
    ident, port = int(rng.integers(1, 65536)), int(rng.integers(1024, 65536))
    sport = ephemeral(rng, ends)
    out = []
    at = 0.0
    for beat in range(count):
        task = beat % 4 == 3
        ask = rng.bytes(octets)
        told = rng.bytes(answer + (int(loguniform(rng, 100, 1000)) if task else 0))
        if carrier == "icmp_tunnel":
            conv = icmp_conversation(ends, start=at)
            request_and_reply(conv, ident=ident, seq=beat, data=ask, at=0.0, reply=told)
        elif carrier == "udp_c2":
            conv = Conversation(ends, 17, sport=sport, dport=port, start=at)
            conv.say(0, ask)
            conv.say(1, told, 5e-3)
        else:
            conv = Conversation(ends, 6, sport=ephemeral(rng, ends), dport=port, start=at)
            conv.say(0, ask)
            conv.say(1, told, 5e-3)
        conv.label = carrier
        out.append(conv)
        at += period * float(1 + rng.uniform(-jitter, jitter))
    return out


def _jitter(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Share of the interval, up or down, by which each beacon is early or late."""
    period = loguniform(rng, 5, 30)
    return _beacon(
        me.carrier, rng, _ends(rng, net), period=period, jitter=me.strength, count=20
    )  # fmt: skip


def _interval(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Seconds between beacons, a tenth early or late."""
    return _beacon(me.carrier, rng, _ends(rng, net), period=me.strength, jitter=0.1, count=10)


# ----------------------------------------------------------------------- beside ordinary traffic


class _Between(Network):
    """A network in which everybody who asks gets the same two hosts."""

    __slots__ = ("given",)

    def __init__(self, net: Network, given: Ends) -> None:
        for name in net.__dataclass_fields__:
            setattr(self, name, getattr(net, name))
        self.given = given

    def ends(self, rng: np.random.Generator, **_: object) -> Ends:
        """Give the two hosts."""
        return self.given


_BESIDE = tuple(
    p for p in ORDINARY if p.name.split(".")[0] in ("tls", "http", "ssh", "dns", "ntp", "ping")
)


def _beside(me: Hidden, rng: np.random.Generator, net: Network) -> list[Conversation]:
    """Share of the conversations of a pair of hosts that are the beacon's."""
    ends = _ends(rng, net)
    out = _beacon(me.carrier, rng, ends, period=loguniform(rng, 5, 30), jitter=0.2, count=12)
    last = out[-1].start
    wanted = round(len(out) * (1 / me.strength - 1))
    same, pair = _Between(net, ends), {ends.client.v4, ends.server.v4}
    ordinary = 0
    while ordinary < wanted:
        start = float(rng.uniform(0, last))
        # Some profiles talk to further hosts, and some move more than a beacon's companion should.
        found = [
            conv
            for conv in pick(rng, _BESIDE).conversations(rng, same)
            if {conv.ends.client.v4, conv.ends.server.v4} == pair
            and sum(map(len, conv.payloads)) < 300_000
        ]
        for conv in found[: wanted - ordinary]:
            conv.start += start
            conv.label = conv.label or "benign"
            out.append(conv)
        ordinary += len(found)
    return out


WAYS: Mapping[str, Callable[[Hidden, np.random.Generator, Network], list[Conversation]]] = (
    MappingProxyType(
        {
            "mimicry": _mimicry,
            "mirrored": _mirrored,
            "within": _within,
            "padding": _padding,
            "content": _content,
            "jitter": _jitter,
            "interval": _interval,
            "beside": _beside,
        }
    )
)
"""Ways of hiding; the docstring of each says what its strength is."""
