"""What payloads look like."""

from __future__ import annotations

import numpy as np

from .._kernels import segments
from ..flows.table import Flows
from ._registry import feature
from ._views import (
    F64,
    ORIG,
    RESP,
    BoolColumn,
    cached,
    expected_entropy,
    kept_where,
    of_side,
    per_octet,
    share,
    with_payload,
)

__all__: list[str] = []


@cached
def _entropy(flows: Flows) -> F64:
    return kept_where(flows.column("entropy"), with_payload(flows))


@cached
def _ratio(flows: Flows) -> F64:
    captured = flows.column("payload_cap")
    expected = np.maximum(expected_entropy(captured), 1e-9)
    return np.where(with_payload(flows) & (captured >= 8), _entropy(flows) / expected, np.nan)


@cached
def _delta_ratio(flows: Flows) -> F64:
    captured = np.minimum(flows.column("payload_cap"), 512)
    expected = np.maximum(expected_entropy(captured.astype(np.int64) - 1), 1e-9)
    value = kept_where(flows.column("delta_entropy"), with_payload(flows) & (captured >= 9))
    return value / expected


def _run(flows: Flows, name: str) -> F64:
    captured = np.minimum(flows.column("payload_cap"), 512)
    mask = with_payload(flows) & (captured >= 4)
    return np.where(mask, flows.column(name) / np.maximum(captured, 1), np.nan)


def _distinct(flows: Flows, name: str, skipped: int, side: int) -> F64:
    used = with_payload(flows) & (flows.column("payload_cap") > skipped)
    used &= flows.direction == side
    number = segments.total(used.astype(np.float64), flows.offsets)
    different = segments.distinct_keys(flows.column(name), used, flows.offsets)
    return np.where(number >= 2, different / np.maximum(number, 1), np.nan)


def _prefix_modal(flows: Flows, shift: int, side: int) -> F64:
    prefix = (flows.column("prefix_hi") >> np.uint64(shift)).astype(np.float64)
    octets = 8 - shift // 8
    used = with_payload(flows) & (flows.column("payload_cap") >= octets)
    values = np.where(used & (flows.direction == side), prefix, np.nan)
    enough = segments.count(values, flows.offsets) >= 2
    return np.where(enough, segments.modal_share(values, flows.offsets), np.nan)


def _length_field(flows: Flows, side: int) -> F64:
    prefix = flows.column("prefix_hi")
    length = flows.column("payload_len").astype(np.float64)
    used = with_payload(flows) & (flows.column("payload_cap") >= 8) & (flows.direction == side)
    sizes = np.where(used, length, np.nan)
    octet = [
        ((prefix >> np.uint64(56 - 8 * i)) & np.uint64(255)).astype(np.float64) for i in range(4)
    ]
    fields = [
        octet[0] * 256 + octet[1],
        octet[1] * 256 + octet[0],
        octet[2] * 256 + octet[3],
        octet[3] * 256 + octet[2],
        ((octet[0] * 256 + octet[1]) * 256 + octet[2]) * 256 + octet[3],
        ((octet[3] * 256 + octet[2]) * 256 + octet[1]) * 256 + octet[0],
    ]
    best = np.zeros(len(flows))
    for field in fields:
        best = np.fmax(best, segments.modal_share(sizes - field, flows.offsets))
    several = segments.distinct(sizes, flows.offsets) >= 2
    return np.where(several & (segments.count(sizes, flows.offsets) >= 3), best, np.nan)


def is_quote(flows: Flows) -> BoolColumn:
    """Packets that are ICMP errors and so quote the packet they answer: bool (m,)."""
    proto, kind = flows.column("proto"), flows.column("icmp_type")
    return ((proto == 1) & np.isin(kind, (3, 4, 5, 11, 12))) | ((proto == 58) & (kind < 128))


@feature(unit="bit", serves="abnormal data")
def entropy_mean_orig(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the originator."""
    return segments.mean(of_side(flows, _entropy(flows), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_orig(flows: Flows) -> F64:
    """Mean payload entropy from the originator over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits). NaN below 8 octets.
    """
    return segments.mean(of_side(flows, _ratio(flows), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_orig(flows: Flows) -> F64:
    """Smallest such ratio from the originator."""
    return segments.minimum(of_side(flows, _ratio(flows), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_orig(flows: Flows) -> F64:
    """Standard deviation of that ratio from the originator, NaN below two payloads."""
    return segments.std(of_side(flows, _ratio(flows), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def delta_ratio_orig(flows: Flows) -> F64:
    """Entropy of differences of neighbouring octets from the originator, over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.
    """
    return segments.mean(of_side(flows, _delta_ratio(flows), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def serial_correlation_orig(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the originator.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.
    """
    return segments.mean(
        of_side(flows, kept_where(flows.column("serial_corr"), with_payload(flows)), ORIG),
        flows.offsets,
    )


@feature(unit="1", serves="abnormal data")
def printable_share_orig(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the originator."""
    return segments.mean(of_side(flows, per_octet(flows, "printable"), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def zero_share_orig(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the originator."""
    return segments.mean(of_side(flows, per_octet(flows, "zeros"), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def high_share_orig(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the originator."""
    return segments.mean(of_side(flows, per_octet(flows, "high"), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def base64_share_orig(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the originator in the base64 alphabet alone."""
    among = with_payload(flows) & (flows.column("payload_cap") >= 12) & (flows.direction == ORIG)
    return share(flows, per_octet(flows, "base64") >= 1.0, among)


@feature(unit="1", serves="abnormal data")
def hex_share_orig(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the originator that are hexadecimal digits alone."""
    among = with_payload(flows) & (flows.column("payload_cap") >= 12) & (flows.direction == ORIG)
    return share(flows, per_octet(flows, "hex") >= 1.0, among)


@feature(unit="1", serves="abnormal data")
def repeat_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest run of one octet takes."""
    return segments.mean(of_side(flows, _run(flows, "repeat"), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def ramp_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).
    """
    return segments.mean(of_side(flows, _run(flows, "ramp"), ORIG), flows.offsets)


@feature(unit="1", serves="abnormal data")
def payload_distinct_orig(flows: Flows) -> F64:
    """Distinct payloads from the originator over packets with payload, NaN below two."""
    return _distinct(flows, "payload_hash", 0, ORIG)


@feature(unit="1", serves="abnormal data")
def tail_distinct_orig(flows: Flows) -> F64:
    """The same from the originator without the first 16 octets, where pings keep the time."""
    return _distinct(flows, "tail_hash", 16, ORIG)


@feature(unit="1", serves="abnormal data")
def prefix4_modal_orig(flows: Flows) -> F64:
    """Share of the most frequent first 4 octets from the originator (framing magic), NaN below two."""
    return _prefix_modal(flows, 32, ORIG)


@feature(unit="1", serves="abnormal data")
def prefix2_modal_orig(flows: Flows) -> F64:
    """Share of the most frequent first 2 octets from the originator, NaN below two."""
    return _prefix_modal(flows, 48, ORIG)


@feature(unit="1", serves="abnormal data")
def length_field_orig(flows: Flows) -> F64:
    """Best fit of a length field at the start of payloads from the originator.

    Over 16-bit fields at octets 0 and 2 and 32-bit fields at 0, both byte orders: share of
    the most frequent difference between payload length and field. NaN below three payloads or
    for payloads of one length.
    """
    return _length_field(flows, ORIG)


@feature(unit="bit", serves="abnormal data")
def entropy_mean_resp(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the responder."""
    return segments.mean(of_side(flows, _entropy(flows), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_resp(flows: Flows) -> F64:
    """Mean payload entropy from the responder over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits). NaN below 8 octets.
    """
    return segments.mean(of_side(flows, _ratio(flows), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_resp(flows: Flows) -> F64:
    """Smallest such ratio from the responder."""
    return segments.minimum(of_side(flows, _ratio(flows), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_resp(flows: Flows) -> F64:
    """Standard deviation of that ratio from the responder, NaN below two payloads."""
    return segments.std(of_side(flows, _ratio(flows), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def delta_ratio_resp(flows: Flows) -> F64:
    """Entropy of differences of neighbouring octets from the responder, over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.
    """
    return segments.mean(of_side(flows, _delta_ratio(flows), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def serial_correlation_resp(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the responder.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.
    """
    return segments.mean(
        of_side(flows, kept_where(flows.column("serial_corr"), with_payload(flows)), RESP),
        flows.offsets,
    )


@feature(unit="1", serves="abnormal data")
def printable_share_resp(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the responder."""
    return segments.mean(of_side(flows, per_octet(flows, "printable"), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def zero_share_resp(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the responder."""
    return segments.mean(of_side(flows, per_octet(flows, "zeros"), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def high_share_resp(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the responder."""
    return segments.mean(of_side(flows, per_octet(flows, "high"), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def base64_share_resp(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the responder in the base64 alphabet alone."""
    among = with_payload(flows) & (flows.column("payload_cap") >= 12) & (flows.direction == RESP)
    return share(flows, per_octet(flows, "base64") >= 1.0, among)


@feature(unit="1", serves="abnormal data")
def hex_share_resp(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the responder that are hexadecimal digits alone."""
    among = with_payload(flows) & (flows.column("payload_cap") >= 12) & (flows.direction == RESP)
    return share(flows, per_octet(flows, "hex") >= 1.0, among)


@feature(unit="1", serves="abnormal data")
def repeat_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest run of one octet takes."""
    return segments.mean(of_side(flows, _run(flows, "repeat"), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def ramp_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).
    """
    return segments.mean(of_side(flows, _run(flows, "ramp"), RESP), flows.offsets)


@feature(unit="1", serves="abnormal data")
def payload_distinct_resp(flows: Flows) -> F64:
    """Distinct payloads from the responder over packets with payload, NaN below two."""
    return _distinct(flows, "payload_hash", 0, RESP)


@feature(unit="1", serves="abnormal data")
def tail_distinct_resp(flows: Flows) -> F64:
    """The same from the responder without the first 16 octets, where pings keep the time."""
    return _distinct(flows, "tail_hash", 16, RESP)


@feature(unit="1", serves="abnormal data")
def prefix4_modal_resp(flows: Flows) -> F64:
    """Share of the most frequent first 4 octets from the responder (framing magic), NaN below two."""
    return _prefix_modal(flows, 32, RESP)


@feature(unit="1", serves="abnormal data")
def prefix2_modal_resp(flows: Flows) -> F64:
    """Share of the most frequent first 2 octets from the responder, NaN below two."""
    return _prefix_modal(flows, 48, RESP)


@feature(unit="1", serves="abnormal data")
def length_field_resp(flows: Flows) -> F64:
    """Best fit of a length field at the start of payloads from the responder.

    Over 16-bit fields at octets 0 and 2 and 32-bit fields at 0, both byte orders: share of
    the most frequent difference between payload length and field. NaN below three payloads or
    for payloads of one length.
    """
    return _length_field(flows, RESP)


@feature(unit="1", serves="abnormal data")
def inner_ip_share(flows: Flows) -> F64:
    """Share of payloads that hold a plausible IP packet of just the length left.

    ICMP errors quote packets and are left out (RFC 792).
    """
    error = is_quote(flows)
    return share(flows, flows.column("inner_ip") > 0, with_payload(flows) & ~error)


@feature(unit="1", serves="abnormal data")
def captured_share(flows: Flows) -> F64:
    """Share of payload octets that were captured (snap length)."""
    size = segments.total(flows.column("payload_len").astype(np.float64), flows.offsets)
    taken = segments.total(flows.column("payload_cap").astype(np.float64), flows.offsets)
    return np.where(size > 0, taken / np.maximum(size, 1), np.nan)
