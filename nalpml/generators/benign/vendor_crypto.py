"""Encrypted datagrams behind clear headers: QUIC and its forebears, DTLS, DNSCrypt, VPN handshakes.

draft-hamilton-quic-transport (gQUIC public headers), RFC 9000 and 8999 (versions, short headers,
version negotiation), RFC 6347 and 9147 (DTLS), the DNSCrypt v2 protocol page, the WireGuard
paper, Tailscale's disco messages, OpenVPN's wire protocol (opcode, session, packet numbers), RFC
3948 (ESP in UDP), RFC 4380 (Teredo), SoftEther's NAT traversal as its dissector describes it,
the tinc manual, RFC 8489 and 8656 (STUN, TURN, over UDP and TCP), the Roughtime draft.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _exchange(
    rng: Rng, conv: Conversation, make: Callable[[int, int], bytes], *, most: int = 120
) -> None:
    """Requests up, trains of full packets down, acknowledgements between."""
    full = int(pick(rng, (1200, 1250, 1350, 1350, 1378)))
    for _ in range(lot(rng, 1, 12)):
        conv.say(0, make(0, lot(rng, 30, 700)), loguniform(rng, 1e-3, 10))
        for k in range(lot(rng, 1, most / 4)):
            conv.say(
                1,
                make(1, full if rng.random() < 0.8 else lot(rng, 20, 1200)),
                wait(rng) if k == 0 else 1e-4,
            )
            if k % 3 == 2:
                conv.say(0, make(0, int(rng.integers(20, 40))), 1e-4)
        if len(conv.t) > most:
            return


def _gquic(rng: Rng, conv: Conversation) -> None:
    """Google's versions: flags, connection number, version, packet number; clear CHLO and REJ."""
    version = pick(rng, (b"Q035", b"Q039", b"Q043", b"Q043", b"Q046", b"Q050", b"Q025", b"T051"))
    cid, count = rng.bytes(8), [0, 0]

    def later(d: int, size: int) -> bytes:
        count[d] += 1
        if version >= b"Q046":
            return (
                bytes((0x43 if d == 0 else 0x42,))
                + (cid if d == 0 else b"")
                + (count[d] & 0xFFFF).to_bytes(2, "big")
                + rng.bytes(size)
            )
        flags = 0x0C if d == 0 else 0x00
        if rng.random() < 0.3:
            flags |= 0x10
            return (
                bytes((flags,))
                + (cid if d == 0 else b"")
                + (count[d] & 0xFFFF).to_bytes(2, "little")
                + rng.bytes(size)
            )
        return (
            bytes((flags,)) + (cid if d == 0 else b"") + bytes((count[d] & 255,)) + rng.bytes(size)
        )

    if rng.random() < 0.75:
        name = hostname(rng).encode()
        chlo = (
            b"CHLO"
            + struct.pack("<HH", 3, 0)
            + b"PAD\0"
            + struct.pack("<I", 900)
            + b"SNI\0"
            + struct.pack("<I", 900 + len(name))
        )
        chlo += b"VER\0" + struct.pack("<I", 904 + len(name)) + b"-" * 900 + name + version
        if version >= b"Q046":
            first = b"\xc3" + version + b"\x50" + cid + b"\0\0\0\1" + rng.bytes(12) + chlo
        else:
            first = b"\x0d" + cid + version + b"\1" + rng.bytes(12) + b"\xa0\1\0\4" + chlo
        for _ in range(int(rng.geometric(0.75))):
            conv.say(0, first.ljust(1350, b"\0"), 0.2)
        if rng.random() < 0.8:
            head = (
                b"\xc3" + version + b"\5" + cid + b"\0\0\0\1"
                if version >= b"Q046"
                else b"\x0c" + cid + b"\1"
            )
            conv.say(
                1,
                (head + rng.bytes(12) + b"\x80\1REJ\0\7\0\0\0STK\0" + rng.bytes(300)).ljust(
                    1350, b"\0"
                ),
                wait(rng),
            )
    _exchange(rng, conv, later)


def _quic(rng: Rng, conv: Conversation) -> None:
    """Drafts, versions nobody knows, negotiation, retries, short headers from the middle."""
    version = pick(
        rng,
        (
            b"\0\0\0\1",
            b"\xff\0\0\x1d",
            b"\xff\0\0\x1b",
            b"\xfa\xce\xb0\x02",
            b"\x6b\x33\x43\xcf",
            b"\x1a\x2a\x3a\x4a",
            b"Q050",
        ),
    )
    a, b = (
        rng.bytes(int(pick(rng, (8, 8, 8, 16, 20)))),
        rng.bytes(int(pick(rng, (0, 0, 4, 8, 8, 20)))),
    )

    def long(kind: int, to: bytes, own: bytes, size: int) -> bytes:
        head = (
            bytes((kind | int(rng.integers(4)),))
            + version
            + bytes((len(to),))
            + to
            + bytes((len(own),))
            + own
        )
        head += b"\0" if kind == 0xC0 else b""
        rest = max(20, size - len(head) - 2)
        return head + short(0x4000 | rest) + rng.bytes(rest)

    def later(d: int, size: int) -> bytes:
        return (
            bytes((0x40 | int(rng.integers(64)),)) + (a if d == 0 else b) + rng.bytes(max(21, size))
        )

    style = rng.random()
    if style < 0.12:
        conv.say(0, long(0xC0, a, b, 1200), 0.0)
        offers = b"".join(
            pick(rng, (b"\0\0\0\1", b"\xff\0\0\x1d", rng.bytes(4)))
            for _ in range(int(rng.integers(1, 6)))
        )
        conv.say(
            1,
            bytes((0x80 | int(rng.integers(128)),))
            + bytes(4)
            + bytes((len(b),))
            + b
            + bytes((len(a),))
            + a
            + offers,
            wait(rng),
        )
        return
    if style < 0.75:
        size = int(pick(rng, (1200, 1232, 1250, 1252, 1350, 1357)))
        for _ in range(int(rng.geometric(0.75))):
            conv.say(0, long(0xC0, a, b, size), 0.2)
        if rng.random() < 0.1:
            conv.say(
                1,
                bytes((0xF0 | int(rng.integers(16)),))
                + version
                + bytes((len(b),))
                + b
                + b"\x08"
                + rng.bytes(8)
                + rng.bytes(80),
                wait(rng),
            )
            conv.say(0, long(0xC0, a, b, size), 1e-3)
        for k in range(int(rng.integers(1, 5))):
            conv.say(
                1, long(0xE0 if k else 0xC0, b, a, size if k < 2 else lot(rng, 60, 1000)), wait(rng)
            )
        conv.say(0, long(0xE0, a, b, int(rng.integers(70, 140))), wait(rng))
    _exchange(rng, conv, later)


def _dnscrypt(rng: Rng, conv: Conversation) -> None:
    magic, key = rng.bytes(8), rng.bytes(32)
    for _ in range(int(rng.geometric(0.4))):
        nonce, block = (
            rng.bytes(12),
            64 * int(rng.integers(4, 9)) if conv.proto == 17 else 64 * int(rng.integers(1, 9)),
        )
        ask = magic + (key if rng.random() < 0.7 else rng.bytes(32)) + nonce + rng.bytes(16 + block)
        answer = b"r6fnvWj8" + nonce + rng.bytes(12) + rng.bytes(16 + 64 * int(rng.integers(1, 9)))
        if rng.random() < 0.1:
            name = b"\x012\x0ddnscrypt-cert\x07example\x03com\0"
            ask = rng.bytes(2) + b"\1\0\0\1" + bytes(6) + name + b"\0\x10\0\1"
            answer = (
                ask[:2]
                + b"\x84\0\0\1\0\1"
                + bytes(4)
                + ask[12:]
                + b"\xc0\x0c\0\x10\0\1\0\0\x0e\x10\0\x7d\x7cDNSC\0\2\0\0"
                + rng.bytes(116)
            )
        if conv.proto == 6:
            ask, answer = short(len(ask)) + ask, short(len(answer)) + answer
        conv.say(0, ask, loguniform(rng, 1e-3, 20))
        if rng.random() < 0.93:
            conv.say(1, answer, loguniform(rng, 5e-3, 0.3))


def _dtls(rng: Rng, conv: Conversation) -> None:
    """Records of epoch 0, then of epoch 1; old and new versions; sometimes only the middle."""
    version = pick(rng, (b"\xfe\xfd", b"\xfe\xfd", b"\xfe\xff", b"\1\0"))
    count = [[0, 0], [0, 0]]

    def record(d: int, epoch: int, kind: int, text: bytes) -> bytes:
        n = count[epoch][d]
        count[epoch][d] += 1
        return (
            bytes((kind,)) + version + short(epoch) + n.to_bytes(6, "big") + short(len(text)) + text
        )

    def message(kind: int, k: int, text: bytes) -> bytes:
        n = len(text).to_bytes(3, "big")
        return bytes((kind,)) + n + short(k) + bytes(3) + n + text

    if rng.random() < 0.75:
        hello = version + rng.bytes(32) + b"\0\0\0\4\0\xa8\xc0\x2f\1\0\0\x06\0\x17\0\0\0\x23"
        conv.say(0, record(0, 0, 22, message(1, 0, hello)), 0.0)
        conv.say(1, record(1, 0, 22, message(3, 0, version + b"\x14" + rng.bytes(20))), wait(rng))
        conv.say(0, record(0, 0, 22, message(1, 1, hello)), wait(rng))
        conv.say(
            1,
            record(1, 0, 22, message(2, 1, version + rng.bytes(32) + b"\0\0\xa8\0"))
            + record(1, 0, 22, message(14, 2, b"")),
            wait(rng),
        )
        conv.say(
            0,
            record(0, 0, 22, message(16, 2, b"\0\x10" + rng.bytes(8).hex().encode()))
            + record(0, 0, 20, b"\1")
            + record(0, 1, 22, rng.bytes(48)),
            wait(rng),
        )
        conv.say(1, record(1, 0, 20, b"\1") + record(1, 1, 22, rng.bytes(48)), wait(rng))
    else:
        count[1] = [int(rng.integers(1 << 20)), int(rng.integers(1 << 20))]
    pace = loguniform(rng, 0.005, 20)
    for _ in range(lot(rng, 1, 150)):
        conv.say(
            int(rng.integers(2)),
            record(0, 1, 23, b"\0\1" + bytes(6) + cipher(rng, 24, 1200)),
            pace * float(rng.exponential()),
        )


def _turn(rng: Rng, conv: Conversation) -> None:
    """STUN and TURN requests with attributes, indications, channel data; framed alike on TCP."""
    cookie, peer = b"\x21\x12\xa4\x42", b"\0\x12\0\x08\0\1" + rng.bytes(6)
    user = b"\0\6\0\x08" + rng.bytes(4).hex().encode()

    def message(kind: int, ident: bytes, text: bytes) -> bytes:
        return short(kind) + short(len(text)) + cookie + ident + text

    ident = rng.bytes(12)
    if rng.random() < 0.6:
        conv.say(0, message(3, ident, b"\0\x19\0\4\x11\0\0\0"), 0.0)
        conv.say(
            1,
            message(
                0x113, ident, b"\0\x09\0\x10\0\0\4\1Unauthorized" + b"\0\x15\0\x08" + rng.bytes(8)
            ),
            wait(rng),
        )
        conv.say(
            0,
            message(3, ident, b"\0\x19\0\4\x11\0\0\0" + user + b"\0\x08\0\x14" + rng.bytes(20)),
            wait(rng),
        )
        conv.say(
            1,
            message(0x103, ident, b"\0\x16\0\x08\0\1" + rng.bytes(6) + b"\0\x0d\0\4\0\0\2\x58"),
            wait(rng),
        )
    for _ in range(lot(rng, 1, 120)):
        u, d = rng.random(), int(rng.integers(2))
        size = 4 * lot(rng, 3, 250)
        if u < 0.3:
            ident = rng.bytes(12)
            extra = (
                user
                + b"\0\x25\0\0\0\x24\0\4"
                + rng.bytes(4)
                + b"\0\x08\0\x14"
                + rng.bytes(20)
                + b"\x80\x28\0\4"
                + rng.bytes(4)
            )
            conv.say(
                0,
                message(1, ident, extra if u < 0.2 else b""),
                float(pick(rng, (0.05, 0.5, 2.5, 10.0))),
            )
            if rng.random() < 0.8:
                conv.say(1, message(0x101, ident, b"\0\x20\0\x08\0\1" + rng.bytes(6)), wait(rng))
        elif u < 0.5:
            conv.say(
                d,
                message(0x16 + d, rng.bytes(12), peer + b"\0\x13" + short(size) + rng.bytes(size)),
                0.02,
            )
        else:
            conv.say(d, b"\x40\0" + short(size) + rng.bytes(size), 0.02)


def _roughtime(rng: Rng, conv: Conversation) -> None:
    conv.say(
        0,
        (struct.pack("<II", 2, 64) + b"NONC" + b"PAD\xff" + rng.bytes(64)).ljust(1024, b"\0"),
        0.0,
    )
    tags = b"SIG\0PATHSREPCERTINDX"
    conv.say(1, struct.pack("<IIIII", 5, 64, 64, 164, 316) + tags + rng.bytes(320), wait(rng))


def _atlas(rng: Rng, conv: Conversation) -> None:
    """Measurement probes: numbered datagrams to high ports, one or a few each, no answers."""
    size = int(pick(rng, (4, 12, 20, 32, 40, 64, 100, 1000)))
    fill = pick(
        rng,
        (
            bytes(size),
            rng.bytes(size),
            b"http://atlas.ripe.net Atlas says Hi!"[:size],
            b"@ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 40,
        ),
    )
    for k in range(int(rng.geometric(0.5))):
        conv.say(
            0, fill[:size] if rng.random() < 0.5 else struct.pack(">I", k) + fill[: size - 4], 0.05
        )
    rounds(rng, conv, lambda k: fill[:size], lambda k: b"", most=2)


PROFILES: tuple[Profile, ...] = (
    Named(name="crypto.gquic", about="Google QUIC.", write=_gquic, ports=(443, 443, 443, 80),
        over="udp", scope="wan", most=2),
    Named(name="crypto.quic", about="QUIC of any version.", write=_quic,
        ports=(443, 443, 443, 4433, 8443, 784, 853), over="udp", scope="wan", most=2),
    Named(name="crypto.dnscrypt", about="DNSCrypt over UDP.", write=_dnscrypt,
        ports=(443, 443, 8443, 5443), over="udp", scope="wan", most=5),
    Named(name="crypto.dnscrypt_tcp", about="DNSCrypt over TCP.", write=_dnscrypt,
        ports=(443, 8443), scope="wan", most=2),
    Named(name="crypto.dtls", about="DTLS of AnyConnect, WebRTC, CoAPs, games.", write=_dtls,
        over="udp", scope="wan", ports=(443, 4433, 5684, 10000, 8060, 5349)),
    Named(name="crypto.turn_udp", about="STUN and TURN.", write=_turn,
        ports=(3478, 3478, 19302, 3479), over="udp", scope="wan", most=3),
    Named(name="vendor.turn_tcp", about="TURN over TCP.", write=_turn,
        ports=(3478, 3479, 80, 443, 42000), scope="wan"),
    Named(name="crypto.roughtime", about="Roughtime.", write=_roughtime,
        ports=(2002, 2002, 2003, 5333), over="udp", scope="wan", most=3),
    Named(name="vendor.atlas", about="Measurement probes.", write=_atlas,
        ports=(33434, 33435, 33440, 29195, 53, 123), over="udp", scope="wan", most=8),
)  # fmt: skip
