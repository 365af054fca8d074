"""Echo requests of libraries and monitors: fills of their own, answered to the octet.

Programs that make their own echo requests (Python's and Go's ping libraries, home automation,
uptime monitors, smokeping's probes) fill them as they like: random letters, new in every packet or
the same in a run, random octets, a clock and one character, a counter, a name. The identifier is a
constant, counts the runs or is drawn for each; the sequence starts at 0 or 1 and may count in steps
of 256, where a program forgets the network's byte order. Kernels return all of it (RFC 792). Tools
that look for hosts send echoes without data, time stamps and masks from one identifier (RFC 950;
nmap -PE -PP -PM).
"""

from __future__ import annotations

import string
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._common import Rows
from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation, Hook, icmp_meta
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._network import Ends, Host, Network
from nalpml.generators._profile import Profile

__all__ = ["FILLS", "PROFILES", "LibraryPing", "Probes", "library_fill"]

FILLS = (
    "letters", "letters_run", "octets", "octets_run", "character", "clock", "clock_octets",
    "counter", "words", "name",
)  # fmt: skip
_EPOCH = 1_700_000_000.0
_LETTERS = tuple(
    s.encode()
    for s in (
        string.ascii_letters,
        string.ascii_lowercase,
        string.ascii_uppercase,
        string.ascii_letters + string.digits,
        string.hexdigits.lower(),
        string.digits,
        string.printable[:94],
    )
)

Fill = Callable[[int, int, float], bytes]
"""(octets, number of the request, seconds) -> data of one request."""


def _clock(rng: np.random.Generator) -> Callable[[float], bytes]:
    """A time as programs write it: seconds as a double, or whole milli-, micro- or nanoseconds."""
    code, unit = pick(
        rng, ((">d", 1.0), ("<d", 1.0), (">d", 1e3), (">q", 1e9), ("<q", 1e9), (">q", 1e3),
              (">II", 1e6), ("<II", 1e6), ("<qq", 1e6), ("text", 1.0))
    )  # fmt: skip
    # Monotonic clocks start with the machine.
    start = _EPOCH if rng.random() < 0.8 else loguniform(rng, 1e3, 1e7)

    def stamp(now: float) -> bytes:
        at = start + now
        if code == "text":
            return f"{at:.6f}".encode()
        if code[1:] == "d":
            return struct.pack(code, at * unit)
        if code[1:] == "q":
            return struct.pack(code, int(at * unit))
        return struct.pack(code, int(at), int(at % 1 * unit))

    return stamp


def library_fill(rng: np.random.Generator, style: str) -> Fill:
    """Draw what a program puts into its echo requests.

    Parameters
    ----------
    rng : numpy Generator
    style : str
        One of `FILLS`.
    """
    letters = np.frombuffer(pick(rng, _LETTERS), np.uint8)
    one = pick(rng, (b"Q", b"A", b"x", b"\0", b"\xff", b"\xaa", b"\x55", b"a", b"0", b" "))
    stamp, seed = _clock(rng), int(rng.integers(1 << 32))
    text = f"{word(rng)} {sentence(rng, 12)} " if style == "words" else f"{hostname(rng)} "
    first, wide = int(rng.integers(256)), pick(rng, (">H", ">I", "<I", "<Q"))

    def some(size: int) -> bytes:
        made: bytes = letters[rng.integers(0, len(letters), size)].tobytes()
        return made

    def make(size: int, n: int, now: float) -> bytes:
        if style == "letters":
            return some(size)
        if style == "octets":
            return rng.bytes(size)
        if style == "character":
            return one * size
        if style == "clock":
            return (stamp(now) + one * size)[:size]
        if style == "clock_octets":
            return (stamp(now) + np.random.default_rng(seed + n).bytes(size))[:size]
        if style == "counter":
            return (struct.pack(wide, n) + bytes((first + k) & 0xFF for k in range(size)))[:size]
        return (text.encode() * (size // len(text) + 1))[:size]

    if style in ("letters_run", "octets_run"):
        kept = rng.bytes(1500) if style == "octets_run" else some(1500)
        return lambda size, n, now: (kept * (size // len(kept) + 1))[:size]
    return make


def _sequence(first: int, n: int, *, swapped: bool) -> int:
    """The n-th sequence number; in the wrong byte order where a program forgets to change it."""
    value = (first + n) & 0xFFFF
    return (value & 0xFF) << 8 | value >> 8 if swapped else value


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPing(Profile):
    """Runs of echo requests of one program to one or many hosts.

    Parameters
    ----------
    fills : tuple of str
        Choices from `FILLS`.
    count : tuple of int
        Bounds of the requests of one run, log-uniform.
    targets, runs : tuple of int
        Bounds of the hosts and of the runs to each, log-uniform.
    period : tuple of float
        Bounds of the seconds between runs, log-uniform.
    interval : tuple of float
        Bounds of the seconds between the requests of a run, log-uniform.
    programs : tuple of int
        Bounds of the number of programs on one host that ask the same host.
    size : tuple of int
        Bounds of the payload in octets, log-uniform, where no usual size is chosen.
    """

    fills: tuple[str, ...] = FILLS
    count: tuple[int, int] = (1, 14)
    targets: tuple[int, int] = (1, 3)
    runs: tuple[int, int] = (1, 12)
    period: tuple[float, float] = (1.0, 120.0)
    interval: tuple[float, float] = (0.01, 2.0)
    programs: tuple[int, int] = (1, 1)
    size: tuple[int, int] = (1, 1400)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the runs of one program, or of a few on one host."""
        source = net.ends(rng, new=0.5)
        out = []
        for _ in range(int(rng.integers(self.programs[0], self.programs[1] + 1))):
            late, hook = loguniform(rng, 0.01, 20), program_limit(rng, source)
            for conv in self._program(rng, net, source):
                conv.start, conv.hook = conv.start + late, hook
                out.append(conv)
        return out

    def _program(self, rng: np.random.Generator, net: Network, source: Ends) -> list[Conversation]:
        style, usual = pick(rng, self.fills), rng.random() < 0.7
        size = int(pick(rng, (8, 16, 24, 32, 48, 56, 56, 56, 64, 64, 100, 128, 512, 1000, 1024)))
        size = size if usual else int(loguniform(rng, *self.size))
        numbered, swapped = pick(rng, ("constant", "run", "random")), rng.random() < 0.2
        first, ident = int(pick(rng, (0, 1, 1))), int(rng.integers(65536))
        # Some programs wait for the answer and go on, most keep a beat.
        eager, interval = rng.random() < 0.2, loguniform(rng, *self.interval)
        interval = interval if rng.random() < 0.5 else float(pick(rng, (0.05, 0.2, 0.5, 1.0, 1.0)))
        count = max(1, round(loguniform(rng, *self.count)))
        runs, period = round(loguniform(rng, *self.runs)), loguniform(rng, *self.period)
        goes_on = rng.random() < 0.2
        fill = library_fill(rng, style)
        out, number, sent = [], 0, 0
        for k in range(round(loguniform(rng, *self.targets))):
            ends = source if k == 0 else _another(rng, net, source.client, source.version)
            think, silent = loguniform(rng, 5e-6, 3e-4), rng.random() < 0.08
            again = loguniform(rng, 1e-4, 5e-3)
            for run in range(runs):
                own = {"constant": ident, "run": ident + number}.get(numbered)
                own = int(rng.integers(65536)) if own is None else own
                number += 1
                # What is the same in a run is drawn anew for the next.
                fill = library_fill(rng, style) if style.endswith("_run") else fill
                start = run * period + k * interval / 2 + float(rng.exponential(5e-3))
                conv, at = icmp_conversation(ends, start=start), 0.0
                for n in range(count):
                    data = fill(size, n, start + at)
                    seq = _sequence(first, sent if goes_on else n, swapped=swapped)
                    request_and_reply(
                        conv, ident=own & 0xFFFF, seq=seq, data=data, at=at,
                        reply=None if silent else data, think=think,
                    )  # fmt: skip
                    sent += 1
                    at += ends.path.rtt + again if eager else interval
                    at += float(rng.exponential(5e-4))
                out.append(conv)
        return out


def program_limit(rng: np.random.Generator, ends: Ends) -> Hook | None:
    """Packets of a program that sets the hop limit itself; None for one that does not."""
    limit = int(pick(rng, (32, 64, 64, 128, 255, 255)))
    if rng.random() < 0.7:
        return None
    seen = limit - ends.client.system.ttl

    def change(rows: Rows, rng: np.random.Generator) -> str:
        out = rows["dir"] == 0
        rows["ttl"][out] = np.clip(rows["ttl"][out].astype(np.int64) + seen, 1, 255)
        return ""

    return change


def _another(rng: np.random.Generator, net: Network, client: Host, version: int) -> Ends:
    server = net.host(rng) if client.inside and rng.random() < 0.6 else net.outside(rng, new=0.3)
    while server is client:
        server = net.host(rng)
    path = net.path(rng, client=client, server=server)
    return Ends(client=client, server=server, version=version, path=path)


def _extended(rng: np.random.Generator) -> bytes:
    """The extension that names an interface by name, index or address (RFC 8335, 2.1)."""
    kind = int(pick(rng, (1, 2, 3)))
    name = {1: b"eth%d\0\0\0\0" % int(rng.integers(10)), 2: b"\0\0\0\2"}.get(
        kind, b"\0\1\4\0" + rng.bytes(4)
    )
    text = struct.pack(">BBHHBB", 0x20, 0, 0, 4 + len(name), 3, kind) + name
    total = sum(struct.unpack(f">{len(text) // 2}H", text))
    total = (total & 0xFFFF) + (total >> 16)
    return text[:2] + struct.pack(">H", 0xFFFF - total) + text[4:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes(Profile):
    """Short echoes, time stamps and masks of what looks for hosts or measures clocks.

    Parameters
    ----------
    kinds : tuple of str
        Of ``echo``, ``stamp``, ``mask``, ``info``: what may be asked for.
    targets, rounds : tuple of int
        Bounds of the hosts and of the questions to each, log-uniform.
    size : tuple of int
        Octets of data of the echoes to choose from.
    still : float
        Probability that all questions have one sequence number.
    pattern : bytes
        What fills the echoes.
    answered : float
        Probability that hosts answer time stamps and extended echoes.
    pause : tuple of float
        Bounds of the seconds between questions, log-uniform.
    """

    kinds: tuple[str, ...] = ("echo", "stamp", "mask")
    targets: tuple[int, int] = (1, 30)
    rounds: tuple[int, int] = (1, 6)
    size: tuple[int, ...] = (0, 0, 0, 1, 4, 8)
    still: float = 0.7
    pattern: bytes = b"\0"
    answered: float = 0.6
    pause: tuple[float, float] = (1e-3, 5.0)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one search."""
        kinds = [k for k in self.kinds if rng.random() < 0.75] or [pick(rng, self.kinds)]
        size, still = int(pick(rng, self.size)), rng.random() < self.still
        ident, per_kind = int(rng.integers(65536)), rng.random() < 0.5
        first = int(pick(rng, (0, 0, 1, int(rng.integers(65536)))))
        pause, rounds = loguniform(rng, *self.pause), round(loguniform(rng, *self.rounds))
        spread = pick(rng, (0.0, 0.001, 0.5))
        data = (self.pattern * size)[:size] if rng.random() < 0.7 else rng.bytes(size)
        found = {k: rng.random() < p for k, p in
                 (("echo", 0.9), ("stamp", self.answered), ("mask", 0.15), ("info", 0.1),
                  ("extended", self.answered))}  # fmt: skip
        source, out = net.ends(rng, version=4, new=0.5), []
        hook, interface = program_limit(rng, source), _extended(rng)
        for k in range(round(loguniform(rng, *self.targets))):
            ends = source if k == 0 else _another(rng, net, source.client, 4)
            there = rng.random() < 0.8
            conv = icmp_conversation(ends, start=k * pause / 3)
            conv.hook = hook
            # Milliseconds since midnight; some tools leave the field of the sender empty.
            day, empty = int(rng.integers(80_000_000)), rng.random() < 0.4
            at = 0.0
            for n in range(rounds):
                for j, kind in enumerate(kinds):
                    rest = ((ident + j * per_kind) & 0xFFFF) << 16
                    rest |= first if still else (first + n) & 0xFFFF
                    if kind == "extended":
                        rest = rest & 0xFFFF0000 | (n & 255) << 8 | 1
                    now = 0 if empty else day + int(at * 1e3)
                    theirs = day + int(at * 1e3) + int(ends.path.rtt * 500)
                    asked = {
                        "echo": (8, 0, data, data),
                        "stamp": (13, 14, struct.pack(">III", now, 0, 0),
                                  struct.pack(">III", now, theirs, theirs)),
                        "mask": (17, 18, bytes(4), b"\xff\xff\xff\0"),
                        "info": (15, 16, b"", b""),
                        "extended": (42, 43, interface, b""),
                    }[kind]  # fmt: skip
                    q = conv.at(at, 0, asked[2], icmp_meta(asked[0], 0, rest))
                    if there and found[kind]:
                        back = icmp_meta(asked[1], 0, rest)
                        conv.at(at + ends.path.owd + 3e-5, 1, asked[3], back, parent=q)
                    at += pause * float(1 + spread * rng.uniform(-1, 1)) / len(kinds)
            out.append(conv)
        return out


PROFILES: tuple[Profile, ...] = (
    LibraryPing(name="ping.library", about="Ping libraries of programming languages, any fill."),
    LibraryPing(
        name="ping.library_letters",
        about="Libraries that send random letters, new in each packet or in each run.",
        fills=("letters", "letters_run"),
    ),
    LibraryPing(
        name="ping.library_clock",
        about="Libraries that send their clock before one character or random octets.",
        fills=("clock", "clock", "clock_octets", "counter"),
    ),
    LibraryPing(
        name="ping.library_octets",
        about="Libraries that send random octets, new in each packet or in each run.",
        fills=("octets", "octets_run", "character", "words"),
    ),
    LibraryPing(
        name="ping.monitor",
        about="Uptime monitors and home automation: few requests to many hosts, again and again.",
        count=(1, 6), targets=(3, 25), runs=(2, 6), period=(5.0, 300.0), interval=(0.05, 1.0),
    ),
    LibraryPing(
        name="ping.several",
        about="Several programs on one host that ping the same others.",
        programs=(2, 4), count=(1, 5), runs=(1, 8), period=(0.5, 60.0),
    ),
    LibraryPing(
        name="ping.series",
        about="Loss and delay measurements: 20 to 60 requests of one fill.",
        count=(20, 60), runs=(1, 3), interval=(0.02, 2.0),
    ),
    LibraryPing(
        name="ping.library_slow",
        about="Watchdogs of libraries: a request every second to every minute.",
        fills=("letters", "letters_run", "octets", "octets_run", "clock_octets", "words"),
        count=(5, 100), targets=(1, 2), runs=(1, 2), interval=(1.0, 60.0),
    ),
    LibraryPing(
        name="ping.single",
        about="One request, of whatever stack, to one host.",
        count=(1, 1), targets=(1, 1), runs=(1, 2), period=(20.0, 300.0),
    ),
    Probes(name="ping.probes", about="Short echoes, time stamps and masks (nmap, icmpush)."),
    Probes(
        name="ping.sweep",
        about="One question or two to each host of a network.",
        targets=(10, 60), rounds=(1, 2), kinds=("echo", "stamp", "mask", "info"),
    ),
    Probes(
        name="ping.clocks",
        about="Differences of clocks by ICMP time stamps (clockdiff).",
        kinds=("stamp",), targets=(1, 3), rounds=(5, 60), still=0.1,
    ),
    Probes(
        name="ping.stamps",
        about="Time stamps once a second or so, answered (ping -t timestamp of GNU inetutils).",
        kinds=("stamp", "stamp", "mask"), targets=(1, 2), rounds=(2, 40), still=0.0,
        answered=0.9, pause=(0.2, 5.0),
    ),
    Probes(
        name="ping.extended",
        about="Extended echoes that ask for an interface (RFC 8335).",
        kinds=("extended", "echo"), targets=(1, 3), rounds=(1, 20), still=0.2,
    ),
    Probes(
        name="ping.router",
        about="Routers' echoes of 0xABCD, one to five at a time (Cisco IOS).",
        kinds=("echo",), size=(36, 72, 100, 1000), pattern=b"\xab\xcd", rounds=(1, 5), still=0.3,
    ),
)  # fmt: skip
