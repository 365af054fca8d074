"""Command and control in UDP datagrams of a protocol of its own.

Sources for what is forced: PlugX and PLAINTEE (UDP beacons), NETEAGLE (UDP 6000 beacon),
ToddyCat's passive backdoor (commands in inbound datagrams), Penquin and BPFDoor (magic datagram,
then traffic), Uroburos/Snake (UDP sessions), KCP (24-octet header, used by FRP and KEYPLUG), ncat
and socat.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import CODINGS, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import KINDS, coded, dialog, timeline
from nalpml.generators._framing import FRAMINGS, Framer, framing
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile

__all__ = ["BORROWED", "PROFILES", "UdpC2"]

BORROWED = (53, 53, 123, 443, 443, 500, 161, 514, 4500, 1194, 67, 69, 137, 1900, 3478, 5060, 5353)
"""Ports whose protocols firewalls tend to let out."""

_REPORTS = ("beacon", "tasks", "log")


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpC2(Profile):
    """A dialog in datagrams.

    Parameters
    ----------
    kinds : tuple of str
        Dialogs to choose from.
    codings, framings : tuple of str
        Encodings and headers to choose from.
    ports : tuple of int
        Server ports to choose from; empty for one drawn from the borrowed or from all.
    sports : tuple of int
        Source ports to choose from; empty for the system's ephemeral range.
    chunk : tuple of int
        Bounds of the octets in a datagram, log-uniform.
    inbound : float
        Probability that the operator is outside and speaks first to a passive implant.
    acknowledged : float
        Probability that every datagram is confirmed by a short one.
    resend : float
        Probability that a session repeats datagrams now and then.
    per_beat : float
        Probability that every exchange uses a new source port.
    mute : float
        Probability that reports and records are never answered.
    fragments : float
        Probability that datagrams are as large as a program's buffer, and so cut into fragments.
    """

    kinds: tuple[str, ...] = KINDS
    codings: tuple[str, ...] = CODINGS
    framings: tuple[str, ...] = FRAMINGS
    ports: tuple[int, ...] = ()
    sports: tuple[int, ...] = ()
    chunk: tuple[int, int] = (64, 1420)
    inbound: float = 0.15
    acknowledged: float = 0.25
    resend: float = 0.2
    per_beat: float = 0.15
    mute: float = 0.1
    fragments: float = 0.03
    octets: tuple[int, int] = (500, 120_000)
    limit: int = 2500
    scope: str | None = None
    version: int | None = None
    kcp: bool = False
    first: bytes = b""
    """What the first datagram starts with, when the family has a magic of its own."""

    label: ClassVar[str] = "udp_c2"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        inbound = bool(rng.random() < self.inbound)
        ends = net.ends(rng, inbound=inbound, new=0.5, scope=self.scope, version=self.version)
        if self.ports:
            dport = pick(rng, self.ports)
        else:
            dport = pick(rng, BORROWED) if rng.random() < 0.5 else int(rng.integers(1024, 65536))
        kind, coding = pick(rng, self.kinds), pick(rng, self.codings)
        talk = dialog(rng, kind, duration=min(net.duration, 300.0), octets=self.octets)
        if kind in _REPORTS and rng.random() < self.mute:
            talk = [entry for entry in talk if entry[1] == 0]
        talk = coded(rng, talk, coding)
        frame = _kcp(rng) if self.kcp else framing(rng, pick(rng, self.framings))
        size = int(min(loguniform(rng, *self.chunk), ends.path.mtu - 76))
        if rng.random() < self.fragments:
            size = int(pick(rng, (2048, 4096, 8192)))
        per_beat = kind in _REPORTS and rng.random() < self.per_beat
        acknowledged, repeats = rng.random() < self.acknowledged, rng.random() < self.resend
        confirm = rng.bytes(int(rng.integers(1, 24)))
        pause = loguniform(rng, 2e-5, 0.02)
        sport = pick(rng, self.sports) if self.sports else ephemeral(rng, ends)
        conv = Conversation(ends, 17, sport=sport, dport=dport)
        convs = [conv]
        count = [0, 0]
        total, shift, closed_at = 0, 0.0, 0.0
        for t, speaker, text in timeline(talk, ends.path.rtt):
            d = speaker ^ int(inbound)
            if per_beat and speaker == 0 and conv.t:
                shift = t
                conv = Conversation(ends, 17, sport=ephemeral(rng, ends), dport=dport, start=shift)
                convs.append(conv)
            closed_at = max(closed_at, t)
            for k, at in enumerate(range(0, max(1, len(text)), size)):
                if total >= self.limit:
                    break
                body = frame(text[at : at + size], d, count[d])
                if total == 0 and self.first:
                    body = self.first + body
                sent = conv.at(max(t, closed_at) - shift + k * pause, d, body)
                count[d] += 1
                total += 1
                if acknowledged:
                    conv.at(
                        t - shift + k * pause + ends.path.owd + 1e-4,
                        1 - d,
                        frame(confirm, 1 - d, count[1 - d]),
                        parent=sent,
                    )
                if repeats and rng.random() < 0.03:
                    conv.at(t - shift + k * pause + 0.3, d, body)
            closed_at = max(closed_at, t + pause * (len(text) // size))
        return [c for c in convs if c.t]


def _kcp(rng: np.random.Generator) -> Framer:
    """The 24-octet header of KCP: conv, cmd, frg, wnd, ts, sn, una, len."""
    ident, start = int(rng.integers(1 << 32)), int(rng.integers(1 << 31))

    def frame(body: bytes, d: int, n: int) -> bytes:
        return struct.pack("<IBBHIIII", ident, 81, 0, 128, start + 20 * n, n, n, len(body)) + body

    return frame


PROFILES: tuple[Profile, ...] = (
    UdpC2(name="udp_c2.random", about="No tool: everything that is not forced is drawn."),
    UdpC2(
        name="udp_c2.beacon",
        about="A periodic report with rare tasks, one source port.",
        kinds=("beacon", "tasks"),
        per_beat=0.0,
        inbound=0.0,
    ),
    UdpC2(
        name="udp_c2.shell",
        about="ncat -u and socat: lines of a shell, nothing around them.",
        kinds=("shell", "keys"),
        codings=("clear",),
        framings=("raw", "lines"),
        acknowledged=0,
    ),
    UdpC2(
        name="udp_c2.ports",
        about="A script that opens a socket for every report: one datagram a source port.",
        kinds=("beacon", "tasks", "log"),
        codings=("clear", "clear", "xor", "base64", "encrypted", "arc4"),
        framings=("raw", "raw", "length", "magic", "session", "lines"),
        per_beat=1.0,
        inbound=0.0,
        acknowledged=0.0,
        resend=0.0,
        mute=0.5,
    ),
    UdpC2(
        name="udp_c2.chatter",
        about="Short text lines both ways, as scripts over UDP exchange them.",
        kinds=("shell", "beacon", "tasks", "log"),
        codings=("clear", "clear", "base64", "hex"),
        framings=("raw", "lines"),
        acknowledged=0.1,
        mute=0.3,
    ),
    UdpC2(
        name="udp_c2.file",
        about="ncat -u and socat: a file as fast as the path takes it.",
        kinds=("pull", "push", "take", "give"),
        framings=("raw",),
        chunk=(512, 1420),
        acknowledged=0.1,
        octets=(20_000, 600_000),
    ),
    UdpC2(
        name="udp_c2.redirect",
        about="A shell's redirection to datagrams: lines or a file, never answered.",
        kinds=("take", "log"),
        codings=("clear", "clear", "base64", "hex", "compressed", "xor"),
        framings=("raw", "raw", "lines"),
        chunk=(20, 1420),
        inbound=0.0,
        acknowledged=0.0,
        resend=0.0,
        per_beat=0.3,
        mute=1.0,
        octets=(200, 40_000),
    ),
    UdpC2(
        name="udp_c2.passive",
        about="A passive implant: commands in rare inbound datagrams.",
        kinds=("shell", "tasks"),
        inbound=1.0,
        framings=("magic", "keyed", "session", "raw"),
    ),
    UdpC2(
        name="udp_c2.borrowed",
        about="Foreign content on the ports of DNS, NTP, QUIC, IKE, SNMP.",
        ports=BORROWED,
        sports=(),
    ),
    UdpC2(
        name="udp_c2.kcp",
        about="A KCP session (FRP, KEYPLUG): 24-octet headers.",
        kcp=True,
        kinds=("proxy", "shell", "pull", "tasks"),
    ),
)
