"""Echo requests with the habits of ping libraries: ``pingfill.py TARGETS FILL IDS SEQS ...``.

FILL is what the data hold: ``letters`` (random, new in each run), ``fresh`` (random letters, new in
each request), ``octets`` (random, one run), ``char`` (one character), ``clock`` (a double of the
time, then one character), ``count`` (octets that count), ``text`` (a sentence), ``none``.
IDS: ``const``, ``up`` (one more each run), ``run`` (drawn each run), ``each`` (one more each time).
SEQS: ``zero`` (always 0), ``one`` (from 1), ``up`` (from 0), ``swap`` (from 1, octets swapped).
``--also`` adds timestamp or mask requests, as probes of monitors do.
"""

from __future__ import annotations

import argparse
import random
import socket
import string
import struct
import time

from icmp_c2 import ECHO, REPLY, STAMP, Endpoint

MASK = 17


class Fill:
    """The data of one run's requests."""

    def __init__(self, kind: str, size: int, rng: random.Random) -> None:
        self.kind, self.size, self.rng = kind, size, rng
        self.letters = self._letters()
        self.octets = rng.randbytes(size)
        self.char = rng.choice("QXax0 .").encode()

    def _letters(self) -> bytes:
        return "".join(self.rng.choices(string.ascii_letters, k=self.size)).encode()

    def data(self, number: int) -> bytes:
        """Return the data of one request."""
        if self.kind == "none":
            return b""
        if self.kind == "letters":
            return self.letters
        if self.kind == "fresh":
            return self._letters()
        if self.kind == "octets":
            return self.octets
        if self.kind == "clock":
            return struct.pack("d", time.time()) + self.char * (self.size - 8)
        if self.kind == "count":
            return bytes((i + (number & 1)) & 0xFF for i in range(self.size))
        if self.kind == "text":
            return (b"is there anybody out there? " * 40)[: self.size]
        return self.char * self.size


def main() -> None:
    """Ping every target in runs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("targets")
    parser.add_argument("fill")
    parser.add_argument("ids", choices=("const", "up", "run", "each"))
    parser.add_argument("seqs", choices=("zero", "one", "up", "swap"))
    parser.add_argument("--size", type=int, default=56)
    parser.add_argument("--count", type=int, default=4)
    parser.add_argument("--gap", type=float, default=1.0)
    parser.add_argument("--rest", type=float, default=3.0, help="seconds between runs")
    parser.add_argument("--seconds", type=float, default=22.0)
    parser.add_argument("--also", default="", help="stamp, mask or both")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    ends = [Endpoint(target, v6=":" in target) for target in args.targets.split(",")]
    ident, until = rng.randrange(1, 65000), time.monotonic() + args.seconds
    while time.monotonic() < until:
        for end in ends:
            ident = {"run": rng.randrange(1, 65536), "up": ident + 1}.get(args.ids, ident)
            fill = Fill(args.fill, args.size, rng)
            for number in range(args.count):
                if time.monotonic() > until:
                    return
                seq = {"zero": 0, "up": number, "one": number + 1}.get(
                    args.seqs, socket.htons(number + 1)
                )
                begun = time.monotonic()
                end.send(ECHO, ident, seq, fill.data(number))
                if "stamp" in args.also:
                    end.send(STAMP, ident, seq, struct.pack(">III", int(time.time()), 0, 0))
                if "mask" in args.also:
                    end.send(MASK, ident, seq, bytes(4))
                end.receive(min(2.0, args.gap + 0.5), (REPLY,))
                ident += args.ids == "each"
                time.sleep(max(0.0, args.gap - (time.monotonic() - begun)))
        time.sleep(args.rest * rng.uniform(0.5, 1.5))


if __name__ == "__main__":
    main()
