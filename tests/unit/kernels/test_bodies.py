"""Bodies as scapy makes them parse, and foreign ones do not."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest
from scapy.contrib.mpls import MPLS
from scapy.contrib.ospf import OSPF_Hdr, OSPF_Hello
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import AH, ESP
from scapy.layers.l2 import ARP, GRE, Dot1Q, Ether
from scapy.layers.sctp import SCTP, SCTPChunkData, SCTPChunkInit, SCTPChunkSACK
from scapy.layers.vrrp import VRRP
from scapy.packet import Raw

from tests.unit.kernels.frames import ipv4, table


def outer(frame, **options):
    """The row of a frame, those of packets in it left aside."""
    return table([frame], link=101, **options).rows[0]


INNER = IP(src="10.1.1.1", dst="10.1.1.2") / UDP(sport=5, dport=6) / Raw(b"inside")
INNER_6 = IPv6(src="fd00::1", dst="fd00::2") / UDP(sport=5, dport=6) / Raw(b"inside")
FRAME = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / INNER
ENDS = {"sport": 5000, "dport": 6000}
RESPONSE = struct.pack(">HHBBHBBHI", 5000, 6000, 6, 0, 0, 3, 0, 1, 7) + bytes(8)

GOOD = [
    (4, INNER), (41, INNER_6), (94, INNER),
    (47, GRE(proto=0x0800) / INNER), (47, GRE(proto=0x86DD) / INNER_6),
    (47, GRE(proto=0x6558, key_present=1, key=7) / FRAME),
    (47, GRE(proto=0x0800, seqnum_present=1, sequence_number=3, key_present=1, key=9) / INNER),
    (47, GRE(proto=0x8847) / MPLS(label=17, s=0) / MPLS(label=18, s=1) / INNER),
    (47, struct.pack(">HHHHI", 0x3001, 0x880B, 7, 1, 2) + b"\xff\x03\0\x21abc"),
    (47, b"\0\0\0\0"),
    (47, struct.pack(">HHIII", 0x1000, 0x88BE, 1, 0x10010000, 0) + bytes(FRAME)),
    (47, struct.pack(">HH", 0, 0x88BE) + bytes(FRAME)),
    (47, struct.pack(">HHIIII", 0x1000, 0x22EB, 1, 0x20010000, 0, 0) + bytes(FRAME)),
    (47, struct.pack(">HHIIII", 0x1000, 0x22EB, 1, 0x20010000, 0, 1) + bytes(8) + bytes(FRAME)),
    (113, struct.pack(">HHBBH6sHI", 1, 2, 4, 0, 0, b"\x0a\0\0\1\0\1", 4, 1) + b"\0\0\0\0data"),
    (113, struct.pack(">HHBBH6sHI", 1, 2, 4, 1, 0xF1F4, b"\x0a\0\0\1\0\1", 4, 1) + bytes(8)),
    (97, b"\x30\0" + bytes(FRAME)),
    (97, b"\x30\0" + bytes(Ether() / Dot1Q(vlan=5) / INNER)),
    (97, b"\x30\0" + bytes(Ether() / INNER_6)),
    (97, b"\x30\0" + bytes(Ether() / ARP())),
    (97, b"\x30\0" + bytes(12) + b"\0\x03\x42\x42\x03" + bytes(30)),
    (137, MPLS(label=16, s=1) / INNER_6),
    (132, SCTP(tag=0, **ENDS) / SCTPChunkInit(init_tag=1)),
    (132, SCTP(tag=9, **ENDS) / SCTPChunkSACK() / SCTPChunkData(data=b"hello")),
    (33, struct.pack(">HHBBHBBHII", 5000, 6000, 5, 0, 0, 1, 0, 1, 7, 42)),
    (33, struct.pack(">HHBBHBBH", 5000, 6000, 3, 0, 0, 4, 0, 1) + b"data"),
    (33, struct.pack(">HHBBHI", 5000, 6000, 4, 0, 0, 6 << 24) + bytes(8)),
    (33, RESPONSE + bytes(4)),
    (50, ESP(spi=0x1234, seq=1, data=bytes(40))),
    (51, AH(nh=4, payloadlen=4, spi=77, seq=1, icv=bytes(12)) / INNER),
    (108, b"\4\0\0\2" + bytes(20)),
    (2, bytes.fromhex("160007fbe0010203")), (2, bytes.fromhex("160007fbe001020300")),
    (46, struct.pack(">BBHBBH", 0x10, 1, 0, 64, 0, 20) + bytes(12)),
    (88, struct.pack(">BBHIIII", 2, 5, 0xFDF0, 0, 0, 0, 10)),
    (89, OSPF_Hdr(src="10.0.0.1") / OSPF_Hello()),
    (103, struct.pack(">BBHHHHH", 0x20, 0, 0, 1, 2, 105, 0)),
    (112, VRRP(vrid=5, addrlist=["10.0.0.9"])),
    (136, struct.pack(">HHHH", 5, 6, 8, 99) + bytes(9)),
    (139, struct.pack(">BBBBHHQQQQ", 59, 4, 1, 0x21, 0, 0, 1, 2, 3, 4)),
]  # fmt: skip


@pytest.mark.parametrize("proto, body", GOOD, ids=[f"{p}-{i}" for i, (p, _) in enumerate(GOOD)])
def test_what_is_announced_parses(proto, body):
    whole = ipv4(proto, 1, 2, bytes(body))
    assert outer(whole)["checksum"] == 4
    # Whatever the snap length, octets that were not captured are not read.
    cuts = [whole[:cut] for cut in range(20, len(whole))]
    found = table(cuts, link=101, wire=[len(whole)] * len(cuts)).rows
    assert set(found["checksum"].tolist()) <= {0, 4, 5}


def test_ports_only_where_the_transport_parses():
    good = outer(bytes(IP() / SCTP(tag=9, **ENDS) / SCTPChunkData(data=b"hello")))
    assert (good["sport"], good["dport"], good["checksum"]) == (5000, 6000, 4)
    cut = bytes(IP() / SCTP(tag=9, **ENDS) / SCTPChunkData(data=bytes(400)))
    for size in (33, 40, 68, 200):
        found = outer(cut[:size], wire=[len(cut)])
        assert (found["sport"], found["checksum"]) == (5000, 4)
    first = outer(ipv4(132, 1, 2, cut[20:220], frag=0x2000))
    assert (first["sport"], first["checksum"]) == (5000, 4)
    for proto in (33, 132):
        found = outer(ipv4(proto, 1, 2, b"a message of some program, no transport"))
        assert (found["sport"], found["dport"], found["checksum"]) == (0, 0, 5)
        assert found["payload_len"] == 39


@pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="18,000 packets take compiled kernels"
)
@pytest.mark.parametrize("proto, share", [
    (4, 0), (41, 0), (47, 0), (97, 0), (137, 0), (132, 0), (33, 0.02), (50, 0.27), (51, 0.002),
    (108, 0.006), (2, 0), (46, 0), (88, 0), (89, 0.002), (103, 0.002), (112, 0.002), (136, 0.04),
    (139, 0.002),
])  # fmt: skip
def test_chance_seldom_parses(proto, share):
    rng = np.random.default_rng(proto)
    sizes = rng.integers(40, 1400, 1000)
    frames = [ipv4(proto, 1, 2, rng.bytes(n)) for n in sizes]
    found = table(frames, link=101).rows
    states = found["checksum"][found["depth"] == 0].tolist()
    assert set(states) <= {4, 5}
    assert states.count(4) <= 1000 * share + 2


def test_plain_transports_and_unknown_numbers_are_not_judged():
    for packet in (IP() / TCP(), IP(proto=99) / Raw(b"abc"), IP(proto=253) / Raw(bytes(30))):
        assert outer(bytes(packet))["checksum"] == 0
    assert outer(ipv4(47, 1, 2, bytes(GRE() / INNER), frag=0x2000))["checksum"] == 0


TEXT = b"the quick brown fox jumps over the lazy dog. " * 3
SCTP_HEAD = struct.pack(">HHII", 5000, 6000, 9, 0)
DCCP_HEAD = struct.pack(">HHBBH", 5000, 6000, 6, 0, 0)
INNER_OCTETS = bytes(INNER)

BAD = [
    *((proto, TEXT) for proto in (4, 41, 47, 97, 137, 132, 33, 51, 108)),
    *((proto, TEXT) for proto in (2, 46, 88, 89, 103, 112, 139)),
    *((proto, b"\x45\0") for proto in (4, 41, 47, 97, 137, 132, 50, 2)),
    (4, b"\x44" + INNER_OCTETS[1:]), (4, b"\x4f" + INNER_OCTETS[1:25]),
    (4, INNER_OCTETS[:2] + b"\xff\xff" + INNER_OCTETS[4:]),
    (4, INNER_OCTETS[:2] + b"\0\x18" + INNER_OCTETS[4:]),
    (41, bytes(INNER_6) + b"more"),
    (47, b"\x0f\xf8\x08\0" + INNER_OCTETS), (47, b"\xb0\0\x08\0"),
    (47, b"\0\0\x42\x42" + INNER_OCTETS), (47, bytes(4) + INNER_OCTETS),
    (47, b"\x30\1\x08\0" + INNER_OCTETS), (47, b"\x30\1\x88\x0b\0\1\0\0" + bytes(40)),
    (47, b"\x30\1\x88\x0b"), (47, b"\x10\1\x88\x0b" + bytes(40)),
    (97, b"\x40\0" + bytes(FRAME)), (97, b"\x30\0" + bytes(12) + b"\x42\x42" + bytes(30)),
    (97, b"\x30\0" + bytes(12) + b"\x05\0" + bytes(30)),
    (97, b"\x30\0" + bytes(12) + b"\x08\0" + bytes(30)),
    (97, b"\x30\0" + bytes(12) + b"\x86\xdd" + bytes(50)),
    (97, b"\x30\0" + bytes(12) + b"\x08\6" + bytes(30)),
    (97, b"\x30\0" + bytes(12) + b"\x81\0" + bytes(4)),
    (137, bytes(4) * 8 + INNER_OCTETS), (137, bytes(12)), (137, b"\0\0\1\0" + TEXT),
    (132, SCTP_HEAD + b"\1\0\0\x14" + bytes(16)),  # INIT with a tag
    (132, SCTP_HEAD + b"\0\3\0\x10" + bytes(12)),  # data without any
    (132, SCTP_HEAD + b"\x20\0\0\4"), (132, SCTP_HEAD + b"\x0e\0\0\3"),
    (132, SCTP_HEAD + b"\x0e\0\0\x40" + bytes(20)), (132, SCTP_HEAD + b"\x0e\0\0\4\1\1"),
    (33, DCCP_HEAD + b"\xe5\0" + bytes(20)), (33, DCCP_HEAD + b"\x15\0" + bytes(20)),
    (33, DCCP_HEAD + b"\x0e\0" + bytes(20)), (33, DCCP_HEAD + b"\x05\1" + bytes(20)),
    (33, struct.pack(">HHBBH", 5, 6, 2, 0, 0) + b"\x05\0" + bytes(20)),
    (33, DCCP_HEAD + b"\x07\0" + bytes(6) + b"\1\1" + bytes(20)),
    (33, DCCP_HEAD[:4] + b"\5\0\0\0\x06\0\0\0\1" + bytes(20)),
    (50, bytes(40)), (50, b"\1" * 20), (50, b"\1" * 41),
    (51, b"\4\xff\0\0" + bytes(20)), (108, b"\4\0\0\0" + bytes(20)),
    (136, struct.pack(">HHHH", 5, 6, 900, 99) + bytes(9)),
    (136, struct.pack(">HHHH", 5, 6, 8, 0) + bytes(9)),
    (2, b"\x16\0\0\0\xe0\1\2\3"), (88, b"\2\5\0\0" + bytes(16)), (88, b"\2\x63" + bytes(18)),
    (103, b"\x20\1\0\0" + bytes(8)), (112, b"\x21\1\1\x40" + bytes(8)),
    (112, b"\x31\1\1\1" + bytes(9)),
    (113, TEXT), (113, b"\0\1\0\2\3" + bytes(20)), (113, b"\0\1\0\2\4\4" + bytes(20)),
    (113, b"\0\1\0\2\4\0\1\1" + bytes(16)), (113, b"\0\1\0\2\4\0\0\0" + b"\1" * 16),
    (113, b"\0\1\0\2\4\0\0\0" + bytes(4)),
    (47, struct.pack(">HHII", 0x1000, 0x88BE, 1, 0x20010000) + bytes(40)),
    (47, struct.pack(">HHI", 0x1000, 0x88BE, 1) + bytes(6)),
    (47, struct.pack(">HHII", 0x1000, 0x22EB, 1, 0x10010000) + bytes(40)),
]  # fmt: skip


@pytest.mark.parametrize("proto, body", BAD, ids=[f"{p}-{i}" for i, (p, _) in enumerate(BAD)])
def test_what_differs_in_one_thing_does_not_parse(proto, body):
    found = outer(ipv4(proto, 1, 2, body))
    assert found["skip"] or found["checksum"] == 5
