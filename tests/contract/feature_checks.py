"""Checks that every feature must pass.

A check takes features by name and gives back the names that fail, so that planted defects go
through the very code that the real features go through.
"""

from __future__ import annotations

import doctest
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from nalpml.features import FLOW_FEATURES, PACKET_FEATURES, SERVES, UNITS, Feature
from nalpml.flows import Flows

LEVELS = {"flow": FLOW_FEATURES, "packet": PACKET_FEATURES}
Features = Mapping[str, Feature]


def _column(declared: Feature, flows: Flows) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return declared.compute(flows)


def again(flows: Flows) -> Flows:
    # The same rows without any column computed yet, in arrays of their own.
    return Flows(flows.windows.copy(), flows.packets.copy(), flows.offsets.copy())


def same(one: Any, other: Any) -> bool:
    return np.array_equal(np.float32(one), np.float32(other), equal_nan=True)


def rows_of(declared: Feature, flows: Flows, values: Any, window: int) -> Any:
    if declared.level == "flow":
        return values[window : window + 1]
    return values[flows.offsets[window] : flows.offsets[window + 1]]


def wrong_shape(features: Features, flows: Flows) -> list[str]:
    """Not one float64 per row, infinite, or beyond what float32 holds without loss of units."""

    def fails(declared: Feature) -> bool:
        values = _column(declared, flows)
        rows = len(flows) if declared.level == "flow" else len(flows.packets)
        if not isinstance(values, np.ndarray) or values.shape != (rows,):
            return True
        kept = values[~np.isnan(values)]
        return values.dtype != np.float64 or not (np.abs(kept) < 2**24).all()

    return [name for name, declared in features.items() if fails(declared)]


def changes_input(features: Features, flows: Flows) -> list[str]:
    """Changes the table, or hands out an array of the table's cache to write into."""
    table = again(flows)
    intact = _octets(table)
    failed = []
    for name, declared in features.items():
        values = _column(declared, table)
        shared = any(np.shares_memory(values, column) for column in table._columns.values())
        if shared or not values.flags.writeable or _octets(table) != intact:
            failed.append(name)
            table = again(flows)
    return failed


def _octets(flows: Flows) -> list[bytes]:
    # Field by field: what pads a row is anything.
    rows = (flows.windows, flows.packets)
    fields = [array[name].tobytes() for array in rows for name in array.dtype.names or ()]
    return [*fields, flows.offsets.tobytes()]


def leaks(features: Features, flows: Flows) -> list[str]:
    """Gives a flow alone another value than in a batch."""
    whole = {name: _column(declared, flows) for name, declared in features.items()}
    failed = set()
    for window in range(len(flows)):
        alone = flows.subset(np.array([window]))
        for name, declared in features.items():
            expected = rows_of(declared, flows, whole[name], window)
            if not same(_column(declared, alone), expected):
                failed.add(name)
    return [name for name in features if name in failed]


def depends_on_order(features: Features, flows: Flows) -> list[str]:
    """Depends on the order of flows."""
    order = np.random.default_rng(5).permutation(len(flows))
    shuffled = flows.subset(order)
    failed = []
    for name, declared in features.items():
        values, moved = _column(declared, flows), _column(declared, shuffled)
        rows = [
            same(rows_of(declared, flows, values, old), rows_of(declared, shuffled, moved, new))
            for new, old in enumerate(order)
        ]
        if not all(rows):
            failed.append(name)
    return failed


def depends_on_time(features: Features, flows: Flows) -> list[str]:
    """Another day gives another value."""
    later = again(flows)
    for array, names in (
        (later.windows, ("start_ns", "end_ns", "flow_start_ns")),
        (later.packets, ("time_ns",)),
    ):
        array.flags.writeable = True
        for name in names:
            array[name] += 12_345_678_901_234_567
        array.flags.writeable = False
    return _differ(features, flows, later)


def depends_on_addresses(features: Features, flows: Flows) -> list[str]:
    """Other hosts give another value."""
    return _differ(features, flows, _renamed(flows, "src_hi", "src_lo", "dst_hi", "dst_lo"))


def depends_on_ports(features: Features, flows: Flows) -> list[str]:
    """Other ports give another value."""
    return _differ(features, flows, _renamed(flows, "sport", "dport"))


def _renamed(flows: Flows, *names: str) -> Flows:
    renamed = again(flows)
    for array in (renamed.windows, renamed.packets):
        array.flags.writeable = True
        for name in names:
            array[name] = (array[name] * np.array(2_654_435_761, np.uint64) + 12345) % 65521
        array.flags.writeable = False
    return renamed


def _differ(features: Features, flows: Flows, other: Flows) -> list[str]:
    return [
        name
        for name, declared in features.items()
        if not same(_column(declared, flows), _column(declared, other))
    ]


def fails_on_little(features: Features, flows: Flows) -> list[str]:
    """Fails on a table without flows, or on flows of a single packet."""
    nothing = Flows.concatenate([])
    first = flows.packets[flows.offsets[:-1]]
    windows = flows.windows.copy()
    windows["end_ns"] = windows["start_ns"]
    windows["packets_orig"], windows["packets_resp"] = 1 - first["direction"], first["direction"]
    single = Flows(windows, first.copy(), np.arange(len(flows) + 1))
    failed = []
    for name, declared in features.items():
        try:
            good = _column(declared, nothing).shape == (0,)
            good &= _column(declared, single).shape == (len(single),)
        except (IndexError, ValueError, ZeroDivisionError):
            good = False
        if not good:
            failed.append(name)
    return failed


def warns(features: Features, flows: Flows) -> list[str]:
    """Warns, as numpy does of a division by zero."""
    table, nothing = again(flows), Flows.concatenate([])
    failed = []
    for name, declared in features.items():
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            declared.compute(table)
            declared.compute(nothing)
        if seen:
            failed.append(name)
    return failed


def badly_declared(features: Features, flows: Flows) -> list[str]:
    """Unit, group, keyword or description are not what the reference page needs."""

    def fails(name: str, declared: Feature) -> bool:
        summary = declared.summary
        return (
            declared.unit not in UNITS
            or declared.serves not in SERVES
            or declared.name != name
            or declared.revision < 1
            or not summary.endswith(".")
            or len(summary) < 10
            or not (summary[0].isupper() or summary[0].isdigit() or summary.startswith("log"))
            or "\n\n" not in declared.doc + "\n\n"
        )

    return [name for name, declared in features.items() if fails(name, declared)]


def without_example(features: Features, flows: Flows) -> list[str]:
    """Has no worked example of its own that doctest runs."""
    parser = doctest.DocTestParser()
    return [
        name
        for name, declared in features.items()
        if not any(
            example.source.startswith(f"shown({name},") and example.want and not example.options
            for example in parser.get_examples(declared.doc)
        )
    ]
