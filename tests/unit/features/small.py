"""Tables of one flow, made without a capture: what a feature sees and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Packet

from nalpml.capture.scapy import from_scapy
from nalpml.flows import Flows, WindowConfig, flows

A, B = "192.0.2.1", "198.51.100.1"
ENDLESS = WindowConfig(idle=1e5, age=1e6, packets=10**6)


def table(timed: Iterable[tuple[float, Packet]]) -> Flows:
    """Flows of packets that come so many seconds after a round time."""
    packets = []
    for time, packet in timed:
        packet.time = 1_700_000_000 + time
        packets.append(packet)
    return flows(from_scapy(packets), ENDLESS)


def datagrams(gaps: Sequence[float], sizes: int = 20) -> Flows:
    """One UDP flow of one direction with the given times between its packets."""
    import numpy as np

    base = flows(from_scapy([IP(src=A, dst=B) / UDP(sport=5000, dport=6000) / bytes(sizes)]))
    count = len(gaps) + 1
    packets = np.repeat(base.packets, count)
    steps = [0, *(round(gap * 1e9) for gap in gaps)]
    packets["time_ns"] += np.cumsum(np.array(steps, np.int64))
    windows = base.windows.copy()
    windows["packets_orig"], windows["end_ns"] = count, packets["time_ns"][-1]
    return Flows(windows, packets, np.array([0, count], np.int64))


def udp(turns: Sequence[tuple[int, bytes]], *, port: int = 6000, gap: float = 1.0) -> Flows:
    """One UDP flow: (0 originator or 1 responder, payload) at equal distances."""
    ends = ((A, B, 5000, port), (B, A, port, 5000))
    return table(
        (i * gap, IP(src=s, dst=d) / UDP(sport=sp, dport=dp) / data)
        for i, (side, data) in enumerate(turns)
        for s, d, sp, dp in [ends[side]]
    )


def tcp(segments: Sequence[dict[str, Any]]) -> Flows:
    """One TCP flow from segments: side, flags, seq, data (all but the flags default)."""
    ends = ((A, B, 5000, 6000), (B, A, 6000, 5000))
    made = []
    for i, segment in enumerate(segments):
        s, d, sp, dp = ends[segment.get("side", 0)]
        layer = TCP(sport=sp, dport=dp, flags=segment["flags"], seq=segment.get("seq", 0))
        data = segment.get("data", b"")
        made.append(
            (i * 0.1, IP(src=s, dst=d) / layer / data if data else IP(src=s, dst=d) / layer)
        )
    return table(made)


def echo(payloads: Sequence[bytes], *, kind: int = 8, gap: float = 1.0) -> Flows:
    """One flow of echo requests (or other ICMP) with the given payloads."""
    return table(
        (i * gap, IP(src=A, dst=B) / ICMP(type=kind, id=7, seq=i) / data)
        for i, data in enumerate(payloads)
    )


def stamp(i: int) -> bytes:
    """What ping of Linux puts first: seconds and microseconds of the time it is sent."""
    return struct.pack("<QQ", 1_700_000_000 + i, 123_000 + i)
