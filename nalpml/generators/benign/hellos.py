"""Long one-way streams of routers and exporters: hellos, advertisements, copies, records.

RFC 3768 (VRRP 2), OpenBSD's CARP as its manual describes it, RFC 3208 (PGM: source path messages
and original data), RFC 8966 (Babel over UDP), RFC 7011 (IPFIX), RFC 3954 (NetFlow 9), and ERSPAN
type II (draft-foschiano-erspan-03): Ethernet frames copied into GRE, one way. Minutes of them are
one window with hundreds of packets and no answer.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, output, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._inner import inner_packets
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral, to_group, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.dns import Dns
from nalpml.generators.benign.ping import Ping
from nalpml.generators.benign.rare_bodies import summed
from nalpml.generators.benign.tls import Tls
from nalpml.generators.benign.web import Http

__all__ = ["PROFILES", "Copied", "Exported", "Hello"]

Rng = np.random.Generator
Make = Callable[[int], bytes]
"""Number of the message -> body."""


def _vrrp(rng: Rng) -> Make:
    count = int(rng.integers(1, 4))
    addresses = b"".join(b"\x0a" + rng.bytes(3) for _ in range(count))
    head = bytes((0x21, int(rng.integers(1, 256)), int(pick(rng, (100, 120, 255, 90))), count))
    text = summed(head + b"\0\1\0\0" + addresses + bytes(8), 6)
    return lambda k: text


def _carp(rng: Rng) -> Make:
    head = bytes((0x21, int(rng.integers(1, 256)), int(pick(rng, (0, 1, 100))), 7, 0, 1))
    counter, digest = rng.bytes(8), rng.bytes(20)
    return lambda k: summed(head + b"\0\0" + counter + digest, 6)


def _pgm(rng: Rng) -> Make:
    ports, source = struct.pack(">HH", *rng.integers(1024, 65536, 2)), rng.bytes(6)
    first, low, high = int(rng.integers(1 << 20)), 16, int(pick(rng, (60, 400, 1200)))
    every = int(pick(rng, (2, 5, 20, 1000)))

    def make(k: int) -> bytes:
        if k % every == 0:
            path = struct.pack(">IIIHHI", k, first, first + k, 1, 0, 0x0A000001)
            return summed(ports + b"\0\0\0\0" + source + b"\0\0" + path, 6)
        data = output(rng, int(loguniform(rng, low, high)))
        body = struct.pack(">HII", len(data), first + k, first) + data
        return summed(ports + b"\4\0\0\0" + source + body, 6)

    return make


def _babel(rng: Rng) -> Make:
    seqno, interval = int(rng.integers(1 << 16)), int(pick(rng, (400, 400, 2000)))
    identity, routes = rng.bytes(8), int(rng.integers(0, 6))
    prefixes = [rng.bytes(3) for _ in range(routes)]

    def make(k: int) -> bytes:
        items = b"\4\6" + struct.pack(">HHH", 0, (seqno + k) & 0xFFFF, interval)
        if k % 4 == 0:
            items += b"\5\x06" + struct.pack(">BBHH", 0, 0, 96, 3 * interval)
        if k % 4 == 3 and routes:
            items += b"\6\x0a\0\0" + identity
            for text in prefixes:
                entry = struct.pack(">BBBBHHH", 1, 0, 24, 0, 4 * interval, k & 0xFFFF, 96) + text
                items += b"\x08" + bytes((len(entry),)) + entry
        return b"\x2a\2" + struct.pack(">H", len(items)) + items

    return make


_KINDS: dict[str, tuple[int, int, int, tuple[float, ...], Callable[[Rng], Make]]] = {
    "vrrp": (112, 0, 0xE0000012, (1.0, 1.0, 1.0, 3.0), _vrrp),
    "carp": (112, 0, 0xE0000012, (1.0, 1.0, 2.0), _carp),
    "pgm": (113, 0, 0xEFC00001, (0.02, 0.1, 0.5, 1.0, 5.0), _pgm),
    "babel": (17, 6696, 0xE000006F, (4.0, 4.0, 20.0), _babel),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Profile):
    """Minutes of one protocol's messages to its group.

    Parameters
    ----------
    kinds : tuple of str
        Of ``vrrp``, ``carp``, ``pgm``, ``babel``.
    """

    kinds: tuple[str, ...] = tuple(_KINDS)

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one sender."""
        proto, port, group, periods, make = _KINDS[pick(rng, self.kinds)]
        host = net.host(rng)
        limit = 255 if proto == 112 else int(pick(rng, (1, 16, 64)))
        host = dataclasses.replace(host, system=dataclasses.replace(host.system, ttl=limit))
        conv = Conversation(to_group(rng, net, host, group, 0), proto, sport=port, dport=port)
        body, period = make(rng), pick(rng, periods)
        spread = pick(rng, (1e-4, 1e-3, 0.05))
        for k in range(int(min(net.duration / period, loguniform(rng, 5, 300)))):
            conv.say(0, body(k), max(1e-3, period * float(1 + spread * rng.normal())))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Profile):
    """Flow records to a collector that never answers (IPFIX, NetFlow 9)."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one exporter."""
        newer = rng.random() < 0.6
        conv = udp(rng, net, pick(rng, (4739, 4739) if newer else (2055, 9995, 9996)), scope="lan")
        conv.sport = pick(rng, (conv.dport, ephemeral(rng, conv.ends)))
        fields = (
            (8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (2, 4), (1, 4), (10, 4), (14, 4),
        )  # fmt: skip
        chosen = [
            fields[i] for i in sorted(rng.permutation(10)[: int(rng.integers(5, 11))].tolist())
        ]
        number, domain = int(rng.integers(256, 400)), int(rng.integers(1 << 10))
        listed = struct.pack(">HH", number, len(chosen))
        listed += b"".join(struct.pack(">HH", *item) for item in chosen)
        template = struct.pack(">HH", 2 if newer else 0, len(listed) + 4) + listed
        width, start = sum(size for _, size in chosen), 1_700_000_000 + int(rng.integers(1 << 20))
        count, sent = int(loguniform(rng, 1, 1300 // width)), int(rng.integers(1 << 16))
        fixed, period = rng.random() < 0.4, loguniform(rng, 0.05, 20)
        for k in range(int(min(net.duration / period, loguniform(rng, 3, 200)))):
            records = count if fixed else int(rng.integers(1, count + 1))
            data = b"".join(self._record(rng, chosen) for _ in range(records))
            data += bytes(-len(data) % 4)
            sets = template if k % 20 == 0 else b""
            sets += struct.pack(">HH", number, len(data) + 4) + data
            now = start + int(conv.now)
            if newer:
                head = struct.pack(">HHIII", 10, len(sets) + 16, now, sent, domain)
            else:
                total = records + (k % 20 == 0)
                head = struct.pack(">HHIIII", 9, total, k * 1000, now, k, domain)
            sent += records
            conv.say(0, head + sets, period * float(rng.uniform(0.5, 1.5)))
        return [conv]

    @staticmethod
    def _record(rng: Rng, fields: list[tuple[int, int]]) -> bytes:
        out = b""
        for kind, size in fields:
            if kind in (8, 12):
                out += b"\x0a\0" + rng.bytes(2)
            elif kind in (1, 2):
                out += int(loguniform(rng, 1, 1e5)).to_bytes(size, "big")
            else:
                out += int(rng.integers(1 << min(8 * size, 16))).to_bytes(size, "big")
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied(Profile):
    """Frames of a switch's port in ERSPAN, to an analyser that never answers."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one copied port."""
        choices = (
            Tls(name="web", about="", parallel=(1, 1), exchanges=(1, 4), response=(200, 20_000)),
            Http(name="http", about="", exchanges=(1, 6), response=(100, 20_000)),
            Dns(name="dns", about=""), Ping(name="ping", about="", count=(3, 60)),
        )  # fmt: skip
        ends = net.ends(rng, scope="lan", version=4)
        ends = dataclasses.replace(ends, path=dataclasses.replace(ends.path, mtu=9000))
        conv, session = Conversation(ends, 47), int(rng.integers(1, 1024))
        numbered, macs = rng.random() < 0.8, (rng.bytes(6), rng.bytes(6))
        packets: list[tuple[float, int, bytes]] = []
        for _ in range(int(rng.integers(1, 4))):
            packets += inner_packets(pick(rng, choices).conversations(rng, net), rng, limit=250)
        packets.sort(key=lambda entry: entry[0])
        for k, (t, d, text) in enumerate(packets[:500]):
            kind = b"\x86\xdd" if text[:1] >= b"\x60" else b"\x08\0"
            frame = macs[1 - d] + macs[d] + kind + text
            head = (b"\x10\0\x88\xbe" + struct.pack(">I", k)) if numbered else b"\0\0\x88\xbe"
            if numbered:
                head += struct.pack(">HHI", 0x1000, session, d)
            conv.at(t, 0, head + frame)
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Hello(name="hello.groups", about="Minutes of VRRP, CARP, PGM and Babel, one way."),
    Hello(name="hello.vrrp", about="Minutes of VRRP and CARP (RFC 3768).", kinds=("vrrp", "carp")),
    Exported(name="hello.flows", about="Flow records one way (RFC 7011, RFC 3954)."),
    Copied(name="hello.erspan", about="Copies of frames in GRE, one way."),
)
"""Long one-way streams."""
