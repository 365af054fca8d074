"""From a value per packet to a value per window: typed callers of the segment kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._kernels import segments
from .._kernels.describe import describe
from ..flows.table import Flows
from ._views import BOTH, F64, BoolColumn, fixed

__all__ = [
    "Summary", "first", "from_count", "maximum", "mean", "nth", "ratio", "row", "share",
    "summary", "total",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """Statistics of one quantity of one side, each float64 (n,) over windows.

    NaN where a window has no value (``count`` is 0 there), ``std`` below two; ``modal`` is the
    share of the most frequent value, ``entropy`` that of the values' distribution in bits.
    """

    count: F64
    mean: F64
    std: F64
    minimum: F64
    maximum: F64
    q1: F64
    median: F64
    q3: F64
    distinct: F64
    modal: F64
    entropy: F64


def summary(flows: Flows, view: Callable[[Flows], F64], side: int = BOTH) -> Summary:
    """Describe a view once per table of flows and side.

    Parameters
    ----------
    flows : Flows
        Flow windows with their packets.
    view : callable
        A cached view: a value per packet, NaN for none.
    side : int
        ORIG, RESP or BOTH.

    Returns
    -------
    Summary
        Statistics per window.
    """
    key = f"summary:{view.__module__}.{view.__name__}:{side}"
    if key not in flows._columns:
        table = describe(fixed(view(flows)), flows.direction, flows.offsets, side)
        table.flags.writeable = False
        flows._columns[key] = table
    table = flows._columns[key]
    return Summary(*(row(table, place) for place in range(len(table))))


def row(table: F64, place: int) -> F64:
    """One row of a table of columns, writeable."""
    return np.array(table[place], np.float64)


def from_count(least: int, count: F64, values: F64 | BoolColumn) -> F64:
    """Values where there were enough of what they are made of, NaN elsewhere."""
    return np.asarray(np.where(count >= least, values, np.nan), np.float64)


def ratio(above: F64, below: F64) -> F64:
    """Quotient, NaN where the divisor is 0."""
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below != 0))


def mean(flows: Flows, values: F64) -> F64:
    """Arithmetic mean per window."""
    result: F64 = segments.mean(fixed(values), flows.offsets)
    return result


def total(flows: Flows, values: F64) -> F64:
    """Sum per window, 0 where there is nothing."""
    result: F64 = segments.total(fixed(values), flows.offsets)
    return result


def maximum(flows: Flows, values: F64) -> F64:
    """Largest value per window."""
    result: F64 = segments.maximum(fixed(values), flows.offsets)
    return result


def first(flows: Flows, values: F64) -> F64:
    """First value per window."""
    return nth(flows, values, 0)


def nth(flows: Flows, values: F64, place: int) -> F64:
    """The value with a given place, from 0, among those of each window."""
    result: F64 = segments.nth(fixed(values), flows.offsets, place)
    return result


def share(flows: Flows, mask: BoolColumn, among: BoolColumn, side: int = BOTH) -> F64:
    """Share of packets in a mask among others, per window: float64 (n,), NaN among none."""
    result: F64 = segments.share(
        fixed(np.asarray(mask, bool)), fixed(among), flows.direction, flows.offsets, side
    )
    return result
