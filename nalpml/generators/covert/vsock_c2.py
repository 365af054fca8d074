"""Command and control between a guest and its host over AF_VSOCK (link type 271).

UNC3886's VIRTUALGATE, VIRTUALSHINE and VIRTUALSPHERE used the VMware relative (VMCI), whose stream
data no tap shows; these profiles show the same use over virtio, where a tap exists. Kinds, framings
and encodings are those of the TCP family, so that only the carrier differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import CODINGS, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import KINDS, coded, dialog
from nalpml.generators._framing import FRAMINGS, framing
from nalpml.generators._guests import guest_ends, vsock, vsock_port
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators.covert.tcp_c2 import say_all

__all__ = ["PROFILES", "VsockC2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VsockC2(Profile):
    """A dialog over VSOCK.

    Parameters
    ----------
    kinds, codings, framings : tuple of str
        As in `TcpC2`.
    ports : tuple of int
        Listening ports to choose from; empty for any.
    per_beat : float
        Probability that a beacon connects for every report.
    inbound : float
        Probability that the implant listens.
    sweep : float
        Probability that refused connects to other ports come before.
    """

    kinds: tuple[str, ...] = KINDS
    codings: tuple[str, ...] = CODINGS
    framings: tuple[str, ...] = FRAMINGS
    ports: tuple[int, ...] = ()
    per_beat: float = 0.4
    inbound: float = 0.4
    sweep: float = 0.1

    label: ClassVar[str] = "vsock_c2"
    vsock: ClassVar[bool] = True

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        ends = guest_ends(rng, net)
        port = pick(rng, self.ports) if self.ports else vsock_port(rng)
        kind, coding = pick(rng, self.kinds), pick(rng, self.codings)
        flip = bool(rng.random() < self.inbound)
        frame = framing(rng, pick(rng, self.framings))
        out: list[Conversation] = []
        start = 0.0
        if rng.random() < self.sweep:
            for _ in range(int(rng.integers(2, 30))):
                conv = vsock(rng, net, int(rng.integers(1, 65536)), ends=ends, start=start)
                conv.opening, conv.closing = "refused", "none"
                out.append(conv)
                start += loguniform(rng, 1e-3, 0.5)
        seqpacket = rng.random() < 0.1
        if kind in ("beacon", "tasks") and rng.random() < self.per_beat:
            interval = loguniform(rng, 0.5, 60)
            jitter = float(pick(rng, (0, 0.1, 0.3)))
            report = rng.bytes(int(loguniform(rng, 8, 300)))
            for _ in range(int(np.clip(net.duration / interval, 2, 50))):
                conv = vsock(rng, net, port, ends=ends, start=start, seqpacket=seqpacket)
                talk = [(1e-3, 0, report), (loguniform(rng, 1e-4, 0.01), 1, b"ok")]
                if rng.random() < 0.1:
                    talk += dialog(rng, "shell", duration=10.0)[:4]
                say_all(conv, rng, coded(rng, talk, coding, fix=4), frame, flip=flip)
                out.append(conv)
                start += interval * float(1 + rng.uniform(-jitter, jitter))
            return out
        conv = vsock(rng, net, port, ends=ends, start=start, seqpacket=seqpacket)
        talk = dialog(rng, kind, duration=min(net.duration, 300.0), octets=(1000, 400_000))
        say_all(conv, rng, coded(rng, talk, coding), frame, flip=flip)
        return [*out, conv]


PROFILES: tuple[Profile, ...] = (
    VsockC2(name="vsock_c2.random", about="Any dialog, encoding, framing and port."),
    VsockC2(
        name="vsock_c2.shell",
        about="A shell in clear, lines or keys.",
        kinds=("shell", "keys"),
        codings=("clear",),
        framings=("raw", "lines"),
    ),
    VsockC2(
        name="vsock_c2.beacon",
        about="Encrypted beacons, each with a connection, or one for all.",
        kinds=("beacon", "tasks"),
        codings=("encrypted", "arc4", "xor"),
        per_beat=0.5,
    ),
    VsockC2(
        name="vsock_c2.tunnel",
        about="A proxy's traffic through the hypervisor, encrypted.",
        kinds=("proxy", "pull", "push"),
        codings=("encrypted", "arc4"),
    ),
)
