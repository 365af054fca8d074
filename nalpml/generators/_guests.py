"""Virtual machines and their host as the two ends of VSOCK conversations."""

from __future__ import annotations

import dataclasses

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network

__all__ = ["guest_ends", "vsock", "vsock_port"]


def guest_ends(rng: np.random.Generator, net: Network) -> Ends:
    """A guest and its host, either as the originator, or loopback (context identifier 1)."""
    client, server = net.host(rng), net.host(rng)
    path = net.path(rng, client=client, server=server)
    u = rng.random()
    if u < 0.35:
        cids = (1, 1)
    else:
        guest = 3 if rng.random() < 0.6 else int(rng.integers(3, 60))
        cids = (guest, 2) if rng.random() < 0.6 else (2, guest)
    latency = loguniform(rng, 2e-5, 1e-3)
    largest = 65536 if u < 0.35 or rng.random() < 0.5 else 3732
    path = dataclasses.replace(
        path, rtt=2 * latency, jitter=latency * 0.3, near=0.5, mtu=largest, rate=1e9
    )
    return Ends(
        client=dataclasses.replace(client, v4=cids[0]),
        server=dataclasses.replace(server, v4=cids[1]),
        version=4,
        path=path,
    )


def vsock_port(rng: np.random.Generator) -> int:
    """A listening port: well known, of 16 bits or of 32."""
    known = pick(rng, (1024, 1234, 9999, 1030, 5005, 22, 443, 9100))
    small, wide = int(rng.integers(1, 65536)), int(rng.integers(1024, 1 << 32))
    return int(pick(rng, (known, known, small, small, wide)))


def vsock(
    rng: np.random.Generator,
    net: Network,
    port: int,
    *,
    ends: Ends | None = None,
    start: float = 0.0,
    seqpacket: bool = False,
) -> Conversation:
    """A VSOCK conversation from a 32-bit ephemeral port."""
    ends = ends or guest_ends(rng, net)
    sport = (
        int(rng.integers(1 << 16, 1 << 32))
        if rng.random() < 0.9
        else int(rng.integers(1024, 1 << 16))
    )
    conv = Conversation(
        ends,
        256,
        sport=sport,
        dport=port,
        start=start,
        closing=pick(rng, ("fin", "fin", "none")),
        closer=int(rng.integers(2)),
    )
    conv.now = 4 * ends.path.owd + 2e-4
    if seqpacket:
        conv.at(conv.now, 0, b"", 2)
    return conv
