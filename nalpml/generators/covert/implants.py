"""Implants of grammars no tool has: sessions and beacons over TCP and UDP.

What remote-access tools do, in any way of writing it (`_grammar`): they say who they are, perhaps
exchange keys, may be sent a further stage, wait on keep-alives, and are asked for things by the
side they have called: output of commands, lines typed, files, pictures of the screen, lists. Sizes,
intervals, jitter and ports are drawn over the ranges of public reports on such tools; none is
imitated. The honest twins are `benign.reporters`: same grammars, same beats, asked the other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import file_octets, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._grammar import FRAMES, SEALS, Grammar, interval_of, waits
from nalpml.generators._guests import vsock as guest_stream
from nalpml.generators._guests import vsock_port
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators.covert.implant_talk import LIMIT, Session, check_in, implant_port, opened

__all__ = ["PROFILES", "Implant"]

Rng = np.random.Generator

_EVENTS = (
    "command",
    "command",
    "command",
    "keys",
    "typed",
    "screen",
    "pull",
    "push",
    "list",
    "log",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implant(Profile):
    """One long session of an implant.

    Parameters
    ----------
    frames, seals : tuple of str
        Choices from `nalpml.generators._grammar`.
    events : tuple of str
        What the operator may ask for.
    busy : tuple of float
        Bounds of the probability that something is asked for instead of a beat, log-uniform.
    interval : tuple of float
        Bounds of the seconds between beats.
    stage : float
        Probability that a further stage is sent after the first words.
    keys : float
        Probability that both sides begin with octets of a key exchange.
    inbound : float
        Probability that the operator connects to a listening implant.
    tells : float
        Probability that the implant begins with what machine it is on.
    """

    frames: tuple[str, ...] = FRAMES
    seals: tuple[str, ...] = SEALS
    events: tuple[str, ...] = _EVENTS
    busy: tuple[float, float] = (0.03, 0.9)
    interval: tuple[float, float] = (1.0, 120.0)
    stage: float = 0.2
    keys: float = 0.25
    inbound: float = 0.15
    tells: float = 0.85

    label: ClassVar[str] = "tcp_c2"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one session."""
        datagram = self.label == "udp_c2"
        grammar = Grammar(rng, pick(rng, self.frames), pick(rng, self.seals), datagram)
        inbound = bool(rng.random() < self.inbound)
        conv = self._open(rng, net, inbound=inbound)
        talk = Session(rng, conv, grammar, 1 if inbound else 0, datagram)
        self._begin(rng, talk)
        busy, interval = loguniform(rng, *self.busy), interval_of(rng, *self.interval)
        jitter = float(pick(rng, (0, 0.02, 0.1, 0.2, 0.3, 0.5)))
        end = min(net.duration, loguniform(rng, 20, 900))
        beat, answer = grammar.alive()
        asks = int(rng.random() < 0.25)
        for k in range(int(loguniform(rng, 6, 120))):
            if conv.now > end or len(conv.t) > 350:
                break
            if rng.random() < busy:
                talk.event(pick(rng, self.events))
                continue
            talk.raw(asks, beat(k), waits(rng, interval, jitter))
            text = answer(k)
            if text:
                talk.raw(1 - asks, text, loguniform(rng, 1e-4, 0.05))
        return [conv]

    def _open(self, rng: Rng, net: Network, *, inbound: bool) -> Conversation:
        datagram = self.label == "udp_c2"
        ends = net.ends(rng, inbound=inbound, new=0.6)
        return opened(rng, ends, implant_port(rng, datagram=datagram), datagram=datagram)

    def _begin(self, rng: Rng, talk: Session) -> None:
        if rng.random() < self.keys:
            size = int(pick(rng, (16, 32, 32, 64, 65, 128, 256, 256)))
            for side in (0, 1) if rng.random() < 0.7 else (1, 0):
                talk.raw(side, talk.grammar.write(rng.bytes(size), side, 0, sealed=False), 0.01)
        if self.tells == 0 and talk.shell.prompt:
            talk.say(0, talk.shell.prompt, 5e-3, 1)
        if rng.random() < self.tells:
            talk.say(0, check_in(rng), 5e-3, 1)
            if rng.random() < 0.6:
                talk.say(1, pick(rng, (b"ok", b"\0", b"1", b"ACK", rng.bytes(4))), 2e-3, 1)
        if rng.random() < self.stage:
            talk.blob(1, file_octets(rng, int(loguniform(rng, 8_000, LIMIT))))


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpImplant(Implant):
    """The same in datagrams."""

    label: ClassVar[str] = "udp_c2"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestImplant(Implant):
    """The same between a guest and its host."""

    label: ClassVar[str] = "vsock_c2"
    vsock: ClassVar[bool] = True

    def _open(self, rng: Rng, net: Network, *, inbound: bool) -> Conversation:
        return guest_stream(rng, net, vsock_port(rng))


_TEXT = ("clear", "clear", "base64", "base64_cbc", "hex")
_SEALED = ("cbc", "aead", "stream", "xor")
_SHELL = ("command", "typed", "typed", "keys")


PROFILES: tuple[Profile, ...] = (
    Implant(name="tcp_c2.rat", about="Any grammar, any requests."),
    Implant(name="tcp_c2.rat_lines", about="Lines and delimiters of text.",
            frames=("line", "line", "delimited", "decimal"), seals=_TEXT, keys=0.0),
    Implant(name="tcp_c2.rat_sealed", about="Lengths or types before ciphertext.",
            frames=("length", "typed", "magic", "none", "header"), seals=_SEALED),
    Implant(name="tcp_c2.rat_blocks", about="Messages of whole blocks.",
            frames=("block", "none"), seals=("cbc", "clear", "xor", "stream")),
    Implant(name="tcp_c2.rat_staged", about="A further stage, then a session.", stage=1.0),
    Implant(name="tcp_c2.rat_idle", about="Hours of keep-alives and few requests.",
            busy=(0.01, 0.15), interval=(5.0, 600.0), stage=0.05),
    Implant(name="tcp_c2.rat_shell", about="Shells with what shells print, framed by nothing.",
            frames=("none",), seals=("clear", "clear", "clear", "xor", "stream"), events=_SHELL,
            busy=(0.7, 1.0), stage=0.0, keys=0.0, inbound=0.4, tells=0.0),
    Implant(name="tcp_c2.rat_listener", about="A listening implant with any grammar.", inbound=1.0),
    UdpImplant(name="udp_c2.rat", about="Any grammar in datagrams, any requests."),
    UdpImplant(name="udp_c2.rat_sealed", about="Ciphertext in datagrams behind small headers.",
               frames=("none", "header", "typed", "magic", "length"), seals=_SEALED),
    UdpImplant(name="udp_c2.rat_text", about="Text in datagrams.",
               frames=("none", "none", "line", "delimited"), seals=_TEXT),
    UdpImplant(name="udp_c2.rat_idle", about="Keep-alives in datagrams and few requests.",
               busy=(0.01, 0.15), interval=(2.0, 300.0), stage=0.05),
    GuestImplant(name="vsock_c2.rat", about="Any grammar between a guest and its host.",
                 inbound=0.4),
    GuestImplant(name="vsock_c2.rat_sealed", about="Ciphertext, and keep-alives between requests.",
                 frames=("none", "length", "typed", "header"), seals=_SEALED, inbound=0.4,
                 busy=(0.02, 0.4), interval=(0.5, 60.0)),
)  # fmt: skip
"""Sessions of drawn implants."""
