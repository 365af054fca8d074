"""A line server of some house, and its client: ``lines.py server|client DIALECT HOST PORT SEED``.

Greeting, commands, status words; DIALECT ``ok`` (OK/ERR), ``plus`` (+OK/-ERR), ``code`` (200, 211
with a list that a dot ends, 500), ``ack`` (KEY=VALUE lines, ACK), ``prompt`` (a prompt after each
answer), ``bare`` (no greeting, one line each way).  A client makes a connection for every request
or two, as monitors and scripts do, or keeps one, as the seed says.
"""

from __future__ import annotations

import random
import socket
import socketserver
import sys
import time

from text import WORDS

GREETING = {
    "ok": b"OK house 1.4\n", "plus": b"+OK ready\r\n", "code": b"200 house service ready\r\n",
    "ack": b"HELLO version=3\n", "prompt": b"Welcome.\r\n> ", "bare": b"",
}  # fmt: skip


def answer(dialect: str, line: bytes, rng: random.Random) -> bytes:
    """Return what the server says to a line."""
    known = not line.startswith(b"x")
    names = rng.choices(WORDS, k=rng.randint(1, 12))
    pairs = [f"{name}: {rng.randrange(10_000)}" for name in names]
    if dialect == "ok":
        return ("\n".join([*pairs, "OK"]) + "\n").encode() if known else b"ERR unknown command\n"
    if dialect == "plus":
        return f"+OK {rng.randrange(500)} {names[0]}\r\n".encode() if known else b"-ERR what\r\n"
    if dialect == "code":
        body = "\r\n".join(["211 list follows", *names, "."]) + "\r\n"
        return body.encode() if known else b"500 not understood\r\n"
    if dialect == "ack":
        text = "".join(f"{p.replace(': ', '=')}\n" for p in pairs[:3])
        return f"{text}ACK {rng.randrange(100)}\n".encode()
    if dialect == "prompt":
        return ("\r\n".join(pairs[:4]) + "\r\n> ").encode()
    return f"{rng.uniform(0, 100):.2f}\n".encode()


class Talk(socketserver.StreamRequestHandler):
    """One connection of the server."""

    dialect = "ok"
    rng = random.Random(0)

    def handle(self) -> None:
        """Greet, and answer every line."""
        self.wfile.write(GREETING[self.dialect])
        for line in self.rfile:
            time.sleep(self.rng.uniform(0, 0.02))
            if line.strip() in (b"quit", b"bye"):
                return
            self.wfile.write(answer(self.dialect, line, self.rng))


def client(dialect: str, host: str, port: int, rng: random.Random) -> None:
    """Ask for twenty seconds."""
    until, gap, each = time.monotonic() + 20, rng.choice((0.5, 1.0, 2.0)), rng.choice((1, 1, 2, 9))
    end = b"\r\n" if dialect in ("plus", "code", "prompt") else b"\n"
    while time.monotonic() < until:
        with socket.create_connection((host, port), 5) as sock:
            sock.settimeout(1.0)
            if GREETING[dialect]:
                sock.recv(4096)
            for _ in range(each):
                words = rng.choice(("status", "list", "get", "stat", "xyz", "show", "set"))
                sock.sendall(f"{words} {rng.choice(WORDS)}".encode() + end)
                sock.recv(4096)
                time.sleep(gap * rng.uniform(0.2, 1.2))
            if dialect != "bare":
                sock.sendall(b"quit" + end)


def main(role: str, dialect: str, host: str, port: int, seed: int) -> None:
    """Run one side."""
    Talk.dialect, Talk.rng = dialect, random.Random(f"{seed}server")
    if role == "client":
        client(dialect, host, port, random.Random(seed))
        return
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer((host, port), Talk) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5]))
