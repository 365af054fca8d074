"""What several groups need of packets that belong together: requests, replies, segments."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np
from numpy.typing import NDArray

from .._kernels import framing
from .._kernels import lengths as _lengths
from .._kernels.contents import CONTENTS, contents
from .._kernels.pairing import pair_echoes
from .._kernels.sequence import sequence_state
from ..flows.table import Flows
from ._reduce import row
from ._views import (
    F64,
    ORIG,
    RESP,
    BoolColumn,
    cached,
    entropy_table,
    is_icmp,
    messages,
    own,
    payload_size,
    with_payload,
)

__all__ = [
    "captured", "content", "echo_kind", "echo_latency", "echo_states", "first_octets", "is_quote",
    "is_tcp", "lengths", "of_icmp", "replies", "segment_order", "stated_length",
]  # fmt: skip

_ERRORS = np.zeros(256, bool)
_ERRORS[[3, 4, 5, 11, 12]] = True


def of_icmp(function: Callable[[Flows], F64]) -> Callable[[Flows], F64]:
    """Compute a feature of ICMP windows from those alone; NaN for all others.

    They are few in most traffic, and what is not computed costs nothing.
    """

    @wraps(function)
    def scattered(flows: Flows) -> F64:
        if "icmp" not in flows.parts:
            flows.parts["icmp"] = flows.subset(np.flatnonzero(is_icmp(flows)))
        result = np.full(len(flows), np.nan)
        result[is_icmp(flows)] = function(flows.parts["icmp"])
        return result

    return scattered


def first_octets(flows: Flows) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Octets 0-7 and 8-15 of payloads, big-endian: two uint64 (m,)."""
    return flows.column("prefix_hi"), flows.column("prefix_lo")


@cached
def captured(flows: Flows) -> NDArray[np.int64]:
    """Captured payload octets: int64 (m,)."""
    return flows.column("payload_cap").astype(np.int64)


@cached
def is_tcp(flows: Flows) -> BoolColumn:
    """TCP packets of the flow itself: bool (m,)."""
    return np.asarray((flows.column("proto") == 6) & own(flows))


@cached
def is_quote(flows: Flows) -> BoolColumn:
    """Packets that are ICMP errors and so quote the packet they answer: bool (m,)."""
    proto, kind = flows.column("proto"), flows.column("icmp_type")
    return np.asarray(((proto == 1) & _ERRORS[kind]) | ((proto == 58) & (kind < 128)))


@cached
def echo_kind(flows: Flows) -> F64:
    """1 for an echo request, 2 for a reply, 0 for anything else: float64 (m,)."""
    proto, kind = flows.column("proto"), flows.column("icmp_type")
    request = ((proto == 1) & (kind == 8)) | ((proto == 58) & (kind == 128))
    reply = ((proto == 1) & (kind == 0)) | ((proto == 58) & (kind == 129))
    whole = own(flows) & ((flows.column("ip_frag") & 0x1FFF) == 0)
    return np.where(whole, request + 2.0 * reply, 0.0)


@cached
def _paired(flows: Flows) -> F64:
    # Pairing state in the first half, latency in the second: one pass gives both.
    state = np.zeros(len(flows.packets), np.int8)
    latency = np.full(len(flows.packets), np.nan)
    pair_echoes(
        echo_kind(flows).astype(np.int8), flows.column("icmp_id"), flows.column("icmp_seq"),
        flows.column("payload_hash"), flows.direction, flows.offsets, state, latency,
        flows.column("time_ns"),
    )  # fmt: skip
    return np.concatenate([state.astype(np.float64), latency])


def echo_states(flows: Flows) -> F64:
    """State of each echo packet as `pair_echoes` numbers them: float64 (m,)."""
    return _paired(flows)[: len(flows.packets)]


@cached
def echo_latency(flows: Flows) -> F64:
    """Seconds from the request to a matched reply, NaN elsewhere: float64 (m,)."""
    return _paired(flows)[len(flows.packets) :].copy()


@cached
def _contents(flows: Flows) -> F64:
    # A row a statistic, the originator's first.
    table = contents(flows.packets, with_payload(flows), flows.offsets, entropy_table())
    return np.concatenate([table[ORIG], table[RESP]])


def content(flows: Flows, name: str, side: int) -> F64:
    """One of `CONTENTS`, what the payloads of a side are like: float64 (n,)."""
    return row(_contents(flows), len(CONTENTS) * side + CONTENTS.index(name))


@cached
def lengths(flows: Flows) -> F64:
    """Payload lengths in their order and summed up, as the kernel has them: float64 (14, n)."""
    result: F64 = _lengths.lengths(payload_size(flows), own(flows), flows.direction, flows.offsets)
    return result


@cached
def stated_length(flows: Flows) -> F64:
    """1 where the first octets state the payload's length, 0 where not: float64 (m,)."""
    size = flows.column("payload_len").astype(np.int64)
    used = messages(flows) & (captured(flows) >= 8)
    result: F64 = framing.states_length(first_octets(flows)[0], size, used)
    return result


@cached
def replies(flows: Flows) -> F64:
    """Share of first octets that a reply has of its request; 1 where it is it: float64 (2, m)."""
    high, low = first_octets(flows)
    result: F64 = framing.match_replies(
        high, low, captured(flows), flows.column("payload_hash"), with_payload(flows),
        flows.direction, flows.offsets,
    )  # fmt: skip
    return result


@cached
def segment_order(flows: Flows) -> F64:
    """0 next in order, 1 sent before, 2 ahead; NaN where there is no law: float64 (m,)."""
    result: F64 = sequence_state(
        flows.column("tcp_seq"), flows.column("payload_len").astype(np.int64),
        flows.column("tcp_flags"), is_tcp(flows), flows.direction, flows.offsets,
    )  # fmt: skip
    return result
