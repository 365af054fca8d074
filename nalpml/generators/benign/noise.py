"""What every capture is full of: refused and unanswered connections, stray packets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import ephemeral, tcp, udp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Profile):
    """Connections that come to nothing: retries, refusals, resets after the handshake."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw a few attempts of one program."""
        ends = net.ends(rng)
        port = int(pick(rng, (443, 80, 445, 22, 3389, 8080, int(rng.integers(1, 65536)))))
        out = []
        period = loguniform(rng, 0.1, 60)
        for k in range(int(rng.integers(1, 10))):
            conv = tcp(rng, net, port, ends=ends, start=k * period)
            conv.opening = pick(rng, ("syn", "syn", "refused", "refused", "half", "full"))
            conv.closing = pick(rng, ("rst", "fin")) if conv.opening == "full" else "none"
            out.append(conv)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class PortChecks(Profile):
    """Load balancers and monitors: a connection opened and closed at a fixed period."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the checks of one service."""
        ends = net.ends(rng, scope="lan")
        period = pick(rng, (1.0, 2.0, 5.0, 10.0, 30.0))
        port = int(pick(rng, (22, 25, 80, 443, 3306, int(rng.integers(1024, 65536)))))
        banner = {22: b"SSH-2.0-OpenSSH_9.2\r\n", 25: b"220 ready\r\n"}.get(port, b"")
        out = []
        for k in range(int(np.clip(net.duration / period, 2, 40))):
            conv = Conversation(
                ends,
                6,
                sport=ephemeral(rng, ends),
                dport=port,
                start=k * period + float(rng.exponential(0.002)),
                closing=pick(rng, ("fin", "rst")),
            )
            if banner:
                conv.say(1, banner, 1e-3)
            out.append(conv)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery(Profile):
    """Device discovery of vendors: one small datagram to each of many ports or hosts."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one round."""
        source = net.ends(rng, scope="lan", version=4).client
        probe = pick(
            rng,
            (
                b"\0\0\0\0discover\0",
                b'{"cmd":"scan"}',
                rng.bytes(12),
                word(rng).encode(),
                b"\0" * 8,
            ),
        )
        port = int(pick(rng, (9999, 6666, 4098, 30303, int(rng.integers(1024, 65536)))))
        out = []
        sport = int(rng.integers(1024, 65536))
        for k in range(int(rng.integers(2, 40))):
            peer = net.host(rng)
            if peer is source:
                continue
            ends = Ends(
                client=source,
                server=peer,
                version=4,
                path=net.path(rng, client=source, server=peer),
            )
            conv = udp(rng, net, port, ends=ends, sport=sport, start=k * 0.01)
            conv.say(0, probe, 0)
            if rng.random() < 0.2:
                conv.say(1, probe + word(rng).encode() + rng.bytes(8), loguniform(rng, 1e-3, 0.2))
            out.append(conv)
        return out


PROFILES: tuple[Profile, ...] = (
    Failed(name="noise.failed", about="Unanswered, refused and reset connections (RFC 9293)."),
    PortChecks(name="noise.checks", about="Health checks of load balancers and monitors."),
    Discovery(name="noise.discovery", about="One small datagram to each of many hosts."),
)
