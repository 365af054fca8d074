"""Payload lengths."""

from __future__ import annotations

import numpy as np

from .._kernels import segments
from ..flows.table import Flows
from ._registry import feature
from ._views import (
    F64,
    ORIG,
    RESP,
    cached,
    of_side,
    own,
    payload_size,
    share,
)

__all__: list[str] = []


@cached
def _signed(flows: Flows) -> F64:
    return np.where(flows.direction == ORIG, payload_size(flows), -payload_size(flows))


@cached
def _turns(flows: Flows) -> F64:
    # For each payload packet whose predecessor went the other way: 1 when lengths are equal.
    signed = _signed(flows)
    before = np.full(len(signed), np.nan)
    before[1:] = signed[:-1]
    before[flows.offsets[:-1][np.diff(flows.offsets) > 0]] = np.nan
    turned = signed * before < 0
    return np.where(turned, np.abs(signed) == np.abs(before), np.nan)


@feature(unit="octet", serves="abnormal data")
def size_mean_orig(flows: Flows) -> F64:
    """Mean payload length of packets from the originator that carry any."""
    return segments.mean(of_side(flows, payload_size(flows), ORIG), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_mean_resp(flows: Flows) -> F64:
    """Mean payload length of packets from the responder that carry any."""
    return segments.mean(of_side(flows, payload_size(flows), RESP), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_std_orig(flows: Flows) -> F64:
    """Standard deviation of payload lengths from the originator, NaN below two."""
    return segments.std(of_side(flows, payload_size(flows), ORIG), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_std_resp(flows: Flows) -> F64:
    """Standard deviation of payload lengths from the responder, NaN below two."""
    return segments.std(of_side(flows, payload_size(flows), RESP), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_min_orig(flows: Flows) -> F64:
    """Smallest payload from the originator."""
    return segments.minimum(of_side(flows, payload_size(flows), ORIG), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_min_resp(flows: Flows) -> F64:
    """Smallest payload from the responder."""
    return segments.minimum(of_side(flows, payload_size(flows), RESP), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_max_orig(flows: Flows) -> F64:
    """Largest payload from the originator."""
    return segments.maximum(of_side(flows, payload_size(flows), ORIG), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_max_resp(flows: Flows) -> F64:
    """Largest payload from the responder."""
    return segments.maximum(of_side(flows, payload_size(flows), RESP), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def size_median_orig(flows: Flows) -> F64:
    """Median payload length from the originator."""
    return segments.quantile(of_side(flows, payload_size(flows), ORIG), flows.offsets, 0.5)


@feature(unit="octet", serves="abnormal data")
def size_median_resp(flows: Flows) -> F64:
    """Median payload length from the responder."""
    return segments.quantile(of_side(flows, payload_size(flows), RESP), flows.offsets, 0.5)


@feature(unit="1", serves="abnormal data")
def size_distinct_orig(flows: Flows) -> F64:
    """Distinct payload lengths from the originator over its packets with payload."""
    sizes = of_side(flows, payload_size(flows), ORIG)
    return segments.distinct(sizes, flows.offsets) / np.maximum(
        segments.count(sizes, flows.offsets), 1
    )


@feature(unit="1", serves="abnormal data")
def size_distinct_resp(flows: Flows) -> F64:
    """Distinct payload lengths from the responder over its packets with payload."""
    sizes = of_side(flows, payload_size(flows), RESP)
    return segments.distinct(sizes, flows.offsets) / np.maximum(
        segments.count(sizes, flows.offsets), 1
    )


@feature(unit="1", serves="abnormal data")
def size_modal_share_orig(flows: Flows) -> F64:
    """Share of the most frequent payload length from the originator, NaN below two packets.

    Beacons and pings repeat one length.
    """
    sizes = of_side(flows, payload_size(flows), ORIG)
    result = segments.modal_share(sizes, flows.offsets)
    return np.where(segments.count(sizes, flows.offsets) >= 2, result, np.nan)


@feature(unit="1", serves="abnormal data")
def size_modal_share_resp(flows: Flows) -> F64:
    """Share of the most frequent payload length from the responder, NaN below two packets.

    Beacons and pings repeat one length.
    """
    sizes = of_side(flows, payload_size(flows), RESP)
    result = segments.modal_share(sizes, flows.offsets)
    return np.where(segments.count(sizes, flows.offsets) >= 2, result, np.nan)


@feature(unit="bit", serves="abnormal data")
def size_entropy_orig(flows: Flows) -> F64:
    """Entropy of the distribution of payload lengths from the originator."""
    return segments.entropy(of_side(flows, payload_size(flows), ORIG), flows.offsets)


@feature(unit="bit", serves="abnormal data")
def size_entropy_resp(flows: Flows) -> F64:
    """Entropy of the distribution of payload lengths from the responder."""
    return segments.entropy(of_side(flows, payload_size(flows), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def size_full_share(flows: Flows) -> F64:
    """Share of payload packets of 1,200 octets and more (bound by the MTU)."""
    size = flows.column("payload_len")
    return share(flows, size >= 1200, (size > 0) & own(flows))


@feature(unit="1", serves="abnormal data")
def size_small_share(flows: Flows) -> F64:
    """Share of payload packets of at most 16 octets (keystrokes, counters)."""
    size = flows.column("payload_len")
    return share(flows, size <= 16, (size > 0) & own(flows))


@feature(unit="1", serves="abnormal data")
def size_turn_equal_share(flows: Flows) -> F64:
    """Share of direction changes at which the payload length stays the same.

    An echo returns what it got (RFC 792); a channel's answer seldom has its request's length.
    """
    return segments.mean(_turns(flows), flows.offsets)


@feature(unit="octet", serves="abnormal data")
def splt_1(flows: Flows) -> F64:
    """Length of payload 1 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 0)


@feature(unit="octet", serves="abnormal data")
def splt_2(flows: Flows) -> F64:
    """Length of payload 2 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 1)


@feature(unit="octet", serves="abnormal data")
def splt_3(flows: Flows) -> F64:
    """Length of payload 3 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 2)


@feature(unit="octet", serves="abnormal data")
def splt_4(flows: Flows) -> F64:
    """Length of payload 4 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 3)


@feature(unit="octet", serves="abnormal data")
def splt_5(flows: Flows) -> F64:
    """Length of payload 5 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 4)


@feature(unit="octet", serves="abnormal data")
def splt_6(flows: Flows) -> F64:
    """Length of payload 6 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 5)


@feature(unit="octet", serves="abnormal data")
def splt_7(flows: Flows) -> F64:
    """Length of payload 7 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 6)


@feature(unit="octet", serves="abnormal data")
def splt_8(flows: Flows) -> F64:
    """Length of payload 8 of the window, negative when the responder sent it.

    Source: sequence of packet lengths, McGrew and Anderson, "Enhanced telemetry for
    encrypted threat analytics", ICNP 2016.
    """
    return segments.nth(_signed(flows), flows.offsets, 7)
