"""Address plans: every scenario gets its own private networks, drawn from its seed.

Covert and benign scenarios draw from the same distributions, so neither an address nor a
time to live nor an MTU tells the one from the other.
"""

from __future__ import annotations

import hashlib
import ipaddress
import random
from dataclasses import dataclass

HOSTS = ("client", "client2", "server", "server2")
LAN_HOSTS = ("client", "client2")


def scenario_seed(name: str, seed: int) -> int:
    """Return a 32-bit seed that depends on the scenario's name and on the run's seed."""
    digest = hashlib.sha256(f"{name}/{seed}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


@dataclass(frozen=True)
class Plan:
    """Addresses and host settings of one scenario.

    Attributes
    ----------
    lan, wan
        IPv4 networks on the two sides of the router (/24 and /22).
    lan6, wan6
        Unique local IPv6 networks (/64).
    v4, v6
        Host name (and ``lan``, ``wan`` for the router's sides) to address.
    ttl
        Host name to initial time to live.
    mtu
        MTU of the client's side, octets.
    capture
        The router's interface that is captured, ``lan0`` or ``wan0``.
    """

    lan: ipaddress.IPv4Network
    wan: ipaddress.IPv4Network
    lan6: ipaddress.IPv6Network
    wan6: ipaddress.IPv6Network
    v4: dict[str, str]
    v6: dict[str, str]
    ttl: dict[str, int]
    mtu: int
    capture: str

    def farm(self, count: int) -> list[str]:
        """Return `count` further addresses of the wide side, for scenarios with many hosts."""
        taken = set(self.v4.values())
        free = (str(a) for a in list(self.wan.hosts())[16:] if str(a) not in taken)
        return [next(free) for _ in range(count)]


def _network(rng: random.Random, prefix: int) -> ipaddress.IPv4Network:
    """Draw a private network: 10/8, 172.16/12 or 192.168/16."""
    base, low = rng.choice((("10.0.0.0", 8), ("172.16.0.0", 12), ("192.168.0.0", 16)))
    step = 1 << (32 - prefix)
    count = 1 << (prefix - low)
    start = int(ipaddress.IPv4Address(base)) + rng.randrange(count) * step
    return ipaddress.IPv4Network((start, prefix))


def _network6(rng: random.Random) -> ipaddress.IPv6Network:
    return ipaddress.IPv6Network(((0xFD << 120) | (rng.getrandbits(56) << 64), 64))


def draw(seed: int, capture: str = "any") -> Plan:
    """Draw the plan of a scenario.

    Parameters
    ----------
    seed
        From :func:`scenario_seed`.
    capture
        ``lan``, ``wan``, or ``any`` to leave the capture point to the seed.
    """
    rng = random.Random(seed)
    lan = _network(rng, 24)
    wan = _network(rng, 22)
    while wan.overlaps(lan):
        wan = _network(rng, 22)
    lan6, wan6 = _network6(rng), _network6(rng)
    v4: dict[str, str] = {}
    v6: dict[str, str] = {}
    for side, net, net6, names in (
        ("lan", lan, lan6, LAN_HOSTS),
        ("wan", wan, wan6, ("server", "server2")),
    ):
        numbers = rng.sample(range(2, net.num_addresses - 2), len(names))
        v4[side] = str(net[1])
        v6[side] = str(net6[1])
        for name, number in zip(names, numbers, strict=True):
            v4[name] = str(net[number])
            v6[name] = str(net6[number if rng.random() < 0.5 else rng.getrandbits(60)])
    ttl = {name: rng.choice((64, 64, 64, 128, 128, 255)) for name in HOSTS}
    mtu = rng.choice((1500, 1500, 1500, 1492, 1400))
    point = capture if capture != "any" else rng.choice(("lan", "lan", "wan"))
    return Plan(lan, wan, lan6, wan6, v4, v6, ttl, mtu, f"{point}0")
