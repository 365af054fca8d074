"""Packets to flow windows.

The package is itself callable, since ``nalpml.flows`` names both this package and the function
that users call: ``nl.flows(packets)``.
"""

from __future__ import annotations

import sys
from types import ModuleType

from ..capture.packets import PacketTable
from .table import Flows
from .window import Tracker, WindowConfig, flows, iter_flows

__all__ = ["Flows", "Tracker", "WindowConfig", "flows", "iter_flows"]


class _CallablePackage(ModuleType):
    def __call__(self, packets: PacketTable, config: WindowConfig | None = None) -> Flows:
        return flows(packets, config)


sys.modules[__name__].__class__ = _CallablePackage
