"""Numbers in octets, either byte order, and octets compared with their neighbours."""

from __future__ import annotations

import numpy as np
from numba.core import types

from ._jit import kernel
from ._loads import LANES, USABLE, loader, step_marker

__all__ = ["be16", "be32", "be64", "le16", "le32", "le64", "step_marks"]


@kernel
def _be16(buffer, offset):
    return (np.int64(buffer[offset]) << 8) | np.int64(buffer[offset + 1])


@kernel
def _be32(buffer, offset):
    return (_be16(buffer, offset) << 16) | _be16(buffer, offset + 2)


@kernel
def _be64(buffer, offset):
    value = np.uint64(0)
    for i in range(offset, offset + 8):
        value = (value << np.uint64(8)) | np.uint64(buffer[i])
    return value


@kernel
def _le16(buffer, offset):
    return np.int64(buffer[offset]) | (np.int64(buffer[offset + 1]) << 8)


@kernel
def _le32(buffer, offset):
    return _le16(buffer, offset) | (_le16(buffer, offset + 2) << 16)


@kernel
def _le64(buffer, offset):
    value = np.uint64(0)
    for i in range(offset, offset + 8):
        value = (value >> np.uint64(8)) | (np.uint64(buffer[i]) << np.uint64(56))
    return value


@kernel
def _step_marks(buffer, offset):
    marks = np.uint64(0)
    for i in range(LANES):
        step = np.int64(buffer[offset + i]) - np.int64(buffer[offset + i - 1])
        if step == 0:
            marks |= np.uint64(1) << np.uint64(i)
        elif step & 255 == 1:
            marks |= np.uint64(1) << np.uint64(LANES + i)
    return marks


be16 = loader(16, types.int64, swap=True) if USABLE else _be16
"""Two octets, most significant first: int64."""

be32 = loader(32, types.int64, swap=True) if USABLE else _be32
"""Four octets, most significant first: int64."""

be64 = loader(64, types.uint64, swap=True) if USABLE else _be64
"""Eight octets, most significant first: uint64."""

le16 = loader(16, types.int64, swap=False) if USABLE else _le16
"""Two octets, least significant first: int64."""

le32 = loader(32, types.int64, swap=False) if USABLE else _le32
"""Four octets, least significant first: int64."""

le64 = loader(64, types.uint64, swap=False) if USABLE else _le64
"""Eight octets, least significant first: uint64."""

step_marks = step_marker() if USABLE else _step_marks
"""Which of 32 octets equal those before them (lower half), and which are greater by one: uint64."""
