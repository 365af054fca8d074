"""All profiles of the vendor families, in one tuple."""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.benign import (
    vendor_brokers,
    vendor_chat,
    vendor_crumbs,
    vendor_crypto,
    vendor_enterprise,
    vendor_fragments,
    vendor_games,
    vendor_iot,
    vendor_media,
    vendor_monitor,
    vendor_network,
    vendor_office,
    vendor_operator,
    vendor_p2p,
    vendor_plant,
    vendor_random,
    vendor_rpc,
    vendor_services,
    vendor_sessions,
    vendor_signalling,
    vendor_storage,
    vendor_torrent,
    vendor_tunnels,
    vendor_vehicles,
    vendor_voice,
)
from nalpml.generators.benign.vendor_named import Moved, Named

__all__ = ["PROFILES"]

_OWN: tuple[Profile, ...] = (
    *vendor_brokers.PROFILES,
    *vendor_chat.PROFILES,
    *vendor_crumbs.PROFILES,
    *vendor_crypto.PROFILES,
    *vendor_enterprise.PROFILES,
    *vendor_fragments.PROFILES,
    *vendor_games.PROFILES,
    *vendor_iot.PROFILES,
    *vendor_media.PROFILES,
    *vendor_monitor.PROFILES,
    *vendor_network.PROFILES,
    *vendor_office.PROFILES,
    *vendor_operator.PROFILES,
    *vendor_p2p.PROFILES,
    *vendor_plant.PROFILES,
    *vendor_random.PROFILES,
    *vendor_rpc.PROFILES,
    *vendor_services.PROFILES,
    *vendor_sessions.PROFILES,
    *vendor_signalling.PROFILES,
    *vendor_storage.PROFILES,
    *vendor_torrent.PROFILES,
    *vendor_tunnels.PROFILES,
    *vendor_vehicles.PROFILES,
    *vendor_voice.PROFILES,
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
