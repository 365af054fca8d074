"""The vocabulary: what a flow can be labelled, and how protocols are named.

A label says which *channel* carries data out of sight of application-layer monitoring
(ATT&CK T1095, Non-Application Layer Protocol), or ``benign``. Legitimate VPNs and tunnels
operated openly on their own ports and protocols are benign; any SOCKS or Serial-over-LAN
session carries its own label, and whether it is allowed is the operator's policy. DNS and
HTTP tunnels belong to the application layer and are outside the vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "BENIGN",
    "CHANNELS",
    "LABELS",
    "MITIGATIONS",
    "TECHNIQUE",
    "VSOCK",
    "proto_name",
    "proto_number",
]

BENIGN = "benign"

CHANNELS = (
    "icmp_tunnel",
    "udp_c2",
    "tcp_c2",
    "socks",
    "serial_over_lan",
    "vsock_c2",
    "ip_tunnel",
    "header_storage",
    "timing",
)

LABELS = (BENIGN, *CHANNELS)

TECHNIQUE = "T1095"

MITIGATIONS: Mapping[str, str] = MappingProxyType(
    {
        "M1031": "Network Intrusion Prevention",
        "M1047": "Audit",
        "M1037": "Filter Network Traffic",
        "M1030": "Network Segmentation",
    }
)
"""ATT&CK mitigations of T1095, by identifier."""

VSOCK = 256
"""Our number for VSOCK, above every IANA protocol number (which have 8 bits)."""

_NAMES: Mapping[int, str] = MappingProxyType(
    {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6", VSOCK: "vsock"}
)
_NUMBERS: Mapping[str, int] = MappingProxyType({name: number for number, name in _NAMES.items()})


def proto_name(number: int) -> str:
    """Name a protocol as verdicts do.

    Parameters
    ----------
    number : int
        IANA protocol number, or `VSOCK`.

    Returns
    -------
    str
        ``icmp``, ``icmp6``, ``udp``, ``tcp``, ``vsock``, else the number as text.

    Examples
    --------
    >>> proto_name(58), proto_name(47)
    ('icmp6', '47')
    """
    return _NAMES.get(number, str(number))


def proto_number(name: str) -> int:
    """Return the protocol number behind a name that `proto_name` gives.

    Parameters
    ----------
    name : str
        ``icmp``, ``icmp6`` (or ``icmpv6``), ``udp``, ``tcp``, ``vsock``, or a decimal number.

    Returns
    -------
    int
        IANA protocol number, or `VSOCK`.

    Raises
    ------
    ValueError
        If the name is none of these.

    Examples
    --------
    >>> proto_number("tcp"), proto_number("47")
    (6, 47)
    >>> proto_number("http")
    Traceback (most recent call last):
        ...
    ValueError: unknown protocol 'http': use icmp, icmp6, udp, tcp, vsock or a number 0-255
    """
    if name == "icmpv6":
        return 58
    if name in _NUMBERS:
        return _NUMBERS[name]
    if name.isdecimal() and int(name) <= 255:
        return int(name)
    raise ValueError(
        f"unknown protocol {name!r}: use icmp, icmp6, udp, tcp, vsock or a number 0-255"
    )
