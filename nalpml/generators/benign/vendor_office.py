"""Desks and consoles: remote screens, terminals, telephony control, small text services.

RFC 6143 (RFB), MS-RDPBCGR, the X11 core protocol, ICA's signature, the XDMCP specification, RFC
1282 (rlogin), rsh(1), RFC 3912 (whois), RFC 1288 (finger), RFC 862 to 864 (echo, discard,
chargen), rsync's daemon greeting, ANSI Z39.50, RFC 3435 (MGCP), RFC 3525 (Megaco), SCCP as
dissected, RFC 2608 (SLP), RFC 3414 (SNMPv3), RFC 5905 and mode 6 of ntpq, RFC 5425 and RELP (log
transport), RFC 2347 (TFTP options). Consoles of devices speak line by line, with prompts: the
nearest honest thing to a shell.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import (
    file_octets,
    hostname,
    loguniform,
    output,
    pick,
    sentence,
    word,
)
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_enterprise import ber
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _rfb(rng: Rng, conv: Conversation) -> None:
    version = pick(rng, (b"RFB 003.008\n", b"RFB 003.007\n", b"RFB 003.003\n"))
    conv.say(1, version, wait(rng))
    conv.say(0, version, wait(rng))
    secure = rng.random() < 0.7
    if version.endswith(b"3\n"):
        conv.say(1, struct.pack(">I", 2 if secure else 1), wait(rng))
    else:
        conv.say(1, b"\2\2\x10" if secure else b"\1\1", wait(rng))
        conv.say(0, b"\2" if secure else b"\1", wait(rng))
    if secure:
        conv.say(1, rng.bytes(16), wait(rng))
        conv.say(0, rng.bytes(16), wait(rng))
    if secure or b"8" in version:
        conv.say(1, bytes(4), wait(rng))
    if rng.random() < 0.2:
        return
    conv.say(0, b"\1", wait(rng))
    conv.say(
        1,
        struct.pack(">HHBBBBHHHBBB", 1280, 800, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
        + bytes(3)
        + sized(word(rng).encode()),
        wait(rng),
    )
    conv.say(0, b"\2\0\0\3" + struct.pack(">iii", 16, 5, 0), wait(rng))
    for _ in range(lot(rng, 1, 60)):
        u = rng.random()
        if u < 0.4:
            conv.say(0, b"\3\1" + struct.pack(">HHHH", 0, 0, 1280, 800), wait(rng))
        elif u < 0.7:
            conv.say(
                0,
                b"\5\0" + struct.pack(">HH", int(rng.integers(1280)), int(rng.integers(800))),
                loguniform(rng, 0.01, 2),
            )
        else:
            conv.say(
                0,
                b"\4\1\0\0" + struct.pack(">I", int(rng.integers(32, 127))),
                loguniform(rng, 0.05, 3),
            )
        if rng.random() < 0.5:
            n = lot(rng, 20, 20_000)
            conv.say(
                1,
                b"\0\0\0\1" + struct.pack(">HHHHi", 0, 0, 64, 64, 16) + sized(rng.bytes(n)),
                wait(rng),
            )


def _ica(rng: Rng, conv: Conversation) -> None:
    """Citrix: a signature both ways, then compressed and obscured virtual channels."""
    for d in (1, 0):
        conv.say(d, b"\x7f\x7fICA\0", wait(rng))
    key = int(rng.integers(1, 256))
    for _ in range(lot(rng, 3, 120)):
        d = int(rng.random() < 0.6)
        text = file_octets(rng, lot(rng, 3, 1200))
        conv.say(
            d,
            bytes((len(text) & 255, len(text) >> 8 & 255)) + bytes(b ^ key for b in text),
            loguniform(rng, 5e-3, 3),
        )


def _x11(rng: Rng, conv: Conversation) -> None:
    conv.say(0, b"l\0\x0b\0\0\0\x12\0\x10\0\0\0MIT-MAGIC-COOKIE-1\0\0" + rng.bytes(16), 1e-3)
    conv.say(
        1,
        b"\1\0\x0b\0\0\0"
        + struct.pack("<H", 40)
        + struct.pack("<IIII", 11906000, 0x400000, 0x1FFFFF, 256)
        + bytes(144),
        wait(rng),
    )
    for k in range(lot(rng, 2, 80)):
        name = word(rng).encode()
        n = 2 + (len(name) + 3) // 4
        conv.say(
            0,
            struct.pack("<BBHHH", 16, 0, n, len(name), 0) + name + bytes(-len(name) % 4),
            loguniform(rng, 1e-3, 2),
        )
        conv.say(
            1,
            struct.pack("<BBHIII", 1, 0, k + 1, 0, int(rng.integers(500)), 0) + bytes(16),
            wait(rng),
        )


def _xdmcp(rng: Rng, conv: Conversation) -> None:
    for _ in range(int(rng.integers(1, 4))):
        conv.say(0, b"\0\1\0\2\0\1\0", 2.0)
        if rng.random() < 0.7:
            text = (
                short(0) + sized(hostname(rng).encode(), ">H") + sized(b"Willing to manage", ">H")
            )
            conv.say(1, b"\0\1\0\5" + short(len(text)) + text, wait(rng))


def _login(rng: Rng, conv: Conversation) -> None:
    """rlogin, rsh and rexec: names between zeros, then a terminal or a command's output."""
    user = word(rng).encode()
    if conv.dport == 513:
        conv.say(0, b"\0", 1e-3)
        conv.say(0, user + b"\0" + user + b"\0xterm/38400\0", 1e-3)
        conv.say(1, b"\0", wait(rng))
        for _ in range(lot(rng, 1, 8)):
            for key in word(rng).encode() + b"\r":
                conv.say(0, bytes((key,)), float(rng.lognormal(-1.8, 0.5)))
                conv.say(1, bytes((key,)), 1e-3)
            conv.say(
                1, output(rng, lot(rng, 10, 3000)).replace(b"\n", b"\r\n") + b"\r\n% ", wait(rng)
            )
        return
    conv.say(0, b"%d\0" % int(rng.integers(1000)), 1e-3)
    conv.say(
        0,
        user + b"\0" + user + b"\0" + pick(rng, (b"uptime", b"df -k", b"ls", b"date")) + b"\0",
        1e-3,
    )
    conv.say(1, b"\0", wait(rng))
    conv.say(1, output(rng, lot(rng, 10, 4000)), wait(rng))


def _asked(rng: Rng, conv: Conversation) -> None:
    """whois, finger, daytime, gopher: a line, an answer, the end."""
    if conv.dport == 13:
        conv.say(1, b"Tue Jan  9 12:00:00 2024\r\n", wait(rng))
        return
    conv.say(0, pick(rng, (hostname(rng), word(rng), f"/{word(rng)}")).encode() + b"\r\n", 1e-3)
    conv.say(1, output(rng, lot(rng, 40, 6000)).replace(b"\n", b"\r\n"), loguniform(rng, 1e-3, 0.5))


def _small(rng: Rng, conv: Conversation) -> None:
    """echo, discard and chargen."""
    text = pick(
        rng, (rng.bytes(lot(rng, 1, 1000)), sentence(rng, 8).encode(), bytes(lot(rng, 1, 500)))
    )
    for _ in range(lot(rng, 1, 20)):
        conv.say(0, text, float(pick(rng, (0.1, 1.0, 1.0, 10.0))))
        if conv.dport == 7:
            conv.say(1, text, 5e-5)
        elif conv.dport == 19:
            conv.say(1, bytes(range(32, 104)) + b"\r\n", 5e-5)


def _rsync(rng: Rng, conv: Conversation) -> None:
    conv.say(1, b"@RSYNCD: 31.0\n", wait(rng))
    conv.say(0, b"@RSYNCD: 31.0\n", wait(rng))
    conv.say(0, word(rng).encode() + b"\n", wait(rng))
    conv.say(1, b"@RSYNCD: OK\n", wait(rng))
    conv.say(
        0,
        b"--server\n--sender\n-vlogDtpre.iLsfxCIvu\n.\n" + word(rng).encode() + b"/\n\n",
        wait(rng),
    )
    for _ in range(lot(rng, 2, 40)):
        n = lot(rng, 4, 30_000)
        conv.say(
            int(rng.random() < 0.7),
            struct.pack("<I", 7 << 24 | n) + file_octets(rng, n),
            loguniform(rng, 1e-4, 0.5),
        )


def _z3950(rng: Rng, conv: Conversation) -> None:
    conv.say(
        0,
        ber(
            0xB4,
            b"\x83\2\5\xe0\x84\2\3\x98\x85\3\4\0\0\x86\3\4\0\0"
            + ber(0x9F, b"")[:0]
            + b"\x9f\x6e\2"
            + b"81",
        ),
        1e-3,
    )
    conv.say(1, ber(0xB5, b"\x83\2\5\xe0\x84\2\3\x98\x85\3\4\0\0\x86\3\4\0\0\x8c\1\xff"), wait(rng))
    rounds(
        rng,
        conv,
        lambda k: ber(
            0xB6, b"\x8d\1\0\x8e\1\1\x8f\1\1\x90\1\xff\x91\7default" + ber(0xB5, word(rng).encode())
        ),
        lambda k: ber(0xB7, b"\x97\2\0\x40\x98\1\1" + ber(0xBC, output(rng, lot(rng, 60, 3000)))),
        most=12,
    )


_PROMPTS = ("> ", "# ", ">>> ", "OK\r\n", "ready\r\n", "\r\n> ", "CLI> ", ": ", "")


def _console(rng: Rng, conv: Conversation) -> None:
    """Text consoles of UPS, PBX, printers, players, caches and boards: verbs, values, prompts."""
    prompt, verbs = pick(rng, _PROMPTS).encode(), [word(rng) for _ in range(8)]
    end = pick(rng, (b"\r\n", b"\n", b"\r"))
    if rng.random() < 0.7:
        conv.say(
            1,
            f"{word(rng).title()} {word(rng)} v{int(rng.integers(9))}"
            f".{int(rng.integers(30))}".encode()
            + end
            + prompt,
            wait(rng),
        )
    person = rng.random() < 0.5
    pause = loguniform(rng, 0.01, 20)
    for _ in range(lot(rng, 1, 40)):
        line = (
            " ".join((pick(rng, verbs), pick(rng, ("", word(rng), "17")))).strip().upper()
            if rng.random() < 0.3
            else pick(rng, verbs)
        )
        conv.say(0, line.encode() + end, float(rng.lognormal(1, 0.8)) if person else pause)
        style = rng.random()
        if style < 0.4:
            text = pick(
                rng, (b"OK", b"ERR 3", b"ACK", f"{float(rng.normal(230)):.1f}".encode(), b"1")
            )
        elif style < 0.7:
            text = end.join(
                f"{word(rng)}{pick(rng, ('=', ': ', ' '))}{int(rng.integers(9999))}".encode()
                for _ in range(lot(rng, 1, 20))
            )
        else:
            text = output(rng, lot(rng, 20, 2500)).replace(b"\n", end)
        conv.say(1, text + end + prompt, wait(rng))


def _support(rng: Rng, conv: Conversation) -> None:
    """Remote support tools: commands with a constant, a size and ciphertext; pings; bursts."""
    head, code = pick(
        rng,
        (
            (b"\x17\x24", "<B"),
            (b"\x11\x30", "<I"),
            (b"\1\0\0\0\1\0\0\0", "<I"),
            (rng.bytes(4), ">I"),
            (b"\x41\x4e", "<H"),
        ),
    )

    def frame(kind: int, text: bytes) -> bytes:
        if code == "<B":
            return head + bytes((kind,)) + struct.pack("<H", len(text)) + text
        return head + struct.pack(code, len(text) & 0xFFFF) + bytes((kind,)) + text

    for d in (0, 1):
        conv.say(d, frame(0x10 + d, word(rng).encode() + rng.bytes(lot(rng, 10, 300))), wait(rng))
    for _ in range(lot(rng, 1, 80)):
        u = rng.random()
        if u < 0.3:
            conv.say(0, frame(0x1B, b""), float(pick(rng, (5.0, 10.0, 30.0))))
            conv.say(1, frame(0x1B, b""), wait(rng))
        elif u < 0.6:
            conv.say(0, frame(0x2E, cipher(rng, 8, 100)), loguniform(rng, 0.02, 3))
        else:
            conv.say(1, frame(0x2E, cipher(rng, 40, 9000)), loguniform(rng, 0.02, 2))


PROFILES: tuple[Profile, ...] = (
    Named(name="desk.rfb", about="VNC.", write=_rfb, ports=(5900, 5901)),
    Named(name="desk.ica", about="Citrix.", write=_ica, ports=(1494,)),
    Named(name="desk.x11", about="X11.", write=_x11, ports=(6000, 6010)),
    Named(name="desk.xdmcp", about="XDMCP.", write=_xdmcp, ports=(177,), over="udp"),
    Named(name="vendor.support", about="Remote support.", write=_support,
        ports=(5938, 4899, 7070, 6568, 443), scope="wan", most=2),
    Named(name="vendor.console", about="Text consoles of devices.", write=_console, most=2,
        ports=(3493, 4242, 5038, 6600, 9090, 2000, 23000, 4001, 10001, 1705, 50000)),
    Named(name="desk.login", about="rlogin, rsh.", write=_login, ports=(513, 514), sport=1023),
    Named(name="desk.asked", about="whois, finger, daytime.", write=_asked, ports=(43, 79, 13),
        scope=None, most=3),
    Named(name="desk.small", about="echo, discard, chargen.", write=_small, ports=(7, 9, 19)),
    Named(name="desk.small_udp", about="echo, discard, chargen.", write=_small, ports=(7, 9, 19),
        over="udp"),
    Named(name="desk.rsync", about="rsync daemons.", write=_rsync, ports=(873,)),
    Named(name="vendor.z3950", about="Library catalogues.", write=_z3950, ports=(210, 9991),
        scope="wan"),
)  # fmt: skip
