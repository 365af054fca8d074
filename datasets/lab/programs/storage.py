"""Data in header fields: ``storage.py FIELD SOURCE TARGET SECONDS SEED``.

FIELD and its carrier: ``icmp-id``, ``icmp-seq`` (echo requests as ping sends them), ``ip-id``
(DNS-like datagrams), ``ttl`` (echo requests, two values), ``tos`` (datagrams), ``isn`` (SYN to
closed and open ports), ``ack`` (bare ACK segments), ``sport`` (UDP source port), ``window``
(SYN window), ``urgent`` (urgent pointer), ``flow-label`` and ``hop-limit`` (IPv6 datagrams);
``plain-*`` are the same carriers with nothing in their fields.
The other side needs no program: it would read the packets off the wire.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import struct
import sys
import time
from collections.abc import Iterator

from icmp_c2 import checksum
from text import make


def ipv4(
    source: str, target: str, proto: int, body: bytes, ident: int, ttl: int, tos: int
) -> bytes:
    """Return an IPv4 packet."""
    a, b = (ipaddress.IPv4Address(x).packed for x in (source, target))
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45, tos, 20 + len(body), ident, 0x4000, ttl, proto, 0, a, b
    )
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def ipv6(source: str, target: str, proto: int, body: bytes, label: int, hops: int) -> bytes:
    """Return an IPv6 packet."""
    a, b = (ipaddress.IPv6Address(x).packed for x in (source, target))
    return struct.pack(">IHBB16s16s", 6 << 28 | label, len(body), proto, hops, a, b) + body


def pseudo(source: str, target: str, proto: int, size: int) -> bytes:
    """Return the pseudo header of a transport checksum."""
    a, b = (ipaddress.ip_address(x).packed for x in (source, target))
    return a + b + struct.pack(">IHBB", size, 0, 0, proto)


def udp(source: str, target: str, sport: int, dport: int, data: bytes) -> bytes:
    """Return a UDP datagram."""
    size = 8 + len(data)
    head = struct.pack(">HHHH", sport, dport, size, 0)
    value = checksum(pseudo(source, target, 17, size) + head + data) or 0xFFFF
    return struct.pack(">HHHH", sport, dport, size, value) + data


def tcp(
    ends: tuple[str, str, int, int], seq: int, ack: int, flags: int, window: int, urg: int
) -> bytes:
    """Return a TCP segment without data; a SYN carries the usual options."""
    source, target, sport, dport = ends
    options = b"\x02\x04\x05\xb4\x04\x02\x01\x01\x01\x03\x03\x07" if flags & 2 else b""
    words = 5 + len(options) // 4

    def head(value: int) -> bytes:
        first = struct.pack(">HHIIBB", sport, dport, seq, ack, words << 4, flags)
        return first + struct.pack(">HHH", window, value, urg) + options

    size = 20 + len(options)
    return head(checksum(pseudo(source, target, 6, size) + head(0)))


def echo(ident: int, seq: int, rng: random.Random) -> bytes:
    """Return an echo request with the data of an ordinary ping."""
    data = struct.pack("<QQ", int(time.time()), rng.randrange(1_000_000)) + bytes(range(16, 56))
    head = struct.pack(">BBHHH", 8, 0, 0, ident, seq)
    return struct.pack(">BBHHH", 8, 0, checksum(head + data), ident, seq) + data


def dns_question(rng: random.Random) -> bytes:
    """Return an ordinary question for an address."""
    name = rng.choice((b"app", b"web", b"mail")) + rng.choice((b"1", b"2", b""))
    labels = b"".join(bytes([len(x)]) + x for x in (name, b"lab", b"test")) + b"\0"
    head = struct.pack(">HHHHHH", rng.randrange(65536), 0x0100, 1, 0, 0, 0)
    return head + labels + b"\0\x01\0\x01"


def packets(field: str, a: str, b: str, rng: random.Random) -> Iterator[bytes]:
    """Yield packets, each with the next piece of a secret in its field."""
    secret = make(rng.choice(("text", "random", "zip")), 4000, rng.randrange(1 << 30))
    ident, port, number = rng.randrange(1, 65536), rng.choice((80, 443, 22)), 0
    ttl = rng.choice((64, 128))
    while True:
        word = struct.unpack_from(">H", secret, number * 2 % 3990)[0]
        long = struct.unpack_from(">I", secret, number * 4 % 3990)[0]
        octet = secret[number % 4000]
        bit = secret[number // 8 % 4000] >> number % 8 & 1
        any_id = rng.randrange(65536)
        sport = 32768 + (number * 7 + ident) % 28000
        if field == "icmp-id":
            yield ipv4(a, b, 1, echo(word, number, rng), any_id, ttl, 0)
        elif field == "icmp-seq":
            yield ipv4(a, b, 1, echo(ident, word, rng), any_id, ttl, 0)
        elif field == "ip-id":
            yield ipv4(a, b, 17, udp(a, b, sport, 53, dns_question(rng)), word, ttl, 0)
        elif field == "ip-id-icmp":
            yield ipv4(a, b, 1, echo(ident, number, rng), word, ttl, 0)
        elif field == "ttl":
            yield ipv4(a, b, 1, echo(ident, number, rng), any_id, ttl - 10 * bit, 0)
        elif field == "tos":
            yield ipv4(a, b, 17, udp(a, b, 40123, 5060, b"\r\n\r\n"), any_id, ttl, octet)
        elif field == "isn":
            yield ipv4(a, b, 6, tcp((a, b, sport, port), long, 0, 2, 64240, 0), any_id, ttl, 0)
        elif field == "ack":
            ends = (a, b, 40000 + ident % 999, port)
            yield ipv4(a, b, 6, tcp(ends, number, long, 16, 501, 0), any_id, ttl, 0)
        elif field == "window":
            yield ipv4(a, b, 6, tcp((a, b, sport, port), long, 0, 2, word, 0), any_id, ttl, 0)
        elif field == "urgent":
            ends = (a, b, 40000 + ident % 999, port)
            yield ipv4(a, b, 6, tcp(ends, number, 1, 16, 501, word), any_id, ttl, 0)
        elif field == "sport":
            sport = 1024 + word % 64000
            yield ipv4(a, b, 17, udp(a, b, sport, 53, dns_question(rng)), any_id, ttl, 0)
        elif field == "flow-label":
            body = udp(a, b, 40000 + ident % 999, 53, dns_question(rng))
            yield ipv6(a, b, 17, body, long & 0xFFFFF, ttl)
        elif field == "hop-limit":
            body = udp(a, b, 40000 + ident % 999, 123, b"\x23" + bytes(47))
            yield ipv6(a, b, 17, body, 0x12345, ttl - bit * 3)
        elif field == "plain-echo":
            yield ipv4(a, b, 1, echo(ident, number, rng), any_id, ttl, 0)
        elif field == "plain-dns":
            port = rng.randrange(32768, 60999)
            yield ipv4(a, b, 17, udp(a, b, port, 53, dns_question(rng)), any_id, ttl, 0)
        elif field == "plain-syn":
            start = rng.getrandbits(32)
            yield ipv4(a, b, 6, tcp((a, b, sport, port), start, 0, 2, 64240, 0), any_id, ttl, 0)
        elif field == "plain-dns6":
            body = udp(a, b, 40000 + ident % 999, 53, dns_question(rng))
            yield ipv6(a, b, 17, body, ident, ttl)
        elif field == "plain-options":
            yield ipv4(a, b, 17, udp(a, b, 40123, 5060, b"\r\n\r\n"), any_id, ttl, 0xB8)
        else:
            raise SystemExit(f"field {field!r}?")
        number += 1


def keep_port(packet: bytes, opened: dict[int, socket.socket]) -> None:
    """Hold the source port of a datagram open, so that the kernel does not refuse the answer."""
    v6 = packet[0] >> 4 == 6
    proto, at = (packet[6], 40) if v6 else (packet[9], 20)
    port = struct.unpack_from(">H", packet, at)[0]
    if proto != 17 or port in opened:
        return
    opened[port] = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
    opened[port].bind(("", port))


def main(field: str, source: str, target: str, seconds: float, seed: int) -> None:
    """Send until the time is up."""
    rng = random.Random(f"{seed}{field}")
    if ":" in target:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    else:
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    opened: dict[int, socket.socket] = {}  # takes the answers, as the carrier's program would
    end = time.monotonic() + seconds
    gap = rng.choice((0.1, 0.25, 0.5, 1.0))
    regular = rng.random() < 0.5
    for packet in packets(field, source, target, rng):
        keep_port(packet, opened)
        sock.sendto(packet, (target, 0))
        time.sleep(gap if regular else min(4.0, rng.expovariate(1 / gap)))
        if time.monotonic() > end:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
