"""``home.py server|client KIND ADDRESS SECONDS SEED``: devices of a home and what asks them.

Layouts as public descriptions of the devices have them; values are drawn.  KIND: ``kasa`` and
``kasa-udp`` (plugs, JSON under a running XOR), ``tuya`` (frames between 55AA and AA55,
a heartbeat),
``miio`` (hello and sealed datagrams), ``esphome`` (varint frames, ping), ``lifx`` (36-octet head),
``yeelight`` (JSON lines), ``broadlink`` (sealed datagrams behind a fixed mark).
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import sys
import time
import zlib
from collections.abc import Callable

PORTS = {
    "kasa": 9999, "kasa-udp": 9999, "tuya": 6668, "miio": 54321, "esphome": 6053, "lifx": 56700,
    "yeelight": 55443, "broadlink": 80,
}  # fmt: skip
TCP = ("kasa", "tuya", "esphome", "yeelight")

Make = Callable[[random.Random, int], bytes]


def _autokey(text: str) -> bytes:
    key, out = 171, bytearray()
    for octet in text.encode():
        key ^= octet
        out.append(key)
    return bytes(out)


def kasa(rng: random.Random, n: int) -> bytes:
    """Return a question or an answer of a plug, XORed with what went before."""
    kinds = (
        {"system": {"get_sysinfo": {}}},
        {"emeter": {"get_realtime": {"current": rng.random(), "power": rng.random() * 90}}},
        {"system": {"set_relay_state": {"state": n % 2}}},
    )
    body = _autokey(json.dumps(rng.choice(kinds)))
    return struct.pack(">I", len(body)) + body


def kasa_udp(rng: random.Random, n: int) -> bytes:
    """Return a question to find plugs."""
    return _autokey(json.dumps({"system": {"get_sysinfo": {}}, "n": n % 2}))


def tuya(rng: random.Random, n: int) -> bytes:
    """Return a heartbeat, or now and then a sealed state."""
    beat = n % 4
    body = b"" if beat else b"3.3" + bytes(12) + rng.randbytes(16 * rng.randint(2, 8))
    head = struct.pack(">IIII", 0x55AA, n, 9 if beat else 8, len(body) + 8)
    return head + body + struct.pack(">II", zlib.crc32(head + body), 0xAA55)


def miio(rng: random.Random, n: int) -> bytes:
    """Return a hello, or a sealed call with the device's clock."""
    if n % 5 == 0:
        return bytes.fromhex("21310020") + b"\xff" * 28
    body = rng.randbytes(16 * rng.randint(2, 7))
    head = struct.pack(">HHIII", 0x2131, 32 + len(body), 0, 0x03A1F2C7, 5000 + n * 2)
    return head + rng.randbytes(16) + body


def esphome(rng: random.Random, n: int) -> bytes:
    """Return a ping, or a sensor's state."""
    if n % 3:
        return b"\x00\x00" + bytes([7 + n % 2])
    body = b"\x0d" + rng.randbytes(4) + b"\x15" + struct.pack("<f", 20 + rng.random())
    return b"\x00" + bytes([len(body)]) + b"\x19" + body


def lifx(rng: random.Random, n: int) -> bytes:
    """Return a lamp's question or state."""
    kind = rng.choice((2, 23, 101, 107))
    body = b"" if kind in (2, 23, 101) else struct.pack("<HHHHhH", n, 0, 900, 3500, 0, 65535)
    head = struct.pack("<HHI8s6xBBQHH", 36 + len(body), 0x1400, 0x5EED, b"\xd0\x73\xd5\x01", 1,
                       n & 255, 0, kind, 0)  # fmt: skip
    return head + body


def yeelight(rng: random.Random, n: int) -> bytes:
    """Return a command or a notice in a line of JSON."""
    method = rng.choice(("get_prop", "set_power", "set_bright"))
    return (
        json.dumps({"id": n, "method": method, "params": [rng.randint(1, 100)]}).encode() + b"\r\n"
    )


def broadlink(rng: random.Random, n: int) -> bytes:
    """Return a sealed command behind the remote control's mark and counters."""
    body = rng.randbytes(16 * rng.randint(1, 4))
    mark = bytes.fromhex("5aa5aa555aa5aa55") + bytes(24)
    return mark + struct.pack("<HHHHH", zlib.crc32(body) & 0xFFFF, 0, 0x272A, 0x6A, n) + body


MAKE: dict[str, Make] = {
    "kasa": kasa, "kasa-udp": kasa_udp, "tuya": tuya, "miio": miio, "esphome": esphome,
    "lifx": lifx, "yeelight": yeelight, "broadlink": broadlink,
}  # fmt: skip


def serve(kind: str, address: str, end: float, rng: random.Random) -> None:
    """Answer each message with one."""
    make, n = MAKE[kind], 0
    if kind not in TCP:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((address, PORTS[kind]))
            while time.time() < end:
                _, peer = sock.recvfrom(2048)
                n += 1
                sock.sendto(make(rng, n), peer)
    with socket.create_server((address, PORTS[kind])) as listener:
        while time.time() < end:
            peer, _ = listener.accept()
            with peer:
                while peer.recv(2048):
                    n += 1
                    peer.sendall(make(rng, n))


def ask(kind: str, address: str, end: float, rng: random.Random) -> None:
    """Ask now and then."""
    tcp = kind in TCP
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
    with sock:
        sock.settimeout(1.5)
        sock.connect((address, PORTS[kind]))
        n = rng.randrange(100)
        pause = rng.uniform(0.5, 3.5)
        while time.time() < end:
            sock.send(MAKE[kind](rng, n))
            with contextlib.suppress(TimeoutError):
                sock.recv(2048)
            n += 1
            time.sleep(pause * rng.uniform(0.8, 1.3))


if __name__ == "__main__":
    role, what, where, seconds, seed = sys.argv[1:]
    run = serve if role == "server" else ask
    run(what, where, time.time() + float(seconds), random.Random(f"{role}{seed}"))
