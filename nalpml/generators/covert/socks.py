"""SOCKS 4, 4a and 5 sessions, forward and reverse, on usual and odd ports.

RFC 1928 and 1929; the SOCKS4 and 4a notes of their authors; EarthWorm and rssocks for the reverse
roles (the responder of the connection speaks the greeting); APT3's fixed requests for odd ports.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import file_octets, hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import dialog
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.dns import dns_query, dns_response
from nalpml.generators.benign.ssh import ssh_handshake
from nalpml.generators.benign.tls import handshake, records
from nalpml.generators.benign.web import http_request, http_response

__all__ = ["PROFILES", "Socks", "greet"]

USUAL = (1080, 1080, 1080, 9050, 9150, 1081, 10808, 7891)
INSIDE = ("tls", "tls", "http", "ssh", "raw", "refused")


class _Flipped:
    """A conversation seen from its responder: what it says in direction 0 goes in direction 1."""

    def __init__(self, conv: Conversation) -> None:
        self.conv = conv

    def say(self, d: int, payload: bytes, gap: float = 0.0, meta: int = 0) -> int:
        return self.conv.say(1 - d, payload, gap, meta)

    @property
    def now(self) -> float:
        return self.conv.now

    @now.setter
    def now(self, value: float) -> None:
        self.conv.now = value


def _target(rng: np.random.Generator, *, version: int, port: int) -> tuple[bytes, str]:
    """Address type, address and port of a SOCKS5 request."""
    name = hostname(rng)
    u = rng.random()
    if u < 0.5:
        return b"\x03" + bytes((len(name),)) + name.encode() + struct.pack(">H", port), name
    if u < 0.9:
        return b"\x01" + rng.bytes(4) + struct.pack(">H", port), name
    return b"\x04" + rng.bytes(16) + struct.pack(">H", port), name


def greet(
    conv: Conversation | _Flipped,
    rng: np.random.Generator,
    *,
    version: str,
    command: int,
    port: int,
    ok: bool = True,
    auth: bool = False,
) -> str:
    """Say the SOCKS opening; direction 0 asks.

    Parameters
    ----------
    version : {"4", "4a", "5"}
    command : int
        1 connect, 2 bind, 3 UDP associate.
    port : int
        Of the target.
    ok : bool
        Whether the proxy grants it.
    auth : bool
        Whether SOCKS5 asks for name and password (RFC 1929).

    Returns
    -------
    str
        A name for the target.
    """
    gap = loguniform(rng, 1e-4, 0.02)
    if version != "5":
        name = hostname(rng)
        user = word(rng).encode() if rng.random() < 0.4 else b""
        address = b"\0\0\0\x01" if version == "4a" else rng.bytes(4)
        ask = bytes((4, command)) + struct.pack(">H", port) + address + user + b"\0"
        conv.say(0, ask + (name.encode() + b"\0" if version == "4a" else b""), gap)
        answer = bytes((0, 90 if ok else 91)) + (
            bytes(6) if rng.random() < 0.6 else struct.pack(">H", port) + rng.bytes(4)
        )
        for _ in range(2 if command == 2 and ok else 1):
            conv.say(1, answer, loguniform(rng, 2e-3, 0.4))
        return name
    methods = pick(rng, (b"\x01\x00", b"\x02\x00\x02", b"\x02\x00\x01", b"\x03\x00\x01\x02"))
    if auth:
        methods = pick(rng, (b"\x01\x02", b"\x02\x00\x02"))
    conv.say(0, b"\x05" + methods, gap)
    conv.say(1, b"\x05\x02" if auth else b"\x05\x00", loguniform(rng, 2e-4, 0.02))
    if auth:
        user, secret = word(rng).encode(), rng.bytes(int(rng.integers(3, 10))).hex().encode()
        conv.say(0, bytes((1, len(user))) + user + bytes((len(secret),)) + secret, gap)
        conv.say(1, b"\x01\x00", loguniform(rng, 2e-4, 0.02))
    target, name = _target(rng, version=5, port=port)
    conv.say(0, bytes((5, command, 0)) + target, gap)
    code = 0 if ok else int(pick(rng, (1, 2, 3, 4, 5, 5, 8)))
    bound = b"\x01" + (bytes(6) if rng.random() < 0.6 else rng.bytes(6))
    for _ in range(2 if command == 2 and ok else 1):
        conv.say(1, bytes((5, code, 0)) + bound, loguniform(rng, 2e-3, 0.4))
    return name


def _inside(conv: Conversation | _Flipped, rng: np.random.Generator, kind: str, name: str) -> None:
    """What is proxied."""
    if kind == "tls":
        handshake(conv, rng, name=name, modern=bool(rng.random() < 0.7))  # type: ignore[arg-type]
        for _ in range(int(rng.integers(1, 12))):
            conv.say(0, records(rng, int(loguniform(rng, 60, 3000))), loguniform(rng, 1e-3, 5))
            conv.say(
                1, records(rng, int(loguniform(rng, 100, 100_000))), loguniform(rng, 5e-3, 0.4)
            )
    elif kind == "http":
        for _ in range(int(rng.integers(1, 8))):
            conv.say(0, http_request(rng, name), loguniform(rng, 1e-4, 3))
            conv.say(
                1, http_response(rng, int(loguniform(rng, 100, 60_000))), loguniform(rng, 5e-3, 0.4)
            )
    elif kind == "ssh":
        ssh_handshake(conv, rng)  # type: ignore[arg-type]
        for _ in range(int(rng.integers(3, 80))):
            conv.say(0, rng.bytes(36), loguniform(rng, 0.05, 2))
            conv.say(
                1, rng.bytes(int(pick(rng, (36, 36, 52, 180, 900)))), loguniform(rng, 5e-3, 0.1)
            )
    elif kind == "raw":
        for gap, d, text in dialog(
            rng,
            pick(rng, ("shell", "proxy", "pull", "tasks")),
            duration=60.0,
            octets=(1000, 150_000),
        ):
            conv.say(d, text, gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Socks(Profile):
    """Sessions through one proxy.

    Parameters
    ----------
    versions : tuple of str
        Choices from 4, 4a, 5.
    commands : tuple of int
        1 connect, 2 bind, 3 UDP associate.
    auth : float
        Probability of a name and password in SOCKS5.
    ports : tuple of int
        Proxy ports; empty for usual or any.
    reverse : float
        Probability that the responder of the connection is the one that asks.
    sessions : tuple of int
        Bounds of the number of connections.
    inside : tuple of str
        What is proxied: tls, http, ssh, raw, refused.
    scope : {"lan", "wan", None}
    prefix : tuple of int
        Bounds of the octets a reverse agent says before, (0, 0) for none.
    """

    versions: tuple[str, ...] = ("5", "5", "5", "4", "4a")
    commands: tuple[int, ...] = (1, 1, 1, 1, 1, 2, 3)
    auth: float = 0.25
    ports: tuple[int, ...] = ()
    reverse: float = 0.25
    sessions: tuple[int, int] = (1, 8)
    inside: tuple[str, ...] = INSIDE
    scope: str | None = None
    prefix: tuple[int, int] = (0, 0)
    target: int = 0

    label: ClassVar[str] = "socks"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the sessions of one client."""
        ends = net.ends(rng, scope=self.scope, inbound=bool(rng.random() < 0.1), new=0.5)
        port = (
            pick(rng, self.ports)
            if self.ports
            else (pick(rng, USUAL) if rng.random() < 0.6 else int(rng.integers(1024, 65536)))
        )
        version, reverse = pick(rng, self.versions), rng.random() < self.reverse
        auth = rng.random() < self.auth
        out: list[Conversation] = []
        at = 0.0
        for _ in range(int(rng.integers(self.sessions[0], self.sessions[1] + 1))):
            out += self._session(rng, net, ends, port, version, at, auth=auth, reverse=reverse)
            at += loguniform(rng, 0.01, 20)
        return out

    def _session(
        self,
        rng: np.random.Generator,
        net: Network,
        ends: Ends,
        port: int,
        version: str,
        at: float,
        *,
        auth: bool,
        reverse: bool,
    ) -> list[Conversation]:
        conv = tcp(rng, net, port, ends=ends, start=at)
        side: Conversation | _Flipped = _Flipped(conv) if reverse else conv
        if reverse and self.prefix != (0, 0):
            conv.say(0, rng.bytes(int(rng.integers(self.prefix[0], self.prefix[1] + 1))), 1e-3)
            conv.now += loguniform(rng, 0.01, 5)
        command = (
            pick(rng, self.commands)
            if version == "5"
            else pick(rng, [c for c in self.commands if c != 3] or [1])
        )
        kind = pick(rng, self.inside)
        target = self.target or {"tls": 443, "http": 80, "ssh": 22}.get(
            kind, int(rng.integers(1, 65536))
        )
        name = greet(
            side,
            rng,
            version=version,
            command=command,
            port=target,
            ok=kind != "refused",
            auth=auth,
        )
        if kind == "refused":
            return [conv]
        if command == 3:
            relay = udp(rng, net, int(rng.integers(1024, 65536)), ends=ends, start=at + conv.now)
            for _ in range(int(rng.integers(1, 20))):
                query = dns_query(rng, name, 1)
                head = b"\0\0\0\x01" + rng.bytes(4) + b"\0\x35"
                relay.say(0, head + query, loguniform(rng, 0.01, 3))
                relay.say(1, head + dns_response(rng, query, name, 1), loguniform(rng, 1e-3, 0.1))
            conv.now += relay.now
            return [conv, relay]
        if command == 2:
            side.say(1, file_octets(rng, int(loguniform(rng, 200, 60_000))), 0.01)
            return [conv]
        _inside(side, rng, kind, name)
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Socks(name="socks.random", about="Any version, command, port, role and content."),
    Socks(
        name="socks.v5",
        about="SOCKS5 CONNECT without a password on usual ports (RFC 1928).",
        versions=("5",),
        commands=(1,),
        auth=0.0,
        ports=USUAL,
        reverse=0.0,
    ),
    Socks(
        name="socks.v5_auth",
        about="SOCKS5 with name and password (RFC 1929).",
        versions=("5",),
        auth=1.0,
        commands=(1,),
        reverse=0.0,
    ),
    Socks(name="socks.v4", about="SOCKS4 and 4a.", versions=("4", "4a"), reverse=0.0),
    Socks(
        name="socks.reverse",
        about="The agent connects out, the operator asks (EarthWorm, rssocks).",
        reverse=1.0,
        versions=("5",),
        commands=(1,),
        prefix=(0, 16),
        scope="wan",
    ),
    Socks(
        name="socks.odd_port",
        about="A SOCKS server on a port of something else.",
        reverse=0.0,
        ports=(443, 80, 53, 8080, 22, 8443, 1913, 3389, 8888),
    ),
    Socks(
        name="socks.udp",
        about="UDP ASSOCIATE with DNS inside.",
        versions=("5",),
        commands=(3,),
        reverse=0.0,
    ),
    Socks(
        name="socks.bind",
        about="BIND: the proxy waits for a connection back.",
        commands=(2,),
        reverse=0.0,
    ),
)
