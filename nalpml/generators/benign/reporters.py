"""Honest programs with grammars of their own: agents, push services, checks, sensors, brokers.

They write messages in the same ways as implants do (`_grammar`), with the same keep-alives,
intervals and sizes, on the ports of products. What differs is who asks whom: a client logs in with
a token, subscribes, asks and is answered at greater length, reports measurements that are
confirmed, or is told of events in the form in which it subscribed. Push services stay for hours on
ports of XMPP and of the web with a few frames of length and type; scanners and updaters exchange
one short binary question and answer a connection. Sources: RFC 8030 (push over long connections),
MQTT 5.0 section 3.12 (keep-alives), RFC 6120 section 4.6.4 (white space), the port registry (RFC
6335).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._grammar import FRAMES, SEALS, Grammar, interval_of, waits
from nalpml.generators._guests import vsock as guest_stream
from nalpml.generators._guests import vsock_port
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.private_bodies import private_body
from nalpml.generators.benign.vendor_partial import pieces

__all__ = ["PROFILES", "Push", "Reporter"]

Rng = np.random.Generator
PUSH_PORTS = (5222, 5222, 5223, 5223, 5228, 5229, 5230, 443, 443, 80, 8080, 995, 4244, 5242, 5258,
              7275, 8443, 8883, 9282, 10191, 11095, 14000, 16384, 19302, 25565, 36688)  # fmt: skip
PRODUCTS = (
    80, 443, 443, 1514, 1515, 1688, 1883, 2002,
    2055, 2195, 2809, 3306, 4001, 4100, 4505, 4506, 4728,
    4766, 5044, 5170, 5222, 5223, 5432, 5555, 5601, 5666, 5671, 5693, 5985, 6514, 6556, 6783, 7001,
    7070, 7680, 7946, 8009, 8014, 8080, 8086, 8089, 8125, 8140, 8200, 8300, 8400, 8443, 8530, 8834,
    8883, 9001, 9030, 9092, 9100, 9200, 9300, 9389, 9418, 9997, 9999, 10050, 10051, 10123, 11095,
    13724, 15672, 17500, 18080, 20000, 24224, 27000, 27017, 32400, 33060, 34567, 37777,
    41121, 49152,
)  # fmt: skip
_BODIES = ("records", "protobuf", "msgpack", "json", "xml", "text", "compressed")
_WORDS = ("state", "metrics", "log", "event", "sync", "get", "list", "update", "presence", "ack")


def _port(rng: Rng) -> int:
    return pick(rng, PRODUCTS) if rng.random() < 0.6 else int(rng.integers(1024, 49152))


class _Client:
    """A client (side 0) and its server (side 1) in one grammar."""

    def __init__(self, rng: Rng, conv: Conversation, grammar: Grammar) -> None:
        self.rng, self.conv, self.grammar = rng, conv, grammar
        self.body = private_body(rng, pick(rng, _BODIES))
        self.plain = rng.random() < 0.3
        self.most = 1200 if grammar.datagram else 12_000

    def say(self, side: int, text: bytes, gap: float, kind: int, *, sealed: bool = True) -> None:
        """A message; nothing is sent when there are no octets of it."""
        if wire := self.grammar.write(text, side, kind, sealed=sealed):
            self.conv.say(side, wire, gap)

    def send(self, side: int, size: float, gap: float, kind: int) -> None:
        """A message of about `size` octets in the product's serialisation."""
        text = self.body(max(1, int(size)))[: max(8, min(self.most, int(2 * size)))]
        self.say(side, text, gap, kind, sealed=not self.plain)

    def login(self) -> None:
        """Who the client is and what it may do, in clear or sealed, with keys or a token."""
        rng = self.rng
        name = f"{word(rng)}/{int(rng.integers(1, 20))}.{int(rng.integers(30))}"
        token = rng.bytes(int(pick(rng, (8, 16, 16, 32, 64))))
        style = int(rng.integers(4))
        if style == 0:
            text = json.dumps(
                {"client": name, "token": token.hex(), "host": hostname(rng)}
            ).encode()
        elif style == 1:
            text = f"{name}\0{hostname(rng)}\0".encode() + token
        elif style == 2:
            text = struct.pack("<HHI", 1, len(token), int(rng.integers(1 << 31))) + token
        else:
            text = rng.bytes(int(pick(rng, (32, 65, 128, 256)))) + name.encode()
        clear = rng.random() < 0.6
        self.say(0, text, 2e-3, 0, sealed=not clear)
        keys = rng.bytes(int(pick(rng, (0, 4, 32, 65, 128)))) if style == 3 else b""
        self.say(1, keys + pick(rng, (b"ok", b"\0\0", b"welcome", struct.pack(">I", 200))),
                 loguniform(rng, 1e-3, 0.1), 0, sealed=not clear)  # fmt: skip
        for _ in range(int(rng.integers(0, 4))):
            self.send(0, loguniform(rng, 8, 400), loguniform(rng, 1e-3, 0.2), 2)
            self.send(1, loguniform(rng, 4, 3000), loguniform(rng, 1e-3, 0.1), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter(Profile):
    """A client of a product: requests, reports or subscriptions between keep-alives.

    Parameters
    ----------
    over : {"tcp", "udp"}
        Transport.
    frames, seals : tuple of str
        Choices from `nalpml.generators._grammar`.
    habits : tuple of str
        Of ``asks`` (requests and longer answers), ``reports`` (measurements, confirmed or not),
        ``told`` (events from the server, confirmed or not).
    interval : tuple of float
        Bounds of the seconds between beats, reports or requests.
    busy : tuple of float
        Bounds of the probability of a message instead of a beat.
    apart : float
        Probability of a connection, or source port, for each exchange.
    size : tuple of int
        Bounds of the octets of a request or report, log-uniform.
    ports : tuple of int
        Server ports to choose from; empty for those of products, or any.
    """

    over: str = "tcp"
    frames: tuple[str, ...] = FRAMES
    seals: tuple[str, ...] = SEALS
    habits: tuple[str, ...] = ("asks", "reports", "told")
    interval: tuple[float, float] = (1.0, 120.0)
    busy: tuple[float, float] = (0.03, 0.9)
    apart: float = 0.0
    size: tuple[int, int] = (2, 400)
    ports: tuple[int, ...] = ()

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one client."""
        datagram = self.over == "udp"
        grammar = Grammar(rng, pick(rng, self.frames), pick(rng, self.seals), datagram)
        conv = self._open(rng, net)
        if datagram and rng.random() < 0.15:
            conv.sport = conv.dport
        client, habit = _Client(rng, conv, grammar), pick(rng, self.habits)
        size, ratio = loguniform(rng, *self.size), loguniform(rng, 0.5, 30)
        if rng.random() < self.apart:
            return self._apart(rng, net, client, size, ratio)
        if rng.random() < 0.8:
            client.login()
        self._stay(rng, net, client, habit, size, ratio)
        return [conv] if self.vsock else pieces(rng, [conv], 0.25)

    def _open(self, rng: Rng, net: Network) -> Conversation:
        make = udp if self.over == "udp" else tcp
        port = pick(rng, self.ports) if self.ports else _port(rng)
        return make(rng, net, port, scope=pick(rng, ("wan", "wan", "lan")))

    def _again(self, rng: Rng, net: Network, base: Conversation, start: float) -> Conversation:
        """Another connection between the same ends, closed like the first."""
        make = udp if base.proto == 17 else tcp
        conv = make(rng, net, base.dport, ends=base.ends, start=start)
        conv.closing, conv.closer = base.closing, base.closer
        return conv

    def _stay(
        self, rng: Rng, net: Network, client: _Client, habit: str, size: float, ratio: float
    ) -> None:
        conv, busy = client.conv, loguniform(rng, *self.busy)
        interval = interval_of(rng, *self.interval)
        jitter = float(pick(rng, (0, 0, 0.002, 0.02, 0.1, 0.3)))
        beat, answer = client.grammar.alive()
        asks, confirmed = int(rng.random() < 0.2), rng.random() < 0.7
        end = min(net.duration, loguniform(rng, 20, 1500))
        for k in range(int(loguniform(rng, 6, 120))):
            if conv.now > end or len(conv.t) > 350:
                break
            gap = waits(rng, interval, jitter)
            if rng.random() >= busy:
                conv.say(asks, beat(k), gap)
                if text := answer(k):
                    conv.say(1 - asks, text, loguniform(rng, 1e-4, 0.05))
                continue
            kind = int(rng.integers(3, 9))
            if habit == "asks":
                client.send(0, size, gap, kind)
                for _ in range(int(rng.geometric(0.75))):
                    client.send(1, size * ratio, loguniform(rng, 1e-3, 0.3), kind)
            else:
                side = int(habit == "told")
                client.send(side, size * loguniform(rng, 0.7, 2), gap, kind)
                if confirmed:
                    client.say(
                        1 - side, pick(rng, (b"\0", b"ok", b"")), loguniform(rng, 1e-4, 0.05), kind
                    )

    def _apart(
        self, rng: Rng, net: Network, first: _Client, size: float, ratio: float
    ) -> list[Conversation]:
        """An exchange a connection: checks, updates, sensors."""
        base, interval = first.conv, interval_of(rng, *self.interval)
        jitter, silent = float(pick(rng, (0, 0, 0.002, 0.02, 0.2))), rng.random() < 0.15
        greeted, steady = rng.random() < 0.4, rng.random() < 0.5
        same = first.body(max(1, int(size)))
        out, at = [], 0.0
        for _ in range(int(np.clip(net.duration / interval, 2, loguniform(rng, 4, 60)))):
            conv = first.conv = self._again(rng, net, base, at)
            first.grammar.counts[:] = [0, 0]
            if greeted:
                first.login()
            if steady:
                first.say(0, same, 1e-3, 1)
            else:
                first.send(0, size, 1e-3, 1)
            if not silent:
                first.send(1, max(1.0, size * ratio / 3), loguniform(rng, 1e-4, 0.1), 1)
            out.append(conv)
            at += waits(rng, interval, jitter)
            if at > net.duration:
                break
        return out if self.vsock else pieces(rng, out, 0.15)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestReporter(Reporter):
    """The same between a guest and its host."""

    vsock: ClassVar[bool] = True

    def _open(self, rng: Rng, net: Network) -> Conversation:
        return guest_stream(rng, net, vsock_port(rng))

    def _again(self, rng: Rng, net: Network, base: Conversation, start: float) -> Conversation:
        return guest_stream(rng, net, base.dport, ends=base.ends, start=start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push(Profile):
    """A push or chat service of a vendor: binary frames, idle for minutes, seen whole or in part.

    Parameters
    ----------
    seals : tuple of str
        Choices from `nalpml.generators._grammar.SEALS`.
    alive : tuple of float
        Bounds of the seconds between heartbeats.
    ports : tuple of int
        Server ports to choose from.
    """

    seals: tuple[str, ...] = ("aead", "cbc", "stream", "xor", "zlib", "clear")
    alive: tuple[float, float] = (30.0, 600.0)
    ports: tuple[int, ...] = PUSH_PORTS

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one phone's or desktop's connection, or a few that follow each other."""
        frame = pick(rng, ("length", "typed", "typed", "header", "tlv", "varint", "magic"))
        grammar = Grammar(rng, frame, pick(rng, self.seals))
        again, port = int(rng.geometric(0.7)), pick(rng, self.ports)
        ends = net.ends(rng, scope="wan", inbound=False, new=0.5)
        sizes = [loguniform(rng, 4, 300) for _ in range(6)]
        out, start = [], 0.0
        for _ in range(min(3, again)):
            conv = tcp(rng, net, port, ends=ends, start=start)
            grammar.counts[:] = [0, 0]
            self._one(rng, net, _Client(rng, conv, grammar), sizes)
            start += conv.now + loguniform(rng, 1, 120)
            out.append(conv)
            if start > net.duration:
                break
        return pieces(rng, out, 0.4)

    def _one(self, rng: Rng, net: Network, client: _Client, sizes: list[float]) -> None:
        conv, period = client.conv, interval_of(rng, *self.alive)
        beat, answer = client.grammar.alive()
        client.login()
        for _ in range(int(rng.integers(1, 6))):
            side = int(rng.random() < 0.5)
            client.send(side, pick(rng, sizes), loguniform(rng, 1e-3, 2), 2)
            if rng.random() < 0.6:
                client.send(1 - side, pick(rng, sizes) / 2, loguniform(rng, 1e-3, 0.2), 3)
        for k in range(int(loguniform(rng, 1, 20))):
            conv.say(0, beat(k), period * float(1 + 0.01 * rng.normal()))
            if text := answer(k):
                conv.say(1, text, loguniform(rng, 5e-3, 0.2))
            if rng.random() < 0.25:
                client.send(1, pick(rng, sizes) * 2, float(rng.exponential(period)), 4)
                client.say(0, b"", loguniform(rng, 1e-3, 0.1), 5)
            if conv.now > net.duration:
                return


_SEALED = ("cbc", "aead", "stream", "xor")

PROFILES: tuple[Profile, ...] = (
    Reporter(name="reporter.tcp", about="Clients of products, any grammar, over TCP."),
    Reporter(name="reporter.lines", about="Lines and delimited text of agents.",
             frames=("line", "line", "delimited", "decimal"),
             seals=("clear", "clear", "base64", "hex")),
    Reporter(name="reporter.sealed", about="Lengths or types before ciphertext.",
             frames=("length", "typed", "magic", "header", "tlv", "none"), seals=_SEALED),
    Reporter(name="reporter.blocks", about="Messages of whole blocks.",
             frames=("block",), seals=("cbc", "clear", "xor", "stream")),
    Reporter(name="reporter.idle", about="Sessions that are mostly alive.", busy=(0.01, 0.15),
             interval=(5.0, 600.0)),
    Reporter(name="reporter.checks", about="A connection a check, any grammar.", apart=1.0,
             interval=(2.0, 600.0)),
    Reporter(name="reporter.checks_small", about="A connection a check, few octets.", apart=1.0,
             interval=(5.0, 600.0), size=(1, 64)),
    Reporter(name="reporter.telemetry", about="Measurements, confirmed or not.",
             habits=("reports",), busy=(0.7, 1.0), interval=(1.0, 600.0)),
    Reporter(name="reporter.udp", about="Clients of products in datagrams, any grammar.",
             over="udp"),
    Reporter(name="reporter.udp_sealed", about="Ciphertext in datagrams behind small headers.",
             over="udp", frames=("none", "header", "typed", "magic", "length"), seals=_SEALED),
    Reporter(name="reporter.udp_checks", about="A source port a check.", over="udp", apart=1.0,
             interval=(2.0, 600.0), size=(1, 200)),
    Reporter(name="reporter.udp_idle", about="Keep-alives in datagrams and rare messages.",
             over="udp", busy=(0.01, 0.15), interval=(2.0, 300.0)),
    Reporter(name="reporter.web_ports", about="Binary protocols of products on the web's ports.",
             frames=("length", "typed", "magic", "header", "tlv", "varint"), apart=0.6,
             ports=(80, 80, 443, 443, 8080, 8443), interval=(1.0, 600.0), size=(2, 200)),
    GuestReporter(name="guest.reporter", about="Agents of any grammar in guests.", apart=0.25),
    GuestReporter(name="guest.sealed", about="Agents in guests, encrypted, mostly alive.",
                  frames=("none", "length", "typed", "header"), seals=_SEALED,
                  busy=(0.02, 0.4), interval=(0.5, 60.0)),
    Push(name="push.vendor", about="Push and chat services of vendors."),
    Push(name="push.sealed", about="The same, encrypted.", seals=_SEALED),
    Push(name="push.xmpp_port", about="Binary push services on ports of XMPP.",
         ports=(5222, 5223), alive=(60.0, 600.0)),
)  # fmt: skip
