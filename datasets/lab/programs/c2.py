"""A small command-and-control pair for the lab: frames of several styles over TCP or UDP.

Nothing is executed: the implant answers made-up text to made-up tasks.

``c2.py implant|controller --connect HOST | --listen  --port N --style S --mode M ...``
"""

from __future__ import annotations

import argparse
import contextlib
import random
import socket
import time

import sockets
from frames import STYLES, Codec
from text import make

CHUNK = 1100


class Channel:
    """Messages over one connected socket, framed by a codec."""

    def __init__(self, sock: socket.socket, codec: Codec, peer: tuple[str, int] | None) -> None:
        self.sock, self.codec, self.peer = sock, codec, peer
        self.stream = sock.type == socket.SOCK_STREAM
        self.buffer = b""

    def send(self, message: bytes) -> None:
        """Send one message, in datagrams of at most `CHUNK` octets if over UDP."""
        if self.stream:
            self.sock.sendall(self.codec.pack(message))
            return
        for start in range(0, max(1, len(message)), CHUNK):
            data = self.codec.pack(message[start : start + CHUNK])
            if self.peer:
                self.sock.sendto(data, self.peer)
            else:
                self.sock.send(data)

    def receive(self, seconds: float) -> bytes | None:
        """Return whatever arrives in time, or None; raise ConnectionError at the end."""
        self.sock.settimeout(max(0.01, seconds))
        try:
            if self.stream:
                data = self.sock.recv(65536)
                if not data:
                    raise ConnectionError
                return data
            data, self.peer_seen = self.sock.recvfrom(65536)
            if self.peer is not None or not self._connected():
                self.peer = self.peer_seen
            return data
        except TimeoutError:
            return None

    def _connected(self) -> bool:
        try:
            self.sock.getpeername()
        except OSError:
            return False
        return True


def result(rng: random.Random, large: bool) -> bytes:
    """Return a made-up result of a task."""
    kind = rng.choice(("text", "log", "json", "text"))
    size = int(min(9000, rng.lognormvariate(7.2 if large else 5.2, 0.9)))
    return make(kind, max(12, size), rng.randrange(1 << 30))


def pause(rng: random.Random, interval: float, jitter: float) -> float:
    """Return the time to the next message."""
    return max(0.02, interval * (1 + rng.uniform(-jitter, jitter)))


def talk(channel: Channel, role: str, args: argparse.Namespace, rng: random.Random) -> None:
    """Hold the conversation until the time is up or the peer goes."""
    end = time.monotonic() + args.seconds
    if role == "implant":
        channel.send(make("json", rng.randint(40, 220), args.seed))
        following = time.monotonic() + pause(rng, args.interval, args.jitter)
        while time.monotonic() < end:
            got = channel.receive(min(end, following) - time.monotonic())
            if got is not None and args.mode in ("task", "beacon"):
                time.sleep(rng.uniform(0.02, 0.4))
                if args.mode == "task" or rng.random() < 0.3:
                    channel.send(result(rng, args.large))
            if time.monotonic() >= following:
                following += pause(rng, args.interval, args.jitter)
                if args.mode == "exfil":
                    channel.send(make(args.kind, args.size, rng.randrange(1 << 30)))
                elif args.mode == "beacon":
                    channel.send(make("json", 30 + args.seed % 60, args.seed))
        return
    while time.monotonic() < end:
        if args.mode == "task":
            channel.send(make("text", rng.randint(6, 60), rng.randrange(1 << 30)))
            until = time.monotonic() + pause(rng, args.interval, args.jitter)
            while (left := until - time.monotonic()) > 0:
                channel.receive(left)
        elif channel.receive(end - time.monotonic()) is not None:
            busy = rng.random() < (0.25 if args.mode == "beacon" else 0.1)
            size = rng.randint(20, 400) if busy else args.seed % 12
            channel.send(make("text", size, rng.randrange(1 << 30)))


def main() -> None:
    """Run one side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("implant", "controller"))
    parser.add_argument("--connect")
    parser.add_argument("--listen", action="store_true")
    parser.add_argument("--udp", action="store_true")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--source-port", type=int, default=0)
    parser.add_argument("--style", choices=sorted(STYLES), default="length")
    parser.add_argument("--mode", choices=("task", "beacon", "exfil"), default="task")
    parser.add_argument("--interval", type=float, default=3.0)
    parser.add_argument("--jitter", type=float, default=0.2)
    parser.add_argument("--seconds", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default="random")
    parser.add_argument("--size", type=int, default=700)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--new", action="store_true", help="a new connection for every message")
    args = parser.parse_args()
    rng = random.Random(f"{args.seed}{args.role}")
    codec = STYLES[args.style](args.seed)
    kind = socket.SOCK_DGRAM if args.udp else socket.SOCK_STREAM
    family, anywhere, host = sockets.family(), sockets.anywhere(), sockets.host(args.connect)
    end = time.monotonic() + args.seconds
    with socket.socket(family, kind) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if args.listen:
            sock.bind((anywhere, args.port))
            if args.udp:
                channel = Channel(sock, codec, None)
                first = None
                while first is None and time.monotonic() < end + 10:
                    first = channel.receive(1.0)
                talk(channel, args.role, args, rng)
                return
            sock.listen()
            while time.monotonic() < end + 10:
                sock.settimeout(5)
                with contextlib.suppress(ConnectionError, TimeoutError):
                    link, _ = sock.accept()
                    with link:
                        talk(Channel(link, codec, None), args.role, args, rng)
            return
    rounds = max(1, int(args.seconds / args.interval)) if args.new else 1
    for _ in range(rounds):
        with socket.socket(family, kind) as sock, contextlib.suppress(ConnectionError):
            if args.source_port:
                sock.bind((anywhere, args.source_port))
            sock.settimeout(8)
            sock.connect((host, args.port))
            channel = Channel(sock, codec, None)
            if not args.new:
                talk(channel, args.role, args, rng)
                continue
            channel.send(make("json", rng.randint(30, 160), args.seed))
            channel.receive(2.0)
        time.sleep(pause(rng, args.interval, args.jitter))


if __name__ == "__main__":
    main()
