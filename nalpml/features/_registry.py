"""How a feature is declared.

A feature is one decorated function from a table to a column. Its unit and revision stand in
the decorator, what it means in its docstring; the schema, the reference page, the contract
tests and ``nalpml features`` are all made from this registry.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..flows.table import Flows

    FlowColumn = Callable[[Flows], NDArray[np.float64]]

__all__ = ["FLOW_FEATURES", "PACKET_FEATURES", "SERVES", "UNITS", "Feature", "feature"]

UNITS = ("s", "octet", "packet", "bit", "1")
"""SI base units and counts only; ``1`` is a ratio, a share or a score."""

SERVES: Mapping[str, str] = MappingProxyType(
    {
        "abnormal data": "messages that contain abnormal data",
        "abnormal data in ICMP": "ICMP messages that contain abnormal data",
        "abnormal header fields": "anomalous syntax or structure, here of header fields",
        "anomalous traffic patterns": "gratuitous or anomalous traffic patterns",
        "extraneous packets": "packets that do not belong to established flows",
        "not normally seen": "protocols not normally seen within or leaving the network",
        "protocol conformance": "communications that do not follow the protocol of their port",
        "uncommon flows": "a client that sends significantly more data than it receives",
    }
)
"""Keyword -> what it stands for in the detection text of ATT&CK T1095."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One declared feature.

    Attributes
    ----------
    name : str
        Column name: quantity, statistic, direction.
    unit : str
        One of `UNITS`.
    group : str
        The file it is defined in: ``volume``, ``size``, ``timing``, …
    level : str
        ``flow`` (a value per flow window) or ``packet`` (a value per packet).
    revision : int
        Raised whenever any input gives another value.
    serves : str
        What of ATT&CK T1095's detection text it serves: a keyword of `SERVES`.
    compute : callable
        ``Flows`` -> float64 column of one value per window (or per packet).
    """

    name: str
    unit: str
    group: str
    level: str
    revision: int
    serves: str
    compute: Callable[[Any], Any]

    @property
    def doc(self) -> str:
        """The whole docstring, without indentation."""
        return inspect.getdoc(self.compute) or ""

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.doc.partition("\n")[0]


_flow: dict[str, Feature] = {}
_packet: dict[str, Feature] = {}

FLOW_FEATURES: Mapping[str, Feature] = MappingProxyType(_flow)
"""Flow features by name, in schema order."""

PACKET_FEATURES: Mapping[str, Feature] = MappingProxyType(_packet)
"""Packet features by name, in schema order."""


def feature(
    *, unit: str, serves: str, revision: int = 1, level: str = "flow"
) -> Callable[[FlowColumn], FlowColumn]:
    """Declare a feature; the function's name is the column's name.

    Parameters
    ----------
    unit : str
        One of `UNITS`.
    serves : str
        What of the technique's detection text it serves: a keyword of `SERVES`.
    revision : int
        Starts at 1; raise it whenever any input gives another value.
    level : str
        ``flow`` or ``packet``.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If the unit, keyword or level is unknown, or the name is taken.
    """
    if unit not in UNITS:
        raise ValueError(f"unknown unit {unit!r}: use one of {', '.join(UNITS)}")
    if serves not in SERVES:
        raise ValueError(f"unknown keyword {serves!r}: use one of {', '.join(SERVES)}")
    if level not in ("flow", "packet"):
        raise ValueError(f"unknown level {level!r}: use flow or packet")
    registry = _flow if level == "flow" else _packet

    def declare(function: FlowColumn) -> FlowColumn:
        name = function.__name__
        if name in registry:
            raise ValueError(f"feature {name!r} is declared twice")
        registry[name] = Feature(
            name=name,
            unit=unit,
            group=function.__module__.rpartition(".")[2],
            level=level,
            revision=revision,
            serves=serves,
            compute=function,
        )
        return function

    return declare
