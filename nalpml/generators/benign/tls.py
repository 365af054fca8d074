"""TLS 1.2 and 1.3 sessions with real-looking hellos and record sizes (RFC 5246, RFC 8446)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile

__all__ = ["PROFILES", "Tls", "client_hello", "handshake", "records", "server_hello"]

_SUITES = (
    0x1301,
    0x1302,
    0x1303,
    0xC02B,
    0xC02F,
    0xC02C,
    0xC030,
    0xCCA9,
    0xCCA8,
    0xC013,
    0xC014,
    0x009C,
    0x009D,
    0x002F,
    0x0035,
)
_GREASE = (0x0A0A, 0x1A1A, 0x2A2A, 0x3A3A, 0x4A4A, 0x5A5A, 0x6A6A, 0x7A7A, 0x8A8A, 0x9A9A)


def _record(kind: int, body: bytes, version: int = 0x0303) -> bytes:
    return struct.pack(">BHH", kind, version, len(body)) + body


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, len(body)) + body


def client_hello(rng: np.random.Generator, name: str, *, modern: bool = True) -> bytes:
    """A ClientHello record with the extensions of browsers and libraries, in drawn order."""
    grease = rng.random() < 0.4
    if rng.random() < 0.5:
        # Libraries offer dozens, from few key exchanges: 0xC0xx, 0x00xx in falling order.
        suites = [*_SUITES, 0x9F, 0xCCAA, 0xC024, 0xC028, 0x6B, 0xC023, 0xC027, 0x67, 0xC00A]
        suites += [0xC014, 0x39, 0xC009, 0xC013, 0x33, 0x9D, 0x9C, 0x3D, 0x3C, 0x35, 0x2F, 0xFF]
        suites = suites[: int(rng.integers(15, len(suites) + 1))]
    else:
        chosen = rng.permutation(len(_SUITES))[: int(rng.integers(4, 15))]
        suites = [_SUITES[i] for i in chosen.tolist()]
    if modern:
        suites = [0x1301, 0x1302, *[s for s in suites if s not in (0x1301, 0x1302)]]
    if grease:
        suites.insert(0, pick(rng, _GREASE))
    host = name.encode()
    signatures = bytes.fromhex("04030804040105030805050108060601")
    if rng.random() < 0.5:
        signatures += bytes.fromhex("06030807080808090a080b0303030103020402050206020301")[:24]
    curves: tuple[int, ...] = (29, 23, 30, 25, 24, 256, 257, 258, 259, 260)
    if rng.random() < 0.5:
        curves = (29, 23, 24)
    extensions = [
        _extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host),
        _extension(23, b""),
        _extension(10, struct.pack(f">{len(curves) + 1}H", 2 * len(curves), *curves)),
        _extension(11, b"\x01\x00"),
        _extension(13, struct.pack(">H", len(signatures)) + signatures),
        _extension(5, b"\x01\x00\x00\x00\x00"),
    ]
    if rng.random() < 0.6:
        extensions.append(_extension(16, b"\x00\x0c\x02h2\x08http/1.1"))
    if rng.random() < 0.6:
        extensions.append(_extension(35, b""))
    if modern:
        extensions.append(_extension(43, b"\x04\x03\x04\x03\x03"))
        extensions.append(_extension(45, b"\x01\x01"))
        extensions.append(_extension(51, b"\x00\x24\x00\x1d\x00\x20" + rng.bytes(32)))
        if rng.random() < 0.25:
            share = rng.bytes(1216)
            extensions.append(_extension(51 + 0x0A00, struct.pack(">H", len(share)) + share))
    order = (
        rng.permutation(len(extensions)).tolist() if rng.random() < 0.4 else range(len(extensions))
    )
    blob = b"".join(extensions[i] for i in order)
    session = rng.bytes(32) if rng.random() < 0.8 else b""
    whole = 45 + len(session) + 2 * len(suites) + len(blob)
    if 256 <= whole < 512 and rng.random() < 0.7:
        # RFC 7685: hellos of 256 to 511 octets upset some servers, so libraries pad to 512.
        blob += _extension(21, bytes(max(1, 508 - whole)))
    body = b"\x03\x03" + rng.bytes(32) + bytes((len(session),)) + session
    body += struct.pack(">H", 2 * len(suites)) + b"".join(s.to_bytes(2, "big") for s in suites)
    body += b"\x01\x00" + struct.pack(">H", len(blob)) + blob
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return _record(22, message, 0x0301)


def server_hello(rng: np.random.Generator, *, modern: bool) -> bytes:
    """Everything the server sends in its first flight."""
    suite = pick(rng, _SUITES[:3] if modern else _SUITES[3:11])
    extensions = _extension(0xFF01, b"\x00") + _extension(23, b"")
    if modern:
        extensions = _extension(51, b"\x00\x1d\x00\x20" + rng.bytes(32)) + _extension(
            43, b"\x03\x04"
        )
    body = (
        b"\x03\x03" + rng.bytes(32) + b"\x20" + rng.bytes(32) + suite.to_bytes(2, "big") + b"\x00"
    )
    body += struct.pack(">H", len(extensions)) + extensions
    hello = _record(22, b"\x02" + len(body).to_bytes(3, "big") + body)
    chain = int(rng.integers(900, 4800))
    if modern:
        return (
            hello
            + _record(20, b"\x01")
            + b"".join(
                _record(23, rng.bytes(n)) for n in (int(rng.integers(23, 60)), chain, 281, 53)
            )
        )
    cert = _certificate(rng, chain)
    exchange = b"\x03\x00\x1d\x20" + rng.bytes(32) + b"\x04\x01\x01\x00" + rng.bytes(256)
    key = b"\x0c" + len(exchange).to_bytes(3, "big") + exchange
    return hello + _record(22, cert) + _record(22, key) + _record(22, b"\x0e\x00\x00\x00")


def _der(tag: int, body: bytes) -> bytes:
    n = len(body)
    size = (
        bytes((n,))
        if n < 128
        else b"\x81" + bytes((n,))
        if n < 256
        else b"\x82" + n.to_bytes(2, "big")
    )
    return bytes((tag,)) + size + body


def _certificate(rng: np.random.Generator, size: int) -> bytes:
    """A Certificate message with one X.509 certificate of about the given size."""
    name = hostname(rng).encode()
    rsa = _der(0x30, bytes.fromhex("06092a864886f70d01010b0500"))
    subject = _der(0x30, _der(0x31, _der(0x30, b"\x06\x03\x55\x04\x03" + _der(0x0C, name))))
    dates = _der(0x30, _der(0x17, b"250101000000Z") + _der(0x17, b"260101000000Z"))
    number = _der(0x30, _der(2, b"\x00" + rng.bytes(256)) + _der(2, b"\x01\x00\x01"))
    key = _der(
        0x30, _der(0x30, bytes.fromhex("06092a864886f70d0101010500")) + _der(3, b"\0" + number)
    )
    key_id = _der(0x30, b"\x06\x03\x55\x1d\x0e" + _der(4, _der(4, rng.bytes(max(20, size - 900)))))
    extensions = _der(0xA3, _der(0x30, key_id))
    serial = _der(2, b"\x01" + rng.bytes(15))
    body = _der(0xA0, b"\x02\x01\x02") + serial + rsa + subject + dates + subject + key + extensions
    der = _der(0x30, _der(0x30, body) + rsa + _der(3, b"\0" + rng.bytes(256)))
    chain = len(der).to_bytes(3, "big") + der
    message = len(chain).to_bytes(3, "big") + chain
    return b"\x0b" + len(message).to_bytes(3, "big") + message


def records(rng: np.random.Generator, octets: int, *, largest: int = 16384) -> bytes:
    """Application data records that carry as many octets."""
    out = []
    while octets > 0:
        n = min(octets, largest)
        out.append(_record(23, rng.bytes(n + 17)))
        octets -= n
    return b"".join(out)


def handshake(conv: Conversation, rng: np.random.Generator, *, name: str, modern: bool) -> None:
    """Add a whole TLS handshake to a conversation."""
    conv.say(0, client_hello(rng, name, modern=modern), loguniform(rng, 1e-4, 0.01))
    conv.say(1, server_hello(rng, modern=modern), loguniform(rng, 3e-4, 0.03))
    if modern:
        finished = _record(23, rng.bytes(int(pick(rng, (53, 53, 69)))))
        conv.say(0, _record(20, b"\x01") + finished, loguniform(rng, 3e-4, 0.01))
        if rng.random() < 0.7:
            size = int(pick(rng, (250, 266, 282, int(rng.integers(60, 300)))))
            for _ in range(int(pick(rng, (1, 2, 2)))):
                conv.say(1, _record(23, rng.bytes(size)), 1e-4)
    else:
        exchange = b"\x10\x00\x00\x21\x20" + rng.bytes(32)
        finish = _record(22, exchange) + _record(20, b"\x01") + _record(22, rng.bytes(40))
        conv.say(0, finish, loguniform(rng, 3e-4, 0.01))
        conv.say(1, _record(20, b"\x01") + _record(22, rng.bytes(40)), loguniform(rng, 3e-4, 0.01))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls(Profile):
    """Requests and responses inside TLS.

    Parameters
    ----------
    exchanges : tuple of int
        Bounds of the number of requests.
    request, response : tuple of int
        Bounds of their octets, log-uniform.
    pause : tuple of float
        Bounds of the seconds between exchanges, log-uniform.
    ports : tuple of int
        Server ports to choose from.
    regular : float
        Relative spread of the pause within a session: 0 is a clock.
    """

    exchanges: tuple[int, int] = (1, 12)
    request: tuple[int, int] = (80, 3000)
    response: tuple[int, int] = (150, 200000)
    pause: tuple[float, float] = (0.005, 20.0)
    ports: tuple[int, ...] = (443, 443, 443, 443, 8443, 993, 995, 465, 853, 636, 5061, 9443)
    regular: float = 1.0
    parallel: tuple[int, int] = (1, 3)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the connections of one visit."""
        ends = net.ends(rng, new=0.5)
        name, dport = hostname(rng), pick(rng, self.ports)
        modern = bool(rng.random() < 0.7)
        base = loguniform(rng, *self.pause)
        out = []
        for k in range(int(rng.integers(self.parallel[0], self.parallel[1] + 1))):
            conv = Conversation(
                ends,
                6,
                sport=ephemeral(rng, ends),
                dport=dport,
                start=k * 0.02,
                closing=pick(rng, ("fin", "fin", "rst", "none")),
                closer=int(rng.integers(2)),
            )
            handshake(conv, rng, name=name, modern=modern)
            for _ in range(round(loguniform(rng, *self.exchanges))):
                conv.say(0, records(rng, int(loguniform(rng, *self.request))), 0.0)
                size = int(loguniform(rng, *self.response))
                conv.say(1, records(rng, size), loguniform(rng, 1e-3, 0.3))
                conv.now += base * float(np.exp(rng.normal() * self.regular))
            if rng.random() < 0.6:
                conv.say(conv.closer, _record(21, rng.bytes(19)), 1e-4)
            out.append(conv)
        return out


PROFILES: tuple[Profile, ...] = (
    Tls(
        name="tls.web", about="Browsing: a few parallel connections, small requests, large answers."
    ),
    Tls(
        name="tls.api",
        about="Programs that call a service: small both ways, some for long.",
        request=(150, 3000),
        response=(100, 6000),
        exchanges=(1, 60),
        parallel=(1, 1),
    ),
    Tls(
        name="tls.download",
        about="One large file over TLS.",
        exchanges=(1, 2),
        parallel=(1, 1),
        response=(300_000, 3_000_000),
    ),
    Tls(
        name="tls.upload",
        about="Uploads and cloud backup over TLS: one-sided, encrypted.",
        request=(50_000, 2_000_000),
        response=(100, 1000),
        exchanges=(1, 4),
        parallel=(1, 1),
    ),
    Tls(
        name="tls.heartbeat",
        about="Agents that report with clock-like regularity over one session.",
        request=(40, 600),
        response=(30, 400),
        exchanges=(10, 120),
        pause=(1.0, 60.0),
        regular=0.02,
        parallel=(1, 1),
    ),
    Tls(
        name="tls.push",
        about="Push notification channels: few, tiny, far apart.",
        request=(20, 90),
        response=(20, 300),
        exchanges=(3, 25),
        pause=(5.0, 120.0),
        regular=0.3,
        ports=(443, 5228, 5223),
        parallel=(1, 1),
    ),
)
