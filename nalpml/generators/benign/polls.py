"""Programs that ask again and again, each time on a new connection: the honest twins of beacons.

Update checks, health checks, licence and time-sheet clients, cron jobs with curl, exporters scraped
without keep-alive, sensors that report over a proprietary protocol. No single source; the ranges
cover cron's minutes, common scrape intervals and the retry loops of clients.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.dns import dns_query, dns_response
from nalpml.generators.benign.private import private_header
from nalpml.generators.benign.private_bodies import BODIES, private_body
from nalpml.generators.benign.tls import handshake, records
from nalpml.generators.benign.web import http_request, http_response

__all__ = ["PROFILES", "Polls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polls(Profile):
    """One request and its answer on a connection of their own, at an interval.

    Parameters
    ----------
    kind : {"tls", "http", "private", "datagram", "dns"}
        What is spoken.
    interval : tuple of float
        Bounds of the seconds between requests, log-uniform.
    jitter : tuple of float
        Relative spreads to choose from.
    """

    kind: str = "tls"
    interval: tuple[float, float] = (0.5, 120.0)
    jitter: tuple[float, ...] = (0.0, 0.0, 0.01, 0.05, 0.1, 0.3, 1.0)

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the requests of one program."""
        ends = net.ends(rng, new=0.5)
        interval, jitter = loguniform(rng, *self.interval), pick(rng, self.jitter)
        name, modern = hostname(rng), bool(rng.random() < 0.7)
        port = {
            "tls": pick(rng, (443, 443, 443, 8443)),
            "http": pick(rng, (80, 80, 8080, 9100)),
            "dns": 53,
        }.get(self.kind, int(rng.integers(1024, 49152)))
        ask, answer = int(loguniform(rng, 20, 1500)), int(loguniform(rng, 20, 30_000))
        style = pick(rng, BODIES)
        body, frame = (
            private_body(rng, style),
            private_header(rng, datagram=self.kind == "datagram"),
        )
        datagram = self.kind == "datagram"
        fixed, upload = rng.random() < 0.5, rng.random() < 0.2
        out, at = [], 0.0
        for k in range(int(np.clip(net.duration / interval, 2, 60))):
            make = udp if self.kind in ("datagram", "dns") else tcp
            conv = make(rng, net, port, ends=ends, start=at)
            sizes = (
                [ask, answer]
                if fixed
                else [max(1, int(n * loguniform(rng, 0.6, 1.6))) for n in (ask, answer)]
            )
            sizes = sizes[::-1] if upload else sizes
            if self.kind == "tls":
                handshake(conv, rng, name=name, modern=modern)
                conv.say(0, records(rng, sizes[0]), 1e-3)
                conv.say(1, records(rng, sizes[1]), loguniform(rng, 1e-3, 0.3))
            elif self.kind == "http":
                text = json.dumps({word(rng): k}).encode() if upload else b""
                conv.say(
                    0, http_request(rng, name, method="POST" if text else "GET", body=text), 1e-4
                )
                conv.say(1, http_response(rng, sizes[1]), loguniform(rng, 1e-3, 0.3))
            elif self.kind == "dns":
                query = dns_query(rng, name, 1)
                conv.say(0, query)
                conv.say(1, dns_response(rng, query, name, 1), loguniform(rng, 1e-4, 0.05))
            else:
                top = 1300 if datagram else None
                conv.say(0, frame(body(sizes[0])[:top], 1, k), 1e-3)
                if rng.random() < 0.9:
                    conv.say(1, frame(body(sizes[1])[:top], 2, k), loguniform(rng, 3e-4, 0.2))
            out.append(conv)
            at += interval * max(0.05, 1 + jitter * float(rng.normal())) + float(
                rng.exponential(3e-3)
            )
        return out


PROFILES: tuple[Profile, ...] = (
    Polls(name="polls.tls", about="Update checks, webhooks and cron jobs over TLS."),
    Polls(name="polls.http", about="Health checks and exporters without keep-alive.", kind="http"),
    Polls(name="polls.dns", about="A program that resolves one name again and again.", kind="dns"),
    Polls(name="polls.private", about="Sensors and agents that report over TCP.", kind="private"),
    Polls(name="polls.datagram", about="Sensors and agents that report over UDP.", kind="datagram"),
)
