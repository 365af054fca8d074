"""What echo requests carry: time stamps, fills of ping programs, data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import segments
from ..flows.table import Flows
from ._reduce import from_count, mean, share, total
from ._registry import feature
from ._shared import echo_kind, is_quote, of_icmp
from ._views import F64, BoolColumn, cached, kept_where, own, with_payload

__all__: list[str] = []


def _icmp(flows: Flows) -> BoolColumn:
    # ICMP packets of ICMP windows; errors that joined other flows are not meant.
    proto = flows.column("proto")
    return np.asarray(((proto == 1) | (proto == 58)) & own(flows))


@cached
def _asked(flows: Flows) -> F64:
    return kept_where(flows.column("payload_len"), echo_kind(flows) == 1)


@cached
def _stamped(flows: Flows) -> F64:
    seconds = flows.column("time_ns") // 1_000_000_000
    prefix = flows.column("prefix_hi")
    high = (prefix >> np.uint64(32)).astype(np.uint32)
    low = prefix.astype(np.uint32)
    result = np.zeros(len(prefix), bool)
    for value in (high, high.byteswap(), low, low.byteswap()):
        result |= np.abs(value.astype(np.int64) - seconds) < 604_800
    return result.astype(np.float64)


def _cover(run: NDArray[Any], octets: F64) -> F64:
    # Share of what is left behind a time stamp.
    return np.asarray(run / np.maximum(np.maximum(octets - 16, np.minimum(octets, 8)), 1.0))


@cached
def _plain(flows: Flows) -> F64:
    captured = np.minimum(flows.column("payload_cap"), 512).astype(np.float64)
    run = np.maximum(flows.column("ramp"), flows.column("repeat"))
    filled = run >= 0.75 * np.maximum(captured - 16, np.minimum(captured, 8))
    # Short payloads hold a time stamp and little else.
    stamped = (captured <= 24) & (_stamped(flows) > 0)
    return np.asarray(filled | stamped | (captured == 0), np.float64)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_payload_other_share(flows: Flows) -> F64:
    """Share of ICMP packets that are neither echo nor error and yet carry payload.

    Router and neighbour discovery (types 133 to 137) and group reports carry options and do
    not count.

    >>> shown(icmp_payload_other_share, "ping")
    [0.0]
    """
    kind, proto = flows.column("icmp_type"), flows.column("proto")
    carries = (proto == 58) & (kind >= 130) & (kind <= 153) | (proto == 1) & np.isin(
        kind, (9, 10, 13, 14, 17, 18)
    )
    odd = (echo_kind(flows) == 0) & ~is_quote(flows) & ~carries & (flows.column("payload_len") > 0)
    return share(flows, odd, _icmp(flows))


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_timestamp_share(flows: Flows) -> F64:
    """Share of echo requests that start with a time of day near the capture's.

    iputils, BSD and others put a struct timeval first: 32- or 64-bit seconds, either byte
    order, within a week of the capture time.

    >>> shown(icmp_timestamp_share, "ping", "tunnel")
    [1.0, 0.0]
    """
    among = (echo_kind(flows) == 1) & (flows.column("payload_cap") >= 8)
    return share(flows, _stamped(flows) > 0, among)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_plain_share(flows: Flows) -> F64:
    """Share of echo requests whose payload is an ordinary fill.

    Behind up to 16 octets of time stamp: one octet repeated, or a ramp, over three quarters of
    what is left (of 8 octets at the least); a time stamp alone; or no payload at all. Payloads
    of 1 to 3 octets do not count. A distance to what ping programs send, not a list of
    constants.

    >>> shown(icmp_plain_share, "ping", "tunnel")
    [1.0, 0.0]
    """
    captured = flows.column("payload_cap")
    among = (echo_kind(flows) == 1) & ((captured == 0) | (captured >= 4))
    return share(flows, _plain(flows) > 0, among)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_fill_distance(flows: Flows) -> F64:
    """Mean share of an echo request's payload that no known fill explains.

    Fills are what systems send: octets that count up behind up to 16 of time stamp (iputils, BSD,
    macOS), the alphabet from a to w and again (Windows), two octets in turn (Cisco), one octet
    (many libraries). What the longest ramp, the longest run or copies of earlier octets cover is
    explained, over what is left behind the stamp (of 8 octets at the least); 0 without payload.

    >>> shown(icmp_fill_distance, "ping", "tunnel")
    [0.0, 0.9687]
    """
    octets = np.minimum(flows.column("payload_cap"), 512).astype(np.float64)
    first = np.minimum(octets, 256)
    run = np.maximum(flows.column("ramp"), flows.column("repeat"))
    covered = np.maximum(_cover(run, octets), _cover(flows.column("copied"), first))
    alphabet = (flows.column("prefix_hi") >> np.uint64(32)) == 0x61626364
    # Its turns: 23 letters count up, and the next 23 copy them.
    turns = (flows.column("ramp") + flows.column("copied").astype(np.float64)) / first.clip(1)
    covered = np.where(alphabet, np.maximum(covered, turns), covered)
    far = 1.0 - np.minimum(covered, 1.0)
    return mean(flows, kept_where(np.where(octets > 0, far, 0.0), echo_kind(flows) == 1))


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_tail_change_share(flows: Flows) -> F64:
    """Share of steps between echo requests at which payload behind octet 16 changes.

    Pings change the time stamp alone; data changes everywhere.

    >>> shown(icmp_tail_change_share, "ping", "tunnel")
    [0.0, 1.0]
    """
    among = (echo_kind(flows) == 1) & (flows.column("payload_cap") > 16)
    same = segments.repeats(flows.column("tail_hash"), among, flows.direction, flows.offsets)
    return mean(flows, 1.0 - same)


@feature(unit="1", serves="abnormal data in ICMP")
@of_icmp
def icmp_data_count_log(flows: Flows) -> F64:
    """log2(1 + echo requests that bring other data than their sender's before them).

    Payloads behind octet 16, those of 16 octets and less as a whole; ordinary fills and lone
    time stamps do not count. A ping with arbitrary letters has a few, a file has many, whoever
    answers. NaN without echo requests that carry payload.

    >>> shown(icmp_data_count_log, "ping", "tunnel")
    [0.0, 3.7]
    """
    sent = (echo_kind(flows) == 1) & with_payload(flows)
    asked = sent & (_plain(flows) == 0)
    long = flows.column("payload_cap") > 16
    new = np.zeros(len(asked), np.float64)
    for among, name in ((asked & long, "tail_hash"), (asked & ~long, "payload_hash")):
        same = segments.repeats(flows.column(name), among, flows.direction, flows.offsets)
        new += among & (same != 1)
    return from_count(1, total(flows, sent.astype(np.float64)), np.log2(1.0 + total(flows, new)))


@feature(unit="bit", serves="abnormal data in ICMP")
@of_icmp
def icmp_fill_entropy_excess(flows: Flows) -> F64:
    """Mean entropy of differences between neighbouring octets of echo requests.

    0 for constant and counting fills whatever their length, high for text and ciphertext.

    >>> shown(icmp_fill_entropy_excess, "ping", "tunnel")
    [1.573, 5.564]
    """
    among = (echo_kind(flows) == 1) & with_payload(flows)
    return mean(flows, kept_where(flows.column("delta_entropy"), among))
