"""Flows to feature columns; importing this package registers every feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

# Registration order is schema order, so these imports keep theirs.
from . import volume as _volume  # isort: skip
from . import size as _size  # isort: skip
from . import timing as _timing  # isort: skip
from . import correlation as _correlation  # isort: skip
from . import covert_timing as _covert_timing  # isort: skip
from . import payload as _payload  # isort: skip
from . import octets as _octets  # isort: skip
from . import framing as _framing  # isort: skip
from . import icmp as _icmp  # isort: skip
from . import icmp_fill as _icmp_fill  # isort: skip
from . import conformance as _conformance  # isort: skip
from . import transport as _transport  # isort: skip
from . import header as _header  # isort: skip
from . import context as _context  # isort: skip
from . import pair as _pair  # isort: skip
from . import pair_heads as _pair_heads  # isort: skip
from . import packet as _packet  # isort: skip
from . import exchange as _exchange  # isort: skip
from ._reference import reference
from ._registry import FLOW_FEATURES, PACKET_FEATURES, SERVES, UNITS, Feature, feature
from ._schema import Schema, schema

if TYPE_CHECKING:
    from ..flows.table import Flows

__all__ = [
    "FLOW_FEATURES",
    "GROUPS",
    "PACKET_FEATURES",
    "SERVES",
    "UNITS",
    "Feature",
    "Schema",
    "compute",
    "feature",
    "reference",
    "schema",
]

_MODULES = (
    _volume, _size, _timing, _correlation, _covert_timing, _payload, _octets, _framing, _icmp,
    _icmp_fill, _conformance, _transport, _header, _context, _pair, _pair_heads, _packet,
    _exchange,
)  # fmt: skip
GROUPS = tuple(module.__name__.rpartition(".")[2] for module in _MODULES)
"""Groups of features, in schema order: each is a file of this package."""


def compute(flows: Flows, *, level: str = "flow") -> NDArray[np.float32]:
    """Compute every feature.

    Parameters
    ----------
    flows : Flows
        Flow windows with their packets.
    level : str
        ``flow`` for a row a window, ``packet`` for a row a packet (in flow order).

    Returns
    -------
    float32 (n, F)
        Columns in schema order; NaN where there is no evidence.
    """
    registry = FLOW_FEATURES if level == "flow" else PACKET_FEATURES
    rows = len(flows) if level == "flow" else len(flows.packets)
    matrix = np.empty((rows, len(registry)), np.float32, order="F")
    for column, declared in enumerate(registry.values()):
        matrix[:, column] = declared.compute(flows)
    return np.ascontiguousarray(matrix)
