"""Every error nalpml raises on purpose.

::

    NalpmlError
    ├── CaptureError   a capture cannot be read (names the file and the offset)
    ├── SchemaError    features on hand are not those a model or file was made with
    ├── BundleError    a model folder is incomplete, damaged or of an unknown format
    └── ConfigError    a configuration, label file or argument is not usable (names the key)

Each carries one line that says what is wrong and what to do; the command line prints it
after ``nalpml: `` and exits with status 2.
"""

from __future__ import annotations

__all__ = ["BundleError", "CaptureError", "ConfigError", "NalpmlError", "SchemaError"]


class NalpmlError(Exception):
    """Base class of every error that nalpml raises on purpose."""


class CaptureError(NalpmlError):
    """A capture cannot be read or written at all."""


class SchemaError(NalpmlError):
    """The features on hand are not the features that were asked for."""


class BundleError(NalpmlError):
    """A model folder is incomplete, damaged, or of a format this version does not know."""


class ConfigError(NalpmlError):
    """A configuration file, a label file or an argument is not usable."""
