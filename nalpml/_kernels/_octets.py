"""Numbers in octets, either byte order."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["be16", "be32", "be64", "le16", "le32", "le64"]


@kernel
def be16(buffer, offset):
    """Two octets, most significant first: int64."""
    return (np.int64(buffer[offset]) << 8) | np.int64(buffer[offset + 1])


@kernel
def be32(buffer, offset):
    """Four octets, most significant first: int64."""
    return (be16(buffer, offset) << 16) | be16(buffer, offset + 2)


@kernel
def be64(buffer, offset):
    """Eight octets, most significant first: uint64."""
    value = np.uint64(0)
    for i in range(8):
        value = (value << np.uint64(8)) | np.uint64(buffer[offset + i])
    return value


@kernel
def le16(buffer, offset):
    """Two octets, least significant first: int64."""
    return np.int64(buffer[offset]) | (np.int64(buffer[offset + 1]) << 8)


@kernel
def le32(buffer, offset):
    """Four octets, least significant first: int64."""
    return le16(buffer, offset) | (le16(buffer, offset + 2) << 16)


@kernel
def le64(buffer, offset):
    """Eight octets, least significant first: uint64."""
    value = np.uint64(0)
    for i in range(8):
        value = (value << np.uint64(8)) | np.uint64(buffer[offset + 7 - i])
    return value
