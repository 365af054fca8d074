"""Telephony control and services of a site.

RFC 3435 (MGCP), RFC 3525 (Megaco), SCCP as dissected, RFC 2608 (SLP), RFC 3414 (SNMPv3), RFC
5905 and mode 6 of ntpq, RFC 5425 and RELP (log transport).
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import (
    hostname,
    loguniform,
    pick,
    sentence,
    word,
)
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_enterprise import ber
from nalpml.generators.benign.vendor_named import Named, lot, rounds, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _mgcp(rng: Rng, conv: Conversation) -> None:
    gateway = f"aaln/{int(rng.integers(24))}@{word(rng)}"

    def ask(k: int) -> bytes:
        verb = pick(rng, ("RQNT", "NTFY", "CRCX", "MDCX", "AUEP", "DLCX"))
        return (
            f"{verb} {1000 + k} {gateway} MGCP 1.0\r\nX: {rng.bytes(3).hex()}"
            f"\r\nR: L/hd(N), L/hf(N)\r\n".encode()
        )

    rounds(rng, conv, ask, lambda k: f"200 {1000 + k} OK\r\n".encode(), most=20, pause=(0.05, 20))


def _megaco(rng: Rng, conv: Conversation) -> None:
    def message(d: int, text: str) -> bytes:
        return f"MEGACO/1 [10.0.0.{d + 1}]:2944\r\n{text}\r\n".encode()

    rounds(
        rng,
        conv,
        lambda k: message(
            0,
            f"Transaction = {k + 1} {{\r\n Context = - {{\r\n  Aud"
            f"itValue = {word(rng)} {{ Audit {{ }} }}\r\n }}\r\n}}",
        ),
        lambda k: message(
            1, f"Reply = {k + 1} {{\r\n Context = - {{\r\n  AuditValue = {word(rng)}\r\n }}\r\n}}"
        ),
        most=40,
    )


def _sccp(rng: Rng, conv: Conversation) -> None:
    def frame(kind: int, text: bytes) -> bytes:
        return struct.pack("<III", len(text) + 4, 0, kind) + text

    conv.say(
        0,
        frame(
            1,
            b"SEP001122334455\0"
            + bytes(4)
            + struct.pack("<I", 1)
            + rng.bytes(4)
            + struct.pack("<I", 7)
            + bytes(8),
        ),
        1e-3,
    )
    conv.say(
        1,
        frame(0x81, struct.pack("<I", 30) + b"M/D/Y\0\0\0" + struct.pack("<II", 30, 0)),
        wait(rng),
    )
    for _ in range(lot(rng, 2, 40)):
        if rng.random() < 0.5:
            conv.say(0, frame(0, b""), float(pick(rng, (10.0, 30.0))))
            conv.say(1, frame(0x100, b""), wait(rng))
        else:
            kind, size = pick(rng, ((0x86, 12), (0x88, 4)))
            conv.say(
                1,
                frame(
                    kind,
                    b"".join(struct.pack("<I", int(rng.integers(1, 9))) for _ in range(size // 4)),
                ),
                wait(rng),
            )


def _slp(rng: Rng, conv: Conversation) -> None:
    kinds = ("printer", "wbem", "directory-agent", "x-hpnp-discover", "VMwareInfrastructure")
    service = f"service:{pick(rng, kinds)}".encode()
    first, two = int(rng.integers(1 << 16)), rng.random() < 0.8

    def header(kind: int, k: int, n: int, flags: int) -> bytes:
        if two:
            return (
                bytes((2, kind))
                + (14 + 2 + n).to_bytes(3, "big")
                + short(flags)
                + bytes(3)
                + short(first + k)
                + b"\0\2en"
            )
        return bytes((1, kind)) + short(12 + n) + bytes((0, 0)) + b"en\0\3" + short(first + k)

    again = rng.random() < 0.5
    for k in range(int(rng.integers(1, 8))):
        text = b"\0\0" + sized(service, ">H") + b"\0\7default\0\0" + (b"\0\0" if two else b"")
        conv.say(
            0,
            header(1, 0 if again else k, len(text), 0x2000) + text,
            float(pick(rng, (0.5, 1.0, 2.0, 60.0))),
        )
        if two and rng.random() < 0.35:
            url = service + b"://" + hostname(rng).encode()
            text = b"\0\0\0\1\0\x0e\x10" + sized(url, ">H") + b"\0"
            conv.say(1, header(2, 0 if again else k, len(text), 0) + text, wait(rng))


def _snmp3(rng: Rng, conv: Conversation) -> None:
    engine, user = b"\x80\0\x1f\x88\x04" + rng.bytes(8), word(rng).encode()
    secret = rng.random() < 0.6

    def message(k: int, tag: int, flags: int) -> bytes:
        head = ber(
            0x30,
            ber(2, struct.pack(">I", 1000 + k))
            + ber(2, b"\0\xff\xe3")
            + ber(4, bytes((flags,)))
            + ber(2, b"\3"),
        )
        salt = rng.bytes(8) if flags & 2 else b""
        usm = ber(
            4,
            ber(
                0x30,
                ber(4, engine)
                + ber(2, b"\5")
                + ber(2, struct.pack(">I", 90000 + k))
                + ber(4, user)
                + ber(4, rng.bytes(12) if flags & 1 else b"")
                + ber(4, salt),
            ),
        )
        oid = ber(
            6, b"\x2b\6\1\2\1\2\2\1" + bytes((int(rng.integers(1, 22)), int(rng.integers(1, 50))))
        )
        value = b"\5\0" if tag == 0xA0 else ber(0x41, struct.pack(">I", int(rng.integers(1 << 31))))
        pdu = ber(
            tag,
            ber(2, struct.pack(">I", k + 1))
            + b"\2\1\0\2\1\0"
            + ber(0x30, ber(0x30, oid + value) * 3),
        )
        text = (
            ber(4, rng.bytes(8 * lot(rng, 8, 60)))
            if flags & 2
            else ber(0x30, ber(4, engine) + ber(4, b"") + pdu)
        )
        return ber(0x30, ber(2, b"\3") + head + usm + text)

    flags = 7 if secret else 4
    rounds(
        rng, conv, lambda k: message(k, 0xA0, flags), lambda k: message(k, 0xA2, flags & 3), most=30
    )


def _ntp(rng: Rng, conv: Conversation) -> None:
    """Symmetric peers with digests, broadcast, and the questions of ntpq."""
    style = rng.random()
    if style < 0.35:
        for k in range(lot(rng, 1, 15)):
            conv.say(
                0,
                struct.pack(">BBHHHHH", 0x16, 2, k + 1, 0, 0, 0, 0),
                float(pick(rng, (0.01, 1.0, 60.0))),
            )
            text = (
                f'version="ntpd 4.2.8", stratum=2, offset={float(rng.normal()):.3f}'
                f", refid={word(rng)}".encode()
            )
            text += bytes(-len(text) % 4)
            conv.say(
                1,
                struct.pack(">BBHHHHH", 0x16, 0x82, k + 1, 0x0615, 0, 0, len(text)) + text,
                wait(rng),
            )
        return
    digest = pick(
        rng, (b"", struct.pack(">I", 5) + rng.bytes(16), struct.pack(">I", 9) + rng.bytes(20))
    )
    mode = int(pick(rng, (1, 5, 3)))
    for _ in range(lot(rng, 1, 20)):
        stamp = struct.pack(">I", 3_900_000_000) + rng.bytes(4)
        head = bytes((0x20 | mode, 2, 6, 0xE9)) + b"\0\0\4\0\0\0\x10\0" + rng.bytes(4) + stamp * 4
        conv.say(
            0,
            head + digest[:4] + rng.bytes(max(0, len(digest) - 4)),
            float(pick(rng, (1.0, 2.0, 16.0, 64.0))),
        )
        if mode != 5 and rng.random() < 0.7:
            conv.say(
                1,
                bytes((0x20 | (4 if mode == 3 else 2),))
                + head[1:]
                + digest[:4]
                + rng.bytes(max(0, len(digest) - 4)),
                wait(rng),
            )


def _logs(rng: Rng, conv: Conversation) -> None:
    """Counted lines (RFC 5425), RELP, Graylog's zero-ended JSON, Logstash's windows."""
    style = int(rng.integers(4))
    for k in range(lot(rng, 1, 80)):
        line = (
            f"<{int(rng.integers(192))}>1 2024-01-09T12:00:00Z {word(rng)} "
            f"{word(rng)} {k} - - {sentence(rng, int(rng.integers(2, 30)))}"
        )
        if style == 0:
            text = f"{len(line)} {line}".encode()
        elif style == 1:
            text = f"{k + 1} syslog {len(line)} {line}\n".encode()
        elif style == 2:
            text = f'{{"version":"1.1","host":"{word(rng)}","short_message":"{line}"}}\0'.encode()
        else:
            text = (
                b"2W" + struct.pack(">I", 1) + b"2J" + struct.pack(">I", k) + sized(line.encode())
            )
        conv.say(0, text, loguniform(rng, 1e-3, 10))
        if style == 1:
            conv.say(1, f"{k + 1} rsp 6 200 OK\n".encode(), wait(rng))
        elif style == 3:
            conv.say(1, b"2A" + struct.pack(">I", k), wait(rng))


PROFILES: tuple[Profile, ...] = (
    Named(name="desk.mgcp", about="MGCP.", write=_mgcp, ports=(2427, 2727), over="udp", sport=-1),
    Named(name="desk.megaco", about="Megaco.", write=_megaco, ports=(2944,), over="udp",
        sport=-1),
    Named(name="desk.sccp", about="Cisco telephones.", write=_sccp, ports=(2000,)),
    Named(name="desk.slp", about="Service location.", write=_slp, ports=(427,), over="udp",
        most=3),
    Named(name="desk.slp_group", about="Service location to its group.", write=_slp, ports=(427,),
        over="udp", group=0xEFFFFFFD),
    Named(name="desk.snmp3", about="SNMPv3.", write=_snmp3, ports=(161, 162), over="udp", most=2),
    Named(name="desk.ntp", about="Peers and questions.", write=_ntp, ports=(123,), over="udp",
        sport=-1, scope=None),
    Named(name="vendor.logs", about="Log transport.", write=_logs,
        ports=(514, 601, 6514, 12201, 5044, 2514), most=2),
)  # fmt: skip
