"""Generated traffic made to fit a capture: its hosts, and its link layer."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from nalpml.capture.packets import PacketTable
from nalpml.channels import VSOCK
from nalpml.errors import ConfigError
from nalpml.generators._network import Host, Network
from nalpml.generators._systems import SYSTEMS
from nalpml.generators.mix import Frames

__all__ = ["observed_network", "relinked"]

ETHERNET, RAW, COOKED, VSOCK_LINK = 1, 101, 113, 271
_RAW_IP = (RAW, 228, 229)
_MOST = 400

_MAPPED = 0xFFFF << 32


def observed_network(
    packets: PacketTable, rng: np.random.Generator, times: npt.NDArray[np.int64], *, v6: float
) -> Network:
    """A network whose hosts are those of a capture.

    Parameters
    ----------
    packets : PacketTable
    rng : numpy Generator
        Draws what the capture does not show, and hosts where it shows too few.
    times : int64 array
        Times of its frames, for the length of the mixture.
    v6 : float
        Share of conversations over IPv6, used when the capture has both versions.
    """
    length = max(1.0, float(times.max() - times.min()) / 1e9)
    usable = packets.rows[(packets["skip"] == 0) & (packets["depth"] == 0)]
    usable = usable[usable["proto"] != VSOCK]
    four = usable["ip_version"] == 4
    inside, outside, version6 = [], [], []
    for version in (4, 6):
        rows = usable[usable["ip_version"] == version]
        seen, first, count = np.unique(
            np.stack((rows["src_hi"], rows["src_lo"]), axis=1),
            axis=0, return_index=True, return_counts=True,
        )  # fmt: skip
        for k in np.argsort(-count, kind="stable")[:_MOST].tolist():
            high, low = (int(v) for v in seen[k])
            entry = (high, low, int(rows["ttl"][first[k]]))
            if version == 6:
                version6.append(entry)
            elif _private(low & 0xFFFFFFFF):
                inside.append(entry)
            elif low & 0xFFFFFFFF < 0xE0000000:
                outside.append(entry)
    share = v6 if version6 and four.any() else float(bool(version6))
    net = Network(rng, hosts=max(4, len(inside)), duration=length, v6=share)
    if inside:
        # Invented neighbours live in the site's own network.
        base = inside[0][1] & 0xFFFFFF00
        spare = rng.permutation(np.arange(2, 250))
        own = [_as(host, *entry) for host, entry in zip(net.inside, inside, strict=False)]
        rest = [
            dataclasses.replace(host, v4=(base | int(k)) & 0xFFFFFFFF)
            for host, k in zip(net.inside[len(own) :], spare, strict=False)
        ]
        net.inside = own + rest
    local6 = [e for e in version6 if e[0] >> 57 == 0xFE >> 1 and e[0] >> 48 != 0xFE80]
    for place, (high, low, _) in enumerate(local6 or version6[:1]):
        if place < len(net.inside):
            net.inside[place] = dataclasses.replace(net.inside[place], v6=(high, low))
    if outside:
        net.popular = [
            _as(host, *entry) for host, entry in zip(net.popular, outside, strict=False)
        ] or net.popular
    return net


def _private(v4: int) -> bool:
    first, second = v4 >> 24, (v4 >> 16) & 255
    return first == 10 or (first == 172 and 16 <= second < 32) or (first, second) == (192, 168)


def _as(host: Host, high: int, low: int, ttl: int) -> Host:
    """A host with an address that was seen, of a system whose initial TTL fits."""
    initial = next(value for value in (64, 128, 255) if ttl <= value)
    systems = [s for s in SYSTEMS if s.ttl == initial]
    system = host.system if host.system in systems else systems[low % len(systems)]
    return dataclasses.replace(
        host,
        system=system,
        v4=low & 0xFFFFFFFF,
        window=system.window[0],
        scale=system.scale[0],
        ip_id=system.ip_id[0],
        stamp_hz=1000 if "T" in system.syn else 0,
    )


def relinked(frames: Frames, have: int, wanted: int) -> Frames:
    """Give frames the link layer of another capture.

    Raises
    ------
    ConfigError
        When there is no way from one to the other.
    """
    if have == wanted:
        return frames
    if have != ETHERNET or wanted not in (*_RAW_IP, COOKED):
        raise ConfigError(
            f"a capture of link type {wanted} cannot take packets of link type {have}: "
            "inject into Ethernet, raw IP or Linux cooked captures, VSOCK into link type 271"
        )
    # Untagged Ethernet: cut 14 octets, padding and all that is not IP; cooked adds its own 16.
    starts, lengths = frames.offsets[:-1], np.diff(frames.offsets)
    kinds = frames.data[starts + 12].astype(int) << 8 | frames.data[starts + 13]
    ip = np.flatnonzero((kinds == 0x0800) | (kinds == 0x86DD))
    if len(ip) != len(starts):
        raise ConfigError(
            f"a capture of link type {wanted} cannot take frames that are not IP: "
            "leave profiles such as arp.requests out"
        )
    before = 16 if wanted == COOKED else 0
    size = lengths - 14 + before
    offsets = np.concatenate(([0], np.cumsum(size)))
    data = np.zeros(int(offsets[-1]), np.uint8)
    index = np.arange(len(data)) - np.repeat(offsets[:-1], size)
    source = np.repeat(starts + 14 - before, size) + index
    body = index >= before
    data[body] = frames.data[source[body]]
    if before:
        at = offsets[:-1]
        data[at + 3] = 1
        data[at + 5] = 6
        for k in range(6):
            data[at + 6 + k] = frames.data[starts + 6 + k]
        data[at + 14], data[at + 15] = kinds >> 8, kinds & 255
        data[at + 2] = 0
    return dataclasses.replace(
        frames, offsets=offsets, data=data, original=frames.original - 14 + before
    )
