"""The one place that says how kernels are compiled, and whether they are already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

__all__ = ["is_cached", "kernel"]

_CONFIG: Any = numba.config


def _stamp() -> str:
    # Kernels inline helpers from other files, and numba's on-disk cache only looks at the file
    # a kernel stands in: so every file of this package is part of the stamp of each. Bounds
    # checking is too, as code with and without it must not be taken for one another.
    digest = hashlib.sha256(f"{numba.__version__} {_CONFIG.BOUNDSCHECK}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_STAMP = _stamp()


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function at its first call and keep the result on disk.

    Parameters
    ----------
    function : callable
        Arrays and numbers in, arrays and numbers out.

    Returns
    -------
    callable
        Compiled without the interpreter lock, so that captures can be worked on in threads;
        without fastmath and without parallel loops, so that the order of floating-point sums
        never changes. The function itself where NUMBA_DISABLE_JIT is set.
    """
    # What only its own file calls is made part of its callers: arguments cost more than work.
    inline = function.__name__.startswith("_")
    compiled: Any = numba.njit(nogil=True, cache=True, forceinline=inline)(function)
    if not _CONFIG.DISABLE_JIT:
        compiled._cache._cache_file._source_stamp = _STAMP
    return compiled


def is_cached(compiled: Any) -> bool:
    """Tell whether a kernel will be loaded rather than compiled.

    Parameters
    ----------
    compiled : callable
        What `kernel` returned.

    Returns
    -------
    bool
        True when the on-disk cache holds code of this version of the package, or when kernels
        are not compiled at all.
    """
    if _CONFIG.DISABLE_JIT:
        return True
    return bool(compiled.overloads or compiled._cache._cache_file._load_index())
