"""A message spread over many tiny flows: each has a field or two, the series has the message.

covert_tcp and its children send a SYN (or a datagram, or a query) for every octet; the octet is the
IP identification, the initial sequence number, a time stamp, the number of a DNS query or the
source port. One flow shows nothing; the flows of one pair of hosts do. The same flows with nothing
in them are `series.plain`, benign: retries, lookups, health checks, small reports.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._common import Rows
from nalpml.generators._content import hostname, loguniform, output, pick
from nalpml.generators._conversation import Conversation, Hook
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.bare_lines import reading
from nalpml.generators.benign.dns import dns_query, dns_response

__all__ = ["FLOWS", "PROFILES", "SeriesStorage", "tiny_flows"]

Rng = np.random.Generator

FLOWS = ("syn", "refused", "half", "closed", "dns", "ntp", "report", "echo")


def tiny_flows(rng: Rng, net: Network, kind: str, count: int) -> list[Conversation]:
    """A row of flows of one or a few packets between two hosts.

    Parameters
    ----------
    rng : numpy Generator
    net : Network
    kind : str
        One of `FLOWS`: SYNs nobody answers, refused or reset ones, connections that are closed at
        once, DNS lookups, NTP questions, small reports over UDP, single echoes.
    count : int
    """
    ends = net.ends(rng, version=4, new=0.4)
    pause, exact = loguniform(rng, 0.05, 5), rng.random() < 0.5
    port = {"dns": 53, "ntp": 123}.get(kind, 0)
    port = port or int(pick(rng, (80, 443, 22, 25, 8080, int(rng.integers(1, 65536)))))
    shape = _SHAPES[kind if kind in _SHAPES else "tcp"](rng)
    out, at = [], 0.0
    ident, step = int(rng.integers(65536)), int(pick(rng, (0, 1, 1)))
    for k in range(count):
        if kind == "echo":
            conv = icmp_conversation(ends, start=at)
            data = shape(conv, k)
            number = (ident + k * step) & 0xFFFF
            request_and_reply(conv, ident=number, seq=1, data=data, at=0.0, reply=data)
        elif kind in ("dns", "ntp", "report"):
            conv = udp(rng, net, port, ends=ends, start=at)
            shape(conv, k)
        else:
            conv = tcp(rng, net, port, ends=ends, start=at)
            conv.opening = {"closed": "full"}.get(kind, kind)
            conv.closing = pick(rng, ("rst", "fin")) if kind == "closed" else "none"
        out.append(conv)
        at += pause * (1.0 if exact else float(rng.exponential())) + float(rng.exponential(2e-3))
    return out


Shape = Callable[[Conversation, int], bytes]


def _lookups(rng: Rng) -> Shape:
    names = [hostname(rng) for _ in range(int(loguniform(rng, 1, 20)))]

    def write(conv: Conversation, k: int) -> bytes:
        name = pick(rng, names)
        query = dns_query(rng, name, 1)
        conv.say(0, query)
        if rng.random() < 0.95:
            conv.say(1, dns_response(rng, query, name, 1), loguniform(rng, 1e-4, 0.05))
        return query

    return write


def _clocks(rng: Rng) -> Shape:
    head = pick(rng, (b"\x23\0\x06\xe9", b"\x1b\0\0\0", b"\xe3\0\x03\xfa"))

    def write(conv: Conversation, k: int) -> bytes:
        conv.say(0, head + bytes(36) + rng.bytes(8))
        conv.say(1, b"\x24\1\0\xe9" + bytes(8) + rng.bytes(36), 1e-4)
        return head

    return write


def _reports(rng: Rng) -> Shape:
    make, answered = reading(rng), rng.random() < 0.3

    def write(conv: Conversation, k: int) -> bytes:
        conv.say(0, make(k))
        if answered:
            conv.say(1, b"OK", 1e-3)
        return b""

    return write


def _echoes(rng: Rng) -> Shape:
    fill = pick(rng, (bytes(range(16, 56)), b"abcdefghijklmnopqrstuvwabcdefghi", bytes(48), b""))
    return lambda conv, k: fill


def _nothing(rng: Rng) -> Shape:
    return lambda conv, k: b""


_SHAPES: dict[str, Callable[[Rng], Shape]] = {
    "dns": _lookups, "ntp": _clocks, "report": _reports, "echo": _echoes, "tcp": _nothing,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlain(Profile):
    """The flows with nothing in them.

    Parameters
    ----------
    flows : tuple of str
        Choices from `FLOWS`.
    """

    flows: tuple[str, ...] = FLOWS

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one series."""
        return tiny_flows(rng, net, pick(rng, self.flows), int(loguniform(rng, 8, 150)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesLocal(SeriesPlain):
    """The same of a host with itself: a program that tries a port of its own machine."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one series."""
        convs = tiny_flows(rng, net, pick(rng, self.flows), int(loguniform(rng, 4, 60)))
        ends = convs[0].ends
        path = dataclasses.replace(ends.path, rtt=loguniform(rng, 1e-5, 1e-4), hops=(0, 0))
        ends = dataclasses.replace(ends, server=ends.client, path=path)
        for conv in convs:
            conv.ends = ends
        return convs


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCounted(SeriesPlain):
    """The same from hosts whose identifications rise in steps.

    A counter of all that a host sends moves with its other traffic; one kept in the byte order of
    the machine moves in steps of 256 (Windows before 2000); some stacks add a random step.
    """

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one series."""
        kind = pick(rng, self.flows)
        convs = tiny_flows(rng, net, kind, int(loguniform(rng, 8, 300)))
        style, mean = pick(rng, ("busy", "swapped", "steps", "clock")), loguniform(rng, 1, 400)
        value = int(rng.integers(65536))
        for conv in convs:
            if style == "swapped":
                value += 256 * int(rng.geometric(min(1.0, 4 / mean))) + (value > 0xFFFF)
            elif style == "clock":
                value += int(mean * 0.2)
            else:
                value += (
                    int(rng.geometric(1 / (1 + mean)))
                    if style == "steps"
                    else (1 + int(rng.poisson(mean)))
                )
            conv.hook = _writer("ip_id", value & 0xFFFF, "")
        return convs


def _symbols(rng: Rng, message: bytes, width: int, count: int) -> list[int]:
    """The first symbols of a message, starting over at its end."""
    bits = np.unpackbits(np.frombuffer(message, np.uint8))
    index = np.arange(count * width) % len(bits)
    weights = 1 << np.arange(width - 1, -1, -1, dtype=np.int64)
    values: list[int] = (bits[index].reshape(count, width) @ weights).tolist()
    return values


def _spread(rng: Rng, value: int, width: int, room: int, how: str) -> int:
    """A symbol as a field of `room` bits: its high bits (zeros or noise below), or its low ones."""
    if how == "high":
        return value << (room - width)
    if how == "noisy":
        return value << (room - width) | int(rng.integers(1 << (room - width)))
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesStorage(Profile):
    """A field of the first packet of each flow carries the next symbol.

    Parameters
    ----------
    fields : tuple of str
        Of ``ip_id``, ``isn``, ``stamp``, ``sport``, ``dns_id``.
    """

    fields: tuple[str, ...] = ("ip_id", "ip_id", "isn", "stamp", "sport", "dns_id")

    label: ClassVar[str] = "header_storage"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one message and the flows that carry it."""
        field = pick(rng, self.fields)
        kinds = {
            "isn": ("syn", "refused", "half", "closed"),
            "stamp": ("syn", "refused", "half", "closed"),
            "dns_id": ("dns",),
            "sport": ("syn", "refused", "dns", "ntp", "report"),
        }.get(field, FLOWS)
        octets = int(loguniform(rng, 16, 300))
        message = output(rng, octets) if rng.random() < 0.6 else rng.bytes(octets)
        room = 32 if field in ("isn", "stamp") else 16
        width = int(pick(rng, (8, 8, 8, 16, room))) if field != "sport" else int(pick(rng, (8, 15)))
        count = int(np.clip(8 * octets // width, 12, 200))
        how = pick(rng, ("high", "high", "noisy", "low"))
        how = "low" if field == "sport" or width == room else how
        base = int(rng.integers(1024, 32000)) if field == "sport" else 0
        for _ in range(100):
            convs = tiny_flows(rng, net, pick(rng, kinds), count)
            if field != "stamp" or convs[0].ends.client.stamp_hz:
                break
        for conv, symbol in zip(convs, _symbols(rng, message, width, count), strict=True):
            value = _spread(rng, symbol, width, room, how) + base
            if field == "sport":
                conv.sport, conv.chosen = value, True
            elif field == "stamp":
                conv.stamp = value
            elif field == "dns_id":
                mark = value.to_bytes(2, "big")
                conv.payloads[:] = [mark + text[2:] for text in conv.payloads]
            conv.hook = _writer(field, value, symbol.to_bytes(-(-width // 8), "big").hex())
        return convs


def _writer(field: str, value: int, bits: str) -> Hook:
    """Set a field of the originator's first packet (and what must follow from it)."""

    def change(rows: Rows, rng: Rng) -> str:
        at = np.flatnonzero(rows["dir"] == 0)
        if not len(at):
            return ""  # lost on its way to the capture
        if field == "ip_id":
            # What the program sends itself; the rest of a connection is the kernel's.
            own = at if rows["proto"][0] != 6 else at[(rows["flags"][at] & 2) > 0]
            rows["ip_id"][own] = value
        elif field == "isn":
            shift = value - int(rows["seq"][at[0]])
            for name, side in (("seq", at), ("ack", np.flatnonzero(rows["dir"] == 1))):
                moved = (rows[name][side].astype(np.int64) + shift) & 0xFFFFFFFF
                rows[name][side] = np.where((name == "seq") | (rows["flags"][side] & 16 > 0),
                                            moved, rows[name][side])  # fmt: skip
        return bits

    return change


PROFILES: tuple[Profile, ...] = (
    SeriesPlain(name="series.plain", about="Many tiny flows of one pair of hosts, ordinary."),
    SeriesPlain(name="series.connections", about="Retries and health checks over TCP.",
                flows=("syn", "refused", "half", "closed")),
    SeriesPlain(name="series.datagrams", about="Lookups, clocks and reports from new ports.",
                flows=("dns", "ntp", "report")),
    SeriesLocal(name="series.local", about="Tiny flows of a host with itself.",
                flows=("refused", "refused", "syn", "half", "closed", "dns", "report")),
    SeriesCounted(name="series.counted", about="Tiny flows of hosts that count in steps."),
    SeriesCounted(name="series.lookups", about="A resolver's questions, counted in steps.",
                  flows=("dns",)),
    SeriesStorage(name="header_storage.series", about="Any field of a series of tiny flows."),
    SeriesStorage(name="header_storage.series_id", about="IP identifications of tiny flows.",
                  fields=("ip_id",)),
    SeriesStorage(name="header_storage.series_isn", about="Initial sequence numbers and stamps.",
                  fields=("isn", "stamp")),
    SeriesStorage(name="header_storage.series_ports", about="Source ports and numbers of queries.",
                  fields=("sport", "dns_id")),
)  # fmt: skip
