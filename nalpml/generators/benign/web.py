"""HTTP/1.1 in clear, WebSocket and long polls, CONNECT proxies (RFC 9110, 9112, 6455)."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import file_octets, hostname, loguniform, output, pick, word, xor
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.tls import handshake, records

__all__ = ["PROFILES", "Http", "http_request", "http_response"]

_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0",
    "curl/8.4.0",
    "python-requests/2.31.0",
    "Go-http-client/1.1",
    "Microsoft-CryptoAPI/10.0",
    "Wget/1.21",
    "Prometheus/2.48.0",
    "Debian APT-HTTP/1.3 (2.6.1)",
)
_KINDS = (
    "text/html",
    "application/json",
    "application/x-binary",
    "application/octet-stream",
    "text/css",
)


def http_request(
    rng: np.random.Generator, host: str, *, method: str = "GET", body: bytes = b"", agent: str = ""
) -> bytes:
    """A request."""
    path = "/" + "/".join(word(rng) for _ in range(int(rng.integers(1, 5))))
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent or pick(rng, _AGENTS)}\r\n"
    )
    head += "Accept: */*\r\n"
    if rng.random() < 0.4:
        head += f"Cookie: {word(rng)}={rng.bytes(int(rng.integers(8, 40))).hex()}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def http_response(rng: np.random.Generator, size: int) -> bytes:
    """A response with a body of about the given size."""
    kind = pick(rng, _KINDS)
    if kind == "application/json":
        items = [
            {"id": int(rng.integers(1 << 20)), word(rng): word(rng)} for _ in range(size // 45 + 1)
        ]
        body = json.dumps(items).encode()
    elif kind.startswith("text"):
        body = b"<!DOCTYPE html><html><body><p>" + output(rng, size) + b"</p></body></html>"
    else:
        body = file_octets(rng, size)
    status = pick(rng, ("200 OK", "200 OK", "200 OK", "404 Not Found"))
    head = f"HTTP/1.1 {status}\r\nServer: nginx\r\n"
    head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Http(Profile):
    """Requests and responses in clear.

    Parameters
    ----------
    exchanges, response : tuple of int
        Bounds of the number of requests and of a response's octets, log-uniform.
    pause : tuple of float
        Bounds of the seconds between exchanges, log-uniform.
    think : tuple of float
        Bounds of the seconds a server takes: long polls take many.
    post : float
        Probability that a request carries a body.
    """

    exchanges: tuple[int, int] = (1, 10)
    response: tuple[int, int] = (100, 100_000)
    pause: tuple[float, float] = (0.005, 10.0)
    think: tuple[float, float] = (1e-3, 0.3)
    post: float = 0.15
    ports: tuple[int, ...] = (80, 80, 80, 8080, 8000, 9090, 3000, 5000, 8888)
    scope: str | None = None
    regular: bool = False

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one connection."""
        conv = tcp(rng, net, pick(rng, self.ports), scope=self.scope)
        host, agent = hostname(rng), pick(rng, _AGENTS)
        period = loguniform(rng, *self.pause)
        size = int(loguniform(rng, *self.response))
        for _ in range(round(loguniform(rng, *self.exchanges))):
            body = b""
            if rng.random() < self.post:
                body = json.dumps(
                    {word(rng): word(rng) for _ in range(int(rng.integers(1, 20)))}
                ).encode()
            request = http_request(
                rng, host, method="POST" if body else "GET", body=body, agent=agent
            )
            conv.say(0, request, 1e-4)
            octets = size if self.regular else int(loguniform(rng, *self.response))
            conv.say(1, http_response(rng, octets), loguniform(rng, *self.think))
            conv.now += (
                period + float(rng.exponential(2e-3))
                if self.regular
                else loguniform(rng, *self.pause)
            )
            if conv.now > net.duration:
                break
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocket(Profile):
    """An upgrade, then frames both ways and pings."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one connection."""
        conv = tcp(rng, net, pick(rng, (80, 8080, 3000, 9000)))
        head = f"GET /ws HTTP/1.1\r\nHost: {hostname(rng)}\r\nUpgrade: websocket\r\n"
        head += "Connection: Upgrade\r\n"
        head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        conv.say(0, head.encode(), 1e-4)
        answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        conv.say(
            1,
            (answer + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n").encode(),
            2e-3,
        )
        pace = loguniform(rng, 0.05, 20)
        for _ in range(int(rng.integers(3, 120))):
            d = int(rng.random() < 0.6)
            text = json.dumps({word(rng): word(rng), "n": int(rng.integers(10**6))}).encode()
            text = text * int(rng.geometric(0.5))
            conv.say(d, _frame(rng, text, masked=d == 0), float(rng.exponential(pace)))
            if conv.now > net.duration:
                break
        return [conv]


def _frame(rng: np.random.Generator, text: bytes, *, masked: bool) -> bytes:
    n = len(text)
    bit = 0x80 if masked else 0
    head = bytes((0x81, bit | n)) if n < 126 else bytes((0x81, bit | 126)) + struct.pack(">H", n)
    if not masked:
        return head + text
    key = rng.bytes(4)
    return head + key + xor(text, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(Profile):
    """TLS through an HTTP proxy by CONNECT: the openly operated twin of SOCKS."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one proxied connection."""
        conv = tcp(
            rng,
            net,
            pick(rng, (3128, 8080, 8080, 8888, 8118)),
            scope=pick(rng, ("lan", "lan", "wan")),
        )
        host = hostname(rng)
        auth = "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" if rng.random() < 0.3 else ""
        conv.say(0, f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n{auth}\r\n".encode(), 1e-4)
        conv.say(1, b"HTTP/1.1 200 Connection established\r\n\r\n", loguniform(rng, 0.005, 0.3))
        handshake(conv, rng, name=host, modern=bool(rng.random() < 0.7))
        for _ in range(int(rng.integers(1, 10))):
            conv.say(0, records(rng, int(loguniform(rng, 80, 3000))), loguniform(rng, 1e-3, 5))
            conv.say(1, records(rng, int(loguniform(rng, 150, 80_000))), loguniform(rng, 5e-3, 0.5))
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Http(name="http.web", about="Pages and downloads in clear."),
    Http(
        name="http.api",
        about="JSON calls of programs.",
        response=(40, 3000),
        exchanges=(1, 60),
        post=0.5,
    ),
    Http(
        name="http.scrape",
        about="Prometheus and health checks: clock-like, a connection for long.",
        response=(200, 40_000),
        exchanges=(5, 60),
        pause=(5.0, 30.0),
        regular=True,
        post=0.0,
        ports=(9100, 9090, 8080, 9256),
        scope="lan",
    ),
    Http(
        name="http.longpoll",
        about="Long polls: the server answers when it has something.",
        think=(5.0, 60.0),
        response=(20, 1500),
        exchanges=(3, 30),
        pause=(0.001, 0.1),
    ),
    WebSocket(name="http.websocket", about="WebSocket messages (RFC 6455)."),
    Connect(name="http.connect", about="TLS through CONNECT proxies (RFC 9110, section 9.3.6)."),
)
