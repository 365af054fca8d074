"""Serial over LAN: IPMI 2.0 SOL payloads on UDP 623, Intel AMT redirection on TCP 16994 and 16995.

IPMI 2.0 section 15 and ipmitool's source; amtterm's source for the redirection messages. What is
carried ranges from a console's keys to file transfer, as PLATINUM did over AMT.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._dialog import Dialog, coded, dialog, timeline
from nalpml.generators._ipmi import Session, asf_ping
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.tls import handshake, records

__all__ = ["PROFILES", "Amt", "IpmiSol"]

KINDS = ("shell", "keys", "keys", "pull", "push", "log")


@dataclass(frozen=True, slots=True, kw_only=True)
class IpmiSol(Profile):
    """An RMCP+ session with the SOL payload activated.

    Parameters
    ----------
    kinds : tuple of str
        Dialogs on the serial line; direction 0 of a dialog is the managed host.
    suites : tuple of int
        Cipher suites: 3 and 17 encrypt, 2 and 1 do not.
    codings : tuple of str
        Encodings of what is carried.
    baud : tuple of int
        Serial rates: SOL is not faster than the line.
    """

    kinds: tuple[str, ...] = KINDS
    suites: tuple[int, ...] = (3, 3, 3, 17, 17, 2, 1, 0)
    codings: tuple[str, ...] = ("clear", "clear", "clear", "base64", "xor")
    baud: tuple[int, ...] = (9600, 19200, 57600, 115200, 115200)
    octets: tuple[int, int] = (500, 20_000)

    label: ClassVar[str] = "serial_over_lan"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one console session."""
        conv = udp(rng, net, 623, scope=pick(rng, ("lan", "lan", "wan")))
        if rng.random() < 0.2:
            asf_ping(conv, rng)
        session = Session(conv, rng, suite=pick(rng, self.suites))
        session.open()
        session.request(6, 0x48, b"\x01\x01\xc6\0\0\0", b"\0\0\0\0\x00\x01\x00\x01\x6f\x02\xff\xff")
        talk = dialog(
            rng, pick(rng, self.kinds), duration=min(net.duration, 240.0), octets=self.octets
        )
        self._console(conv, session, rng, coded(rng, talk, pick(rng, self.codings)))
        if rng.random() < 0.7:
            session.request(6, 0x49, b"\x01\x01\0\0\0\0", b"")
            session.close()
        return [conv]

    def _console(
        self, conv: Conversation, session: Session, rng: np.random.Generator, talk: Dialog
    ) -> None:
        rate = pick(rng, self.baud) / 10
        largest = int(pick(rng, (64, 112, 200, 233)))
        seq, last = [1, 1], [0, 0]
        limit = 1500
        for gap, speaker, text in talk:
            d = 1 - speaker  # the managed host answers from the controller's side
            for _ in range(int(gap / 15)):
                session.request(6, 0x01, b"", b"\x20\x81\x03\x10\x02\xbf" + bytes(9), gap=15.0)
            wait = gap % 15
            for low in range(0, len(text), largest):
                part = text[low : low + largest]
                session.sol(
                    d, seq[d], last[1 - d], 0, 0, part, wait if low == 0 else len(part) / rate
                )
                session.sol(1 - d, 0, seq[d], len(part), 0, b"", loguniform(rng, 3e-4, 0.01))
                last[d] = seq[d]
                seq[d] = seq[d] % 15 + 1
                limit -= 1
                if limit < 0:
                    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Amt(Profile):
    """Intel AMT redirection of the serial line.

    Parameters
    ----------
    kinds : tuple of str
        Dialogs on the line.
    tls : float
        Probability of port 16995.
    header : bytes
        What the carried protocol puts before its messages.
    codings : tuple of str
        Encodings of what is carried.
    """

    kinds: tuple[str, ...] = (*KINDS, "tasks")
    tls: float = 0.3
    header: bytes = b""
    codings: tuple[str, ...] = ("clear", "clear", "xor", "base64")
    octets: tuple[int, int] = (1_000, 60_000)

    label: ClassVar[str] = "serial_over_lan"

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one redirection session."""
        secure = rng.random() < self.tls
        conv = tcp(
            rng, net, 16995 if secure else 16994, scope=pick(rng, ("lan", "lan", "lan", "wan"))
        )
        if secure:
            handshake(conv, rng, name=hostname(rng), modern=False)

        def put(d: int, text: bytes, gap: float = 1e-3) -> None:
            conv.say(d, records(rng, len(text)) if secure else text, gap)

        put(0, b"\x10\0\0\0SOL ")
        put(1, b"\x11\0\0\0\x01\x01\0\0\0\0\0\0\0", 5e-3)
        self._login(rng, put)
        start = struct.pack("<HHHHHHI", 1000, 100, 0, 10000, 0, 5000, 0)
        put(0, b"\x20\0\0\0" + bytes(4) + start)
        put(
            1,
            b"\x21\0\0\0" + bytes(4) + struct.pack("<HHHHHH", 1000, 100, 0, 10000, 0, 0) + bytes(3),
            0.02,
        )
        put(0, b"\x27\0\0\0" + bytes(4) + b"\0\0\x1b\0\0\0")
        talk = dialog(
            rng, pick(rng, self.kinds), duration=min(net.duration, 240.0), octets=self.octets
        )
        talk = coded(rng, talk, pick(rng, self.codings))
        count, beat = 0, 0.0
        rate = pick(rng, (960, 5760, 11520, 11520, 100_000))
        base = conv.now
        for t, speaker, text in timeline(talk, conv.ends.path.rtt):
            while beat + 5 < t and beat < 200:
                beat += 5
                conv.wait(base + beat)
                put(1, b"\x2b\0\0\0" + struct.pack("<I", count), 0)
                count += 1
            conv.wait(base + t)
            for low in range(0, len(text), 900):
                part = self.header + text[low : low + 900]
                kind = 0x2A if speaker == 0 else 0x28
                put(
                    1 - speaker,
                    bytes((kind, 0, 0, 0)) + struct.pack("<IH", count, len(part)) + part,
                    len(part) / rate,
                )
                count += 1
        put(0, b"\x22\0\0\0" + struct.pack("<I", count))
        put(1, b"\x23\0\0\0" + struct.pack("<I", count))
        return [conv]

    @staticmethod
    def _login(rng: np.random.Generator, put: Callable[..., None]) -> None:
        """Query, then a password or digest authentication."""
        put(0, b"\x13" + bytes(8))
        put(1, b"\x14\0\0\0\0\x02\0\0\0\x01\x04", 5e-3)
        user, secret = b"admin", rng.bytes(int(rng.integers(4, 10))).hex().encode()
        if rng.random() < 0.5:
            body = bytes((len(user),)) + user + bytes((len(secret),)) + secret
            put(0, b"\x13\0\0\0\x01" + struct.pack("<I", len(body)) + body)
            put(1, b"\x14\0\0\0\x01" + bytes(4), 0.02)
            return
        ask = bytes((len(user),)) + user + bytes(2) + b"\x0c/Redirection" + bytes(4)
        put(0, b"\x13\0\0\0\x04" + struct.pack("<I", len(ask)) + ask)
        realm, nonce = (
            b"Digest:" + rng.bytes(16).hex().upper().encode(),
            rng.bytes(16).hex().encode(),
        )
        answer = bytes((len(realm),)) + realm + bytes((len(nonce),)) + nonce + b"\x04auth"
        put(1, b"\x14\x01\0\0\x04" + struct.pack("<I", len(answer)) + answer, 0.02)
        fields = (
            user,
            realm,
            nonce,
            b"/Redirection",
            rng.bytes(16).hex().encode(),
            b"00000001",
            rng.bytes(16).hex().encode(),
            b"auth",
        )
        ask = b"".join(bytes((len(f),)) + f for f in fields)
        put(0, b"\x13\0\0\0\x04" + struct.pack("<I", len(ask)) + ask)
        put(1, b"\x14\0\0\0\x04" + bytes(4), 0.02)


PROFILES: tuple[Profile, ...] = (
    IpmiSol(name="serial_over_lan.ipmi", about="A SOL console of any kind and suite."),
    IpmiSol(
        name="serial_over_lan.console",
        about="An operator's keys and a BIOS or login screen.",
        kinds=("keys", "shell"),
        codings=("clear",),
    ),
    IpmiSol(
        name="serial_over_lan.clear",
        about="SOL without encryption (suites 0, 1 and 2).",
        suites=(0, 1, 2),
    ),
    IpmiSol(
        name="serial_over_lan.file",
        about="A file over the serial line.",
        kinds=("pull", "push"),
        octets=(5_000, 40_000),
    ),
    Amt(name="serial_over_lan.amt", about="AMT redirection carrying a shell, keys or files."),
    Amt(
        name="serial_over_lan.amt_file",
        about="File transfer over AMT SOL.",
        kinds=("pull", "push"),
        tls=0.1,
    ),
)
