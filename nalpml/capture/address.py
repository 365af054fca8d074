"""Addresses and protocols of packet columns as text."""

from __future__ import annotations

import ipaddress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..channels import proto_name

__all__ = ["address_halves", "address_text", "proto_text"]

_MAPPED = np.uint64(0xFFFF) << np.uint64(32)


def address_text(
    high: NDArray[np.uint64], low: NDArray[np.uint64], is_vsock: NDArray[np.bool_]
) -> NDArray[Any]:
    """Write addresses as text.

    Parameters
    ----------
    high, low : uint64 (n,)
        Halves of the address as in `COLUMNS`.
    is_vsock : bool (n,)
        Where the lower half is a VSOCK context identifier.

    Returns
    -------
    object (n,)
        Dotted quads, RFC 5952 IPv6 text, or decimal context identifiers.
    """
    # Captures repeat few addresses many times: each distinct one is written once.
    keys = np.empty(len(high), dtype=[("h", "u8"), ("l", "u8"), ("v", "?")])
    keys["h"], keys["l"], keys["v"] = high, low, is_vsock
    distinct, inverse = np.unique(keys, return_inverse=True)
    texts = np.array([_text(int(k["h"]), int(k["l"]), bool(k["v"])) for k in distinct], object)
    return texts[inverse] if len(distinct) else np.empty(0, object)


def _text(high: int, low: int, is_vsock: bool) -> str:
    if is_vsock:
        return str(low)
    if high == 0 and low & ~0xFFFFFFFF == int(_MAPPED):
        return str(ipaddress.IPv4Address(low & 0xFFFFFFFF))
    return str(ipaddress.IPv6Address((high << 64) | low))


def address_halves(text: str) -> tuple[int, int]:
    """Return the halves that `address_text` writes as `text`.

    Parameters
    ----------
    text : str
        An IPv4 or IPv6 address, or a decimal VSOCK context identifier.

    Returns
    -------
    (int, int)
        Upper and lower half.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> address_halves("::1"), address_halves("0.0.0.1") == (0, 0xFFFF_0000_0001)
    ((0, 1), True)
    """
    if text.isdecimal():
        return 0, int(text)
    address = ipaddress.ip_address(text)
    if address.version == 4:
        return 0, int(_MAPPED) | int(address)
    return int(address) >> 64, int(address) & (2**64 - 1)


def proto_text(numbers: NDArray[np.uint16]) -> NDArray[Any]:
    """Name protocols.

    Parameters
    ----------
    numbers : integer (n,)
        Protocol numbers.

    Returns
    -------
    object (n,)
        As `nalpml.channels.proto_name` gives.
    """
    distinct, inverse = np.unique(numbers, return_inverse=True)
    names = np.array([proto_name(int(number)) for number in distinct], object)
    return names[inverse] if len(distinct) else np.empty(0, object)
