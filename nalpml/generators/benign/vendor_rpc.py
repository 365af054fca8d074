"""Remote calls, storage, brokers and data stores with binary framing.

RFC 5531 and 1813 (ONC RPC, NFS), RFC 7143 (iSCSI), RFC 9113 (HTTP/2) with gRPC, AMQP 0-9-1, the NATS
and STOMP pages, ZooKeeper's jute records, Cassandra's native protocol v4, Elasticsearch's transport
header, Kafka's protocol guide, ZMTP 1 and 3, Ceph's messenger v1, the Rx header (AFS), C706
(DCE RPC), Java RMI (JRMP), AJP 1.3, FastCGI 1.0, beanstalkd- and Thrift-like frames.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from nalpml.generators._content import file_octets, hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_bodies import body
from nalpml.generators.benign.vendor_named import Named, cipher, lot, rounds, short, sized, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _text(value: str) -> bytes:
    return sized(value.encode(), ">H")


def _onc(rng: Rng, conv: Conversation) -> None:
    """Portmapper, mount and NFS calls; record marks on TCP."""
    first, stream = int(rng.integers(1 << 31)), conv.proto == 6
    handle = sized(rng.bytes(32))
    program, version = {111: (100000, 2), 2049: (100003, 3)}.get(conv.dport, (100005, 3))
    kinds: list[int] = []

    def wrap(text: bytes) -> bytes:
        return struct.pack(">I", 0x80000000 | len(text)) + text if stream else text

    def block() -> bytes:
        return sized(file_octets(rng, 4 * lot(rng, 1, 2000 if stream else 240)))

    def ask(k: int) -> bytes:
        kinds.append({100000: 3, 100005: 1}.get(program, int(pick(rng, (1, 1, 6, 7)))))
        unix = b"\0\0\0\1\0\0\0\x18" + rng.bytes(4) + sized(b"node") + bytes(12)
        data = handle
        if program == 100000:
            data = struct.pack(">IIII", 100003, 3, 6, 0)
        elif program == 100005:
            data = sized(f"/srv/{word(rng)}".encode().ljust(12, b"a")[:12])
        elif kinds[-1] == 6:
            data += struct.pack(">QI", 4096 * k, 4096)
        elif kinds[-1] == 7:
            text = block()
            data += struct.pack(">QII", 4096 * k, len(text) - 4, 2) + text
        call = struct.pack(">IIIIII", first + k, 0, 2, program, version, kinds[-1])
        return wrap(call + unix + bytes(8) + data)

    def answer(k: int) -> bytes:
        attributes = struct.pack(">IIIIIQQ", 1, 0o644, 1, 0, 0, 4096, 4096) + bytes(8) + rng.bytes(16) + bytes(24)
        if program == 100000:
            data = struct.pack(">I", 2049)
        elif program == 100005:
            data = bytes(4) + handle + struct.pack(">II", 1, 1)
        elif kinds[-1] == 1:
            data = bytes(4) + attributes
        elif kinds[-1] == 6:
            text = block()
            data = bytes(4) + struct.pack(">I", 1) + attributes + struct.pack(">II", len(text) - 4, 0) + text
        else:
            data = bytes(12) + struct.pack(">II", 4096, 2) + rng.bytes(8)
        return wrap(struct.pack(">IIIIII", first + k, 1, 0, 0, 0, 0) + data)

    rounds(rng, conv, ask, answer, most=50, pause=(1e-4, 5))


def _iscsi(rng: Rng, conv: Conversation) -> None:
    def pdu(op: int, flags: int, k: int, data: bytes) -> bytes:
        return bytes((op, flags, 0, 0, 0)) + len(data).to_bytes(3, "big") + bytes(8) + struct.pack(">III", k, len(data), k) + bytes(20) + data + bytes(-len(data) % 4)

    conv.say(0, pdu(0x43, 0x87, 0, f"InitiatorName=iqn.1993-08.org.debian:{word(rng)}\0SessionType=Normal\0AuthMethod=None\0".encode()), 1e-3)
    conv.say(1, pdu(0x23, 0x87, 0, b"TargetPortalGroupTag=1\0AuthMethod=None\0"), wait(rng))
    for k in range(lot(rng, 2, 40)):
        if rng.random() < 0.15:
            conv.say(1, pdu(0x20, 0x80, k, b""), 5.0)
            conv.say(0, pdu(0x40, 0x80, k, b""), wait(rng))
        else:
            conv.say(0, pdu(1, 0xC1, k, b""), loguniform(rng, 1e-4, 3))
            conv.say(1, pdu(0x25, 0x81, k, file_octets(rng, 512 * int(rng.integers(1, 64)))), wait(rng))


def _grpc(rng: Rng, conv: Conversation) -> None:
    """HTTP/2 with prior knowledge: preface, settings, headers by HPACK, data, pings."""
    def frame(kind: int, flags: int, stream: int, text: bytes) -> bytes:
        return len(text).to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + text

    make = body(rng, "protobuf")
    path = f"/{word(rng)}.{word(rng)}/{word(rng).title()}".encode()
    head = b"\x83\x86\x44" + bytes((len(path),)) + path + b"\x5f\x10application/grpc" + b"\x7a" + bytes((8,)) + b"grpc-go/"
    conv.say(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"\0\2\0\0\0\0\0\4\0\0\xff\xff"), 1e-3)
    conv.say(1, frame(4, 0, 0, b"\0\5\0\0\x40\0") + frame(4, 1, 0, b""), wait(rng))
    conv.say(0, frame(4, 1, 0, b""), wait(rng))
    pace = loguniform(rng, 1e-3, 10)
    for k in range(lot(rng, 1, 60)):
        if rng.random() < 0.15:
            token = rng.bytes(8)
            conv.say(0, frame(6, 0, 0, token), float(pick(rng, (1.0, 10.0, 30.0))))
            conv.say(1, frame(6, 1, 0, token), wait(rng))
            continue
        text = make(lot(rng, 5, 500))
        conv.say(0, frame(1, 4, 2 * k + 1, head if k == 0 else b"\x83\x86\xc2\xc1\xc0") + frame(0, 1, 2 * k + 1, b"\0" + sized(text)), pace * float(rng.exponential()))
        text = make(lot(rng, 5, 3000))
        conv.say(1, frame(1, 4, 2 * k + 1, b"\x88\xc0") + frame(0, 0, 2 * k + 1, b"\0" + sized(text)) + frame(1, 5, 2 * k + 1, b"\xbf"), wait(rng))


def _amqp(rng: Rng, conv: Conversation) -> None:
    def frame(kind: int, channel: int, text: bytes) -> bytes:
        return struct.pack(">BHI", kind, channel, len(text)) + text + b"\xce"

    conv.say(0, b"AMQP\0\0\x09\1", 1e-3)
    conv.say(1, frame(1, 0, b"\0\x0a\0\x0a\0\x09" + sized(b"\x07productS" + sized(b"RabbitMQ")) + sized(b"PLAIN") + sized(b"en_US")), wait(rng))
    conv.say(0, frame(1, 0, b"\0\x0a\0\x0b" + bytes(4) + b"\x05PLAIN" + sized(b"\0guest\0guest") + b"\x05en_US"), wait(rng))
    conv.say(1, frame(1, 0, b"\0\x0a\0\x1e\x07\xff\0\2\0\0\0\x3c"), wait(rng))
    conv.say(0, frame(1, 0, b"\0\x0a\0\x1f\x07\xff\0\2\0\0\0\x3c") + frame(1, 0, b"\0\x0a\0\x28\1/\0\0"), wait(rng))
    conv.say(1, frame(1, 0, b"\0\x0a\0\x29\0"), wait(rng))
    make, pace = body(rng, pick(rng, ("json", "packed", "protobuf", "xml"))), loguniform(rng, 5e-3, 10)
    name = word(rng).encode()[:40]
    for _ in range(lot(rng, 1, 60)):
        if rng.random() < 0.15:
            conv.say(int(rng.integers(2)), frame(8, 0, b""), 30.0)
            continue
        text = make(lot(rng, 20, 2000))
        conv.say(int(rng.random() < 0.5), frame(1, 1, b"\0\x3c\0\x28\0\0\0" + bytes((len(name),)) + name + b"\0") + frame(2, 1, b"\0\x3c\0\0" + struct.pack(">QH", len(text), 0)) + frame(3, 1, text), pace * float(rng.exponential()))


def _lines(rng: Rng, conv: Conversation) -> None:
    """NATS, STOMP and work queues: commands in lines, bodies by count or zero."""
    style, name = int(rng.integers(3)), f"{word(rng)}.{word(rng)}"
    make = body(rng, pick(rng, ("json", "pairs", "protobuf")))
    if style == 0:
        conv.say(1, b'INFO {"server_id":"N","version":"2.9.1","go":"go1.19","max_payload":1048576}\r\n', wait(rng))
        conv.say(0, f'CONNECT {{"verbose":false,"lang":"go"}}\r\nPING\r\nSUB {name} 1\r\n'.encode(), wait(rng))
        conv.say(1, b"PONG\r\n", wait(rng))
    elif style == 1:
        conv.say(0, f"CONNECT\naccept-version:1.2\nhost:{hostname(rng)}\n\n\0".encode(), 1e-3)
        conv.say(1, b"CONNECTED\nversion:1.2\nheart-beat:10000,10000\n\n\0", wait(rng))
    pace = loguniform(rng, 0.01, 10)
    for k in range(lot(rng, 1, 60)):
        text = make(lot(rng, 10, 800))
        n, d = len(text), int(rng.integers(2))
        if style == 0:
            conv.say(d, (f"PUB {name} {n}\r\n" if d == 0 else f"MSG {name} 1 {n}\r\n").encode() + text + b"\r\n", pace * float(rng.exponential()))
        elif style == 1:
            conv.say(d, f"{'SEND' if d == 0 else 'MESSAGE'}\ndestination:/queue/{name}\ncontent-length:{n}\n\n".encode() + text + b"\0", pace * float(rng.exponential()))
        else:
            conv.say(0, f"put 0 0 60 {n}\r\n".encode() + text + b"\r\n", pace)
            conv.say(1, f"INSERTED {k}\r\n".encode(), wait(rng))
        if rng.random() < 0.1:
            conv.say(0, (b"PING\r\n", b"\n", b"watch t\r\n")[style], 10.0)
            conv.say(1, (b"PONG\r\n", b"\n", b"WATCHING 2\r\n")[style], wait(rng))


def _zookeeper(rng: Rng, conv: Conversation) -> None:
    if rng.random() < 0.2:
        conv.say(0, pick(rng, (b"ruok", b"stat", b"mntr")), 1e-3)
        conv.say(1, b"imok" if rng.random() < 0.5 else f"Zookeeper version: 3.6.3\nNode count: {int(rng.integers(999))}\n".encode(), wait(rng))
        return
    conv.say(0, sized(bytes(12) + struct.pack(">IQ", 30000, 0) + sized(bytes(16)) + b"\0"), 1e-3)
    conv.say(1, sized(bytes(4) + struct.pack(">I", 30000) + rng.bytes(8) + sized(rng.bytes(16)) + b"\0"), wait(rng))
    for k in range(lot(rng, 1, 60)):
        if rng.random() < 0.6:
            conv.say(0, sized(struct.pack(">iI", -2, 11)), float(pick(rng, (2.0, 3.3, 10.0))))
            conv.say(1, sized(struct.pack(">iQI", -2, 0x1F3, 0)), wait(rng))
        else:
            conv.say(0, sized(struct.pack(">II", k + 1000, 4) + sized(f"/{word(rng)}/{word(rng)}".encode()) + b"\0"), loguniform(rng, 1e-3, 3))
            conv.say(1, sized(struct.pack(">IQI", k + 1000, 0x1F4, 0) + sized(sentence(rng, 6).encode()) + bytes(68)), wait(rng))


def _cassandra(rng: Rng, conv: Conversation) -> None:
    def frame(d: int, k: int, op: int, text: bytes) -> bytes:
        return bytes((4 | 128 * d, 0)) + short(k) + bytes((op,)) + sized(text)

    if rng.random() < 0.5:
        conv.say(0, frame(0, 0, 5, b""), 1e-3)
        conv.say(1, frame(1, 0, 6, b"\0\2" + _text("COMPRESSION") + b"\0\2" + _text("snappy") + _text("lz4") + _text("CQL_VERSION") + b"\0\1" + _text("3.4.4")), wait(rng))
    conv.say(0, frame(0, 0, 1, b"\0\1" + _text("CQL_VERSION") + _text("3.0.0")), wait(rng))
    conv.say(1, frame(1, 0, 2, b""), wait(rng))
    rounds(rng, conv, lambda k: frame(0, k & 127, 7, sized(f"SELECT * FROM {word(rng)}.{word(rng)} WHERE k='{word(rng)}'".encode()) + b"\0\1\0"),
           lambda k: frame(1, k & 127, 8, struct.pack(">III", 2, 1, 1) + _text(word(rng)) + _text(word(rng)) + _text(word(rng)) + b"\0\x0d\0\0\0\1" + sized(sentence(rng, lot(rng, 1, 80)).encode())))


def _elastic(rng: Rng, conv: Conversation) -> None:
    count = [int(rng.integers(1000))]

    def frame(status: int, text: bytes) -> bytes:
        count[0] += status == 0
        return b"ES" + sized(struct.pack(">QBI", count[0], status, 5061699) + text)

    for _ in range(lot(rng, 1, 40)):
        if rng.random() < 0.4:
            conv.say(0, b"ES\xff\xff\xff\xff", 5.0)
            continue
        name = f"internal:{word(rng)}/{word(rng)}".encode()
        conv.say(0, frame(0, b"\0\0" + bytes((len(name),)) + name + cipher(rng, 4, 300)), loguniform(rng, 1e-3, 5))
        conv.say(1, frame(1, bytes(2) + file_octets(rng, lot(rng, 4, 2000))), wait(rng))


def _kafka(rng: Rng, conv: Conversation) -> None:
    """Any of the requests, of newer versions, with record batches or metadata."""
    client, topic = word(rng), word(rng)
    keys = [(18, 3), (3, 8)] + [pick(rng, ((0, 7), (1, 11), (10, 2), (12, 3), (9, 5), (8, 7), (2, 5))) for _ in range(3)]

    def ask(k: int) -> bytes:
        key, version = keys[k] if k < len(keys) else keys[2 + k % 3]
        text = _text(topic) + struct.pack(">II", 1, 0) + (b"" if key else struct.pack(">QI", 0, 90) + b"\2" + cipher(rng, 60, 900))
        return sized(struct.pack(">HHI", key, version, k) + _text(client) + text)

    def answer(k: int) -> bytes:
        text = b"".join(struct.pack(">HHH", j, 0, int(rng.integers(12))) for j in range(int(rng.integers(1, 50)))) if k == 0 else _text(topic) + bytes(14) + sentence(rng, lot(rng, 1, 60)).encode()
        return sized(struct.pack(">IH", k, 0) + text)

    rounds(rng, conv, ask, answer, pause=(1e-3, 5))


def _zmtp(rng: Rng, conv: Conversation) -> None:
    old = rng.random() < 0.5
    hello = b"\1\0" if old else b"\xff" + bytes(7) + b"\1\x7f\3\0NULL" + bytes(16) + b"\0" + bytes(31)
    conv.say(0, hello, 1e-3)
    conv.say(1, hello, wait(rng))
    make = body(rng, pick(rng, ("json", "packed", "protobuf", "lines", "records")))
    pace, side = loguniform(rng, 0.01, 5), int(rng.integers(2))
    for _ in range(lot(rng, 1, 80)):
        text = make(lot(rng, 3, 200))[:250]
        conv.say(side if rng.random() < 0.9 else 1 - side, (bytes((len(text) + 1, 0)) if old else bytes((0, len(text)))) + text, pace * float(rng.exponential()))


def _ceph(rng: Rng, conv: Conversation) -> None:
    conv.say(1, b"ceph v027" + bytes(8) + rng.bytes(128 + 119), wait(rng))
    conv.say(0, b"ceph v027" + rng.bytes(136) + b"\xff" * 8 + struct.pack("<IIII", 8, 0, 0, 10) + bytes(17), wait(rng))
    conv.say(1, b"\1" + rng.bytes(25), wait(rng))
    for k in range(lot(rng, 1, 50)):
        d, text = int(rng.integers(2)), file_octets(rng, lot(rng, 8, 4000))
        conv.say(d, b"\7" + struct.pack("<QQHHHI", k, k, 42, 127, 1, len(text)) + rng.bytes(24) + text + rng.bytes(21), loguniform(rng, 1e-3, 10))
        conv.say(1 - d, b"\x08" + struct.pack("<Q", k), wait(rng))


def _rx(rng: Rng, conv: Conversation) -> None:
    epoch, cid = rng.bytes(4), rng.bytes(4)

    def packet(d: int, call: int, seq: int, kind: int, text: bytes) -> bytes:
        flags = (1 - d) | (4 if kind == 1 else 0)
        return epoch + cid + struct.pack(">IIIBBBBHH", call, seq, seq, kind, flags, 0, 0, 0, int(pick(rng, (1, 52)))) + text

    for call in range(1, int(rng.integers(2, 20))):
        conv.say(0, packet(0, call, 1, 1, struct.pack(">I", int(rng.integers(100, 66000))) + cipher(rng, 4, 120)), loguniform(rng, 1e-3, 20))
        for k in range(int(rng.geometric(0.6))):
            conv.say(1, packet(1, call, k + 1, 1, rng.bytes(4) + file_octets(rng, 4 * lot(rng, 1, 340))), wait(rng))
        conv.say(0, packet(0, call, 0, 2, bytes(8) + struct.pack(">III", 1, 2, call) + b"\x02\0" + bytes(3) + b"\0\0\x16\x44"), wait(rng))


def _dce(rng: Rng, conv: Conversation) -> None:
    """DCE RPC on dynamic ports or as PROFINET's datagrams."""
    if conv.proto == 17:
        actor = rng.bytes(16)
        for k in range(int(rng.integers(1, 8))):
            text = struct.pack("<IIIII", 100, 0, 100, 0, 100) + b"\1\1" + short(60) + rng.bytes(60)
            conv.say(k % 2, b"\4" + bytes((0 if k % 2 == 0 else 2,)) + b"\x20\0\x10\0\0\0" + rng.bytes(16) + actor + rng.bytes(16) + struct.pack("<IIIHHHHHBB", 0, 1, k, 5, 65535, 65535, len(text), 0, 0, 0) + text, loguniform(rng, 1e-3, 3))
        return
    conv.say(0, b"\5\0\x0b\3\x10\0\0\0" + struct.pack("<HHIHHIBBBB", 72, 0, 1, 5840, 5840, 0, 1, 0, 0, 0) + b"\0\0\1\0" + rng.bytes(16) + b"\1\0\0\0" + bytes.fromhex("045d888aeb1cc9119fe808002b10486002000000"), 1e-3)
    conv.say(1, b"\5\0\x0c\3\x10\0\0\0" + struct.pack("<HHIHHI", 60, 0, 1, 5840, 5840, 0x53F0) + b"\4\x00135\0\0\0\1\0\0\0" + bytes(4) + bytes.fromhex("045d888aeb1cc9119fe808002b10486002000000"), wait(rng))
    for k in range(lot(rng, 1, 30)):
        for d in (0, 1):
            text = rng.bytes(20) + word(rng).encode("utf-16-le") + bytes(4 * int(rng.integers(1, 20)))
            conv.say(d, b"\5\0" + bytes((2 * d, 3)) + b"\x10\0\0\0" + struct.pack("<HHIIHH", 24 + len(text), 0, k + 2, len(text), 0, 3) + text, wait(rng))


def _server(rng: Rng, conv: Conversation) -> None:
    """AJP and FastCGI between a web server and what is behind it."""
    make: Callable[[int], bytes] = body(rng, pick(rng, ("xml", "json", "lines")))
    fast = conv.dport == 9000
    for k in range(int(rng.geometric(0.3))):
        path = f"/{word(rng)}/{word(rng)}"
        if fast:
            pairs = b"".join(bytes((len(a), len(b))) + a + b for a, b in ((b"REQUEST_URI", path.encode()), (b"REQUEST_METHOD", b"GET"), (b"SERVER_NAME", hostname(rng).encode()[:99])))
            conv.say(0, struct.pack(">BBHHBB", 1, 1, 1, 8, 0, 0) + b"\0\1\0" + bytes(5) + struct.pack(">BBHHBB", 1, 4, 1, len(pairs), 0, 0) + pairs + struct.pack(">BBHHBB", 1, 4, 1, 0, 0, 0) + struct.pack(">BBHHBB", 1, 5, 1, 0, 0, 0), loguniform(rng, 1e-3, 8))
            text = b"Content-type: text/html\r\n\r\n" + make(lot(rng, 50, 9000))
            conv.say(1, struct.pack(">BBHHBB", 1, 6, 1, len(text) & 0xFFFF, 0, 0) + text + struct.pack(">BBHHBB", 1, 3, 1, 8, 0, 0) + bytes(8), wait(rng))
            continue
        ask = b"\2\2" + _text("HTTP/1.1") + b"\0" + _text(path) + b"\0" + _text("10.0.0.1") + b"\0" + _text("") + b"\0" + _text(hostname(rng)) + b"\0\0\x50\0\0\1\xa0\x0b" + _text(hostname(rng)) + b"\0\xff"
        conv.say(0, b"\x12\x34" + sized(ask, ">H"), loguniform(rng, 1e-3, 8))
        text = make(lot(rng, 50, 7000))[:8000]
        conv.say(1, b"AB" + sized(b"\4\0\xc8" + _text("OK") + b"\0\0\1\xa0\1" + _text("text/html") + b"\0", ">H") + b"AB" + sized(b"\3" + sized(text, ">H") + b"\0", ">H") + b"AB\0\2\5\1", wait(rng))


def _rmi(rng: Rng, conv: Conversation) -> None:
    conv.say(0, b"JRMI\0\2\x4b", 1e-3)
    conv.say(1, b"\x4e" + _text("10.0.0.9") + struct.pack(">I", 40000), wait(rng))
    conv.say(0, _text("10.0.0.9") + bytes(4), wait(rng))
    for _ in range(int(rng.integers(1, 12))):
        conv.say(0, b"\x50\xac\xed\0\5\x77\x22" + rng.bytes(34) + b"\x74" + _text(word(rng)), loguniform(rng, 1e-3, 5))
        conv.say(1, b"\x51\xac\xed\0\5\x77\x0f\1" + rng.bytes(14) + b"\x73\x72" + _text("java.rmi.Remote") + rng.bytes(60), wait(rng))
        if rng.random() < 0.3:
            conv.say(0, b"\x52", 5.0)
            conv.say(1, b"\x53", wait(rng))


PROFILES: tuple[Profile, ...] = (
    Named(name="rpc.onc", about="ONC RPC and NFS.", write=_onc, ports=(2049, 2049, 111, 20048), most=2),
    Named(name="rpc.onc_udp", about="ONC RPC over UDP.", write=_onc, ports=(111, 2049, 20048), over="udp", most=2),
    Named(name="rpc.iscsi", about="iSCSI.", write=_iscsi, ports=(3260,)),
    Named(name="rpc.grpc", about="gRPC in clear.", write=_grpc, ports=(50051, 2379, 8080, 9090), most=2),
    Named(name="rpc.amqp", about="AMQP 0-9-1.", write=_amqp, ports=(5672,)),
    Named(name="rpc.lines", about="NATS, STOMP, work queues.", write=_lines, ports=(4222, 61613, 11300)),
    Named(name="rpc.zookeeper", about="ZooKeeper.", write=_zookeeper, ports=(2181,), most=3),
    Named(name="vendor.cassandra", about="Cassandra.", write=_cassandra, ports=(9042, 9042, 7000), most=3),
    Named(name="vendor.elastic", about="Elasticsearch transport.", write=_elastic, ports=(9300,), most=4),
    Named(name="vendor.kafka", about="Kafka, any request.", write=_kafka, ports=(9092,), most=4),
    Named(name="rpc.zmtp", about="ZeroMQ.", write=_zmtp, ports=(5555, 33000, 5563)),
    Named(name="rpc.ceph", about="Ceph.", write=_ceph, ports=(6789, 6800)),
    Named(name="rpc.rx", about="AFS.", write=_rx, ports=(7000, 7001, 7002, 7003), over="udp", sport=7001, scope=None),
    Named(name="rpc.dce", about="DCE RPC.", write=_dce, ports=(135, 49155, 49162, 1025), most=2),
    Named(name="rpc.dce_udp", about="DCE RPC in datagrams.", write=_dce, ports=(34964, 49155), over="udp"),
    Named(name="rpc.server", about="AJP and FastCGI.", write=_server, ports=(8009, 9000, 8010), most=3),
    Named(name="rpc.rmi", about="Java RMI.", write=_rmi, ports=(1099,), most=2),
)  # fmt: skip
