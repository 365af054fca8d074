"""Baseboard management without Serial over LAN: polling of sensors, power and logs (IPMI 2.0)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._ipmi import Session, asf_ping
from nalpml.generators._network import Network
from nalpml.generators._ports import udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.web import Http

__all__ = ["PROFILES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ipmi(Profile):
    """A console that reads sensors, chassis status, FRU or the event log.

    Parameters
    ----------
    discover : bool
        Whether only presence pings are sent, to many addresses.
    """

    discover: bool = False

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one run of the tool, or one sweep."""
        if self.discover:
            out = []
            for k in range(int(rng.integers(2, 30))):
                conv = udp(rng, net, 623, scope="lan", start=k * 0.05, version=4)
                asf_ping(conv, rng)
                out.append(conv)
            return out
        conv = udp(rng, net, 623, scope=pick(rng, ("lan", "lan", "wan")))
        if rng.random() < 0.2:
            asf_ping(conv, rng)
        session = Session(conv, rng, suite=pick(rng, (3, 3, 3, 17, 17, 2, 1, 0)))
        session.open()
        kind = pick(rng, ("sensors", "power", "log", "fru"))
        rounds = int(rng.integers(1, 6))
        for _ in range(rounds):
            if kind == "sensors":
                session.request(10, 0x22, b"", b"\x34\x12")
                for k in range(int(rng.integers(5, 60))):
                    session.request(
                        10,
                        0x23,
                        struct.pack("<HHBB", 0x1234, k, 0, 64),
                        rng.bytes(int(rng.integers(20, 66))),
                    )
                    session.request(
                        4, 0x2D, bytes((k,)), bytes((int(rng.integers(20, 90)), 0xC0, 0, 0))
                    )
            elif kind == "power":
                session.request(0, 0x01, b"", b"\x21\x10\x40\x70")
            elif kind == "log":
                for k in range(int(rng.integers(3, 40))):
                    session.request(
                        10,
                        0x43,
                        struct.pack("<HHBB", 0, k, 0, 255),
                        struct.pack("<H", k + 1) + rng.bytes(16),
                    )
            else:
                for k in range(int(rng.integers(3, 20))):
                    session.request(
                        10, 0x11, struct.pack("<BHB", 0, 16 * k, 16), b"\x10" + rng.bytes(16)
                    )
            conv.now += loguniform(rng, 1, 60) if rounds > 1 else 0
            if conv.now > net.duration:
                break
        session.close()
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Ipmi(
        name="management.ipmi",
        about="ipmitool sensor, sel, fru and chassis: a session without SOL.",
    ),
    Ipmi(
        name="management.discovery", about="RMCP presence pings to many addresses.", discover=True
    ),
    Http(
        name="management.web",
        about="A management controller's web page (AMT 16992, iLO, Redfish).",
        ports=(16992, 8080, 80, 17988),
        scope="lan",
        exchanges=(2, 30),
    ),
)
