"""Raw ICMP senders for the lab: ``icmp_c2.py client|server STYLE PEER SECONDS SEED``.

Styles differ in who sends what: ``exfil`` one way with identifier and sequence 0; ``poll`` blank
requests and commands in the replies; ``fixed`` requests both ways under one identifier;
``sealed`` encrypted polling; ``twist`` fixed odd sequence numbers; ``reply`` unsolicited
replies only; ``stamp`` data in timestamp requests; ``knock`` a short trigger, then data.
Nothing is executed; commands and results are made up.
"""

from __future__ import annotations

import base64
import random
import socket
import struct
import sys
import time

from frames import rc4, xor
from text import make

ECHO, REPLY, STAMP = 8, 0, 13


def checksum(data: bytes) -> int:
    """Return the Internet checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


class Endpoint:
    """One end: a raw ICMP socket towards one peer."""

    def __init__(self, peer: str, v6: bool = False) -> None:
        family = socket.AF_INET6 if v6 else socket.AF_INET
        proto = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
        self.v6, self.peer = v6, peer
        self.sock = socket.socket(family, socket.SOCK_RAW, proto)

    def send(self, kind: int, ident: int, seq: int, data: bytes) -> None:
        """Send one message; the kind is that of ICMP for IPv4."""
        code = {ECHO: 128, REPLY: 129}.get(kind, kind) if self.v6 else kind
        head = struct.pack(">BBHHH", code, 0, 0, ident & 0xFFFF, seq & 0xFFFF)
        if not self.v6:  # the kernel fills in ICMPv6's own
            head = struct.pack(
                ">BBHHH", code, 0, checksum(head + data), ident & 0xFFFF, seq & 0xFFFF
            )
        self.sock.sendto(head + data, (self.peer, 0))

    def receive(self, seconds: float, kinds: tuple[int, ...]) -> tuple[int, int, bytes] | None:
        """Return identifier, sequence and data of the next message of a kind, or None."""
        end = time.monotonic() + seconds
        wanted = [{ECHO: 128, REPLY: 129}.get(k, k) if self.v6 else k for k in kinds]
        while (left := end - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                packet, address = self.sock.recvfrom(65535)
            except TimeoutError:
                return None
            if not self.v6:
                packet = packet[(packet[0] & 15) * 4 :]
            if address[0] == self.peer and packet[0] in wanted:
                ident, seq = struct.unpack(">HH", packet[4:8])
                return ident, seq, packet[8:]
        return None


def command(rng: random.Random) -> bytes:
    """Return a made-up command line."""
    return make("text", rng.randint(5, 50), rng.randrange(1 << 30))


def results(rng: random.Random, size: int) -> list[bytes]:
    """Return a made-up result in chunks of at most `size` octets."""
    kind = rng.choice(("text", "log", "log"))
    data = make(kind, int(min(4000, rng.lognormvariate(6, 0.9))), rng.randrange(1 << 30))
    return [data[i : i + size] for i in range(0, len(data), size)]


def client(style: str, end: Endpoint, until: float, rng: random.Random) -> None:
    """Run the side inside the network."""
    ident, seq = rng.randrange(1, 65536), rng.choice((0, 1))
    size = rng.choice((32, 64, 128, 400, 512, 900, 1200))
    gap = rng.choice((0.1, 0.3, 0.5, 1.0))
    key = rng.randbytes(16)
    queue: list[bytes] = []
    while time.monotonic() < until:
        if style in ("exfil", "exfil6"):
            chunk = base64.b64encode(make("text", size * 3 // 4, rng.randrange(1 << 30)))
            end.send(ECHO, 0, 0, chunk)
            time.sleep(gap * rng.uniform(0.8, 1.2))
        elif style in ("poll", "poll6"):
            end.send(ECHO, ident, seq, queue.pop(0) if queue else b"")
            got = end.receive(max(0.5, gap), (REPLY,))
            if got and got[2] and not queue:
                queue = results(rng, min(size, 128))
            seq += 1
            time.sleep(0.2 if queue else gap * 2)
        elif style == "fixed":
            got = end.receive(until - time.monotonic(), (ECHO,))
            if got and got[2]:
                for chunk in results(rng, 1000):
                    end.send(REPLY, 13170, 0, chunk)
                    time.sleep(0.05)
        elif style == "sealed":
            body = struct.pack(">Q", seq) + rc4(key, (queue.pop(0) if queue else b"").ljust(size))
            end.send(ECHO, ident, seq, base64.b64encode(body) if size < 200 else body)
            got = end.receive(2.0, (REPLY,))
            if got and len(got[2]) % 3 == 0 and not queue:
                queue = results(rng, size)
            seq += 1
            time.sleep(gap * rng.uniform(1.0, 3.0))
        elif style == "twist":
            end.send(ECHO, ident, rng.choice((53764, 54020, 54276)), make("zip", 788, seq))
            end.receive(2.0, (REPLY,))
            seq += 1
            time.sleep(gap * 3)
        elif style == "reply":
            for chunk in results(rng, size):
                end.send(REPLY, ident, seq, xor(key[:4], chunk))
                seq += 1
                time.sleep(gap)
        elif style == "stamp":
            end.send(STAMP, ident, seq, rng.randbytes(12))
            seq += 1
            time.sleep(gap)
        elif style == "knock":
            got = end.receive(until - time.monotonic(), (ECHO,))
            if got and len(got[2]) == 9:
                for chunk in results(rng, size):
                    end.send(ECHO, ident, seq, xor(key[:1], chunk))
                    seq += 1
                    time.sleep(gap)


def server(style: str, end: Endpoint, until: float, rng: random.Random) -> None:
    """Run the controlling side."""
    seq = 0
    while time.monotonic() < until:
        if style in ("poll", "poll6", "sealed", "twist"):
            got = end.receive(1.0, (ECHO,))
            if got is None:
                continue
            ident, number, _ = got
            data = command(rng) if rng.random() < 0.2 else b""
            if style == "sealed":
                data = rng.randbytes(len(got[2]) if not data else rng.randint(3, 40) * 3)
            elif style == "twist":
                data = make("zip", 788, seq)
                seq += 1
            end.send(REPLY, ident, number, data)
        elif style == "fixed":
            end.send(ECHO, 13170, 0, command(rng))
            end.receive(3.0, (REPLY,))
            time.sleep(rng.uniform(0.5, 4))
        elif style == "knock":
            end.send(ECHO, rng.randrange(65536), 1, rng.randbytes(9))
            time.sleep(rng.uniform(6, 9))
        else:
            time.sleep(0.5)


def main(role: str, style: str, peer: str, seconds: float, seed: int) -> None:
    """Run one side until its time is up."""
    end = Endpoint(peer, v6=":" in peer)
    rng = random.Random(f"{seed}{style}{role}")
    run = client if role == "client" else server
    run(style, end, time.monotonic() + seconds, rng)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
