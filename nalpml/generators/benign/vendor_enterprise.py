"""Enterprise and operator protocols with their own framing.

MS-TDS; RFC 4511 (LDAP), RFC 4120 (Kerberos, TCP lengths in 7.2.2), RFC 5176 and 2866 (RADIUS), RFC
6733 (Diameter), SMPP 3.4, FIX 4.4, HL7 MLLP, RFC 8907 (TACACS+), OpenFlow 1.0 and 1.3, RFC 5036
(LDP), RFC 4271 (BGP), RFC 3435 (MGCP), RFC 2608 (SLP), RFC 5415 (CAPWAP), SCCP as its dissector
describes it, RFC 6143 (RFB), MS-RDPBCGR (X.224 framing), the X11 core protocol, ICA's signature,
AJP 1.3, FastCGI 1.0, rsync's daemon greeting, Z39.50 as BER, RFC 3912 (whois), RFC 1282 (rlogin).
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
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, sized, wait

__all__ = ["PROFILES", "ber"]

Rng = np.random.Generator


def ber(tag: int, text: bytes) -> bytes:
    """One element of X.690 with a definite length."""
    n = len(text)
    size = bytes((n,)) if n < 128 else b"\x81" + bytes((n,)) if n < 256 else b"\x82" + short(n)
    return bytes((tag,)) + size + text


def _tds(rng: Rng, conv: Conversation) -> None:
    def packet(kind: int, text: bytes, k: int = 1) -> bytes:
        size, number = 8 + len(text), 0 if kind != 4 else 51
        return bytes((kind, 1)) + struct.pack(">HHBB", size, number, k & 255, 0) + text

    def said(words: int) -> bytes:
        text = sentence(rng, words).encode("utf-16-le")
        body = struct.pack("<IBBH", 5701, 1, 0, len(text) // 2) + text + b"\0\0" + bytes(4)
        return b"\xab" + struct.pack("<H", len(body)) + body

    done = b"\xfd\x10\0\xc1\0" + bytes(8)
    start = b"\0\0\x15\0\6\1\0\x1b\0\1\2\0\x1c\0\1\3\0\x1d\0\4\xff\x0f\0\x07\xd0\0\0"
    conv.say(0, packet(0x12, start + b"\2\0" + rng.bytes(4)), 1e-3)
    conv.say(1, packet(4, start + b"\2\0" + bytes(4)), wait(rng))
    names = [w.encode("utf-16-le") for w in (word(rng), "sa", "secret", word(rng), hostname(rng))]
    table, at = b"", 94
    for text in names:
        table += struct.pack("<HH", at, len(text) // 2)
        at += len(text)
    head = struct.pack("<IIIII", 0x74000004, 4096, 7, 1234, 0) + b"\xe0\3\0\0" + bytes(8)
    login = head + table + bytes(94 - 36 - len(table)) + b"".join(names)
    conv.say(0, packet(0x10, struct.pack("<I", len(login) + 4) + login), wait(rng))
    conv.say(1, packet(4, said(4) + done), wait(rng))
    rounds(
        rng,
        conv,
        lambda k: packet(1, f"SELECT {word(rng)} WHERE id={k}".encode("utf-16-le")),
        lambda k: packet(4, said(lot(rng, 1, 120)) + done),
    )


def _ldap(rng: Rng, conv: Conversation) -> None:
    def message(k: int, tag: int, text: bytes) -> bytes:
        return ber(0x30, ber(2, bytes((k % 127 + 1,))) + ber(tag, text))

    if conv.proto == 6:
        conv.say(
            0,
            message(
                0,
                0x60,
                b"\2\1\3" + ber(4, f"cn={word(rng)},dc=corp".encode()) + ber(0x80, b"secret"),
            ),
            1e-3,
        )
        conv.say(1, message(0, 0x61, b"\x0a\1\0\4\0\4\0"), wait(rng))
    names = [word(rng).encode() for _ in range(6)]

    def ask(k: int) -> bytes:
        wanted = ber(0x30, b"".join(ber(4, n) for n in names[:3]))
        return message(
            k + 1,
            0x63,
            ber(4, b"dc=corp,dc=example")
            + b"\x0a\1\2\x0a\1\0\2\1\0\2\1\0\1\1\0"
            + ber(0x87, b"objectClass")
            + wanted,
        )

    def answer(k: int) -> bytes:
        rows = b"".join(
            ber(0x30, ber(4, n) + ber(0x31, ber(4, sentence(rng, 3).encode()))) for n in names
        )
        entry = message(k + 1, 0x64, ber(4, f"cn={word(rng)},dc=corp".encode()) + ber(0x30, rows))
        return entry * int(rng.geometric(0.5)) + message(k + 1, 0x65, b"\x0a\1\0\4\0\4\0")

    rounds(rng, conv, ask, answer, most=30)


def _named(kind: int, *names: bytes) -> bytes:
    parts = ber(0x30, b"".join(ber(0x1B, n) for n in names))
    return ber(0x30, ber(0xA0, bytes((2, 1, kind))) + ber(0xA1, parts))


def _sealed(rng: Rng, low: int, high: int) -> bytes:
    return ber(0x30, ber(0xA0, b"\2\1\x12") + ber(0xA2, ber(4, cipher(rng, low, high))))


def _ticket(rng: Rng, realm: bytes) -> bytes:
    service = _named(2, b"krbtgt", realm)
    text = ber(0xA0, b"\2\1\5") + ber(0xA1, ber(0x1B, realm)) + ber(0xA2, service)
    return ber(0x61, ber(0x30, text + ber(0xA3, _sealed(rng, 200, 1000))))


def _kerberos(rng: Rng, conv: Conversation) -> None:
    datagram = conv.proto == 17
    realm, user = f"{word(rng)}.EXAMPLE".upper().encode(), word(rng).encode()

    def wrap(text: bytes) -> bytes:
        return text if datagram else sized(text)

    def ask(kind: int) -> bytes:
        if kind == 10:
            proof = b"\2\1\2", _sealed(rng, 50, 60)
        else:
            claim = ber(0xA0, b"\2\1\5") + ber(0xA1, b"\2\1\x0e") + ber(0xA2, b"\3\5\0\0\0\0\0")
            claim += ber(0xA3, _ticket(rng, realm)) + ber(0xA4, _sealed(rng, 100, 300))
            proof = b"\2\1\1", ber(0x6E, ber(0x30, claim))
        pre = ber(0xA3, ber(0x30, ber(0x30, ber(0xA1, proof[0]) + ber(0xA2, ber(4, proof[1])))))
        body = ber(0xA0, b"\3\5\0\x50\x80\0\x10") + ber(0xA1, _named(1, user)) * (kind == 10)
        body += ber(0xA2, ber(0x1B, realm)) + ber(0xA3, _named(2, b"cifs", word(rng).encode()))
        body += ber(0xA5, ber(0x18, b"20370913024805Z")) + ber(0xA7, ber(2, b"\x11" + rng.bytes(3)))
        body += ber(0xA8, ber(0x30, b"\2\1\x12\2\1\x11\2\1\x17"))
        number = bytes((2, 1, kind))
        text = ber(0xA1, b"\2\1\5") + ber(0xA2, number) + pre + ber(0xA4, ber(0x30, body))
        return wrap(ber(0x60 | kind, ber(0x30, text)))

    def answer(kind: int) -> bytes:
        if rng.random() < 0.25:
            text = ber(0xA0, b"\2\1\5") + ber(0xA1, b"\2\1\x1e")
            text += ber(0xA4, ber(0x18, b"20240109120000Z")) + ber(0xA5, b"\2\2\x12\x34")
            text += ber(0xA6, b"\2\1\7") + ber(0xA9, ber(0x1B, realm))
            return wrap(ber(0x7E, ber(0x30, text + ber(0xAA, _named(2, b"cifs", user)))))
        text = (
            ber(0xA0, b"\2\1\5") + ber(0xA1, bytes((2, 1, kind + 1))) + ber(0xA3, ber(0x1B, realm))
        )
        text += ber(0xA4, _named(1, user)) + ber(0xA5, _ticket(rng, realm))
        return wrap(ber(0x60 | kind + 1, ber(0x30, text + ber(0xA6, _sealed(rng, 100, 300)))))

    for k in range(int(rng.geometric(0.6))):
        kind = 10 if k == 0 and (datagram or rng.random() < 0.5) else 12
        for d, text in ((0, ask(kind)), (1, answer(kind))):
            if not datagram or len(text) < 1400:
                conv.say(d, text, wait(rng))


def _radius(rng: Rng, conv: Conversation) -> None:
    ask, good = pick(rng, ((4, 5), (43, 44), (40, 41), (40, 42), (1, 2)))
    user, session = word(rng).encode(), rng.bytes(8).hex().encode()

    def attributes() -> bytes:
        out = (
            bytes((1, 2 + len(user)))
            + user
            + b"\x04\x06"
            + rng.bytes(4)
            + bytes((44, 18))
            + session
        )
        return (
            out
            + b"\x1a\x17\0\0\0\x09\1\x11"
            + b"shell:priv-lvl="[:15]
            + b"\x28\6\0\0\0\3\x2a\6"
            + rng.bytes(4)
        )

    def frame(code: int, k: int, text: bytes) -> bytes:
        return struct.pack(">BBH", code, k & 255, 20 + len(text)) + rng.bytes(16) + text

    rounds(
        rng,
        conv,
        lambda k: frame(ask, k, attributes()),
        lambda k: frame(good, k, b"" if rng.random() < 0.6 else b"\x12\4ok"),
        most=20,
    )


def _fix(rng: Rng, conv: Conversation) -> None:
    """Tag=value orders and quotes; either side may be the first seen; heartbeats at 30 s."""
    names = (word(rng).upper(), word(rng).upper())
    version, count = pick(rng, ("FIX.4.2", "FIX.4.4", "FIXT.1.1")), [0, 0]

    def frame(d: int, kind: str, more: str) -> bytes:
        count[d] += 1
        body = (
            f"35={kind}\x0134={count[d]}\x0149={names[d]}\x0152=20240109-12:{count[d] % 60:02d}"
            f":01.{count[d] % 1000:03d}\x0156={names[1 - d]}\x01{more}"
        )
        text = f"8={version}\x019={len(body)}\x01{body}".encode()
        return text + f"10={sum(text) % 256:03d}\x01".encode()

    for d in (0, 1):
        conv.say(d, frame(d, "A", "98=0\x01108=30\x01"), wait(rng))
    pace, side = loguniform(rng, 2e-3, 20), float(rng.uniform(0, 1))
    for _ in range(lot(rng, 2, 200)):
        d = int(rng.random() < side)
        kind = pick(rng, ("0", "D", "8", "W", "X", "S"))
        price = f"44={float(rng.uniform(1, 500)):.4f}\x0138={int(rng.integers(1, 900))}\x01"
        conv.say(
            d,
            frame(
                d,
                kind,
                ""
                if kind == "0"
                else f"55={word(rng).upper()}\x0154=1\x01" + price * int(rng.geometric(0.5)),
            ),
            pace * float(rng.exponential()),
        )
        if conv.now > 300:
            break


def _hl7(rng: Rng, conv: Conversation) -> None:
    def frame(text: str) -> bytes:
        return b"\x0b" + text.encode() + b"\x1c\r"

    def ask(k: int) -> bytes:
        name = f"{word(rng)}^{word(rng)}".upper()
        return frame(
            f"MSH|^~\\&|{word(rng).upper()}"
            f"|LAB|EHR|H|202401"
            f"09||ORU^R01|{k}|P|2.3\r"
            f"PID|1||{k * 7}||{name}\r"
            + "".join(
                f"OBX|{j}|NM|{word(rng).upper()}||{float(rng.normal(5)):.1f}|mg/dl\r"
                for j in range(int(rng.integers(1, 20)))
            )
        )

    rounds(
        rng,
        conv,
        ask,
        lambda k: frame(f"MSH|^~\\&|EHR|H|LAB|L|20240109||ACK|{k}|P|2.3\rMSA|AA|{k}\r"),
        most=20,
    )


def _tacacs(rng: Rng, conv: Conversation) -> None:
    """Bodies are XORed with a pad of digests: high entropy behind twelve octets in clear."""
    ident, kind, version = rng.bytes(4), int(pick(rng, (1, 1, 2, 3))), int(pick(rng, (0xC0, 0xC1)))
    for k in range(1, int(pick(rng, (3, 5, 7)))):
        conv.say(
            (k + 1) % 2,
            bytes((version, kind, k, 0)) + ident + sized(cipher(rng, 6, 70)),
            wait(rng) if k % 2 == 0 else loguniform(rng, 0.01, 6),
        )


PROFILES: tuple[Profile, ...] = (
    Named(name="office.tds", about="SQL Server (MS-TDS).", write=_tds, ports=(1433, 1433, 2433),
        most=4),
    Named(name="office.ldap", about="LDAP (RFC 4511).", write=_ldap, ports=(389, 3268), most=5),
    Named(name="office.cldap", about="LDAP over UDP.", write=_ldap, ports=(389,), over="udp"),
    Named(name="office.kerberos", about="Kerberos over TCP (RFC 4120).", write=_kerberos,
        ports=(88,), most=5),
    Named(name="office.kerberos_udp", about="Kerberos over UDP (RFC 4120).", write=_kerberos,
        ports=(88,), over="udp", most=5),
    Named(name="office.radius", about="Accounting, changes, access (RFC 2866, 5176).",
        write=_radius, ports=(1813, 3799, 1812, 1645, 1646), over="udp"),
    Named(name="office.tacacs", about="TACACS+ (RFC 8907).", write=_tacacs, ports=(49,), most=6),
    Named(name="office.hl7", about="HL7 over MLLP.", write=_hl7, ports=(2575, 6661, 6671)),
    Named(name="office.fix", about="FIX sessions.", write=_fix, scope=None,
        ports=(4001, 5001, 9878, 1024, 15001, 20000, 8443, 45578)),
)  # fmt: skip
