from __future__ import annotations

import base64
import struct
import zlib

import numba
import numpy as np
import pytest

from nalpml._kernels.recognise_more import recognise_more
from nalpml.capture.apps import APP_CODES, APPS, EXPECTED
from nalpml.capture.packets import PACKET_DTYPE
from tests.unit.kernels.recognise_samples import TCP, UDP

SLOW = bool(numba.config.DISABLE_JIT)
"""Kernels run as plain Python: fewer payloads will do."""

SAMPLES = [(6, *sample) for sample in TCP] + [(17, *sample) for sample in UDP]


def recognised(payloads, proto, ports=(40000, 40001), lengths=None, app=0):
    """Codes of payloads that lie behind one another."""
    rows = np.zeros(len(payloads), PACKET_DTYPE)
    sizes = [len(p) for p in payloads]
    rows["payload_cap"] = sizes
    rows["payload_len"] = sizes if lengths is None else lengths
    rows["payload_off"] = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rows["prefix_hi"] = [int.from_bytes(p[:8].ljust(8, b"\0"), "big") for p in payloads]
    rows["sport"], rows["dport"] = ports
    rows["proto"] = proto
    rows["app"] = app
    recognise_more(np.frombuffer(b"".join(payloads), np.uint8), rows)
    return rows["app"]


@pytest.mark.parametrize(
    "proto, name, port, payload", SAMPLES, ids=[f"{k}-{s[1]}" for k, s in enumerate(SAMPLES)]
)
class TestSample:
    def test_is_recognised_in_both_directions(self, proto, name, port, payload):
        for ports in ((40000, port), (port, 40000)):
            assert APPS[recognised([payload], proto, ports)[0]] == name

    def test_is_recognised_where_it_was_plain_text_and_nowhere_else(
        self, proto, name, port, payload
    ):
        text, tls = APP_CODES["text"], APP_CODES["tls"]
        assert APPS[recognised([payload], proto, (40000, port), app=text)[0]] == name
        assert recognised([payload], proto, (40000, port), app=tls)[0] == tls

    def test_may_be_cut_anywhere(self, proto, name, port, payload):
        # The buffer ends where the payload does: bounds checking sees a step too far.
        for size in range(min(len(payload), 40) + 1):
            for length in (size, len(payload)):
                code = recognised([payload[:size]], proto, (40000, port), length)[0]
                assert 0 <= code < len(APPS)


def test_every_added_name_has_a_sample_and_every_code_a_name():
    added = set(APPS[APP_CODES["slp"] :])
    assert added <= {sample[1] for sample in SAMPLES}
    assert len(APPS) == len(set(APPS)) <= 256
    assert all(0 < c < len(APPS) for t in EXPECTED.values() for codes in t.values() for c in codes)


def randoms(seed, count, most=200):
    count = count // 50 if SLOW else count
    rng = np.random.default_rng(seed)
    return [rng.bytes(int(n)) for n in rng.integers(1, most + 1, count)]


@pytest.mark.parametrize("proto", [6, 17, 256])
def test_random_octets_are_nothing(proto):
    codes = recognised(randoms(1, 20000), proto)
    assert np.count_nonzero(codes) < 20


@pytest.mark.parametrize("proto", [6, 17])
def test_random_octets_are_rarely_anything_at_a_known_port(proto):
    payloads = randoms(2, 200)
    hits = {port: np.count_nonzero(recognised(payloads, proto, (40000, port)))
            for port in EXPECTED[proto]}  # fmt: skip
    assert max(hits.values()) <= 3
    assert sum(hits.values()) <= 1e-3 * len(payloads) * len(hits)


@pytest.mark.parametrize("proto", [6, 17])
def test_short_random_octets_are_read_within_their_bounds(proto):
    for payload in randoms(3, 1500, 48):
        recognised([payload], proto, lengths=len(payload) + 1000)


def _sized(payloads, layout, more):
    return [struct.pack(layout, len(p) + more) + p for p in payloads]


def frames():
    """Payloads of shells, transfers and remote access tools by kind."""
    bodies = randoms(4, 2000, 180)
    text = [
        b"id\n", b"uid=0(root) gid=0(root) groups=0(root)\n", b"ls -la /tmp\n", b"whoami\r\n",
        b"cat /etc/passwd\n", b"root:x:0:0:root:/root:/bin/bash\n", b"$ ", b"sh-5.1# ", b"exit\n",
        b"Microsoft Windows [Version 10.0.19045.3693]\r\n", b"C:\\Windows\\system32>", b"dir\r\n",
        b"bash: no job control in this shell\n", b"total 48\ndrwxr-xr-x  2 root root 4096 Jan\n",
        b"Linux host 6.1.0-13-amd64 #1 SMP x86_64 GNU/Linux\n", b"CMD 1 whoami", b"PING", b"beacon",
    ]  # fmt: skip
    return {
        "text": text,
        "base64": [base64.b64encode(b) for b in bodies[:400]],
        "hex": [b.hex().encode() for b in bodies[:400]],
        "files": [b"\x7fELF\x02\x01\x01" + bytes(9) + b"\3\0\x3e\0", b"%PDF-1.7\n%\xe2\xe3\xcf\n",
                  b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\3\4\x14\0\0\0\x08\0", b"MZ\x90\0\3\0\0\0"],
        **{f"{layout}{more}": _sized(bodies, layout, more)
           for layout in (">H", "<H", ">I", "<I", ">Q", "<Q")
           for more in (0, struct.calcsize(layout))},
        "type and length": [struct.pack(">BI", k % 8, len(b)) + b for k, b in enumerate(bodies)],
        "length and type": [struct.pack(">II", len(b) + 8, k % 4) + b
                            for k, b in enumerate(bodies)],
        "little length and type": [struct.pack("<II", len(b) + 8, k % 4) + b
                                   for k, b in enumerate(bodies)],
        "gh0st": [b"Gh0st" + struct.pack("<II", len(z) + 13, len(b)) + z
                  for b in bodies[:400] for z in (zlib.compress(b),)],
        "tlv": [struct.pack(">II", len(m) + 17, k % 2) + struct.pack(">II", len(m) + 9, 0x10001)
                + m + b"\0" for k, m in enumerate([b"core_loadlib", b"stdapi_sys_process"] * 4)],
        "masked tlv": [key + bytes(x ^ key[k % 4] for k, x in enumerate(
                       bytes(20) + struct.pack(">II", len(b) + 8, 1) + b))
                       for b in bodies[:400] for key in (b[:4].ljust(4, b"k"),)],
        "masked text": [bytes(x ^ 0x5A for x in t) for t in text],
    }  # fmt: skip


@pytest.mark.parametrize("proto", [6, 17])
def test_frames_of_remote_access_tools_are_nothing(proto):
    for kind, payloads in frames().items():
        codes = recognised(payloads, proto)
        assert np.count_nonzero(codes) <= len(payloads) // 1000, (kind, APPS[codes.max()])
