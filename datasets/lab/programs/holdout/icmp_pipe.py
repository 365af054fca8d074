"""TCP carried in echo messages with a tagged header, after public descriptions of a proxy.

``icmp_pipe.py client PEER PORT | server PEER HOST PORT``, for 40 s.  Client messages are requests
and server messages replies, all under one identifier; each holds a record in the wire format of
protocol buffers (connection id, kind, number, acknowledgement, data, a magic number).
"""

from __future__ import annotations

import random
import selectors
import socket
import sys
import time

from wire import Icmp

MAGIC = 0xDEAD
BLOCK = 800
DATA, PING, KICK = 0, 1, 2


def varint(number: int) -> bytes:
    """Encode an integer, seven bits an octet."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def record(ident: str, kind: int, number: int, seen: int, data: bytes) -> bytes:
    """Return one message."""
    name = ident.encode()
    out = b"\x0a" + varint(len(name)) + name + b"\x10" + varint(kind)
    out += b"\x18" + varint(number) + b"\x20" + varint(seen) + b"\x28" + varint(MAGIC)
    return out + b"\x32" + varint(len(data)) + data


def data_of(body: bytes) -> tuple[int, int, bytes] | None:
    """Return kind, number and data of a message."""
    fields: dict[int, int] = {}
    at = 0
    while at < len(body):
        tag = body[at]
        at += 1
        value = shift = 0
        while True:
            octet = body[at]
            value |= (octet & 127) << shift
            shift += 7
            at += 1
            if octet < 128:
                break
        if tag & 7 == 2:
            if tag >> 3 == 6:
                return fields.get(2, 0), fields.get(3, 0), body[at : at + value]
            at += value
        else:
            fields[tag >> 3] = value
    return None


def pump(end: Icmp, sock: socket.socket, out: int, ident: str, until: float) -> None:
    """Carry one connection until it ends; numbers make order, losses are sent again."""
    seq = random.randrange(1000)
    echo = random.randrange(1, 65536)
    sent: dict[int, tuple[bytes, float]] = {}
    number = expected = 0
    early: dict[int, bytes] = {}
    watch = selectors.DefaultSelector()
    watch.register(sock, selectors.EVENT_READ)
    watch.register(end.raw, selectors.EVENT_READ)
    beat = time.monotonic()

    def put(kind: int, count: int, data: bytes) -> None:
        nonlocal seq
        seq += 1
        end.put(out, echo, seq, record(ident, kind, count, expected, data))

    while time.monotonic() < until:
        for key, _ in watch.select(0.1):
            if key.fileobj is sock:
                data = sock.recv(BLOCK)
                if not data:
                    put(KICK, number, b"")
                    return
                sent[number] = (data, time.monotonic())
                put(DATA, number, data)
                number += 1
                continue
            got = end.get(0.01)
            if got is None or got[0] == out:
                continue
            message = data_of(got[3])
            if message is None:
                continue
            kind, count, data = message
            if out == end.answer:
                echo = got[1]
            if kind == KICK:
                return
            if kind == PING:
                for old in [n for n in sent if n < count]:
                    del sent[old]
                continue
            early[count] = data
            while expected in early:
                sock.sendall(early.pop(expected))
                expected += 1
            put(PING, expected, b"")
        now = time.monotonic()
        for count, (data, when) in list(sent.items()):
            if now - when > 0.6:
                put(DATA, count, data)
                sent[count] = (data, now)
        if now - beat > 1.0:
            put(PING, expected, b"")
            beat = now


def main() -> None:
    """Run one side, one connection after another."""
    end = Icmp(sys.argv[2])
    until = time.monotonic() + 40
    if sys.argv[1] == "client":
        door = socket.create_server(("127.0.0.1", int(sys.argv[3])))
        while time.monotonic() < until:
            sock, _ = door.accept()
            pump(end, sock, end.ask, f"{random.getrandbits(64):016x}", until)
    while time.monotonic() < until:
        if end.get(1.0):
            sock = socket.create_connection((sys.argv[3], int(sys.argv[4])))
            pump(end, sock, end.answer, "", until)
            while end.get(0.3):
                pass


if __name__ == "__main__":
    main()
