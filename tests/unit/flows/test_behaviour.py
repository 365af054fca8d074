"""Traffic on which other flow meters are known to go wrong, and what is right."""

from __future__ import annotations

import struct

import pytest

from nalpml.capture.decoding import Decoder
from nalpml.capture.scapy import from_scapy
from nalpml.channels import proto_name
from nalpml.flows import flows
from tests.unit.kernels.frames import table

pytest.importorskip("scapy.layers.inet")
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
)
from scapy.layers.l2 import GRE, CookedLinuxV2, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

A, B = {"src": "10.0.0.1", "dst": "10.0.0.2"}, {"src": "10.0.0.2", "dst": "10.0.0.1"}
BEGIN = 1_700_000_000


def timed(packets, step=1.0):
    for number, packet in enumerate(packets):
        packet.time = BEGIN + number * step
    return packets


def found(packets, **kwargs):
    """(protocol, packets each way, depth) of each window."""
    windows = flows(from_scapy(timed(packets, **kwargs))).windows
    return [
        (
            proto_name(int(w["proto"])),
            int(w["packets_orig"]),
            int(w["packets_resp"]),
            int(w["depth"]),
        )
        for w in windows
    ]


def ping(ident, count, payload=b"p" * 48):
    return [
        IP(**side) / ICMP(type=kind, id=ident, seq=seq) / Raw(payload)
        for seq in range(count)
        for side, kind in ((A, 8), (B, 0))
    ]


def test_icmp_two_pings_and_a_tunnel_are_three_sessions():
    tunnel = [
        IP(**side) / ICMP(type=kind, id=0x33, seq=seq) / Raw(bytes([seq]) * (100 + seq))
        for seq in range(20)
        for side, kind in ((A, 8), (B, 0))
    ]
    packets = ping(0x11, 10) + ping(0x22, 10) + tunnel
    windows = flows(from_scapy(timed(packets, step=0.1))).windows
    assert windows["icmp_id"].tolist() == [0x11, 0x22, 0x33]
    assert windows["packets_orig"].tolist() == [10, 10, 20]
    assert windows["packets_resp"].tolist() == [10, 10, 20]


def test_icmp_direction_comes_from_the_type():
    (window,) = flows(from_scapy(timed(ping(7, 3)[1:]))).windows
    assert (window["packets_orig"], window["packets_resp"]) == (2, 3)
    assert window["src_lo"] & 0xFF == 1


def test_icmp_errors_join_the_flow_they_quote():
    sent = IP(**A) / UDP(sport=5, dport=7) / Raw(b"x")
    error = IP(src="10.0.0.9", dst="10.0.0.1") / ICMP(type=3, code=3) / Raw(bytes(sent))
    packets = flows(from_scapy(timed([sent, error])))
    assert found([sent, error]) == [("udp", 1, 1, 0)]
    assert packets.column("role").tolist() == [0, 1]


def test_identifiers_that_carry_data_end_in_one_flow():
    packets = [IP(**A) / ICMP(id=1000 + i) / Raw(b"x") for i in range(100)]
    sizes = [orig for _, orig, _, _ in found(packets, step=0.1)]
    assert sizes == [1] * 16 + [84]


def test_mixed_protocols_are_three_flows():
    def talk(layer):
        return [IP(**A) / layer(sport=1024, dport=80), IP(**B) / layer(sport=80, dport=1024)]

    assert found(talk(TCP) + talk(UDP) + ping(1, 1)) == [
        ("tcp", 1, 1, 0), ("udp", 1, 1, 0), ("icmp", 1, 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("shell,proto", [(GRE(), "47"), (None, "4")])
def test_tunnels_are_an_outer_and_an_inner_flow(shell, proto):
    def wrap(side, inner):
        outer = IP(src=side["src"].replace("10.", "192."), dst=side["dst"].replace("10.", "192."))
        return outer / shell / inner if shell else outer / inner

    packets = [wrap(A, IP(**A) / UDP(sport=5, dport=7)), wrap(B, IP(**B) / UDP(sport=7, dport=5))]
    assert found(packets) == [(proto, 1, 1, 0), ("udp", 1, 1, 1)]
    outer, inner = flows(from_scapy(packets)).windows
    assert inner["outer_uid"] == outer["flow_uid"] != 0
    # Sizes are those of the headers: the inner packet is what the outer carries.
    assert outer["bytes_orig"] - inner["bytes_orig"] == (24 if shell else 20)


def test_the_same_addresses_inside_and_outside_are_two_flows():
    plain = IP(**A) / UDP(sport=5, dport=7)
    assert found([plain, IP(src="1.1.1.1", dst="2.2.2.2") / GRE() / plain]) == [
        ("udp", 1, 0, 0), ("47", 1, 0, 0), ("udp", 1, 0, 1),
    ]  # fmt: skip


def test_ipv6_extension_headers_and_icmpv6():
    ends = {"src": "2001:db8::1", "dst": "2001:db8::2"}
    back = {"src": "2001:db8::2", "dst": "2001:db8::1"}
    chain = IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()
    packets = [
        IPv6(**ends) / chain / UDP(sport=5, dport=7) / Raw(b"x"),
        IPv6(**back) / UDP(sport=7, dport=5) / Raw(b"y"),
        IPv6(**ends) / ICMPv6EchoRequest(id=9),
        IPv6(**back) / ICMPv6EchoReply(id=9),
    ]
    assert found(packets) == [("udp", 1, 1, 0), ("icmp6", 1, 1, 0)]


def test_vsock_is_a_flow():
    def frame(source, target, op):
        ends = struct.pack("<QQII", source, target, source * 1000, target * 1000)
        return ends + struct.pack("<HHHH", 4, 2, 44, 0) + ends + struct.pack(
            "<IHHIII", 3, 1, op, 0, 0, 0
        ) + b"abc"  # fmt: skip

    made = flows(table([frame(3, 2, 1), frame(2, 3, 2), frame(3, 2, 5)], link=271))
    (window,) = made.windows
    assert (window["src_lo"], window["sport"], window["dst_lo"]) == (3, 3000, 2)
    assert (window["packets_orig"], window["packets_resp"], window["bytes_orig"]) == (2, 1, 6)


def test_linux_cooked_version_2_and_stacked_tags():
    inner = IP(**A) / UDP(sport=5, dport=7)
    assert found([CookedLinuxV2(proto=0x800) / inner]) == [("udp", 1, 0, 0)]
    assert found([Ether() / Dot1AD(vlan=1) / Dot1Q(vlan=2) / inner]) == [("udp", 1, 0, 0)]


def test_a_beacon_every_five_minutes_is_seen_as_one():
    packets = [
        IP(**side) / TCP(sport=ports[0], dport=ports[1], flags="PA") / Raw(b"beacon")
        for _ in range(20)
        for side, ports in ((A, (1024, 443)), (B, (443, 1024)))
    ]
    for number, packet in enumerate(packets):
        packet.time = BEGIN + number // 2 * 300 + (number % 2) * 0.05
    windows = flows(from_scapy(packets)).windows
    # Twenty windows, each of which knows of those before it and of their rhythm.
    assert len(windows) == 20
    assert windows["ctx_windows"][-1] == 2  # in the last ten minutes
    assert windows["ctx_gap_mean"][-1] == 300
    assert windows["ctx_packets_orig"].tolist() == list(range(20))


def test_nanoseconds_survive():
    import numpy as np

    from nalpml.capture.formats import Records

    frame = bytes(IP(**A) / UDP(sport=5, dport=7))
    times = BEGIN * 10**9 + np.cumsum([0, 200_001, 400_002, 200_003])
    n, size = len(times), len(frame)
    offsets = np.arange(n, dtype=np.int64) * size
    records = Records(
        0,
        times,
        offsets,
        np.full(n, size),
        np.full(n, size),
        np.full(n, 101),
        ended=True,
        damage="",
    )
    packets = Decoder("ns").decode(np.frombuffer(frame * n, np.uint8), records)
    made = flows(packets)
    assert np.diff(made.column("time_ns")).tolist() == [200_001, 400_002, 200_003]


@pytest.mark.parametrize("six", [False, True])
def test_fragments_stay_with_their_flow(six):
    if six:
        ends = {"src": "2001:db8::1", "dst": "2001:db8::2"}
        whole = bytes(UDP(sport=5, dport=7, len=3008)) + bytes(3000)
        pieces = [
            IPv6(**ends) / IPv6ExtHdrFragment(id=7, offset=start // 8, m=int(start < 2000), nh=17)
            / Raw(whole[start : start + 1000])
            for start in range(0, 3000, 1000)
        ]  # fmt: skip
    else:
        from scapy.layers.inet import fragment

        pieces = fragment(IP(**A, id=7) / UDP(sport=5, dport=7) / Raw(bytes(9000)), 1480)
    made = flows(from_scapy(timed(list(pieces))))
    (window,) = made.windows
    assert (window["sport"], window["dport"]) == (5, 7)
    assert window["packets_orig"] == len(pieces)
    assert made.column("role").tolist() == [0] + [2] * (len(pieces) - 1)
