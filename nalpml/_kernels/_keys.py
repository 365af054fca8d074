"""Keys that are not in a packet's own ports: ICMP identifiers, quoted packets, fragments."""

from __future__ import annotations

import numpy as np

from ._context import context
from ._jit import kernel
from ._octets import be16, be32, be64
from ._slots import find, hash_key, set_key

__all__ = ["NO_IDENTIFIER", "TYPED_IDENTIFIER", "fragment", "identify", "partner", "quoted"]

NO_IDENTIFIER, TYPED_IDENTIFIER, SHARED_IDENTIFIER = -1, 0x10000, 0x20000
"""No ICMP; added to the type of ICMP messages without identifier; for the many of one pair."""

MANY = 16
"""Identifiers of one pair within the idle timeout, beyond which they share one flow."""

FRAGMENT_NS = 60_000_000_000
"""How long a first fragment is remembered (RFC 1122 and 8200: about a minute)."""


@kernel
def partner(proto, kind):
    """Request type of an ICMP type pair: it stands for both (RFC 792, 950, 4443, 4861)."""
    if proto == 1:
        if kind == 0:
            return 8
        if kind in (14, 16, 18):
            return kind - 1
        if kind == 9:
            return 10
    else:
        if kind == 129:
            return 128
        if kind in (134, 136):
            return kind - 1
    return kind


@kernel
def quoted(buffer, row, key):
    """Key of the packet that an ICMP error quotes: (found, its source is the second)."""
    start = np.int64(row["payload_off"])
    end = start + np.int64(row["payload_cap"])
    if end - start < 20:
        return False, False
    version = buffer[start] >> 4
    src_hi = dst_hi = np.uint64(0)
    src_lo = dst_lo = np.uint64(0)
    if version == 4 and row["proto"] == 1:
        size = np.int64(buffer[start] & 15) * 4
        if size < 20:
            return False, False
        proto = np.int64(buffer[start + 9])
        src_lo = np.uint64(0xFFFF00000000) | np.uint64(be32(buffer, start + 12))
        dst_lo = np.uint64(0xFFFF00000000) | np.uint64(be32(buffer, start + 16))
    elif version == 6 and row["proto"] == 58 and end - start >= 40:
        size = np.int64(40)
        proto = np.int64(buffer[start + 6])
        src_hi = be64(buffer, start + 8)
        src_lo = be64(buffer, start + 16)
        dst_hi = be64(buffer, start + 24)
        dst_lo = be64(buffer, start + 32)
    else:
        return False, False
    inner = start + size
    sport = dport = np.int64(0)
    identifier = np.int64(NO_IDENTIFIER)
    if proto in (6, 17, 33, 132):
        if inner + 4 > end:
            return False, False
        sport = be16(buffer, inner)
        dport = be16(buffer, inner + 2)
    elif proto == 1 or proto == 58:
        if inner + 6 > end:
            return False, False
        kind = np.int64(buffer[inner])
        if kind in (0, 8, 128, 129):
            identifier = be16(buffer, inner + 4)
        else:
            identifier = TYPED_IDENTIFIER + partner(proto, kind)
    swapped = set_key(
        key, src_hi, src_lo, dst_hi, dst_lo, sport, dport, proto, identifier, row["depth"]
    )
    return True, swapped


@kernel
def fragment(row, key, fragments, sport, dport, identifier, store):
    """Remember ports of a first fragment, or fetch them for a later one, by pair and IP ID."""
    key[0], key[1], key[2], key[3] = row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"]
    key[4] = np.uint64(row["ip_id"])
    key[5] = np.uint64(row["proto"])
    code = hash_key(key)
    entry = fragments[np.int64(code & np.uint64(len(fragments) - 1))]
    if store:
        entry["hash"] = code
        entry["time_ns"] = row["time_ns"]
        entry["sport"] = sport
        entry["dport"] = dport
        entry["identifier"] = identifier
        return True, sport, dport, identifier
    if entry["hash"] != code or row["time_ns"] - entry["time_ns"] > FRAGMENT_NS:
        return False, sport, dport, identifier
    return True, np.int64(entry["sport"]), np.int64(entry["dport"]), np.int64(entry["identifier"])


@kernel
def identify(row, key, contexts, table, state, index, slots, idle):
    """Identifier of an ICMP packet's flow: its own, that of its type, or the shared one."""
    kind = np.int64(row["icmp_type"])
    echo = kind in (0, 8) if row["proto"] == 1 else kind in (128, 129)
    if not echo:
        return TYPED_IDENTIFIER + partner(row["proto"], kind)
    identifier = np.int64(row["icmp_id"])
    set_key(
        key, row["src_hi"], row["src_lo"], row["dst_hi"], row["dst_lo"], 0, 0, row["proto"],
        identifier, row["depth"],
    )  # fmt: skip
    slot, _ = find(key, hash_key(key), index, slots)
    if slot >= 0 and row["time_ns"] - slots[slot]["last_ns"] <= idle:
        return identifier
    entry, _ = context(
        row["proto"], key[0], key[1], key[2], key[3], -2, key, contexts, table, state
    )
    pair = contexts[entry]
    if row["time_ns"] - pair["identifier_ns"] > idle:
        pair["identifiers"] = 0
    pair["identifiers"] += 1
    pair["identifier_ns"] = row["time_ns"]
    if pair["identifiers"] > MANY:
        return SHARED_IDENTIFIER
    return identifier
