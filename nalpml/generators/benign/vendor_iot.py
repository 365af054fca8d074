"""Things: plugs, bulbs, hubs, cameras, meters and the monitoring of machines.

Framing after public documents: RFC 7252 (CoAP), MQTT-SN 1.2, KNXnet/IP (ISO 22510), the LIFX LAN
protocol, DLMS/COSEM wrapper (IEC 62056-47), HART-IP (FieldComm TP10300), Zabbix and collectd
protocol pages, munin's node protocol, WS-Discovery 1.1, Syncthing's local discovery v4, Dropbox
LAN sync and Spotify Connect as their dissectors describe them, and published analyses of
TP-Link, Tuya, miIO and Ubiquiti discovery.
"""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np

from nalpml.generators._content import loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_bodies import autokey, document
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _info(rng: Rng, size: int) -> bytes:
    return json.dumps(
        document(rng, [word(rng) for _ in range(12)], size), separators=(",", ":")
    ).encode()


def _plug_shout(rng: Rng, conv: Conversation) -> None:
    ask = autokey(
        pick(
            rng,
            (
                b'{"system":{"get_sysinfo":{}}}',
                b'{"system":{"get_sysinfo":null}}',
                b'{"smartlife.iot.common.cloud":{"get_info":{}},"system":{"get_sysinfo":{}}}',
            ),
        )
    )
    for _ in range(int(rng.geometric(0.4))):
        conv.say(0, ask, loguniform(rng, 0.3, 60))


def _plug(rng: Rng, conv: Conversation) -> None:
    def ask(k: int) -> bytes:
        verb = pick(rng, ("get_sysinfo", "get_realtime", "set_relay_state", "get_time"))
        return sized(
            autokey(json.dumps({pick(rng, ("system", "emeter", "time")): {verb: {}}}).encode())
        )

    rounds(rng, conv, ask, lambda k: sized(autokey(_info(rng, lot(rng, 60, 900)))), most=20)


def _tuya(rng: Rng, conv: Conversation) -> None:
    def frame(k: int, command: int, body: bytes) -> bytes:
        head = struct.pack(">IIII", 0x55AA, k, command, len(body) + 8) + body
        return head + struct.pack(">II", zlib.crc32(head), 0xAA55)

    for k in range(lot(rng, 2, 40)):
        beat = rng.random() < 0.7
        command = 9 if beat else int(pick(rng, (7, 10, 13)))
        body = b"" if beat else b"3.3" + bytes(12) + rng.bytes(16 * lot(rng, 1, 12))
        conv.say(
            0, frame(k, command, body), float(pick(rng, (9.0, 10.0, 15.0))) if beat else wait(rng)
        )
        conv.say(1, frame(k, command, bytes(4) + body[15:]), wait(rng))


def _tuya_shout(rng: Rng, conv: Conversation) -> None:
    body = bytes(4) + rng.bytes(16 * int(rng.integers(8, 14)))
    head = struct.pack(">IIII", 0x55AA, 0, 0x13, len(body) + 8) + body
    for _ in range(int(rng.integers(1, 30))):
        conv.say(
            0, head + struct.pack(">II", zlib.crc32(head), 0xAA55), float(pick(rng, (3.0, 5.0)))
        )


def _miio(rng: Rng, conv: Conversation) -> None:
    device, stamp = rng.bytes(4), int(rng.integers(1 << 24))
    conv.say(0, b"\x21\x31\x00\x20" + b"\xff" * 28, 0.0)
    conv.say(
        1,
        b"\x21\x31\x00\x20" + bytes(4) + device + struct.pack(">I", stamp) + b"\xff" * 16,
        wait(rng),
    )

    def frame(k: int) -> bytes:
        body = rng.bytes(16 * lot(rng, 2, 25))
        return (
            b"\x21\x31"
            + short(32 + len(body))
            + bytes(4)
            + device
            + struct.pack(">I", stamp + k)
            + rng.bytes(16)
            + body
        )

    rounds(rng, conv, frame, frame, most=20)


def _lifx(rng: Rng, conv: Conversation) -> None:
    source, target = rng.bytes(4), rng.bytes(6) + b"\0\0"

    def frame(k: int, kind: int, size: int) -> bytes:
        body = bytes(size // 2) + rng.bytes(size - size // 2)
        return (
            struct.pack("<HH", 36 + size, 0x1400)
            + source
            + target
            + bytes(6)
            + bytes((3, k & 255))
            + bytes(8)
            + struct.pack("<HH", kind, 0)
            + body
        )

    rounds(rng, conv, lambda k: frame(k, 101, 0), lambda k: frame(k, 107, 52), most=40)


def _coap(rng: Rng, conv: Conversation) -> None:
    first, token = int(rng.integers(1 << 16)), rng.bytes(int(rng.integers(0, 9)))
    path = b"".join(
        bytes(((0xB0 if j == 0 else 0) | min(12, len(p)),)) + p[:12]
        for j, p in enumerate(word(rng).encode() for _ in range(int(rng.integers(1, 4))))
    )
    confirm = rng.random() < 0.6
    style = int(rng.integers(3))

    def body() -> bytes:
        if style == 0:
            return b"\xff" + _info(rng, lot(rng, 20, 300))
        return b"\xff" + (
            f"{float(rng.normal(21)):.1f}".encode()
            if style == 1
            else b"\xbf" + cipher(rng, 8, 90) + b"\xff"
        )

    def ask(k: int) -> bytes:
        code = int(pick(rng, (1, 1, 1, 2, 3)))
        kind = 0x40 if confirm else 0x50
        return (
            bytes((kind | len(token), code))
            + short(first + k)
            + token
            + path
            + (body() if code > 1 else b"")
        )

    def answer(k: int) -> bytes:
        code = int(pick(rng, (0x45, 0x45, 0x44, 0x84)))
        return (
            bytes(((0x60 if confirm else 0x50) | len(token), code))
            + short(first + k)
            + token
            + b"\xc1\x32"
            + body()
        )

    rounds(rng, conv, ask, answer if rng.random() < 0.85 else lambda k: b"", most=40)


def _knx(rng: Rng, conv: Conversation) -> None:
    channel = int(rng.integers(1, 255))

    def frame(service: int, body: bytes) -> bytes:
        return struct.pack(">BBHH", 6, 16, service, 6 + len(body)) + body

    hpai = b"\x08\x01" + conv.ends.client.v4.to_bytes(4, "big") + short(3671)
    conv.say(0, frame(0x205, hpai * 2 + b"\x04\x04\x02\x00"), 1e-3)
    conv.say(1, frame(0x206, bytes((channel, 0)) + hpai + b"\x04\x04\x11\x01"), wait(rng))
    for k in range(lot(rng, 1, 60)):
        d = int(rng.integers(2))
        if rng.random() < 0.2:
            conv.say(0, frame(0x207, bytes((channel, 0)) + hpai), 10.0)
            conv.say(1, frame(0x208, bytes((channel, 0))), wait(rng))
            continue
        cemi = (
            b"\x29\x00\xbc\xe0"
            + rng.bytes(2)
            + struct.pack(">H", int(rng.integers(1, 4000)))
            + b"\x01\x00"
            + bytes((0x80 | int(rng.integers(2)),))
        )
        conv.say(d, frame(0x420, bytes((4, channel, k & 255, 0)) + cemi), loguniform(rng, 0.05, 8))
        conv.say(1 - d, frame(0x421, bytes((4, channel, k & 255, 0))), wait(rng))


def _dlms(rng: Rng, conv: Conversation) -> None:
    def frame(d: int, body: bytes) -> bytes:
        ends = (16, 1) if d == 0 else (1, 16)
        return struct.pack(">HHHH", 1, *ends, len(body)) + body

    conv.say(
        0,
        frame(
            0,
            b"\x60\x1d\xa1\x09\x06\x07\x60\x85\x74\x05\x08\x01\x01\xbe\x10"
            b"\x04\x0e\x01\0\0\0\x06\x5f\x1f\x04\0\0\x7e\x1f\x04\xb0",
        ),
        1e-3,
    )
    conv.say(
        1,
        frame(
            1,
            b"\x61\x29\xa1\x09\x06\x07\x60\x85\x74\x05\x08\x01\x01\xa2\x03\x02\x01\0"
            + rng.bytes(24),
        ),
        wait(rng),
    )

    def ask(k: int) -> bytes:
        return frame(
            0, b"\xc0\x01\xc1\0" + bytes((3, 1, 0, int(rng.integers(1, 99)), 8, 0, 255, 2, 0))
        )

    def answer(k: int) -> bytes:
        return frame(
            1,
            b"\xc4\x01\xc1\0"
            + pick(
                rng,
                (
                    b"\x06" + rng.bytes(4),
                    b"\x09\x0c" + rng.bytes(12),
                    b"\x01\x82" + sized(rng.bytes(200), ">H"),
                ),
            ),
        )

    rounds(rng, conv, ask, answer, most=50)


def _hart(rng: Rng, conv: Conversation) -> None:
    def frame(kind: int, ident: int, k: int, body: bytes) -> bytes:
        return struct.pack(">BBBBHH", 1, kind, ident, 0, k & 0xFFFF, 8 + len(body)) + body

    conv.say(0, frame(0, 0, 1, b"\x01\0\0\x75\x30"), 1e-3)
    conv.say(1, frame(1, 0, 1, b"\x01\0\0\x75\x30"), wait(rng))
    address = rng.bytes(4)
    rounds(
        rng,
        conv,
        lambda k: frame(0, 3, k + 2, b"\x82\xa6" + address + bytes((k % 4, 0, 0x2C))),
        lambda k: frame(
            1, 3, k + 2, b"\x86\xa6" + address + bytes((k % 4, 14, 0, 0x50)) + rng.bytes(13)
        ),
    )


def _ubnt(rng: Rng, conv: Conversation) -> None:
    name = word(rng).encode()
    for _ in range(int(rng.integers(1, 6))):
        conv.say(0, b"\x01\0\0\0", loguniform(rng, 0.5, 20))
        if rng.random() < 0.4:
            tlv = (
                b"\x01"
                + sized(rng.bytes(6), ">H")
                + b"\x0b"
                + sized(name, ">H")
                + b"\x03"
                + sized(b"v6.6.55." + name, ">H")
            )
            conv.say(1, b"\x01\0" + sized(tlv, ">H"), wait(rng))


def _wsd(rng: Rng, conv: Conversation) -> None:
    ident = rng.bytes(16).hex()
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope '
        f'xmlns:soap="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/add'
        f'ressing"><soap:Header><wsa:To>urn:schemas-xmlsoap-org'
        f":ws:2005:04:discovery</wsa:To><wsa:MessageID>urn:uu"
        f"id:{ident}</wsa:MessageID></soap:Header><soap:Body>"
        f"<wsd:Probe><wsd:Types>wsdp:{word(rng)}</wsd:T"
        f"ypes></wsd:Probe></soap:Body></soap:Envelope>"
    ).encode()
    for k in range(int(rng.integers(1, 8))):
        conv.say(0, text, loguniform(rng, 0.05, 0.5) if k % 2 else loguniform(rng, 1, 60))


def _shouted(rng: Rng, conv: Conversation) -> None:
    """Discovery by file synchronisation, music and game clients."""
    text = {
        17500: json.dumps(
            {
                "host_int": int(rng.integers(1 << 60)),
                "version": [2, 0],
                "displayname": "",
                "port": 17500,
                "namespaces": rng.integers(1 << 30, size=int(rng.integers(1, 9))).tolist(),
            }
        ).encode(),
        57621: b"SpotUdp0"
        + rng.bytes(8)
        + b"\0\1\0\4H\x95\xc2\x03"
        + rng.bytes(16 if rng.random() < 0.5 else 4),
        21027: b"\x2e\xa7\xd9\x0b\x0a\x20"
        + rng.bytes(32)
        + b"\x12\x14"
        + b"tcp://0.0.0.0:22000\0"
        + b"\x18"
        + rng.bytes(9),
        27036: b"\xff\xff\xff\xff\x21\x4c\x5f\xa0"
        + sized(b"\x09" + rng.bytes(8) + b"\x10\0", "<I")
        + sized(b"\x08\1", "<I"),
        2190: f"tivoconnect=1\nmethod=broadcast\nplatform=tcd/{word(rng)}"
        f"\nmachine={word(rng)}\nidentity=652\n".encode(),
        3671: b"\x06\x10\x02\x01\x00\x0e\x08\x01" + rng.bytes(4) + b"\x0e\x57",
        5353: bytes(4) + b"\0\1" + bytes(6) + b"\x0b_googlecast\x04_tcp\x05local\0\0\x0c\0\1",
        1900: b"M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\n"
        b'MAN:"ssdp:discover"\r\nMX:3\r\nST:roku:ecp\r\n\r\n',
    }.get(conv.dport, json.dumps({"cmd": word(rng), "id": word(rng)}).encode())
    for _ in range(int(rng.integers(1, 10))):
        conv.say(0, text, float(pick(rng, (1.0, 5.0, 30.0, 30.0, 60.0))))


_ALL = 0xFFFFFFFF

PROFILES: tuple[Profile, ...] = (
    Named(name="iot.plug_shout", about="TP-Link discovery: JSON under a running key.",
        write=_plug_shout, ports=(9999,), over="udp", group=_ALL),
    Named(name="iot.plug", about="TP-Link control: the same behind a length.", write=_plug,
        ports=(9999,), most=6),
    Named(name="vendor.tuya", about="Tuya local control.", write=_tuya, ports=(6668,)),
    Named(name="iot.tuya_shout", about="Tuya announcements.", write=_tuya_shout,
        ports=(6666, 6667), over="udp", group=_ALL),
    Named(name="iot.miio", about="Xiaomi miIO.", write=_miio, ports=(54321,), over="udp"),
    Named(name="iot.lifx", about="LIFX bulbs.", write=_lifx, ports=(56700,), over="udp",
        sport=-1),
    Named(name="iot.coap", about="CoAP (RFC 7252).", write=_coap, ports=(5683,), over="udp",
        scope=None, most=4),
    Named(name="iot.knx", about="KNXnet/IP tunnelling.", write=_knx, ports=(3671,), over="udp",
        sport=-1),
    Named(name="iot.dlms", about="DLMS/COSEM meters.", write=_dlms, ports=(4059, 4060, 4061)),
    Named(name="iot.hart", about="HART-IP.", write=_hart, ports=(5094,), over="udp"),
    Named(name="iot.ubnt", about="Ubiquiti discovery.", write=_ubnt, ports=(10001,), over="udp",
        most=5),
    Named(name="iot.wsd", about="WS-Discovery.", write=_wsd, ports=(3702,), over="udp",
        group=0xEFFFFFFA),
    Named(name="iot.shouts", about="Dropbox, Spotify, Syncthing, Steam, TiVo discovery.",
        write=_shouted, sport=-1, ports=(17500, 57621, 21027, 27036, 2190, 8610, 17500, 57621),
        over="udp", group=_ALL),
)  # fmt: skip
