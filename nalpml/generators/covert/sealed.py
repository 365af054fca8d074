"""VPNs where none belongs: encrypted tunnels between ports of DNS, NTP, the web.

What firewalls let out is what such tunnels use, often at both ends (uanytun, fastd, n2n and
WireGuard are told so by users who are blocked). The packets are those of `benign.tunnel_sides`:
only the port is not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.tunnel_sides import sealed_tunnel

__all__ = ["PROFILES", "SealedTunnel"]

_PORTS = (53, 53, 53, 123, 123, 443, 443, 443, 80, 161, 514, 1900, 3478, 5353, 67, 69)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTunnel(Profile):
    """An encrypted tunnel on a borrowed port.

    Parameters
    ----------
    equal : float
        Probability that both ends use the port.
    ports : tuple of int
        Ports to choose from.
    """

    equal: float = 0.5
    ports: tuple[int, ...] = _PORTS

    label: ClassVar[str] = "udp_c2"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw some minutes of one tunnel."""
        port = pick(rng, self.ports)
        conv = udp(rng, net, port, scope=pick(rng, ("wan", "wan", "lan")), version=4)
        conv.sport = port if rng.random() < self.equal else ephemeral(rng, conv.ends)
        sealed_tunnel(rng, net, conv)
        return [conv]


PROFILES: tuple[Profile, ...] = (
    SealedTunnel(name="udp_c2.sealed", about="Encrypted tunnels on borrowed ports."),
    SealedTunnel(
        name="udp_c2.sealed_equal", about="The same with one port at both ends.", equal=1.0
    ),
)
