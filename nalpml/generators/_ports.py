"""Opening a conversation from a client's ephemeral port."""

from __future__ import annotations

import dataclasses

import numpy as np

from nalpml.generators._content import pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Host, Network

__all__ = ["ephemeral", "tcp", "to_group", "udp"]


def ephemeral(rng: np.random.Generator, ends: Ends) -> int:
    """A source port of the originator's system, or of the router that translates it."""
    low, high = ends.client.system.ports
    if ends.path.nat:
        low, high = ends.path.nat, min(65535, ends.path.nat + 15000)
    return int(rng.integers(low, high + 1))


def tcp(
    rng: np.random.Generator,
    net: Network,
    dport: int,
    *,
    scope: str | None = None,
    ends: Ends | None = None,
    start: float = 0.0,
    version: int | None = None,
    new: float = 0.5,
) -> Conversation:
    """A TCP conversation between drawn (or given) hosts, ended as programs end them."""
    ends = ends or net.ends(rng, scope=scope, new=new, version=version)
    return Conversation(
        ends,
        6,
        sport=ephemeral(rng, ends),
        dport=dport,
        start=start,
        closing=pick(rng, ("fin", "fin", "fin", "rst", "none")),
        closer=int(rng.integers(2)),
    )


def udp(
    rng: np.random.Generator,
    net: Network,
    dport: int,
    *,
    scope: str | None = None,
    ends: Ends | None = None,
    start: float = 0.0,
    sport: int | None = None,
    version: int | None = None,
    new: float = 0.5,
) -> Conversation:
    """A UDP conversation between drawn (or given) hosts."""
    ends = ends or net.ends(rng, scope=scope, new=new, version=version)
    sport = ephemeral(rng, ends) if sport is None else sport
    return Conversation(ends, 17, sport=sport, dport=dport, start=start)


def to_group(rng: np.random.Generator, net: Network, host: Host, v4: int, v6: int) -> Ends:
    """Ends of a multicast or broadcast message from a host inside.

    Parameters
    ----------
    v4, v6 : int
        Group addresses; the version is 4 unless `v4` is 0.
    """
    version = 4 if v4 else 6
    mac = 0x01005E000000 | (v4 & 0x7FFFFF) if version == 4 else 0x333300000000 | (v6 & 0xFFFFFFFF)
    if v4 == 0xFFFFFFFF:
        mac = 0xFFFFFFFFFFFF
    group = dataclasses.replace(host, mac=mac, v4=v4, v6=(v6 >> 64, v6 & 0xFFFFFFFFFFFFFFFF))
    path = net.path(rng, client=host, server=host)
    path = dataclasses.replace(path, macs=(host.mac, mac), hops=(0, 0), loss=0.0, mtu=1500)
    return Ends(client=host, server=group, version=version, path=path)
