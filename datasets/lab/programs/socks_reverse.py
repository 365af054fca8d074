"""SOCKS over a connection the wrong way round: ``socks_reverse.py agent|operator HOST PORT ...``.

The agent connects out and then serves SOCKS on that connection; the operator, who accepted it,
speaks first.  ``agent HOST PORT SECONDS`` opens connection after connection;
``operator PORT VERSION TARGET TARGET_PORT SEED`` uses each for one request.
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import sys
import time


def pump(a: socket.socket, b: socket.socket, seconds: float) -> None:
    """Carry octets both ways until one side ends."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for one in select.select([a, b], [], [], 1.0)[0]:
            data = one.recv(65536)
            if not data:
                return
            (b if one is a else a).sendall(data)


def serve(sock: socket.socket) -> None:
    """Serve one SOCKS 4 or 5 session."""
    first = sock.recv(600)
    if not first:
        return
    if first[0] == 5:
        sock.sendall(b"\x05\x00")
        request = sock.recv(600)
        host, port = socket.inet_ntoa(request[4:8]), struct.unpack(">H", request[8:10])[0]
        done = b"\x05\x00\x00\x01" + request[4:10]
    else:
        port, host = struct.unpack(">H", first[2:4])[0], socket.inet_ntoa(first[4:8])
        done = b"\x00\x5a" + first[2:8]
    with socket.create_connection((host, port), 8) as target:
        sock.sendall(done)
        pump(sock, target, 20)


def agent(host: str, port: int, seconds: float) -> None:
    """Offer SOCKS to the operator until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((host, port), 5) as sock:
            sock.settimeout(25)
            serve(sock)
        time.sleep(0.3)


def operator(port: int, version: int, target: str, target_port: int, seed: int) -> None:
    """Use the agent's connections, each for one HTTP request."""
    rng = random.Random(seed)
    where = socket.inet_aton(target) + struct.pack(">H", target_port)
    with socket.create_server(("", port)) as listener:
        while True:
            sock, _ = listener.accept()
            with sock, contextlib.suppress(OSError):
                sock.settimeout(10)
                time.sleep(rng.uniform(0.05, 2))
                if version == 5:
                    sock.sendall(rng.choice((b"\x05\x01\x00", b"\x05\x02\x00\x02")))
                    sock.recv(2)
                    sock.sendall(b"\x05\x01\x00\x01" + where)
                else:
                    sock.sendall(b"\x04\x01" + where[4:] + where[:4] + b"op\x00")
                sock.recv(10)
                page = rng.randrange(6)
                sock.sendall(f"GET /page{page}.html HTTP/1.0\r\nHost: x\r\n\r\n".encode())
                while sock.recv(65536):
                    pass


if __name__ == "__main__":
    if sys.argv[1] == "agent":
        agent(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    else:
        v = sys.argv
        operator(int(v[2]), int(v[3]), v[4], int(v[5]), int(v[6]))
