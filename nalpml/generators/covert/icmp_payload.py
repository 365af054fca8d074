"""What ICMP tunnels put around their data: headers of tools, and the look of an ordinary ping."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import pick
from nalpml.generators._framing import Framer
from nalpml.generators.benign.ping import TOOLS, ping_data

__all__ = ["disguise", "tunnel_header"]


def tunnel_header(rng: np.random.Generator, style: str) -> Framer:
    """A function (payload, direction, number) -> framed payload."""
    style = (
        style if style != "any" else pick(rng, ("", "", "magic", "length", "sequence", "ptunnel"))
    )
    magic = rng.bytes(int(rng.choice([2, 4, 4, 8])))
    target = rng.bytes(4)
    if style == "ptunnel":
        number = pick(rng, (0xD5200880, 0xDEADC0DE, int(rng.integers(1 << 32))))
        ident = int(rng.integers(65536))
        port = int(rng.choice([22, 80, 443, 8080, 3389]))

        def ptunnel(part: bytes, d: int, n: int) -> bytes:
            state = (1 << 30 if d == 0 else 1 << 31) | 2
            head = struct.pack(
                ">I4sIIIIHH", number, target, port, state, n, len(part), n & 0xFFFF, ident
            )
            return head + part

        return ptunnel
    if style == "magic":
        return lambda part, d, n: magic + part
    if style == "length":
        order = pick(rng, (">", "<"))
        return lambda part, d, n: struct.pack(order + "H", len(part)) + part
    if style == "sequence":
        return lambda part, d, n: struct.pack(">HBB", n & 0xFFFF, d, len(part) & 255) + part
    return lambda part, d, n: part


def disguise(rng: np.random.Generator) -> Callable[[bytes, float], bytes]:
    """A function (payload, time) -> payload of an ordinary ping's size, data in its middle."""
    tool = pick(rng, TOOLS)
    size = int(pick(rng, (32, 56, 56, 64, 72, 100)))
    keep = 16 if tool in ("linux", "check_icmp") and size >= 32 else 0

    def dress(payload: bytes, t: float) -> bytes:
        cover = ping_data(tool, size, t, rng)
        body = payload[: max(1, size - keep)]
        return cover[:keep] + body + cover[keep + len(body) :]

    return dress
