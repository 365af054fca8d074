"""Payload lengths."""

from __future__ import annotations

from .._kernels.framing import residue_share
from ..flows.table import Flows
from ._reduce import Summary, from_count, ratio, row, summary
from ._registry import feature
from ._shared import lengths
from ._views import F64, ORIG, RESP, cached, payload_size

__all__: list[str] = []


def _sizes(flows: Flows, side: int) -> Summary:
    return summary(flows, payload_size, side)


@cached
def _blocks(flows: Flows) -> F64:
    result: F64 = residue_share(payload_size(flows), flows.direction, flows.offsets, 16, 3)
    return result


@feature(unit="octet", serves="abnormal data")
def size_mean_orig(flows: Flows) -> F64:
    """Mean payload length of packets from the originator that carry any.

    >>> shown(size_mean_orig, "raw", "datagram")
    [128.0, 1.0]
    """
    return _sizes(flows, ORIG).mean


@feature(unit="octet", serves="abnormal data")
def size_mean_resp(flows: Flows) -> F64:
    """Mean payload length of packets from the responder that carry any.

    >>> shown(size_mean_resp, "socks", "duplex")
    [237.3, 4.0]
    """
    return _sizes(flows, RESP).mean


@feature(unit="octet", serves="abnormal data")
def size_std_orig(flows: Flows) -> F64:
    """Standard deviation of payload lengths from the originator, NaN below two.

    >>> shown(size_std_orig, "ping", "socks")
    [0.0, 91.26]
    """
    return _sizes(flows, ORIG).std


@feature(unit="octet", serves="abnormal data")
def size_std_resp(flows: Flows) -> F64:
    """Standard deviation of payload lengths from the responder, NaN below two.

    >>> shown(size_std_resp, "ping", "socks")
    [0.0, 327.2]
    """
    return _sizes(flows, RESP).std


@feature(unit="octet", serves="abnormal data")
def size_min_orig(flows: Flows) -> F64:
    """Smallest payload from the originator.

    >>> shown(size_min_orig, "odd", "datagram")
    [90.0, 1.0]
    """
    return _sizes(flows, ORIG).minimum


@feature(unit="octet", serves="abnormal data")
def size_min_resp(flows: Flows) -> F64:
    """Smallest payload from the responder.

    >>> shown(size_min_resp, "shell", "vsock")
    [2.0, 90.0]
    """
    return _sizes(flows, RESP).minimum


@feature(unit="octet", serves="abnormal data")
def size_max_orig(flows: Flows) -> F64:
    """Largest payload from the originator.

    >>> shown(size_max_orig, "framed", "datagram")
    [200.0, 1.0]
    """
    return _sizes(flows, ORIG).maximum


@feature(unit="octet", serves="abnormal data")
def size_max_resp(flows: Flows) -> F64:
    """Largest payload from the responder.

    >>> shown(size_max_resp, "socks", "duplex")
    [700.0, 5.0]
    """
    return _sizes(flows, RESP).maximum


@feature(unit="octet", serves="abnormal data")
def size_median_orig(flows: Flows) -> F64:
    """Median payload length from the originator.

    >>> shown(size_median_orig, "raw", "datagram")
    [128.0, 1.0]
    """
    return _sizes(flows, ORIG).median


@feature(unit="octet", serves="abnormal data")
def size_median_resp(flows: Flows) -> F64:
    """Median payload length from the responder.

    >>> shown(size_median_resp, "framed", "duplex")
    [144.0, 4.0]
    """
    return _sizes(flows, RESP).median


@feature(unit="1", serves="abnormal data")
def size_distinct_orig(flows: Flows) -> F64:
    """Distinct payload lengths from the originator over its packets with payload.

    >>> shown(size_distinct_orig, "shell", "timing")
    [1.0, 0.006667]
    """
    return ratio(_sizes(flows, ORIG).distinct, _sizes(flows, ORIG).count)


@feature(unit="1", serves="abnormal data")
def size_distinct_resp(flows: Flows) -> F64:
    """Distinct payload lengths from the responder over its packets with payload.

    >>> shown(size_distinct_resp, "tunnel", "duplex")
    [1.0, 0.02727]
    """
    return ratio(_sizes(flows, RESP).distinct, _sizes(flows, RESP).count)


@feature(unit="1", serves="abnormal data")
def size_modal_share_orig(flows: Flows) -> F64:
    """Share of the most frequent payload length from the originator, NaN below two packets.

    Beacons and pings repeat one length.

    >>> shown(size_modal_share_orig, "ping", "raw")
    [1.0, 0.2]
    """
    return from_count(2, _sizes(flows, ORIG).count, _sizes(flows, ORIG).modal)


@feature(unit="1", serves="abnormal data")
def size_modal_share_resp(flows: Flows) -> F64:
    """Share of the most frequent payload length from the responder, NaN below two packets.

    Beacons and pings repeat one length.

    >>> shown(size_modal_share_resp, "ping", "tunnel")
    [1.0, 0.08333]
    """
    return from_count(2, _sizes(flows, RESP).count, _sizes(flows, RESP).modal)


@feature(unit="bit", serves="abnormal data")
def size_entropy_orig(flows: Flows) -> F64:
    """Entropy of the distribution of payload lengths from the originator.

    >>> shown(size_entropy_orig, "ping", "sol")
    [0.0, 2.922]
    """
    return _sizes(flows, ORIG).entropy


@feature(unit="bit", serves="abnormal data")
def size_entropy_resp(flows: Flows) -> F64:
    """Entropy of the distribution of payload lengths from the responder.

    >>> shown(size_entropy_resp, "ping", "tunnel")
    [0.0, 3.585]
    """
    return _sizes(flows, RESP).entropy


@feature(unit="1", serves="abnormal data")
def size_block_share_orig(flows: Flows) -> F64:
    """Share of distinct payload lengths from the originator in the most frequent class modulo 16.

    Block ciphers pad to 16 octets: all their messages differ in length by multiples of it,
    whatever header stands before. NaN below three distinct lengths.

    >>> shown(size_block_share_orig, "framed", "sol")
    [1.0, 0.125]
    """
    return row(_blocks(flows), ORIG)


@feature(unit="1", serves="abnormal data")
def size_block_share_resp(flows: Flows) -> F64:
    """Share of distinct payload lengths from the responder in the most frequent class modulo 16.

    Block ciphers pad to 16 octets: all their messages differ in length by multiples of it,
    whatever header stands before. NaN below three distinct lengths.

    >>> shown(size_block_share_resp, "tunnel", "framed")
    [0.08333, 1.0]
    """
    return row(_blocks(flows), RESP)


@feature(unit="1", serves="abnormal data")
def size_full_share(flows: Flows) -> F64:
    """Share of payload packets of 1,200 octets and more (bound by the MTU).

    >>> shown(size_full_share, "ping")
    [0.0]
    """
    return row(lengths(flows), 10)


@feature(unit="1", serves="abnormal data")
def size_small_share(flows: Flows) -> F64:
    """Share of payload packets of at most 16 octets (keystrokes, counters).

    >>> shown(size_small_share, "ping", "duplex")
    [0.0, 1.0]
    """
    return row(lengths(flows), 11)


@feature(unit="1", serves="abnormal data")
def size_turn_equal_share(flows: Flows) -> F64:
    """Share of direction changes at which the payload length stays the same.

    An echo returns what it got (RFC 792); a channel's answer seldom has its request's length.

    >>> shown(size_turn_equal_share, "ping", "dns")
    [1.0, 0.0]
    """
    return row(lengths(flows), 12)


@feature(unit="octet", serves="abnormal data")
def splt_1(flows: Flows) -> F64:
    """Length of payload 1 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_1, "shell", "framed")
    [-8.0, 104.0]
    """
    return row(lengths(flows), 0)


@feature(unit="octet", serves="abnormal data")
def splt_2(flows: Flows) -> F64:
    """Length of payload 2 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_2, "vsock", "odd")
    [-90.0, 90.0]
    """
    return row(lengths(flows), 1)


@feature(unit="octet", serves="abnormal data")
def splt_3(flows: Flows) -> F64:
    """Length of payload 3 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_3, "shell", "raw")
    [-24.0, 96.0]
    """
    return row(lengths(flows), 2)


@feature(unit="octet", serves="abnormal data")
def splt_4(flows: Flows) -> F64:
    """Length of payload 4 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_4, "framed", "odd")
    [-232.0, 90.0]
    """
    return row(lengths(flows), 3)


@feature(unit="octet", serves="abnormal data")
def splt_5(flows: Flows) -> F64:
    """Length of payload 5 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_5, "shell", "socks")
    [7.0, 200.0]
    """
    return row(lengths(flows), 4)


@feature(unit="octet", serves="abnormal data")
def splt_6(flows: Flows) -> F64:
    """Length of payload 6 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_6, "beacon", "socks")
    [48.0, -700.0]
    """
    return row(lengths(flows), 5)


@feature(unit="octet", serves="abnormal data")
def splt_7(flows: Flows) -> F64:
    """Length of payload 7 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_7, "raw", "duplex")
    [160.0, -3.0]
    """
    return row(lengths(flows), 6)


@feature(unit="octet", serves="abnormal data")
def splt_8(flows: Flows) -> F64:
    """Length of payload 8 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.

    >>> shown(splt_8, "framed", "timing")
    [-232.0, 20.0]
    """
    return row(lengths(flows), 7)
