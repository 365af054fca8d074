"""HTTP at its shortest: one request of few lines, one answer, as devices and probes have it.

RFC 1945 (HTTP/1.0) and RFC 9112; captive-portal checks, load balancers, cameras, printers, update
checks of small programs. Headers are few, bodies small or missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, output, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_partial import pieces

__all__ = ["PROFILES", "Terse"]

Rng = np.random.Generator
_STATES = ("200 OK", "200 OK", "204 No Content", "304 Not Modified", "404 Not Found",
           "301 Moved Permanently", "401 Unauthorized", "500 Internal Server Error")  # fmt: skip


def _request(rng: Rng, host: str) -> bytes:
    method = pick(rng, ("GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT"))
    path = pick(rng, ("/", f"/{word(rng)}", f"/{word(rng)}/{word(rng)}.{word(rng)[:3]}",
                      f"/{word(rng)}?{word(rng)[:4]}={int(rng.integers(1 << 20))}"))  # fmt: skip
    text = f"{method} {path} HTTP/{pick(rng, ('1.0', '1.1', '1.1'))}\r\n"
    text += f"Host: {host}\r\n" if rng.random() < 0.8 else ""
    text += f"User-Agent: {word(rng)}/{int(rng.integers(9))}.0\r\n" if rng.random() < 0.5 else ""
    text += "Connection: close\r\n" if rng.random() < 0.4 else ""
    text += "Accept: */*\r\n" if rng.random() < 0.4 else ""
    body = output(rng, int(loguniform(rng, 2, 300))) if method in ("POST", "PUT") else b""
    text += f"Content-Length: {len(body)}\r\n" if body else ""
    return text.encode() + b"\r\n" + body


def _answer(rng: Rng) -> bytes:
    state = pick(rng, _STATES)
    # States without a body (RFC 9110, sections 15.3.5 and 15.4.5) have none.
    bare = state[:3] in ("204", "304") or rng.random() < 0.4
    size = 0 if bare else int(loguniform(rng, 1, 900))
    body = (output(rng, size) if rng.random() < 0.6 else rng.bytes(size)) if size else b""
    text = f"HTTP/1.{pick(rng, '011')} {state}\r\n"
    text += f"Server: {word(rng)}\r\n" if rng.random() < 0.5 else ""
    text += "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n" if rng.random() < 0.5 else ""
    text += f"Content-Length: {len(body)}\r\n" if body else ""
    return text.encode() + b"\r\n" + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Terse(Profile):
    """One exchange a connection, a few connections or many."""

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw the connections of one program."""
        port = int(pick(rng, (80, 80, 80, 80, 8080, 8000, 8888, 5000)))
        first, host = tcp(rng, net, port), hostname(rng)
        pause, same, at = loguniform(rng, 0.1, 300), rng.random() < 0.6, 0.0
        text, out = _request(rng, host), []
        for _ in range(int(loguniform(rng, 1, 20))):
            conv = tcp(rng, net, port, ends=first.ends, start=at)
            conv.say(0, text if same else _request(rng, host), loguniform(rng, 1e-4, 0.01))
            if rng.random() < 0.97:
                conv.say(1, _answer(rng), loguniform(rng, 1e-3, 0.3))
            out.append(conv)
            at += pause * float(rng.uniform(0.8, 1.2))
            if at > net.duration:
                break
        return pieces(rng, out, 0.3)


PROFILES: tuple[Profile, ...] = (
    Terse(name="http.terse", about="One short request and answer a connection (RFC 1945)."),
)
"""HTTP at its shortest."""
