"""An Intel AMT console for the lab: ``amt_sim.py PORT SEED KIND``; speaks the redirection protocol.

Message layout after the public client (amtterm): start 0x10 -> 0x11, authenticate 0x13 -> 0x14,
open Serial over LAN 0x20 -> 0x21, keystrokes 0x28, console output 0x2A, heartbeats 0x2B.
KIND ``shell`` answers lines with made-up text; ``log`` prints lines; ``file`` sends one.
"""

from __future__ import annotations

import random
import select
import socket
import struct
import sys
import time

from prompt import answer
from text import make


class Console:
    """One connection: reads messages, writes console output in chunks."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.buffer, self.count = sock, b"", 0

    def need(self, size: int) -> bytes:
        """Take the next `size` octets, waiting for them."""
        while len(self.buffer) < size:
            data = self.sock.recv(4096)
            if not data:
                raise ConnectionError
            self.buffer += data
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def show(self, data: bytes) -> None:
        """Print on the console."""
        for start in range(0, len(data), 200):
            part = data[start : start + 200]
            self.sock.sendall(struct.pack("<B3xIH", 0x2A, self.count, len(part)) + part)
            self.count += 1

    def message(self) -> tuple[int, bytes]:
        """Return the next message's type and data."""
        kind = self.need(1)[0]
        if kind == 0x10:
            return kind, self.need(7)
        if kind == 0x13:
            head = self.need(8)
            return kind, head + self.need(struct.unpack("<I", head[4:8])[0])
        if kind == 0x20:
            return kind, self.need(23)
        if kind == 0x28:
            head = self.need(9)
            return kind, self.need(struct.unpack("<H", head[7:9])[0])
        return kind, self.need(7)


def serve(console: Console, kind: str, rng: random.Random) -> None:
    """Serve one console until it is closed."""
    line, opened, following = b"", False, time.monotonic() + 5
    while True:
        waiting = console.buffer or select.select([console.sock], [], [], 0.4)[0]
        if opened and time.monotonic() > following:
            console.sock.sendall(struct.pack("<B3xI", 0x2B, console.count))
            console.count += 1
            following += 5
        if opened and kind == "log" and rng.random() < 0.5:
            console.show(make("log", rng.randint(40, 160), rng.randrange(1 << 20)) + b"\r\n")
        if not waiting:
            continue
        code, data = console.message()
        if code == 0x10:
            console.sock.sendall(b"\x11\0\0\0" + b"\x01\0" + bytes(6) + b"\0")
        elif code == 0x13:
            query = data[3] == 0
            methods = b"\x01" if query else b""
            head = struct.pack("<BBxxBI", 0x14, 0, data[3], len(methods))
            console.sock.sendall(head + methods)
        elif code == 0x20:
            console.sock.sendall(b"\x21" + bytes(22))
            opened = True
            if kind == "file":
                console.show(make("hex", 20_000, 5))
            console.show(b"\r\nhost login# ")
        elif code == 0x28:
            console.show(data.replace(b"\r", b"\r\n").replace(b"\n\n", b"\n"))
            line += data
            if b"\r" in line or b"\n" in line:
                console.show(answer(line.decode("latin-1"), rng, "\r\n").encode() + b"# ")
                line = b""


def main(port: int, seed: int, kind: str) -> None:
    """Serve consoles one after the other."""
    rng = random.Random(seed)
    with socket.create_server(("", port)) as listener:
        while True:
            sock, _ = listener.accept()
            with sock:
                try:
                    serve(Console(sock), kind, rng)
                except OSError:
                    continue


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
