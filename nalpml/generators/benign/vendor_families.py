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
    vendor_media,
    vendor_network,
    vendor_office,
    vendor_operator,
    vendor_p2p,
    vendor_plant,
    vendor_random,
    vendor_rpc,
)
from nalpml.generators.benign.vendor_named import Moved, Named

__all__ = ["PROFILES"]

_OWN: tuple[Profile, ...] = (
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
    *vendor_office.PROFILES,
    *vendor_media.PROFILES,
)

_NAMED = tuple(p for p in _OWN if isinstance(p, Named) and not p.group)

PROFILES: tuple[Profile, ...] = (
    *_OWN,
    Moved(
        name="vendor.moved_tcp",
        about="Named protocols of streams on other ports.",
        choices=tuple(p for p in _NAMED if p.over == "tcp"),
    ),
    Moved(
        name="vendor.moved_udp",
        about="Named protocols of datagrams on other ports.",
        choices=tuple(p for p in _NAMED if p.over == "udp"),
    ),
)
"""Profiles of every module whose name starts with ``vendor_``."""
