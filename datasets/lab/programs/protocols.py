"""Messages of public protocols, for the made-up clients and servers of ``apps_tcp.py``.

Layouts follow the published descriptions; values are drawn.  ``TCP`` maps a style
to what the client sends, what the server answers (or None), and the pauses between.
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable

from text import make, record

Make = Callable[[random.Random, int], bytes]


def _sized(body: bytes, form: str = ">I", more: int = 0) -> bytes:
    """Put a length in front, which counts `more` octets besides the body."""
    return struct.pack(form, len(body) + more) + body


def _string(text: str, form: str = ">H") -> bytes:
    return _sized(text.encode(), form)


def iso8583(rng: random.Random, n: int) -> bytes:
    """Return a card payment or its answer."""
    kind = rng.choice(("0200", "0210", "0800", "0420"))
    body = f"{kind}7234054128C1880516{rng.randrange(10**16):016d}000000{rng.randrange(10**6):012d}"
    return _sized((body + f"{n:06d}TERM{n % 90:04d}{make('hex', 24, n).decode()}").encode(), ">H")


def hl7(rng: random.Random, n: int) -> bytes:
    """Return an admission message between its frame marks."""
    rows = [
        f"MSH|^~\\&|ADT|WARD|LIS|LAB|20241124{n:06d}||ADT^A0{n % 9}|{n:08d}|P|2.5",
        f"PID|1||{rng.randrange(10**7)}^^^H||DOE^{make('text', 6, n).decode()}||19{n % 90 + 10}",
        f"PV1|1|I|W{rng.randrange(9)}^{rng.randrange(40)}^A",
    ]
    return b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r"


def hl7_answer(rng: random.Random, n: int) -> bytes:
    """Return an acknowledgement."""
    return f"\x0bMSH|^~\\&|LIS|LAB|ADT|WARD|2024||ACK|{n}|P|2.5\rMSA|AA|{n:08d}\r\x1c\r".encode()


def smpp(rng: random.Random, n: int) -> bytes:
    """Return a submit_sm or an enquire_link."""
    if n % 4 == 3:
        return struct.pack(">IIII", 16, 0x15, 0, n)
    text = make("text", rng.randint(10, 140), n)
    body = b"\0\1\1" + b"4917000001\0" + b"\1\1" + b"4917000002\0" + bytes(7)
    body += b"\1\0\0\0" + _sized(text, ">B")
    return struct.pack(">IIII", 16 + len(body), 4, 0, n) + body


def smpp_answer(rng: random.Random, n: int) -> bytes:
    """Return a response with a message id."""
    body = f"{rng.getrandbits(32):08x}\0".encode()
    return struct.pack(">IIII", 16 + len(body), 0x80000004, 0, n) + body


def diameter(rng: random.Random, n: int) -> bytes:
    """Return a watchdog or credit-control message."""
    avps = b""
    for code, text in ((264, "gw.lab.test"), (296, "lab.test"), (263, f"gw;{n};{n * 7}")):
        avps += struct.pack(">IB", code, 0x40) + (8 + len(text)).to_bytes(3, "big") + text.encode()
        avps += bytes(-len(text) % 4)
    avps += b"".join(
        struct.pack(">IBBHI", rng.choice((415, 416, 421)), 0x40, 0, 12, rng.getrandbits(16))
        for _ in range(rng.randint(0, 9))
    )
    size = (20 + len(avps)).to_bytes(3, "big")
    code = rng.choice((280, 272)).to_bytes(3, "big")
    return b"\1" + size + b"\x80" + code + struct.pack(">III", 4, n, rng.getrandbits(32)) + avps


def kafka(rng: random.Random, n: int) -> bytes:
    """Return a produce, fetch or metadata request."""
    key = rng.choice((0, 1, 3, 12))
    body = struct.pack(">HHI", key, 7, n) + _string("shop") + struct.pack(">HIi", 1, 1500, 1)
    body += _string("orders") + struct.pack(">iI", 1, n % 3)
    return _sized(body + (make("json", rng.randint(60, 500), n) if key == 0 else bytes(24)))


def kafka_answer(rng: random.Random, n: int) -> bytes:
    """Return offsets, or records."""
    return _sized(
        struct.pack(">Ii", n, 1) + _string("orders") + make("zip", rng.choice((24, 300)), n)
    )


def mongo(rng: random.Random, n: int) -> bytes:
    """Return an OP_MSG with one document."""
    pairs = {"find": "items", "n": n, **{k: str(v) for k, v in record(rng).items()}}
    items = b"".join(
        (b"\x10" + k.encode() + b"\0" + struct.pack("<i", v))
        if isinstance(v, int)
        else (b"\x02" + k.encode() + b"\0" + struct.pack("<i", len(v) + 1) + v.encode() + b"\0")
        for k, v in pairs.items()
    )
    body = struct.pack("<IB", 0, 0) + struct.pack("<i", len(items) + 5) + items + b"\0"
    return struct.pack("<iiii", 16 + len(body), n, 0, 2013) + body


def cql(rng: random.Random, n: int) -> bytes:
    """Return a query of a wide-column store."""
    text = f"LIST ROLES OF u{rng.getrandbits(20)} -- {rng.randrange(1, 10**9)}"
    body = _string(text, ">I") + struct.pack(">HB", 1, 0)
    return struct.pack(">BBHBI", 4, 0, n & 0x7FFF, 7, len(body)) + body


def cql_answer(rng: random.Random, n: int) -> bytes:
    """Return rows."""
    rows = b"".join(_sized(make("text", rng.randint(4, 60), n + i)) for i in range(n % 7))
    body = struct.pack(">III", 2, 4, 3) + rows
    return struct.pack(">BBHBI", 0x84, 0, n & 0x7FFF, 8, len(body)) + body


def amqp(rng: random.Random, n: int) -> bytes:
    """Return a basic.publish with header and body frames, or a heartbeat."""
    if n == 0:
        return b"AMQP\0\0\x09\1"
    if n % 5 == 4:
        return b"\x08\0\0\0\0\0\0\xce"
    data = make("json", rng.randint(20, 400), n)
    method = struct.pack(">HHH", 60, 40, 0) + b"\x04shop\x06orders\0"
    header = struct.pack(">HHQH", 60, 0, len(data), 0)
    return b"".join(
        struct.pack(">BHI", kind, 1, len(part)) + part + b"\xce"
        for kind, part in ((1, method), (2, header), (3, data))
    )


def thrift(rng: random.Random, n: int) -> bytes:
    """Return a framed binary call."""
    body = struct.pack(">I", 0x80010001) + _string("getItems", ">I") + struct.pack(">I", n)
    body += b"\x0a\0\1" + struct.pack(">q", rng.getrandbits(40)) + b"\x0b\0\2"
    return _sized(body + _string(make("text", rng.randint(4, 80), n).decode(), ">I") + b"\0")


def antivirus(rng: random.Random, n: int) -> bytes:
    """Return a scanner's cloud look-up: magic, version, digests of files, sealed extras."""
    digests = b"".join(rng.randbytes(20) for _ in range(rng.randint(1, 5)))
    sealed = rng.randbytes(rng.choice((16, 32, 48, 112)))
    return (
        b"AVQ2" + struct.pack("<HHII", 2, n % 3, len(digests) + len(sealed), n) + digests + sealed
    )


def antivirus_answer(rng: random.Random, n: int) -> bytes:
    """Return verdicts, now and then a piece of a signature update."""
    size = rng.choice((24, 24, 40, 900))
    return b"AVR2" + struct.pack("<HHII", 2, 0, size, n) + rng.randbytes(size)


def license_check(rng: random.Random, n: int) -> bytes:
    """Return a licence request of a constant size."""
    return (
        b"\x2f" + struct.pack(">HI", n, rng.getrandbits(32)) + b"cad_pro\0 12.0\0desk17\0"
    ).ljust(147)


def rtsp(rng: random.Random, n: int) -> bytes:
    """Return a request for a stream's state."""
    verb = ("OPTIONS", "DESCRIBE", "GET_PARAMETER")[min(n, 2)]
    return f"{verb} rtsp://cam.lab.test/1 RTSP/1.0\r\nCSeq: {n + 1}\r\nSession: 7\r\n\r\n".encode()


def rtsp_answer(rng: random.Random, n: int) -> bytes:
    """Return the answer, then interleaved RTP."""
    text = f"RTSP/1.0 200 OK\r\nCSeq: {n + 1}\r\nSession: 7\r\n\r\n".encode()
    frames = b"".join(
        struct.pack(">BBH", 0x24, 0, 72) + struct.pack(">BBHII", 0x80, 96, n * 4 + i, n * 900, 9)
        + rng.randbytes(60)
        for i in range(n % 5)
    )  # fmt: skip
    return text + frames


def skinny(rng: random.Random, n: int) -> bytes:
    """Return a desk phone's message."""
    kind = rng.choice((0x0, 0x6, 0x20, 0x26))
    return struct.pack("<III", 4 + 12, 0, kind) + struct.pack("<III", n % 2, n, 0)


def bitcoin(rng: random.Random, n: int) -> bytes:
    """Return a peer's message: ping, inv, addr."""
    name = rng.choice((b"ping", b"inv", b"addr", b"tx"))
    body = rng.randbytes(
        {b"ping": 8, b"inv": 37 * rng.randint(1, 4), b"addr": 31, b"tx": 226}[name]
    )
    return (
        b"\xf9\xbe\xb4\xd9" + name.ljust(12, b"\0") + struct.pack("<I", len(body)) + body[:4] + body
    )


def minecraft(rng: random.Random, n: int) -> bytes:
    """Return a player's move or a keep-alive."""
    place = struct.pack(">ddd?", rng.gauss(0, 90), 64.0, rng.gauss(0, 90), True)
    body = b"\x11" + place if n % 6 else b"\x10" + rng.randbytes(8)
    return bytes((len(body),)) + body


def syslog_relp(rng: random.Random, n: int) -> bytes:
    """Return a numbered log line."""
    line = f"<13>Nov 24 10:{n % 60:02d}:00 web01 app[{rng.randrange(9999)}]: "
    line += make("text", rng.randint(20, 200), n).decode()
    return f"{n + 1} syslog {len(line)} {line}\n".encode()


def syslog_relp_answer(rng: random.Random, n: int) -> bytes:
    """Return the acknowledgement."""
    return f"{n + 1} rsp 6 200 OK\n".encode()


def tn3270(rng: random.Random, n: int) -> bytes:
    """Return a screen's fields in EBCDIC, ended by a telnet mark."""
    text = make("text", rng.choice((8, 20, 90)), n).decode("ascii", "replace")
    return (
        b"\x7d"
        + struct.pack(">H", 0x4040 + n)
        + b"\x11\x5b\x60"
        + text.encode("cp037")
        + b"\xff\xef"
    )


def tn3270_answer(rng: random.Random, n: int) -> bytes:
    """Return a screen."""
    return (
        b"\xf5\xc3"
        + make("text", rng.randint(200, 900), n).decode("ascii", "replace").encode("cp037")
        + b"\xff\xef"
    )


def jsonrpc(rng: random.Random, n: int) -> bytes:
    """Return a line of JSON-RPC."""
    call = {"id": n, "method": rng.choice(("get", "put", "list")), "params": record(rng)}
    return json.dumps(call).encode() + b"\n"


def nmea(rng: random.Random, n: int) -> bytes:
    """Return an aircraft's or ship's position as text with a checksum."""
    place = f"{rng.uniform(47, 48) * 100:.4f},N,00830.0,E"
    body = f"GPGGA,10{n % 60:02d}00,{place},1,08,0.9,545.4,M,46.9,M,,"
    value = 0
    for one in body.encode():
        value ^= one
    return f"${body}*{value:02X}\r\n".encode()


# Style: client's, server's answer (None: nothing), pause low and high.
TCP: dict[str, tuple[Make, Make | None, float, float]] = {
    "iso8583": (iso8583, iso8583, 0.2, 2.0),
    "hl7": (hl7, hl7_answer, 0.3, 2.5),
    "smpp": (smpp, smpp_answer, 0.2, 2.0),
    "diameter": (diameter, diameter, 0.3, 2.0),
    "kafka": (kafka, kafka_answer, 0.1, 1.5),
    "mongo": (mongo, mongo, 0.1, 1.5),
    "cql": (cql, cql_answer, 0.1, 1.5),
    "amqp": (amqp, amqp, 0.2, 1.5),
    "thrift": (thrift, thrift, 0.1, 1.5),
    "antivirus": (antivirus, antivirus_answer, 0.2, 3.0),
    "license": (license_check, license_check, 1.5, 3.0),
    "rtsp": (rtsp, rtsp_answer, 0.4, 1.2),
    "skinny": (skinny, skinny, 0.5, 3.0),
    "bitcoin": (bitcoin, bitcoin, 0.2, 2.0),
    "minecraft": (minecraft, minecraft, 0.1, 0.5),
    "relp": (syslog_relp, syslog_relp_answer, 0.2, 2.0),
    "tn3270": (tn3270, tn3270_answer, 0.8, 4.0),
    "jsonrpc": (jsonrpc, jsonrpc, 0.2, 2.0),
    "nmea": (nmea, None, 0.9, 1.1),
}
