"""Flows to feature columns; importing this package registers every feature."""

from __future__ import annotations

from ._registry import FLOW_FEATURES, PACKET_FEATURES, UNITS, Feature, feature
from ._schema import Schema, schema

__all__ = [
    "FLOW_FEATURES",
    "PACKET_FEATURES",
    "UNITS",
    "Feature",
    "Schema",
    "feature",
    "schema",
]
