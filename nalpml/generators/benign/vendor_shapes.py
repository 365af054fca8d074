"""Who speaks when: the rhythms of applications, over any design.

Each shape writes the messages of one design into conversations. Periods are those that programs
have by default (whole seconds, minutes), people's pauses are log-normal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators.benign.vendor_design import Design, Size, size_law

__all__ = ["SHAPES", "Talk"]

PERIODS = (0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 5.0, 10.0, 15.0, 20.0, 30.0, 30.0, 45.0, 60.0, 60.0, 120.0)
KEYS = (16, 20, 32, 32, 32, 33, 64, 65, 97, 128, 256, 270, 512)


@dataclass(slots=True)
class Talk:
    """One design on one conversation.

    Parameters
    ----------
    rng : numpy Generator
    conv : Conversation
    design : Design
    limit : float
        Seconds the conversation may last.
    """

    rng: np.random.Generator
    conv: Conversation
    design: Design
    limit: float
    small: Size = lambda: 16
    large: Size = lambda: 200

    def __post_init__(self) -> None:
        top = 1200.0 if self.design.datagram else 6000.0
        self.small = size_law(self.rng, 4, 150, wide=False)
        self.large = size_law(self.rng, 20, top)

    def send(self, d: int, size: int, gap: float, kind: int = 1) -> None:
        """A message of about `size` octets."""
        conv = self.conv
        conv.say(d, self.design.message(size, d, kind, conv.now), gap)

    def put(self, d: int, text: bytes, gap: float, kind: int = 1) -> None:
        """A framed message of given content."""
        conv = self.conv
        conv.say(d, self.design.frame(text, d, kind, conv.now), gap)

    def think(self) -> float:
        """How long a program takes to answer."""
        return loguniform(self.rng, 1e-4, 0.08)

    def full(self) -> bool:
        """Whether time or packets are used up."""
        return self.conv.now > self.limit or len(self.conv.t) > 900


def greet(talk: Talk) -> None:
    """Names, versions and perhaps keys, one to three rounds; either side may begin."""
    rng = talk.rng
    first = int(rng.random() < 0.2)
    keys = talk.design.style == "sealed" or rng.random() < 0.2
    rounds = int(pick(rng, (1, 1, 1, 2, 2, 3)))
    name = (
        f"{word(rng)}/{int(rng.integers(1, 20))}.{int(rng.integers(20))}.{int(rng.integers(400))}"
    )
    for k in range(rounds):
        for d in (first, 1 - first):
            text = (
                (name if d == 0 else hostname(rng)).encode()
                if k == 0 and rng.random() < 0.7
                else b""
            )
            if keys:
                text += rng.bytes(int(pick(rng, KEYS)))
            if not text:
                text = bytes((k, d, 0, 0))
            talk.put(d, text, talk.think(), 10 + k)


def requests(talk: Talk, net: Network) -> list[Conversation]:
    """Questions and answers, by a program or by a person's clicks."""
    rng = talk.rng
    pause, machine = loguniform(rng, 1e-3, 15), rng.random() < 0.7
    streamed = rng.random() < 0.2
    for _ in range(int(loguniform(rng, 1, 120))):
        gap = pause * float(rng.exponential()) if machine else float(rng.lognormal(np.log(4), 1))
        kind = int(rng.integers(1, 6))
        talk.send(0, talk.small(), gap, kind)
        for _ in range(int(rng.geometric(0.3)) if streamed else 1):
            talk.send(1, talk.large(), talk.think(), kind)
        if talk.full():
            break
    return [talk.conv]


def telemetry(talk: Talk, net: Network) -> list[Conversation]:
    """Reports one way, at a period or as things happen; confirmed or not."""
    rng = talk.rng
    period, clock = pick(rng, PERIODS), rng.random() < 0.7
    noise = pick(rng, (1e-5, 1e-3, 0.01, 0.1))
    confirmed = rng.random() < (0.25 if talk.design.datagram else 0.5)
    side = int(rng.random() < 0.15)
    alike = talk.design.message(talk.small(), side) if rng.random() < 0.1 else b""
    answer = int(rng.integers(1, 12))
    while not talk.full():
        gap = period + abs(float(rng.normal())) * noise if clock else float(rng.exponential(period))
        if alike:
            talk.conv.say(side, alike, gap)
        else:
            talk.send(side, talk.large(), gap, 2)
        if confirmed:
            talk.send(1 - side, answer, talk.think(), 2)
        if rng.random() < 0.004:
            break
    return [talk.conv]


def keepalive(talk: Talk, net: Network) -> list[Conversation]:
    """A session that is mostly alive: short constant messages, now and then a real one."""
    rng = talk.rng
    period, size = max(2.0, pick(rng, PERIODS)), int(rng.integers(0, 14))
    text, echo = rng.bytes(size) if rng.random() < 0.3 else bytes(size), rng.random() < 0.85
    side = int(rng.random() < 0.25)
    while not talk.full():
        talk.put(side, text, period + abs(float(rng.normal())) * 0.01, 0)
        if echo:
            talk.put(1 - side, text, talk.think(), 0)
        if rng.random() < 0.1:
            talk.send(int(rng.integers(2)), talk.large(), float(rng.exponential(period)), 3)
    return [talk.conv]


def push(talk: Talk, net: Network) -> list[Conversation]:
    """Subscribe, then receive events until the end."""
    rng = talk.rng
    pace = loguniform(rng, 0.05, 40)
    talk.send(0, talk.small(), talk.think(), 1)
    talk.send(1, talk.small(), talk.think(), 1)
    for _ in range(int(loguniform(rng, 2, 200))):
        talk.send(1, talk.large(), float(rng.exponential(pace)), 4)
        if rng.random() < 0.4:
            talk.send(0, 2, talk.think(), 5)
        if talk.full():
            break
    return [talk.conv]


def bulk(talk: Talk, net: Network) -> list[Conversation]:
    """A file, a backup, an image or a firmware, in blocks; windowed, confirmed or bare."""
    rng = talk.rng
    side, block = (
        int(rng.integers(2)),
        int(pick(rng, (512, 1000, 1024, 1200, 1400, 4096, 8192, 16384, 65536))),
    )
    every = int(pick(rng, (0, 1, 1, 4, 8, 32)))
    if talk.design.datagram:
        block = min(block, 1400 if rng.random() < 0.2 else 1200)
    talk.put(0, word(rng).encode() + b"\0" + bytes(4), talk.think(), 6)
    talk.send(1, 8, talk.think(), 6)
    for k in range(int(loguniform(rng, 3, 120 if block < 5000 else 30))):
        talk.send(side, block, float(rng.exponential(pick(rng, (1e-4, 2e-3)))), 7)
        if every and k % every == every - 1:
            talk.send(1 - side, 4, 1e-4, 8)
    return [talk.conv]


def stream(talk: Talk, net: Network) -> list[Conversation]:
    """Media or game state at a rate, one way or both, with reports in between."""
    rng = talk.rng
    conv, design = talk.conv, talk.design
    length = min(talk.limit, loguniform(rng, 1, 40))
    start = conv.now
    for d in (0, 1):
        if d and rng.random() < 0.3:
            continue
        rate = float(pick(rng, (5, 10, 15, 20, 25, 30, 33, 50, 50, 60, 100)))
        law = size_law(rng, 12, 1100, wide=False)
        size = int(min(length * rate, 700))
        jitter = rng.exponential(loguniform(rng, 0.01, 0.3) / rate, size)
        pauses = rng.random() < 0.2
        for k in range(size):
            at = start + k / rate + float(jitter[k])
            if not (pauses and (k // 60) % 3 == 2):
                conv.at(at, d, design.message(min(law(), 1300), d, 1, at))
    return [conv]


def human(talk: Talk, net: Network) -> list[Conversation]:
    """People who write to each other, with receipts."""
    rng = talk.rng
    receipts, typing = rng.random() < 0.6, rng.random() < 0.3
    pace = loguniform(rng, 0.8, 20)
    for _ in range(int(rng.integers(1, 40))):
        d = int(rng.integers(2))
        if typing:
            talk.send(d, 2, float(rng.lognormal(np.log(pace), 0.8)), 3)
        talk.send(d, int(loguniform(rng, 3, 400)), float(rng.lognormal(np.log(pace), 1)), 4)
        if receipts:
            talk.send(1 - d, 6, talk.think(), 5)
        if talk.full():
            break
    return [talk.conv]


def once(talk: Talk, net: Network) -> list[Conversation]:
    """One message and perhaps an answer."""
    rng = talk.rng
    talk.send(0, talk.small() if rng.random() < 0.6 else talk.large(), 0.0)
    if rng.random() < 0.6:
        talk.send(1, talk.large(), loguniform(rng, 1e-4, 0.2))
    return [talk.conv]


def retry(talk: Talk, net: Network) -> list[Conversation]:
    """A message that goes unanswered for a while, or for ever, and is sent again as it was."""
    rng = talk.rng
    texts = [talk.design.message(talk.small(), 0, k, 0.0) for k in range(int(rng.integers(1, 4)))]
    gap, factor = loguniform(rng, 0.02, 5), float(pick(rng, (1, 1, 1, 1.5, 2)))
    for k in range(int(rng.integers(2, 30))):
        for text in texts:
            talk.conv.say(0, text, gap if text is texts[0] else 1e-4)
        if k < 8:
            gap *= factor
        if talk.full():
            return [talk.conv]
    if rng.random() < 0.4:
        talk.send(1, talk.large(), talk.think())
    return [talk.conv]


def probe(talk: Talk, net: Network) -> list[Conversation]:
    """Delay measurements: what is sent comes back, unchanged or nearly so."""
    rng = talk.rng
    gap = pick(rng, (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 5.0))
    size = int(loguniform(rng, 2, 600))
    for k in range(int(rng.integers(2, 60))):
        text = talk.design.message(size, 0, 1, talk.conv.now)
        talk.conv.say(0, text, gap)
        back = text if rng.random() < 0.9 else text[: max(4, len(text) // 2)]
        if rng.random() < 0.97:
            talk.conv.say(1, back if k else text, 3e-5)
        if talk.full():
            break
    return [talk.conv]


Shape = Callable[[Talk, Network], list[Conversation]]
SHAPES: dict[str, Shape] = {
    "requests": requests,
    "telemetry": telemetry,
    "keepalive": keepalive,
    "push": push,
    "bulk": bulk,
    "stream": stream,
    "human": human,
    "once": once,
    "retry": retry,
    "probe": probe,
}
"""Shapes by name."""
