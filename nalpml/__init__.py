"""nalpml: detect and classify covert channels outside the application layer.

::

    import nalpml as nl

    packets = nl.read("capture.pcap")  # octets to a table of packets
    windows = nl.flows(packets)  # packets to flow windows
    features = nl.extract("capture.pcap")  # a DataFrame, a row a window
    verdicts = nl.load().scan("capture.pcap")

Names are imported when they are first used, so that ``import nalpml`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .capture.packets import PacketTable as PacketTable
    from .capture.reader import read as read
    from .datasets.loading import load_captures as load_captures
    from .errors import BundleError as BundleError
    from .errors import CaptureError as CaptureError
    from .errors import ConfigError as ConfigError
    from .errors import NalpmlError as NalpmlError
    from .errors import SchemaError as SchemaError
    from .experiments import evaluate as evaluate
    from .features import schema as schema
    from .features.extract import extract as extract
    from .flows import Flows as Flows
    from .flows import WindowConfig as WindowConfig
    from .flows import flows as flows
    from .generators import PROFILES as PROFILES
    from .generators import generate as generate
    from .models.detector import CovertChannelDetector as CovertChannelDetector
    from .scan import Scanner as Scanner
    from .scan import load as load

__version__ = "0.1.0"

# In reading order: captures in, features, training, use, what can go wrong.
_HOME = {
    "read": "capture.reader",
    "PacketTable": "capture.packets",
    "flows": "flows",
    "Flows": "flows",
    "WindowConfig": "flows",
    "extract": "features.extract",
    "schema": "features",
    "generate": "generators",
    "PROFILES": "generators",
    "load_captures": "datasets.loading",
    "CovertChannelDetector": "models.detector",
    "evaluate": "experiments",
    "load": "scan",
    "Scanner": "scan",
    "NalpmlError": "errors",
    "CaptureError": "errors",
    "SchemaError": "errors",
    "BundleError": "errors",
    "ConfigError": "errors",
}

__all__ = [
    "read",
    "PacketTable",
    "flows",
    "Flows",
    "WindowConfig",
    "extract",
    "schema",
    "generate",
    "PROFILES",
    "load_captures",
    "CovertChannelDetector",
    "evaluate",
    "load",
    "Scanner",
    "NalpmlError",
    "CaptureError",
    "SchemaError",
    "BundleError",
    "ConfigError",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f".{_HOME[name]}", __name__)
    # The package nalpml.flows is callable: it is both the package and the function.
    return module if name == "flows" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
