"""Tunnels that operators run openly, in user space: ``encap.py KIND PEER DEVICE``.

An imitation for kernels without the devices; headers are those of the standards.  Packets of a
TUN device go to the peer as ``ah`` (RFC 4302, tunnel mode), ``esp`` (RFC 4303), ``ipcomp`` (RFC
3173, Deflate), ``etherip`` (RFC 3378), ``l2tp3`` (RFC 3931, over IP), ``gtp`` (3GPP TS 29.281),
``geneve`` (RFC 8926), ``teredo`` (RFC 4380, relayed IPv6) or ``gue`` (direct IP in UDP).
Keys are fixed and public: this protects nothing.
"""

from __future__ import annotations

import hashlib
import os
import select
import socket
import struct
import sys
import zlib
from collections.abc import Callable

from tunnel import open_tun

KEY = b"lab"
ETHER = b"\x02\x00\x5e\x10\x00\x02\x02\x00\x5e\x10\x00\x01"


def _inner(packet: bytes) -> int:
    """Return the IP protocol number of an inner packet (4 or 41)."""
    return 41 if packet[0] >> 4 == 6 else 4


def _ether(packet: bytes) -> bytes:
    return ETHER + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00") + packet


def _stream(size: int, number: int) -> bytes:
    return hashlib.shake_128(KEY + number.to_bytes(4, "big")).digest(size)


def _xor(data: bytes, number: int) -> bytes:
    return bytes(a ^ b for a, b in zip(data, _stream(len(data), number), strict=True))


def ah(packet: bytes, number: int) -> bytes:
    """Authentication header around a packet; 96 bits of HMAC-like digest."""
    head = struct.pack(">BBHII", _inner(packet), 4, 0, 0x5EC0_0001, number)
    return head + hashlib.blake2s(packet, key=KEY, digest_size=12).digest() + packet


def esp(packet: bytes, number: int) -> bytes:
    """Encrypted packet with padding, and 128 bits of integrity value."""
    pad = -(len(packet) + 2) % 4
    body = packet + bytes(range(1, pad + 1)) + bytes((pad, _inner(packet)))
    sealed = struct.pack(">IIQ", 0x5EC0_0002, number, number) + _xor(body, number)
    return sealed + hashlib.blake2s(sealed, key=KEY, digest_size=16).digest()


def unwrap_esp(data: bytes) -> bytes:
    """Return the packet of an ESP body."""
    number = struct.unpack(">I", data[4:8])[0]
    body = _xor(data[16:-16], number)
    return body[: -2 - body[-2]]


def ipcomp(packet: bytes, number: int) -> bytes:
    """Deflated packet."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = squeeze.compress(packet) + squeeze.flush()
    return struct.pack(">BBH", _inner(packet), 0, 2) + body


def gtp(packet: bytes, number: int) -> bytes:
    """G-PDU with a sequence number."""
    return struct.pack(">BBHIHBB", 0x32, 255, len(packet) + 4, 7, number & 0xFFFF, 0, 0) + packet


def geneve(packet: bytes, number: int) -> bytes:
    """Ethernet frame under a Geneve header."""
    return struct.pack(">BBHI", 0, 0, 0x6558, 42 << 8) + _ether(packet)


def teredo(packet: bytes, number: int) -> bytes:
    """Inner IPv6, now and then behind an origin indication."""
    return (b"\0\0" + os.urandom(6) if number % 5 == 0 else b"") + packet


# Kind: IP protocol (or None), UDP port (or 0), how to put in, how to take out.
Wrap = Callable[[bytes, int], bytes]
KINDS: dict[str, tuple[int | None, int, Wrap, Callable[[bytes], bytes]]] = {
    "ah": (51, 0, ah, lambda data: data[24:]),
    "esp": (50, 0, esp, unwrap_esp),
    "ipcomp": (108, 0, ipcomp, lambda data: zlib.decompress(data[4:], -15)),
    "etherip": (97, 0, lambda p, n: b"\x30\x00" + _ether(p), lambda data: data[16:]),
    "l2tp3": (115, 0, lambda p, n: struct.pack(">I", 77) + _ether(p), lambda data: data[18:]),
    "gtp": (None, 2152, gtp, lambda data: data[12:]),
    "geneve": (None, 6081, geneve, lambda data: data[22:]),
    "teredo": (None, 3544, teredo, lambda data: data[8:] if data[0] == 0 else data),
    "gue": (None, 6080, lambda p, n: p, lambda data: data),
}


def main(kind: str, peer: str, device: str) -> None:
    """Carry packets for ever."""
    proto, port, wrap, unwrap = KINDS[kind]
    tun = open_tun(device)
    if proto is None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("", port))
    else:
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, proto)
    number = 0
    while True:
        ready, _, _ = select.select([tun, sock], [], [])
        if tun in ready:
            number += 1
            sock.sendto(wrap(os.read(tun, 65535), number), (peer, port))
        if sock in ready:
            data, source = sock.recvfrom(65535)
            if source[0] == peer:
                data = data[(data[0] & 15) * 4 :] if proto is not None else data
                os.write(tun, unwrap(data))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
