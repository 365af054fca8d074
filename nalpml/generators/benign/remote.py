"""Remote work: RDP, VNC, SMB, LDAP, Kerberos.

MS-RDPBCGR; RFC 6143; MS-SMB2; RFC 4511; RFC 4120.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Network
from nalpml.generators._ports import tcp, udp
from nalpml.generators._profile import Profile
from nalpml.generators.benign.discovery import ber
from nalpml.generators.benign.tls import handshake, records

__all__ = ["PROFILES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rdp(Profile):
    """Connection request, TLS, then input events one way and screen updates the other."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = tcp(rng, net, 3389)
        cookie = b"Cookie: mstshash=" + word(rng).encode() + b"\r\n"
        ask = b"\x01\x00\x08\x00\x0b\x00\x00\x00"
        n = 11 + len(cookie) + len(ask)
        conv.say(
            0,
            b"\x03\x00" + struct.pack(">H", n) + bytes((n - 5, 0xE0)) + bytes(5) + cookie + ask,
            1e-3,
        )
        conv.say(1, bytes.fromhex("030000130ed000001234000209080002000000"), 2e-3)
        handshake(conv, rng, name=hostname(rng), modern=False)
        for size, answer in ((200, 300), (700, 200), (460, 140), (60, 400), (500, 900)):
            conv.say(0, records(rng, size), loguniform(rng, 1e-3, 0.1))
            conv.say(1, records(rng, answer), loguniform(rng, 1e-3, 0.1))
        for _ in range(int(rng.integers(20, 250))):
            conv.say(0, records(rng, int(rng.integers(8, 60))), loguniform(rng, 5e-3, 1))
            if rng.random() < 0.6:
                conv.say(
                    1, records(rng, int(loguniform(rng, 40, 20_000))), loguniform(rng, 5e-3, 0.05)
                )
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vnc(Profile):
    """RFB 3.8: version, security, then updates (RFC 6143)."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one session."""
        conv = tcp(rng, net, pick(rng, (5900, 5901)))
        conv.say(1, b"RFB 003.008\n", 1e-3)
        conv.say(0, b"RFB 003.008\n", 1e-3)
        conv.say(1, b"\x01\x02", 1e-3)
        conv.say(0, b"\x02", 1e-3)
        conv.say(1, rng.bytes(16), 1e-3)
        conv.say(0, rng.bytes(16), 0.5)
        conv.say(1, bytes(4), 1e-3)
        conv.say(0, b"\x01", 1e-3)
        pixels = b"\x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0"
        conv.say(1, struct.pack(">HH", 1920, 1080) + pixels + b"\0\0\0\x04desk", 1e-3)
        for _ in range(int(rng.integers(20, 200))):
            pointer = b"\x05\0" + struct.pack(
                ">HH", int(rng.integers(1920)), int(rng.integers(1080))
            )
            conv.say(
                0,
                pointer + b"\x03\x01" + struct.pack(">HHHH", 0, 0, 1920, 1080),
                loguniform(rng, 0.01, 1),
            )
            wide, high = int(loguniform(rng, 4, 64)), int(loguniform(rng, 4, 64))
            head = b"\0\0\0\x01" + struct.pack(">HHHHi", 0, 0, wide, high, 0)
            dots = rng.bytes(wide * 4) * high
            conv.say(1, head + dots, loguniform(rng, 5e-3, 0.05))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Smb(Profile):
    """SMB2: negotiate, session, tree, then reads or writes of a file."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one file's copying."""
        conv = tcp(rng, net, 445, scope="lan")
        session, message = rng.bytes(8), 0
        sealed = rng.random() < 0.3

        def exchange(command: int, ask: bytes, answer: bytes, gap: float = 1e-3) -> None:
            nonlocal message
            for d, body in ((0, ask), (1, answer)):
                head = b"\xfeSMB" + struct.pack(
                    "<HHIHHIIQII", 64, 1, 0, command, 33, d, 0, message, 0xFEFF, 5
                )
                head += session + bytes(16)
                conv.say(
                    d,
                    struct.pack(">I", len(head) + len(body)) + head + body,
                    gap if d == 0 else 5e-4,
                )
            message += 1

        if not sealed:
            dialects = (
                struct.pack("<HHHHI", 36, 2, 1, 0, 0x7F)
                + rng.bytes(16)
                + bytes(8)
                + b"\x02\x02\x10\x02"
            )
            exchange(
                0, dialects, struct.pack("<HHHH", 65, 1, 0x0210, 0) + rng.bytes(16) + bytes(40)
            )
        write = rng.random() < 0.5
        chunk = int(pick(rng, (4096, 32_768, 65_536)))
        n = int(loguniform(rng, 1, 40))
        if sealed:
            for _ in range(n):
                size = (chunk, 80) if write else (120, chunk)
                for d in (0, 1):
                    text = b"\xfdSMB" + rng.bytes(32) + struct.pack("<IHH", size[d], 0, 1) + session
                    conv.say(d, struct.pack(">I", 52 + size[d]) + text + rng.bytes(size[d]), 1e-3)
            return [conv]
        for k in range(n):
            at = struct.pack("<Q", k * chunk)
            handle = bytes(16)
            if write:
                ask = (
                    struct.pack("<HHI", 49, 112, chunk) + at + handle + bytes(16) + rng.bytes(chunk)
                )
                exchange(9, ask, struct.pack("<HHII", 17, 0, chunk, 0) + bytes(4))
            else:
                ask = struct.pack("<HBBI", 49, 80, 0, chunk) + at + handle + bytes(17)
                exchange(8, ask, struct.pack("<HBBIII", 17, 80, 0, chunk, 0, 0) + rng.bytes(chunk))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ldap(Profile):
    """Bind, searches, unbind."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw one connection."""
        conv = tcp(rng, net, pick(rng, (389, 389, 3268)), scope="lan")
        domain = f"dc={word(rng)},dc=local".encode()
        bind = ber(
            0x60,
            ber(2, b"\x03")
            + ber(4, b"cn=reader," + domain)
            + ber(0x80, rng.bytes(8).hex().encode()),
        )
        conv.say(0, ber(0x30, ber(2, b"\x01") + bind), 1e-3)
        conv.say(1, ber(0x30, ber(2, b"\x01") + ber(0x61, b"\x0a\x01\x00\x04\x00\x04\x00")), 2e-3)
        for k in range(2, int(rng.integers(3, 30))):
            filters = ber(0xA3, ber(4, b"sAMAccountName") + ber(4, word(rng).encode()))
            search = (
                ber(4, domain) + b"\x0a\x01\x02\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00"
            )
            conv.say(
                0,
                ber(
                    0x30,
                    ber(2, bytes((k,))) + ber(0x63, search + filters + ber(0x30, ber(4, b"cn"))),
                ),
                loguniform(rng, 1e-3, 5),
            )
            entries = b""
            for _ in range(int(rng.integers(0, 8))):
                values = ber(0x30, ber(4, b"cn") + ber(0x31, ber(4, word(rng).encode())))
                entry = ber(4, b"cn=" + word(rng).encode() + b"," + domain) + ber(0x30, values)
                entries += ber(0x30, ber(2, bytes((k,))) + ber(0x64, entry))
            done = ber(0x30, ber(2, bytes((k,))) + ber(0x65, b"\x0a\x01\x00\x04\x00\x04\x00"))
            conv.say(1, entries + done, loguniform(rng, 5e-4, 0.05))
        return [conv]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kerberos(Profile):
    """Ticket requests, each on a connection or in a datagram of its own."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Draw a logon's requests."""
        ends = net.ends(rng, scope="lan")
        realm = word(rng).upper().encode()
        out = []
        for k, (ask, answer) in enumerate(((10, 11), (12, 13), (12, 13))):
            over = rng.random() < 0.6
            conv = (tcp if over else udp)(rng, net, 88, ends=ends, start=k * 0.05)
            body = ber(0xA1, ber(2, b"\x05")) + ber(0xA2, ber(2, bytes((ask,))))
            name = ber(0xA0, ber(2, b"\x01")) + ber(0xA1, ber(0x30, ber(0x1B, word(rng).encode())))
            inner = (
                ber(0xA0, ber(3, b"\0\x40\x81\0\x10"))
                + ber(0xA1, ber(0x30, name))
                + ber(0xA2, ber(0x1B, realm))
            )
            nonce = ber(0xA5, ber(0x18, b"20300101000000Z")) + ber(
                0xA7, ber(2, b"\x01" + rng.bytes(3))
            )
            kinds = ber(0xA8, ber(0x30, ber(2, b"\x12") + ber(2, b"\x11")))
            request = ber(0x60 | ask, ber(0x30, body + ber(0xA4, ber(0x30, inner + nonce + kinds))))
            sealed = ber(
                0x30,
                ber(0xA0, ber(2, b"\x12"))
                + ber(0xA2, ber(4, rng.bytes(int(rng.integers(200, 1000))))),
            )
            ticket = (
                ber(0xA0, ber(2, b"\x05"))
                + ber(0xA1, ber(0x1B, realm))
                + ber(0xA2, ber(0x30, name))
                + ber(0xA3, sealed)
            )
            reply = (
                ber(0xA0, ber(2, b"\x05"))
                + ber(0xA1, ber(2, bytes((answer,))))
                + ber(0xA3, ber(0x1B, realm))
            )
            reply += (
                ber(0xA4, ber(0x30, name))
                + ber(0xA5, ber(0x61, ber(0x30, ticket)))
                + ber(0xA6, sealed)
            )
            response = ber(0x60 | answer, ber(0x30, reply))
            for d, text in ((0, request), (1, response)):
                text = (struct.pack(">I", len(text)) if over else b"") + text
                conv.say(d, text, loguniform(rng, 1e-4, 5e-3))
            out.append(conv)
        return out


PROFILES: tuple[Profile, ...] = (
    Rdp(name="rdp.session", about="Remote desktop inside TLS (MS-RDPBCGR)."),
    Vnc(name="vnc.session", about="RFB in clear (RFC 6143)."),
    Smb(name="smb.files", about="SMB2 reads and writes, sealed or not (MS-SMB2)."),
    Ldap(name="ldap.search", about="Directory lookups (RFC 4511)."),
    Kerberos(name="kerberos.tickets", about="AS and TGS exchanges over TCP and UDP (RFC 4120)."),
)
