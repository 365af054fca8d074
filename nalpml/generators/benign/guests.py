"""VSOCK as hypervisors use it: guest agents, container runtimes, metrics, file copy, log streams.

QEMU's guest agent (JSON lines), kata and Firecracker agents (ttRPC frames), Prometheus over vsock,
heartbeats, host-to-guest file copy; shapes after the project's own captures of a virtio stack.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import (
    file_octets,
    hostname,
    loguniform,
    output,
    pick,
    sentence,
    word,
)
from nalpml.generators._conversation import Conversation
from nalpml.generators._guests import guest_ends, vsock, vsock_port
from nalpml.generators._network import Ends, Network
from nalpml.generators._profile import Profile
from nalpml.generators.benign.private import Private
from nalpml.generators.benign.ssh import ssh_handshake
from nalpml.generators.benign.tls import handshake, records
from nalpml.generators.benign.web import http_request

__all__ = ["PROFILES", "Guest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest(Profile):
    """A service between a guest and its host.

    Parameters
    ----------
    kind : str
        agent, heartbeat, metrics, rpc, copy, logs, tls, ssh, typed, private or failed.
    """

    kind: str = "agent"

    vsock: ClassVar[bool] = True

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        ends = guest_ends(rng, net)
        port = vsock_port(rng)
        if self.kind == "failed":
            out = []
            for k in range(int(rng.integers(1, 12))):
                conv = vsock(rng, net, port, ends=ends, start=k * 1.0)
                conv.opening, conv.closing = "refused", "none"
                out.append(conv)
            return out
        if self.kind == "private":
            inner = Private(name="inner", about="", over="tcp").conversations(rng, net)[0]
            conv = vsock(rng, net, port, ends=ends)
            shift = conv.now
            for t, d, text in zip(inner.t, inner.d, inner.payloads, strict=True):
                conv.at(t + shift, d, text)
            return [conv]
        if self.kind in ("agent", "heartbeat", "metrics", "rpc", "copy") and rng.random() < 0.45:
            return self._short(rng, net, ends, port)
        conv = vsock(rng, net, port, ends=ends, seqpacket=self.kind == "rpc" and rng.random() < 0.3)
        _KINDS[self.kind](rng, conv, min(net.duration, 300.0))
        return [conv]

    def _short(
        self, rng: np.random.Generator, net: Network, ends: Ends, port: int
    ) -> list[Conversation]:
        """A connection for every request, as simple clients do."""
        pause, regular = loguniform(rng, 1e-3, 20), rng.random() < 0.5
        octets = int(loguniform(rng, 20, 30_000))
        out, start = [], 0.0
        for k in range(int(rng.integers(2, 40))):
            conv = vsock(rng, net, port, ends=ends, start=start)
            ask = json.dumps({"execute": word(rng), "id": k, "path": f"/srv/{word(rng)}"}).encode()
            conv.say(0, ask + b"\n", loguniform(rng, 1e-4, 5e-3))
            size = int(octets * loguniform(rng, 0.5, 2))
            body = file_octets(rng, size) if self.kind == "copy" else output(rng, size)
            conv.say(1, body, loguniform(rng, 1e-4, 0.02))
            out.append(conv)
            start += conv.now + (
                pause + float(rng.exponential(2e-3))
                if regular
                else pause * float(rng.exponential())
            )
        return out


def _agent(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    commands = (
        "guest-ping",
        "guest-info",
        "guest-get-time",
        "guest-network-get-interfaces",
        "guest-get-fsinfo",
        "guest-exec-status",
        "guest-get-vcpus",
    )
    pause = loguniform(rng, 0.05, 20)
    for _ in range(int(rng.integers(2, 80))):
        ask = {"execute": pick(rng, commands), "id": int(rng.integers(10**6))}
        conv.say(0, json.dumps(ask).encode() + b"\n", pause * float(rng.exponential()))
        answer = {
            "return": [
                {word(rng): word(rng), "n": int(rng.integers(10**9))}
                for _ in range(int(rng.geometric(0.2)))
            ]
        }
        conv.say(1, json.dumps(answer).encode() + b"\n", loguniform(rng, 3e-4, 0.05))
        if conv.now > duration:
            return


def _heartbeat(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    period = pick(rng, (0.5, 1.0, 2.0, 5.0, 10.0, 30.0))
    fixed = rng.random() < 0.4
    load = rng.bytes(int(rng.integers(4, 40)))
    for k in range(int(np.clip(duration / period, 3, 100))):
        text = (
            load
            if fixed
            else json.dumps(
                {"seq": k, "up": k * period, "load": round(float(rng.random()), 2)}
            ).encode()
        )
        conv.say(0, text, period + float(rng.exponential(1e-3)))
        if rng.random() < 0.9:
            conv.say(1, b"ok" if fixed else b'{"ack":%d}' % k, loguniform(rng, 1e-4, 2e-3))


def _metrics(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    period = pick(rng, (1.0, 5.0, 10.0, 15.0))
    names = [f"{word(rng)}_{word(rng)}_total" for _ in range(int(rng.integers(10, 300)))]
    for _ in range(int(np.clip(duration / period, 2, 40))):
        conv.say(0, http_request(rng, hostname(rng)), period)
        body = "\n".join(f"{name} {int(rng.integers(10**6))}" for name in names).encode()
        conv.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body, 3e-3)


def _rpc(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    for k in range(int(rng.integers(4, 150))):
        for d in (0, 1):
            body = (
                b"\x0a\x16grpc.AgentService\x12"
                + word(rng).encode()
                + rng.bytes(int(loguniform(rng, 2, 80)))
            )
            body += sentence(rng, int(rng.geometric(0.1))).encode()
            head = struct.pack(">IIBB", len(body), 2 * k + 1, 1 + d, 0)
            conv.say(
                d, head + body, loguniform(rng, 1e-3, 4) if d == 0 else loguniform(rng, 2e-4, 0.05)
            )
        if conv.now > duration:
            return


def _copy(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    """A file with or without a header, in any write size, confirmed in JSON, in a word or not."""
    d, left = int(rng.integers(2)), int(loguniform(rng, 3_000, 1_500_000))
    style = int(rng.integers(4))
    if style == 0:
        conv.say(0, json.dumps({"path": f"/srv/{word(rng)}", "size": left}).encode() + b"\n", 1e-3)
        conv.say(1, b'{"ok":true}\n', 1e-3)
    elif style == 1:
        conv.say(0, struct.pack("<QI", left, int(rng.integers(1 << 32))), 1e-3)
    elif style == 2:
        conv.say(0, f"PUT {word(rng)} {left}\n".encode(), 1e-3)
    chunk = int(pick(rng, (4096, 16_384, 32_768, 65_536, 1 << 20)))
    whole = rng.random() < 0.5
    while left > 0:
        n = min(chunk, left)
        conv.say(d, rng.bytes(n) if whole else file_octets(rng, n), float(rng.exponential(1e-3)))
        left -= chunk
    if rng.random() < 0.7:
        conv.say(1 - d, pick(rng, (b'{"done":true}\n', b"ok\n", b"OK", b"200 stored ok\n")), 1e-3)


def _logs(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    pace = loguniform(rng, 0.01, 3)
    for _ in range(int(rng.integers(5, 300))):
        conv.say(
            0, output(rng, int(loguniform(rng, 30, 600))) + b"\n", float(rng.exponential(pace))
        )
        if conv.now > duration:
            return


def _tls(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    handshake(conv, rng, name=hostname(rng), modern=True)
    for _ in range(int(rng.integers(2, 30))):
        conv.say(0, records(rng, int(loguniform(rng, 80, 4000))), loguniform(rng, 1e-3, 5))
        conv.say(1, records(rng, int(loguniform(rng, 80, 40_000))), loguniform(rng, 1e-3, 0.1))


def _ssh(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    ssh_handshake(conv, rng)
    for _ in range(int(rng.integers(5, 120))):
        conv.say(0, rng.bytes(36), float(rng.lognormal(-1.5, 0.8)))
        conv.say(
            1, rng.bytes(int(pick(rng, (36, 36, 36, 68, 500, 1500)))), loguniform(rng, 3e-4, 0.02)
        )


def _typed(rng: np.random.Generator, conv: Conversation, duration: float) -> None:
    """Somebody who tries a stream: short words by hand, echoed, answered alike or not at all."""
    text, back = word(rng).encode()[: int(rng.integers(1, 9))], rng.random() < 0.4
    same, pace = rng.random() < 0.5, loguniform(rng, 0.1, 8)
    for _ in range(int(rng.integers(1, 25))):
        line = text if same else sentence(rng, int(rng.integers(1, 6))).encode()
        side = int(rng.random() < 0.3 and not same)
        conv.say(side, line + b"\n", float(rng.lognormal(np.log(pace), 0.6)))
        if back:
            conv.say(1 - side, line + b"\n", loguniform(rng, 1e-5, 1e-3))
        if conv.now > duration:
            return


_KINDS = {
    "typed": _typed,
    "agent": _agent,
    "heartbeat": _heartbeat,
    "metrics": _metrics,
    "rpc": _rpc,
    "copy": _copy,
    "logs": _logs,
    "tls": _tls,
    "ssh": _ssh,
}

PROFILES: tuple[Profile, ...] = (
    Guest(name="guest.agent", about="QEMU guest agent: JSON commands and answers."),
    Guest(name="guest.heartbeat", about="Watchdogs: small, clock-like.", kind="heartbeat"),
    Guest(name="guest.metrics", about="Prometheus scraped over vsock.", kind="metrics"),
    Guest(
        name="guest.rpc",
        about="kata and Firecracker agents: ttRPC frames, stream or seqpacket.",
        kind="rpc",
    ),
    Guest(name="guest.copy", about="Files to and from the host.", kind="copy"),
    Guest(name="guest.logs", about="A guest's log lines.", kind="logs"),
    Guest(name="guest.tls", about="TLS services proxied over vsock.", kind="tls"),
    Guest(name="guest.ssh", about="SSH over vsock (systemd-ssh-proxy).", kind="ssh"),
    Guest(name="guest.private", about="Protocols of vendors' own.", kind="private"),
    Guest(name="guest.typed", about="Streams tried by hand or by a test.", kind="typed"),
    Guest(name="guest.failed", about="Connects to ports where nobody listens.", kind="failed"),
)
