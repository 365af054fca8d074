"""Small programs of one's own: lines or records without a header, one way or in turns.

What separates them from a channel is what they do: the originator asks or reports and the responder
serves; records are of one shape; nobody types commands at the side that was called from inside.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, output, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile

__all__ = ["Lines", "Shots", "reading"]


def reading(rng: np.random.Generator) -> Callable[[int], bytes]:
    """What a program reports the k-th time: a line of text or a packed record, of one shape."""
    style = pick(rng, ("line", "line", "csv", "pairs", "json", "influx", "packed", "packed"))
    names = [word(rng) for _ in range(int(rng.integers(1, 8)))]
    host, end = word(rng), pick(rng, (b"\n", b"\r\n", b"", b"\0", b";"))
    level, spread = float(rng.normal(50, 30)), loguniform(rng, 1e-3, 10)
    layout = pick(rng, ("<IHhh", ">BBHf", "<Ifff", ">HHHHHH", "<Qd", ">IIB"))
    unit = int(rng.integers(1, 200))

    def values() -> list[float]:
        return [round(float(v), 2) for v in rng.normal(level, spread, len(names)).tolist()]

    def make(k: int) -> bytes:
        if style == "packed":
            packed: list[float | int] = []
            for place, code in enumerate(layout[1:]):
                small = {"B": 8, "h": 15, "H": 16, "I": 20, "Q": 40}
                if code in "fd":
                    packed.append(float(rng.normal(level, spread)))
                elif place == 0:
                    packed.append((unit if code in "BH" else k) % (1 << small[code]))
                else:
                    packed.append(int(abs(rng.normal(level, spread))) % (1 << small[code]))
            return struct.pack(layout, *packed)
        v = values()
        if style == "json":
            text = json.dumps({"id": host, "n": k, **dict(zip(names, v, strict=True))})
        elif style == "csv":
            text = ",".join([host, str(k), *map(str, v)])
        elif style == "pairs":
            text = " ".join(f"{n}={x}" for n, x in zip(names, v, strict=True))
        elif style == "influx":
            fields = ",".join(f"{n}={x}" for n, x in zip(names, v, strict=True))
            text = f"{names[0]},host={host} {fields} {1_700_000_000 + k}"
        else:
            text = f"{host} {names[0]} {v[0]}"
        return text.encode() + end

    return make


def _ports(rng: np.random.Generator) -> int:
    """Where programs of one's own listen."""
    common = (3000, 4000, 5000, 5005, 6000, 7000, 8000, 8888, 9000, 9999, 10000, 12345, 20000)
    if rng.random() < 0.25:
        return pick(rng, common)
    return int(rng.integers(1024, 49152 if rng.random() < 0.85 else 65536))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Profile):
    """One connection of a program that speaks without a header.

    Parameters
    ----------
    rhythms : tuple of str
        ``feed`` readings one way; ``served`` readings from the responder after one line or none;
        ``ask`` requests and answers; ``batch`` many lines at once, now and then.
    """

    rhythms: tuple[str, ...] = ("feed", "served", "ask", "ask", "batch")

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one connection."""
        conv = tcp(rng, net, _ports(rng))
        rhythm, report = pick(rng, self.rhythms), reading(rng)
        limit = min(net.duration, 300.0)
        period, exact = loguniform(rng, 0.05, 20), rng.random() < 0.6
        if rng.random() < 0.4:
            conv.say(0, pick(rng, (b"HELLO ", b"login ", b"# ", b"id=")) + report(0), 1e-3)
            if rng.random() < 0.5:
                conv.say(1, pick(rng, (b"OK\n", b"+\n", b"200 ready\r\n", b"\x06")), 2e-3)
        verbs = [word(rng).upper().encode() for _ in range(4)]
        acknowledged = rng.random() < 0.3
        for k in range(int(loguniform(rng, 3, 200))):
            gap = period + float(rng.normal()) * 1e-3 if exact else float(rng.exponential(period))
            gap = max(1e-4, gap)
            if rhythm == "ask":
                conv.say(0, pick(rng, verbs) + b" " + str(k).encode() + b"\n", gap)
                size = loguniform(rng, 4, 2000)
                text = output(rng, int(size)) + b"\n" if rng.random() < 0.5 else report(k)
                conv.say(1, text, loguniform(rng, 2e-4, 0.1))
            else:
                side = int(rhythm == "served")
                count = int(rng.integers(5, 60)) if rhythm == "batch" else 1
                conv.say(side, b"".join(report(k * count + j) for j in range(count)), gap)
                if acknowledged:
                    conv.say(1 - side, b"OK\n", loguniform(rng, 1e-4, 5e-3))
            if conv.now > limit:
                break
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shots(Profile):
    """A port of its own for every small report or question.

    Parameters
    ----------
    over : {"udp", "tcp"}
        Transport.
    """

    over: str = "udp"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw the reports of one program."""
        ends = net.ends(rng)
        port, report = _ports(rng), reading(rng)
        interval = loguniform(rng, 0.2, 60)
        jitter = float(pick(rng, (0.0, 0.001, 0.01, 0.1, 1.0)))
        answered, known = rng.random() < 0.35, word(rng).encode()
        make = udp if self.over == "udp" else tcp
        out, at = [], 0.0
        for k in range(int(np.clip(net.duration / interval, 2, 60))):
            conv = make(rng, net, port, ends=ends, start=at)
            conv.say(0, report(k), 1e-4)
            if answered:
                reply = pick(rng, (b"OK", b"OK\n", b"\x06", known, f"200 {hostname(rng)}".encode()))
                conv.say(1, reply, loguniform(rng, 2e-4, 0.05))
            out.append(conv)
            at += interval * max(0.02, 1 + jitter * float(rng.normal())) + 1e-3
            if at > net.duration:
                break
        return out
