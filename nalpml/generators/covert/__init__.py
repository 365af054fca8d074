"""Covert channels, one file a family; each packet carries the family's label."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.covert import icmp_tunnel, tcp_c2, udp_c2

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (
    *icmp_tunnel.PROFILES,
    *udp_c2.PROFILES,
    *tcp_c2.PROFILES,
)
"""Every covert profile."""
