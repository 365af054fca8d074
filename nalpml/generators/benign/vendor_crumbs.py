"""Magic packets, and banners read by somebody who only looks.

The Wake-on-LAN white paper (AMD, 1995), RFC 9293.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_design import Design
from nalpml.generators.benign.vendor_fragments import middle
from nalpml.generators.benign.vendor_partial import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    segment,
)

__all__ = ["PROFILES"]

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake(Profile):
    """Wake-on-LAN: six octets of ones and sixteen times the address, by UDP or bare Ethernet."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw a few magic packets."""
        host = net.host(rng)
        ends: Ends = net.ends(rng, scope="lan", version=4)
        conv = udp(rng, net, int(pick(rng, (9, 9, 7, 40000))), ends=ends)
        text = b"\xff" * 6 + host.mac.to_bytes(6, "big") * 16 + pick(rng, (b"", b"", rng.bytes(6)))
        for _ in range(int(rng.geometric(0.4))):
            conv.say(0, text, loguniform(rng, 1e-4, 1))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting(Profile):
    """Servers that speak first to somebody who only looks: banners, and the end."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one look."""
        conv, name = middle(rng, net), hostname(rng)
        rtt = conv.ends.path.rtt
        banner = pick(
            rng,
            (
                f"220 {name} ready\r\n".encode(),
                f"{word(rng)} {name} 1.0\n".encode(),
                b"+OK\r\n",
                Design(rng, datagram=False).message(int(rng.integers(4, 90)), 1),
            ),
        )
        for d, flags in ((0, SYN), (1, SYN | ACK), (0, ACK)):
            segment(conv, d, gap=rtt / 2, flags=flags)
        segment(conv, 1, banner[:1300], gap=loguniform(rng, 1e-4, 1), flags=ACK | PSH)
        segment(conv, 0, gap=rtt)
        if rng.random() < 0.5:
            segment(
                conv,
                0,
                pick(rng, (b"\r\n", b"QUIT\r\n", b"GET / HTTP/1.0\r\n\r\n")),
                gap=0.01,
                flags=ACK | PSH,
            )
        segment(
            conv,
            int(rng.integers(2)),
            gap=loguniform(rng, 1e-3, 20),
            flags=pick(rng, (FIN | ACK, RST | ACK, RST)),
        )
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Wake(name="vendor.fragment_wake", about="Magic packets (AMD, 1995)."),
    Greeting(name="vendor.fragment_greeting", about="Banners to somebody who only looks."),
)  # fmt: skip
