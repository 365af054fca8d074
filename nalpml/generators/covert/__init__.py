"""Covert channels, one file a family; each packet carries the family's label."""

from __future__ import annotations

from nalpml.generators._profile import Profile

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = ()
"""Every covert profile."""
