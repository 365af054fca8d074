"""ICMP as a carrier beyond the echo of a tunnel: other types, and echoes a kernel answers.

Address masks (17, 18; RFC 950), information (15, 16), time stamps (13, 14), router discovery (9,
10; RFC 1256), types that nobody has assigned or that are gone (RFC 6918), and ICMPv6's
experimental and informational ones (RFC 4443, RFC 4620): firewalls that stop echoes often let
them pass. And the quietest exfiltration there is, data in ordinary echo requests to a host whose
kernel returns it, in the sizes, numbers and paces of ping libraries (`benign.ping_library`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import encode, file_octets, loguniform, output, pick
from nalpml.generators._conversation import Conversation, icmp_meta
from nalpml.generators._dialog import coded, dialog, timeline
from nalpml.generators._icmp import icmp_conversation, request_and_reply
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators.benign.ping_library import library_fill, program_limit

__all__ = ["PROFILES", "AnsweredEcho", "OtherTypes"]

Rng = np.random.Generator

_TYPES: dict[str, tuple[tuple[int, int], ...]] = {
    "mask": ((17, 18),),
    "information": ((15, 16),),
    "stamp": ((13, 14),),
    "router": ((10, 9), (9, 10)),
    "rare": ((1, 2), (7, 7), (19, 19), (30, 30), (33, 34), (35, 36), (37, 38), (39, 39), (40, 40),
             (41, 41), (44, 44), (69, 69), (100, 101), (128, 129), (200, 201), (253, 254)),
}  # fmt: skip
_TYPES6 = ((200, 201), (100, 101), (139, 140), (133, 134), (150, 150), (255, 255), (144, 145))
_CODINGS = ("clear", "xor", "base64", "encrypted", "hex", "arc4")


def _fixed(kind: str, part: bytes) -> tuple[bytes, int]:
    """How many octets of a message fit the fields that a type has; the rest of them is padding."""
    width = {"mask": 4, "stamp": 12, "information": 0, "router": 8}.get(kind, 0)
    return part[:width].ljust(width, b"\0"), width


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTypes(Profile):
    """A dialog, or a file one way, in messages of one other type.

    Parameters
    ----------
    carriers : tuple of str
        Keys of the types to choose from.
    one_way : float
        Probability that only the implant sends.
    proper : float
        Probability that data stays in the fields that the type has.
    version : {4, 6}
        Of IP.
    """

    carriers: tuple[str, ...] = tuple(_TYPES)
    one_way: float = 0.5
    proper: float = 0.4
    version: int = 4

    label: ClassVar[str] = "icmp_tunnel"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one session."""
        ends = net.ends(rng, version=self.version, inbound=bool(rng.random() < 0.1), new=0.5)
        conv, carrier = icmp_conversation(ends), pick(rng, self.carriers)
        conv.hook = program_limit(rng, ends)
        asks, answers = pick(rng, _TYPES6 if self.version == 6 else _TYPES[carrier])
        alone = rng.random() < self.one_way
        kinds = ("log", "take", "beacon") if alone else ("shell", "tasks", "beacon", "pull", "keys")
        talk = dialog(
            rng, pick(rng, kinds), duration=min(net.duration, 240.0), octets=(200, 20_000)
        )
        talk = coded(rng, talk, pick(rng, _CODINGS))
        proper = rng.random() < self.proper and self.version == 4 and carrier != "rare"
        size = int(loguniform(rng, 4, 1200))
        numbers, ident = pick(rng, ("constant", "counting", "data")), int(rng.integers(65536))
        first, same_type = int(pick(rng, (0, 0, 1, 77))), rng.random() < 0.3
        pause, code = loguniform(rng, 0.02, 5), 0 if rng.random() < 0.8 else int(rng.integers(16))
        answered = alone and carrier in ("mask", "stamp") and rng.random() < 0.4
        n, free = 0, 0.0
        for t, d, text in timeline(talk, ends.path.rtt):
            if alone and d:
                continue
            low = 0
            while low < len(text) and n < 400:
                if numbers == "data":
                    rest = int.from_bytes(text[low : low + 4].ljust(4, b"\0"), "big")
                    low += 4
                else:
                    rest = ident << 16 | (first + (n if numbers == "counting" else 0)) & 0xFFFF
                if proper:
                    body, took = _fixed(carrier, text[low:])
                    if took == 0 and numbers != "data":
                        body, took = text[low : low + size], size
                else:
                    body, took = text[low : low + size], size
                low += took
                at = max(t, free)
                kind = answers if d and not same_type else asks
                sent = conv.at(at, d, body, icmp_meta(kind, code, rest))
                if answered:
                    back = {"mask": b"\xff\xff\xff\0"}.get(carrier, body)
                    at_back = at + ends.path.owd + 3e-5
                    conv.at(at_back, 1, back, icmp_meta(answers, 0, rest), parent=sent)
                free = at + (pause * float(rng.uniform(0.7, 1.3)) if alone else 1e-3)
                n += 1
        if not conv.t:
            conv.at(0.0, 0, rng.bytes(size), icmp_meta(asks, code, ident << 16))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredEcho(Profile):
    """Data in echo requests that a kernel answers, and many of them.

    Parameters
    ----------
    least : int
        Packets of an episode at least.
    codings : tuple of str
        Encodings to choose from.
    split : float
        Probability that a program starts anew, with another identifier, for every few requests.
    """

    least: int = 30
    codings: tuple[str, ...] = ("clear", "base64", "hex", "xor", "encrypted", "arc4", "compressed")
    split: float = 0.25

    label: ClassVar[str] = "icmp_tunnel"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw one file or record leaving."""
        ends = net.ends(rng, new=0.5, inbound=False)
        room = ends.path.mtu - (48 if ends.version == 6 else 28)
        size = int(pick(rng, (8, 16, 24, 32, 48, 56, 56, 56, 64, 64, 100, 128, 512, 1000, 1024)))
        size = size if rng.random() < 0.7 else int(loguniform(rng, 4, 1400))
        size = min(size, room)
        count = int(loguniform(rng, self.least, 500))
        lead = int(pick(rng, (0, 0, 0, 2, 4, 8, 16)))
        lead = lead if size > lead + 3 else 0
        stamp = library_fill(rng, pick(rng, ("clock", "counter", "character")))
        whole = count * (size - lead)
        text = output(rng, whole) if rng.random() < 0.5 else file_octets(rng, whole)
        key, coding = rng.bytes(int(pick(rng, (1, 4, 16)))), pick(rng, self.codings)
        wire = encode(rng, coding, text, key)
        parts = [wire[low : low + size - lead] for low in range(0, len(wire), size - lead)][:count]
        ident, first = int(rng.integers(65536)), int(pick(rng, (0, 1, 1)))
        step, numbered = pick(rng, (0, 1, 1, 1, 256)), pick(rng, ("run", "random"))
        each = int(loguniform(rng, 1, 12)) if rng.random() < self.split else len(parts) + 1
        interval = loguniform(rng, 0.01, 2.0)
        interval = interval if rng.random() < 0.5 else float(pick(rng, (0.05, 0.2, 0.5, 1.0, 1.0)))
        interval = min(interval, min(net.duration, 400.0) / max(1, len(parts)))
        think, silent = loguniform(rng, 5e-6, 3e-4), rng.random() < 0.1
        pad, hook = rng.random() < 0.7, program_limit(rng, ends)
        out, conv = [], icmp_conversation(ends)
        for n, part in enumerate(parts):
            if n % each == 0 and n:
                out.append(conv)
                conv = icmp_conversation(ends, start=n * interval + float(rng.exponential(5e-3)))
                ident = (ident + 1) & 0xFFFF if numbered == "run" else int(rng.integers(65536))
            data = stamp(lead, n, n * interval) + part if lead else part
            data = data.ljust(size, b"\0") if pad else data
            request_and_reply(
                conv, ident=ident, seq=(first + (n % each) * step) & 0xFFFF, data=data,
                at=(n % each) * interval + float(rng.exponential(5e-4)),
                reply=None if silent else data, think=think,
            )  # fmt: skip
        out.append(conv)
        for made in out:
            made.hook = hook
        return out


PROFILES: tuple[Profile, ...] = (
    OtherTypes(name="icmp_tunnel.types", about="Any type that is not an echo."),
    OtherTypes(name="icmp_tunnel.masks", about="Address masks and information (RFC 950).",
               carriers=("mask", "information"), one_way=0.7),
    OtherTypes(name="icmp_tunnel.stamps", about="Time stamps and router discovery.",
               carriers=("stamp", "router"), one_way=0.7),
    OtherTypes(name="icmp_tunnel.types_v6", about="Other types of ICMPv6 (RFC 4443).", version=6),
    AnsweredEcho(name="icmp_tunnel.answered", about="Data in echo requests that a kernel answers."),
)  # fmt: skip
