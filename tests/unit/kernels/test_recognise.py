from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels import _apps
from nalpml._kernels.recognise import recognise
from nalpml.capture.apps import APP_CODES, APPS
from nalpml.capture.packets import PACKET_DTYPE

H = bytes.fromhex
BER = b"\x30\x0c\x02\x01\x01" + bytes(9)
LONG = H("08") + b"\x99" * 8 + H("00 00 4014") + b"\x99" * 20  # a server's Initial
DNS = H("1234 0100 0001 0000 0000 0000") + b"\3www\4test\0" + H("0001 0001")
PLAIN_TCP = {
    "tls": [H("1603010005") + bytes(5)],
    "ssh": [b"SSH-2.0-OpenSSH", b"ssh-"],
    "http": [b"GET / HTTP/1.1", b"http/1.1 200 OK", b"HTTP/2 200"],
    "sip": [b"INVITE sip:a"],
    "rtsp": [b"RTSP/1.0 200", b"DESCRIBE rtsp"],
    "redis": [b"*3\r\n$3\r\nSET", b"$12\r\nabc", b"+PONG\r\n"],
    "banner": [b"220 mail ready", b"+OK hello", b"EHLO me\r\n", b"* OK IMAP"],
    "memcached": [b"STORED\r\n", b"stats\r\n", b"VALUE a 0 1"],
    "amqp": [b"AMQP\0\0\x09\x01"],
    "git": [b"0032git-upload-pack /a"],
    "xmpp": [b"<stream:stream to='a'>"],
    "markup": [b"<?xml version", b"<!DOCTYPE html>", b'{"key": "value"}', b'[{"a": 1}, 2]'],
    "socks5_choice": [H("0500"), H("05ff"), H("0502")],
    "socks5_greeting": [H("050100"), H("05020002")],
    "socks5_request": [H("05010001 01020304 0050"), H("05010004") + bytes(15) + H("01 0050"),
                       H("0501000303") + b"a.b" + H("0050")],
    "socks4_request": [H("04010050 01020304") + b"me\0", H("04020050 00000001") + b"\x80\0"],
    "socks4_reply": [H("005a0050 01020304")],
    "socks5_auth": [H("0102") + b"me" + H("02") + b"pw"],
    "asn1": [BER, b"\x30\x81\x80\x02" + bytes(127), b"\x30\x82\x01\x00\xa0" + bytes(255),
             b"\x30\x84\x00\x00\x00\x08\xa1" + bytes(7)],
    "smb": [H("00000008") + b"\xffSMB" + bytes(4), H("00000008") + b"\xfeSMB" + bytes(4)],
    "netbios": [H("81000004") + bytes(4)],
    "rdp": [H("0300000b06e00000000000")],
    "s7": [H("0300000c02f0803201000000")[:12].replace(b"\x06", b"\x02")],
    "amt": [H("10000000") + b"SOL ", H("10000000") + b"IDER", H("11000000") + bytes(9)],
    "postgresql": [struct.pack(">II", 12, 196608) + b"user", b"Q\0\0\0\x08sel\0"],
    "mysql": [H("0c0000000a") + b"8.0.0\0" + bytes(5), H("20000001") + bytes(32)],
    "mongodb": [struct.pack("<IIII", 20, 1, 0, 2013) + bytes(4)],
    "modbus": [H("000100000006010300000001")],
    "dnp3": [H("0564 05c0 0100 0004 e921")],
    "enip": [H("6500 0400") + bytes(24)],
    "opcua": [b"HELF\x20\0\0\0" + bytes(24)],
    "iec104": [H("68 04 07 00 00 00")],
    "bgp": [b"\xff" * 16 + H("001304")],
    "dcerpc": [H("05000b0310000000 48000000 00000000")],
    "diameter": [H("01000014 80000101 00000000 00000000 00000000")],
    "nfs_rpc": [H("80000024 00000001 00000000 00000002") + bytes(24)],
    "bittorrent": [b"\x13BitTorrent protocol" + bytes(8)],
    "mqtt": [b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\0\0", H("20020000")],
    "kerberos": [struct.pack(">I", 14) + b"\x6a\x0c" + bytes(12)],
    "dns": [len(DNS).to_bytes(2, "big") + DNS],
    "text": [b"just words\r\n"],
    "none": [H("ff00ff00ff"), b"\x01", bytes([5, 9, 9]), bytes([4]) + bytes(20), bytes([0, 9]),
             bytes([1, 200, 3, 4, 5]), H("05ff00"), H("050209ff"),
             H("0501000501020304050607"), bytes([5, 3, 9, 9]),
             H("0401005000000001ff") + b"\x80\xff"],
}  # fmt: skip
PLAIN_UDP = {
    "rmcp": [H("0600ff06"), H("0600ff07") + bytes(12)],
    "rmcp_sol": [H("0600ff0706c1") + bytes(12)],
    "dhcp": [H("010106") + bytes(233) + H("63825363") + bytes(4)],
    "ntp": [H("23000a") + bytes(45), H("1602000100000000 00000000")],
    "snmp": [b"\x30\x0c\x02\x01\x01" + bytes(9)],
    "asn1": [b"\x30\x0c\x04\x01\x01" + bytes(9)],
    "kerberos": [H("6a0b") + bytes(11), H("6c8180") + bytes(128), H("7e820100") + bytes(256)],
    "syslog": [b"<34>Oct 11", b"<7>a"],
    "tftp": [b"\0\1file\0octet\0", H("00040001"), H("0003000100")],
    "radius": [H("01000014") + bytes(16)],
    "rip": [H("01010000") + bytes(20)],
    "nfs_rpc": [H("00000001 00000000 00000002 000186a5") + bytes(8)],
    "netbios": [H("1102000100000000 008a0000 0000") + b"x"],
    "hsrp": [H("0000100300000000") + bytes(12)],
    "dns": [DNS, H("1234 8183 0000 0000 0000 0000"), DNS[:12] + H("c00c") + H("00010001"),
            DNS[:14], DNS[:12] + b"\3www\0", H("1234 0100 0002 0000 0000 0000") + b"\0" * 1],
    "dtls": [H("16fefd0000000000000000 0001 00")],
    "wireguard": [H("01000000") + b"\x99" * 144, H("02000000") + b"\x99" * 88,
                  H("03000000") + b"\x99" * 60, H("04000000") + b"\x99" * 28],
    "ike": [b"\x99" * 16 + H("2120 2208 00000000 0000001c"),
            bytes(4) + b"\x99" * 16 + H("2120 2208 00000000 0000001c")],
    "keepalive": [b"\xff"],
    "openvpn": [b"\x38" + b"\x99" * 8 + bytes(5), b"\x40" + b"\x99" * 8 + H("01") + bytes(16),
                b"\x38" + b"\x99" * 28 + H("00000001") + b"\x99" * 9,
                b"\x38" + b"\x99" * 8 + H("00000001 05") + b"\x99" * 6],
    "vxlan": [H("0800000000000100") + b"\x99" * 20],
    "gtp": [H("30ff0004 99999999") + bytes(4), H("48200008") + bytes(8)],
    "l2tp": [H("c802000c") + b"\x99" * 8],
    "teredo": [H("6000000000003bff") + b"\x99" * 32],
    "quic": [H(f"{head}{version}") + LONG for head, version in (
        ("c3", "00000001"), ("cf", "51303433"), ("cf", "1a2a3a4a"), ("cf", "ff00001d"),
        ("cf", "54303433"), ("cf", "face0001"))],
    "stun": [H("0001000c 2112a442") + bytes(24), H("00010000") + b"\x99" * 16],
    "rtp": [H("8000 9999 99999999 99999999") + b"\x99" * 160],
    "rtcp": [H("80c80006") + bytes(24)],
    "mpegts": [(b"\x47\x41\0\x31" + b"\x99" * 184) * 2],
    "socks5_request": [H("00000001 0a000001 0035") + b"\x99\x99\x99"],
    "sip": [b"OPTIONS sip:a"[:0] + b"REGISTER sip:a"],
    "http": [b"M-SEARCH * HTTP/1.1"],
    "dht": [b"d1:ad2:id20:abcdefgh"],
    "utp": [H("41000001") + b"\x99" * 16, H("01000001") + bytes(16) + b"data",
            H("21010001") + b"\x99" * 16 + H("000401020304")],
    "bacnet": [H("810a0008") + b"\x99" * 4],
    "enip": [H("6300 0000") + b"\x99" * 20],
    "coap": [H("40000001"), H("4101000199 b3") + b"\x99" * 3],
    "memcached": [H("0001 0000 0001 0000") + b"get keys\r\n"],
    "markup": [b"<a>text</a>", b'{"a":1}'],
    "text": [b"just words"],
    "none": [b"\x99\x98", H("0600ff05"), bytes(12), H("1234 3900") + b"\x99" * 20,
             H("1234 0100 0099 0000 0000 0000") + bytes(8), H("0000") + b"\x99" * 30,
             DNS[:12] + b"\x50" + bytes(9), DNS[:12] + (b"\x3f" + b"a" * 63) * 5 + bytes(6),
             DNS[:-4] + H("0999 0001"), DNS[:-4] + H("0001 0099"), DNS[:-2],
             H("00000009 0a000001 0035") + b"\x99"],
}  # fmt: skip


def recognised(payloads, proto, *, length=None, behind=b""):
    rows = np.zeros(len(payloads), PACKET_DTYPE)
    sizes = [len(p) for p in payloads]
    rows["proto"], rows["payload_cap"] = proto, sizes
    rows["payload_len"] = sizes if length is None else length
    rows["payload_off"] = np.cumsum(sizes) - sizes
    rows["prefix_hi"] = [int.from_bytes(p[:8].ljust(8, b"\0"), "big") for p in payloads]
    rows["printable"] = [sum(32 <= x < 127 or x in (9, 10, 13) for x in p) for p in payloads]
    recognise(np.frombuffer(b"".join(payloads) + behind, np.uint8), rows)
    return [APPS[code] for code in rows["app"]]


@pytest.mark.parametrize("name", PLAIN_TCP)
def test_tcp_and_vsock(name):
    for proto in (6, 256):
        for payload in PLAIN_TCP[name]:
            assert recognised([payload], proto) == [name], payload


@pytest.mark.parametrize("name", PLAIN_UDP)
def test_udp(name):
    for payload in PLAIN_UDP[name]:
        assert recognised([payload], 17) == [name], payload


def test_codes_are_those_of_the_table():
    for name, code in APP_CODES.items():
        assert getattr(_apps, name.upper(), code) == code


def test_other_protocols_fragments_and_empty_payloads_are_passed_over():
    assert recognised([b"SSH-2.0"], 1) == ["none"]
    rows = np.zeros(3, PACKET_DTYPE)
    rows["proto"], rows["payload_cap"] = 6, [0, 7, 7]
    rows["skip"], rows["ip_frag"] = [0, 1, 0], [0, 0, 5]
    recognise(np.frombuffer(b"SSH-2.0", np.uint8), rows)
    assert not rows["app"].any()


EXAMPLES = [p for table in (PLAIN_TCP, PLAIN_UDP) for group in table.values() for p in group]


@given(
    payload=st.one_of(st.sampled_from(EXAMPLES), st.binary(min_size=1, max_size=60)),
    cut=st.integers(1, 300), proto=st.sampled_from([6, 17]), extra=st.integers(0, 90),
)  # fmt: skip
def test_no_octet_behind_the_payload_is_read(payload, cut, proto, extra):
    # The buffer ends with the payload: with bounds checks, or without the JIT, a read behind it
    # raises. The headers may announce more than was captured.
    payload = payload[:cut]
    assert recognised([payload], proto, length=len(payload) + extra)[0] in APPS


@pytest.mark.parametrize("proto", [6, 17])
def test_what_lies_behind_a_cut_payload_changes_nothing(proto):
    # Compiled kernels do not check bounds: a snap length cuts payloads in front of other frames.
    for payload in EXAMPLES:
        for cut in range(1, len(payload)):
            for length in {len(payload), 14, 26, 42, 54} - set(range(cut + 1)):
                seen = [
                    recognised([payload[:cut]], proto, length=length, behind=bytes([octet]) * 64)
                    for octet in (0, 0xFF)
                ]
                assert seen[0] == seen[1], (payload, cut, length)


def test_random_octets_are_seldom_recognised():
    rng = np.random.default_rng(1)
    payloads = [rng.integers(0, 256, 200, dtype=np.uint8).tobytes() for _ in range(2000)]
    for proto, share in ((6, 0.004), (17, 0.02)):
        names = recognised(payloads, proto)
        # RTP has no more than two bits and a range to be known by.
        assert sum(n not in ("none", "rtp") for n in names) <= share * len(names)


@given(text=st.binary(min_size=8, max_size=8))
def test_upper_case(text):
    with np.errstate(over="ignore"):
        head = _apps.upper(np.uint64(int.from_bytes(text, "big")))
    assert int(head).to_bytes(8, "big") == text.upper()
