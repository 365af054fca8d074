"""Covert channels, one file a family; each packet carries the family's label."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.covert import (
    actors,
    beats,
    header_storage,
    icmp_other,
    icmp_slow,
    icmp_tunnel,
    implants,
    ip_tunnel,
    knock,
    pulse,
    sealed,
    serial_over_lan,
    series,
    socks,
    software,
    tcp_c2,
    timing,
    udp_c2,
    vsock_c2,
)

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (
    *icmp_tunnel.PROFILES,
    *udp_c2.PROFILES,
    *tcp_c2.PROFILES,
    *socks.PROFILES,
    *serial_over_lan.PROFILES,
    *ip_tunnel.PROFILES,
    *header_storage.PROFILES,
    *timing.PROFILES,
    *vsock_c2.PROFILES,
    *knock.PROFILES,
    *actors.PROFILES,
    *software.PROFILES,
    *pulse.PROFILES,
    *icmp_other.PROFILES,
    *series.PROFILES,
    *sealed.PROFILES,
    *implants.PROFILES,
    *beats.PROFILES,
    *icmp_slow.PROFILES,
)
"""Every covert profile."""
