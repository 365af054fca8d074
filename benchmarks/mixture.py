"""A seeded mixed capture for measuring speed: IPv4 and IPv6, VLAN tags, TCP, UDP and ICMP."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from nalpml.capture.writer import write_pcap

START_NS = 1_700_000_000 * 10**9
KINDS = ("tcp4", "udp4", "icmp4", "tcp6", "udp6")
SHARES = (0.52, 0.24, 0.04, 0.12, 0.08)
TEXT = np.frombuffer(
    (b"etaoin shrdlu ETAOIN 0123456789 the quick brown fox\r\n" * 5)[:256], np.uint8
)


def mixture(
    packets: int, flows: int, *, seed: int, seconds: float = 600.0, payload: float = 400.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (time_ns (n,), offsets (n + 1,), octets) of a mixed capture.

    Flow sizes follow a power law, every flow has both directions, payloads are random octets
    (two thirds), text (a quarter) or constant, and a tenth of the flows carries a VLAN tag.
    """
    rng = np.random.default_rng(seed)
    weights = rng.pareto(1.3, flows) + 0.2
    flow = np.concatenate(
        [np.arange(flows), rng.choice(flows, packets - flows, p=weights / weights.sum())]
    )
    begin = rng.uniform(0, seconds, flows)
    span = np.minimum(rng.exponential(seconds / 8, flows), seconds - begin)
    time = begin[flow] + rng.uniform(0, 1, packets) * span[flow]
    order = np.argsort(time, kind="stable")
    time, flow = time[order], flow[order]
    time_ns = START_NS + (time * 1e9).astype(np.int64)

    kind = rng.choice(len(KINDS), flows, p=SHARES)[flow]
    tagged = (rng.random(flows) < 0.1)[flow]
    back = rng.random(packets) < 0.45
    is_v6 = kind >= 3
    is_tcp = (kind == 0) | (kind == 3)
    link = np.where(tagged, 18, 14)
    network = np.where(is_v6, 40, 20)
    transport = np.where(is_tcp, 20, 8)
    header = link + network + transport
    size = np.minimum(rng.lognormal(4.3, 1.4, packets), 1400) * payload / 200
    size = np.where(rng.random(packets) < 0.25, 1400, size)
    size = np.where(is_tcp & (rng.random(packets) < 0.3), 0, np.minimum(size, 1400)).astype(
        np.int64
    )
    size = np.where(kind == 2, 56, size)
    lengths = header + size
    offsets = np.zeros(packets + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    start = offsets[:-1]
    data = rng.integers(0, 256, offsets[-1], dtype=np.uint8)
    _contents(data, start + header, size, rng.random(flows)[flow])

    host_a, host_b = rng.integers(1, 1 << 16, flows), rng.integers(1, 1 << 12, flows)
    ports = rng.integers(32768, 61000, flows)
    service = rng.choice([22, 53, 80, 123, 443, 443, 443, 5060, 8080], flows)
    source = np.where(back, host_b[flow], host_a[flow])
    target = np.where(back, host_a[flow], host_b[flow])
    sport = np.where(back, service[flow], ports[flow])
    dport = np.where(back, ports[flow], service[flow])

    data[start[:, None] + np.arange(12)] = 2
    _tag(data, start, tagged, is_v6)
    ip = start + link
    _ipv4(
        data,
        ip[~is_v6],
        (lengths - link)[~is_v6],
        np.choose(kind, (6, 17, 1, 6, 17))[~is_v6],
        source[~is_v6],
        target[~is_v6],
        rng,
    )
    _ipv6(
        data,
        ip[is_v6],
        (lengths - link - 40)[is_v6],
        np.where(is_tcp, 6, 17)[is_v6],
        source[is_v6],
        target[is_v6],
    )
    layer = ip + network
    has_ports = kind != 2
    _put16(data, layer[has_ports], sport[has_ports])
    _put16(data, layer[has_ports] + 2, dport[has_ports])
    data[layer[is_tcp] + 12] = 0x50
    data[layer[is_tcp] + 13] = 0x18
    is_udp = has_ports & ~is_tcp
    _put16(data, layer[is_udp] + 4, size[is_udp] + 8)
    _put16(data, layer[is_udp] + 6, np.zeros(is_udp.sum(), np.int64))
    _icmp(data, layer[kind == 2], back[kind == 2], flow[kind == 2], size[kind == 2])
    return time_ns, offsets, data


def _put16(data: np.ndarray, at: np.ndarray, value: np.ndarray) -> None:
    data[at], data[at + 1] = value >> 8 & 255, value & 255


def _contents(data: np.ndarray, start: np.ndarray, size: np.ndarray, draw: np.ndarray) -> None:
    # A quarter of the flows is text, a tenth constant; the others stay random.
    for i in np.flatnonzero(draw < 0.35):
        part = data[start[i] : start[i] + size[i]]
        if draw[i] < 0.1:
            part[:] = 0x55
        else:
            part[:] = TEXT[part]


def _tag(data: np.ndarray, start: np.ndarray, tagged: np.ndarray, is_v6: np.ndarray) -> None:
    kind = np.where(is_v6, 0x86DD, 0x0800)
    _put16(data, start + 12, np.where(tagged, 0x8100, kind))
    _put16(data, start[tagged] + 14, np.full(tagged.sum(), 42))
    _put16(data, start[tagged] + 16, kind[tagged])


def _ipv4(
    data: np.ndarray, at: np.ndarray, length: np.ndarray, proto: np.ndarray,
    source: np.ndarray, target: np.ndarray, rng: np.random.Generator,
) -> None:  # fmt: skip
    head = np.zeros((len(at), 10), np.int64)
    head[:, 0] = 0x4500
    head[:, 1] = length
    head[:, 2] = rng.integers(0, 1 << 16, len(at))
    head[:, 3] = 0x4000
    head[:, 4] = (64 << 8) | proto
    head[:, 6], head[:, 7] = 0x0A00, source
    head[:, 8], head[:, 9] = 0xC0A8, target
    total = head.sum(axis=1)
    total = (total & 0xFFFF) + (total >> 16)
    head[:, 5] = 0xFFFF - ((total & 0xFFFF) + (total >> 16))
    for i in range(10):
        _put16(data, at + 2 * i, head[:, i])


def _ipv6(
    data: np.ndarray, at: np.ndarray, length: np.ndarray, proto: np.ndarray,
    source: np.ndarray, target: np.ndarray,
) -> None:  # fmt: skip
    head = np.zeros((len(at), 20), np.int64)
    head[:, 0] = 0x6000
    head[:, 2] = length
    head[:, 3] = (proto << 8) | 64
    head[:, 4], head[:, 5], head[:, 11] = 0x2001, 0x0DB8, source
    head[:, 12], head[:, 13], head[:, 19] = 0x2001, 0x0DB8, target
    for i in range(20):
        _put16(data, at + 2 * i, head[:, i])


def _icmp(
    data: np.ndarray, at: np.ndarray, back: np.ndarray, flow: np.ndarray, size: np.ndarray
) -> None:
    data[at] = np.where(back, 0, 8)
    data[at + 1] = 0
    _put16(data, at + 2, np.zeros(len(at), np.int64))
    _put16(data, at + 4, flow & 0xFFFF)
    if len(at):
        length = int(size[0]) + 8
        words = data[at[:, None] + np.arange(length)].reshape(len(at), -1, 2).astype(np.int64)
        total = (words[:, :, 0] << 8 | words[:, :, 1]).sum(axis=1)
        total = (total & 0xFFFF) + (total >> 16)
        _put16(data, at + 2, 0xFFFF - ((total & 0xFFFF) + (total >> 16)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--flows", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    time_ns, offsets, data = mixture(
        options.packets, options.flows, seed=options.seed, seconds=options.seconds
    )
    write_pcap(options.output, time_ns, offsets, data)


if __name__ == "__main__":
    main()
