"""What implants say: of the machine they run on, and to the operator who asks for something."""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import file_octets, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._grammar import Grammar
from nalpml.generators._network import Ends
from nalpml.generators._ports import ephemeral
from nalpml.generators._terminal import Terminal
from nalpml.generators.covert import tcp_c2, udp_c2

__all__ = ["LIMIT", "Session", "check_in", "implant_port", "opened"]

Rng = np.random.Generator
LIMIT = 250_000
"""Octets of a session after which nothing large is asked for any more."""


def implant_port(rng: Rng, *, datagram: bool) -> int:
    """A port of a service that is let out, one that tools have by default, or any."""
    borrowed = udp_c2.BORROWED if datagram else tcp_c2.BORROWED
    u = rng.random()
    if u < 0.35:
        return pick(rng, borrowed)
    return pick(rng, tcp_c2.ODD) if u < 0.5 else int(rng.integers(1024, 65536))


def check_in(rng: Rng) -> bytes:
    """What an implant says of the machine it runs on: text in fields, JSON or a structure."""
    user, host, version = word(rng), word(rng).upper(), int(rng.integers(1, 12))
    system = pick(rng, ("Windows 10 Pro", "Windows 11", "Linux 5.15", "Win 7 SP1", "Ubuntu 22.04"))
    fields = [
        rng.bytes(int(pick(rng, (4, 8, 16)))).hex(), host, user, system,
        pick(rng, ("x64", "x86", "64", "amd64")), f"v{version}.{int(rng.integers(9))}",
        pick(rng, ("US", "DE", "en-US", "GB", "RU", "??")),
        pick(rng, ("Admin", "User", "root", "0")),
        f"10.0.{int(rng.integers(256))}.{int(rng.integers(256))}", str(int(rng.integers(1, 65))),
        sentence(rng, 3), pick(rng, ("No", "Yes", "Defender", "none")),
    ]  # fmt: skip
    order = rng.permutation(len(fields)).tolist()[: int(rng.integers(2, len(fields) + 1))]
    chosen = [fields[i] for i in order]
    style = int(rng.integers(4))
    if style == 0:
        return (
            pick(rng, ("|", "|'|'|", ";", ",", "\n", "##", "\t", "||", "\0")).join(chosen).encode()
        )
    if style == 1:
        pairs = [f"{word(rng)[:6]}={value}" for value in chosen]
        return pick(rng, ("&", "\n", "; ", " ")).join(pairs).encode()
    if style == 2:
        items = ",".join(f'"{word(rng)[:6]}":"{value}"' for value in chosen)
        return f"{{{items}}}".encode()
    wide = int(pick(rng, (16, 32, 64, 128)))
    code = pick(rng, ("utf-16-le", "ascii"))
    texts = [v.encode(code)[:wide].ljust(wide, b"\0") for v in chosen[:6]]
    return struct.pack("<IHH", int(rng.integers(1 << 24)), version, len(texts)) + b"".join(texts)


def opened(rng: Rng, ends: Ends, port: int, *, datagram: bool, start: float = 0.0) -> Conversation:
    """A conversation with an implant's server, ended as such programs end or never."""
    if datagram:
        sport = port if rng.random() < 0.1 else ephemeral(rng, ends)
        return Conversation(ends, 17, sport=sport, dport=port, start=start)
    return Conversation(
        ends, 6, sport=ephemeral(rng, ends), dport=port, start=start,
        closing=pick(rng, ("fin", "fin", "rst", "none")), closer=int(rng.integers(2)),
    )  # fmt: skip


class Session:
    """Who says what in a session: side 0 is the implant whoever connected."""

    def __init__(
        self, rng: Rng, conv: Conversation, grammar: Grammar, flip: int, datagram: bool
    ) -> None:
        self.rng, self.conv, self.grammar, self.flip = rng, conv, grammar, flip
        self.chunk = int(loguniform(rng, 300, 1200 if datagram else 30_000))
        self.split = datagram or rng.random() < 0.4
        self.confirm = rng.random() < 0.3
        self.shell, self.typing = Terminal(rng), loguniform(rng, 0.5, 15)
        self.spent = 0

    def raw(self, side: int, wire: bytes, gap: float) -> None:
        """Octets as they are; nothing is sent when there are none."""
        if wire:
            self.conv.say(side ^ self.flip, wire, gap)

    def say(self, side: int, text: bytes, gap: float, kind: int) -> None:
        """A message, in as many frames as a program with a buffer of one size makes."""
        step = self.chunk if self.split else max(1, len(text))
        for low in range(0, max(1, len(text)), step):
            wire = self.grammar.write(text[low : low + step], side, kind)
            self.raw(side, wire, gap if low == 0 else 3e-4)
            self.spent += len(wire)

    def blob(self, side: int, text: bytes) -> None:
        """A file or stage in blocks, confirmed or not."""
        self.say(side, struct.pack("<I", len(text)), 5e-3, 4)
        for low in range(0, len(text), self.chunk):
            self.say(side, text[low : low + self.chunk], loguniform(self.rng, 1e-4, 5e-3), 5)
            if self.confirm:
                self.say(1 - side, struct.pack("<I", low), 1e-3, 6)
            if len(self.conv.t) > 300:
                return

    def event(self, name: str) -> None:
        """Let the operator ask for something."""
        rng = self.rng
        if name in ("screen", "pull", "push") and self.spent > LIMIT:
            name = "command"
        gap = float(rng.lognormal(np.log(self.typing), 0.8))
        if name == "log":
            text = sentence(rng, int(rng.integers(1, 16))).encode()
            self.say(0, text, gap, 7)
        elif name == "keys":
            typed, shown = self.shell.line()
            for key in typed + b"\n":
                self.say(1, bytes((key,)), float(rng.lognormal(-1.8, 0.5)), 2)
            self.say(0, shown + self.shell.prompt or b"\n", loguniform(rng, 1e-3, 0.3), 2)
        elif name == "screen":
            self.say(1, bytes((int(rng.integers(20)),)), gap, 3)
            size = int(loguniform(rng, 2_000, 80_000))
            self.blob(0, b"\xff\xd8\xff\xe0" + rng.bytes(size))
        elif name in ("pull", "push"):
            self.say(
                1, f"{word(rng)}\\{word(rng)}.{pick(rng, ('doc', 'zip', 'dll'))}".encode(), gap, 4
            )
            self.blob(int(name == "push"), file_octets(rng, int(loguniform(rng, 500, 60_000))))
        else:
            order, shown = self.shell.line()
            if name == "list":
                order = bytes((int(rng.integers(1, 40)), 0)) + word(rng).encode()
                order = order[: int(pick(rng, (1, 2, 8, 30)))]
            elif name == "typed":
                order += self.shell.newline
                shown += self.shell.prompt
            self.say(1, order, gap, 2)
            if shown:
                self.say(0, shown, loguniform(rng, 2e-3, 2), 2)
            elif rng.random() < 0.6:
                self.say(0, pick(rng, (b"", b"done", b"\0")), loguniform(rng, 2e-3, 0.5), 2)
