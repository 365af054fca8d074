"""Per-packet quantities that several features reduce, each computed once per table of flows.

A view is float64 with NaN where a packet has no such quantity, so that a reduction over a
window takes exactly the packets meant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .._kernels import intervals, segments
from ..flows.table import Flows

__all__ = [
    "BOTH", "F64", "ORIG", "RESP", "BoolColumn", "cached", "carries", "entropy_table",
    "expected_entropy", "fixed", "frame_time", "gap", "is_icmp", "is_proto", "kept_where",
    "messages", "of_side", "own", "payload_size", "per_octet", "side_gap", "side_steps",
    "with_payload",
]  # fmt: skip

F64 = NDArray[np.float64]
BoolColumn = NDArray[np.bool_]
Column = TypeVar("Column", bound=NDArray[Any])
ORIG, RESP, BOTH = 0, 1, 2


def cached(function: Callable[[Flows], Column]) -> Callable[[Flows], Column]:
    """Compute a view once per table of flows; what it returns is read-only."""

    @wraps(function)
    def view(flows: Flows) -> Column:
        key = f"view:{function.__module__}.{function.__name__}"
        if key not in flows._columns:
            column = function(flows)
            column.flags.writeable = False
            flows._columns[key] = column
        return flows._columns[key]  # type: ignore[return-value]

    return view


@cached
def own(flows: Flows) -> BoolColumn:
    """Packets of the flow's own protocol: bool (m,); ICMP errors that joined are not."""
    return np.asarray(flows.column("role") != 1)


@cached
def carries(flows: Flows) -> BoolColumn:
    """Packets of the flow's own protocol that carry payload: bool (m,).

    A TCP keep-alive with its octet of garbage (RFC 1122, 4.2.3.6: one zero, no PSH) carries
    none.
    """
    size = flows.column("payload_len")
    probe = (flows.column("proto") == 6) & (size == 1) & (flows.column("prefix_hi") == 0)
    probe &= (flows.column("tcp_flags") & 8) == 0
    return np.asarray((size > 0) & own(flows) & ~probe)


@cached
def with_payload(flows: Flows) -> BoolColumn:
    """Packets that carry payload of which some was captured: bool (m,)."""
    return np.asarray((flows.column("payload_cap") > 0) & carries(flows))


def kept_where(values: NDArray[Any], mask: BoolColumn) -> F64:
    """Return values as float64 with NaN where the mask is false."""
    return np.where(mask, values, np.nan).astype(np.float64)


def of_side(flows: Flows, values: F64, side: int) -> F64:
    """Return the values of one direction, NaN elsewhere."""
    return np.where(flows.direction == side, values, np.nan)


@cached
def payload_size(flows: Flows) -> F64:
    """Transport payload length in octets of packets that carry any."""
    return kept_where(flows.column("payload_len"), carries(flows))


@cached
def messages(flows: Flows) -> BoolColumn:
    """Payloads that may start a message: bool (m,).

    Not later fragments, nor those of TCP behind a segment of 1,200 octets and more of the same
    direction, which carry on where it stopped.
    """
    before = payload_size(flows) - side_steps(flows, payload_size(flows))
    goes_on = (flows.column("proto") == 6) & (before >= 1200) | (flows.column("role") == 2)
    return np.asarray(with_payload(flows) & ~goes_on)


@cached
def _gaps(flows: Flows) -> F64:
    result: F64 = intervals.gaps(
        flows.column("time_ns"), flows.windows["start_ns"], flows.direction, flows.offsets
    )
    return result


def frame_time(flows: Flows) -> F64:
    """Seconds since the first packet of the window."""
    seconds: F64 = _gaps(flows)[0]
    return seconds


def gap(flows: Flows) -> F64:
    """Seconds since the packet before it in the window, either direction, never negative."""
    seconds: F64 = _gaps(flows)[1]
    return seconds


def side_gap(flows: Flows) -> F64:
    """Seconds since the packet before it in the same direction, never negative."""
    seconds: F64 = _gaps(flows)[2]
    return seconds


def fixed(column: Column) -> Column:
    """Return a read-only view: kernels are compiled for one kind of array and not for each mix."""
    column = column.view()
    column.flags.writeable = False
    return column


def side_steps(flows: Flows, values: F64) -> F64:
    """Difference of each value to its predecessor in the same direction."""
    steps: F64 = segments.step(fixed(values), flows.direction, flows.offsets)
    return steps


def is_proto(flows: Flows, *numbers: int) -> BoolColumn:
    """Windows of one of the protocols: bool (n,)."""
    proto = np.ascontiguousarray(flows.windows["proto"])
    result = np.zeros(len(flows), bool)
    for number in numbers:
        result |= proto == number
    return result


def is_icmp(flows: Flows) -> BoolColumn:
    """Windows of ICMP or ICMPv6: bool (n,)."""
    return is_proto(flows, 1, 58)


def per_octet(flows: Flows, name: str) -> F64:
    """Share of payload octets that a counting column counts: float64 (m,)."""
    captured = np.clip(flows.column("payload_cap"), 1, 65535)
    return kept_where(flows.column(name) / captured, with_payload(flows))


@cache
def entropy_table() -> F64:
    """Entropy in bits that uniformly random octets have on average, by their number.

    E[H] of n octets, by summing the binomial law of one octet value's count:
    H = log2 n - 256/n E[c log2 c]. Exact for every n in the table.
    """
    limit = 2048
    table = np.zeros(limit + 1)
    p = 1.0 / 256
    counts = np.arange(0, 129)
    logs = np.where(counts > 0, counts * np.log2(np.maximum(counts, 1)), 0.0)
    # log of n! for the binomial coefficients
    factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, limit + 1)))])
    for n in range(1, limit + 1):
        c = counts[: min(n, 128) + 1]
        law = np.exp(
            factorial[n] - factorial[c] - factorial[n - c] + c * np.log(p) + (n - c) * np.log1p(-p)
        )
        table[n] = np.log2(n) - 256.0 / n * float(np.dot(law, logs[: len(c)]))
    table.flags.writeable = False
    return table


def expected_entropy(lengths: NDArray[Any]) -> F64:
    """Entropy that uniformly random octets of a length have on average.

    Parameters
    ----------
    lengths : integer (m,)
        Payload lengths in octets.

    Returns
    -------
    float64 (m,)
        Bits; exact up to 2048 octets, the Miller-Madow form ``8 - 255 / (2 n ln 2)`` beyond
        (Miller, "Note on the bias of information estimates", 1955).

    Examples
    --------
    >>> expected_entropy(np.array([56, 400])).round(2)
    array([5.6 , 7.47])
    """
    table = entropy_table()
    n = np.asarray(lengths, dtype=np.int64)
    inside = table[np.clip(n, 0, len(table) - 1)]
    beyond = 8.0 - 255.0 / (2 * np.maximum(n, 1) * np.log(2))
    return np.where(n < len(table), inside, beyond)
