"""Programs that stay connected: a login, keep-alives of a few octets, now and then a message.

Messengers, telephone and antivirus agents, management and cloud clients, brokers: what most long
connections of a network are. The keep-alive is a constant of 0 to 16 octets or a header with a
counter, answered alike or not at all; ports are registered or drawn. Also resolvers over HTTPS (RFC
8484), whose records are as small. No single source; the intervals are those of NAT time-outs (RFC
4787, RFC 5382) and of common brokers (15 s to 5 min).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.private import private_header
from nalpml.generators.benign.private_bodies import private_body
from nalpml.generators.benign.tls import handshake, records

__all__ = ["ALIVE_GAPS", "PROFILES", "Agent", "Resolver", "alive_octets"]

Rng = np.random.Generator

ALIVE_GAPS = (1.0, 120.0)
"""Bounds of the seconds between keep-alives, log-uniform; channels draw theirs from the same."""
_PORTS = (
    5222, 5223, 1863, 5190, 4244, 8080, 7680, 5938, 6568, 8883, 1883, 61613, 6379, 4222, 7946, 8301,
    1270, 5723, 8014, 7788, 7787, 10123, 2702, 15500, 1556, 13724, 3260, 9418, 5060, 3478, 27000,
)  # fmt: skip


def alive_octets(rng: Rng) -> bytes:
    """A keep-alive of a few octets that is always the same."""
    size = int(pick(rng, (1, 1, 2, 2, 2, 3, 4, 4, 5, 6, 8, 10, 12, 16)))
    text = pick(rng, (b"PING", b"ping\n", b"\r\n\r\n", b" ", b"alive\n", b"hb", b"\n", b"."))
    u = rng.random()
    if u < 0.3:
        return bytes(size)
    if u < 0.5:
        return pick(rng, (b"\xff", b"\x01", b"\xaa", b"\x55", b"\x7f")) * size
    return text if u < 0.7 else rng.bytes(size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Profile):
    """A login, then keep-alives with rare messages of a structured protocol.

    Parameters
    ----------
    over : {"tcp", "udp"}
        Transport.
    framed : float
        Probability that a keep-alive has the protocol's header too, and so a counter.
    """

    over: str = "tcp"
    framed: float = 0.6

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one session."""
        datagram = self.over == "udp"
        port = pick(rng, _PORTS) if rng.random() < 0.5 else int(rng.integers(1024, 49152))
        conv = (udp if datagram else tcp)(rng, net, port, scope=pick(rng, ("wan", "wan", "lan")))
        if datagram and rng.random() < 0.2:
            conv.sport = port
        style = pick(rng, ("records", "protobuf", "msgpack", "json", "encrypted", "text", "xml"))
        frame, body = private_header(rng, datagram=datagram), private_body(rng, style)
        count = [0, 0]

        def send(d: int, size: int, gap: float, kind: int) -> None:
            text = body(max(1, size))[: 1200 if datagram else 8000]
            conv.say(d, frame(text, kind, count[d]), gap)
            count[d] += 1

        middle = rng.random() < 0.25
        if not middle:
            name = f"{word(rng)}/{int(rng.integers(1, 9))}.{int(rng.integers(20))} {hostname(rng)}"
            conv.say(0, frame(name.encode() + rng.bytes(int(pick(rng, (0, 16, 32)))), 0, 0), 1e-3)
            conv.say(1, frame(word(rng).encode(), 0, 0), loguniform(rng, 1e-3, 0.1))
            for _ in range(int(rng.integers(0, 4))):
                send(0, int(loguniform(rng, 20, 600)), 2e-3, 1)
                send(1, int(loguniform(rng, 8, 1500)), loguniform(rng, 1e-3, 0.1), 2)
        self._alive(rng, net, conv, frame, send)
        return [conv]

    def _alive(
        self,
        rng: Rng,
        net: Network,
        conv: Conversation,
        frame: Callable[[bytes, int, int], bytes],
        send: Callable[[int, int, float, int], None],
    ) -> None:
        period, spread = loguniform(rng, *ALIVE_GAPS), pick(rng, (1e-3, 1e-3, 0.02, 0.1))
        fixed, framed = alive_octets(rng), rng.random() < self.framed
        answer = pick(rng, (b"", fixed, fixed, alive_octets(rng)))
        events, side = pick(rng, (0.0, 0.02, 0.05, 0.2)), int(rng.random() < 0.15)
        small = loguniform(rng, 8, 200)
        for k in range(int(np.clip(min(net.duration, 400.0) / period, 3, 150))):
            gap = max(0.01, period * float(1 + spread * rng.normal()))
            conv.say(side, frame(b"" if k else fixed, 9, k) if framed else fixed, gap)
            if answer:
                text = frame(b"", 10, k) if framed else answer
                conv.say(1 - side, text or answer, loguniform(rng, 1e-4, 0.02))
            if rng.random() < events:
                # A message for the client, who says that it has come; or one of its own.
                d = int(rng.random() < 0.7)
                send(d, int(small * loguniform(rng, 0.5, 8)), float(rng.uniform(0, period)), 3)
                if rng.random() < 0.8:
                    send(1 - d, 4, loguniform(rng, 1e-4, 0.05), 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver(Profile):
    """DNS over HTTPS: one session, small questions, answers a little larger, in bursts."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw some minutes of one resolver."""
        conv = tcp(rng, net, 443, scope="wan", new=0.2)
        handshake(conv, rng, name=hostname(rng), modern=True)
        conv.say(0, records(rng, int(rng.integers(60, 110))), 1e-3)
        conv.say(1, records(rng, int(rng.integers(20, 60))), 1e-3)
        padded, pace = rng.random() < 0.5, loguniform(rng, 0.2, 30)
        for _ in range(round(loguniform(rng, 2, 60))):
            for _ in range(int(rng.geometric(0.6))):
                size = 128 if padded else int(rng.integers(40, 90))
                conv.say(0, records(rng, int(rng.integers(20, 60)) + size), 1e-3)
            conv.say(
                1, records(rng, (468 if padded else int(rng.integers(60, 400))) + 40),
                loguniform(rng, 2e-3, 0.1),
            )  # fmt: skip
            conv.now += float(rng.exponential(pace))
            if conv.now > min(net.duration, 300.0):
                break
        return [conv]


def _counter(rng: Rng, conv: Conversation) -> None:
    """Keep-alives that are a counter or a clock and nothing else, answered by the same."""
    code, now = pick(rng, (">I", "<I", ">H", ">Q")), int(rng.integers(1 << 15))
    period = loguniform(rng, *ALIVE_GAPS)
    for k in range(int(np.clip(300 / period, 3, 100))):
        text = struct.pack(code, (now + k) & 0xFFFF)
        conv.say(0, text, period)
        if rng.random() < 0.95:
            conv.say(1, text, 1e-4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter(Profile):
    """A number that rises with every keep-alive.

    Parameters
    ----------
    over : {"tcp", "udp"}
        Transport.
    """

    over: str = "udp"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = (udp if self.over == "udp" else tcp)(rng, net, int(rng.integers(1024, 49152)))
        _counter(rng, conv)
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping(Profile):
    """A few constant octets that keep a translator's mapping or a session open (RFC 5626, 3948)."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one client's keep-alives between its rare messages."""
        port, texts = pick(
            rng,
            (
                (5060, (b"\r\n\r\n", b"hello", b"\0\0\0\0", b"\r\n", b"jaK", b"\0")),
                (5060, (b"\r\n\r\n", b"keep-alive", b"\0\0", b"nat", b"jaK\0")),
                (4500, (b"\xff",)),
                (3478, (b"\0", b"\0\1\0\0\x21\x12\xa4\x42" + rng.bytes(12))),
                (4569, (b"\0\0\0\0",)),
                (int(rng.integers(5061, 5100)), (b"\r\n\r\n", b"hello", b"\0\0\0\0")),
                (int(rng.integers(1024, 65536)), (b"\0", b"\0\0\0\0", b"ping", rng.bytes(4))),
            ),
        )
        conv, text = udp(rng, net, port, scope=pick(rng, ("wan", "wan", "lan"))), pick(rng, texts)
        conv.sport = port if rng.random() < 0.4 else conv.sport
        period, answered = loguniform(rng, *ALIVE_GAPS), rng.random() < 0.3
        for _ in range(int(np.clip(min(net.duration, 400.0) / period, 3, 100))):
            conv.say(0, text, max(0.01, period * float(1 + 2e-3 * rng.normal())))
            if answered:
                conv.say(1, text, loguniform(rng, 1e-4, 0.02))
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Agent(name="agent.alive_tcp", about="Logins, keep-alives and rare messages over TCP."),
    Agent(name="agent.alive_udp", about="Logins, keep-alives and rare messages over UDP.",
          over="udp"),
    Agent(name="agent.tiny_tcp", about="The same with keep-alives of a few constant octets.",
          framed=0.0),
    Agent(name="agent.tiny_udp", about="The same in datagrams.", over="udp", framed=0.0),
    Mapping(name="agent.mapping", about="Constant octets that keep mappings open (RFC 5626)."),
    Counter(name="agent.counter", about="Keep-alives that count."),
    Resolver(name="tls.doh", about="DNS over HTTPS (RFC 8484)."),
)  # fmt: skip
