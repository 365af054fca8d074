"""Beacons of any grammar, size and interval, over TCP and UDP.

Reports of a few octets up to a few hundred, seconds to ten minutes apart, exactly or with up to
half of the interval of jitter, on a connection or source port each or on one; answered with
nothing to do, now and then with a task. Ranges as in public reports on beacons; no tool
is imitated. The honest twins are the checks and measurements of `benign.reporters`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._grammar import FRAMES, SEALS, Grammar, interval_of, waits
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators.covert.implant_talk import Session, check_in, implant_port, opened

__all__ = ["PROFILES", "Beacon"]

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Beacon(Profile):
    """A report at an interval, each on a connection (or source port) of its own or on one.

    Parameters
    ----------
    frames, seals : tuple of str
        Choices from `nalpml.generators._grammar`.
    interval : tuple of float
        Bounds of the seconds between reports.
    size : tuple of int
        Bounds of the octets of a report before it is sealed, log-uniform.
    apart : float
        Probability of a connection, or source port, for each report.
    """

    frames: tuple[str, ...] = FRAMES
    seals: tuple[str, ...] = SEALS
    interval: tuple[float, float] = (1.0, 600.0)
    size: tuple[int, int] = (1, 200)
    apart: float = 0.6

    label: ClassVar[str] = "tcp_c2"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw the reports of one implant."""
        datagram = self.label == "udp_c2"
        grammar = Grammar(rng, pick(rng, self.frames), pick(rng, self.seals), datagram)
        ends = net.ends(rng, inbound=False, new=0.6)
        port, apart = implant_port(rng, datagram=datagram), rng.random() < self.apart
        interval = interval_of(rng, *self.interval)
        jitter = float(pick(rng, (0, 0.02, 0.1, 0.2, 0.3, 0.5)))
        report, answer = _report(rng, int(loguniform(rng, *self.size))), _empty(rng)
        tasks, silent = float(pick(rng, (0, 0.03, 0.1, 0.3))), rng.random() < 0.2
        terse, rounds = rng.random() < 0.5, 1 + int(rng.random() < 0.2)
        conv = opened(rng, ends, port, datagram=datagram)
        talk, out, at = Session(rng, conv, grammar, 0, datagram), [conv], 0.0
        if rng.random() < 0.5:
            talk.say(0, check_in(rng), 1e-3, 1)
            talk.say(1, answer(b""), 2e-3, 1)
        for k in range(int(np.clip(net.duration / interval, 3, loguniform(rng, 5, 60)))):
            gap = waits(rng, interval, jitter)
            at += gap
            if apart and (k or conv.t):
                if at > net.duration:
                    break
                conv = opened(rng, ends, port, datagram=datagram, start=at)
                grammar.counts[:] = [0, 0] if rng.random() < 0.5 else grammar.counts
                out.append(conv)
                talk.conv, gap = conv, 1e-3
            for _ in range(rounds):
                text = report(k)
                talk.say(0, text, gap, 1)
                gap = 1e-3
                if not silent:
                    talk.say(1, answer(text), loguniform(rng, 1e-4, 0.05), 1)
            if rng.random() < tasks:
                order, shown = talk.shell.line()
                talk.say(1, order, loguniform(rng, 1e-3, 0.05), 2)
                talk.say(0, shown[: int(loguniform(rng, 8, 200))] if terse else shown or b"0",
                         loguniform(rng, 5e-3, 2), 2)  # fmt: skip
            if conv.now > net.duration:
                break
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpBeacon(Beacon):
    """The same in datagrams."""

    label: ClassVar[str] = "udp_c2"


def _report(rng: Rng, size: int) -> Callable[[int], bytes]:
    """What is said each time: the same octets, new ones, a state in text or a numbered record."""
    fixed, name, host = rng.bytes(size), word(rng), hostname(rng)
    style = pick(rng, ("fixed", "new", "new", "text", "record", "machine"))
    spread = pick(rng, (1.0, 1.0, 1.3, 3.0))
    told = check_in(rng)

    def make(k: int) -> bytes:
        length = max(1, int(size * loguniform(rng, 1 / spread, spread)))
        if style == "fixed":
            return fixed
        if style == "new":
            return rng.bytes(length)
        if style == "text":
            return f"{name} {k} {host} {sentence(rng, 1 + length // 12)}".encode()[: max(4, length)]
        if style == "record":
            return struct.pack("<IHH", k, size & 0xFFFF, int(rng.integers(100))) + fixed[:length]
        return told

    return make


def _empty(rng: Rng) -> Callable[[bytes], bytes]:
    """What the operator says when there is nothing to do."""
    fixed = rng.bytes(int(loguniform(rng, 1, 80)))
    short = pick(
        rng, (b"OK", b"ok\n", b"0", b"NOP", b"sleep", b"\0", b"\0\0\0\0", b"wait 60", b"{}")
    )
    style = pick(rng, ("fixed", "short", "short", "echo", "new"))

    def make(text: bytes) -> bytes:
        if style == "echo":
            return text[:64] or short
        return {"fixed": fixed, "short": short}.get(style) or rng.bytes(len(fixed))

    return make


_TEXT = ("clear", "clear", "base64", "base64_cbc", "hex")

PROFILES: tuple[Profile, ...] = (
    Beacon(name="tcp_c2.beats", about="Reports at any interval, any grammar."),
    Beacon(name="tcp_c2.beats_small", about="Reports of few octets.", size=(1, 64),
           interval=(5.0, 300.0)),
    Beacon(name="tcp_c2.beats_text", about="Reports of text, a connection each.", seals=_TEXT,
           frames=("line", "delimited", "none", "none", "decimal"), apart=0.9,
           interval=(1.0, 120.0)),
    Beacon(name="tcp_c2.beats_kept", about="Reports on one connection.", apart=0.0),
    UdpBeacon(name="udp_c2.beats", about="Reports in datagrams at any interval, any grammar."),
    UdpBeacon(name="udp_c2.beats_small", about="Datagrams of few octets.", size=(1, 64),
              interval=(5.0, 300.0)),
    UdpBeacon(name="udp_c2.beats_kept", about="Reports from one source port.", apart=0.0),
    UdpBeacon(name="udp_c2.beats_text", about="Reports of text in datagrams.", seals=_TEXT,
              frames=("none", "none", "line", "delimited"), interval=(1.0, 120.0)),
)  # fmt: skip
"""Drawn beacons."""
