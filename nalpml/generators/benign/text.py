"""Line protocols: SMTP, IMAP, POP3, FTP, Telnet, IRC (RFC 5321, 9051, 1939, 959, 854, 2812).

Telnet and the other interactive ones are the honest twins of a plain shell.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import (
    command,
    file_octets,
    hostname,
    loguniform,
    output,
    pick,
    sentence,
    word,
)
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import ephemeral, tcp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.tls import handshake, records

__all__ = ["PROFILES"]


def _talk(
    conv: Conversation, rng: np.random.Generator, lines: list[tuple[int, str]], slow: float
) -> None:
    for d, line in lines:
        conv.say(
            d,
            line.encode() + b"\r\n",
            slow * float(rng.exponential()) if d == 0 else loguniform(rng, 5e-4, 0.05),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp(Profile):
    """A message handed over, in clear or after STARTTLS."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one delivery."""
        conv = tcp(rng, net, pick(rng, (25, 25, 587)))
        host = hostname(rng)
        _talk(
            conv,
            rng,
            [
                (1, f"220 {host} ESMTP Postfix"),
                (0, f"EHLO {hostname(rng)}"),
                (1, f"250-{host}\r\n250-SIZE 52428800\r\n250-STARTTLS\r\n250 8BITMIME"),
            ],
            0.01,
        )
        size = int(loguniform(rng, 500, 300_000))
        if rng.random() < 0.4:
            _talk(conv, rng, [(0, "STARTTLS"), (1, "220 2.0.0 Ready to start TLS")], 0.01)
            handshake(conv, rng, name=host, modern=bool(rng.random() < 0.6))
            for n in (40, 50, 45, size, 20):
                conv.say(0, records(rng, n), 0.005)
                conv.say(1, records(rng, int(rng.integers(20, 60))), loguniform(rng, 1e-3, 0.1))
            return [conv]
        user = f"{word(rng)}@{hostname(rng)}"
        _talk(
            conv,
            rng,
            [
                (0, f"MAIL FROM:<{user}>"),
                (1, "250 2.1.0 Ok"),
                (0, f"RCPT TO:<{word(rng)}@{host}>"),
                (1, "250 2.1.5 Ok"),
                (0, "DATA"),
                (1, "354 End data with <CR><LF>.<CR><LF>"),
            ],
            0.01,
        )
        head = f"From: {user}\r\nSubject: {sentence(rng, 5)}\r\nMIME-Version: 1.0\r\n\r\n".encode()
        body = (
            b"\r\n".join(output(rng, size).split(b"\n"))
            if rng.random() < 0.6
            else _base64(rng, size)
        )
        conv.say(0, head + body + b"\r\n.\r\n", 0.005)
        _talk(
            conv,
            rng,
            [(1, "250 2.0.0 Ok: queued as 4F2A"), (0, "QUIT"), (1, "221 2.0.0 Bye")],
            0.01,
        )
        return [conv]


def _base64(rng: np.random.Generator, size: int) -> bytes:
    return base64.encodebytes(file_octets(rng, size * 3 // 4)).replace(b"\n", b"\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap(Profile):
    """Mail read by IMAP or POP3, with idling."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        pop = rng.random() < 0.3
        conv = tcp(rng, net, 110 if pop else 143)
        if pop:
            _talk(
                conv,
                rng,
                [
                    (1, "+OK ready"),
                    (0, f"USER {word(rng)}"),
                    (1, "+OK"),
                    (0, "PASS secret"),
                    (1, "+OK"),
                    (0, "STAT"),
                    (1, "+OK 3 4200"),
                ],
                0.05,
            )
            for k in range(int(rng.integers(1, 6))):
                conv.say(0, f"RETR {k + 1}\r\n".encode(), 0.01)
                conv.say(
                    1,
                    b"+OK\r\n" + output(rng, int(loguniform(rng, 400, 60_000))) + b"\r\n.\r\n",
                    0.01,
                )
            return [conv]
        _talk(
            conv,
            rng,
            [
                (1, "* OK [CAPABILITY IMAP4rev1 IDLE] ready"),
                (0, "a1 LOGIN user pass"),
                (1, "a1 OK done"),
                (0, "a2 SELECT INBOX"),
                (1, "* 12 EXISTS\r\na2 OK [READ-WRITE]"),
            ],
            0.05,
        )
        for k in range(int(rng.integers(1, 8))):
            n = int(loguniform(rng, 400, 60_000))
            conv.say(0, f"a{k + 3} FETCH {k + 1} BODY[]\r\n".encode(), loguniform(rng, 0.01, 5))
            text = f"* {k + 1} FETCH (BODY[] {{{n}}}\r\n".encode() + output(rng, n)
            conv.say(1, text + f")\r\na{k + 3} OK done\r\n".encode(), 0.02)
        for _ in range(int(rng.integers(0, 6))):
            conv.say(0, b"b1 IDLE\r\n", 0.1)
            conv.say(1, b"+ idling\r\n", 1e-3)
            conv.say(1, b"* 13 EXISTS\r\n", loguniform(rng, 2, 60))
            conv.say(0, b"DONE\r\n", 0.01)
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ftp(Profile):
    """A control connection and a data connection for each file."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session in passive mode."""
        conv = tcp(rng, net, 21, version=4)
        ends = conv.ends
        _talk(
            conv,
            rng,
            [
                (1, "220 ProFTPD Server ready."),
                (0, f"USER {word(rng)}"),
                (1, "331 Password required"),
                (0, f"PASS {word(rng)}"),
                (1, "230 User logged in"),
                (0, "TYPE I"),
                (1, "200 Type set to I"),
            ],
            0.2,
        )
        out = [conv]
        address = ",".join(str(b) for b in ends.server.v4.to_bytes(4, "big"))
        for _ in range(int(rng.integers(1, 5))):
            port = int(rng.integers(20000, 65000))
            upload = rng.random() < 0.5
            _talk(
                conv,
                rng,
                [
                    (0, "PASV"),
                    (1, f"227 Entering Passive Mode ({address},{port >> 8},{port & 255})."),
                    (0, f"{'STOR' if upload else 'RETR'} {word(rng)}.zip"),
                    (1, "150 Opening BINARY mode data connection"),
                ],
                0.05,
            )
            data = Conversation(ends, 6, sport=ephemeral(rng, ends), dport=port, start=conv.now)
            data.closer = 0 if upload else 1
            data.say(data.closer, file_octets(rng, int(loguniform(rng, 300, 400_000))), 0.005)
            out.append(data)
            conv.now += data.now
            conv.say(1, b"226 Transfer complete.\r\n", 0.01)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Telnet(Profile):
    """An administrator at a switch: options, login, keys and their echo, in clear."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = tcp(rng, net, pick(rng, (23, 23, 23, 2323, 2001)), scope=pick(rng, ("lan", "wan")))
        conv.say(1, b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27", 1e-3)
        conv.say(0, b"\xff\xfb\x18\xff\xfc\x20\xff\xfc\x23\xff\xfb\x27", 1e-3)
        conv.say(1, b"\r\nUser Access Verification\r\n\r\nUsername: ", 2e-3)
        pace = loguniform(rng, 0.06, 0.35)
        name = word(rng)
        for _ in range(int(rng.integers(2, 14))):
            line = command(rng) if rng.random() < 0.5 else b"show " + word(rng).encode()
            for key in line + b"\r":
                conv.say(
                    0,
                    bytes((key,)) if key != 13 else b"\r\0",
                    float(rng.lognormal(np.log(pace), 0.5)),
                )
                conv.say(1, bytes((key,)) if key != 13 else b"\r\n", loguniform(rng, 3e-4, 5e-3))
            text = output(rng, int(np.clip(rng.lognormal(5.3, 1.3), 2, 8000))).replace(
                b"\n", b"\r\n"
            )
            conv.say(1, text + f"\r\n{name}#".encode(), loguniform(rng, 1e-3, 0.1))
            conv.now += loguniform(rng, 0.3, 10)
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Irc(Profile):
    """Chat lines and pings."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = tcp(rng, net, pick(rng, (6667, 6667, 6660, 7000)))
        nick, host = word(rng), hostname(rng)
        _talk(
            conv,
            rng,
            [
                (0, f"NICK {nick}\r\nUSER {nick} 0 * :{nick}"),
                (1, f":{host} 001 {nick} :Welcome"),
                (0, "JOIN #talk"),
                (1, f":{nick}!u@h JOIN #talk"),
            ],
            0.2,
        )
        for _ in range(int(rng.integers(5, 80))):
            u = rng.random()
            text = sentence(rng, int(rng.integers(1, 15)))
            if u < 0.1:
                _talk(conv, rng, [(1, f"PING :{host}"), (0, f"PONG :{host}")], 0.01)
            elif u < 0.35:
                _talk(conv, rng, [(0, f"PRIVMSG #talk :{text}")], 8)
            else:
                conv.say(
                    1,
                    f":{word(rng)}!u@h PRIVMSG #talk :{text}\r\n".encode(),
                    float(rng.exponential(4)),
                )
        return [conv]


PROFILES: tuple[Profile, ...] = (
    Smtp(name="mail.smtp", about="Deliveries (RFC 5321)."),
    Imap(name="mail.read", about="IMAP with idling, POP3 (RFC 9051, RFC 1939)."),
    Ftp(name="ftp.files", about="Passive transfers (RFC 959)."),
    Telnet(name="telnet.admin", about="Keys and echoes in clear (RFC 854)."),
    Irc(name="irc.chat", about="Chat lines in clear (RFC 2812)."),
)
