"""IP tunnels in user space, for kernels without the devices: ``tunnel.py KIND PEER DEVICE [KEY]``.

Packets of a TUN device go to the peer and back as ``gre``, ``ipip``, ``sit`` (IPv6 in IPv4),
``gre6`` (GRE over IPv6), ``udp:PORT`` or ``proto:NUMBER``.  With KEY they are XORed with a
keystream first.  GRE options: ``gre:key`` sends the key field, ``gre:seq`` key and sequence.
"""

from __future__ import annotations

import fcntl
import os
import random
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
PROTO = {"gre": 47, "ipip": 4, "sit": 41, "gre6": 47}


def open_tun(name: str) -> int:
    """Create a TUN device and return its descriptor."""
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


class Wrapping:
    """Puts inner packets into what follows the outer IP header, and takes them out."""

    def __init__(self, kind: str, key: str) -> None:
        self.base, _, self.option = kind.partition(":")
        self.stream = random.Random(key).randbytes(2048) if key else b""
        self.count = 0

    def _mask(self, data: bytes) -> bytes:
        if not self.stream:
            return data
        return bytes(a ^ b for a, b in zip(data, self.stream, strict=False))

    def wrap(self, packet: bytes) -> bytes:
        """Return the outer payload of an inner packet."""
        body = self._mask(packet)
        if not self.base.startswith("gre"):
            return body
        inner = 0x86DD if packet[0] >> 4 == 6 else 0x0800
        if self.option == "key":
            return struct.pack(">HHI", 0x2000, inner, 0xBEEF) + body
        if self.option == "seq":
            self.count += 1
            return struct.pack(">HHII", 0x3000, inner, 0xBEEF, self.count) + body
        return struct.pack(">HH", 0, inner) + body

    def unwrap(self, data: bytes) -> bytes:
        """Return the inner packet of an outer payload."""
        if self.base.startswith("gre"):
            flags = struct.unpack(">H", data[:2])[0]
            data = data[4 + 4 * bool(flags & 0x2000) + 4 * bool(flags & 0x1000) :]
        return self._mask(data)


def main(kind: str, peer: str, device: str, key: str) -> None:
    """Carry packets for ever."""
    wrapping = Wrapping(kind, key)
    tun = open_tun(device)
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    if wrapping.base == "udp":
        port = int(wrapping.option)
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind(("", port))
    else:
        port = 0
        number = int(wrapping.option) if wrapping.base == "proto" else PROTO[wrapping.base]
        sock = socket.socket(family, socket.SOCK_RAW, number)
    while True:
        ready, _, _ = select.select([tun, sock], [], [])
        if tun in ready:
            sock.sendto(wrapping.wrap(os.read(tun, 65535)), (peer, port))
        if sock in ready:
            data, source = sock.recvfrom(65535)
            if source[0] != peer:
                continue
            if family == socket.AF_INET and wrapping.base != "udp":
                data = data[(data[0] & 15) * 4 :]
            try:
                os.write(tun, wrapping.unwrap(data))
            except OSError:  # not an IP packet: a wrong key, or somebody else's datagram
                continue


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else "")
