"""Sound, pictures and measurements of the path: streams with clear headers.

RFC 2326 and 7826 (RTSP, interleaved RTP), Adobe's RTMP 1.0, ISO 13818-1 over UDP, RFC 3550 and
3711 (RTP, SRTP), the SRT draft, RFC 3261 keep-alives, ITU-T T.38, Agora- and Zoom-like relays
that send thrice, iperf's and Ookla's test streams, TWAMP (RFC 5357), multicast file transfer
(UFTP as dissected), PGM in UDP (RFC 3208), DAAP- and Sonos-like tickers.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import Named, cipher, lot, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _rtp(rng: Rng, kind: int, k: int, begin: tuple[int, int], source: bytes, size: int) -> bytes:
    head = struct.pack(
        ">BBHI",
        0x80,
        kind | (128 if k % 30 == 29 else 0),
        (begin[0] + k) & 0xFFFF,
        (begin[1] + 160 * k) & 0xFFFFFFFF,
    )
    return head + source + rng.bytes(size)


def _rtsp(rng: Rng, conv: Conversation) -> None:
    url, session = f"rtsp://10.0.0.9:8554/{word(rng)}", rng.bytes(4).hex()
    sdp = (
        f"v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns={word(rng)}\r\n"
        f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    )
    for k, verb in enumerate(("OPTIONS", "DESCRIBE", "SETUP", "PLAY")):
        conv.say(
            0,
            f"{verb} {url} RTSP/1.0\r\nCSeq: {k + 1}\r\nUser-Agent: LibVLC/3.0\r\n\r\n".encode(),
            wait(rng),
        )
        more = (
            f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}"
            if k == 1
            else f"Session: {session}\r\n\r\n"
        )
        conv.say(1, f"RTSP/1.0 200 OK\r\nCSeq: {k + 1}\r\n{more}".encode(), wait(rng))
    begin, source, rate = (
        (int(rng.integers(1 << 16)), int(rng.integers(1 << 31))),
        rng.bytes(4),
        float(pick(rng, (15, 25, 30, 60))),
    )
    for k in range(lot(rng, 1, 200)):
        conv.say(
            1, b"$\0" + sized(_rtp(rng, 96, k, begin, source, lot(rng, 60, 1380)), ">H"), 1 / rate
        )
    if rng.random() < 0.5:
        conv.say(
            0, f"TEARDOWN {url} RTSP/1.0\r\nCSeq: 9\r\nSession: {session}\r\n\r\n".encode(), 1.0
        )


def _rtmp(rng: Rng, conv: Conversation) -> None:
    mine, theirs = bytes(8) + rng.bytes(1528), bytes(8) + rng.bytes(1528)
    conv.say(0, b"\3" + mine, 1e-3)
    conv.say(1, b"\3" + theirs + mine, wait(rng))
    conv.say(0, theirs, wait(rng))
    text = (
        b"\2\0\7connect\0\x3f\xf0"
        + bytes(6)
        + b"\3\0\3app\2"
        + sized(word(rng).encode(), ">H")
        + b"\0\0\x09"
    )
    conv.say(
        0, b"\3" + bytes(3) + len(text).to_bytes(3, "big") + b"\x14" + bytes(4) + text, wait(rng)
    )
    conv.say(1, b"\2" + bytes(5) + b"\4\5" + bytes(4) + b"\0\x26\x25\xa0", wait(rng))
    up = int(rng.random() < 0.5)
    for k in range(lot(rng, 2, 200)):
        size = min(128, lot(rng, 20, 400))
        kind = 9 if k % 3 else 8
        conv.say(
            up,
            b"\4"
            + (33 * k).to_bytes(3, "big")
            + size.to_bytes(3, "big")
            + bytes((kind,))
            + b"\1\0\0\0"
            + (b"\x27\1" if kind == 9 else b"\xaf\1")
            + rng.bytes(size - 2),
            0.033,
        )


def _mpegts(rng: Rng, conv: Conversation) -> None:
    """Seven packets of 188 octets a datagram; nulls when there is nothing to send."""
    count, rate = int(rng.integers(16)), float(pick(rng, (50, 100, 200)))
    wrapped = rng.random() < 0.3
    begin, source = (int(rng.integers(1 << 16)), int(rng.integers(1 << 31))), rng.bytes(4)
    for k in range(lot(rng, 1, 250)):
        out = b""
        for _ in range(7):
            empty = rng.random() < 0.1
            count += 1
            out += (
                b"\x47"
                + (b"\x1f\xff" if empty else b"\1\0")
                + bytes((0x10 | count & 15,))
                + (b"\xff" * 184 if empty else rng.bytes(184))
            )
        conv.say(0, (_rtp(rng, 33, k, begin, source, 0) if wrapped else b"") + out, 1 / rate)


def _calls(rng: Rng, conv: Conversation) -> None:
    """RTP without its signalling: one way or both, in clear or as SRTP."""
    kind, size, step = pick(
        rng,
        (
            (0, 160, 0.02),
            (8, 160, 0.02),
            (9, 160, 0.02),
            (18, 20, 0.02),
            (3, 33, 0.02),
            (4, 24, 0.03),
            (111, 90, 0.02),
            (96, 900, 0.01),
            (121, 1100, 0.005),
        ),
    )
    both, secure = rng.random() < 0.7, rng.random() < 0.5
    for d in (0, 1) if both else (int(rng.random() < 0.3),):
        begin, source = (int(rng.integers(1 << 16)), int(rng.integers(1 << 31))), rng.bytes(4)
        for k in range(lot(rng, 1, 400)):
            body = (
                size + (10 if secure else 0)
                if kind in (0, 3, 4, 8, 9, 18)
                else int(rng.integers(size // 3, size))
            )
            conv.at(
                0.01 * d + k * step + float(rng.exponential(step * 0.02)),
                d,
                _rtp(rng, kind, k, begin, source, body),
            )
    conv.now = max(conv.t)


def _sip(rng: Rng, conv: Conversation) -> None:
    """Options, registrations, subscriptions and empty lines; unanswered in some."""
    host, user, call = hostname(rng), word(rng), rng.bytes(6).hex()
    verb, answered = (
        pick(rng, ("OPTIONS", "REGISTER", "SUBSCRIBE", "hello", "")),
        rng.random() < 0.7,
    )
    for k in range(int(rng.integers(1, 12))):
        if verb in ("hello", ""):
            conv.say(
                0,
                pick(rng, (b"\r\n\r\n", b"\0\0\0\0", b"hello", b"jaK\0")),
                float(pick(rng, (10.0, 20.0, 30.0))),
            )
            continue
        head = (
            f"Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK{call}{k}\r\nFrom: <sip:{user}@{host}>;"
            f"tag={call}\r\nTo: <sip:{user}@{host}>\r\nCall-ID: {call}\r\nCSeq: {k + 1} {verb}\r\n"
        )
        conv.say(
            0,
            f"{verb} sip:{host} SIP/2.0\r\n{head}Max-F"
            f"orwards: 70\r\nContent-Length: 0\r\n\r\n".encode(),
            float(pick(rng, (0.5, 1.0, 20.0, 60.0))),
        )
        if answered:
            conv.say(
                1,
                f"SIP/2.0 {pick(rng, ('200 OK', '401 Unauthorized', '404 Not Found'))}"
                f"\r\n{head}Content-Length: 0\r\n\r\n".encode(),
                wait(rng),
            )


def _srt(rng: Rng, conv: Conversation) -> None:
    target, stamp = rng.bytes(4), int(rng.integers(1 << 30))
    hello = struct.pack(">IIIIII", 5, 0x4A17, 1, 1500, 8192, 1) + rng.bytes(8) + bytes(16)
    for d in (0, 1, 0, 1):
        conv.say(d, b"\x80\0\0\0\0\0\0\0" + struct.pack(">I", stamp) + target + hello, wait(rng))
    for k in range(lot(rng, 2, 200)):
        conv.say(
            0,
            struct.pack(">IIII", k, 0xC0000000 | k, stamp + 9000 * k, 7)
            + b"\x47"
            + rng.bytes(1315),
            0.01,
        )
        if k % 10 == 9:
            conv.say(
                1,
                b"\x80\2\0\0"
                + struct.pack(">II", k, stamp)
                + target
                + struct.pack(">IIII", k, 20000, 1000, 8192),
                1e-3,
            )


def _relay(rng: Rng, conv: Conversation) -> None:
    """Real-time relays: each datagram sent two or three times, short reports in between."""
    again, head = int(pick(rng, (2, 3, 3))), rng.bytes(int(pick(rng, (2, 4, 6))))
    token, spread = rng.bytes(8), pick(rng, (0.0, 1e-5, 1e-3))
    for k in range(lot(rng, 1, 40)):
        d = k % 2 if rng.random() < 0.8 else 0
        text = head + short(k) + token[: 4 if d else 8] + cipher(rng, 20, 500)
        for j in range(again):
            conv.say(d, text, spread if j else loguniform(rng, 0.01, 3))


def _speed(rng: Rng, conv: Conversation) -> None:
    """Speed tests: text commands, then one direction full of a repeated or random pattern."""
    fill = rng.bytes(1000) if rng.random() < 0.5 else b"0123456789" * 100
    style = rng.random()
    if style < 0.5:
        conv.say(0, b"HI\r\n", 1e-3)
        conv.say(1, b"HELLO 2.9 (2.9.4) 2023-01-01.0000.000\r\n", wait(rng))
        for _ in range(lot(rng, 1, 12)):
            conv.say(0, f"PING {int(rng.integers(1 << 40))}\r\n".encode(), wait(rng))
            conv.say(1, f"PONG {int(rng.integers(1 << 40))}\r\n".encode(), wait(rng))
        conv.say(0, b"DOWNLOAD 1000000\r\n", wait(rng))
        conv.say(1, b"DOWNLOAD " + fill * lot(rng, 5, 300) + b"\n", wait(rng))
        return
    cookie = rng.bytes(18).hex().encode() + b"\0"
    conv.say(0, cookie, 1e-3)
    if conv.proto == 6 and rng.random() < 0.5:
        conv.say(1, b"\x09", wait(rng))
        conv.say(0, sized(b'{"tcp":true,"omit":0,"time":10,"parallel":1,"len":131072}'), wait(rng))
        for state in (b"\x0a", b"\1", b"\2"):
            conv.say(1, state, wait(rng))
        conv.say(0, b"\4", 10.0)
        return
    conv.say(int(rng.integers(2)), fill * lot(rng, 5, 600), wait(rng))


def _flood(rng: Rng, conv: Conversation) -> None:
    """Datagrams of iperf and TWAMP datagrams: a number and a clock, then a constant fill."""
    size, gap, echo = (
        int(pick(rng, (64, 128, 512, 1250, 1448))),
        loguniform(rng, 5e-4, 0.2),
        rng.random() < 0.3,
    )
    fill = pick(rng, (bytes(size), b"0123456789" * 150, rng.bytes(size)))[: size - 12]
    for k in range(lot(rng, 3, 300)):
        text = struct.pack(">III", k, 1_700_000_000, int(k * gap * 1e6) % 10**6) + fill
        conv.say(0, text, gap)
        if echo:
            conv.say(1, text, 1e-4)


def _ticker(rng: Rng, conv: Conversation) -> None:
    """One-way feeds: market data, positions, file carousels, presence of speakers."""
    head, record = pick(rng, (b"", b"\0\0", word(rng)[:4].encode())), int(rng.integers(8, 60))
    code, seq, pace = (
        pick(rng, (">I", "<I", "<Q", ">H")),
        int(rng.integers(1 << 15)),
        loguniform(rng, 1e-3, 2),
    )
    make = rng.random() < 0.5
    for k in range(lot(rng, 1, 150)):
        n = int(rng.geometric(0.4))
        rows = b"".join(
            struct.pack(">HI", 7, 100 * j) + bytes(record // 2) + rng.bytes(record - record // 2)
            for j in range(n)
        )
        conv.say(
            0,
            head
            + struct.pack(code, seq + k)
            + struct.pack(">H", len(rows))
            + (rows if make else rng.bytes(len(rows)))[:1400],
            pace * float(rng.exponential()),
        )


PROFILES: tuple[Profile, ...] = (
    Named(name="stream.rtsp", about="RTSP, interleaved.", write=_rtsp, ports=(554, 8554)),
    Named(name="stream.rtmp", about="RTMP.", write=_rtmp, ports=(1935,), scope="wan"),
    Named(name="stream.mpegts", about="Transport streams in UDP.", write=_mpegts,
        ports=(1234, 5004, 5500), over="udp", group=0xEF010203),
    Named(name="vendor.calls", about="RTP alone.", write=_calls,
        ports=(16384, 20000, 30022, 40010, 50004), over="udp", scope=None),
    Named(name="stream.sip", about="SIP without a call.", write=_sip, ports=(5060,), over="udp",
        scope=None, sport=-1, most=2),
    Named(name="vendor.srt", about="SRT.", write=_srt, ports=(9000, 4200), over="udp",
        scope="wan"),
    Named(name="vendor.relay", about="Everything thrice.", write=_relay,
        ports=(8130, 4001, 10000, 25000), over="udp", scope="wan", most=6),
    Named(name="vendor.speed", about="Speed tests.", write=_speed, ports=(8080, 5201, 5060, 5001),
        scope="wan", most=4),
    Named(name="vendor.flood", about="Test streams.", write=_flood,
        ports=(5201, 5001, 862, 20100), over="udp"),
    Named(name="vendor.ticker", about="Feeds one way.", write=_ticker,
        ports=(26477, 30001, 6969, 1044, 49153), over="udp", scope=None),
    Named(name="vendor.ticker_group", about="Feeds to a group.", write=_ticker,
        ports=(14310, 31001, 5563), over="udp", group=0xE0010101, most=3),
)  # fmt: skip
