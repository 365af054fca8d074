"""Data that leaves in ordinary pings, a few octets at a time, and comes back as it went.

One-way exfiltration in the fill of echo requests that the other host's kernel returns: behind the
clock and before the end of what a system's own ping sends, in all of a small echo, or as the
pattern of ``ping -p``, once a second or a minute, for as long as it takes. What changes from
request to request is what an honest ping repeats. The twins are pings of systems and libraries
(`benign.ping`, `benign.ping_library`) at the same sizes and paces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import encode, file_octets, loguniform, output, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._grammar import interval_of, waits
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators._terminal import Terminal
from nalpml.generators.benign.ping import TOOLS, ping_data
from nalpml.generators.benign.ping_library import program_limit

__all__ = ["PROFILES", "SlowEcho"]

Rng = np.random.Generator
_CODINGS = ("clear", "clear", "base64", "hex", "xor", "compressed", "arc4", "encrypted")
COVERS = ("tail", "middle", "whole", "pattern", "lead")


def _dress(
    rng: Rng, cover: str, size: int, room: int
) -> tuple[int, Callable[[bytes, float], bytes]]:
    """Octets an echo carries, and the echo around them at a time."""
    tool = pick(rng, TOOLS)
    if cover == "whole":
        return room, lambda part, now: part
    if cover == "pattern":
        return 16, lambda part, now: ping_data(tool, size, now, rng, part)
    keep = 16 if size >= 24 else 0
    carried = int(np.clip(room, 1, max(1, size - keep)))
    start = {"tail": size - carried, "lead": keep}.get(cover, keep + (size - keep - carried) // 2)

    def dress(part: bytes, now: float) -> bytes:
        plain = ping_data(tool, size, now, rng)
        return (plain[:start] + part + plain[start + len(part) :])[: max(size, len(part))]

    return carried, dress


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowEcho(Profile):
    """A message in the fill of echo requests that a kernel answers.

    Parameters
    ----------
    covers : tuple of str
        Of ``tail`` (the end of an ordinary fill), ``middle``, ``lead`` (behind the clock),
        ``pattern`` (sixteen octets repeated) and ``whole`` (nothing but data).
    interval : tuple of float
        Bounds of the seconds between requests.
    count : tuple of int
        Bounds of the requests, log-uniform.
    codings : tuple of str
        Encodings to choose from.
    """

    covers: tuple[str, ...] = COVERS
    interval: tuple[float, float] = (1.0, 60.0)
    count: tuple[int, int] = (8, 200)
    codings: tuple[str, ...] = _CODINGS

    label: ClassVar[str] = "icmp_tunnel"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one message leaving."""
        ends = net.ends(rng, new=0.5, inbound=False)
        size = int(pick(rng, (32, 56, 56, 56, 64, 64, 84, 100, 128, 512, 1000)))
        room = int(loguniform(rng, 4, min(size, 400)))
        carried, dress = _dress(rng, pick(rng, self.covers), size, room)
        interval = interval_of(rng, *self.interval)
        jitter = float(pick(rng, (0, 0, 0.02, 0.1, 0.3)))
        count = int(np.clip(net.duration / interval, 3, loguniform(rng, *self.count)))
        text = self._message(rng, count * carried)
        wire = encode(rng, pick(rng, self.codings), text, rng.bytes(int(pick(rng, (1, 4, 16)))))
        parts = [wire[low : low + carried] for low in range(0, len(wire), carried)][:count]
        ident, first = int(rng.integers(65536)), int(pick(rng, (0, 1, 1)))
        numbered = pick(rng, (1, 1, 1, 0, 256))
        think, silent = loguniform(rng, 5e-6, 3e-4), rng.random() < 0.05
        conv, at = icmp_conversation(ends), 0.0
        conv.hook = program_limit(rng, ends)
        for n, part in enumerate(parts):
            data = dress(part, at)
            request_and_reply(
                conv, ident=ident, seq=(first + n * numbered) & 0xFFFF, data=data, at=at,
                reply=None if silent else data, think=think,
            )  # fmt: skip
            at += waits(rng, interval, jitter)
        return [conv]

    @staticmethod
    def _message(rng: Rng, octets: int) -> bytes:
        style = rng.random()
        if style < 0.35:
            return output(rng, octets)
        if style < 0.7:
            return file_octets(rng, octets)
        shell, text = Terminal(rng), b""
        while len(text) < min(octets, 4000):
            text += b"".join(shell.line())
        return (text * (octets // len(text) + 1))[:octets]


PROFILES: tuple[Profile, ...] = (
    SlowEcho(name="icmp_tunnel.slow", about="Data in answered pings, a second to a minute apart."),
    SlowEcho(name="icmp_tunnel.fill", about="Data in the fill of answered system pings.",
             covers=("tail", "middle", "lead"), interval=(0.2, 10.0)),
)  # fmt: skip
