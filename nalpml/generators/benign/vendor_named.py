"""A named protocol as one function that writes its messages, and the profile that plays it."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral, tcp, to_group, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_partial import pieces

__all__ = [
    "Moved",
    "Named",
    "Writer",
    "cipher",
    "lot",
    "rounds",
    "short",
    "sized",
    "text16",
    "wait",
]

Writer = Callable[[np.random.Generator, Conversation], None]
"""Writes the messages of one conversation."""


def lot(rng: np.random.Generator, low: float, high: float) -> int:
    """A whole number, log-uniform."""
    return int(loguniform(rng, low, high))


def wait(rng: np.random.Generator) -> float:
    """Seconds a program takes to answer."""
    return loguniform(rng, 1e-4, 0.05)


def short(value: int) -> bytes:
    """Two octets, big-endian."""
    return struct.pack(">H", value & 0xFFFF)


def sized(text: bytes, code: str = ">I", extra: int = 0) -> bytes:
    """A body after its length.

    Examples
    --------
    >>> sized(b"abc", ">H", 2).hex()
    '0005616263'
    """
    return struct.pack(code, len(text) + extra) + text


def text16(value: str) -> bytes:
    """Text after two octets of length."""
    return sized(value.encode(), ">H")


def cipher(rng: np.random.Generator, low: float, high: float) -> bytes:
    """Octets nobody can read, log-uniform in number."""
    return rng.bytes(lot(rng, low, high))


def rounds(
    rng: np.random.Generator,
    conv: Conversation,
    ask: Callable[[int], bytes],
    answer: Callable[[int], bytes],
    *,
    most: int = 60,
    pause: tuple[float, float] = (2e-3, 8.0),
    limit: float = 300.0,
) -> None:
    """Requests and answers; an empty answer is none; every third conversation is periodic."""
    gap, clock = loguniform(rng, *pause), rng.random() < 0.33
    if clock and gap > 0.3:
        gap = float(round(gap)) or 0.5
    for k in range(lot(rng, 1, most)):
        conv.say(0, ask(k), gap * (1.0 if clock else float(rng.exponential())) + 1e-4)
        text = answer(k)
        if text:
            conv.say(1, text, wait(rng))
        if conv.now > limit:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Profile):
    """A protocol with a name, on its own ports.

    Parameters
    ----------
    write : Writer
        Writes one conversation.
    ports : tuple of int
        Server ports to choose from.
    over : {"tcp", "udp"}
        Transport.
    sport : int
        Source port; 0 an ephemeral one, -1 the same as the server's in most cases.
    scope : {"lan", "wan", None}
        Where the server is.
    group : int
        IPv4 group or broadcast address it is sent to, 0 for one host.
    most : int
        Conversations of an episode at most, between the same hosts.
    partial : float
        Probability that only a part was captured.
    """

    write: Writer
    ports: tuple[int, ...]
    over: str = "tcp"
    sport: int = 0
    scope: str | None = "lan"
    group: int = 0
    most: int = 1
    partial: float = 0.35

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one episode: one or more conversations between two hosts."""
        port = pick(rng, self.ports)
        source: int | None = self.sport or None
        if self.sport == -1:
            source = port if rng.random() < 0.75 else None
        scope = self.scope if rng.random() < 0.85 else None
        if self.group:
            ends = to_group(rng, net, net.host(rng), self.group, 0)
            first = Conversation(ends, 17, sport=source or ephemeral(rng, ends), dport=port)
        elif self.over == "udp":
            first = udp(rng, net, port, scope=scope, sport=source)
        else:
            first = tcp(rng, net, port, scope=scope)
        out, at, gap = [first], 0.0, loguniform(rng, 0.01, 30)
        for _ in range(int(rng.integers(0, self.most))):
            at += gap * float(rng.exponential())
            sport = source or ephemeral(rng, first.ends)
            if sport == first.sport:
                break
            out.append(
                Conversation(
                    first.ends,
                    first.proto,
                    sport=sport,
                    dport=port,
                    start=at,
                    closing=first.closing,
                    closer=first.closer,
                )
            )
        for conv in out:
            self.write(rng, conv)
        return pieces(rng, out, self.partial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Profile):
    """Known protocols on ports not their own: second instances, containers, forwarded ports.

    Parameters
    ----------
    choices : tuple of Named
        What may be moved.
    """

    choices: tuple[Named, ...]

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one episode of one of them."""
        port = int(rng.integers(1024, 62000))
        chosen = pick(rng, self.choices)
        return dataclasses.replace(chosen, ports=(port,)).conversations(rng, net)
