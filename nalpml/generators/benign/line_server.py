"""Text servers that nobody has a dissector for: commands in lines, answers with a status.

Music players (MPD), job queues (gearman's admin port), power supplies (NUT), displays (LCDproc),
virus scanners (clamd), node agents (munin), caches, game and mail administration: a line asks, a
line or a few answer, and a word or number says how it went. Every episode draws a protocol of that
kind: how it greets, what ends a line and an answer, verbs, states, whether a connection stays. No
single source; the shapes are those of the programs' manuals and of RFC 959, 1939, 2229 and 5804.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES", "LineServer"]

Rng = np.random.Generator
Line = Callable[[], bytes]

_PORTS = (
    6600, 4949, 4730, 3493, 13666, 3310, 11211, 113, 2628, 4190, 9100, 6557, 7777, 8300, 4242, 5038,
    9999, 2323, 11300, 6082, 3632, 7000, 5555, 1234, 4444, 10000,
)  # fmt: skip
_STATES = (
    # (good, bad): what stands before or after the data of an answer
    ("OK", "ERR"), ("OK", "ACK [5@0]"), ("+OK", "-ERR"), ("250", "550"), ("200", "500"),
    ("END", "ERROR"), ("success", "huh?"), ("OK", "NO"), ("1", "0"), ("END", "CLIENT_ERROR"),
    ("OK", "FOUND"), ("ok", "failed"), (".", "# Unknown"), ("VALUE", "ERR UNKNOWN"), ("0", "-1"),
)  # fmt: skip


def _greeting(rng: Rng, good: str) -> str:
    name, version = word(rng).title(), f"{int(rng.integers(5))}.{int(rng.integers(30))}"
    styles = (
        f"{good} {name} {version}",
        f"220 {hostname(rng)} {name} ready",
        f"# {name.lower()} node at {hostname(rng)}",
        f"{name}/{version}",
        f'"IMPLEMENTATION" "{name} {version}"',
        f"* {good} {name} server ready",
        f"hello {name.lower()} {version} protocol 0.3 lcd wid 20 hgt 4",
    )
    return pick(rng, styles)


def _fields(rng: Rng, style: str) -> Callable[[int], list[str]]:
    """The lines of data of an answer, of one shape."""
    names = [word(rng) for _ in range(12)]
    device = word(rng)

    def make(n: int) -> list[str]:
        out = []
        for k in range(n):
            name, value = names[k % 12], int(rng.integers(0, 10 ** int(rng.integers(1, 6))))
            if style == "pairs":
                out.append(f"{name}: {value if rng.random() < 0.6 else word(rng)}")
            elif style == "equals":
                out.append(f"{name}={value}")
            elif style == "value":
                out.append(f"{name}.value {value}")
            elif style == "table":
                out.append(f"{name}\t{value}\t{int(rng.integers(9))}\t{int(rng.integers(5))}")
            elif style == "quoted":
                out.append(f'VAR {device} {name}.{word(rng)} "{value}"')
            else:
                out.append(sentence(rng, int(rng.integers(1, 10))))
        return out

    return make


@dataclass(frozen=True, slots=True, kw_only=True)
class LineServer(Profile):
    """Clients of one server that speaks in lines.

    Parameters
    ----------
    uses : tuple of str
        ``stay`` one connection with many requests, ``each`` one for every request, ``idle`` a
        connection that waits for events and now and then asks whether the other is there.
    greeted : float
        Probability that the server speaks first.
    """

    uses: tuple[str, ...] = ("stay", "each", "idle")
    greeted: float = 0.6
    scope: str | None = None

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one client's requests."""
        use, ends = pick(rng, self.uses), net.ends(rng, scope=self.scope, new=0.4)
        port = pick(rng, _PORTS) if rng.random() < 0.4 else int(rng.integers(1024, 49152))
        end = pick(rng, (b"\n", b"\n", b"\r\n", b"\r\n", b"\0"))
        good, bad = pick(rng, _STATES)
        greeting = _greeting(rng, good).encode() + end if rng.random() < self.greeted else b""
        ask, answer = self._requests(rng, end), self._answers(rng, end, good, bad)
        gap, think = loguniform(rng, 1e-3, 20), loguniform(rng, 1e-4, 0.1)
        leaves, closer = rng.random() < 0.5, int(rng.integers(2))
        bye = pick(rng, (b"quit", b"QUIT", b"close", b"bye", b"LOGOUT")) + end
        many = {"stay": 1, "idle": 1, "each": round(loguniform(rng, 2, 40))}[use]
        each = round(loguniform(rng, 1, 4)) if use == "each" else round(loguniform(rng, 2, 80))
        begin = [ask() for _ in range(int(rng.integers(0, 3)))]
        period, exact = loguniform(rng, 0.2, 60), rng.random() < 0.4
        alive = pick(rng, (b"ping", b"noop", b"idle", b"PING", b"nop")) + end
        pong = pick(rng, (good.encode(), b"PONG", b"pong")) + end
        out, start = [], 0.0
        for _ in range(many):
            conv = tcp(rng, net, port, ends=ends, start=start)
            if greeting:
                conv.say(1, greeting, think)
            for line in begin:
                conv.say(0, line, 1e-3)
                conv.say(1, good.encode() + end, think)
            for _ in range(each):
                if use == "idle":
                    conv.say(0, alive, period)
                    conv.say(1, answer() if rng.random() < 0.3 else pong, think)
                else:
                    wait = gap * (1.0 if exact else float(rng.exponential())) + 1e-4
                    conv.say(0, ask(), wait)
                    conv.say(1, answer(), think * float(rng.uniform(0.5, 2)))
                if conv.now > min(net.duration, 300.0):
                    break
            if leaves:
                conv.say(0, bye, 1e-3)
                if rng.random() < 0.4:
                    conv.say(1, good.encode() + end, think)
            conv.closing, conv.closer = "fin", closer
            out.append(conv)
            start += period * (1.0 if exact else float(rng.exponential())) + conv.now
            if start > net.duration:
                break
        return out

    @staticmethod
    def _requests(rng: Rng, end: bytes) -> Line:
        case = pick(rng, (str.lower, str.upper, str.lower))
        verbs = [
            case(
                pick(
                    rng,
                    (
                        "get",
                        "list",
                        "status",
                        "show",
                        "fetch",
                        "stat",
                        "version",
                        "next",
                        "set",
                        "search",
                        word(rng),
                    ),
                )
            )
            for _ in range(4)
        ]
        names = [word(rng) for _ in range(6)]
        mark = pick(rng, ("", "", "", "z", "n", "A001 "))
        quoted = rng.random() < 0.3

        def ask() -> bytes:
            u = rng.random()
            text = mark + pick(rng, verbs)
            if u < 0.6:
                name = pick(rng, names)
                text += f' "{name}"' if quoted else f" {name}"
            if u < 0.2:
                text += f" {int(rng.integers(1000))}"
            return text.encode() + end

        return ask

    @staticmethod
    def _answers(rng: Rng, end: bytes, good: str, bad: str) -> Line:
        style = pick(rng, ("pairs", "equals", "value", "table", "quoted", "text", "none"))
        fields, before = _fields(rng, style), rng.random() < 0.35
        most = 0 if style == "none" else int(loguniform(rng, 1, 40))
        ends_with = pick(rng, ("", "", ".", "END"))

        def answer() -> bytes:
            if rng.random() < 0.06:
                return f"{bad} {sentence(rng, 3)}".encode() + end
            lines = fields(int(rng.integers(0, most + 1)))
            if before:
                state = f"{good} {sentence(rng, 2)}" if rng.random() < 0.5 else good
                lines = [state, *lines, *([ends_with] if ends_with else [])]
            else:
                lines = [*lines, good]
            return b"".join(line.encode() + end for line in lines)

        return answer


PROFILES: tuple[Profile, ...] = (
    LineServer(name="lines.stay", about="Text servers: one connection, many requests (MPD, NUT).",
               uses=("stay",)),
    LineServer(name="lines.each", about="Text servers: a connection for each request (clamd).",
               uses=("each",)),
    LineServer(name="lines.idle", about="Text servers: clients that wait and keep alive.",
               uses=("idle", "idle", "stay")),
    LineServer(name="lines.greeted", about="Text servers that greet and give numbers as states.",
               greeted=1.0, scope="lan"),
)  # fmt: skip
