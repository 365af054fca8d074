"""What every feature promises; each check is proven by a feature that breaks it.

A check takes features by name and gives back the names that fail, so that the planted defects
go through the very code that the real features go through.
"""

from __future__ import annotations

import difflib
import inspect
import json
import os
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nalpml.features import (
    FLOW_FEATURES,
    GROUPS,
    PACKET_FEATURES,
    SERVES,
    UNITS,
    Feature,
    compute,
    feature,
    reference,
    schema,
)
from nalpml.flows import Flows
from tests.unit.features.sample import sample

GOLDEN = Path(__file__).parents[1] / "golden" / "features.json"
LEVELS = {"flow": FLOW_FEATURES, "packet": PACKET_FEATURES}
Features = Mapping[str, Feature]

ABSOLUTE_TIME = {"icmp_timestamp_share", "icmp_plain_share"}
"""They ask whether a payload begins with the time of the capture."""
PORTS = {"vsock_privileged", *(name for name in FLOW_FEATURES if name.startswith("port_"))}
"""They ask whether the traffic follows the protocol of its port."""


@pytest.fixture(scope="module")
def flows() -> Flows:
    return sample()


def _column(declared: Feature, flows: Flows) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return declared.compute(flows)


def _again(flows: Flows) -> Flows:
    # The same rows without any column computed yet, in arrays of their own.
    return Flows(flows.windows.copy(), flows.packets.copy(), flows.offsets.copy())


def _same(one: Any, other: Any) -> bool:
    return np.array_equal(np.float32(one), np.float32(other), equal_nan=True)


def _rows(declared: Feature, flows: Flows, values: Any, window: int) -> Any:
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
    table = _again(flows)
    intact = _octets(table)
    failed = []
    for name, declared in features.items():
        values = _column(declared, table)
        shared = any(np.shares_memory(values, column) for column in table._columns.values())
        if shared or not values.flags.writeable or _octets(table) != intact:
            failed.append(name)
            table = _again(flows)
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
            expected = _rows(declared, flows, whole[name], window)
            if not _same(_column(declared, alone), expected):
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
            _same(_rows(declared, flows, values, old), _rows(declared, shuffled, moved, new))
            for new, old in enumerate(order)
        ]
        if not all(rows):
            failed.append(name)
    return failed


def depends_on_time(features: Features, flows: Flows) -> list[str]:
    """Another day gives another value."""
    later = _again(flows)
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
    renamed = _again(flows)
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
        if not _same(_column(declared, flows), _column(declared, other))
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
    table, nothing = _again(flows), Flows.concatenate([])
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


EXCEPTIONS: dict[Callable[[Features, Flows], list[str]], set[str]] = {
    wrong_shape: set(),
    changes_input: set(),
    leaks: set(),
    depends_on_order: set(),
    depends_on_time: ABSOLUTE_TIME,
    depends_on_addresses: set(),
    depends_on_ports: PORTS,
    fails_on_little: set(),
    warns: set(),
    badly_declared: set(),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("check", EXCEPTIONS, ids=lambda check: check.__name__)
def test_every_feature(
    check: Callable[[Features, Flows], list[str]], level: str, flows: Flows
) -> None:
    failed = set(check(LEVELS[level], flows))
    assert failed <= EXCEPTIONS[check], check.__doc__


def test_exceptions_are_needed(flows: Flows) -> None:
    assert set(depends_on_time(FLOW_FEATURES, flows)) == ABSOLUTE_TIME
    assert "port_system" in set(depends_on_ports(FLOW_FEATURES, flows))


# ------------------------------------------------------------------------- planted defects


def _plant(function: Callable[[Flows], Any], **changes: Any) -> Features:
    declared: dict[str, Any] = {
        "name": function.__name__, "unit": "1", "group": "planted", "level": "flow",
        "revision": 1, "serves": "abnormal data", "compute": function,
    }  # fmt: skip
    return {function.__name__: Feature(**{**declared, **changes})}


def _length(flows: Flows) -> Any:
    return np.diff(flows.offsets).astype(np.float64)


def integers(flows: Flows) -> Any:
    """A column of integers."""
    return np.diff(flows.offsets)


def per_packet(flows: Flows) -> Any:
    """A value per packet where one per flow is due."""
    return flows.column("ttl").astype(np.float64)


def infinite(flows: Flows) -> Any:
    """A quotient by the number of payload octets."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.add.reduceat(flows.column("payload_len"), flows.offsets[:-1]) ** -1.0


def absolute(flows: Flows) -> Any:
    """Seconds since the epoch, which float32 cannot hold."""
    return flows.windows["start_ns"] / 1e9


def writes(flows: Flows) -> Any:
    """Sets a column of the table to zero on its way."""
    flows.packets.flags.writeable = True
    flows.packets["ttl"][:] = 0
    flows.packets.flags.writeable = False
    return _length(flows)


def shares(flows: Flows) -> Any:
    """Hands out an array of the cache that can be written into."""
    column = flows.column("entropy")[flows.offsets[:-1]].astype(np.float64)
    flows._columns["planted"] = column
    return column


def normalises(flows: Flows) -> Any:
    """Counts packets in units of the batch's mean."""
    return _length(flows) / _length(flows).mean()


def looks_ahead(flows: Flows) -> Any:
    """Counts the packets of the next flow, except for the last."""
    return np.append(_length(flows)[1:], _length(flows)[-1:])


def enumerates(flows: Flows) -> Any:
    """Numbers the flows."""
    return np.arange(len(flows), dtype=np.float64)


def hour(flows: Flows) -> Any:
    """Hour of the day."""
    return flows.windows["start_ns"] // 3_600_000_000_000 % 24.0


def subnet(flows: Flows) -> Any:
    """Last octet of the originator's address."""
    return (flows.windows["src_lo"] & np.uint64(255)).astype(np.float64)


def port(flows: Flows) -> Any:
    """Port of the responder as a magnitude."""
    return flows.windows["dport"] / 65536.0


def needs_flows(flows: Flows) -> Any:
    """Divides by the longest flow, which an empty table does not have."""
    return _length(flows) / _length(flows).max()


def needs_two(flows: Flows) -> Any:
    """Looks at the second packet."""
    return flows.packets["ttl"][flows.offsets[:-1] + 1].astype(np.float64)


def divides(flows: Flows) -> Any:
    """Divides by a number that can be 0."""
    return _length(flows) / flows.windows["packets_resp"]


def undocumented(flows: Flows) -> Any:
    return _length(flows)


def no_stop(flows: Flows) -> Any:
    """Number of packets in the window"""
    return _length(flows)


@pytest.mark.parametrize(
    "check, defect",
    [
        (wrong_shape, integers),
        (wrong_shape, per_packet),
        (wrong_shape, infinite),
        (wrong_shape, absolute),
        (changes_input, writes),
        (changes_input, shares),
        (leaks, normalises),
        (leaks, looks_ahead),
        (depends_on_order, enumerates),
        (depends_on_order, looks_ahead),
        (depends_on_time, hour),
        (depends_on_addresses, subnet),
        (depends_on_ports, port),
        (fails_on_little, needs_flows),
        (fails_on_little, needs_two),
        (warns, divides),
        (badly_declared, undocumented),
        (badly_declared, no_stop),
    ],
    ids=lambda function: function.__name__,
)
def test_checks_find_a_planted_defect(
    check: Callable[[Features, Flows], list[str]],
    defect: Callable[[Flows], Any],
    flows: Flows,
) -> None:
    assert check(_plant(defect), flows) == [defect.__name__]


def test_checks_pass_a_sound_feature(flows: Flows) -> None:
    def sound(flows: Flows) -> Any:
        """Packets of the window, both directions."""
        return _length(flows)

    for check in EXCEPTIONS:
        assert check(_plant(sound), flows) == [], check.__name__


@pytest.mark.parametrize(
    "change", [{"unit": "km"}, {"serves": ""}, {"revision": 0}, {"name": "other"}], ids=str
)
def test_declaration_is_checked(change: dict[str, Any], flows: Flows) -> None:
    def sound(flows: Flows) -> Any:
        """Packets of the window, both directions."""
        return _length(flows)

    assert badly_declared(_plant(sound, **change), flows) == ["sound"]


def test_decorator_refuses() -> None:
    with pytest.raises(ValueError, match="unknown unit 'km'"):
        feature(unit="km", serves="abnormal data")
    with pytest.raises(ValueError, match="unknown keyword 'magic'"):
        feature(unit="1", serves="magic")
    with pytest.raises(ValueError, match="unknown level 'host'"):
        feature(unit="1", serves="abnormal data", level="host")

    def duration(flows: Flows) -> Any:
        """Another feature of that name."""

    with pytest.raises(ValueError, match="'duration' is declared twice"):
        feature(unit="s", serves="abnormal data")(duration)


# ------------------------------------------------------------------- registry as a whole


def test_names_are_unique_and_plain() -> None:
    names = [*FLOW_FEATURES, *PACKET_FEATURES]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and name.isidentifier() for name in names)
    assert 200 <= len(FLOW_FEATURES) <= 240


def test_both_directions_are_declared() -> None:
    # These three stand for one direction on purpose: the other adds nothing.
    alone = {"iat_modal_share", "iat_periodicity", "ip_id_text"}
    for name in FLOW_FEATURES:
        stem, _, side = name.rpartition("_")
        if side in ("orig", "resp") and stem not in alone:
            assert f"{stem}_{'resp' if side == 'orig' else 'orig'}" in FLOW_FEATURES


def test_groups_are_files() -> None:
    assert {declared.group for declared in FLOW_FEATURES.values()} == set(GROUPS) - {"packet"}
    assert {declared.group for declared in PACKET_FEATURES.values()} == {"packet"}


def test_sample_moves_most_features(flows: Flows) -> None:
    values = compute(flows)
    seen = [
        name
        for name, column in zip(schema().names, values.T, strict=True)
        if not np.isnan(column).all()
    ]
    assert len(seen) >= 0.95 * values.shape[1]


def test_compute_equals_the_features(flows: Flows) -> None:
    for level, features in LEVELS.items():
        values = compute(flows, level=level)
        assert values.dtype == np.float32
        assert values.flags.c_contiguous
        for place, declared in enumerate(features.values()):
            assert _same(values[:, place], declared.compute(_again(flows))), declared.name


def test_reference_lists_every_feature() -> None:
    listed = json.loads(reference("json"))
    assert [item["name"] for item in listed] == [*FLOW_FEATURES, *PACKET_FEATURES]
    page, table = reference("md"), reference("table")
    for name in (*FLOW_FEATURES, *PACKET_FEATURES):
        assert f"### {name}\n" in page
        assert f"\n{name} " in table


def test_page_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "features.md"
    assert page.read_text() == reference("md"), (
        "write it anew: python -m nalpml features --format md > docs/features.md"
    )


# ---------------------------------------------------------------------------- golden rows


def _golden_value(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.6g}")


@cache
def _golden_now() -> dict[str, Any]:
    flows = sample()
    rows: dict[str, Any] = {}
    for features in LEVELS.values():
        for name, declared in features.items():
            values = np.float32(declared.compute(flows))
            if declared.level == "packet":  # of each flow the mean, not every packet
                parts = [_rows(declared, flows, values, i) for i in range(len(flows))]
                means = [np.nan if np.isnan(p).all() else np.nanmean(p) for p in parts]
                values = np.array(means)
            listed = [_golden_value(value) for value in values.tolist()]
            rows[name] = {"revision": declared.revision, "values": listed}
    return rows


def _close(one: list[float | None], other: list[float | None]) -> bool:
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(
        (a is None and b is None)
        or (a is not None and b is not None and abs(a - b) <= 1e-5 * max(1.0, abs(b)))
        for a, b in pairs
    )


def stale(golden: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """What differs, by feature: new, gone, or other values (with or without a new revision)."""
    found = {name: "is gone" for name in golden if name not in now}
    for name, row in now.items():
        if name not in golden:
            found[name] = "is new"
        elif row["revision"] != golden[name]["revision"]:
            found[name] = f"revision {golden[name]['revision']} -> {row['revision']}"
        elif not _close(golden[name]["values"], row["values"]):
            found[name] = f"other values at the same revision {row['revision']}"
    return found


def test_golden_rows() -> None:
    now = _golden_now()
    if os.environ.get("NALPML_REFRESH_GOLDEN") == "1":
        lines = [f" {json.dumps(name)}: {json.dumps(row)}" for name, row in now.items()]
        GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    golden = json.loads(GOLDEN.read_text())
    found = stale(golden, now)
    changes = [
        line
        for name in found
        for line in difflib.unified_diff(
            [json.dumps(golden.get(name))],
            [json.dumps(now.get(name))],
            name,
            name,
            lineterm="",
            n=0,
        )
    ]
    assert not found, inspect.cleandoc(
        """
        {found}
        {changes}

        If you meant it: raise `revision` of each feature with other values, then
            NALPML_REFRESH_GOLDEN=1 python -m pytest tests/contract/test_features.py -k golden
        If you did not mean it, do NOT refresh: something upstream (decoding, windows, kernels)
        changed what models were trained on.
        """
    ).format(found=found, changes="\n".join(changes))


@pytest.mark.parametrize(
    "golden, now, expected",
    [
        ({"a": {"revision": 1, "values": [1.0, None]}}, {}, {"a": "is gone"}),
        ({}, {"a": {"revision": 1, "values": [1.0]}}, {"a": "is new"}),
        (
            {"a": {"revision": 1, "values": [1.0, None]}},
            {"a": {"revision": 1, "values": [1.1, None]}},
            {"a": "other values at the same revision 1"},
        ),
        (
            {"a": {"revision": 1, "values": [1.0, None]}},
            {"a": {"revision": 1, "values": [1.0, 2.0]}},
            {"a": "other values at the same revision 1"},
        ),
        (
            {"a": {"revision": 1, "values": [1.0]}},
            {"a": {"revision": 2, "values": [1.1]}},
            {"a": "revision 1 -> 2"},
        ),
        ({"a": {"revision": 1, "values": [1.0]}}, {"a": {"revision": 1, "values": [1.0]}}, {}),
    ],
)
def test_golden_check_finds_changes(
    golden: dict[str, Any], now: dict[str, Any], expected: dict[str, str]
) -> None:
    assert stale(golden, now) == expected
