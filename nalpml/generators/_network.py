"""The network that every conversation, covert or benign, runs through: hosts and paths.

Values that differ between operating systems (initial TTL, SYN options and window, timestamp use,
IP identification, source ports) are drawn for a host once; what differs between routes (delay,
jitter, loss, hops, MTU, where the capture was taken) is drawn for a path. Nothing here knows the
label of the conversation it serves.

Sources: RFC 1122, 6056, 6274, 7323 and 9293 for what is free to choose; p0f's and Nmap's published
fingerprints for what the systems choose; FIELD notes on TTL and echo defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nalpml.generators._content import pick
from nalpml.generators._systems import SYSTEMS, System

__all__ = ["Ends", "Host", "Network", "Path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One machine: addresses as integers, its system, and the choices it made for itself."""

    system: System
    mac: int
    v4: int
    v6: tuple[int, int]
    inside: bool
    window: int
    scale: int
    ip_id: str
    id_base: int
    id_rate: float
    """Packets a second of other traffic that move a shared identification counter."""
    stamp_base: int
    stamp_hz: int
    boot: int
    """A counter since start-up that tools with a system-wide counter share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The way between two hosts, seen from the capture point; times in seconds."""

    rtt: float
    near: float
    """Share of the one-way delay between the originator and the capture point."""
    jitter: float
    loss: float
    reorder: float
    rate: float
    """Bottleneck in octets a second."""
    mtu: int
    hops: tuple[int, int]
    gather: tuple[int, int]
    """Segments joined into one frame by offloading at the capturing host, by direction."""
    padded: tuple[bool, bool]
    macs: tuple[int, int]
    tos: tuple[int, int]
    haste: float
    """What pauses below 100 ms, which programs and not people make, are multiplied by."""
    nat: int
    """Lowest source port of a translating router, 0 without one."""

    @property
    def owd(self) -> float:
        """One-way delay in seconds."""
        return self.rtt / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Originator, responder, IP version and the path between them."""

    client: Host
    server: Host
    version: int
    path: Path


def _octets(rng: np.random.Generator, n: int) -> int:
    return int.from_bytes(rng.bytes(n), "big")


def _public_v4(rng: np.random.Generator) -> int:
    """A unicast address outside the private, loopback, link-local and multicast ranges."""
    while True:
        address = _octets(rng, 4)
        first, second = address >> 24, (address >> 16) & 255
        private = first in (0, 10, 127) or first >= 224 or (first == 172 and 16 <= second < 32)
        special = (first, second) in ((192, 168), (169, 254)) or (first == 100 and second >= 64)
        if not private and not special and address & 255 not in (0, 255):
            return address


@dataclass(slots=True)
class Network:
    """A site of `hosts` machines behind a router, and the Internet beyond it.

    Parameters
    ----------
    rng : numpy Generator
        Draws the site; conversations bring their own.
    hosts : int
        Machines inside.
    duration : float
        Length of the mixture in seconds, for profiles that run as long as they may.
    v6 : float
        Share of conversations over IPv6 where a profile leaves it open.
    systems : tuple of str
        Operating systems that hosts may run; all when empty.
    """

    rng: np.random.Generator
    hosts: int = 60
    duration: float = 600.0
    v6: float = 0.15
    systems: tuple[str, ...] = ()
    inside: list[Host] = field(default_factory=list)
    popular: list[Host] = field(default_factory=list)
    routers: tuple[int, ...] = ()
    prefix4: int = 0
    prefix6: int = 0

    def __post_init__(self) -> None:
        rng = self.rng
        private = (10 << 24 | int(rng.integers(256)) << 16, (172 << 8 | 16) << 16, 0xC0A80000)
        self.prefix4 = private[int(rng.integers(3))]
        self.prefix6 = (
            (0x2001 << 48) | (_octets(rng, 5) << 8)
            if rng.random() < 0.7
            else ((0xFD << 56) | (_octets(rng, 7)))
        )
        self.routers = tuple(self._mac(rng) for _ in range(2))
        order = rng.permutation(8000)[: self.hosts] + 2
        self.inside = [self._host(rng, inside=True, order=int(k)) for k in order]
        self.popular = [self._host(rng, inside=False) for _ in range(min(120, 2 * self.hosts))]

    @staticmethod
    def _mac(rng: np.random.Generator) -> int:
        makers = (
            0x00505 << 4,
            0x000C29,
            0x3C5282,
            0xF01898,
            0xD4BED9,
            0x00163E,
            0x525400,
            0x8C1645,
            0xB827EB,
            0x001B21,
            0x000EB6,
            0xA4C3F0,
        )
        maker = makers[int(rng.integers(len(makers)))] if rng.random() < 0.8 else _octets(rng, 3)
        return (maker & 0xFEFFFF) << 24 | _octets(rng, 3)

    def _host(
        self, rng: np.random.Generator, *, inside: bool, order: int = 0, server: bool = True
    ) -> Host:
        system = self._system(rng, server=not inside and server)
        suffix = _octets(rng, 8)
        if inside:
            v4, v6 = self.prefix4 | (order // 250 << 8) | (order % 250 + 2), (self.prefix6, suffix)
        else:
            v4 = _public_v4(rng)
            suffix = suffix if rng.random() < 0.5 else suffix & 0xFFFF
            v6 = ((0x2 << 60) | _octets(rng, 7), suffix)
        has_stamps = "T" in system.syn
        hz = 1000 if system.name not in ("unix", "appliance") else pick(rng, (100, 250, 1000))
        return Host(
            system=system,
            mac=self._mac(rng),
            v4=v4,
            v6=v6,
            inside=inside,
            window=pick(rng, system.window),
            scale=pick(rng, system.scale),
            ip_id=pick(rng, system.ip_id),
            id_base=_octets(rng, 2),
            id_rate=float(rng.lognormal(0.5, 1.5)),
            stamp_base=_octets(rng, 4),
            stamp_hz=hz if has_stamps else 0,
            boot=int(rng.integers(1, 4000)) if rng.random() < 0.5 else int(rng.integers(65000)),
        )

    def _system(self, rng: np.random.Generator, *, server: bool) -> System:
        allowed = [s for s in SYSTEMS if not self.systems or s.name in self.systems]
        weights = np.array([s.server if server else s.weight for s in allowed])
        return allowed[int(rng.choice(len(allowed), p=weights / weights.sum()))]

    def host(self, rng: np.random.Generator, *, system: str | None = None) -> Host:
        """A machine inside, of the named system when there is one."""
        pool = [h for h in self.inside if system is None or h.system.name == system]
        pool = pool or self.inside
        return pool[int(rng.integers(len(pool)))]

    def outside(self, rng: np.random.Generator, *, new: float = 0.5) -> Host:
        """A machine outside: one that many talk to, or (with probability `new`) any."""
        if rng.random() < new:
            return self._host(rng, inside=False)
        return self.popular[int(rng.integers(len(self.popular)))]

    def ends(
        self,
        rng: np.random.Generator,
        *,
        scope: str | None = None,
        version: int | None = None,
        system: str | None = None,
        inbound: bool | None = None,
        new: float = 0.5,
    ) -> Ends:
        """Draw two hosts and the path between them.

        Parameters
        ----------
        rng : numpy Generator
            Of the profile that asks.
        scope : {"lan", "wan"}, optional
            Both hosts inside, or one of them outside; drawn when left open.
        version : {4, 6}, optional
            IP version; drawn when left open.
        system : str, optional
            Operating system of the originator, when inside.
        inbound : bool, optional
            Whether the originator of a wide-area conversation is the one outside; drawn when
            left open, unless the originator's system is given.
        new : float
            Probability that the outside host is one nobody else talks to.
        """
        if version is None:
            version = 6 if rng.random() < self.v6 else 4
        if scope is None:
            scope = "lan" if rng.random() < 0.35 else "wan"
        client = self.host(rng, system=system)
        if scope == "lan":
            server = self.host(rng)
            while server is client:
                server = self.host(rng)
        else:
            server = self.outside(rng, new=new)
        if inbound is None:
            inbound = system is None and scope == "wan" and rng.random() < 0.2
        if inbound:
            client, server = server, client
        path = self.path(rng, client=client, server=server)
        return Ends(client=client, server=server, version=version, path=path)

    def path(self, rng: np.random.Generator, *, client: Host, server: Host) -> Path:
        """Draw a path between two given hosts."""
        lan = client.inside and server.inside
        if lan:
            rtt = float(np.clip(rng.lognormal(np.log(6e-4), 1.0), 5e-5, 0.03))
            far = int(rng.integers(0, 3)) if rng.random() < 0.4 else 0
            macs = (client.mac, server.mac) if far == 0 else (client.mac, self.routers[0])
            hops = (0, far) if rng.random() < 0.5 else (far, 0)
            if far and hops[0]:
                macs = (self.routers[0], server.mac)
            mtu, loss = (1500 if rng.random() < 0.95 else 9000), (rng.random() < 0.1) * 0.001
            rate = pick(rng, (12.5e6, 1.25e8, 1.25e8, 1.25e9))
        else:
            rtt = float(np.clip(rng.lognormal(np.log(0.03), 0.9), 0.001, 0.6))
            near, distant = int(rng.integers(0, 3)), int(rng.integers(4, 20))
            hops = (near, distant) if client.inside else (distant, near)
            local = client if client.inside else server
            local_mac = local.mac if near == 0 else self.routers[1]
            macs = (local_mac, self.routers[0])
            if not client.inside:
                macs = (self.routers[0], local_mac)
            mtu = pick(rng, (1500, 1500, 1500, 1500, 1492, 1480, 1460, 1420, 1400))
            loss = pick(rng, (0.0, 0.0, 0.0005, 0.003, 0.015))
            rate = float(np.exp(rng.uniform(np.log(2.5e5), np.log(1.25e8))))
        edge = rng.random()
        near_share = 0.002 if edge < 0.5 else 0.998 if edge < 0.65 else float(rng.random())
        if not lan and edge >= 0.5:
            near_share = float(rng.random()) * (0.1 if client.inside else 1)
        joined = int(rng.integers(2, 20)) if rng.random() < 0.2 else 1
        gather = (joined, joined if rng.random() < 0.5 else 1)
        tos = pick(rng, (0, 0, 0, 0, 0, 0, 0x10, 0x48, 0x28, 0xB8, 0x20, 0x08))
        return Path(
            rtt=rtt,
            near=near_share,
            jitter=float(rtt * np.exp(rng.uniform(np.log(0.003), np.log(0.15)))),
            loss=float(loss),
            reorder=pick(rng, (0.0, 0.0, 0.0, 0.001)),
            rate=rate,
            mtu=mtu,
            hops=hops,
            gather=gather if rng.random() < 0.7 else gather[::-1],
            padded=(bool(rng.random() < 0.5), bool(rng.random() < 0.5)),
            macs=macs,
            tos=(tos, tos if rng.random() < 0.5 else 0),
            haste=float(np.exp(rng.uniform(np.log(0.03), np.log(1.5)))),
            nat=int(rng.integers(1024, 50000)) if not lan and rng.random() < 0.15 else 0,
        )
