"""Operating systems, as far as the headers they write tell them apart.

p0f's and Nmap's published fingerprints, RFC 6056 (source ports), RFC 6274 (IP identification).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SYSTEMS", "System"]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What an operating system fixes."""

    name: str
    ttl: int
    syn: str
    """Order of SYN options: M mss, S sack-permitted, T timestamps, N nop, W window scale, E end."""
    window: tuple[int, ...]
    scale: tuple[int, ...]
    ports: tuple[int, int]
    ip_id: tuple[str, ...]
    """Policy of the IP identification: zero, inc (per flow), bg (shared counter) or random."""
    delayed_ack: tuple[float, float]
    weight: float
    server: float
    """Weight among servers."""


SYSTEMS: tuple[System, ...] = (
    System(
        name="linux",
        ttl=64,
        syn="MSTNW",
        window=(64240, 64240, 29200, 65160, 42340),
        scale=(7, 7, 7, 8, 9, 10),
        ports=(32768, 60999),
        ip_id=("inc", "inc", "inc", "zero"),
        delayed_ack=(0.04, 0.044),
        weight=4,
        server=8,
    ),
    System(
        name="windows",
        ttl=128,
        syn="MNWNNS",
        window=(64240, 65535, 8192),
        scale=(8, 8, 2),
        ports=(49152, 65535),
        ip_id=("bg", "inc"),
        delayed_ack=(0.03, 0.2),
        weight=5,
        server=2.5,
    ),
    System(
        name="macos",
        ttl=64,
        syn="MNWNNTSEE",
        window=(65535,),
        scale=(5, 6),
        ports=(49152, 65535),
        ip_id=("zero", "zero", "random"),
        delayed_ack=(0.01, 0.1),
        weight=2,
        server=0.2,
    ),
    System(
        name="bsd",
        ttl=64,
        syn="MNWST",
        window=(65535, 65228, 16384),
        scale=(6, 7, 3),
        ports=(10000, 65535),
        ip_id=("random", "zero"),
        delayed_ack=(0.01, 0.1),
        weight=0.5,
        server=1,
    ),
    System(
        name="android",
        ttl=64,
        syn="MSTNW",
        window=(65535, 64240),
        scale=(8, 9),
        ports=(32768, 60999),
        ip_id=("inc", "inc", "zero"),
        delayed_ack=(0.04, 0.048),
        weight=1.5,
        server=0.05,
    ),
    System(
        name="embedded",
        ttl=255,
        syn="M",
        window=(5840, 2144, 4128, 8192, 17520),
        scale=(0,),
        ports=(1024, 65535),
        ip_id=("inc", "bg", "random"),
        delayed_ack=(0.05, 0.25),
        weight=1,
        server=0.8,
    ),
    System(
        name="appliance",
        ttl=64,
        syn="MSTNW",
        window=(5840, 14600, 28960),
        scale=(0, 2, 7),
        ports=(1024, 65535),
        ip_id=("inc", "zero"),
        delayed_ack=(0.04, 0.048),
        weight=0.7,
        server=1,
    ),
    System(
        name="windows_old",
        ttl=128,
        syn="MNNS",
        window=(65535, 16384, 64512),
        scale=(0,),
        ports=(1025, 5000),
        ip_id=("bg",),
        delayed_ack=(0.1, 0.2),
        weight=0.3,
        server=0.3,
    ),
    System(
        name="unix",
        ttl=255,
        syn="NNTMNWNNS",
        window=(49640, 32850, 64240),
        scale=(0, 1),
        ports=(32768, 65535),
        ip_id=("inc", "bg"),
        delayed_ack=(0.05, 0.1),
        weight=0.2,
        server=0.4,
    ),
)
