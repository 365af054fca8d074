"""Header fields from flow to flow of a pair of hosts.

A program that hides data in a header field and opens a connection for each symbol leaves flows
of one packet: no flow alone shows anything. What is counted is the packet with which the
originator opens each flow of the pair in this protocol, the window's own included, since the
pair was last silent for ten minutes. Zero identifications and timestamps are none.
"""

from __future__ import annotations

import numpy as np

from ..flows.table import Flows
from ._reduce import from_count, ratio
from ._registry import feature
from ._views import F64

__all__: list[str] = []

_LEAST = 4
"""Values below which nothing is said."""


def _known(flows: Flows, name: str) -> F64:
    return flows.windows[f"pair_{name}"].astype(np.float64)


def _share(flows: Flows, name: str, among: str) -> F64:
    number = _known(flows, among)
    return from_count(_LEAST, number, ratio(_known(flows, name), number))


def _step_share(flows: Flows, name: str, among: str) -> F64:
    number = _known(flows, among)
    return from_count(_LEAST, number, ratio(_known(flows, name), number - 1))


def _distinct(flows: Flows, name: str, among: str) -> F64:
    # Octets are folded onto 64 places: n random ones take 64 (1 - (63/64)^n) on average.
    number = _known(flows, among)
    expected = 64.0 * (1.0 - (63.0 / 64.0) ** number)
    return from_count(_LEAST, number, ratio(_known(flows, name), expected))


@feature(unit="1", serves="abnormal header fields")
def pair_id_text_share(flows: Flows) -> F64:
    """Share of the IP identifications of printable or zero octets: 1 in 7 by chance.

    >>> shown(pair_id_text_share, "raw", "knock")
    [0.0, 0.1667]
    """
    return _share(flows, "id_text", "ids")


@feature(unit="1", serves="abnormal header fields")
def pair_id_rise_share(flows: Flows) -> F64:
    """Share of steps of the IP identification by 1 to 4095: near 1 for a host's counter.

    >>> shown(pair_id_rise_share, "raw")
    [0.0]
    """
    return _step_share(flows, "id_rise", "ids")


@feature(unit="1", serves="abnormal header fields")
def pair_id_high_distinct(flows: Flows) -> F64:
    """Distinct high octets of the IP identifications over what random ones give.

    Near 1 for random ones, lower for a counter and for text. Octets are folded onto 64 places,
    so that n random ones take 64 (1 - (63/64)^n) of them on average.

    >>> shown(pair_id_high_distinct, "raw", "web")
    [1.024, 1.032]
    """
    return _distinct(flows, "id_high", "ids")


@feature(unit="1", serves="abnormal header fields")
def pair_isn_text_share(flows: Flows) -> F64:
    """Share of TCP initial sequence numbers of printable or zero octets: 1 in 50 by chance.

    >>> shown(pair_isn_text_share, "raw", "knock")
    [0.0, 0.1667]
    """
    return _share(flows, "isn_text", "isns")


@feature(unit="1", serves="abnormal header fields")
def pair_port_rise_share(flows: Flows) -> F64:
    """Share of steps of the originator's port by 1 to 255: near 1 where a counter hands it out.

    >>> shown(pair_port_rise_share, "raw", "timing")
    [0.0, 0.3333]
    """
    return _step_share(flows, "port_rise", "ports")
