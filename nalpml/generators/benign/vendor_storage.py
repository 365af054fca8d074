"""Storage and data stores.

RFC 5531 and 1813 (ONC RPC, NFS), RFC 7143 (iSCSI), Cassandra's native protocol v4, Elasticsearch's
transport header, Ceph's messenger v1.
"""

from __future__ import annotations

import struct

import numpy as np

from nalpml.generators._content import file_octets, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_named import (
    Named,
    cipher,
    lot,
    rounds,
    short,
    sized,
    text16,
    wait,
)

__all__ = ["PROFILES"]

Rng = np.random.Generator


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
        attributes = (
            struct.pack(">IIIIIQQ", 1, 0o644, 1, 0, 0, 4096, 4096)
            + bytes(8)
            + rng.bytes(16)
            + bytes(24)
        )
        if program == 100000:
            data = struct.pack(">I", 2049)
        elif program == 100005:
            data = bytes(4) + handle + struct.pack(">II", 1, 1)
        elif kinds[-1] == 1:
            data = bytes(4) + attributes
        elif kinds[-1] == 6:
            text = block()
            data = (
                bytes(4)
                + struct.pack(">I", 1)
                + attributes
                + struct.pack(">II", len(text) - 4, 0)
                + text
            )
        else:
            data = bytes(12) + struct.pack(">II", 4096, 2) + rng.bytes(8)
        return wrap(struct.pack(">IIIIII", first + k, 1, 0, 0, 0, 0) + data)

    rounds(rng, conv, ask, answer, most=50, pause=(1e-4, 5))


def _iscsi(rng: Rng, conv: Conversation) -> None:
    def pdu(op: int, flags: int, k: int, data: bytes) -> bytes:
        return (
            bytes((op, flags, 0, 0, 0))
            + len(data).to_bytes(3, "big")
            + bytes(8)
            + struct.pack(">III", k, len(data), k)
            + bytes(20)
            + data
            + bytes(-len(data) % 4)
        )

    conv.say(
        0,
        pdu(
            0x43,
            0x87,
            0,
            f"InitiatorName=iqn.1993-08.org.debian:{word(rng)}"
            f"\0SessionType=Normal\0AuthMethod=None\0".encode(),
        ),
        1e-3,
    )
    conv.say(1, pdu(0x23, 0x87, 0, b"TargetPortalGroupTag=1\0AuthMethod=None\0"), wait(rng))
    for k in range(lot(rng, 2, 40)):
        if rng.random() < 0.15:
            conv.say(1, pdu(0x20, 0x80, k, b""), 5.0)
            conv.say(0, pdu(0x40, 0x80, k, b""), wait(rng))
        else:
            conv.say(0, pdu(1, 0xC1, k, b""), loguniform(rng, 1e-4, 3))
            conv.say(
                1, pdu(0x25, 0x81, k, file_octets(rng, 512 * int(rng.integers(1, 64)))), wait(rng)
            )


def _cassandra(rng: Rng, conv: Conversation) -> None:
    def frame(d: int, k: int, op: int, text: bytes) -> bytes:
        return bytes((4 | 128 * d, 0)) + short(k) + bytes((op,)) + sized(text)

    if rng.random() < 0.5:
        conv.say(0, frame(0, 0, 5, b""), 1e-3)
        conv.say(
            1,
            frame(
                1,
                0,
                6,
                b"\0\2"
                + text16("COMPRESSION")
                + b"\0\2"
                + text16("snappy")
                + text16("lz4")
                + text16("CQL_VERSION")
                + b"\0\1"
                + text16("3.4.4"),
            ),
            wait(rng),
        )
    conv.say(0, frame(0, 0, 1, b"\0\1" + text16("CQL_VERSION") + text16("3.0.0")), wait(rng))
    conv.say(1, frame(1, 0, 2, b""), wait(rng))
    rounds(
        rng,
        conv,
        lambda k: frame(
            0,
            k & 127,
            7,
            sized(f"SELECT {word(rng)}, {word(rng)}".encode()) + b"\0\1\0",
        ),
        lambda k: frame(
            1,
            k & 127,
            8,
            struct.pack(">III", 2, 1, 1)
            + text16(word(rng))
            + text16(word(rng))
            + text16(word(rng))
            + b"\0\x0d\0\0\0\1"
            + sized(sentence(rng, lot(rng, 1, 80)).encode()),
        ),
    )


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
        conv.say(
            0,
            frame(0, b"\0\0" + bytes((len(name),)) + name + cipher(rng, 4, 300)),
            loguniform(rng, 1e-3, 5),
        )
        conv.say(1, frame(1, bytes(2) + file_octets(rng, lot(rng, 4, 2000))), wait(rng))


def _ceph(rng: Rng, conv: Conversation) -> None:
    conv.say(1, b"ceph v027" + bytes(8) + rng.bytes(128 + 119), wait(rng))
    conv.say(
        0,
        b"ceph v027" + rng.bytes(136) + b"\xff" * 8 + struct.pack("<IIII", 8, 0, 0, 10) + bytes(17),
        wait(rng),
    )
    conv.say(1, b"\1" + rng.bytes(25), wait(rng))
    for k in range(lot(rng, 1, 50)):
        d, text = int(rng.integers(2)), file_octets(rng, lot(rng, 8, 4000))
        conv.say(
            d,
            b"\7"
            + struct.pack("<QQHHHI", k, k, 42, 127, 1, len(text))
            + rng.bytes(24)
            + text
            + rng.bytes(21),
            loguniform(rng, 1e-3, 10),
        )
        conv.say(1 - d, b"\x08" + struct.pack("<Q", k), wait(rng))


PROFILES: tuple[Profile, ...] = (
    Named(name="rpc.onc", about="ONC RPC and NFS.", write=_onc, ports=(2049, 2049, 111, 20048),
        most=2),
    Named(name="rpc.onc_udp", about="ONC RPC over UDP.", write=_onc, ports=(111, 2049, 20048),
        over="udp", most=2),
    Named(name="rpc.iscsi", about="iSCSI.", write=_iscsi, ports=(3260,)),
    Named(name="vendor.cassandra", about="Cassandra.", write=_cassandra, ports=(9042, 9042, 7000),
        most=3),
    Named(name="vendor.elastic", about="Elasticsearch transport.", write=_elastic, ports=(9300,),
        most=4),
    Named(name="rpc.ceph", about="Ceph.", write=_ceph, ports=(6789, 6800)),
)  # fmt: skip
