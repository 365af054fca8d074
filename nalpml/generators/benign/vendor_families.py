"""All profiles of the vendor families, in one tuple."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.benign import vendor_fragments, vendor_random

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (*vendor_random.PROFILES, *vendor_fragments.PROFILES)
"""Profiles of every module whose name starts with ``vendor_``."""
