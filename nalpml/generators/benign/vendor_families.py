"""All profiles of the vendor families, in one tuple."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.benign import vendor_random

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (*vendor_random.PROFILES,)
"""Profiles of every module whose name starts with ``vendor_``."""
