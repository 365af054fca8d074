from __future__ import annotations

import ipaddress
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nalpml.capture.packets import SKIP_REASONS, TUNNELS
from tests.unit.kernels.frames import row, table

inet = pytest.importorskip("scapy.layers.inet")
from scapy.contrib.gtp import GTP_U_Header  # noqa: E402
from scapy.contrib.mpls import MPLS  # noqa: E402
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap  # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.layers.inet6 import (  # noqa: E402
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.l2 import (  # noqa: E402
    GRE,
    LLC,
    SNAP,
    CookedLinux,
    CookedLinuxV2,
    Dot1AD,
    Dot1Q,
    Ether,
    Loopback,
)
from scapy.layers.ppp import PPP, PPPoE  # noqa: E402
from scapy.layers.vxlan import VXLAN  # noqa: E402
from scapy.packet import Raw  # noqa: E402

UDP4 = IP(src="10.1.2.3", dst="10.4.5.6") / UDP(sport=5, dport=7) / Raw(b"hello")
UDP6 = IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP(sport=5, dport=7) / Raw(b"hello")
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
REASON = {text: code for code, text in enumerate(SKIP_REASONS)}


def halves(address: str) -> tuple[int, int]:
    parsed = ipaddress.ip_address(address)
    value = int(parsed) | (0xFFFF << 32 if parsed.version == 4 else 0)
    return value >> 64, value & (2**64 - 1)


def is_udp(found, version=4):
    assert found["skip"] == 0
    assert (found["proto"], found["ip_version"]) == (17, version)
    assert (found["sport"], found["dport"]) == (5, 7)
    assert (found["payload_len"], found["payload_cap"]) == (5, 5)
    addresses = ("10.1.2.3", "10.4.5.6") if version == 4 else ("2001:db8::1", "2001:db8::2")
    assert (found["src_hi"], found["src_lo"]) == halves(addresses[0])
    assert (found["dst_hi"], found["dst_lo"]) == halves(addresses[1])


SNAP_ETHER = bytes(12) + (len(bytes(UDP4)) + 8).to_bytes(2) + bytes.fromhex("aaaa030000000800")
WIFI = Dot11(type=2, subtype=0, addr1="02:00:00:00:00:01") / LLC() / SNAP() / UDP4

LINKS = {
    "ethernet": (1, ETHER / UDP4),
    "vlan": (1, ETHER / Dot1Q(vlan=3) / UDP4),
    "qinq": (1, ETHER / Dot1AD(vlan=3) / Dot1Q(vlan=4) / UDP4),
    "mpls": (1, ETHER / MPLS(label=5, s=0) / MPLS(label=6, s=1) / UDP4),
    "pppoe": (1, ETHER / PPPoE(sessionid=1) / PPP(proto=0x21) / UDP4),
    "snap": (1, SNAP_ETHER + bytes(UDP4)),
    "raw": (101, UDP4),
    "raw_bsd": (12, UDP4),
    "raw_bsd_2": (14, UDP4),
    "ipv4": (228, UDP4),
    "null": (0, Loopback() / UDP4),
    "null_big": (0, bytes([0, 0, 0, 2]) + bytes(UDP4)),
    "loop": (108, bytes([0, 0, 0, 2]) + bytes(UDP4)),
    "sll": (113, CookedLinux(proto=0x800) / UDP4),
    "sll2": (276, CookedLinuxV2(proto=0x800) / UDP4),
    "ppp": (9, b"\xff\x03\x00\x21" + bytes(UDP4)),
    "ppp_short": (9, b"\x21" + bytes(UDP4)),
    "ppp_hdlc": (50, b"\xff\x03\x00\x21" + bytes(UDP4)),
    "chdlc": (104, b"\x0f\x00\x08\x00" + bytes(UDP4)),
    "wifi": (105, WIFI),
    "wifi_qos": (105, Dot11(type=2, subtype=8) / Dot11QoS() / LLC() / SNAP() / UDP4),
    "radiotap": (127, RadioTap() / WIFI),
    "wifi_bridge": (
        105,
        b"\x88\x83" + bytes(28) + bytes(2) + bytes(4) + bytes(LLC() / SNAP() / UDP4),
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_link_layers(name):
    link, frame = LINKS[name]
    is_udp(row(bytes(frame), link=link))


@pytest.mark.parametrize(
    "link,frame",
    [
        (1, ETHER / UDP6),
        (1, ETHER / MPLS(label=5, s=1) / UDP6),
        (1, ETHER / PPPoE() / PPP(proto=0x57) / UDP6),
        (229, UDP6),
        (0, bytes([30, 0, 0, 0]) + bytes(UDP6)),
        (9, b"\x00\x57" + bytes(UDP6)),
        (276, CookedLinuxV2(proto=0x86DD) / UDP6),
    ],
)
def test_link_layers_with_ipv6(link, frame):
    is_udp(row(bytes(frame), link=link), 6)


@pytest.mark.parametrize("link,frame", LINKS.values(), ids=LINKS)
def test_every_cut_of_a_frame_is_refused_or_bounded(link, frame):
    octets = bytes(frame)
    for cut in range(len(octets)):
        found = row(octets[:cut], link=link, wire=len(octets))
        if found["skip"] == 0:
            # Only the payload is missing octets, and its length is that of the headers.
            assert found["payload_len"] == 5
            assert found["payload_cap"] == 5 - (len(octets) - cut)
            assert found["payload_off"] + found["payload_cap"] <= cut


@pytest.mark.parametrize(
    "link,frame,reason",
    [
        (1, bytes(12) + b"\x08\x06" + bytes(28), "not IP"),
        (1, bytes(12) + b"\x00\x20" + bytes(40), "not IP"),
        (1, bytes(12) + b"\x88\x64" + bytes(6) + b"\xc0\x21", "not IP"),
        (1, bytes(12) + b"\x88\x47" + b"\0\0\1\0" + b"\x10" + bytes(9), "not IP"),
        (1, bytes(12) + (b"\x81\x00\0\1" * 9) + bytes(40), "malformed link layer"),
        (0, bytes([7, 0, 0, 0]), "not IP"),
        (101, b"\x30" + bytes(40), "not IP"),
        (9, b"\xc0\x21", "not IP"),
        (105, b"\x80\x00" + bytes(60), "not IP"),
        (105, b"\x08\x40" + bytes(60), "not IP"),
        (105, b"\x88\x00" + bytes(22) + b"\x80" + bytes(60), "not IP"),
        (105, b"\x08\x00" + bytes(60), "not IP"),
        (127, b"\0\0\4\0" + bytes(60), "malformed link layer"),
        (999, bytes(60), "unsupported link type"),
        (-1, bytes(60), "unsupported link type"),
        (101, b"\x41" + bytes(40), "malformed IP header"),
        (101, b"\x45\0\0\x10" + bytes(40), "malformed IP header"),
        (1, bytes(12) + b"\x08\0\x65" + bytes(40), "malformed IP header"),
        (1, bytes(12) + b"\x86\xdd\x45" + bytes(50), "malformed IP header"),
        (101, bytes(IP() / TCP(dataofs=4)), "malformed transport header"),
        (101, bytes(IP() / TCP(dataofs=15)), "malformed transport header"),
        (101, bytes(IP() / UDP(len=7)), "malformed transport header"),
        (101, bytes(IP() / UDP(len=99)), "malformed transport header"),
        (101, bytes(IP(proto=6) / Raw(b"short")), "truncated before the transport header"),
        (101, bytes(IP(proto=132) / Raw(b"short")), "truncated before the transport header"),
        (101, bytes(IPv6(nh=0, plen=0)) + b"\x3b\0" + bytes(6), "malformed IP header"),
        (101, bytes(IPv6(nh=0)) + b"\0\0" + bytes(6), "truncated before the transport header"),
        (101, bytes(IPv6(nh=51)), "truncated before the transport header"),
        (101, bytes(IPv6(nh=44)), "truncated before the transport header"),
        (101, bytes(IPv6(nh=0, plen=136)) + bytes(136), "truncated before the transport header"),
        (271, bytes(31), "truncated before the transport header"),
        (271, bytes(28) + b"\x2c\0" + bytes(10), "truncated before the transport header"),
    ],
)
def test_refusals_say_why(link, frame, reason):
    assert SKIP_REASONS[row(frame, link=link)["skip"]] == reason


def test_tcp_header():
    options = [("NOP", None), ("MSS", 1460), ("Timestamp", (123456, 0))]
    packet = IP(id=77, ttl=9, tos=4) / TCP(
        sport=1, dport=2, seq=3, ack=4, flags="SAE", window=5, urgptr=6, options=options
    )
    found = row(bytes(packet / Raw(b"abc")), link=101)
    names = ("tcp_seq", "tcp_ack", "tcp_window", "tcp_urgent", "tcp_header", "tcp_tsval")
    assert [int(found[n]) for n in names] == [3, 4, 5, 6, 36, 123456]
    assert found["tcp_flags"] == 0x52
    assert (found["ip_id"], found["ttl"], found["tos"], found["payload_len"]) == (77, 9, 4, 3)


@pytest.mark.parametrize("options", [b"\x08\x0a\0\0", b"\x03\x00\0\0", b"\x00\x08\x0a\0"])
def test_bad_tcp_options_are_passed_over(options):
    packet = bytes(IP(len=44) / TCP(dataofs=6)) + options
    found = row(packet, link=101)
    assert (found["skip"], found["tcp_tsval"]) == (0, 0)


def test_icmp_and_its_checksum():
    packet = IP() / ICMP(type=8, id=0x1234, seq=7) / Raw(b"odd")
    found = row(bytes(packet), link=101)
    assert (found["icmp_type"], found["icmp_id"], found["icmp_seq"]) == (8, 0x1234, 7)
    assert found["checksum"] == 1
    wrong = IP() / ICMP(type=8, chksum=1) / Raw(b"even")
    assert row(bytes(wrong), link=101)["checksum"] == 2
    assert row(bytes(packet)[:-1], link=101, wire=31)["checksum"] == 0
    short = row(bytes(IP(proto=1) / Raw(b"\x03\x01\0\0")), link=101)
    assert (short["skip"], short["icmp_type"], short["icmp_code"]) == (0, 3, 1)
    six = row(bytes(IPv6() / ICMPv6EchoRequest(id=5, seq=6)), link=101)
    assert (six["proto"], six["icmp_type"], six["icmp_id"], six["icmp_seq"]) == (58, 128, 5, 6)


def test_other_protocols_keep_all_as_payload():
    found = row(bytes(IP(proto=99) / Raw(b"abcdef")), link=101)
    assert (found["proto"], found["payload_len"], found["sport"]) == (99, 6, 0)
    head = struct.pack(">HHII", 8, 9, 1, 0)
    sctp = row(bytes(IP(proto=132) / Raw(head + b"\x0e\0\0\4")), link=101)
    assert (sctp["sport"], sctp["dport"], sctp["payload_len"]) == (8, 9, 4)
    data = row(bytes(IP(proto=132) / Raw(head + b"text")), link=101)  # no chunks: no ports either
    assert (data["sport"], data["dport"], data["payload_len"]) == (0, 0, 16)
    assert row(bytes(IP() / UDP(chksum=0)), link=101)["checksum"] == 3


def test_ipv6_extension_headers():
    chain = IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(addresses=["::1"])
    packet = IPv6(tc=3, fl=0x12345, hlim=9) / chain / UDP(sport=5, dport=7) / Raw(b"hello")
    found = row(bytes(packet), link=101)
    assert (found["proto"], found["sport"], found["payload_len"]) == (17, 5, 5)
    assert (found["flow_label"], found["tos"], found["ttl"]) == (0x12345, 3, 9)
    assert found["ip_len"] == len(bytes(packet))
    authenticated = bytes(IPv6(nh=51, plen=12 + 8)) + b"\x11\x01" + bytes(10) + bytes(UDP())[:8]
    assert row(authenticated, link=101)["proto"] == 17


def test_fragments():
    first = IP(id=9, flags="MF") / UDP(sport=5, dport=7, len=3000) / Raw(bytes(100))
    found = row(bytes(first), link=101)
    assert (found["skip"], found["sport"], found["payload_len"]) == (0, 5, 100)
    later = row(bytes(IP(id=9, frag=5, proto=17) / Raw(bytes(50))), link=101)
    assert (later["skip"], later["sport"], later["payload_len"]) == (0, 0, 50)
    six = IPv6() / IPv6ExtHdrFragment(id=0x12345, offset=3, m=1, nh=17) / Raw(bytes(24))
    found = row(bytes(six), link=101)
    assert (found["ip_frag"], found["ip_id"], found["payload_len"]) == (0x2003, 0x2345, 24)
    piece = IP(flags="MF") / ICMP(chksum=1) / Raw(b"even")
    assert row(bytes(piece), link=101)["checksum"] == 0


def test_offloaded_segments_and_padding():
    offloaded = bytearray(bytes(ETHER / IP() / TCP() / Raw(bytes(3000))))
    offloaded[16:18] = b"\0\0"
    assert row(bytes(offloaded))["payload_len"] == 3000
    assert row(bytes(offloaded[:200]), wire=len(offloaded))["payload_len"] == 3000
    padded = bytes(ETHER / UDP4) + bytes(13)
    assert row(padded)["payload_len"] == 5


def vsock(payload=b"abc", *, length=None, transport=44, op=1):
    monitor = struct.pack("<QQIIHHHH", 3, 2, 1000, 70000, 4, 2, transport, 0)
    virtio = struct.pack(
        "<QQIIIHHIII", 3, 2, 1000, 70000, len(payload) if length is None else length, 1, op, 9, 0, 0
    )
    return monitor + virtio + payload


def test_vsock():
    found = row(vsock(), link=271)
    assert (found["proto"], found["src_lo"], found["dst_lo"]) == (256, 3, 2)
    assert (found["sport"], found["dport"], found["payload_len"]) == (1000, 70000, 3)
    assert (found["icmp_type"], found["icmp_code"], found["tcp_window"]) == (4, 1, 9)
    # A split buffer repeats its tail: the header's length holds; or octets lack.
    assert row(vsock(b"abcdef", length=2), link=271)["payload_cap"] == 2
    lacking = row(vsock(b"", length=9), link=271)
    assert (lacking["payload_len"], lacking["payload_cap"]) == (9, 0)
    other = row(vsock()[:32].replace(b"\x02\0\x2c\0", b"\1\0\0\0") + b"xy", link=271)
    assert (other["payload_len"], other["icmp_code"]) == (2, 0)


# ------------------------------------------------------------------------------------- tunnels
INNER = UDP4
PPTP = bytes.fromhex("3001880b00050001") + b"\0\0\0\1" + b"\xff\x03\x00\x21" + bytes(INNER)
TEREDO = bytes.fromhex("0001 0000 0000000000000000 00 0000 1234 01020304".replace(" ", ""))
OUTER = IP(src="192.0.2.1", dst="192.0.2.2")

TUNNEL = {
    "ipip": OUTER / INNER,
    "6in4": OUTER / UDP6,
    "gre": OUTER / GRE() / INNER,
    "gre_key": OUTER / GRE(key_present=1, seqnum_present=1, chksum_present=1) / INNER,
    "gre_ether": OUTER / GRE(proto=0x6558) / ETHER / INNER,
    "gre_pptp": IP(proto=47) / Raw(PPTP),
    "vxlan": OUTER / UDP(sport=999, dport=4789) / VXLAN(vni=3, flags=8) / ETHER / INNER,
    "gtp": OUTER / UDP(sport=2152, dport=2152) / GTP_U_Header(teid=3) / INNER,
    "gtp_seq": OUTER / UDP(sport=9, dport=2152) / Raw(
        bytes.fromhex("36ff00000000000000010085010000000100ab00")[:12] + b"\x01\0\0\0"
        + bytes(INNER)
    ),
    "teredo": OUTER / UDP(sport=3544, dport=9) / UDP6,
    "teredo_auth": OUTER / UDP(sport=9, dport=3544) / Raw(TEREDO + bytes(UDP6)),
    "ip6": IPv6(nh=4) / INNER,
}  # fmt: skip


@pytest.mark.parametrize("name", TUNNEL)
def test_tunnels_keep_the_outer_and_decode_the_inner(name):
    packets = table([bytes(TUNNEL[name])], link=101)
    outer, inner = packets.rows
    assert (outer["depth"], inner["depth"]) == (0, 1)
    assert outer["index"] == inner["index"] == 0
    kind = name.split("_")[0]
    assert TUNNELS[inner["tunnel"]] == ("ipip" if kind == "ip6" else kind)
    assert outer["payload_len"] >= len(bytes(INNER))
    is_udp(inner, 6 if kind in ("6in4", "teredo") else 4)
    assert (packets.report.packets, packets.report.inner, packets.report.unread) == (1, 1, 0)


@pytest.mark.parametrize("name", TUNNEL)
def test_a_cut_tunnel_never_loses_its_outer_packet(name):
    octets = bytes(TUNNEL[name])
    for cut in range(28, len(octets)):
        packets = table([octets[:cut]], link=101, wire=[len(octets)])
        if packets.rows["skip"][0] == 0:
            assert (packets.rows["skip"] == 0).all()
            assert len(packets) + packets.report.unread <= 2


@pytest.mark.parametrize(
    "packet",
    [
        OUTER / GRE(proto=0x88BE) / Raw(bytes(40)),
        OUTER / GRE(version=2) / INNER,
        OUTER / UDP(dport=4789) / Raw(bytes(60)),
        OUTER / UDP(dport=2152) / Raw(b"\x30\x01" + bytes(60)),
        OUTER / UDP(dport=2152) / Raw(b"\x34\xff" + bytes(9) + b"\x85\0" + bytes(60)),
        OUTER / UDP(dport=2152) / Raw(b"\x34\xff" + bytes(9) + b"\x85" + b"\x01\0\0\x85" * 9),
        OUTER / UDP(dport=2152) / Raw(b"\x34\xff" + bytes(9) + b"\x85" + b"\xff\0\0\x85"),
        OUTER / UDP(dport=2152) / Raw(b"\x31\xff" + bytes(7)),
        OUTER / UDP(dport=3544) / Raw(b"\x45" + bytes(60)),
        IP(proto=47) / Raw(b"\0"),
        IP(proto=4, frag=3) / Raw(bytes(INNER)),
    ],
)
def test_what_only_looks_like_a_tunnel_has_no_inner_row(packet):
    packets = table([bytes(packet)], link=101)
    assert len(packets) == 1
    assert packets.report.inner == packets.report.unread == 0


def test_an_inner_packet_that_cannot_be_read_is_counted():
    packets = table([bytes(IP(proto=4) / Raw(b"\x35" + bytes(40))), bytes(UDP4)], link=101)
    assert packets.rows["depth"].tolist() == [0, 0]
    assert packets.report.unread == 1
    assert "1 inside others unreadable" in str(packets.report)
    is_udp(packets.rows[1])


def test_nesting_ends_at_four():
    nested = INNER
    for _ in range(6):
        nested = OUTER / nested
    packets = table([bytes(nested)] * 100, link=101)
    assert packets.rows["depth"].tolist() == [0, 1, 2, 3, 4] * 100
    assert packets.rows["index"].tolist() == [i for i in range(100) for _ in range(5)]


# -------------------------------------------------------------------------- a second opinion
@st.composite
def packets(draw):
    tcp = draw(st.booleans())
    six = draw(st.booleans())
    data = draw(st.binary(max_size=60))
    ports = {"sport": draw(st.integers(0, 65535)), "dport": draw(st.integers(10000, 65535))}
    transport = TCP(seq=draw(st.integers(0, 2**32 - 1)), **ports) if tcp else UDP(**ports)
    if six:
        network = IPv6(src=str(ipaddress.IPv6Address(draw(st.integers(0, 2**128 - 1)))), dst="::9")
    else:
        network = IP(src=str(ipaddress.IPv4Address(draw(st.integers(0, 2**32 - 1)))), dst="9.9.9.9")
    return ETHER / network / transport / Raw(data)


@given(packet=packets())
def test_scapy_agrees(packet):
    found = table([bytes(packet)]).rows[0]
    again = Ether(bytes(packet))
    network, transport = again.payload, again.payload.payload
    assert found["skip"] == 0
    assert (found["src_hi"], found["src_lo"]) == halves(network.src)
    assert (found["dst_hi"], found["dst_lo"]) == halves(network.dst)
    assert (found["sport"], found["dport"]) == (transport.sport, transport.dport)
    assert found["payload_len"] == len(packet[Raw].load)


@given(
    octets=st.binary(max_size=120),
    link=st.sampled_from([0, 1, 9, 101, 104, 105, 113, 127, 271, 276]),
)
def test_any_octets_are_decoded_or_refused(octets, link):
    packets = table([octets], link=link)
    for found in packets.rows:
        end = int(found["payload_off"]) + int(found["payload_cap"])
        assert found["skip"] < len(SKIP_REASONS)
        assert end <= len(octets) or found["skip"]
    assert packets.report.packets == 1
    assert np.array_equal(packets.rows["depth"], np.arange(len(packets)))
