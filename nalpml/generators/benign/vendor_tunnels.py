"""Tunnels run in the open.

The WireGuard paper and Tailscale's disco messages, OpenVPN's wire protocol, RFC 3948 (ESP in
UDP), RFC 4380 (Teredo), SoftEther's NAT traversal as dissected, the tinc manual.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import loguniform, pick
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, cipher, lot, short, wait

__all__ = ["PROFILES", "icmp6_packet"]

Rng = np.random.Generator


def _wireguard(rng: Rng, conv: Conversation) -> None:
    """Handshakes with cookies and reserved octets in use, disco beside data, keep-alives."""
    a, b = rng.bytes(4), rng.bytes(4)
    reserved = rng.bytes(3) if rng.random() < 0.25 else bytes(3)
    disco = rng.random() < 0.35
    key = rng.bytes(32)
    count = [0, 0]
    conv.say(0, b"\1" + reserved + a + rng.bytes(140), 0.0)
    if rng.random() < 0.1:
        conv.say(1, b"\3" + reserved + a + rng.bytes(56), wait(rng))
        conv.say(0, b"\1" + reserved + a + rng.bytes(140), 5.0)
    conv.say(1, b"\2" + reserved + b + a + rng.bytes(84), wait(rng))
    for _ in range(lot(rng, 1, 150)):
        d = int(rng.integers(2))
        if disco and rng.random() < 0.2:
            conv.say(
                d,
                b"TS\xf0\x9f\x92\xac"
                + key
                + rng.bytes(24)
                + rng.bytes(int(pick(rng, (46, 60, 62, 70)))),
                3.0,
            )
            continue
        size = 16 if rng.random() < 0.2 else 16 + 16 * lot(rng, 2, 84)
        conv.say(
            d,
            b"\4" + reserved + (b if d == 0 else a) + struct.pack("<Q", count[d]) + rng.bytes(size),
            loguniform(rng, 1e-4, 10),
        )
        count[d] += 1


def _openvpn(rng: Rng, conv: Conversation) -> None:
    """Opcode and session number, an HMAC or all of it wrapped, then data channels v1 or v2."""
    stream, wrap = conv.proto == 6, int(pick(rng, (0, 0, 20, 32, 64)))
    ids, count = (rng.bytes(8), rng.bytes(8)), [0, 0]

    def put(d: int, text: bytes, gap: float) -> None:
        conv.say(d, short(len(text)) + text if stream else text, gap)

    def control(d: int, op: int, acks: bool, text: bytes) -> bytes:
        k = count[d]
        count[d] += 1
        head = bytes((op << 3,)) + ids[d]
        if wrap:
            head += rng.bytes(wrap) + struct.pack(">II", k + 1, 1_700_000_000)
        head += b"\1" + struct.pack(">I", count[1 - d] - 1) + ids[1 - d] if acks else b"\0"
        return head + struct.pack(">I", k) + text

    put(0, control(0, 7, False, b""), 1e-3)
    put(1, control(1, 8, True, b""), wait(rng))
    for d, size in ((0, 280), (1, 1100), (1, 900), (0, 400), (1, 60), (0, 300), (1, 300)):
        put(d, control(d, 4, True, b"\x16\3\1" + short(size) + rng.bytes(size)), wait(rng))
    head = b"\x30" if rng.random() < 0.4 else b"\x48\0\0\0"
    for k in range(lot(rng, 1, 150)):
        size = (
            int(pick(rng, (52, 84, 100, 1300, 1350))) if rng.random() < 0.6 else lot(rng, 40, 1300)
        )
        put(
            int(rng.integers(2)),
            head + struct.pack(">I", k) + rng.bytes(size),
            loguniform(rng, 1e-4, 8),
        )


def _esp(rng: Rng, conv: Conversation) -> None:
    spi, count = (rng.bytes(4), rng.bytes(4)), [1, 1]
    for _ in range(lot(rng, 1, 150)):
        d = int(rng.integers(2))
        if rng.random() < 0.1:
            conv.say(0, b"\xff", 20.0)
        conv.say(
            d,
            spi[d] + struct.pack(">I", count[d]) + rng.bytes(8 + 16 * lot(rng, 3, 80)),
            loguniform(rng, 1e-4, 5),
        )
        count[d] += 1


def icmp6_packet(here: bytes, there: bytes, body: bytes) -> bytes:
    """An IPv6 packet of an ICMPv6 message whose checksum (octets 2 and 3) is to be set."""
    words = here + there + struct.pack(">II", len(body), 58) + body
    total = sum(struct.unpack(f">{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    body = body[:2] + short(0xFFFF - total) + body[4:]
    return b"\x60\0\0\0" + short(len(body)) + b"\x3a\xff" + here + there + body


def _teredo(rng: Rng, conv: Conversation) -> None:
    """Router solicitations with authentication, and the server's answers (RFC 4380, 5.1)."""
    here = b"\xfe\x80" + bytes(6) + b"\0\0\xff\xff" + rng.bytes(4)
    routers = b"\xff\2" + bytes(13) + b"\2"
    server = b"\xfe\x80" + bytes(6) + b"\x80\0" + rng.bytes(6)
    asked = icmp6_packet(here, routers, b"\x85" + bytes(7))
    prefix = b"\3\4\x40\x40" + b"\xff" * 8 + bytes(4) + b"\x20\1\0\0" + rng.bytes(4) + bytes(8)
    told = icmp6_packet(server, here, b"\x86\0\0\0\0\0" + bytes(10) + prefix)
    for _ in range(int(rng.integers(1, 6))):
        nonce = b"\0\1\0\0" + rng.bytes(8) + b"\0"
        conv.say(0, nonce + asked, float(pick(rng, (2.0, 4.0, 30.0))))
        if rng.random() < 0.7:
            conv.say(1, nonce + b"\0\0" + rng.bytes(6) + told, wait(rng))


def _traversal(rng: Rng, conv: Conversation) -> None:
    """NAT traversal of VPN servers: small text, or random sizes that only keep a hole open."""
    for _ in range(lot(rng, 1, 40)):
        text = pick(
            rng,
            (
                b"B",
                b"\0",
                rng.bytes(lot(rng, 8, 480)),
                f"IP={conv.ends.client.v4 & 255}.1.2.3,PORT={conv.sport}".encode(),
            ),
        )
        conv.say(0, text, float(pick(rng, (1.0, 3.0, 5.0, 10.0))))
        if rng.random() < 0.6:
            conv.say(
                1,
                f"IP=198.51.100.7,PORT={conv.sport}".encode()
                if rng.random() < 0.7
                else rng.bytes(lot(rng, 8, 480)),
                wait(rng),
            )


def _tinc(rng: Rng, conv: Conversation) -> None:
    if conv.proto == 6:
        for d in (0, 1):
            conv.say(d, f"0 node{d} 17.0\n".encode(), wait(rng))
        for d in (0, 1):
            conv.say(d, f"1 94 64 0 0 {rng.bytes(256).hex().upper()}\n".encode(), wait(rng))
        for _ in range(lot(rng, 3, 40)):
            conv.say(int(rng.integers(2)), cipher(rng, 3, 300), loguniform(rng, 1e-3, 30))
        return
    for k in range(lot(rng, 1, 100)):
        conv.say(
            int(rng.integers(2)),
            rng.bytes(4 + 16 * lot(rng, 2, 80)) if k else rng.bytes(1460),
            loguniform(rng, 1e-4, 5),
        )


PROFILES: tuple[Profile, ...] = (
    Named(name="crypto.wireguard", about="WireGuard, WARP, Tailscale.", write=_wireguard,
        ports=(51820, 41641, 2408), over="udp", scope="wan"),
    Named(name="vendor.openvpn_udp", about="OpenVPN over UDP.", write=_openvpn,
        ports=(1194, 1194, 443, 1195), over="udp", scope="wan"),
    Named(name="vendor.openvpn_tcp", about="OpenVPN over TCP.", write=_openvpn,
        ports=(1194, 443, 443, 943), scope="wan"),
    Named(name="crypto.esp", about="ESP in UDP (RFC 3948).", write=_esp, ports=(4500,),
        over="udp", sport=-1, scope="wan"),
    Named(name="crypto.teredo", about="Teredo (RFC 4380).", write=_teredo, ports=(3544,),
        over="udp", scope="wan", most=2),
    Named(name="vendor.traversal", about="Keeping holes open.", write=_traversal,
        ports=(5004, 5004, 40000, 3478), over="udp", scope="wan", most=3),
    Named(name="vendor.tinc", about="tinc meta connections.", write=_tinc, ports=(655, 55655),
        scope="wan"),
    Named(name="vendor.tinc_udp", about="tinc data.", write=_tinc, ports=(655, 55655), over="udp",
        scope="wan", sport=-1),
)  # fmt: skip
