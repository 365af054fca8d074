"""A conversation: who says what to whom and when, before the network has its way with it.

Profiles write conversations with `say` (one message after another, as causes and effects) or `at`
(a message at a time of its own); `_tcp.py` and `_datagram.py` turn them into packets.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.generators._network import Ends

__all__ = ["Conversation", "Hook", "icmp_meta", "schedule"]

Hook = Callable[[npt.NDArray[Any], np.random.Generator], str]
"""Changes the packet rows of one conversation in place; returns the bits it carried, or ""."""

INITIAL_WINDOW = 10
"""Segments sent before the first acknowledgement (RFC 6928)."""


def icmp_meta(icmp_type: int, code: int = 0, rest: int = 0) -> int:
    """Pack an ICMP type, code and the four octets after the checksum into one number.

    Examples
    --------
    >>> hex(icmp_meta(8, 0, (0x1234 << 16) | 1))
    '0x80012340001'
    """
    return icmp_type << 40 | code << 32 | rest


def schedule(
    k: npt.NDArray[np.int64],
    *,
    rtt: npt.NDArray[np.float64],
    gap: npt.NDArray[np.float64],
    limit: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Seconds after the start of a message at which its segment `k` leaves.

    Slow start from ten segments, doubling each round trip up to `limit` segments, never faster
    than one segment every `gap` seconds.
    """
    whole = np.log2(limit / INITIAL_WINDOW)
    before = INITIAL_WINDOW * (np.exp2(whole) - 1)
    early = np.floor(np.log2(k / INITIAL_WINDOW + 1))
    late = np.floor(whole + np.maximum(k - before, 0) / limit)
    rounds = np.where(k < before, early, late)
    paced: npt.NDArray[np.float64] = np.maximum(rounds * rtt + 1.2e-5, k * gap)
    return paced


class Conversation:
    """Messages between two hosts under one pair of ports (or one ICMP identifier).

    Parameters
    ----------
    ends : Ends
        Hosts, IP version and path.
    proto : int
        IP protocol; 256 for VSOCK, 0 for a bare Ethernet payload (`sport` is its EtherType).
    sport, dport : int
        Ports, 0 where there are none.
    start : float
        Seconds after the start of the episode it belongs to.
    opening : {"full", "none", "syn", "refused", "half"}
        TCP: handshake, none captured, unanswered SYN, SYN answered by RST, SYN and SYN-ACK and RST.
    closing : {"fin", "rst", "none"}
        TCP: how it ends.
    label : str, optional
        Label when it differs from that of the profile.
    """

    __slots__ = (
        "bits",
        "chosen",
        "closer",
        "closing",
        "d",
        "dport",
        "ends",
        "hook",
        "label",
        "last",
        "meta",
        "now",
        "opening",
        "parent",
        "payloads",
        "proto",
        "shown",
        "sport",
        "stamp",
        "start",
        "t",
    )

    def __init__(
        self,
        ends: Ends,
        proto: int,
        *,
        sport: int = 0,
        dport: int = 0,
        start: float = 0.0,
        opening: str = "full",
        closing: str = "fin",
        closer: int = 0,
        label: str | None = None,
        hook: Hook | None = None,
    ) -> None:
        self.ends = ends
        self.proto = proto
        # A hook may turn datagrams into another protocol's packets; records name that one.
        self.shown = proto
        self.sport = sport
        self.dport = dport
        self.start = start
        self.opening = opening
        self.closing = closing
        self.closer = closer
        self.label = label
        self.hook = hook
        self.bits = ""
        # First time stamp of the originator, or -1 for its clock's.
        self.stamp = -1
        # Whether the program chose its source port itself.
        self.chosen = False
        self.t: list[float] = []
        self.d: list[int] = []
        self.payloads: list[bytes] = []
        self.meta: list[int] = []
        self.parent: list[int] = []
        self.now = 2 * ends.path.owd + 2e-4 if proto == 6 and opening == "full" else 0.0
        self.last = 0

    def say(self, d: int, payload: bytes, gap: float = 0.0, meta: int = 0) -> int:
        """Add a message `gap` seconds after the sender has sent or received the one before.

        Returns
        -------
        int
            Index of the message.
        """
        path = self.ends.path
        if d != self.last:
            self.now += path.owd + 3 * path.jitter
        self.now += gap * path.haste if gap < 0.1 else gap
        self.at(self.now, d, payload, meta, parent=len(self.t) - 1 if d != self.last else -1)
        self.last = d
        if self.proto == 6 and len(payload) > 1400:
            self.now += self._duration(len(payload), d)
        return len(self.t) - 1

    def at(self, t: float, d: int, payload: bytes, meta: int = 0, *, parent: int = -1) -> int:
        """Add a message at `t` seconds after the start; lost with `parent`, when that is lost."""
        self.t.append(t)
        self.d.append(d)
        self.payloads.append(payload)
        self.meta.append(meta)
        self.parent.append(parent)
        return len(self.t) - 1

    def wait(self, until: float) -> None:
        """Let time pass up to `until` seconds after the start."""
        self.now = max(self.now, until)

    def _duration(self, octets: int, d: int) -> float:
        path = self.ends.path
        segment = path.mtu - 52
        n = math.ceil(octets / segment) - 1
        limit = max(INITIAL_WINDOW, min(512, int(path.rate * path.rtt / segment) * 2))
        whole = math.log2(limit / INITIAL_WINDOW)
        before = INITIAL_WINDOW * (2**whole - 1)
        if n < before:
            rounds = math.floor(math.log2(n / INITIAL_WINDOW + 1))
        else:
            rounds = math.floor(whole + (n - before) / limit)
        return max(rounds * path.rtt, n * segment / path.rate)
