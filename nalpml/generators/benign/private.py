"""Legitimate protocols nobody has a dissector for: the false alarms of real networks.

Every episode draws a protocol of its own, as vendors do: a header layout (magic, version, length,
type, sequence, checksum), an encoding of bodies (fixed records, protobuf-, MessagePack-, XML- and
JSON-like, or encrypted behind a structured handshake), a port, a rhythm, sizes. No single source;
the ranges cover RFC 6335's registered and dynamic ports and common serialisation formats.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.private_bodies import BODIES, private_body

__all__ = ["PROFILES", "Private", "private_header"]

RHYTHMS = ("requests", "regular", "stream", "push", "chat", "transfer", "single")


def private_header(
    rng: np.random.Generator, *, datagram: bool
) -> Callable[[bytes, int, int], bytes]:
    """A header layout: any of magic, version, type, length, sequence, session, check; or none."""
    if rng.random() < 0.15:
        end = b"" if datagram else pick(rng, (b"\n", b"\r\n", b"\0", b"\r\n\r\n"))
        return lambda body, kind, n: body + end
    order = pick(rng, ("<", ">"))
    magic = (
        word(rng)[: int(rng.integers(2, 5))].upper().encode()
        if rng.random() < 0.5
        else rng.bytes(2)
    )
    magic = magic if rng.random() < 0.6 else b""
    version = bytes((int(rng.integers(1, 6)),)) if rng.random() < 0.5 else b""
    wide = pick(rng, ("H", "I"))
    session = rng.bytes(4) if rng.random() < 0.35 else b""
    sequence, check = rng.random() < 0.6, rng.random() < 0.25
    reserved = bytes(int(pick(rng, (0, 0, 1, 2, 4))))

    def frame(body: bytes, kind: int, n: int) -> bytes:
        top = 0xFFFF if wide == "H" else 0xFFFFFFFF
        head = magic + version + bytes((kind & 255,)) + reserved
        head += struct.pack(order + wide, len(body) & top) + session
        head += struct.pack(order + "I", n) if sequence else b""
        return head + (struct.pack(order + "I", zlib.crc32(body)) if check else b"") + body

    return frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Private(Profile):
    """A protocol drawn for the occasion.

    Parameters
    ----------
    over : {"tcp", "udp", "any"}
        Transport.
    bodies, rhythms : tuple of str
        Choices from `BODIES` and `RHYTHMS`.
    hello : float
        Probability of a handshake in clear: names, versions, capabilities, keys.
    """

    over: str = "any"
    bodies: tuple[str, ...] = BODIES
    rhythms: tuple[str, ...] = RHYTHMS
    hello: float = 0.75
    scope: str | None = None

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session of a protocol of its own."""
        datagram = self.over == "udp" or (self.over == "any" and rng.random() < 0.4)
        u = rng.random()
        port = int(rng.integers(1024, 49152)) if u < 0.8 else int(rng.integers(49152, 65536))
        if u < 0.1:
            port = int(rng.integers(20, 1024))
        rhythm, style = pick(rng, self.rhythms), pick(rng, self.bodies)
        body, frame = private_body(rng, style), private_header(rng, datagram=datagram)
        top = 1300 if datagram else 60_000
        small, large = int(loguniform(rng, 8, 300)), int(min(top, loguniform(rng, 40, 20_000)))
        conv = (udp if datagram else tcp)(rng, net, port, scope=self.scope)
        count = [0, 0]

        def send(d: int, size: int, gap: float, kind: int = 1) -> None:
            text = body(max(1, size))[: top if datagram else None]
            conv.say(d, frame(text, kind + d, count[d]), gap)
            count[d] += 1

        if rng.random() < self.hello and rhythm != "single":
            self._hello(rng, conv, frame, style)
        duration = min(net.duration, 300.0)
        _RHYTHMS[rhythm](rng, conv, send, small, large, duration)
        if not conv.t:
            send(0, small, 0.0)
        return [conv]

    @staticmethod
    def _hello(
        rng: np.random.Generator,
        conv: Conversation,
        frame: Callable[[bytes, int, int], bytes],
        style: str,
    ) -> None:
        version = f"{int(rng.integers(1, 9))}.{int(rng.integers(20))}"
        name = f"{word(rng)}/{version} {hostname(rng)}".encode()
        key = rng.bytes(int(pick(rng, (32, 32, 65, 128, 256)))) if style == "encrypted" else b""
        conv.say(0, frame(name + key, 0, 0), 1e-3)
        conv.say(1, frame(word(rng).encode() + b"\0" + key, 0, 0), loguniform(rng, 5e-4, 0.05))


Send = Callable[..., None]


def _requests(
    rng: np.random.Generator,
    conv: Conversation,
    send: Send,
    small: int,
    large: int,
    duration: float,
) -> None:
    pause = loguniform(rng, 0.002, 10)
    for _ in range(int(loguniform(rng, 1, 150))):
        send(0, int(small * loguniform(rng, 0.7, 1.5)), pause * float(rng.exponential()))
        for _ in range(int(rng.geometric(0.7))):
            send(1, int(large * loguniform(rng, 0.3, 1.5)), loguniform(rng, 2e-4, 0.05))
        if conv.now > duration:
            return


def _regular(
    rng: np.random.Generator,
    conv: Conversation,
    send: Send,
    small: int,
    large: int,
    duration: float,
) -> None:
    period = pick(rng, (0.1, 0.5, 1.0, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0))
    spread, answered = pick(rng, (1e-4, 1e-3, 0.02)), rng.random() < 0.7
    side = int(rng.integers(2))
    fixed = rng.random() < 0.7
    for _ in range(int(np.clip(duration / period, 2, 200))):
        send(
            side,
            small if fixed else int(small * loguniform(rng, 0.8, 1.3)),
            period + float(rng.normal() * spread),
        )
        if answered:
            send(1 - side, max(1, small // 2), loguniform(rng, 2e-4, 5e-3))


def _stream(
    rng: np.random.Generator,
    conv: Conversation,
    send: Send,
    small: int,
    large: int,
    duration: float,
) -> None:
    rate = loguniform(rng, 5, 120)
    side = int(rng.random() < 0.7)
    for k in range(int(min(1200, rate * loguniform(rng, 2, 60)))):
        send(side, int(large * loguniform(rng, 0.5, 1.2)), float(rng.gamma(8) / 8 / rate))
        if k % 50 == 49 and rng.random() < 0.7:
            send(1 - side, small, 1e-3)


def _push(
    rng: np.random.Generator,
    conv: Conversation,
    send: Send,
    small: int,
    large: int,
    duration: float,
) -> None:
    pace = loguniform(rng, 0.2, 60)
    alive = loguniform(rng, 10, 60)
    send(0, small, 0.01)
    while conv.now < duration and len(conv.t) < 300:
        if rng.random() < 0.5:
            send(1, small, min(alive, float(rng.exponential(pace))))
        else:
            send(0, 4, alive)
            send(1, 4, 1e-3)


def _chat(
    rng: np.random.Generator,
    conv: Conversation,
    send: Send,
    small: int,
    large: int,
    duration: float,
) -> None:
    for _ in range(int(rng.integers(3, 60))):
        send(int(rng.integers(2)), int(loguniform(rng, 4, 300)), float(rng.lognormal(1.2, 1)))
        if conv.now > duration:
            return


def _transfer(
    rng: np.random.Generator,
    conv: Conversation,
    send: Send,
    small: int,
    large: int,
    duration: float,
) -> None:
    side = int(rng.integers(2))
    send(0, small, 0.01)
    send(1, small, 0.01)
    for k in range(int(loguniform(rng, 5, 200))):
        send(side, large, float(rng.exponential(0.003)))
        if k % 8 == 7:
            send(1 - side, 8, 5e-4)


def _single(
    rng: np.random.Generator,
    conv: Conversation,
    send: Send,
    small: int,
    large: int,
    duration: float,
) -> None:
    send(0, small, 0.0)
    if rng.random() < 0.7:
        send(1, large, loguniform(rng, 2e-4, 0.1))


_RHYTHMS = {
    "requests": _requests,
    "regular": _regular,
    "stream": _stream,
    "push": _push,
    "chat": _chat,
    "transfer": _transfer,
    "single": _single,
}

PROFILES: tuple[Profile, ...] = (
    Private(name="private.tcp", about="Any structured protocol over TCP.", over="tcp"),
    Private(name="private.udp", about="Any structured protocol over UDP.", over="udp"),
    Private(
        name="private.encrypted",
        about="Encrypted applications with a structured handshake.",
        bodies=("encrypted",),
        hello=1.0,
    ),
    Private(
        name="private.telemetry",
        about="Agents that report with clock-like regularity.",
        rhythms=("regular",),
    ),
    Private(
        name="private.media",
        about="Cameras and players: media units at a frame rate.",
        bodies=("media", "encrypted"),
        rhythms=("stream",),
    ),
    Private(
        name="private.chat",
        about="Chat and push services.",
        rhythms=("chat", "push"),
        bodies=("json", "xml", "protobuf", "text", "encrypted"),
    ),
    Private(
        name="private.rpc",
        about="Remote calls and message buses inside a site.",
        over="tcp",
        rhythms=("requests",),
        scope="lan",
    ),
    Private(
        name="private.transfer",
        about="File and block transfer with headers of its own.",
        rhythms=("transfer",),
        over="tcp",
    ),
    Private(
        name="private.query",
        about="One packet and perhaps an answer.",
        over="udp",
        rhythms=("single",),
    ),
)
