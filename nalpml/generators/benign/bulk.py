"""Large one-sided TCP transfers: tests, backups, replication, storage."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import file_octets, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral, tcp, udp
from nalpml.generators._profile import Profile

__all__ = ["PROFILES", "Bulk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk(Profile):
    """A control exchange, then a stream in one direction.

    Parameters
    ----------
    ports : tuple of int
        Server ports to choose from.
    octets : tuple of int
        Bounds of the size, log-uniform.
    hello : bytes
        What the client says first; empty for nothing.
    asks : bool
        Whether it says a drawn request instead.
    encrypted : float
        Probability that the stream is encrypted or compressed as a whole.
    upload : float
        Probability that the originator sends it.
    """

    ports: tuple[int, ...] = (5201,)
    octets: tuple[int, int] = (100_000, 3_000_000)
    hello: bytes = b""
    asks: bool = False
    encrypted: float = 0.5
    upload: float = 0.6

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one transfer."""
        ends = net.ends(rng)
        conv = Conversation(
            ends,
            6,
            sport=ephemeral(rng, ends),
            dport=pick(rng, self.ports),
            closer=int(rng.integers(2)),
        )
        hello = self.hello
        if self.asks:
            verb = pick(rng, (b"OPEN ", b"get ", b"\1\0\0\0", b"READ ", b"STREAM "))
            hello = verb + f"/{word(rng)}/{word(rng)}{int(rng.integers(1000))}".encode() + b"\n"
        if hello:
            conv.say(0, hello, 1e-4)
            conv.say(1, rng.bytes(4) if rng.random() < 0.5 else b"OK\r\n", 1e-3)
        direction = 0 if rng.random() < self.upload else 1
        left = int(loguniform(rng, *self.octets))
        chunk = int(loguniform(rng, 8192, 1 << 20))
        whole = rng.random() < self.encrypted
        zero = rng.random() < 0.1
        while left > 0:
            n = min(left, chunk)
            text = bytes(n) if zero else rng.bytes(n) if whole else file_octets(rng, n)
            conv.say(direction, text, float(rng.exponential(0.002)))
            if rng.random() < 0.3:
                conv.say(1 - direction, rng.bytes(int(rng.integers(4, 32))), 1e-4)
            left -= n
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Iperf(Profile):
    """iperf3: a control connection with JSON, then the test's own connections."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one test."""
        ends = net.ends(rng)
        control = tcp(rng, net, 5201, ends=ends)
        cookie = bytes(rng.integers(97, 123, 36).astype(np.uint8)) + b"\0"
        control.say(0, cookie, 1e-4)
        control.say(1, b"\x09", 1e-3)
        wanted = json.dumps({"tcp": True, "time": 10, "parallel": 1, "len": 131072}).encode()
        control.say(0, len(wanted).to_bytes(4, "big"), 1e-4)
        control.say(0, wanted, 1e-5)
        control.say(1, b"\x0a", 1e-3)
        out = [control]
        d, noise = int(rng.random() < 0.3), rng.bytes(131072)
        zero = rng.random() < 0.3
        length = 0.0
        for k in range(int(pick(rng, (1, 1, 1, 2, 4)))):
            data = tcp(rng, net, 5201, ends=ends, start=control.now + 1e-3 * k)
            data.say(0, cookie, 1e-4)
            for _ in range(int(loguniform(rng, 2, 24))):
                block = bytes(131072) if zero else noise
                data.say(d, block[: int(pick(rng, (131072, 131072, 16384)))], 1e-5)
            length = max(length, data.now)
            out.append(data)
        control.now += length
        result = json.dumps({"cpu_util_total": float(rng.random()), "streams": [{"bytes": 1}]})
        control.say(0, b"\x04", 1e-3)
        control.say(1, b"\x0d", 1e-3)
        control.say(0, len(result).to_bytes(4, "big") + result.encode(), 1e-3)
        control.say(1, len(result).to_bytes(4, "big") + result.encode(), 1e-3)
        control.say(1, b"\x0e", 1e-3)
        control.say(0, b"\x10", 1e-3)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagrams(Profile):
    """A one-sided stream of datagrams: iperf3 -u, transport streams, UDT-like copying.

    Parameters
    ----------
    count : tuple of int
        Bounds of the number of datagrams, log-uniform.
    """

    count: tuple[int, int] = (50, 1500)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one stream."""
        kind = pick(rng, ("iperf", "iperf", "ts", "udt"))
        port = {"iperf": 5201, "ts": int(pick(rng, (1234, 5004, 5000)))}.get(
            kind, int(rng.integers(1024, 65536))
        )
        conv = udp(rng, net, port)
        d = 0 if rng.random() < 0.7 else 1
        size = int(pick(rng, (1448, 1448, 1460, 1316, 1024, 512, 8)))
        size = min(1316 if kind == "ts" else size, conv.ends.path.mtu - 48)
        if kind == "iperf" and rng.random() < 0.15:
            # iperf3 -l, NFS and their like: blocks that IP cuts into fragments.
            size = int(pick(rng, (4096, 8192, 16384)))
        noise = rng.bytes(max(1500, size)) if rng.random() < 0.7 else bytes(max(1500, size))
        if kind == "iperf":
            conv.say(0, b"9876", 0)
            conv.say(1, b"6789"[: int(pick(rng, (4, 4, 1)))], 1e-3)
        gap, start = loguniform(rng, 1e-5, 0.05), conv.now + 0.01
        n = round(loguniform(rng, *self.count))
        times = start + np.cumsum(rng.gamma(8, gap / 8, n))
        for k, t in enumerate(times.tolist()):
            if kind == "ts":
                body = b"".join(
                    b"\x47\x41\x00" + bytes((0x10 | k & 15,)) + rng.bytes(184) for _ in range(7)
                )
            else:
                head = struct.pack(">III", int(t), int(t % 1 * 1e6), k)
                body = (head + noise)[: max(12, size)]
            conv.at(t, d, body)
            if kind == "udt" and k % 30 == 29:
                conv.at(
                    t + conv.ends.path.owd, 1 - d, b"\x80\x02\0\0" + struct.pack(">III", k, 0, k)
                )
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Datagrams(name="bulk.udp", about="iperf3 -u, transport streams, UDT: one-sided."),
    Iperf(name="bulk.iperf3", about="iperf3: control and data on 5201, noise or zeros."),
    Bulk(
        name="bulk.backup",
        about="Backup agents: bacula 9103, amanda 10080, Veeam 2500.., borg.",
        ports=(9102, 9103, 10080, 2500, 2501, 6106, 8102),
        upload=0.95,
        encrypted=0.8,
        hello=b"Hello Client calling 10002 tls_local=0\n",
    ),
    Bulk(
        name="bulk.replication",
        about="Storage replication and rsync daemons: 873, 3260, 6789, 7000.",
        ports=(873, 3260, 6800, 7000, 7789, 24007),
        hello=b"@RSYNCD: 31.0 sha512 sha256\n",
    ),
    Bulk(
        name="bulk.raw",
        about="Block and media servers on ports of their own: a short request, then the stream.",
        ports=tuple(range(2000, 60000, 577)),
        asks=True,
        encrypted=0.4,
    ),
)
