"""Packet rows to octets: Ethernet, IPv4, IPv6, TCP, UDP, ICMP, other IP protocols and VSOCK.

A generated packet is one row of `ROW`, its payload a slice of a shared buffer. `serialise` writes
all rows at once: headers as one matrix per header shape, payloads as one matrix per distinct
length, so that the number of Python steps depends on the number of shapes and lengths and not on
the number of packets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ETHER", "IP4", "IP6", "ROW", "VSOCK", "internet_sum", "joined", "serialise"]

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
Rows = npt.NDArray[Any]

ETHER, VSOCK, IP4, IP6 = 0, 1, 4, 6
"""Values of the column `kind`: a raw Ethernet payload, VSOCK, IPv4, IPv6."""

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58

ROW = np.dtype(
    [
        ("time", "i8"),  # ns; relative to the conversation until the mixture shifts it
        ("conv", "i4"),  # conversation, counted in its batch until the mixture renumbers it
        ("dir", "u1"),  # 0 originator to responder, 1 back
        ("kind", "u1"),
        ("proto", "u1"),  # IP protocol
        ("ttl", "u1"),
        ("tos", "u1"),
        ("vlan", "u2"),  # 802.1Q tag control, 0 without a tag
        ("pad", "u1"),  # 1: the frame was padded to 60 octets by a network card
        ("nosum", "u1"),  # 1: UDP without a checksum (IPv4 only)
        ("raw", "u1"),  # 1: the payload holds all of the transport header already
        ("stamps", "u1"),  # 1: TCP timestamp option after the fixed header
        ("opt_len", "u1"),
        ("icmp_type", "u1"),
        ("icmp_code", "u1"),
        ("ip_id", "u2"),
        ("frag", "u2"),  # IPv4 flags and fragment offset, as on the wire
        ("flags", "u2"),  # TCP flags; VSOCK operation
        ("window", "u2"),
        ("urgent", "u2"),
        ("flow", "u4"),  # IPv6 flow label; VSOCK flags
        ("icmp_rest", "u4"),  # the four octets after the checksum; VSOCK socket type
        ("sport", "u4"),  # ETHER: the EtherType
        ("dport", "u4"),
        ("seq", "u4"),  # VSOCK: buf_alloc
        ("ack", "u4"),  # VSOCK: fwd_cnt
        ("ts_val", "u4"),
        ("ts_ecr", "u4"),
        ("pay_len", "u4"),
        ("pay_off", "i8"),
        ("opt_off", "i8"),
        ("src_mac", "u8"),
        ("dst_mac", "u8"),
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
    ]
)
"""One packet before serialisation; addresses as in `PACKET_DTYPE` (IPv4 in the low half)."""


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows of all parts in one array; without NumPy's promotion of every single column."""
    void = np.dtype((np.void, ROW.itemsize))
    whole: Rows = np.concatenate([np.ascontiguousarray(p).view(void) for p in parts]).view(ROW)
    return whole


def serialise(rows: Rows, blob: U8) -> tuple[I64, U8]:
    """Write packets into one buffer.

    Parameters
    ----------
    rows : structured array of `ROW` [shape=(n,)]
    blob : uint8 array
        Payloads and TCP options, addressed by `pay_off`, `pay_len`, `opt_off` and `opt_len`.

    Returns
    -------
    offsets : int64 array [shape=(n + 1,)]
        Octet at which each frame starts; the last is the length of the buffer.
    data : uint8 array
        Frames one after another, lengths and checksums filled in.
    """
    kind, proto = rows["kind"], rows["proto"]
    is_ip = (kind == IP4) | (kind == IP6)
    cooked = is_ip & (rows["raw"] == 0)
    link = np.where(kind == VSOCK, 32, 14 + 4 * (rows["vlan"] > 0))
    network = np.select([kind == IP4, kind == IP6, kind == VSOCK], [20, 40, 44], 0)
    transport = np.zeros(len(rows), np.int64)
    is_tcp, is_udp = cooked & (proto == TCP), cooked & (proto == UDP)
    is_icmp = cooked & ((proto == ICMP) | (proto == ICMP6))
    transport[is_tcp] = (20 + 12 * rows["stamps"].astype(np.int64) + rows["opt_len"])[is_tcp]
    transport[is_udp | is_icmp] = 8
    payload_len = rows["pay_len"].astype(np.int64)
    length = link + network + transport + payload_len
    framed = np.where((rows["pad"] == 1) & (kind != VSOCK), np.maximum(length, 60), length)
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(framed, out=offsets[1:])
    data = np.zeros(int(offsets[-1]), np.uint8)

    start = offsets[:-1]
    sums = _copy(data, start + link + network + transport, blob, rows["pay_off"], payload_len)
    with_options = np.flatnonzero(is_tcp & (rows["opt_len"] > 0))
    if with_options.size:
        option_at = (start + link + network + 20)[with_options]
        option_at += 12 * rows["stamps"][with_options].astype(np.int64)
        option_len = rows["opt_len"][with_options].astype(np.int64)
        option_off = rows["opt_off"][with_options]
        sums[with_options] += _copy(data, option_at, blob, option_off, option_len)

    for tagged in (False, True):
        ethernet = np.flatnonzero((kind != VSOCK) & ((rows["vlan"] > 0) == tagged))
        _put(data, start[ethernet], _ethernet(rows[ethernet], tagged=tagged))
    ip_len = network + transport + payload_len
    for value, build in ((IP4, _ipv4), (IP6, _ipv6)):
        index = np.flatnonzero(kind == value)
        if index.size:
            _put(data, (start + link)[index], build(rows[index], ip_len[index]))
    vsock = np.flatnonzero(kind == VSOCK)
    if vsock.size:
        _put(data, start[vsock], _vsock(rows[vsock]))
    for chosen, transport_of in ((is_tcp, _tcp), (is_udp, _udp), (is_icmp, _icmp)):
        index = np.flatnonzero(chosen)
        if index.size:
            lengths = transport[index] + payload_len[index]
            at = start[index] + link[index] + network[index]
            _put(data, at, transport_of(rows[index], lengths, sums[index]))
    stamped = np.flatnonzero(is_tcp & (rows["stamps"] == 1))
    if stamped.size:
        _put(data, (start + link + network)[stamped] + 20, _timestamps(rows[stamped]))
    return offsets, data


def internet_sum(total: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Fold sums of big-endian 16-bit words into checksums (RFC 1071)."""
    total = (total >> np.uint64(16)) + (total & np.uint64(0xFFFF))
    total = (total >> np.uint64(16)) + (total & np.uint64(0xFFFF))
    total = (total >> np.uint64(16)) + (total & np.uint64(0xFFFF))
    return np.uint64(0xFFFF) - total


def _copy(data: U8, at: I64, blob: U8, source: I64, lengths: I64) -> npt.NDArray[np.uint64]:
    """Copy ragged slices and return the sum of the big-endian 16-bit words of each."""
    sums = np.zeros(len(at), np.uint64)
    order = np.argsort(lengths, kind="stable")
    values, first = np.unique(lengths[order], return_index=True)
    bounds = np.append(first, len(order))
    for j, size in enumerate(values.tolist()):
        if size == 0:
            continue
        # Blocks of a few megabytes keep the working set in the cache.
        step = max(1, (1 << 21) // size)
        for low in range(int(bounds[j]), int(bounds[j + 1]), step):
            index = order[low : min(low + step, int(bounds[j + 1]))]
            block = np.zeros((len(index), size + size % 2), np.uint8)
            block[:, :size] = _slices(blob, size)[source[index]]
            _put(data, at[index], block[:, :size])
            words = block.view("<u2").sum(axis=1, dtype=np.uint64)
            sums[index] = _swapped(words)
    return sums


def _swapped(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Turn sums of little-endian words into sums of big-endian ones (RFC 1071, section 2)."""
    while bool((words >> np.uint64(16)).any()):
        words = (words >> np.uint64(16)) + (words & np.uint64(0xFFFF))
    return ((words & np.uint64(0xFF)) << np.uint64(8)) | (words >> np.uint64(8))


def _put(data: U8, at: I64, block: U8) -> None:
    """Write each row of a matrix at its own place; rows never overlap."""
    if block.size:
        _slices(data, block.shape[1])[at] = block


def _slices(data: U8, size: int) -> U8:
    """Every stretch of `size` octets, as rows of a view (`sliding_window_view` asks more first)."""
    rows = max(0, len(data) - size + 1)
    view: U8 = np.lib.stride_tricks.as_strided(data, (rows, size), (1, 1))
    return view


def _big(values: npt.NDArray[Any], size: int) -> U8:
    """Integers as `size` big-endian octets: a matrix [shape=(n, size)]."""
    octets: U8 = np.ascontiguousarray(values.astype(">u8")).view(np.uint8).reshape(-1, 8)
    return octets[:, 8 - size :]


def _little(values: npt.NDArray[Any], size: int) -> U8:
    octets: U8 = np.ascontiguousarray(values.astype("<u8")).view(np.uint8).reshape(-1, 8)
    return octets[:, :size]


def _header_sum(header: U8) -> npt.NDArray[np.uint64]:
    words: npt.NDArray[np.uint64] = (
        np.ascontiguousarray(header).view(">u2").sum(axis=1, dtype=np.uint64)
    )
    return words


def _ethernet(rows: Rows, *, tagged: bool) -> U8:
    kind = rows["kind"]
    ether_type = np.select(
        [kind == IP4, kind == IP6], [0x0800, 0x86DD], rows["sport"].astype(np.int64)
    )
    tag = (_big(np.full(len(rows), 0x8100), 2), _big(rows["vlan"], 2)) if tagged else ()
    parts = (_big(rows["dst_mac"], 6), _big(rows["src_mac"], 6), *tag, _big(ether_type, 2))
    return np.concatenate(parts, axis=1)


def _ipv4(rows: Rows, ip_len: I64) -> U8:
    header = np.zeros((len(rows), 20), np.uint8)
    header[:, 0] = 0x45
    header[:, 1] = rows["tos"]
    header[:, 2:4] = _big(ip_len, 2)
    header[:, 4:6] = _big(rows["ip_id"], 2)
    header[:, 6:8] = _big(rows["frag"], 2)
    header[:, 8] = rows["ttl"]
    header[:, 9] = rows["proto"]
    header[:, 12:16] = _big(rows["src_lo"] & np.uint64(0xFFFFFFFF), 4)
    header[:, 16:20] = _big(rows["dst_lo"] & np.uint64(0xFFFFFFFF), 4)
    header[:, 10:12] = _big(internet_sum(_header_sum(header)), 2)
    return header


def _ipv6(rows: Rows, ip_len: I64) -> U8:
    header = np.zeros((len(rows), 40), np.uint8)
    first = (6 << 28) | (rows["tos"].astype(np.int64) << 20) | (rows["flow"] & 0xFFFFF)
    header[:, 0:4] = _big(first, 4)
    header[:, 4:6] = _big(ip_len - 40, 2)
    header[:, 6] = rows["proto"]
    header[:, 7] = rows["ttl"]
    for column, name in ((8, "src_hi"), (16, "src_lo"), (24, "dst_hi"), (32, "dst_lo")):
        header[:, column : column + 8] = _big(rows[name], 8)
    return header


def _pseudo(rows: Rows, lengths: I64) -> npt.NDArray[np.uint64]:
    """Sum of the pseudo-header (RFC 9293, RFC 8200 section 8.1)."""
    total = lengths.astype(np.uint64) + rows["proto"].astype(np.uint64)
    six = rows["kind"] == IP6
    for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"):
        keep = six if name.endswith("hi") else np.ones_like(six)
        value = np.where(six, rows[name], rows[name] & np.uint64(0xFFFFFFFF))
        total += np.where(keep, _header_sum(_big(value, 8)), np.uint64(0))
    return total


def _tcp(rows: Rows, lengths: I64, sums: npt.NDArray[np.uint64]) -> U8:
    """TCP headers; those of rows without timestamps keep what follows them untouched."""
    header = np.zeros((len(rows), 20), np.uint8)
    header[:, 0:2] = _big(rows["sport"], 2)
    header[:, 2:4] = _big(rows["dport"], 2)
    header[:, 4:8] = _big(rows["seq"], 4)
    header[:, 8:12] = _big(rows["ack"], 4)
    words = 5 + 3 * rows["stamps"].astype(np.int64) + rows["opt_len"] // 4
    # Flags above the low octet are the reserved bits beside the data offset.
    header[:, 12] = words << 4 | (rows["flags"].astype(np.int64) >> 8 & 0x0F)
    header[:, 13] = rows["flags"] & 0xFF
    header[:, 14:16] = _big(rows["window"], 2)
    header[:, 18:20] = _big(rows["urgent"], 2)
    total = _pseudo(rows, lengths) + _header_sum(header) + sums
    stamped = rows["stamps"] == 1
    stamps = _timestamps(rows)
    total += np.where(stamped, _header_sum(stamps), np.uint64(0))
    header[:, 16:18] = _big(internet_sum(total), 2)
    return header


def _timestamps(rows: Rows) -> U8:
    """NOP, NOP, timestamp option (RFC 7323)."""
    option = np.zeros((len(rows), 12), np.uint8)
    option[:, :4] = (1, 1, 8, 10)
    option[:, 4:8] = _big(rows["ts_val"], 4)
    option[:, 8:12] = _big(rows["ts_ecr"], 4)
    return option


def _udp(rows: Rows, lengths: I64, sums: npt.NDArray[np.uint64]) -> U8:
    header = np.zeros((len(rows), 8), np.uint8)
    header[:, 0:2] = _big(rows["sport"], 2)
    header[:, 2:4] = _big(rows["dport"], 2)
    header[:, 4:6] = _big(lengths, 2)
    checksum = internet_sum(_pseudo(rows, lengths) + _header_sum(header) + sums)
    checksum[checksum == 0] = 0xFFFF  # RFC 768: zero on the wire means none
    checksum[(rows["nosum"] == 1) & (rows["kind"] == IP4)] = 0
    header[:, 6:8] = _big(checksum, 2)
    return header


def _icmp(rows: Rows, lengths: I64, sums: npt.NDArray[np.uint64]) -> U8:
    header = np.zeros((len(rows), 8), np.uint8)
    header[:, 0] = rows["icmp_type"]
    header[:, 1] = rows["icmp_code"]
    header[:, 4:8] = _big(rows["icmp_rest"], 4)
    total = _header_sum(header) + sums
    total += np.where(rows["proto"] == ICMP6, _pseudo(rows, lengths), np.uint64(0))
    header[:, 2:4] = _big(internet_sum(total), 2)
    return header


def _vsock(rows: Rows) -> U8:
    """The vsockmon and virtio headers of link type 271 (uapi/linux/vsockmon.h, virtio_vsock.h)."""
    header = np.zeros((len(rows), 76), np.uint8)
    operation = rows["flags"]
    # virtio operations 1..7 by the vsockmon operation they are shown under.
    monitor = np.array([0, 1, 1, 2, 2, 4, 3, 3], np.int64)[operation]
    for at in (0, 32):
        header[:, at : at + 8] = _little(rows["src_lo"], 8)
        header[:, at + 8 : at + 16] = _little(rows["dst_lo"], 8)
        header[:, at + 16 : at + 20] = _little(rows["sport"], 4)
        header[:, at + 20 : at + 24] = _little(rows["dport"], 4)
    header[:, 24:26] = _little(monitor, 2)
    header[:, 26] = 2
    header[:, 28] = 44
    header[:, 56:60] = _little(rows["pay_len"], 4)
    header[:, 60:62] = _little(rows["icmp_rest"], 2)
    header[:, 62:64] = _little(operation, 2)
    header[:, 64:68] = _little(rows["flow"], 4)
    header[:, 68:72] = _little(rows["seq"], 4)
    header[:, 72:76] = _little(rows["ack"], 4)
    return header
