"""All profiles of the vendor families, in one tuple."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.benign import (
    vendor_chat,
    vendor_crypto,
    vendor_enterprise,
    vendor_fragments,
    vendor_games,
    vendor_iot,
    vendor_network,
    vendor_operator,
    vendor_p2p,
    vendor_plant,
    vendor_random,
    vendor_rpc,
)

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (
    *vendor_random.PROFILES,
    *vendor_fragments.PROFILES,
    *vendor_iot.PROFILES,
    *vendor_chat.PROFILES,
    *vendor_enterprise.PROFILES,
    *vendor_games.PROFILES,
    *vendor_crypto.PROFILES,
    *vendor_network.PROFILES,
    *vendor_operator.PROFILES,
    *vendor_rpc.PROFILES,
    *vendor_p2p.PROFILES,
    *vendor_plant.PROFILES,
)
"""Profiles of every module whose name starts with ``vendor_``."""
