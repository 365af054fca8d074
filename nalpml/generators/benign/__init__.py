"""Ordinary traffic: it decides how often the detector cries wolf."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.benign import (
    agents,
    bare,
    bulk,
    database,
    discovery,
    dns,
    guests,
    icmp_control,
    industrial,
    line_server,
    management,
    media,
    node_rpc,
    noise,
    ping,
    ping_library,
    polls,
    private,
    remote,
    reporters,
    ssh,
    text,
    tls,
    tunnel_sides,
    vendor_families,
    vpn,
    web,
)

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (
    *ping.PROFILES,
    *icmp_control.PROFILES,
    *dns.PROFILES,
    *discovery.PROFILES,
    *management.PROFILES,
    *tls.PROFILES,
    *web.PROFILES,
    *ssh.PROFILES,
    *remote.PROFILES,
    *text.PROFILES,
    *database.PROFILES,
    *industrial.PROFILES,
    *media.PROFILES,
    *vpn.PROFILES,
    *bulk.PROFILES,
    *private.PROFILES,
    *polls.PROFILES,
    *noise.PROFILES,
    *guests.PROFILES,
    *vendor_families.PROFILES,
    *bare.PROFILES,
    *ping_library.PROFILES,
    *line_server.PROFILES,
    *node_rpc.PROFILES,
    *agents.PROFILES,
    *tunnel_sides.PROFILES,
    *reporters.PROFILES,
)
"""Every benign profile."""
