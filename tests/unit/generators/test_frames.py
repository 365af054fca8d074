"""Frames are what scapy builds and reads: lengths, checksums, options."""

from __future__ import annotations

import numpy as np
import pytest

from nalpml.generators._frames import ETHER, IP4, IP6, ROW, VSOCK, serialise

scapy = pytest.importorskip("scapy.all")


def _row(**values: object) -> np.ndarray:
    row = np.zeros(1, ROW)
    base = {"src_mac": 0x020000000001, "dst_mac": 0x020000000002, "ttl": 64}
    for name, value in (base | values).items():
        row[name] = value
    return row


def _frame(row: np.ndarray, blob: bytes) -> bytes:
    row["pay_len"] = row["pay_len"] if row["pay_len"][0] else len(blob)
    _, data = serialise(row, np.frombuffer(blob + bytes(8), np.uint8))
    return data.tobytes()


V4 = {"kind": IP4, "src_lo": 0xFFFF0A000001, "dst_lo": 0xFFFFC0A80102}
V6 = {"kind": IP6, "src_hi": 0x20010DB8 << 32, "src_lo": 1, "dst_hi": 0x20010DB8 << 32, "dst_lo": 2}


@pytest.mark.parametrize("ip", [V4, V6], ids=["v4", "v6"])
@pytest.mark.parametrize("size", [0, 1, 2, 33, 1400])
@pytest.mark.parametrize("proto", [6, 17, 1, 47])
def test_equals_scapy_after_recomputing(ip: dict[str, int], size: int, proto: int) -> None:
    if proto == 1 and ip is V6:
        proto = 58
    payload = np.random.default_rng(size).bytes(size)
    extra = {"sport": 1234, "dport": 443, "seq": 7, "ack": 9, "flags": 0x18, "window": 500}
    icmp = {"icmp_type": 128 if proto == 58 else 8, "icmp_rest": 0x00010002}
    row = _row(proto=proto, **ip, **(icmp if proto in (1, 58) else extra))
    if proto == 47:
        row["sport"] = row["dport"] = 0
    octets = _frame(row, payload)
    packet = scapy.Ether(octets)
    layer = scapy.IP if ip is V4 else scapy.IPv6
    again = scapy.Ether(octets)
    for kind in (scapy.IP, scapy.TCP, scapy.UDP, scapy.ICMP):
        if kind in again:
            again[kind].chksum = None
    if scapy.IP in again:
        again[scapy.IP].len = None
    if proto == 58:
        again[layer].payload.cksum = None
    assert bytes(again) == octets
    assert len(packet) == len(octets)


def test_timestamps_and_syn_options() -> None:
    row = _row(proto=6, **V4, flags=2, opt_len=12, opt_off=0, pay_len=0)
    blob = b"\x02\x04\x05\xb4\x01\x03\x03\x07\x04\x02\x00\x00"
    _, data = serialise(row, np.frombuffer(blob, np.uint8))
    options = dict(o for o in scapy.Ether(data.tobytes())[scapy.TCP].options if o[0] != "NOP")
    assert options["MSS"] == 1460
    assert options["WScale"] == 7
    row = _row(proto=6, **V4, flags=16, stamps=1, ts_val=5, ts_ecr=6)
    packet = scapy.Ether(_frame(row, b"abc"))[scapy.TCP]
    assert ("Timestamp", (5, 6)) in packet.options
    assert bytes(packet.payload) == b"abc"


def test_padding_is_outside_the_packet() -> None:
    row = _row(proto=17, **V4, sport=1, dport=2, pad=1)
    octets = _frame(row, b"x")
    assert len(octets) == 60
    assert scapy.Ether(octets)[scapy.IP].len == 29


def test_udp_without_checksum_only_over_v4() -> None:
    assert scapy.Ether(_frame(_row(proto=17, **V4, nosum=1), b"x"))[scapy.UDP].chksum == 0
    assert scapy.Ether(_frame(_row(proto=17, **V6, nosum=1), b"x"))[scapy.UDP].chksum != 0


def test_bare_ethernet_and_vsock() -> None:
    assert _frame(_row(kind=ETHER, sport=0x0806), b"ab")[12:] == b"\x08\x06ab"
    row = _row(kind=VSOCK, src_lo=3, dst_lo=2, sport=70000, dport=1024, flags=5, seq=262144, ack=4)
    row["icmp_rest"] = 1
    octets = _frame(row, b"hello")
    assert len(octets) == 32 + 44 + 5
    assert octets[24:32] == b"\x04\0\x02\0\x2c\0\0\0"
    assert int.from_bytes(octets[56:60], "little") == 5
    assert octets[76:] == b"hello"


def test_no_packets_at_all() -> None:
    offsets, data = serialise(np.zeros(0, ROW), np.zeros(8, np.uint8))
    assert offsets.tolist() == [0]
    assert data.size == 0
