"""A small table of flows that has something for every feature, crafted with scapy.

Octets come from SHA-256, so the table is the same whatever the version of numpy.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import GRE
from scapy.packet import Packet, Raw

from nalpml.capture.reader import read
from nalpml.capture.scapy import from_scapy
from nalpml.flows import Flows, flows

START = 1_700_000_000
A, B = "192.0.2.10", "198.51.100.20"


def octets(name: str, count: int) -> bytes:
    blocks = (hashlib.sha256(f"{name}/{i}".encode()).digest() for i in range(count // 32 + 1))
    return b"".join(blocks)[:count]


def draw(name: str, number: int, low: int, high: int) -> int:
    return low + int.from_bytes(octets(f"{name}-{number}", 4), "big") % (high - low)


def _ping(asked: bool, name: str, size: int, number: int) -> Iterator[tuple[float, Packet]]:
    # A tunnel answers with data of its own; a ping gets back what it sent.
    for i in range(number):
        stamp = struct.pack("<QQ", START + i, 1000 * i)
        sent = octets(f"{name}-{i}", size) if asked else stamp + bytes(range(16, 56))
        got = octets(f"{name}-back-{i}", size + 5 * i) if asked else sent
        head = {"id": 77 + asked, "seq": i + 1}
        yield i * 1.0, IP(src=A, dst=B, id=i, ttl=64) / ICMP(type=8, **head) / sent
        yield i * 1.0 + 0.02, IP(src=B, dst=A, id=9 * i, ttl=60) / ICMP(type=0, **head) / got


def _conversation(
    port: int, turns: list[tuple[int, bytes]], gap: float = 0.4
) -> Iterator[tuple[float, Packet]]:
    # A TCP connection from its SYN to both FIN.
    ends, ports = (A, B), (40000 + port % 1000, port)
    following = [1000 * port, 77_777_777]

    def segment(side: int, flags: str, data: bytes = b"") -> Packet:
        ip = IP(src=ends[side], dst=ends[1 - side], id=following[side] & 0xFFFF, flags="DF")
        numbers = {"seq": following[side], "ack": 0 if flags == "S" else following[1 - side]}
        options = [("Timestamp", (following[0] + following[1], 5))]
        tcp = TCP(sport=ports[side], dport=ports[1 - side], flags=flags, options=options, **numbers)
        following[side] += len(data) + (flags in ("S", "SA", "FA"))
        return ip / tcp / data if data else ip / tcp

    time = 0.0
    for side, flags in ((0, "S"), (1, "SA"), (0, "A")):
        yield time, segment(side, flags)
        time += 0.01
    for side, data in turns:
        yield time, segment(side, "PA", data)
        yield time + 0.01, segment(1 - side, "A")
        time += gap
    for side in (0, 1):
        yield time, segment(side, "FA")
        time += 0.01


def _datagrams(
    port: int, turns: list[tuple[int, bytes]], gap: float = 1.0, v6: bool = False
) -> Iterator[tuple[float, Packet]]:
    for i, (side, data) in enumerate(turns):
        ends = ((A, B) if side == 0 else (B, A)) if not v6 else ("2001:db8::1", "2001:db8::2")
        if v6:
            src, dst = ends if side == 0 else ends[::-1]
            ip: Packet = IPv6(src=src, dst=dst, fl=0x12345 + (i % 3 == 2))
        else:
            ip = IP(src=ends[0], dst=ends[1], id=draw(f"id{port}", i, 0, 65536))
        ports = {"sport": 50000, "dport": port} if side == 0 else {"sport": port, "dport": 50000}
        yield i * gap, ip / UDP(**ports) / data


def _clocked(port: int, number: int) -> Iterator[tuple[float, Packet]]:
    # A timing channel: short and long gaps, on a grid with a little noise.
    time = 0.0
    for i in range(number):
        data = octets(f"clock{i}", 20)
        yield time, IP(src=A, dst=B, id=i) / UDP(sport=50001, dport=port) / data
        bit = draw("bit", i, 0, 2)
        time += 0.04 + 0.04 * bit + draw("noise", i, 0, 1000) / 1e6


def _duplex(port: int, number: int) -> Iterator[tuple[float, Packet]]:
    # Both sides send on clocks of their own, the responder in a pattern of three.
    for i in range(number):
        yield i * 0.05, IP(src=A, dst=B, id=i) / UDP(sport=50002, dport=port) / octets(f"d{i}", 8)
        back = 0.02 + i * 0.06 + 0.01 * (i % 3)
        yield back, IP(src=B, dst=A, id=7 * i) / UDP(sport=port, dport=50002) / (b"ok%d" % i)


def _framed(name: str, i: int) -> bytes:
    body = octets(f"{name}{i}", draw(name, i, 10, 300) // 16 * 16)
    return b"MAGC" + struct.pack(">HH", len(body), i) + body


def _sol(i: int) -> bytes:
    data = octets(f"sol{i}", draw("sol", i, 4, 40))
    header = b"\x06\x00\xff\x07\x06\xc1" + struct.pack("<IIH", 0x01020304, i, len(data))
    return header + data


def _dns(i: int, answer: bool) -> bytes:
    name = b"\x03www\x07example\x03com\x00"
    flags = 0x8180 if answer else 0x0100
    head = struct.pack(">HHHHHH", 4000 + 7 * i, flags, 1, int(answer), 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + b"\x01\x02\x03\x04"
    return head + name + b"\x00\x01\x00\x01" + (record if answer else b"")


def _conversations() -> Iterator[Iterator[tuple[float, Packet]]]:
    yield _ping(False, "ping", 56, 12)
    yield _ping(True, "tunnel", 56, 12)
    stamps = [struct.pack("<II", START + i, 1000 * i) for i in range(3)]
    yield (
        (i * 1.0, IP(src=A, dst=B) / ICMP(type=8, id=33, seq=i) / data)
        for i, data in enumerate(stamps)
    )
    yield (
        (i * 1.0, IP(src=A, dst=B) / ICMP(type=13, id=5, seq=i, ts_ori=1000 * i, ts_rx=0, ts_tx=0))
        for i in range(4)
    )
    yield (
        (i * 0.5, kind(id=9, seq=i, data=octets("v6", 40)))
        for i, kind in ((0, _echo_v6), (1, _echo_v6), (2, _echo_v6))
    )
    shell = [(1, b"sh-5.1$ "), (0, b"id\n"), (1, b"uid=0(root) gid=0(root)\n"), (1, b"sh-5.1$ ")]
    yield _conversation(4444, [*shell, (0, b"whoami\n"), (1, b"root\n"), (1, b"# ")])
    yield _conversation(1080, [
        (0, b"\x05\x01\x00"), (1, b"\x05\x00"), (0, b"\x05\x01\x00\x01\xc0\x00\x02\x09\x01\xbb"),
        (1, b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"), (0, octets("relay", 200)),
        (1, octets("relayed", 700)),
    ])  # fmt: skip
    yield _conversation(7475, [(i % 2, _framed("frame", i)) for i in range(16)])
    yield _conversation(443, [(i % 2, octets(f"raw{i}", 64 + 16 * i)) for i in range(10)])
    yield _conversation(80, [
        (0, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
        (1, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
    ])  # fmt: skip
    yield _datagrams(53, [(i % 2, _dns(i // 2, i % 2 == 1)) for i in range(6)], 0.03)
    yield _datagrams(623, [(i % 2, _sol(i)) for i in range(20)], 0.7)
    yield _datagrams(9999, [(int(i % 4 == 3), octets(f"b{i}", 48)) for i in range(16)], 3.0)
    yield _datagrams(8888, [(i % 2, octets(f"c{i}", 32 + i)) for i in range(9)], 0.2, v6=True)
    yield _clocked(7777, 150)
    inner = IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=1, dport=2)
    outer = IP(src=A, dst=B)
    yield ((i * 0.6, outer / GRE() / inner / octets(f"in{i}", 30)) for i in range(5))
    yield ((i * 0.6, IP(src=A, dst=B, proto=200) / octets(f"odd{i}", 90)) for i in range(5))
    yield (_knock(i, character) for i, character in enumerate(b"secret"))
    yield iter([(0.0, IP(src=B, dst=A) / UDP(sport=3000, dport=3001) / b"x")])
    unreachable = IP(src=A, dst=B) / UDP(sport=9, dport=10) / b"12345678"
    yield iter([(0.0, IP(src=B, dst=A) / ICMP(type=3, code=3) / Raw(bytes(unreachable)))])
    yield _duplex(7070, 110)
    closed = IP(src=A, dst=B) / UDP(sport=3002, dport=3003) / b"knock knock"
    answer = IP(src=B, dst=A) / ICMP(type=3, code=3) / Raw(bytes(closed))
    yield iter([(0.0, closed), (0.01, answer)])
    letters = [int.from_bytes(pair, "big") for pair in (b"at", b"ta", b"ck")]
    yield ((i * 1.0, IP(src=A, dst=B) / ICMP(type=8, id=99, seq=n)) for i, n in enumerate(letters))
    keyed = [
        GRE(proto=0x88B5, key_present=1, key=7 * (i == 2), chksum_present=i % 2) for i in range(5)
    ]
    away = IP(src="203.0.113.5", dst="203.0.113.6")
    yield ((i * 0.6, away / head / octets(f"key{i}", 30)) for i, head in enumerate(keyed))


NAMES = (
    "ping", "tunnel", "stamps", "clock", "ping6", "shell", "socks", "framed", "raw", "web", "dns",
    "sol", "beacon", "udp6", "timing", "gre", "inner", "odd", "knock", "datagram", "error",
    "duplex", "closed", "letters", "keyed", "vsock",
)  # fmt: skip
"""Windows of the table in their order."""


def shown(feature: Any, *names: str) -> list[float]:
    """Values of a feature for windows by name; of their packets, the first eight, for one name."""
    table = _table()
    values = np.asarray(feature(table))
    if len(values) == len(table):
        kept = values[[NAMES.index(name) for name in names]]
    else:
        window = NAMES.index(names[0])
        kept = values[table.offsets[window] : table.offsets[window + 1]][:8]
    return [float(f"{value:.4g}") for value in kept.tolist()]


@cache
def _table() -> Flows:
    return sample()


def _knock(i: int, character: int) -> tuple[float, Packet]:
    # Knocks whose sequence number is a character.
    ip = IP(src=A, dst=B, id=256 * character, ttl=64 + i % 2)
    return i * 0.1, ip / TCP(sport=4001, dport=81, flags="S", seq=character << 24)


def _echo_v6(**fields: Any) -> Packet:
    ends = {"src": "2001:db8::1", "dst": "2001:db8::2"}
    if fields["seq"] == 1:
        return IPv6(src=ends["dst"], dst=ends["src"]) / ICMPv6EchoReply(**fields)
    return IPv6(**ends) / ICMPv6EchoRequest(**fields)


@cache
def packets() -> tuple[Packet, ...]:
    timed = [
        (START + 0.013 * number + time, packet)
        for number, conversation in enumerate(_conversations())
        for time, packet in conversation
    ]
    timed.sort(key=lambda pair: pair[0])
    for time, packet in timed:
        packet.time = time
    return tuple(packet for _, packet in timed)


def _vsock() -> bytes:
    # Link type 271: vsockmon header, virtio header (44 octets), payload.
    records = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 271)]
    read = [0, 0]
    turns = [(0, 1, b""), (1, 2, b""), (0, 5, b"ls\n"), (1, 6, b""), (1, 5, octets("vsock", 90))]
    for i, (side, operation, data) in enumerate(turns):
        source, target = ((3, 1055), (2, 5000)) if side == 0 else ((2, 5000), (3, 1055))
        kind = {1: 1, 2: 1, 5: 4, 6: 3}[operation]
        virtio = struct.pack(
            "<QQIIIHHIII", source[0], target[0], source[1], target[1], len(data), 1, operation,
            0, 262144, read[side],
        )  # fmt: skip
        monitor = struct.pack(
            "<QQIIHHHH", source[0], target[0], source[1], target[1], kind, 2, len(virtio), 0
        )
        frame = monitor + virtio + data
        read[1 - side] += len(data)
        records.append(struct.pack("<IIII", START + i, 0, len(frame), len(frame)) + frame)
    return b"".join(records)


def sample() -> Flows:
    """The table, built anew: no column of it is computed yet."""
    parts = [flows(from_scapy(packets())), flows(read(io.BytesIO(_vsock())))]
    return Flows.concatenate(parts)
