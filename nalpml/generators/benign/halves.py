"""Ordinary traffic of which a capture shows less: one direction, a middle, two routes.

Taps on one fibre, asymmetric routing and mirrors show one side of calls, tunnels and streams
without their beginning; captures that join late show named protocols from their middle; packets
that take two routes in turn arrive with two hop counts (RFC 2991), which looks like a message in
the field and is none.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from nalpml.generators._common import Rows
from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation, Hook
from nalpml.generators._network import Ends, Network
from nalpml.generators._profile import Profile
from nalpml.generators.benign import media, tls, vendor_families, vpn, web
from nalpml.generators.benign.private import PROFILES as PRIVATE
from nalpml.generators.benign.reporters import PROFILES as REPORTERS
from nalpml.generators.benign.vendor_named import Named

__all__ = ["PROFILES", "Half", "NamedParts", "TwoRoutes"]

Rng = np.random.Generator
_VENDORS = {p.name: p for p in vendor_families.PROFILES}
_DATAGRAMS = (
    *media.PROFILES, *vpn.PROFILES,
    *(p for n, p in _VENDORS.items() if n.startswith(("crypto.", "chat.voice", "chat.team"))),
    *(_VENDORS[n] for n in ("vendor.meeting", "vendor.calls", "vendor.state", "vendor.media",
                            "vendor.tinc_udp", "operator.flows")),
)  # fmt: skip
_NAMED = tuple(p for p in vendor_families.PROFILES if isinstance(p, Named) and not p.group)
_ANY = (*tls.PROFILES, *web.PROFILES, *PRIVATE, *REPORTERS)


def _one_side(rng: Rng, conv: Conversation) -> Conversation | None:
    """What one direction of a conversation of datagrams shows, perhaps from its middle."""
    side = int(rng.integers(2))
    keep = [k for k in range(len(conv.t)) if conv.d[k] == side]
    keep = keep[int(len(keep) * float(rng.uniform(0, 0.7))) :] if rng.random() < 0.6 else keep
    if not keep:
        return None
    ends, sport, dport = conv.ends, conv.sport, conv.dport
    if side:
        path = ends.path
        path = dataclasses.replace(path, macs=path.macs[::-1], hops=path.hops[::-1])
        ends = Ends(client=ends.server, server=ends.client, version=ends.version, path=path)
        sport, dport = dport, sport
    out = Conversation(ends, conv.proto, sport=sport, dport=dport, start=conv.start)
    first = conv.t[keep[0]]
    for k in keep:
        out.at(conv.t[k] - first, 0, conv.payloads[k], conv.meta[k])
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Half(Profile):
    """One direction of datagram protocols.

    Parameters
    ----------
    choices : tuple of Profile
        What may be seen so.
    """

    choices: tuple[Profile, ...] = _DATAGRAMS

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one side of an episode."""
        for _ in range(20):
            whole = pick(rng, self.choices).conversations(rng, net)
            halves = [_one_side(rng, c) for c in whole if c.proto == 17 and c.hook is None]
            out = [c for c in halves if c is not None]
            if out:
                return out
        return [c for c in whole if c.t or c.proto == 6]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedParts(Profile):
    """Named protocols seen in part.

    Parameters
    ----------
    over : {"tcp", "udp"}
        Transport.
    """

    over: str = "tcp"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw parts of one episode."""
        chosen = pick(rng, [p for p in _NAMED if p.over == self.over])
        return dataclasses.replace(chosen, partial=1.0).conversations(rng, net)


def two_routes(rng: Rng) -> Hook:
    """Packets of one side (or both) over two routes, packet by packet or in runs."""
    apart, share = int(pick(rng, (1, 1, 1, 2, 3))), float(rng.uniform(0.2, 0.8))
    run, sides = loguniform(rng, 1, 30), pick(rng, ((0,), (1,), (1,), (0, 1)))

    def change(rows: Rows, rng: Rng) -> str:
        for side in sides:
            at = np.flatnonzero(rows["dir"] == side)
            if not len(at):
                continue
            # A new route is drawn with every run, which may be the same as before.
            starts = np.cumsum(rng.random(len(at)) < 1 / run)
            routes = rng.random(int(starts[-1]) + 1) < share
            ttl = rows["ttl"][at].astype(np.int64) - apart * routes[starts]
            rows["ttl"][at] = np.clip(ttl, 1, 255)
        return ""

    return change


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoRoutes(Profile):
    """Ordinary conversations whose packets take two routes.

    Parameters
    ----------
    choices : tuple of Profile
        What may be seen so.
    """

    choices: tuple[Profile, ...] = _ANY

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one episode over two routes."""
        out, hook = pick(rng, self.choices).conversations(rng, net), two_routes(rng)
        for conv in out:
            if conv.hook is None:
                conv.hook = hook
        return out


PROFILES: tuple[Profile, ...] = (
    Half(name="half.datagrams", about="One direction of calls, tunnels and media."),
    NamedParts(name="half.named_tcp", about="Named protocols of streams, from anywhere in them."),
    NamedParts(name="half.named_udp", about="Named protocols of datagrams, in part.", over="udp"),
    TwoRoutes(name="routes.two", about="Packets over two routes of unequal length (RFC 2991)."),
)
"""Ordinary traffic seen in part."""
