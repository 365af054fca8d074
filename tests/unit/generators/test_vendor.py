"""Vendor families: one seed one capture, right checksums, ports and framing as specified."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from nalpml.generators import PROFILES, Entry, Generated, MixConfig, generate
from nalpml.generators._network import Network
from nalpml.generators.benign.vendor_bodies import BODIES, autokey, body
from nalpml.generators.benign.vendor_design import Design, size_law
from nalpml.generators.benign.vendor_families import PROFILES as FAMILIES
from nalpml.generators.benign.vendor_named import Named
from nalpml.generators.benign.vendor_partial import (
    ACK,
    AGAIN,
    BACK,
    PSH,
    piece,
    segment,
    segments,
)

NAMED = [p for p in FAMILIES if isinstance(p, Named)]


def _net(seed: int = 0) -> Network:
    return Network(np.random.default_rng(seed), hosts=12, duration=60.0)


def _made(name: str, seed: int = 1, count: int = 3) -> Generated:
    config = MixConfig(
        entry=(Entry(profile=name, count=count),), duration=60, hosts=12, midstream=0, one_way=0
    )
    return generate(config, seed=seed)


def _tcp(made: Generated) -> list[tuple[int, int, int, int, int]]:
    """(flags, sequence, acknowledgement, payload octets, window) of IPv4 TCP frames, in order."""
    out = []
    frames = made.frames
    for i in range(len(frames)):
        f = frames.data[frames.offsets[i] : frames.offsets[i + 1]].tobytes()
        if f[12:14] != b"\x08\x00" or f[23] != 6:
            continue
        t = f[34:]
        size = int.from_bytes(f[16:18], "big") - 20 - (t[12] >> 4) * 4
        seq, ack = struct.unpack(">II", t[4:12])
        out.append((t[13], seq, ack, size, int.from_bytes(t[14:16], "big")))
    return out


def test_all_are_registered_once() -> None:
    names = [p.name for p in FAMILIES]
    assert len(set(names)) == len(names) > 150
    assert set(names) <= set(PROFILES)
    assert all(p.label == "benign" for p in FAMILIES)


@pytest.mark.parametrize("name", ["vendor.parts", "vendor.fragment_alive", "p2p.rlpx", "iot.plug"])
def test_the_same_seed_gives_the_same_octets(name: str) -> None:
    assert _made(name).card["sha256"] == _made(name).card["sha256"]
    assert _made(name).card["sha256"] != _made(name, seed=2).card["sha256"]


@pytest.mark.parametrize("profile", NAMED, ids=lambda p: p.name)
def test_named_protocols_use_their_ports(profile: Named) -> None:
    rng = np.random.default_rng(5)
    convs = profile.conversations(rng, _net())
    for conv in convs:
        assert {conv.sport, conv.dport} & set(profile.ports) or profile.name.startswith("p2p.")
    assert all(c.proto in (6, 17) for c in convs)


@pytest.mark.parametrize("style", sorted(set(BODIES)))
def test_bodies_have_about_the_size_asked_for(style: str) -> None:
    make = body(np.random.default_rng(3), style)
    for size in (1, 40, 400):
        assert 0 < len(make(size)) < 4 * size + 400


def test_designs_differ_and_keep_to_themselves() -> None:
    streams = [Design(np.random.default_rng(k), datagram=False, style="sealed") for k in range(40)]
    firsts = [d.message(100, 0)[:4] for d in streams]
    assert len(set(firsts)) > 30
    again = [d.message(100, 0)[:4] for d in streams]
    alike = sum(a[0] == b[0] for a, b in zip(firsts, again, strict=True))
    assert alike > 10, "headers have constant octets"


def test_datagrams_fit() -> None:
    for k in range(60):
        rng = np.random.default_rng(k)
        assert len(Design(rng, datagram=True).message(9000, 0)) < 1400


def test_size_laws_stay_in_bounds() -> None:
    for k in range(50):
        law = size_law(np.random.default_rng(k), 10, 100)
        assert all(1 <= law() <= 400 for _ in range(50))


def test_autokey_undoes_by_the_octet_before() -> None:
    text = b'{"system":{"get_sysinfo":{}}}'
    sealed = autokey(text)
    assert bytes(a ^ b for a, b in zip(sealed, b"\xab" + sealed, strict=False)) == text


def test_segments_number_themselves() -> None:
    rng = np.random.default_rng(0)
    net = _net()
    ends = net.ends(rng, scope="lan", version=4)
    conv = segments(ends, sport=1000, dport=2000)
    segment(conv, 0, b"a" * 10, flags=ACK | PSH)
    segment(conv, 1, gap=0.1)
    segment(conv, 0, b"a" * 10, gap=0.1, flags=ACK | PSH, mark=AGAIN)
    segment(conv, 0, gap=0.1, mark=BACK)
    segment(conv, 0, b"b" * 5, gap=0.1, flags=ACK | PSH)
    from nalpml.generators._datagram import datagram_rows

    rows, _ = datagram_rows([conv], rng)
    rows = rows[np.argsort(rows["time"])]
    assert conv.hook is not None
    conv.hook(rows, rng)
    assert (rows["proto"] == 6).all()
    first = int(rows["seq"][0])
    relative = [(int(s) - first) & 0xFFFFFFFF for s in rows["seq"][rows["dir"] == 0]]
    assert relative == [0, 0, 9, 10]
    assert (int(rows["ack"][1]) - first) & 0xFFFFFFFF == 10


def test_keepalives_are_one_octet_behind() -> None:
    made = _made("vendor.fragment_alive", count=6)
    seen = _tcp(made)
    assert seen
    assert max(size for _, _, _, size, _ in seen) <= 400
    assert any(flags == ACK and size <= 1 for flags, _, _, size, _ in seen)


def test_pieces_are_parts() -> None:
    for k in range(40):
        rng = np.random.default_rng(k)
        for conv in PROFILES["iot.coap"].conversations(rng, _net(k)):
            part = piece(rng, conv)
            assert set(part.payloads) <= set(conv.payloads)
            assert len(part.t) <= len(conv.t)


def test_plug_frames_have_their_length() -> None:
    rng = np.random.default_rng(1)
    profile = PROFILES["iot.plug"]
    convs = [c for _ in range(6) for c in profile.conversations(rng, _net()) if c.proto == 6]
    messages = [text for c in convs for text in c.payloads]
    assert messages
    for text in messages:
        assert int.from_bytes(text[:4], "big") == len(text) - 4


def test_crumbs_are_small() -> None:
    made = _made("vendor.fragment_crumbs", count=4)
    assert np.diff(made.frames.offsets).max() <= 14 + 40 + 8 + 8 + 20
