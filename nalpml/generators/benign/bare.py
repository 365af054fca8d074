"""Ordinary services that speak bare TCP or UDP: the honest twins of raw shells, files and beacons.

Printers (raw port 9100 with PJL, RFC 1179), Graphite's and StatsD's plain text, GELF, NMEA 0183
over TCP (IEC 61162-1 sentences), APRS-IS, gpsd, MPD, SCPI instruments (port 5025), serial device
servers, Checkmk agents, text games, and programs of one's own that write lines or small records.
Formats as their manuals give them; sizes and rhythms are drawn.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from functools import reduce
from operator import xor as exclusive_or

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
from nalpml.generators.benign.bare_lines import Lines, Shots
from nalpml.generators.benign.vendor_named import Named, lot, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator

_LIMIT = 300.0


def _printer(rng: Rng, conv: Conversation) -> None:
    """A job between PJL commands, or bare PostScript; the printer may report its state."""
    uel = b"\x1b%-12345X"
    if rng.random() < 0.4:
        conv.say(0, uel + b"@PJL INFO STATUS\r\n" + uel, 1e-3)
        status = b'@PJL INFO STATUS\r\nCODE=10001\r\nDISPLAY="Ready"\r\nONLINE=TRUE\r\n\x0c'
        conv.say(1, status, loguniform(rng, 2e-3, 0.2))
    size = lot(rng, 2_000, 800_000)
    style = pick(rng, ("pcl", "ps", "pdf", "text"))
    if style == "ps":
        body = b"%!PS-Adobe-3.0\n" + output(rng, size)
    elif style == "text":
        body = output(rng, min(size, 20_000)) + b"\x0c"
    else:
        language = b"PCL" if style == "pcl" else b"PDF"
        job = f'@PJL JOB NAME="{sentence(rng, 3)}"\r\n@PJL SET COPIES=1\r\n'.encode()
        body = uel + job + b"@PJL ENTER LANGUAGE=" + language + b"\r\n" + file_octets(rng, size)
    step = int(pick(rng, (4096, 8192, 65536)))
    slow = loguniform(rng, 1e-3, 0.2) if rng.random() < 0.4 else 1e-5
    for low in range(0, len(body), step):
        conv.say(0, body[low : low + step], slow)
    if rng.random() < 0.5:
        conv.say(0, uel + b"@PJL EOJ\r\n" + uel, 1e-3)


def _lpd(rng: Rng, conv: Conversation) -> None:
    queue = word(rng).encode()
    conv.say(0, b"\x02" + queue + b"\n", 1e-3)
    conv.say(1, b"\0", wait(rng))
    host, user = word(rng), word(rng)
    control = f"H{host}\nP{user}\nJ{sentence(rng, 2)}\nldfA001{host}\nN{word(rng)}.txt\n".encode()
    for kind, body in ((2, control), (3, file_octets(rng, lot(rng, 500, 200_000)))):
        name = ("c" if kind == 2 else "d") + f"fA001{host}"
        conv.say(0, bytes((kind,)) + f"{len(body)} {name}\n".encode(), 1e-3)
        conv.say(1, b"\0", wait(rng))
        conv.say(0, body + b"\0", 1e-4)
        conv.say(1, b"\0", wait(rng))


def _repeat(
    rng: Rng,
    conv: Conversation,
    write: Callable[[int], bytes],
    d: int,
    *,
    period: tuple[float, float] = (0.05, 30.0),
) -> None:
    """Records of one side at an interval, exact or not, as long as there is time."""
    gap, exact = loguniform(rng, *period), rng.random() < 0.5
    gap = float(max(0.05, round(gap, 1 if gap > 0.1 else 2))) if exact else gap
    for k in range(lot(rng, 3, 250)):
        spread = float(rng.normal()) * 2e-3 if exact else gap * (float(rng.exponential()) - 1)
        conv.say(d, write(k), max(1e-4, gap + spread))
        if conv.now > _LIMIT:
            return


def _graphite(rng: Rng, conv: Conversation) -> None:
    host = word(rng)
    names = [f"servers.{host}.{word(rng)}.{word(rng)}" for _ in range(lot(rng, 1, 60))]
    clock = 1_700_000_000 + int(rng.integers(1 << 24))

    def batch(k: int) -> bytes:
        values = rng.lognormal(2, 2, len(names)).tolist()
        lines = [f"{n} {v:.2f} {clock + 10 * k}\n" for n, v in zip(names, values, strict=True)]
        return "".join(lines).encode()

    _repeat(rng, conv, batch, 0, period=(1.0, 60.0))


def _statsd(rng: Rng, conv: Conversation) -> None:
    names = [f"{word(rng)}.{word(rng)}" for _ in range(lot(rng, 1, 20))]
    end = b"" if conv.proto == 17 and rng.random() < 0.7 else b"\n"

    def line(k: int) -> bytes:
        kind = pick(rng, ("1|c", f"{int(rng.integers(1000))}|ms", f"{int(rng.integers(100))}|g"))
        tags = "|#env:prod" if k % 3 == 0 else ""
        return f"{pick(rng, names)}:{kind}{tags}".encode() + end

    _repeat(rng, conv, line, 0, period=(0.005, 5.0))


def _gelf(rng: Rng, conv: Conversation) -> None:
    host = hostname(rng)

    def message(k: int) -> bytes:
        made = {
            "version": "1.1",
            "host": host,
            "short_message": sentence(rng, lot(rng, 2, 30)),
            "timestamp": 1.7e9 + k,
            "level": int(rng.integers(8)),
            "_app": word(rng),
        }
        return json.dumps(made).encode() + (b"\0" if conv.proto == 6 else b"")

    _repeat(rng, conv, message, 0)


def _sentence_0183(rng: Rng, k: int) -> bytes:
    kind = pick(rng, ("GPGGA", "GPRMC", "GPVTG", "HEHDT", "WIMWV", "SDDBT", "AIVDM"))
    if kind == "AIVDM":
        alphabet = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
        load = "".join(alphabet[i] for i in rng.integers(0, 64, 28).tolist())
        body = f"AIVDM,1,1,,{pick(rng, 'AB')},{load},0"
    else:
        fields = [f"{float(v):.2f}" for v in rng.uniform(0, 180, lot(rng, 2, 12)).tolist()]
        body = f"{kind},{120000 + k % 6000:06d}.00,{','.join(fields)},A"
    check = reduce(exclusive_or, body.encode(), 0)
    mark = "!" if kind == "AIVDM" else "$"
    return f"{mark}{body}*{check:02X}\r\n".encode()


def _nmea(rng: Rng, conv: Conversation) -> None:
    """A multiplexer on board or ashore; the listener says nothing (over UDP: the sender alone)."""
    _repeat(
        rng,
        conv,
        lambda k: b"".join(_sentence_0183(rng, k) for _ in range(int(rng.integers(1, 5)))),
        0 if conv.proto == 17 else 1,
        period=(0.1, 2.0),
    )


def _aprs(rng: Rng, conv: Conversation) -> None:
    call = word(rng)[:5].upper() + str(int(rng.integers(10)))
    conv.say(1, b"# aprsc 2.1.14-g5e22b37\r\n", wait(rng))
    conv.say(0, f"user {call} pass -1 vers nalogger 1.0 filter r/48/11/100\r\n".encode(), 0.01)
    conv.say(1, f"# logresp {call} unverified, server T2{word(rng).upper()}\r\n".encode(), 0.02)
    _repeat(
        rng,
        conv,
        lambda k: f"{word(rng)[:6].upper()}>APRS,TCPIP*:={sentence(rng, 4)}\r\n".encode(),
        1,
    )


def _gpsd(rng: Rng, conv: Conversation) -> None:
    conv.say(1, b'{"class":"VERSION","release":"3.22","proto_major":3,"proto_minor":14}\r\n', 1e-3)
    conv.say(0, b'?WATCH={"enable":true,"json":true};\n', wait(rng))
    conv.say(1, b'{"class":"DEVICES","devices":[{"path":"/dev/ttyS0"}]}\r\n', 2e-3)

    def fix(k: int) -> bytes:
        lat, lon = (float(v) for v in rng.normal((48, 11), 1e-4))
        return f'{{"class":"TPV","mode":3,"lat":{lat:.9f},"lon":{lon:.9f},"n":{k}}}\r\n'.encode()

    _repeat(rng, conv, fix, 1, period=(0.9, 1.1))


def _instrument(rng: Rng, conv: Conversation) -> None:
    """SCPI: short queries, shorter readings, sometimes a block of samples (IEEE 488.2)."""
    conv.say(0, b"*IDN?\n", 1e-3)
    name = f"{word(rng).upper()} INC,MODEL{int(rng.integers(9999))},SN{int(rng.integers(1 << 20))}"
    conv.say(1, f"{name},1.02\n".encode(), wait(rng))
    ask = pick(rng, (b"MEAS:VOLT:DC?\n", b"READ?\n", b":FETC?\n", b"MEAS:CURR? CH1\n"))
    gap = loguniform(rng, 0.01, 5)
    for _ in range(lot(rng, 3, 120)):
        conv.say(0, ask if rng.random() < 0.9 else b"CONF:VOLT 10\n", gap)
        if rng.random() < 0.06:
            size = lot(rng, 500, 40_000)
            samples = rng.normal(128, 20, size).astype(np.uint8).tobytes()
            conv.say(1, b"#8%08d" % size + samples + b"\n", 0.05)
        else:
            conv.say(1, f"{float(rng.normal()):+.8E}\n".encode(), loguniform(rng, 2e-3, 0.2))
        if conv.now > _LIMIT:
            return


def _serial(rng: Rng, conv: Conversation) -> None:
    """A scale, reader or controller behind a serial device server, over bare TCP."""
    style = pick(rng, ("scale", "reader", "ask"))
    if style == "ask":
        unit = int(rng.integers(1, 32))
        gap = loguniform(rng, 0.1, 5)
        for k in range(lot(rng, 5, 150)):
            conv.say(0, b"\x02" + f"{unit:02d}RD{k % 8:02d}".encode() + b"\x03", gap)
            conv.say(1, b"\x02" + f"{float(rng.normal(20, 2)):07.2f}".encode() + b"\x03", 0.03)
            if conv.now > _LIMIT:
                return
        return
    if style == "scale":
        _repeat(rng, conv, lambda k: f"ST,GS,+{float(rng.gamma(3)):08.3f}kg\r\n".encode(), 1)
    else:
        _repeat(rng, conv, lambda k: b"%013d\r" % int(rng.integers(10**12)), 1)


def _agent(rng: Rng, conv: Conversation) -> None:
    """Checkmk: the agent prints its sections to whoever connects, and closes."""
    sections = "".join(
        f"<<<{word(rng)}>>>\n{output(rng, lot(rng, 30, 3000)).decode()}\n"
        for _ in range(lot(rng, 5, 40))
    )
    text = f"<<<check_mk>>>\nVersion: 2.1.0p{int(rng.integers(40))}\nAgentOS: linux\n" + sections
    conv.say(1, text.encode(), loguniform(rng, 5e-3, 1.0))
    conv.closer = 1


def _player(rng: Rng, conv: Conversation) -> None:
    conv.say(1, b"OK MPD 0.23.5\n", wait(rng))
    for _ in range(lot(rng, 2, 60)):
        conv.say(0, pick(rng, (b"status\n", b"currentsong\n", b"idle player\n", b"next\n")), 0.05)
        state = f"volume: 40\nsong: {int(rng.integers(90))}\nTitle: {sentence(rng, 3)}\nOK\n"
        conv.say(1, state.encode() if rng.random() < 0.8 else b"OK\n", loguniform(rng, 1e-3, 20))
        if conv.now > _LIMIT:
            return


def _game(rng: Rng, conv: Conversation) -> None:
    """A text game or chess server: a person types, a world answers; no echo."""
    prompt = pick(rng, (b"> ", b"fics% ", b"<100hp 80m> ", b""))
    conv.say(1, b"Welcome to " + word(rng).title().encode() + b"\r\n\r\nlogin: ", wait(rng))
    conv.say(0, word(rng).encode() + b"\r\n", loguniform(rng, 0.5, 8))
    pace = loguniform(rng, 0.8, 12)
    verbs = ("look", "north", "say hi", "kill rat", "inventory", "e2e4", "who", "get all", "s")
    for _ in range(lot(rng, 4, 80)):
        text = output(rng, lot(rng, 20, 2500)).replace(b"\n", b"\r\n")
        conv.say(1, text + b"\r\n" + prompt, loguniform(rng, 2e-3, 0.5))
        if rng.random() < 0.2:
            conv.say(1, sentence(rng, 7).encode() + b"\r\n" + prompt, loguniform(rng, 0.2, 6))
        conv.say(0, pick(rng, verbs).encode() + b"\r\n", float(rng.lognormal(np.log(pace), 0.8)))
        if conv.now > _LIMIT:
            return


def _ident(rng: Rng, conv: Conversation) -> None:
    ports = f"{int(rng.integers(1024, 65535))}, {int(rng.integers(1, 1024))}"
    conv.say(0, ports.encode() + b"\r\n", 1e-3)
    conv.say(1, f"{ports} : USERID : UNIX : {word(rng)}\r\n".encode(), wait(rng))


def _news(rng: Rng, conv: Conversation) -> None:
    """NNTP and Gopher alike: a greeting or none, short requests, dotted text."""
    if conv.dport == 119:
        conv.say(1, f"200 {hostname(rng)} InterNetNews ready\r\n".encode(), wait(rng))
    for _ in range(lot(rng, 1, 30) if conv.dport == 119 else 1):
        ask = f"ARTICLE {int(rng.integers(1 << 20))}" if conv.dport == 119 else f"/{word(rng)}"
        conv.say(0, ask.encode() + b"\r\n", loguniform(rng, 1e-3, 5))
        text = output(rng, lot(rng, 200, 20_000)).replace(b"\n", b"\r\n")
        conv.say(1, b"220 article\r\n" * (conv.dport == 119) + text + b"\r\n.\r\n", wait(rng))


def _lights(rng: Rng, conv: Conversation) -> None:
    """Art-Net and sACN-like levels: fixed frames at a rate, never answered."""
    universe, level = int(rng.integers(16)), rng.integers(0, 256, 512, dtype=np.uint8)
    rate = pick(rng, (10.0, 25.0, 40.0))
    for k in range(lot(rng, 20, 500)):
        level[int(rng.integers(512))] = int(rng.integers(256))
        head = b"Art-Net\0\0\x50\0\x0e" + bytes((k % 255 + 1, 0)) + struct.pack("<H", universe)
        conv.say(0, head + struct.pack(">H", 512) + level.tobytes(), 1 / rate)


PROFILES: tuple[Profile, ...] = (
    Named(name="bare.printer", about="Jobs to raw port 9100.", write=_printer,
          ports=(9100, 9100, 9101)),
    Named(name="bare.lpd", about="Jobs by LPD (RFC 1179).", write=_lpd, ports=(515,)),
    Named(name="bare.graphite", about="Carbon's plain text.", write=_graphite, ports=(2003, 2023)),
    Named(name="bare.statsd", about="StatsD over UDP.", write=_statsd, ports=(8125, 8126, 9125),
          over="udp", most=12),
    Named(name="bare.statsd_tcp", about="StatsD over TCP.", write=_statsd, ports=(8125, 8126)),
    Named(name="bare.gelf", about="Graylog's JSON over TCP.", write=_gelf, ports=(12201,)),
    Named(name="bare.gelf_udp", about="Graylog's JSON over UDP.", write=_gelf, ports=(12201,),
          over="udp"),
    Named(name="bare.nmea", about="NMEA 0183 from a multiplexer.", write=_nmea,
          ports=(10110, 2000, 39150)),
    Named(name="bare.nmea_udp", about="NMEA 0183 and AIS to a station.", write=_nmea,
          ports=(10110, 5321), over="udp", scope=None),
    Named(name="bare.aprs", about="APRS-IS.", write=_aprs, ports=(14580, 14579), scope="wan"),
    Named(name="bare.gpsd", about="gpsd's JSON.", write=_gpsd, ports=(2947,)),
    Named(name="bare.instrument", about="SCPI over a socket.", write=_instrument,
          ports=(5025, 5555, 5024)),
    Named(name="bare.serial", about="Devices behind serial servers.", write=_serial,
          ports=(4001, 4002, 10001, 7001, 950)),
    Named(name="bare.agent", about="Checkmk agents.", write=_agent, ports=(6556,), most=4),
    Named(name="bare.player", about="Music Player Daemon.", write=_player, ports=(6600,)),
    Named(name="bare.game", about="Text games and chess servers.", write=_game,
          ports=(4000, 5000, 4242, 7777, 23), scope="wan"),
    Named(name="bare.ident", about="Ident (RFC 1413).", write=_ident, ports=(113,), scope="wan"),
    Named(name="bare.news", about="NNTP and Gopher (RFC 3977, RFC 1436).", write=_news,
          ports=(119, 70), scope="wan"),
    Named(name="bare.lights", about="Stage lighting levels.", write=_lights, ports=(6454, 5568),
          over="udp"),
    Lines(name="bare.lines", about="Programs of one's own that write lines over TCP."),
    Lines(name="bare.feed", about="Readings as text or records, one way, over TCP.",
          rhythms=("feed",)),
    Shots(name="bare.shots", about="A socket for every small report over UDP, mostly unanswered."),
    Shots(name="bare.drops", about="A connection for every small report over TCP.", over="tcp"),
)  # fmt: skip
