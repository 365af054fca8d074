"""Data in ICMP echo messages, from simple exfiltration to IP tunnels and padded beacons.

What the tools force is taken from their sources as far as published: ptunnel and ptunnel-ng (28
octet header, 1,024 octet buffers, resend after 1.5 s), icmpsh (64 octets, a request every 200 ms,
commands in replies), icmpdoor (identifier 13170, the operator sends requests), DET (base64,
identifier and sequence 0), icmptx, hans and icmptunnel (whole IP packets). Everything else is
drawn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import loguniform, pick, xor
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import KINDS, coded, dialog, timeline
from nalpml.generators._icmp import echo, icmp_conversation
from nalpml.generators._inner import inner_packets
from nalpml.generators._network import Ends, Network
from nalpml.generators._profile import Profile
from nalpml.generators.benign.dns import Dns
from nalpml.generators.benign.ping import Ping
from nalpml.generators.benign.ssh import Ssh
from nalpml.generators.benign.text import Telnet
from nalpml.generators.benign.tls import Tls
from nalpml.generators.benign.web import Http
from nalpml.generators.covert.icmp_payload import disguise, tunnel_header

__all__ = ["PROFILES", "IcmpTunnel"]

CARRIERS = ("free", "poll", "exfil")
INSIDE: tuple[Profile, ...] = (
    Tls(name="web", about="", parallel=(1, 2), exchanges=(1, 6), response=(200, 40_000)),
    Http(name="http", about="", exchanges=(1, 10), response=(100, 40_000)),
    Ssh(name="keys", about=""),
    Ssh(name="command", about="", use="command"),
    Telnet(name="telnet", about=""),
    Dns(name="dns", about=""),
    Ping(name="ping", about="", count=(3, 40)),
)
"""What a whole tunnelled host may do."""
NUMBERING = ("constant", "counting", "random", "data", "jumping")


def _numbers(rng: np.random.Generator, policy: str, first: int) -> Iterator[int]:
    value = first
    while True:
        yield value & 0xFFFF
        if policy == "counting":
            value += 1
        elif policy == "jumping":
            value += int(rng.integers(1, 4)) if rng.random() < 0.8 else int(rng.integers(1, 700))
        elif policy == "random":
            value = int(rng.integers(65536))
        elif policy == "data":
            value = int(rng.integers(0x20, 0x7F)) << 8 | int(rng.integers(0x20, 0x7F))


@dataclass(frozen=True, slots=True, kw_only=True)
class IcmpTunnel(Profile):
    """Messages of a dialog, or IP packets, in echo requests and replies.

    Parameters
    ----------
    kinds : tuple of str
        Dialogs to choose from, or "ip" for whole packets of inner connections.
    carriers : tuple of str
        ``free``: each side sends when it has something, the implant in requests and the operator in
        replies (or in requests, see `both`); ``poll``: the implant asks at an interval and the
        answers ride in the replies; ``exfil``: one-way in requests, the kernel answers.
    codings : tuple of str
        Encodings to choose from, as in `_content.CODINGS`.
    header : str
        Framing: "" none, "ptunnel", "magic", "length", "sequence", "any".
    chunk : tuple of int
        Bounds of the octets a message carries, log-uniform.
    ident, sequence : tuple of str
        Numbering policies to choose from.
    both : float
        Probability that the operator sends requests too.
    mirrored : float
        Probability that kernels also answer requests with an echo of them.
    interval : tuple of float
        Bounds of the polling interval or of the pause between chunks, log-uniform seconds.
    disguise : float
        Probability that every message is padded to the size and pattern of an ordinary ping.
    fixed : tuple of int
        Identifier and first sequence number, -1 to draw.
    keepalive : tuple of float
        Bounds of the seconds between empty messages in ``free`` mode; (0, 0) for none.
    """

    kinds: tuple[str, ...] = (*KINDS, "ip", "ip")
    carriers: tuple[str, ...] = CARRIERS
    codings: tuple[str, ...] = ("clear", "xor", "base64", "compressed", "encrypted", "arc4", "hex")
    header: str = "any"
    chunk: tuple[int, int] = (8, 1440)
    ident: tuple[str, ...] = ("constant", "constant", "random", "data", "counting", "jumping")
    sequence: tuple[str, ...] = NUMBERING
    both: float = 0.25
    mirrored: float = 0.3
    interval: tuple[float, float] = (0.02, 15.0)
    disguise: float = 0.2
    fixed: tuple[int, int] = (-1, -1)
    keepalive: tuple[float, float] = (0.5, 30.0)
    inbound: float = 0.1
    version: int | None = None
    limit: int = 2500
    octets: tuple[int, int] = (500, 60_000)

    label: ClassVar[str] = "icmp_tunnel"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        ends = net.ends(
            rng, inbound=bool(rng.random() < self.inbound), version=self.version, new=0.5
        )
        conv = icmp_conversation(ends)
        kind, carrier = pick(rng, self.kinds), pick(rng, self.carriers)
        if kind == "ip" and carrier == "exfil":
            carrier = "free"
        out = self._chunks(rng, net, ends, kind, carrier)
        if carrier == "poll":
            self._poll(conv, rng, out)
        elif carrier == "exfil":
            self._exfil(conv, rng, [c for c in out if c[1] == 0])
        else:
            self._free(conv, rng, out)
        return [conv]

    def _chunks(
        self, rng: np.random.Generator, net: Network, ends: Ends, kind: str, carrier: str
    ) -> list[tuple[float, int, bytes]]:
        """Coded, framed and padded payloads with the time at which each is ready."""
        size = int(loguniform(rng, *self.chunk))
        size = max(1, min(size, ends.path.mtu - (48 if ends.version == 6 else 28) - 32))
        coding = pick(rng, self.codings)
        wrap = tunnel_header(rng, self.header)
        duration = min(net.duration, 240.0)
        if kind == "ip":
            profile = pick(rng, INSIDE)
            packets = inner_packets(profile.conversations(rng, net), rng, limit=self.limit)
            room = ends.path.mtu - (48 if ends.version == 6 else 28) - 32
            parts = [
                (t, d, p[low : low + room]) for t, d, p in packets for low in range(0, len(p), room)
            ]
            if coding in ("xor", "encrypted", "arc4"):
                key = rng.bytes(8)
                parts = [
                    (t, d, xor(p, key) if coding == "xor" else rng.bytes(len(p)))
                    for t, d, p in parts
                ]
        else:
            talk = coded(rng, dialog(rng, kind, duration=duration, octets=self.octets), coding)
            parts = []
            pause = loguniform(rng, 1e-5, 0.05)
            for t, d, text in timeline(talk, ends.path.rtt):
                for k, low in enumerate(range(0, len(text), size)):
                    parts.append((t + k * pause, d, text[low : low + size]))
        parts = parts[: self.limit]
        dressed = disguise(rng) if kind != "ip" and rng.random() < self.disguise else None
        counter = [0, 0]
        done = []
        for t, d, part in parts:
            payload = wrap(part, d, counter[d])
            counter[d] += 1
            if dressed is not None:
                payload = dressed(payload, t)
            done.append((t, d, payload))
        done.sort(key=lambda entry: entry[0])
        return done

    def _numbering(self, rng: np.random.Generator) -> tuple[Iterator[int], Iterator[int]]:
        ident = self.fixed[0] if self.fixed[0] >= 0 else int(rng.integers(65536))
        first = self.fixed[1] if self.fixed[1] >= 0 else pick(rng, (0, 1, int(rng.integers(65536))))
        return (
            _numbers(rng, pick(rng, self.ident), ident),
            _numbers(rng, pick(rng, self.sequence), first),
        )

    def _free(
        self, conv: Conversation, rng: np.random.Generator, chunks: list[tuple[float, int, bytes]]
    ) -> None:
        version, owd = conv.ends.version, conv.ends.path.owd
        ident, seq = self._numbering(rng)
        both, mirrored = rng.random() < self.both, rng.random() < self.mirrored
        _, other = self._numbering(rng)
        solicited = rng.random() < 0.5
        last = (next(ident), next(seq))
        if self.keepalive[1] > 0 and rng.random() < 0.5:
            period = loguniform(rng, *self.keepalive)
            beat = rng.bytes(int(rng.integers(0, 33)))
            end = min(chunks[-1][0] if chunks else 60.0, 240.0)
            extra = [(k * period, 0, beat) for k in range(1, int(min(end / period, 300)) + 1)]
            chunks = sorted((*chunks, *extra), key=lambda entry: entry[0])
        for t, d, payload in chunks:
            is_reply = d == 1 and not both
            if is_reply:
                numbers = last if solicited else (last[0], next(other))
            else:
                numbers = last = (next(ident), next(seq))
            meta = echo(version, reply=is_reply, ident=numbers[0], seq=numbers[1])
            sent = conv.at(t, d, payload, meta)
            if mirrored and not is_reply:
                back = echo(version, reply=True, ident=numbers[0], seq=numbers[1])
                conv.at(t + owd + 4e-5, 1 - d, payload, back, parent=sent)

    def _poll(
        self, conv: Conversation, rng: np.random.Generator, chunks: list[tuple[float, int, bytes]]
    ) -> None:
        version, owd = conv.ends.version, conv.ends.path.owd
        ident, seq = self._numbering(rng)
        waiting = (deque(c for c in chunks if c[1] == 0), deque(c for c in chunks if c[1] == 1))
        period, jitter = loguniform(rng, *self.interval), float(rng.choice([0, 0.02, 0.1, 0.3]))
        busy = min(period, loguniform(rng, 0.005, 0.5))
        idle = rng.bytes(int(pick(rng, (0, 0, 1, 4, 8, 32, 56))))
        empty = idle if rng.random() < 0.6 else rng.bytes(int(pick(rng, (0, 4, 16, 64))))
        mirror_idle = rng.random() < 0.3
        t, end = 0.0, min((chunks[-1][0] if chunks else 0.0) + 3 * period, 300.0)
        while t < end and len(conv.t) < self.limit:
            ask = waiting[0].popleft()[2] if waiting[0] and waiting[0][0][0] <= t else idle
            ready = bool(waiting[1]) and waiting[1][0][0] <= t + owd
            answer = waiting[1].popleft()[2] if ready else (ask if mirror_idle else empty)
            numbers = {"ident": next(ident), "seq": next(seq)}
            sent = conv.at(t, 0, ask, echo(version, reply=False, **numbers))
            conv.at(
                t + owd + loguniform(rng, 1e-4, 5e-3),
                1,
                answer,
                echo(version, reply=True, **numbers),
                parent=sent,
            )
            more = ready or (waiting[0] and waiting[0][0][0] <= t)
            t += (busy if more else period) * float(1 + rng.uniform(-jitter, jitter))
            t += float(rng.exponential(1e-3))

    def _exfil(
        self, conv: Conversation, rng: np.random.Generator, chunks: list[tuple[float, int, bytes]]
    ) -> None:
        version, owd = conv.ends.version, conv.ends.path.owd
        ident, seq = self._numbering(rng)
        answered = rng.random() < 0.75
        pause = loguniform(rng, 0.002, 2.0)
        jitter = float(rng.choice([0, 0.1, 0.5]))
        t = 0.0
        for ready, _, payload in chunks[: self.limit]:
            t = max(t, ready)
            numbers = {"ident": next(ident), "seq": next(seq)}
            sent = conv.at(t, 0, payload, echo(version, reply=False, **numbers))
            if answered:
                conv.at(
                    t + owd + 4e-5, 1, payload, echo(version, reply=True, **numbers), parent=sent
                )
            t += pause * float(1 + rng.uniform(-jitter, jitter))


PROFILES: tuple[Profile, ...] = (
    IcmpTunnel(
        name="icmp_tunnel.random", about=("No tool: everything that is not forced is drawn.")
    ),
    IcmpTunnel(name="icmp_tunnel.random_v6", about="The same in ICMPv6 echo messages.", version=6),
    IcmpTunnel(
        name="icmp_tunnel.disguised",
        about="The hard end: sizes and patterns of ordinary pings.",
        disguise=1.0,
        chunk=(4, 40),
        kinds=("shell", "keys", "beacon", "tasks", "log", "pull"),
        header="",
        ident=("constant",),
        sequence=("counting",),
        both=0.0,
        octets=(200, 4000),
        carriers=("poll", "exfil"),
    ),
    IcmpTunnel(
        name="icmp_tunnel.ip",
        about="icmptx, hans and icmptunnel: unframed IP packets.",
        kinds=("ip",),
        carriers=("free", "poll"),
        header="",
        codings=("clear",),
        disguise=0,
        ident=("constant",),
        sequence=("constant", "counting"),
    ),
    IcmpTunnel(
        name="icmp_tunnel.stream",
        about="ptunnel and ptunnel-ng: a TCP stream in 28-octet frames.",
        kinds=("proxy", "shell", "pull", "push", "keys"),
        carriers=("free",),
        header="ptunnel",
        chunk=(1024, 1024),
        codings=("clear", "encrypted"),
        ident=("constant",),
        sequence=("counting",),
        disguise=0,
        both=0.0,
        keepalive=(1.5, 5.0),
    ),
    IcmpTunnel(
        name="icmp_tunnel.shell_poll",
        about="icmpsh: 64 octets, a request every 200 ms, clear text.",
        kinds=("shell",),
        carriers=("poll",),
        header="",
        chunk=(64, 64),
        codings=("clear",),
        ident=("constant",),
        sequence=("counting",),
        disguise=0,
        interval=(0.2, 0.2),
    ),
    IcmpTunnel(
        name="icmp_tunnel.door",
        about="icmpdoor: identifier 13170, the operator sends requests.",
        kinds=("shell",),
        carriers=("free",),
        header="",
        codings=("clear",),
        disguise=0,
        both=1.0,
        fixed=(13170, 0),
        ident=("constant",),
        sequence=("constant", "counting"),
        chunk=(500, 1440),
        keepalive=(0, 0),
    ),
    IcmpTunnel(
        name="icmp_tunnel.det",
        about="DET: base64 in requests, identifier and sequence 0.",
        kinds=("pull", "log"),
        carriers=("exfil",),
        codings=("base64",),
        fixed=(0, 0),
        header="",
        ident=("constant",),
        sequence=("constant",),
        disguise=0,
        chunk=(100, 1000),
    ),
    IcmpTunnel(
        name="icmp_tunnel.file",
        about="hping3 --file and nping --data: a file in requests.",
        kinds=("pull",),
        carriers=("exfil",),
        codings=("clear", "encrypted"),
        header="",
        ident=("constant", "constant", "random", "jumping"),
        sequence=("counting", "constant"),
        chunk=(16, 1400),
        disguise=0,
    ),
    IcmpTunnel(
        name="icmp_tunnel.pattern",
        about="ping -p: 16 octets a time as the fill pattern.",
        kinds=("log", "pull"),
        carriers=("exfil",),
        disguise=1.0,
        chunk=(4, 16),
        header="",
        ident=("constant", "random", "jumping", "jumping"),
        sequence=("counting", "constant"),
        octets=(100, 3000),
    ),
)
