"""ICMP that is not ping: traceroute, errors that quote packets, neighbour discovery.

RFC 792, RFC 1191, RFC 4443, RFC 4861; traceroute's and mtr's sources for ports and payloads.
"""

from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._common import Rows
from nalpml.generators._content import hostname, loguniform, pick
from nalpml.generators._conversation import Conversation, Hook, icmp_meta
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._inner import first_packets, inner_packets
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import tcp, to_group, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.dns import dns_query

__all__ = ["PROFILES", "quoting"]


def quoting(
    rng: np.random.Generator,
    net: Network,
    ends: Ends,
    packets: list[tuple[float, int, bytes]],
    *,
    kind: int,
    code: int,
    rest: int = 0,
    inside: bool = False,
) -> Conversation:
    """An error message for each packet of a list, quoting its header and first octets.

    Parameters
    ----------
    ends : Ends
        Of the packets; the errors go from a router (or the responder) to their originator.
    kind, code, rest : int
        ICMP type, code and the four octets after the checksum.
    inside : bool
        Whether the responder itself sends the error.
    """
    source = ends.server if inside else net.outside(rng, new=0.2)
    path = net.path(rng, client=source, server=ends.client)
    back = Ends(client=source, server=ends.client, version=ends.version, path=path)
    conv = icmp_conversation(back)
    keep = pick(rng, (28, 28, 128, 548)) if ends.version == 4 else 1232
    for t, _, octets in packets:
        conv.at(t + path.owd, 0, octets[:keep], icmp_meta(kind, code, rest))
    return conv


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors(Profile):
    """A flow that fails, and the ICMP errors it earns, quoting its own packets."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one failing flow."""
        kind = pick(rng, ("port", "port", "host", "admin", "ttl", "big"))
        port = int(pick(rng, (53, 53, 33434, 3478, int(rng.integers(1024, 65535)))))
        port = port if kind != "big" else 51820
        flow = udp(rng, net, port, version=pick(rng, (4, 4, 6)))
        size = int(rng.integers(8, 400)) if kind != "big" else flow.ends.path.mtu - 48
        for _ in range(int(rng.integers(1, 12))):
            text = (
                dns_query(rng, hostname(rng), 1)
                if port == 53 and kind != "big"
                else rng.bytes(size)
            )
            flow.say(0, text, loguniform(rng, 0.01, 5))
        packets = inner_packets([flow], np.random.default_rng(int(rng.integers(1 << 32))))
        six = flow.ends.version == 6
        numbers = {"port": (1, 4), "host": (1, 3), "admin": (1, 1), "ttl": (3, 0), "big": (2, 0)}[
            kind
        ]
        if not six:
            numbers = {
                "port": (3, 3),
                "host": (3, 1),
                "admin": (3, 13),
                "ttl": (11, 0),
                "big": (3, 4),
            }[kind]
        rest = int(pick(rng, (1280, 1400, 1420, 1480))) if kind == "big" else 0
        error = quoting(
            rng,
            net,
            flow.ends,
            packets,
            kind=numbers[0],
            code=numbers[1],
            rest=rest,
            inside=kind == "port",
        )
        return [flow, error]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traceroute(Profile):
    """Probes of rising hop limit by UDP, ICMP or TCP, and the errors of routers.

    Parameters
    ----------
    method : {"udp", "icmp", "tcp"}
        Of the probes.
    rounds : tuple of int
        Bounds of the rounds: 1 for traceroute, many for mtr.
    """

    method: str = "udp"
    rounds: tuple[int, int] = (1, 1)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one run."""
        ends = net.ends(rng, scope="wan", version=4, inbound=False)
        hops = int(rng.integers(5, 16))
        rounds, probes = int(rng.integers(self.rounds[0], self.rounds[1] + 1)), 3
        if rounds > 1:
            probes = 1
        target = int(pick(rng, (80, 80, 443, 443, 22, 25, int(rng.integers(1, 65536)))))
        sport, port = int(rng.integers(33000, 60000)), 33434
        ident, seq, size = int(rng.integers(65536)), 1, int(pick(rng, (32, 32, 36, 24)))
        body = bytes((0x40 + k) & 0xFF for k in range(size)) if rng.random() < 0.6 else bytes(size)
        probes_sent: list[tuple[Conversation, float, int]] = []
        at = 0.0
        echoes = icmp_conversation(ends)
        for _ in range(rounds):
            for hop in range(hops):
                for _ in range(probes):
                    last = hop == hops - 1
                    if self.method == "icmp":
                        request_and_reply(
                            echoes,
                            ident=ident,
                            seq=seq,
                            data=body,
                            at=at,
                            reply=body if last else None,
                        )
                        probe = Conversation(ends, 1)
                        request_and_reply(probe, ident=ident, seq=seq, data=body, at=0, reply=None)
                    elif self.method == "tcp":
                        probe = tcp(rng, net, target, ends=ends, start=at)
                        probe.opening, probe.closing = ("half" if last else "syn"), "none"
                    else:
                        probe = Conversation(ends, 17, sport=sport, dport=port, start=at)
                        probe.say(0, body)
                    probe.hook = _hop_limit([hop + 1])
                    probes_sent.append((probe, at, hop))
                    port, seq = port + 1, seq + 1
                    at += loguniform(rng, 1e-3, 0.1)
            at += loguniform(rng, 0.5, 2)
        out = [p for p, _, _ in probes_sent]
        errors = self._errors(rng, net, ends, probes_sent, hops)
        if self.method == "icmp":
            echoes.hook = _hop_limit([hop + 1 for _, _, hop in probes_sent])
            out = [echoes]
        return out + errors

    def _errors(
        self,
        rng: np.random.Generator,
        net: Network,
        ends: Ends,
        probes: list[tuple[Conversation, float, int]],
        hops: int,
    ) -> list[Conversation]:
        """What the router at each hop (and, for UDP, the target) answers."""
        quoted = first_packets(
            [p for p, _, _ in probes], np.random.default_rng(int(rng.integers(1 << 32)))
        )
        errors: dict[int, Conversation] = {}
        for (_, at, hop), packet in zip(probes, quoted, strict=True):
            last = hop == hops - 1
            if rng.random() > 0.85 or (last and self.method != "udp"):
                continue
            if hop not in errors:
                source = ends.server if last else net.outside(rng, new=0.1)
                path = net.path(rng, client=source, server=ends.client)
                path = dataclasses.replace(path, loss=0.0)
                errors[hop] = icmp_conversation(
                    Ends(client=source, server=ends.client, version=4, path=path)
                )
            octets = bytearray(packet[: pick(rng, (28, 128, 128))])
            octets[8] = 1
            octets[10:12] = b"\0\0"
            total = sum(struct.unpack(">10H", octets[:20]))
            total = (total & 0xFFFF) + (total >> 16)
            octets[10:12] = struct.pack(">H", 0xFFFF - ((total & 0xFFFF) + (total >> 16)))
            delay = ends.path.rtt * (hop + 1) / 20
            errors[hop].at(
                at + delay, 0, bytes(octets), icmp_meta(3 if last else 11, 3 if last else 0)
            )
        return list(errors.values())


def _hop_limit(limits: list[int]) -> Hook:
    """Set the TTL of outgoing packets one after another."""

    def change(rows: Rows, rng: np.random.Generator) -> str:
        out = np.flatnonzero(rows["dir"] == 0)
        values = (
            np.resize(np.array(limits), len(out)) if len(limits) != len(out) else np.array(limits)
        )
        rows["ttl"][out] = np.clip(values, 1, 255)
        return ""

    return change


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours(Profile):
    """IPv6 neighbour and router discovery, multicast listener-free."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw solicitations and advertisements of one host."""
        host, peer = net.host(rng), net.host(rng)
        target = peer.v6[0].to_bytes(8, "big") + peer.v6[1].to_bytes(8, "big")
        solicited = 0xFF02 << 112 | 0x1FF << 24 | (peer.v6[1] & 0xFFFFFF)
        mac, peer_mac = host.mac.to_bytes(6, "big"), peer.mac.to_bytes(6, "big")
        ask = Conversation(to_group(rng, net, host, 0, solicited), 58, start=0)
        lan = net.path(rng, client=peer, server=host)
        lan = dataclasses.replace(lan, hops=(0, 0), macs=(peer.mac, host.mac))
        answer = Conversation(Ends(client=peer, server=host, version=6, path=lan), 58)
        router = Conversation(to_group(rng, net, peer, 0, 0xFF02 << 112 | 1), 58)
        t = 0.0
        for _ in range(int(rng.integers(1, 8))):
            ask.at(t, 0, target + b"\x01\x01" + mac, icmp_meta(135))
            answer.at(t + 3e-4, 0, target + b"\x02\x01" + peer_mac, icmp_meta(136, 0, 0x60000000))
            t += loguniform(rng, 1, 60)
        prefix = host.v6[0].to_bytes(8, "big") + bytes(8)
        option = bytes((3, 4, 64, 0xC0)) + struct.pack(">III", 86400, 14400, 0) + prefix
        advert = bytes(8) + b"\x01\x01" + peer_mac + option
        for k in range(int(rng.integers(1, 4))):
            router.at(k * loguniform(rng, 20, 200), 0, advert, icmp_meta(134, 0, 0x40000708))
        out = [ask, answer, router]
        for conv in out:
            conv.hook = _hop_limit([255] * len(conv.t))
        return out


PROFILES: tuple[Profile, ...] = (
    Errors(
        name="icmp.errors", about="Unreachable, time exceeded and too big, quoting real packets."
    ),
    Traceroute(
        name="traceroute.udp", about=("traceroute: UDP to 33434 and up, three probes a hop.")
    ),
    Traceroute(name="traceroute.icmp", about="traceroute -I and tracert.", method="icmp"),
    Traceroute(
        name="traceroute.tcp",
        about="traceroute -T to ports of services.",
        method="tcp",
    ),
    Traceroute(name="traceroute.mtr", about="mtr: many rounds.", method="icmp", rounds=(5, 30)),
    Neighbours(name="icmp.neighbours", about="Neighbour and router discovery (RFC 4861)."),
)
