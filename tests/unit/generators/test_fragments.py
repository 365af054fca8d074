"""Datagrams larger than the path takes: fragments that fit and add up."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from nalpml.generators._conversation import Conversation, icmp_meta
from nalpml.generators._datagram import datagram_rows
from nalpml.generators._frames import serialise
from nalpml.generators._network import Network


def _frames(version: int, proto: int, size: int) -> list[bytes]:
    net = Network(np.random.default_rng(1), hosts=6)
    rng = np.random.default_rng(2)
    ends = net.ends(rng, scope="wan", version=version)
    path = dataclasses.replace(ends.path, loss=0.0, mtu=1400, reorder=0.0)
    ends = dataclasses.replace(ends, path=path)
    conv = Conversation(ends, proto, sport=4000 * (proto == 17), dport=5000 * (proto == 17))
    conv.at(0.0, 0, bytes(k % 251 for k in range(size)), icmp_meta(128 if version == 6 else 8))
    rows, blob = datagram_rows([conv], rng)
    rows = rows[np.argsort(rows["time"], kind="stable")]
    offsets, data = serialise(rows, np.frombuffer(blob + bytes(8), np.uint8))
    return [data[a:b].tobytes() for a, b in pairwise(offsets)]


def _sum(octets: bytes) -> int:
    total = int(np.frombuffer(octets + bytes(len(octets) % 2), ">u2").sum(dtype=np.uint64))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@pytest.mark.parametrize("size", [1380, 2800, 9000])
@pytest.mark.parametrize("proto", [17, 1])
@pytest.mark.parametrize("version", [4, 6])
def test_fragments_fit_and_add_up(version: int, proto: int, size: int) -> None:
    proto = 58 if (version, proto) == (6, 1) else proto
    whole: dict[int, bytes] = {}
    ends, more = b"", []
    for frame in _frames(version, proto, size):
        packet = frame[14:]
        assert len(packet) <= 1400
        if version == 6:
            packet = packet[: 40 + int.from_bytes(packet[4:6], "big")]
        if version == 4:
            place = int.from_bytes(packet[6:8], "big")
            head, ends = 20, packet[12:20]
            packet = packet[: int.from_bytes(packet[2:4], "big")]
            assert not place & 0x4000, "what is in fragments may be fragmented"
            at, last = 8 * (place & 0x1FFF), not place & 0x2000
        else:
            assert packet[6] == 44
            assert packet[40] == proto
            place = int.from_bytes(packet[42:44], "big")
            head, ends = 48, packet[8:40]
            at, last = place & 0xFFF8, not place & 1
        whole[at] = packet[head:]
        more.append(not last)
    body = b"".join(whole[k] for k in sorted(whole))
    assert more == [True] * (len(more) - 1) + [False]
    assert len(body) == size + 8
    assert list(whole) == sorted(whole)
    pseudo = ends + len(body).to_bytes(4, "big") + proto.to_bytes(4, "big")
    assert _sum((b"" if proto == 1 else pseudo) + body) == 0xFFFF


def test_what_fits_stays_whole() -> None:
    (frame,) = _frames(4, 17, 1372)
    assert len(frame) == 14 + 1400
