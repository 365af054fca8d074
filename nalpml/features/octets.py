"""What payloads are written in, what runs through them and what comes again."""

from __future__ import annotations

from ..flows.table import Flows
from ._reduce import share
from ._registry import feature
from ._shared import content, is_quote
from ._views import F64, ORIG, RESP, with_payload

__all__: list[str] = []


@feature(unit="1", serves="abnormal data")
def printable_share_orig(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the originator.

    >>> shown(printable_share_orig, "shell", "clock")
    [1.0, 0.0]
    """
    return content(flows, "printable", ORIG)


@feature(unit="1", serves="abnormal data")
def printable_first_orig(flows: Flows) -> F64:
    """Share of printable ASCII in the first payload from the originator.

    >>> shown(printable_first_orig, "shell", "socks")
    [1.0, 0.0]
    """
    return content(flows, "printable_first", ORIG)


@feature(unit="1", serves="abnormal data")
def zero_share_orig(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the originator.

    >>> shown(zero_share_orig, "tunnel", "clock")
    [0.0, 0.875]
    """
    return content(flows, "zeros", ORIG)


@feature(unit="1", serves="abnormal data")
def high_share_orig(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the originator.

    >>> shown(high_share_orig, "shell", "ping6")
    [0.0, 0.525]
    """
    return content(flows, "high", ORIG)


@feature(unit="1", serves="abnormal data")
def base64_share_orig(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the originator in the base64 alphabet.

    >>> shown(base64_share_orig, "ping")
    [0.0]
    """
    return content(flows, "base64", ORIG)


@feature(unit="1", serves="abnormal data")
def repeat_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest run of one octet takes.

    >>> shown(repeat_share_orig, "raw", "clock")
    [0.01344, 0.75]
    """
    return content(flows, "repeat", ORIG)


@feature(unit="1", serves="abnormal data")
def ramp_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).

    >>> shown(ramp_share_orig, "ping", "raw")
    [0.7143, 0.01375]
    """
    return content(flows, "ramp", ORIG)


@feature(unit="1", serves="abnormal data")
def tail_distinct_orig(flows: Flows) -> F64:
    """The same from the originator without the first 16 octets, where pings keep the time.

    >>> shown(tail_distinct_orig, "ping", "tunnel")
    [0.08333, 1.0]
    """
    return content(flows, "tail_distinct", ORIG)


@feature(unit="1", serves="abnormal data")
def printable_share_resp(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the responder.

    >>> shown(printable_share_resp, "shell", "socks")
    [1.0, 0.1357]
    """
    return content(flows, "printable", RESP)


@feature(unit="1", serves="abnormal data")
def printable_first_resp(flows: Flows) -> F64:
    """Share of printable ASCII in the first payload from the responder.

    >>> shown(printable_first_resp, "shell", "socks")
    [1.0, 0.0]
    """
    return content(flows, "printable_first", RESP)


@feature(unit="1", serves="abnormal data")
def zero_share_resp(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the responder.

    >>> shown(zero_share_resp, "shell", "socks")
    [0.0, 0.4348]
    """
    return content(flows, "zeros", RESP)


@feature(unit="1", serves="abnormal data")
def high_share_resp(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the responder.

    >>> shown(high_share_resp, "shell", "udp6")
    [0.0, 0.5493]
    """
    return content(flows, "high", RESP)


@feature(unit="1", serves="abnormal data")
def base64_share_resp(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the responder in the base64 alphabet.

    >>> shown(base64_share_resp, "ping")
    [0.0]
    """
    return content(flows, "base64", RESP)


@feature(unit="1", serves="abnormal data")
def repeat_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest run of one octet takes.

    >>> shown(repeat_share_resp, "raw", "socks")
    [0.009161, 0.301]
    """
    return content(flows, "repeat", RESP)


@feature(unit="1", serves="abnormal data")
def ramp_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).

    >>> shown(ramp_share_resp, "ping", "raw")
    [0.7143, 0.01191]
    """
    return content(flows, "ramp", RESP)


@feature(unit="1", serves="abnormal data")
def tail_distinct_resp(flows: Flows) -> F64:
    """The same from the responder without the first 16 octets, where pings keep the time.

    >>> shown(tail_distinct_resp, "ping", "tunnel")
    [0.08333, 1.0]
    """
    return content(flows, "tail_distinct", RESP)


@feature(unit="1", serves="abnormal data")
def inner_ip_share(flows: Flows) -> F64:
    """Share of payloads that hold a plausible IP packet of just the length left.

    ICMP errors quote packets and are left out (RFC 792).

    >>> shown(inner_ip_share, "ping", "gre")
    [0.0, 1.0]
    """
    return share(flows, flows.column("inner_ip") > 0, with_payload(flows) & ~is_quote(flows))
