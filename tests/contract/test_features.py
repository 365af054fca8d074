"""What every feature promises; each check is proven by a feature that breaks it.

A check takes features by name and gives back the names that fail, so that the planted defects
go through the very code that the real features go through.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nalpml.features import (
    FLOW_FEATURES,
    GROUPS,
    PACKET_FEATURES,
    Feature,
    compute,
    feature,
    reference,
    schema,
)
from nalpml.flows import Flows
from tests.contract.feature_checks import (
    LEVELS,
    Features,
    again,
    badly_declared,
    changes_input,
    depends_on_addresses,
    depends_on_order,
    depends_on_ports,
    depends_on_time,
    fails_on_little,
    leaks,
    same,
    warns,
    without_example,
    wrong_shape,
)
from tests.unit.features.sample import sample

ABSOLUTE_TIME = {"icmp_timestamp_share", "icmp_plain_share", "icmp_data_count_log"}
"""They ask whether a payload begins with the time of the capture."""
PORTS = {"vsock_privileged", *(name for name in FLOW_FEATURES if name.startswith("port_"))}
"""They ask whether the traffic follows the protocol of its port."""


@pytest.fixture(scope="module")
def flows() -> Flows:
    return sample()


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
    without_example: set(),
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


def skipped(flows: Flows) -> Any:
    """Packets of the window.

    >>> shown(skipped, "ping")  # doctest: +SKIP
    [11.02]
    """
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
        (without_example, no_stop),
        (without_example, skipped),
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
        """Packets of the window, both directions.

        >>> shown(sound, "ping")
        [24.0]
        """
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
    assert len(PACKET_FEATURES) >= 40


def test_both_directions_are_declared() -> None:
    # These two stand for one direction on purpose: the other adds nothing.
    alone = {"ip_id_text"}
    for name in FLOW_FEATURES:
        stem, _, side = name.rpartition("_")
        if side in ("orig", "resp") and stem not in alone:
            assert f"{stem}_{'resp' if side == 'orig' else 'orig'}" in FLOW_FEATURES


def test_groups_are_files() -> None:
    of_packets = {"packet", "exchange"}
    assert {declared.group for declared in FLOW_FEATURES.values()} == set(GROUPS) - of_packets
    assert {declared.group for declared in PACKET_FEATURES.values()} == of_packets


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
            assert same(values[:, place], declared.compute(again(flows))), declared.name


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
