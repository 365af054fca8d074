"""Ordinary traffic, with the same care as the covert: it decides how often the detector cries wolf."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.benign import bulk, dns, ping, tls

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (
    *ping.PROFILES,
    *dns.PROFILES,
    *tls.PROFILES,
    *bulk.PROFILES,
)
"""Every benign profile."""
