"""Messengers and voice chat: framing in clear, contents encrypted.

After public documents: MTProto transports (core.telegram.org), Noise Pipes in WhatsApp (white
paper and published analyses), RFC 6120 (XMPP), TeamSpeak 3 packets (published analyses), OICQ,
OSCAR and Viber as their dissectors describe them, Discord's voice documentation, RFC 8446 (TLS
records), RFC 3550 (RTP), RFC 3261 (SIP keep-alives). What is not documented (Threema, LINE,
KakaoTalk, push services) is a length and ciphertext here, which is all that shows.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _talk(
    rng: Rng,
    conv: Conversation,
    frame: Callable[[bytes], bytes],
    *,
    most: int = 60,
    beat: bytes = b"",
) -> None:
    """People's messages, receipts and the odd keep-alive, on an open connection."""
    pace = loguniform(rng, 0.3, 30)
    for _ in range(lot(rng, 1, most)):
        d = int(rng.integers(2))
        size = lot(rng, 12, 400) if rng.random() < 0.9 else lot(rng, 400, 20_000)
        conv.say(d, frame(rng.bytes(size)), float(rng.lognormal(np.log(pace), 1)))
        if rng.random() < 0.6:
            conv.say(1 - d, frame(rng.bytes(lot(rng, 10, 60))), wait(rng))
        if rng.random() < 0.15:
            conv.say(0, frame(beat or rng.bytes(17)), float(pick(rng, (10.0, 30.0, 60.0))))
            conv.say(1, frame(beat or rng.bytes(17)), wait(rng))
        if conv.now > 400:
            return


def _length3(text: bytes) -> bytes:
    return len(text).to_bytes(3, "big") + text


def _whatsapp(rng: Rng, conv: Conversation) -> None:
    hello = b"WA" + bytes((int(rng.integers(1, 7)), int(rng.integers(1, 4))))
    if rng.random() < 0.5:
        hello = b"ED\0\1" + _length3(rng.bytes(int(rng.integers(8, 14)))) + hello
    if rng.random() < 0.25:  # the older stream: RC4 over the same lengths
        conv.say(0, b"WA\x01\x05" + _length3(rng.bytes(int(rng.integers(60, 200)))), 1e-3)
    else:
        conv.say(0, hello + _length3(b"\x12\x24\x0a\x20" + rng.bytes(32)), 1e-3)
        key = (
            b"\x1a\xd8\x01\x0a\x20"
            + rng.bytes(32)
            + b"\x12\x30"
            + rng.bytes(48)
            + b"\x1a\x70"
            + rng.bytes(112)
        )
        conv.say(1, _length3(key), wait(rng))
        conv.say(
            0,
            _length3(
                b"\x22\xe5\x02\x0a\x30"
                + rng.bytes(48)
                + b"\x12\x98\x02"
                + rng.bytes(lot(rng, 150, 400))
            ),
            wait(rng),
        )
    conv.say(1, _length3(cipher(rng, 60, 900)), wait(rng))
    _talk(rng, conv, _length3)


def _telegram(rng: Rng, conv: Conversation) -> None:
    """MTProto over TCP: abridged, intermediate, or obfuscated by 64 octets of keys."""
    style = int(rng.integers(3))
    number = [0]

    def frame(text: bytes) -> bytes:
        text += rng.bytes(-len(text) % 4)
        if style == 0:
            words = len(text) // 4
            return (
                bytes((words,)) if words < 127 else b"\x7f" + words.to_bytes(3, "little")
            ) + text
        if style == 1:
            return sized(text, "<I")
        return rng.bytes(4) + text

    first = (b"\xef", b"\xee\xee\xee\xee", rng.bytes(64))[style]
    if rng.random() < 0.4 and style < 2:
        plain = bytes(8) + rng.bytes(8) + struct.pack("<II", 20, 0xBE7E8EF1) + rng.bytes(16)
        conv.say(0, first + frame(plain), 1e-3)
        conv.say(
            1,
            frame(bytes(8) + rng.bytes(8) + struct.pack("<II", 64, 0x05162463) + rng.bytes(64)),
            wait(rng),
        )
    else:
        conv.say(0, first + frame(rng.bytes(8) + rng.bytes(16 * lot(rng, 3, 40))), 1e-3)
        conv.say(1, frame(rng.bytes(8) + rng.bytes(16 * lot(rng, 3, 80))), wait(rng))
    key = rng.bytes(8)

    def later(text: bytes) -> bytes:
        number[0] += 1
        return frame(key + rng.bytes(16) + text + rng.bytes(-len(text) % 16))

    _talk(rng, conv, later)


def _xmpp(rng: Rng, conv: Conversation) -> None:
    host = hostname(rng)
    head = (
        f"<?xml version='1.0'?><stream:stream to='{host}' version='1.0' xmln"
        f"s='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
    )
    conv.say(0, head.encode(), 1e-3)
    conv.say(
        1,
        head.replace("to=", "from=").encode()
        + b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
        b"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><me"
        b"chanism>PLAIN</mechanism></mechanisms></stream:features>",
        wait(rng),
    )
    if rng.random() < 0.4:
        conv.say(0, b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", wait(rng))
        conv.say(1, b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", wait(rng))
        _records(rng, conv)
        return
    secret = base64.b64encode(b"\0" + word(rng).encode() + b"\0secret").decode()
    conv.say(
        0,
        f"<auth xmlns='urn:ietf:params:xml:ns:xmpp"
        f"-sasl' mechanism='PLAIN'>{secret}</auth>".encode(),
        wait(rng),
    )
    conv.say(1, b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", wait(rng))
    for k in range(lot(rng, 1, 50)):
        user = f"{word(rng)}@{host}/{word(rng)}"
        text = pick(
            rng,
            (
                f"<message to='{user}' t"
                f"ype='chat' id='m{k}'><b"
                f"ody>{sentence(rng, int(rng.integers(1, 20)))}"
                f"</body></message>",
                f"<presence from='{user}'><show>away</show></presence>",
                f"<iq type='get' id='p{k}'><ping xmlns='urn:xmpp:ping'/></iq>",
                " ",
                "<r xmlns='urn:xmpp:sm:3'/>",
            ),
        )
        conv.say(int(rng.integers(2)), text.encode(), float(rng.lognormal(1, 1.2)))


def _records(rng: Rng, conv: Conversation, *, minor: int = 3) -> None:
    """TLS records with a resumed or full handshake nobody needs to look into."""

    def record(kind: int, text: bytes) -> bytes:
        return bytes((kind, 3, minor)) + short(len(text)) + text

    hello = (
        b"\x03\x03"
        + rng.bytes(32)
        + b"\x20"
        + rng.bytes(32)
        + b"\0\x06\xc0\x2f\xc0\x30\0\x9c\1\0\0\x0e\0\x0a\0\x04\0\x02\0\x1d\0\x0b\0\x02\1\0"
    )
    conv.say(0, record(0x16, b"\1" + len(hello).to_bytes(3, "big") + hello), 1e-3)
    answer = b"\x03\x03" + rng.bytes(32) + b"\x20" + rng.bytes(32) + b"\xc0\x2f\0"
    conv.say(
        1,
        record(0x16, b"\2" + len(answer).to_bytes(3, "big") + answer)
        + record(0x14, b"\1")
        + record(0x16, rng.bytes(40)),
        wait(rng),
    )
    conv.say(0, record(0x14, b"\1") + record(0x16, rng.bytes(40)), wait(rng))
    _talk(rng, conv, lambda text: record(0x17, text[:16000]))


def _push(rng: Rng, conv: Conversation) -> None:
    """Push services of phones: TLS on their own ports, hours long, mostly silent."""
    _records(rng, conv, minor=int(pick(rng, (1, 3, 3))))


def _lengths(rng: Rng, conv: Conversation) -> None:
    """A length and ciphertext, after keys: Threema, LINE, KakaoTalk, mmtls and their like."""
    code, extra = pick(
        rng, (("<H", 0), (">H", 0), ("<I", 0), (">I", 0), (">H", 2), ("<I", 4), (">I", 4))
    )
    head = pick(
        rng,
        (b"", b"", b"\xc2\xfe\0\x05", b"\xce\xfa\xbe\xba", b"\x19\xf1\x04", word(rng)[:4].encode()),
    )

    def frame(text: bytes) -> bytes:
        return head + sized(text[:60_000], code, extra)

    start, answer = pick(rng, ((48, 80), (64, 64), (144, 64), (200, 120), (280, 300)))
    conv.say(0, rng.bytes(start) if rng.random() < 0.3 else frame(rng.bytes(start)), 1e-3)
    conv.say(1, rng.bytes(answer) if rng.random() < 0.3 else frame(rng.bytes(answer)), wait(rng))
    _talk(rng, conv, frame, beat=b"" if rng.random() < 0.5 else rng.bytes(4))


def _viber(rng: Rng, conv: Conversation) -> None:
    """Lengths little-endian, a type and a sequence number in clear."""
    number = [int(rng.integers(100))]

    def frame(text: bytes) -> bytes:
        number[0] += 1
        return (
            struct.pack("<HH", len(text) + 11, int(rng.integers(1, 5)))
            + b"\xfc\x10\x03"
            + struct.pack("<I", number[0])
            + text
        )

    conv.say(0, struct.pack("<HH", 43, 1) + b"\xfc\xff\x30" + rng.bytes(36), 1e-3)
    conv.say(1, frame(rng.bytes(300)), wait(rng))
    _talk(rng, conv, frame)


def _oicq(rng: Rng, conv: Conversation) -> None:
    version, user = rng.bytes(2), rng.bytes(4)
    rounds(
        rng,
        conv,
        lambda k: (
            b"\2"
            + version
            + short(int(pick(rng, (2, 0x17, 0x1D, 0x58, 0x81, 0x22))))
            + short(k)
            + user
            + rng.bytes(8 * lot(rng, 1, 50))
            + b"\3"
        ),
        lambda k: (
            b"\2" + version + short(0x58) + short(k) + user + rng.bytes(8 * lot(rng, 1, 60)) + b"\3"
            if rng.random() < 0.8
            else b""
        ),
        most=30,
        pause=(0.05, 60),
    )


def _oscar(rng: Rng, conv: Conversation) -> None:
    def flap(k: int, channel: int, text: bytes) -> bytes:
        return bytes((0x2A, channel)) + short(k) + sized(text, ">H")

    conv.say(1, flap(0, 1, b"\0\0\0\1"), wait(rng))
    conv.say(0, flap(0, 1, b"\0\0\0\1\0\6\1\0" + rng.bytes(256)), wait(rng))
    rounds(
        rng,
        conv,
        lambda k: flap(
            k + 1,
            2,
            struct.pack(">HHHI", int(rng.integers(1, 20)), int(rng.integers(1, 24)), 0, k)
            + sentence(rng, 5).encode(),
        ),
        lambda k: flap(
            k + 1,
            2,
            struct.pack(">HHHI", int(rng.integers(1, 20)), int(rng.integers(1, 24)), 0, k)
            + cipher(rng, 4, 200),
        ),
    )


PROFILES: tuple[Profile, ...] = (
    Named(name="vendor.whatsapp", about="WhatsApp: three octets of length.", write=_whatsapp,
        ports=(5222, 5222, 443, 80), scope="wan", most=4),
    Named(name="vendor.telegram", about="MTProto, clear and obfuscated transports.",
        write=_telegram, ports=(443, 443, 80, 5222), scope="wan", most=5),
    Named(name="chat.xmpp", about="XMPP in clear or after STARTTLS (RFC 6120).", write=_xmpp,
        ports=(5222, 5269), scope="wan", most=3),
    Named(name="chat.push", about="Push services over TLS.", write=_push,
        ports=(5223, 5228, 5222, 8883, 5229, 4244), scope="wan", most=3),
    Named(name="vendor.lengths", about="Messengers of a length and ciphertext.", write=_lengths,
        scope="wan", most=5, ports=(5222, 443, 8080, 80, 9282, 5242, 8999, 995, 10191)),
    Named(name="vendor.viber", about="Viber messages.", write=_viber, ports=(4244, 5242, 443),
        scope="wan"),
    Named(name="chat.oicq", about="QQ.", write=_oicq, ports=(8000, 4000), over="udp", scope="wan",
        sport=-1, most=3),
    Named(name="chat.oscar", about="AIM and ICQ.", write=_oscar, ports=(5190, 443), scope="wan"),
)  # fmt: skip
