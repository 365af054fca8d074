"""Bits in header fields of otherwise ordinary traffic.

covert_tcp (IP ID, initial sequence number), the fields of CCgen and pcapStego (TTL, TOS, flags,
hop limit, traffic class, flow label, urgent pointer, timestamps), ICMP identifiers and sequence
numbers. The carrier is drawn from the benign profiles and runs through the same network; only
then are fields of one direction overwritten, and the message that they carry is kept as ground
truth.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._common import Rows
from nalpml.generators._content import loguniform, output, pick
from nalpml.generators._conversation import Conversation, Hook
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.dns import Dns
from nalpml.generators.benign.ping import Ping
from nalpml.generators.benign.ssh import Ssh
from nalpml.generators.benign.tls import Tls
from nalpml.generators.benign.web import Http

__all__ = ["FIELDS", "PROFILES", "HeaderStorage"]

CARRIERS: tuple[Profile, ...] = (
    Tls(name="c1", about="", exchanges=(4, 30), response=(200, 60_000), parallel=(1, 1)),
    Http(name="c2", about="", exchanges=(4, 30), response=(200, 60_000)),
    Ssh(name="c3", about=""),
    Dns(name="c4", about="", lookups=(20, 120), one_port=True),
    Ping(name="c5", about="", count=(20, 200), interval=(0.1, 2.0), unreached=0.0),
)


_CARRIERS_OF = {
    "tcp": CARRIERS[:3],
    "stamped": CARRIERS[:3],
    "udp": CARRIERS[3:4],
    "icmp": CARRIERS[4:],
}
"""Carriers that have the field at all, by what the field needs."""


class _Message:
    """Bits to be carried, and those that have been."""

    def __init__(self, rng: np.random.Generator, octets: int, *, text: bool) -> None:
        self.octets = output(rng, octets) if text else rng.bytes(octets)
        self.bits = np.unpackbits(np.frombuffer(self.octets, np.uint8))
        self.at = 0

    def take(self, n: int, width: int) -> np.ndarray:
        """The next `n` symbols of `width` bits, starting over at the end."""
        index = (self.at + np.arange(n * width)) % len(self.bits)
        self.at += n * width
        weights = 1 << np.arange(width - 1, -1, -1)
        symbols: np.ndarray = self.bits[index].reshape(n, width) @ weights
        return symbols.astype(np.int64)


Field = Callable[[Rows, np.ndarray, _Message, np.random.Generator], None]


def _ip_id(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        rows["ip_id"][at] = m.take(len(at), 16)
    else:
        rows["ip_id"][at] = m.take(len(at), 8) << 8 | (
            rng.integers(0, 256, len(at)) if rng.random() < 0.5 else 0
        )


def _ttl(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    step = int(pick(rng, (1, 1, 2, 8, 16)))
    width = int(pick(rng, (1, 1, 1, 2)))
    low = rows["ttl"][at].astype(np.int64)
    rows["ttl"][at] = np.clip(low - step * m.take(len(at), width), 1, 255)


def _tos(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    width = int(pick(rng, (1, 2, 6, 8)))
    shift = {1: 2, 2: 2, 6: 2, 8: 0}[width]
    rows["tos"][at] = m.take(len(at), width) << shift


def _flow_label(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    rows["flow"][at] = m.take(len(at), int(pick(rng, (20, 20, 16, 8))))


def _urgent(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    rows["urgent"][at] = m.take(len(at), int(pick(rng, (8, 16))))


def _stamps(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    at = at[rows["stamps"][at] == 1]
    width = int(pick(rng, (1, 1, 2, 4)))
    rows["ts_val"][at] = rows["ts_val"][at] & ~np.uint32((1 << width) - 1) | m.take(
        len(at), width
    ).astype(np.uint32)


def _reserved(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    rows["flags"][at] |= (m.take(len(at), int(pick(rng, (1, 2, 3)))) << 9).astype(np.uint16)


def _fragment_bits(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    bit = 0x4000 if rng.random() < 0.5 else 0x8000
    rows["frag"][at] = rows["frag"][at] & (0x4000 if bit == 0x8000 else 0) | (
        m.take(len(at), 1) * bit
    ).astype(np.uint16)


def _window(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    width = int(pick(rng, (2, 4, 8)))
    rows["window"][at] = rows["window"][at] & ~np.uint16((1 << width) - 1) | m.take(
        len(at), width
    ).astype(np.uint16)


def _icmp_ident(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    rest = rows["icmp_rest"][at].astype(np.int64)
    rows["icmp_rest"][at] = m.take(len(at), 16) << 16 | rest & 0xFFFF
    _mirror(rows, at)


def _icmp_seq(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    rest = rows["icmp_rest"][at].astype(np.int64)
    rows["icmp_rest"][at] = rest & ~0xFFFF | m.take(len(at), int(pick(rng, (16, 16, 8))))
    _mirror(rows, at)


def _mirror(rows: Rows, at: np.ndarray) -> None:
    """Replies return what the request before them brought."""
    replies = np.flatnonzero(rows["dir"] == 1)
    before = np.searchsorted(at, replies) - 1
    rows["icmp_rest"][replies[before >= 0]] = rows["icmp_rest"][at[before[before >= 0]]]


def _checksum(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
    rows["nosum"][at] = m.take(len(at), 1)


FIELDS: dict[str, tuple[Field, str]] = {
    "ip_id": (_ip_id, "v4"),
    "ttl": (_ttl, "any"),
    "tos": (_tos, "any"),
    "flow_label": (_flow_label, "v6"),
    "urgent": (_urgent, "tcp"),
    "timestamps": (_stamps, "stamped"),
    "reserved": (_reserved, "tcp"),
    "fragment": (_fragment_bits, "v4"),
    "window": (_window, "tcp"),
    "icmp_id": (_icmp_ident, "icmp"),
    "icmp_seq": (_icmp_seq, "icmp"),
    "checksum": (_checksum, "udp"),
}
"""Field by name: how it is written, and the traffic it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderStorage(Profile):
    """A message in one field of an ordinary conversation.

    Parameters
    ----------
    fields : tuple of str
        Keys of `FIELDS`, or "isn" for the sequence numbers of a series of SYNs.
    sides : float
        Probability that the responder is the sender.
    text : float
        Probability that the message is text; else it looks random.
    """

    fields: tuple[str, ...] = (*FIELDS, "isn")
    sides: float = 0.2
    text: float = 0.5

    label: ClassVar[str] = "header_storage"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one carrier and its message."""
        name = pick(rng, self.fields)
        message = _Message(rng, int(loguniform(rng, 8, 400)), text=bool(rng.random() < self.text))
        if name == "isn":
            return self._syns(rng, net, message)
        write, needs = FIELDS[name]
        net = copy.copy(net)
        net.v6 = {"v4": 0.0, "udp": 0.0, "v6": 1.0}.get(needs, net.v6)
        side = int(rng.random() < self.sides) if needs != "icmp" else 0
        carriers = _CARRIERS_OF.get(needs, CARRIERS)
        for _ in range(200):
            convs = pick(rng, carriers).conversations(rng, net)
            convs = [c for c in convs if len(c.t) > 3]
            if convs and all(_fits(c, needs) for c in convs):
                break
        for conv in convs:
            conv.hook = _hook(write, message, side)
        return convs

    @staticmethod
    def _syns(rng: np.random.Generator, net: Network, message: _Message) -> list[Conversation]:
        """covert_tcp: a SYN for every symbol, the symbol in the sequence number or the IP ID."""
        ends = net.ends(rng, version=4, new=0.5)
        port = int(pick(rng, (80, 443, 53, 22, 25, int(rng.integers(1, 65536)))))
        fixed = int(rng.integers(1024, 65536)) if rng.random() < 0.5 else 0
        opening = pick(rng, ("syn", "refused", "half"))
        width = int(pick(rng, (8, 8, 16, 32)))
        pause = loguniform(rng, 0.05, 3)
        opposite = rng.random() < 0.3

        def write(rows: Rows, at: np.ndarray, m: _Message, rng: np.random.Generator) -> None:
            at = at[(rows["flags"][at] & 2) > 0][:1]
            if not len(at):
                return
            symbol = m.take(1, width) << (32 - width)
            shift = (symbol - rows["seq"][at].astype(np.int64)) & 0xFFFFFFFF
            if opposite:
                rows["ip_id"][at] = symbol >> 16
                return
            rows["seq"][at] = symbol
            back = (rows["dir"] == 1) & ((rows["flags"] & 16) > 0)
            rows["ack"][back] = (rows["ack"][back].astype(np.int64) + shift) & 0xFFFFFFFF

        out = []
        for k in range(int(np.clip(len(message.bits) // width, 8, 150))):
            conv = tcp(rng, net, port, ends=ends, start=k * pause + float(rng.exponential(0.01)))
            conv.sport = fixed or conv.sport
            conv.opening, conv.closing = opening, "none"
            conv.hook = _hook(write, message, 0)
            out.append(conv)
        return out


def _fits(conv: Conversation, needs: str) -> bool:
    if needs == "stamped":
        return conv.proto == 6 and bool(conv.ends.client.stamp_hz and conv.ends.server.stamp_hz)
    proto = {"tcp": (6,), "icmp": (1, 58), "udp": (17,)}.get(needs)
    if needs == "udp" and conv.ends.version != 4:
        return False
    return proto is None or conv.proto in proto


def _hook(write: Field, message: _Message, side: int) -> Hook:
    def change(rows: Rows, rng: np.random.Generator) -> str:
        at = np.flatnonzero(rows["dir"] == side)
        before = message.at
        write(rows, at, message, rng)
        index = np.arange(before, message.at) % len(message.bits)
        return np.packbits(message.bits[index]).tobytes().hex()

    return change


def _each() -> Iterator[Profile]:
    about = {
        "ip_id": "IP identification: 8 or 16 bits a packet (covert_tcp, CCgen).",
        "ttl": "TTL or hop limit: one or two bits a packet (Zander; pcapStego).",
        "tos": "TOS or traffic class: 1 to 8 bits a packet.",
        "flow_label": "IPv6 flow label: 8 to 20 bits a packet.",
        "urgent": "TCP urgent pointer without URG.",
        "timestamps": "Low bits of TCP timestamps (Giffin and others).",
        "reserved": "TCP reserved bits.",
        "fragment": "IPv4 don't-fragment or reserved bit.",
        "window": "Low bits of the TCP window.",
        "icmp_id": "ICMP echo identifier.",
        "icmp_seq": "ICMP echo sequence number.",
        "checksum": "UDP checksum present or not.",
        "isn": "Initial sequence numbers of a series of SYNs (covert_tcp).",
    }
    for name, text in about.items():
        yield HeaderStorage(name=f"header_storage.{name}", about=text, fields=(name,))


PROFILES: tuple[Profile, ...] = (
    HeaderStorage(name="header_storage.random", about="Any field, width, side and carrier."),
    *_each(),
)
