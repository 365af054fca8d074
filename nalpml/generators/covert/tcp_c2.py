"""Command and control over TCP without an application protocol.

Sources for what is forced: Metasploit's TCP stagers and Meterpreter's packet header, gh0st's
13-octet header, PlugX and Winnti (XOR), netcat, socat and PowerCat (plain shells), Derusbi
(source ports 31800..31900), SUGARUSH (4585), WarzoneRAT (5200), cd00r and J-magic (knocks),
EarthWorm-like roles.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import CODINGS, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import KINDS, Dialog, answer_of, coded, dialog, report_of
from nalpml.generators._framing import FRAMINGS, Framer, framing
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile

__all__ = ["BORROWED", "ODD", "PROFILES", "TcpC2", "knock", "say_all"]

BORROWED = (443, 443, 80, 53, 22, 25, 110, 143, 445, 3389, 8080, 8443, 21, 993, 1433, 5432)
ODD = (
    4444,
    1234,
    5000,
    8888,
    9001,
    1337,
    31337,
    6666,
    5555,
    4585,
    5200,
    7777,
    3001,
    2245,
    1851,
    4688,
    8487,
    43221,
    10086,
    2233,
    7475,
    18098,
)


def say_all(
    conv: Conversation,
    rng: np.random.Generator,
    talk: Dialog,
    frame: Framer,
    *,
    flip: bool = False,
    write: int = 0,
    limit: int = 3_000_000,
) -> None:
    """Let two ends hold a dialog on a stream.

    Parameters
    ----------
    conv : Conversation
    rng : numpy Generator
    talk : Dialog
    frame : Framer
    flip : bool
        Whether the implant is the responder of the conversation.
    write : int
        Largest single write, 0 for whole messages.
    limit : int
        Octets after which the dialog is cut.
    """
    count = [0, 0]
    total = 0
    for gap, speaker, text in talk:
        d = speaker ^ int(flip)
        wire = frame(text, d, count[d])
        count[d] += 1
        step = write or max(1, len(wire))
        for k in range(0, len(wire), step):
            conv.say(d, wire[k : k + step], gap if k == 0 else 2e-4)
        total += len(wire)
        if total > limit:
            return


def knock(
    ends: Ends, rng: np.random.Generator, ports: tuple[int, ...], *, answered: bool
) -> list[Conversation]:
    """SYNs to a row of ports, each unanswered or refused."""
    out = []
    at = 0.0
    for port in ports:
        opening = "refused" if answered else "syn"
        out.append(
            Conversation(
                ends,
                6,
                sport=ephemeral(rng, ends),
                dport=port,
                start=at,
                opening=opening,
                closing="none",
            )
        )
        at += loguniform(rng, 0.02, 1.0)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpC2(Profile):
    """A dialog on one or many TCP connections.

    Parameters
    ----------
    kinds, codings, framings : tuple of str
        Dialogs, encodings and headers to choose from.
    ports : tuple of int
        Server ports to choose from; empty for borrowed, odd or any.
    sports : tuple of int
        Bounds of source ports; empty for the system's ephemeral range.
    inbound : float
        Probability that the operator connects to a listening implant.
    per_beat : float
        Probability that a beacon opens a connection for every report.
    knocks : float
        Probability that SYNs to closed ports come before.
    refused : float
        Probability, by beat, that the operator's server does not answer.
    hello : bytes
        What the implant says first.
    silent : float
        Probability that reports on connections of their own are never answered.
    stage : tuple of int
        Bounds of a stager's blob from the operator, (0, 0) for none.
    """

    kinds: tuple[str, ...] = KINDS
    codings: tuple[str, ...] = CODINGS
    framings: tuple[str, ...] = FRAMINGS
    ports: tuple[int, ...] = ()
    sports: tuple[int, ...] = ()
    inbound: float = 0.15
    per_beat: float = 0.4
    knocks: float = 0.05
    refused: float = 0.03
    silent: float = 0.25
    hello: bytes = b""
    stage: tuple[int, int] = (0, 0)
    octets: tuple[int, int] = (1_000, 400_000)
    interval: tuple[float, float] = (2.0, 90.0)
    scope: str | None = None
    version: int | None = None

    label: ClassVar[str] = "tcp_c2"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        inbound = bool(rng.random() < self.inbound)
        ends = net.ends(rng, inbound=inbound, new=0.5, scope=self.scope, version=self.version)
        dport = self._port(rng)
        kind, coding = pick(rng, self.kinds), pick(rng, self.codings)
        frame = framing(rng, pick(rng, self.framings))
        write = int(loguniform(rng, 500, 70_000)) if rng.random() < 0.3 else 0
        if kind in ("beacon", "tasks") and rng.random() < self.per_beat:
            return self._beats(rng, net, ends, dport, coding, frame, flip=inbound)
        before = []
        start = 0.0
        if rng.random() < self.knocks:
            count = int(rng.integers(1, 6))
            ports = tuple(int(rng.integers(1, 65536)) for _ in range(count))
            before = knock(ends, rng, ports, answered=bool(rng.random() < 0.5))
            start = before[-1].start + loguniform(rng, 0.1, 10)
        conv = self._connection(rng, ends, dport, start)
        if self.hello:
            conv.say(int(inbound), self.hello, 1e-3)
        if self.stage != (0, 0):
            blob = rng.bytes(int(loguniform(rng, *self.stage)))
            conv.say(1 ^ int(inbound), struct.pack("<I", len(blob)), 5e-3)
            conv.say(1 ^ int(inbound), blob, 1e-3)
            conv.now += loguniform(rng, 0.05, 1)
        talk = dialog(rng, kind, duration=min(net.duration, 400.0), octets=self.octets)
        say_all(conv, rng, coded(rng, talk, coding), frame, flip=inbound, write=write)
        return [*before, conv]

    def _port(self, rng: np.random.Generator) -> int:
        if self.ports:
            return pick(rng, self.ports)
        u = rng.random()
        if u < 0.4:
            return pick(rng, BORROWED)
        return pick(rng, ODD) if u < 0.65 else int(rng.integers(1024, 65536))

    def _connection(
        self, rng: np.random.Generator, ends: Ends, dport: int, start: float
    ) -> Conversation:
        if self.sports:
            sport = int(rng.integers(self.sports[0], self.sports[1] + 1))
        else:
            sport = ephemeral(rng, ends)
        return Conversation(
            ends,
            6,
            sport=sport,
            dport=dport,
            start=start,
            closing=pick(rng, ("fin", "fin", "rst", "none")),
            closer=int(rng.integers(2)),
        )

    def _beats(
        self,
        rng: np.random.Generator,
        net: Network,
        ends: Ends,
        dport: int,
        coding: str,
        frame: Framer,
        *,
        flip: bool,
    ) -> list[Conversation]:
        """A connection for every report."""
        interval = loguniform(rng, *self.interval)
        jitter = float(rng.choice([0, 0.05, 0.1, 0.2, 0.3, 0.5]))
        tasks = float(rng.choice([0.02, 0.02, 0.2]))
        report, answer = report_of(rng), answer_of(rng)
        silent = rng.random() < self.silent
        key = int(rng.choice([1, 4, 16]))
        out = []
        at = 0.0
        for k in range(int(np.clip(net.duration / interval, 2, 60))):
            conv = self._connection(rng, ends, dport, at)
            if rng.random() < self.refused:
                conv.opening, conv.closing = ("refused" if rng.random() < 0.5 else "syn"), "none"
                out.append(conv)
            else:
                text = self.hello + report(k)
                talk: Dialog = [(1e-3, 0, text)]
                if not silent:
                    talk.append((loguniform(rng, 1e-3, 0.05), 1, answer(text)))
                if rng.random() < tasks:
                    talk += dialog(rng, "shell", duration=min(20.0, interval), octets=self.octets)
                say_all(conv, rng, coded(rng, talk, coding, fix=key), frame, flip=flip)
                out.append(conv)
            at += interval * float(1 + rng.uniform(-jitter, jitter)) + float(rng.exponential(5e-3))
            if at > net.duration:
                break
        return out


PROFILES: tuple[Profile, ...] = (
    TcpC2(name="tcp_c2.random", about="No tool: everything that is not forced is drawn."),
    TcpC2(
        name="tcp_c2.beacon",
        about="Beacons with a connection each, fixed or jittered interval.",
        kinds=("beacon", "tasks"),
        per_beat=1.0,
        inbound=0.0,
    ),
    TcpC2(
        name="tcp_c2.session",
        about="One long connection with reports, tasks and results.",
        kinds=("beacon", "tasks"),
        per_beat=0.0,
    ),
    TcpC2(
        name="tcp_c2.shell",
        about="Plain reverse and bind shells (netcat, PowerCat, Nishang).",
        kinds=("shell", "keys"),
        codings=("clear",),
        framings=("raw",),
    ),
    TcpC2(
        name="tcp_c2.bind_shell",
        about="The same with the implant listening: the originator types, the responder prints.",
        kinds=("shell", "keys"),
        codings=("clear",),
        framings=("raw",),
        inbound=1.0,
        knocks=0.0,
    ),
    TcpC2(
        name="tcp_c2.file",
        about="A file, asked for and confirmed, either way.",
        kinds=("pull", "push"),
        codings=("clear", "encrypted", "xor"),
        framings=("raw", "length"),
    ),
    TcpC2(
        name="tcp_c2.bare_file",
        about="netcat and socat: a file, either way, and nothing around it.",
        kinds=("take", "give"),
        codings=("clear", "clear", "base64", "compressed", "xor", "arc4"),
        framings=("raw",),
        inbound=0.3,
        octets=(2_000, 600_000),
    ),
    TcpC2(
        name="tcp_c2.redirect",
        about="A shell's redirection to a connection: a file or listing within seconds.",
        kinds=("take", "take", "give", "log"),
        codings=("clear", "clear", "base64", "hex", "compressed", "xor"),
        framings=("raw",),
        inbound=0.05,
        knocks=0.0,
        octets=(300, 60_000),
    ),
    TcpC2(
        name="tcp_c2.plain_beacon",
        about="Scripts that report a line on a connection of their own and may be told what to do.",
        kinds=("beacon", "tasks"),
        codings=("clear", "clear", "base64"),
        framings=("raw", "raw", "lines"),
        per_beat=1.0,
        inbound=0.0,
        silent=0.4,
        interval=(1.0, 90.0),
    ),
    TcpC2(
        name="tcp_c2.drops",
        about="Keystrokes, clipboards, cards: a connection for each record, never answered.",
        kinds=("beacon",),
        framings=("raw", "raw", "length", "lines", "keyed"),
        per_beat=1.0,
        inbound=0.0,
        silent=1.0,
        interval=(0.5, 60.0),
    ),
    TcpC2(
        name="tcp_c2.gh0st",
        about="gh0st and its children: five letters, two lengths, zlib.",
        framings=("gh0st",),
        codings=("clear", "xor"),
        kinds=("beacon", "tasks", "shell", "pull"),
    ),
    TcpC2(
        name="tcp_c2.meterpreter",
        about="Stager (length, blob), then XORed TLV packets.",
        framings=("tlv",),
        codings=("clear", "encrypted"),
        stage=(150_000, 400_000),
        ports=(4444, 443, 8080, 80, 5555),
        kinds=("tasks", "shell", "pull"),
        per_beat=0.0,
    ),
    TcpC2(
        name="tcp_c2.encrypted",
        about="High entropy from the first octet, any or no framing.",
        codings=("encrypted", "arc4"),
    ),
    TcpC2(
        name="tcp_c2.borrowed",
        about="Foreign content on the ports of web, mail, DNS and SSH.",
        ports=BORROWED,
    ),
    TcpC2(
        name="tcp_c2.listener",
        about="A listening implant inside, operated from outside or beside.",
        inbound=1.0,
        knocks=0.3,
    ),
)
