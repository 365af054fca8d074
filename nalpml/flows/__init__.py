"""Packets to flow windows."""

from __future__ import annotations

from .table import Flows
from .window import WindowConfig, flows, iter_flows

__all__ = ["Flows", "WindowConfig", "flows", "iter_flows"]
