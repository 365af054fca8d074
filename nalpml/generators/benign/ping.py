"""Echo requests as operating systems, monitoring and path probes send them.

Sizes, patterns, identifiers and sequence numbers follow the programs' sources: iputils, fping, mtr,
hping, nping, busybox and monitoring-plugins; Windows, BSD/macOS and Cisco IOS after published
captures. The replies return what was sent (RFC 792, RFC 4443).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._network import Ends, Network
from nalpml.generators._profile import Profile

__all__ = ["PROFILES", "Ping", "ping_data"]

TOOLS = (
    "linux",
    "windows",
    "bsd",
    "busybox",
    "fping",
    "mtr",
    "hping3",
    "nping",
    "check_icmp",
    "cisco",
)
_SIZES = {
    "linux": 56,
    "windows": 32,
    "bsd": 56,
    "busybox": 56,
    "fping": 56,
    "mtr": 36,
    "hping3": 0,
    "nping": 0,
    "check_icmp": 68,
    "cisco": 72,
}
_SYSTEM = {
    "linux": "linux",
    "windows": "windows",
    "bsd": "macos",
    "busybox": "appliance",
    "cisco": "embedded",
}
_CLOCK = 1_700_000_000


def ping_data(
    tool: str, size: int, now: float, rng: np.random.Generator, fill: bytes | None = None
) -> bytes:
    """Payload of one echo request.

    Parameters
    ----------
    tool : str
        One of `TOOLS`.
    size : int
        Octets.
    now : float
        Seconds since the Unix time 1700000000, for tools that stamp their requests.
    rng : numpy Generator
        For the octets that a tool leaves to chance.
    fill : bytes, optional
        Pattern given by the user, repeated.
    """
    second, part = int(now) + _CLOCK, int(now % 1 * 1e6)
    if tool in ("linux", "check_icmp"):
        stamp = struct.pack("<qq", second, part)
    elif tool == "bsd":
        stamp = struct.pack(">II", second, part)
    elif tool == "busybox":
        stamp = struct.pack("<I", (second * 1_000_000 + part) & 0xFFFFFFFF)
    else:
        stamp = b""
    if size < len(stamp):
        stamp = b""
    rest = size - len(stamp)
    if fill is not None:
        body = (fill * (size // len(fill) + 1))[len(stamp) : size]
    elif tool == "check_icmp":
        body = (struct.pack("<H", int(rng.integers(1 << 16))) + bytes(rest))[:rest]
    else:
        body = _body(tool, len(stamp), rest)
    return stamp + body


@lru_cache(maxsize=512)
def _body(tool: str, start: int, size: int) -> bytes:
    """What a tool puts after its time stamp of `start` octets."""
    if tool == "linux":
        return bytes(k & 0xFF for k in range(start, start + size))
    if tool == "bsd":
        return bytes(k & 0xFF for k in range(8, 8 + size))
    if tool == "windows":
        return (b"abcdefghijklmnopqrstuvw" * (size // 23 + 1))[:size]
    if tool == "cisco":
        return (bytes(8) + b"\xab\xcd" * (size // 2 + 1))[:size]
    return b"X" * size if tool == "hping3" else bytes(size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Profile):
    """Echo requests and replies between two hosts.

    Parameters
    ----------
    tool : str
        One of `TOOLS`, or "" for any.
    size : tuple of int
        Bounds of the payload in octets, log-uniform; (0, 0) for the tool's own default.
    interval : tuple of float
        Bounds of the seconds between requests, log-uniform.
    count : tuple of int
        Bounds of the number of requests.
    scope : {"lan", "wan", None}
        Where the target is.
    random_fill : float
        Probability that the payload is random octets (``fping -R``), or a pattern of the user's.
    unreached : float
        Probability that nobody answers.
    fragments : bool
        Whether requests may be larger than the path takes in one packet.
    """

    tool: str = ""
    size: tuple[int, int] = (0, 0)
    interval: tuple[float, float] = (1.0, 1.0)
    count: tuple[int, int] = (3, 60)
    scope: str | None = None
    random_fill: float = 0.0
    unreached: float = 0.08
    fragments: bool = False

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one run of the tool."""
        tool = self.tool or pick(rng, TOOLS)
        ends = net.ends(rng, scope=self.scope, system=_SYSTEM.get(tool), new=0.5)
        size = _SIZES[tool]
        if self.size != (0, 0):
            size = round(loguniform(rng, max(1, self.size[0]), self.size[1]))
        if not self.fragments:
            size = min(size, ends.path.mtu - (48 if ends.version == 6 else 28))
        interval = loguniform(rng, *self.interval)
        n = int(rng.integers(self.count[0], self.count[1] + 1))
        ident = int(rng.integers(1, 65536))
        seq, step = {
            "windows": (ends.client.boot, 1),
            "bsd": (0, 1),
            "busybox": (0, 1),
            "fping": (0, 1),
            "mtr": (33000 + int(rng.integers(100)), 1),
            "hping3": (0, 256),
            "nping": (1, 1),
            "cisco": (0, 1),
        }.get(tool, (1, 1))
        if tool == "windows":
            ident = 1 if rng.random() < 0.8 else int(rng.integers(512, 1024))
        fill: bytes | None = None
        u = rng.random()
        noise = u < self.random_fill
        if self.random_fill <= u < 1.5 * self.random_fill:
            fill = rng.bytes(int(rng.integers(1, 17)))
        silent = rng.random() < self.unreached
        precision = loguniform(rng, 1e-5, 3e-3)
        conv = icmp_conversation(ends)
        at = 0.0
        think = loguniform(rng, 5e-6, 3e-4)
        clock = float(rng.uniform(0, 1e6))
        for _ in range(n):
            data = rng.bytes(size) if noise else ping_data(tool, size, clock + at, rng, fill)
            request_and_reply(
                conv,
                ident=ident,
                seq=seq,
                data=data,
                at=at,
                reply=None if silent else data,
                think=think,
            )
            seq = (seq + step) & 0xFFFF
            at += interval + float(rng.exponential(precision))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring(Profile):
    """A poller that pings many hosts in turn (Nagios check_icmp, smokeping with fping, SD-WAN).

    Parameters
    ----------
    tool : str
        Payload style, one of `TOOLS`.
    targets : tuple of int
        Bounds of the number of hosts.
    burst : tuple of int
        Bounds of the requests a host gets each round.
    period : tuple of float
        Bounds of the seconds between rounds.
    size : tuple of int
        Bounds of the payload, (0, 0) for the tool's default.
    """

    tool: str = "check_icmp"
    targets: tuple[int, int] = (5, 40)
    burst: tuple[int, int] = (1, 20)
    period: tuple[float, float] = (10.0, 300.0)
    size: tuple[int, int] = (0, 0)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the rounds of one poller."""
        source = net.host(rng)
        n = int(rng.integers(self.targets[0], self.targets[1] + 1))
        burst = int(rng.integers(self.burst[0], self.burst[1] + 1))
        period = loguniform(rng, *self.period)
        rounds = max(1, min(6, int(net.duration / period)))
        pause = loguniform(rng, 0.001, 1.0)
        size = _SIZES[self.tool]
        if self.size != (0, 0):
            size = round(loguniform(rng, *self.size))
        shared = rng.random() < 0.6
        ident = int(rng.integers(65536))
        noise = rng.random() < 0.2
        convs = []
        for k in range(n):
            target = net.host(rng) if rng.random() < 0.7 else net.outside(rng, new=0.2)
            if target is source:
                continue
            ends = Ends(
                client=source,
                server=target,
                version=4,
                path=net.path(rng, client=source, server=target),
            )
            own = ident if shared else int(rng.integers(65536))
            conv = icmp_conversation(ends, start=k * 0.02)
            down = rng.random() < 0.08
            seq = 0
            for r in range(rounds):
                for b in range(burst):
                    at = r * period + b * pause + float(rng.exponential(2e-3))
                    data = rng.bytes(size) if noise else ping_data(self.tool, size, at, rng)
                    request_and_reply(
                        conv, ident=own, seq=seq, data=data, at=at, reply=None if down else data
                    )
                    seq += 1
            convs.append(conv)
        return convs


@dataclass(frozen=True, slots=True, kw_only=True)
class PingOnce(Profile):
    """A script that starts ping again for every probe: a new identifier each time.

    Parameters
    ----------
    count : tuple of int
        Bounds of the requests of one start.
    interval : tuple of float
        Bounds of the seconds between starts, log-uniform.
    tools : tuple of str
        Choices from `TOOLS`.
    """

    count: tuple[int, int] = (1, 3)
    interval: tuple[float, float] = (0.3, 60.0)
    tools: tuple[str, ...] = TOOLS

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the starts of one script."""
        tool = pick(rng, self.tools)
        ends = net.ends(rng, system=_SYSTEM.get(tool), new=0.5)
        size = _SIZES[tool] if rng.random() < 0.7 else int(rng.integers(8, 1400))
        interval, count = loguniform(rng, *self.interval), int(rng.integers(*self.count))
        ident, step = int(rng.integers(65536)), int(pick(rng, (1, 2, 3, 7, 65521)))
        first = 1 if tool in ("linux", "nping") else 0
        # fping -R and scripts that ask for other content.
        noise = rng.random() < 0.35
        out = []
        for k in range(int(np.clip(net.duration / interval, 2, 60))):
            conv = icmp_conversation(ends, start=k * interval + float(rng.exponential(5e-3)))
            for n in range(count):
                data = rng.bytes(size) if noise else ping_data(tool, size, conv.start, rng)
                request_and_reply(
                    conv,
                    ident=(ident + k * step) & 0xFFFF,
                    seq=first + n,
                    data=data,
                    at=float(n),
                    reply=data,
                )
            out.append(conv)
        return out


PROFILES: tuple[Profile, ...] = (
    PingOnce(name="ping.once", about="Scripts and watchdogs that run ping -c 1 again and again."),
    PingOnce(
        name="ping.once_plain",
        about="fping, nping, hping3 and mtr started anew every time.",
        tools=("fping", "nping", "hping3", "mtr", "busybox"),
        interval=(0.1, 20.0),
    ),
    *(
        Ping(
            name=f"ping.{tool}",
            about=f"The defaults of {tool} (its source or captures of it).",
            tool=tool,
        )
        for tool in TOOLS
    ),
    Ping(
        name="ping.sized",
        about="ping -s and -p: any size and pattern, as users and scripts ask.",
        size=(1, 1472),
        interval=(0.2, 5.0),
        random_fill=0.3,
    ),
    Ping(
        name="ping.fragments",
        about="ping -s beyond the MTU: requests and replies in fragments.",
        size=(1473, 9000),
        interval=(0.2, 2.0),
        count=(3, 20),
        fragments=True,
    ),
    Ping(
        name="ping.mtu_probe",
        about="Path-MTU probes: large, do-not-fragment, often unanswered.",
        tool="linux",
        size=(1000, 1472),
        interval=(0.2, 2.0),
        count=(3, 20),
        unreached=0.3,
    ),
    Ping(
        name="ping.flood",
        about="ping -f and -i 0.002..0.2: load and loss tests.",
        interval=(0.002, 0.2),
        count=(50, 800),
        size=(1, 1472),
    ),
    Ping(
        name="ping.slow",
        about="A watchdog: a request every 5..60 s for as long as it may.",
        interval=(5.0, 60.0),
        count=(10, 60),
    ),
    Monitoring(name="ping.nagios", about="monitoring-plugins check_icmp: 68 octets, 1..5 a round."),
    Monitoring(
        name="ping.smokeping",
        about="Smokeping: 20 fping requests of 56 octets a round.",
        tool="fping",
        burst=(20, 20),
        targets=(3, 12),
    ),
    Monitoring(
        name="ping.sdwan",
        about="SD-WAN and router probes of 100 to 1,000 octets.",
        tool="cisco",
        size=(64, 1000),
        period=(1.0, 10.0),
        targets=(2, 8),
        burst=(1, 3),
    ),
    Monitoring(
        name="ping.inventory",
        about="A poller of several hundred hosts, one request each.",
        tool="linux",
        targets=(150, 400),
        burst=(1, 2),
        period=(60.0, 300.0),
    ),
)
