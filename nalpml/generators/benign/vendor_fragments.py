"""Pieces of ordinary TCP and UDP: what is left when a capture begins late, ends early or sees half.

RFC 9293 (3.8.4 keep-alives, 3.8.6 zero-window probes, 3.10 resets), RFC 3948 (NAT keep-alives of
one octet), RFC 7413 (data in a SYN), RFC 8446 (TLS records). Contents are those of services
everybody has (TLS records, web responses, mail, files) or of drawn designs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import file_octets, loguniform, output, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_design import Design
from nalpml.generators.benign.vendor_partial import (
    ACK,
    AGAIN,
    BACK,
    CLOSED,
    FIN,
    PSH,
    RST,
    SYN,
    segment,
    segments,
)
from nalpml.generators.benign.vendor_random import vendor_port

__all__ = ["PROFILES", "middle"]

_PORTS = (
    443,
    443,
    443,
    80,
    80,
    22,
    25,
    110,
    143,
    445,
    465,
    587,
    993,
    995,
    1433,
    1883,
    3306,
    3389,
    5222,
    5223,
    5228,
    5432,
    5938,
    6379,
    8008,
    8009,
    8080,
    8443,
    8883,
    9092,
    11095,
    2049,
    179,
)
_ALIVE = (1.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 45.0, 60.0, 60.0, 60.0, 75.0, 100.0, 110.0)


def middle(rng: np.random.Generator, net: Network, *, start: float = 0.0) -> Conversation:
    """A TCP conversation in its middle; often the first packet seen is the server's."""
    ends = net.ends(rng, scope=pick(rng, ("lan", "wan", "wan")), new=0.4)
    port = int(pick(rng, _PORTS)) if rng.random() < 0.6 else vendor_port(rng)
    return segments(ends, sport=ephemeral(rng, ends), dport=port, start=start)


def _stuff(rng: np.random.Generator, port: int, size: int) -> bytes:
    """A stretch of the stream of some service, from any place in it."""
    size = max(1, size)
    u = rng.random()
    if port in (443, 465, 993, 995, 5223, 5228, 8443, 8883) or u < 0.3:
        kind, version = pick(rng, (0x17, 0x17, 0x17, 0x15, 0x16)), pick(rng, (3, 3, 3, 1))
        length = size if rng.random() < 0.6 else int(rng.integers(20, 16384))
        head = bytes((kind, 3, version)) + length.to_bytes(2, "big") if rng.random() < 0.6 else b""
        return (head + rng.bytes(size))[: max(size, 6)]
    if port in (80, 8080, 8008) or u < 0.5:
        if rng.random() < 0.3:
            return f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + output(rng, size)
        return file_octets(rng, size)
    if u < 0.65:
        return output(rng, size)
    return Design(rng, datagram=True).message(size, int(rng.integers(2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive(Profile):
    """Idle connections: only keep-alives of TCP, answered, for as long as the capture runs."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the connections of one program to one server."""
        period, garbage = pick(rng, _ALIVE), rng.random() < 0.3
        first = middle(rng, net)
        out, side = [], int(rng.random() < 0.3)
        for _ in range(int(rng.geometric(0.4))):
            conv = segments(
                first.ends,
                sport=ephemeral(rng, first.ends),
                dport=first.dport,
                start=float(rng.uniform(0, period)),
            )
            for _ in range(int(rng.integers(1, 3 + int(min(60, net.duration / period))))):
                segment(conv, side, b"\0" if garbage else b"", gap=period, mark=BACK)
                if rng.random() < 0.95:
                    segment(conv, 1 - side, gap=first.ends.path.rtt + 1e-5)
                if rng.random() < 0.03:
                    segment(
                        conv,
                        side,
                        _stuff(rng, conv.dport, int(rng.integers(20, 200))),
                        gap=1.0,
                        flags=ACK | PSH,
                    )
                    segment(conv, 1 - side, gap=0.04)
            out.append(conv)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail(Profile):
    """The ends of connections: perhaps a last message, then FINs or resets, in any half of them."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw some connections that close together."""
        out = []
        for k in range(int(rng.geometric(0.4))):
            conv, d = middle(rng, net, start=k * 0.2), int(rng.integers(2))
            rtt = conv.ends.path.rtt
            if rng.random() < 0.4:
                segment(
                    conv, d, _stuff(rng, conv.dport, int(loguniform(rng, 1, 1300))), flags=ACK | PSH
                )
                segment(conv, 1 - d, gap=rtt)
            style = rng.random()
            if style < 0.3:
                segment(conv, d, gap=loguniform(rng, 1e-4, 30), flags=FIN | ACK)
                for _ in range(int(rng.geometric(0.5)) - 1):
                    segment(conv, d, gap=max(0.2, rtt), flags=FIN | ACK, mark=AGAIN)
            elif style < 0.75:
                for side, flags in ((d, FIN | ACK), (1 - d, ACK), (1 - d, FIN | ACK), (d, ACK)):
                    if flags != ACK or rng.random() < 0.7:
                        segment(conv, side, gap=rtt * float(rng.uniform(0.3, 1)), flags=flags)
            if style >= 0.6:
                segment(conv, int(rng.integers(2)), gap=rtt, flags=pick(rng, (RST, RST | ACK)))
                if rng.random() < 0.3:
                    segment(conv, d, gap=1e-4, flags=RST)
            out.append(conv)
        return [c for c in out if c.t]


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle(Profile):
    """A few segments of a longer stream, with or without the other direction.

    Parameters
    ----------
    most : int
        Data segments at most.
    """

    most: int = 40

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one stretch."""
        conv = middle(rng, net)
        path, port = conv.ends.path, conv.dport
        mss = path.mtu - 72
        side = int(pick(rng, (0, 1, 2, 2)))
        turns = rng.random() < 0.5
        d, full = int(rng.integers(2)) if side == 2 else side, rng.random() < 0.4
        gap = loguniform(rng, 1e-4, 3)
        for _ in range(int(loguniform(rng, 1, self.most))):
            size = mss if full else int(loguniform(rng, 1, mss))
            segment(
                conv,
                d,
                _stuff(rng, port, size)[:mss],
                gap=gap * float(rng.exponential()),
                flags=ACK | (PSH if not full or rng.random() < 0.2 else 0),
            )
            if side == 2 and rng.random() < 0.6:
                segment(conv, 1 - d, gap=path.rtt)
            if side == 2 and turns:
                d = 1 - d
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lone(Profile):
    """One packet: a datagram or a segment, from either end, to or from any port."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw a few unrelated packets."""
        out = []
        for k in range(int(rng.integers(1, 5))):
            size = int(loguniform(rng, 1, 1300))
            if rng.random() < 0.5:
                conv, d = middle(rng, net, start=k * 0.5), int(rng.integers(2))
                u = rng.random()
                if u < 0.45:
                    segment(
                        conv,
                        d,
                        _stuff(rng, conv.dport, size),
                        flags=ACK | pick(rng, (0, PSH, PSH, PSH | FIN)),
                    )
                else:
                    flags = pick(rng, (ACK, ACK, SYN | ACK, SYN, RST, RST | ACK, FIN | ACK, ACK))
                    segment(conv, 1 if flags == SYN | ACK else d, flags=flags)
                out.append(conv)
                continue
            ends = net.ends(rng, inbound=bool(rng.random() < 0.4), new=0.5)
            ports = (vendor_port(rng), ephemeral(rng, ends))
            sport, dport = ports if rng.random() < 0.35 else ports[::-1]
            conv = Conversation(ends, 17, sport=sport, dport=dport, start=k * 0.5)
            text = (
                Design(rng, datagram=True).message(size, 0)
                if rng.random() < 0.85
                else rng.bytes(size)
            )
            conv.say(0, text, 0.0)
            out.append(conv)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWay(Profile):
    """The direction that carries no data, or no acknowledgements: asymmetric routes."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one half of a connection."""
        conv, d = middle(rng, net), int(rng.integers(2))
        gap, data = loguniform(rng, 5e-4, 2), rng.random() < 0.5
        if rng.random() < 0.5:
            segment(conv, d, flags=SYN | ACK if d else SYN)
            segment(conv, d, gap=conv.ends.path.rtt)
        for _ in range(int(loguniform(rng, 1, 80))):
            text = _stuff(rng, conv.dport, int(loguniform(rng, 1, 1380)))[:1380] if data else b""
            segment(
                conv, d, text, gap=gap * float(rng.exponential()), flags=ACK | (PSH if data else 0)
            )
        if rng.random() < 0.3:
            segment(conv, d, gap=gap, flags=FIN | ACK)
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble(Profile):
    """The same segment again and again, zero windows and their probes, resets that explain."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one connection in trouble."""
        conv, d, u = middle(rng, net), int(rng.integers(2)), rng.random()
        rtt = conv.ends.path.rtt
        text = _stuff(rng, conv.dport, int(loguniform(rng, 1, 1380)))[:1380]
        if u < 0.45:
            wait = loguniform(rng, 0.2, 3)
            segment(conv, d, text, flags=ACK | PSH)
            for _ in range(int(rng.integers(1, 9))):
                segment(conv, d, text, gap=wait, flags=ACK | PSH, mark=AGAIN)
                wait *= 2
        elif u < 0.7:
            segment(conv, d, text, flags=ACK | PSH)
            segment(conv, 1 - d, gap=rtt, mark=CLOSED)
            wait = loguniform(rng, 0.2, 5)
            for _ in range(int(rng.integers(1, 9))):
                segment(conv, d, b"" if u < 0.6 else text[:1], gap=wait, mark=BACK)
                segment(conv, 1 - d, gap=rtt, mark=CLOSED)
                wait = min(60, wait * 2)
        elif u < 0.85:
            reason = pick(
                rng, (b"Go away, we're not home", b"tcp_close, during connect", b"No listener")
            )
            segment(conv, 0, text, flags=ACK | PSH)
            segment(
                conv,
                1,
                reason if rng.random() < 0.4 else b"",
                gap=rtt,
                flags=pick(rng, (RST, RST | ACK)),
            )
        else:
            segment(conv, 0, text, flags=SYN)
            segment(conv, 1, gap=rtt, flags=SYN | ACK)
            segment(conv, 0, text if rng.random() < 0.5 else b"", gap=1e-4, flags=ACK)
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumbs(Profile):
    """Datagrams that only keep a mapping open or ask for life: none to four octets, constant."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one mapping."""
        port = int(
            pick(rng, (4500, 5060, 9, 7, vendor_port(rng), vendor_port(rng), vendor_port(rng)))
        )
        conv = udp(rng, net, port, sport=port if rng.random() < 0.3 else None)
        text = pick(
            rng,
            (
                b"",
                b"\xff",
                b"\0",
                b"\0\0",
                b"\r\n",
                b"\r\n\r\n",
                b"\0\0\0\0",
                b"hello",
                rng.bytes(4),
                rng.bytes(8),
                b"\1",
            ),
        )
        if port == 4500:
            text = b"\xff"
        period, answer = pick(rng, _ALIVE), rng.random() < 0.3
        for _ in range(int(rng.integers(1, 3 + int(min(60, net.duration / period))))):
            conv.say(0, text, period)
            if answer:
                conv.say(1, text, 1e-4)
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Alive(name="vendor.fragment_alive", about="Idle connections and their keep-alives."),
    Tail(name="vendor.fragment_tail", about="Ends of connections."),
    Middle(name="vendor.fragment_middle", about="A few segments out of a stream."),
    Middle(name="vendor.fragment_few", about="One to four segments out of a stream.", most=4),
    Lone(name="vendor.fragment_lone", about="Single packets."),
    OneWay(name="vendor.fragment_oneway", about="One direction of a connection."),
    Trouble(name="vendor.fragment_trouble", about="Retransmissions, zero windows, resets."),
    Crumbs(name="vendor.fragment_crumbs", about="Mapping keep-alives of a few octets."),
)  # fmt: skip
