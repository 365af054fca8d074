"""Messages of public protocols, for the made-up clients and servers of ``apps_udp.py``.

Layouts follow the published descriptions; values are drawn.  ``UDP`` maps a style to what the
client sends, what the server answers to each (or None), the pause, and its spread.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from protocols import jsonrpc
from text import make

Make = Callable[[random.Random, int], bytes]


def ipfix(rng: random.Random, n: int) -> bytes:
    """Return an IPFIX message: a template first, then records."""
    if n % 8 == 0:
        fields = b"".join(struct.pack(">HH", *f) for f in ((8, 4), (12, 4), (1, 8), (2, 8), (4, 1)))
        body = struct.pack(">HHHH", 2, 8 + len(fields), 256, 5) + fields
    else:
        rows = b"".join(
            struct.pack(">IIQQB", 0x0A000000 + rng.randrange(999), 0x0A010000 + rng.randrange(99),
                        rng.randrange(9 * 10**5), rng.randrange(900), rng.choice((6, 17)))
            for _ in range(rng.randint(1, 9))
        )  # fmt: skip
        body = struct.pack(">HH", 256, 4 + len(rows)) + rows
    return struct.pack(">HHIII", 10, 16 + len(body), 1_700_000_000 + n, n, 0) + body


def dht(rng: random.Random, n: int) -> bytes:
    """Return a query to the torrents' distributed table."""
    key = rng.randbytes(20)
    name, extra = rng.choice(
        ((b"4:ping", b""), (b"9:find_node", b"6:target20:" + rng.randbytes(20)))
    )
    return b"d1:ad2:id20:" + key + extra + b"e1:q" + name + b"1:t2:" + rng.randbytes(2) + b"1:y1:qe"


def dht_answer(rng: random.Random, n: int) -> bytes:
    """Return nodes."""
    nodes = rng.randbytes(26 * 8) if rng.random() < 0.5 else b""
    extra = b"5:nodes208:" + nodes if nodes else b""
    return b"d1:rd2:id20:" + rng.randbytes(20) + extra + b"e1:t2:" + rng.randbytes(2) + b"1:y1:re"


def a2s(rng: random.Random, n: int) -> bytes:
    """Return a query of a game server's state."""
    return b"\xff\xff\xff\xff" + rng.choice((b"TSource Engine Query\0", b"U" + rng.randbytes(4)))


def a2s_answer(rng: random.Random, n: int) -> bytes:
    """Return name, map and players."""
    return (
        b"\xff\xff\xff\xffI\x11"
        + make("text", rng.randint(20, 90), n)
        + b"\0dust\0"
        + rng.randbytes(9)
    )


def raknet(rng: random.Random, n: int) -> bytes:
    """Return a reliable frame of a game."""
    body = rng.randbytes(rng.choice((3, 9, 24, 60)))
    head = struct.pack("<BI", 0x84, n)[:4] + struct.pack(">BH", 0x60, len(body) * 8)
    return head + struct.pack("<I", n)[:3] + struct.pack("<I", n)[:3] + b"\0" + body


def artnet(rng: random.Random, n: int) -> bytes:
    """Return one universe of light values."""
    return (
        b"Art-Net\0"
        + struct.pack("<H", 0x5000)
        + b"\0\x0e"
        + bytes((n & 255, 0, 1, 0, 0, 96))
        + bytes(int(127 + 120 * ((n + i) % 40) / 40) & 255 for i in range(96))
    )


def mqttsn(rng: random.Random, n: int) -> bytes:
    """Return a publish or a ping of a small sensor."""
    if n % 6 == 5:
        return b"\x02\x16"
    data = f"{rng.gauss(21, 2):.1f}".encode()
    return struct.pack(">BBBHH", 7 + len(data), 0x0C, 0x20, 7, n & 0xFFFF) + data


def dnp3(rng: random.Random, n: int) -> bytes:
    """Return a class poll, or points, with block checks left arbitrary."""
    body = bytes((0xC0 | n & 15, 0xC0 | n & 15, 1, 60, 2, 6, 60, 3, 6)) + rng.randbytes(2)
    return b"\x05\x64" + bytes((len(body) + 5, 0xC4)) + struct.pack("<HHH", 1, 1024, 0) + body


def gtp_echo(rng: random.Random, n: int) -> bytes:
    """Return an echo of a mobile core's path."""
    return struct.pack(">BBHIHBB", 0x32, 1, 4, 0, n & 0xFFFF, 0, 0)


def gtp_echo_answer(rng: random.Random, n: int) -> bytes:
    """Return the answer with a restart counter."""
    return struct.pack(">BBHIHBBBB", 0x32, 2, 6, 0, n & 0xFFFF, 0, 0, 14, 7)


def ssdp(rng: random.Random, n: int) -> bytes:
    """Return a search."""
    what = rng.choice(("ssdp:all", "upnp:rootdevice", "urn:dial-multiscreen-org:service:dial:1"))
    head = 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
    return f"{head}MX: 2\r\nST: {what}\r\n\r\n".encode()


def ssdp_answer(rng: random.Random, n: int) -> bytes:
    """Return a device's place."""
    own = f"USN: uuid:{make('hex', 32, 7).decode()}\r\nLOCATION: http://10.0.0.7:8200/d.xml\r\n"
    return f"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n{own}\r\n".encode()


def gelf(rng: random.Random, n: int) -> bytes:
    """Return a compressed log message."""
    return b"\x78\x9c" + make("zip", rng.randint(120, 420), n)


def capwap(rng: random.Random, n: int) -> bytes:
    """Return an access point's echo, under its control header."""
    return (
        b"\x00\x10\x02\x00\x00\x00\x00\x00"
        + struct.pack(">IBHB", 13, n & 255, 3 + 8, 0)
        + rng.randbytes(8)
    )


def dtls(rng: random.Random, n: int) -> bytes:
    """Return an encrypted DTLS record."""
    body = struct.pack(">Q", n + 1) + rng.randbytes(rng.choice((24, 40, 90, 300)))
    return b"\x17\xfe\xfd" + struct.pack(">HHIH", 1, 0, n, len(body)) + body


def clock(rng: random.Random, n: int) -> bytes:
    """Return a player's clock: a group of speakers in step."""
    return struct.pack(">4sIQQ", b"SYNC", n, n * 500_000_000, rng.getrandbits(34))


UDP: dict[str, tuple[Make, Make | None, float, float]] = {
    "ipfix": (ipfix, None, 0.7, 0.4),
    "dht": (dht, dht_answer, 0.5, 0.4),
    "a2s": (a2s, a2s_answer, 0.8, 0.5),
    "raknet": (raknet, raknet, 0.2, 0.1),
    "artnet": (artnet, None, 0.25, 0.01),
    "mqttsn": (mqttsn, None, 0.9, 0.5),
    "dnp3": (dnp3, dnp3, 0.9, 0.2),
    "gtp-echo": (gtp_echo, gtp_echo_answer, 1.2, 0.02),
    "ssdp": (ssdp, ssdp_answer, 1.0, 0.6),
    "gelf": (gelf, None, 0.7, 0.5),
    "capwap": (capwap, capwap, 1.3, 0.05),
    "dtls": (dtls, dtls, 0.5, 0.4),
    "clock": (clock, clock, 0.5, 0.02),
    "relay": (jsonrpc, jsonrpc, 0.6, 0.4),
}
