"""What payloads look like, octet by octet."""

from __future__ import annotations

import numpy as np

from .._kernels import segments
from ..flows.table import Flows
from ._reduce import first, from_count, mean, ratio, share, side_share, summary, total
from ._registry import feature
from ._shared import is_quote
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
    with_payload,
)

__all__: list[str] = []

_EXAMINED = 512
"""Octets of a payload that order-sensitive statistics look at."""


@cached
def _entropy(flows: Flows) -> F64:
    return kept_where(flows.column("entropy"), with_payload(flows))


@cached
def _ratio(flows: Flows) -> F64:
    captured = flows.column("payload_cap")
    expected = np.maximum(expected_entropy(captured), 1e-9)
    return kept_where(_entropy(flows) / expected, captured >= 8)


@cached
def _delta_ratio(flows: Flows) -> F64:
    captured = np.minimum(flows.column("payload_cap"), _EXAMINED).astype(np.int64)
    expected = np.maximum(expected_entropy(captured - 1), 1e-9)
    return kept_where(flows.column("delta_entropy") / expected, _of_length(flows, 9))


@cached
def _correlation(flows: Flows) -> F64:
    return kept_where(flows.column("serial_corr"), with_payload(flows))


@cached
def _printable(flows: Flows) -> F64:
    return per_octet(flows, "printable")


def _of_length(flows: Flows, least: int) -> BoolColumn:
    return with_payload(flows) & (flows.column("payload_cap") >= least)


def _octets(flows: Flows, name: str, side: int) -> F64:
    # Mean share of octets of a class.
    return mean(flows, of_side(flows, per_octet(flows, name), side))


def _whole(flows: Flows, name: str, side: int) -> F64:
    # Share of payloads of 12 octets and more that are of one class throughout.
    whole = flows.column(name) >= np.minimum(flows.column("payload_cap"), 65535)
    return side_share(flows, whole, _of_length(flows, 12), side)


def _run(flows: Flows, name: str, side: int) -> F64:
    captured = np.clip(flows.column("payload_cap"), 1, _EXAMINED)
    run = kept_where(flows.column(name) / captured, _of_length(flows, 4))
    return mean(flows, of_side(flows, run, side))


def _distinct(flows: Flows, name: str, skipped: int, side: int) -> F64:
    used = _of_length(flows, skipped + 1) & (flows.direction == side)
    number = total(flows, used.astype(np.float64))
    return from_count(
        2, number, ratio(segments.distinct_keys(flows.column(name), used, flows.offsets), number)
    )


@feature(unit="bit", serves="abnormal data")
def entropy_mean_orig(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the originator."""
    return summary(flows, _entropy, ORIG).mean


@feature(unit="1", serves="abnormal data")
def entropy_ratio_orig(flows: Flows) -> F64:
    """Mean payload entropy from the originator over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits, exactly; Miller-Madow beyond 2048). NaN below 8 octets.
    """
    return summary(flows, _ratio, ORIG).mean


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_orig(flows: Flows) -> F64:
    """Smallest such ratio from the originator."""
    return summary(flows, _ratio, ORIG).minimum


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_orig(flows: Flows) -> F64:
    """Standard deviation of that ratio from the originator, NaN below two payloads."""
    return summary(flows, _ratio, ORIG).std


@feature(unit="1", serves="abnormal data")
def entropy_ratio_first_orig(flows: Flows) -> F64:
    """That ratio of the first payload of 8 octets and more from the originator.

    Protocols open with a header even where what follows is encrypted; raw ciphertext from the
    first octet on has no handshake.
    """
    return first(flows, of_side(flows, _ratio(flows), ORIG))


@feature(unit="1", serves="abnormal data")
def random_share_orig(flows: Flows) -> F64:
    """Share of payloads of 32 octets and more from the originator that look random.

    That ratio is 0.97 or more: compressed or encrypted as a whole. Random octets pass nearly
    always, text never.
    """
    return side_share(flows, _ratio(flows) >= 0.97, _of_length(flows, 32), ORIG)


@feature(unit="1", serves="abnormal data")
def delta_ratio_orig(flows: Flows) -> F64:
    """Entropy of steps between neighbouring octets from the originator over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.
    """
    return summary(flows, _delta_ratio, ORIG).mean


@feature(unit="1", serves="abnormal data")
def serial_correlation_orig(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the originator.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.
    """
    return summary(flows, _correlation, ORIG).mean


@feature(unit="1", serves="abnormal data")
def printable_share_orig(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the originator."""
    return summary(flows, _printable, ORIG).mean


@feature(unit="1", serves="abnormal data")
def printable_first_orig(flows: Flows) -> F64:
    """Share of printable ASCII in the first payload from the originator."""
    return first(flows, of_side(flows, _printable(flows), ORIG))


@feature(unit="1", serves="abnormal data")
def zero_share_orig(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the originator."""
    return _octets(flows, "zeros", ORIG)


@feature(unit="1", serves="abnormal data")
def high_share_orig(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the originator."""
    return _octets(flows, "high", ORIG)


@feature(unit="1", serves="abnormal data")
def base64_share_orig(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the originator in the base64 alphabet."""
    return _whole(flows, "base64", ORIG)


@feature(unit="1", serves="abnormal data")
def repeat_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest run of one octet takes."""
    return _run(flows, "repeat", ORIG)


@feature(unit="1", serves="abnormal data")
def ramp_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).
    """
    return _run(flows, "ramp", ORIG)


@feature(unit="1", serves="abnormal data")
def payload_distinct_orig(flows: Flows) -> F64:
    """Distinct payloads from the originator over packets with payload, NaN below two."""
    return _distinct(flows, "payload_hash", 0, ORIG)


@feature(unit="1", serves="abnormal data")
def tail_distinct_orig(flows: Flows) -> F64:
    """The same from the originator without the first 16 octets, where pings keep the time."""
    return _distinct(flows, "tail_hash", 16, ORIG)


@feature(unit="bit", serves="abnormal data")
def entropy_mean_resp(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the responder."""
    return summary(flows, _entropy, RESP).mean


@feature(unit="1", serves="abnormal data")
def entropy_ratio_resp(flows: Flows) -> F64:
    """Mean payload entropy from the responder over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits, exactly; Miller-Madow beyond 2048). NaN below 8 octets.
    """
    return summary(flows, _ratio, RESP).mean


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_resp(flows: Flows) -> F64:
    """Smallest such ratio from the responder."""
    return summary(flows, _ratio, RESP).minimum


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_resp(flows: Flows) -> F64:
    """Standard deviation of that ratio from the responder, NaN below two payloads."""
    return summary(flows, _ratio, RESP).std


@feature(unit="1", serves="abnormal data")
def entropy_ratio_first_resp(flows: Flows) -> F64:
    """That ratio of the first payload of 8 octets and more from the responder.

    Protocols open with a header even where what follows is encrypted; raw ciphertext from the
    first octet on has no handshake.
    """
    return first(flows, of_side(flows, _ratio(flows), RESP))


@feature(unit="1", serves="abnormal data")
def random_share_resp(flows: Flows) -> F64:
    """Share of payloads of 32 octets and more from the responder that look random.

    That ratio is 0.97 or more: compressed or encrypted as a whole. Random octets pass nearly
    always, text never.
    """
    return side_share(flows, _ratio(flows) >= 0.97, _of_length(flows, 32), RESP)


@feature(unit="1", serves="abnormal data")
def delta_ratio_resp(flows: Flows) -> F64:
    """Entropy of steps between neighbouring octets from the responder over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.
    """
    return summary(flows, _delta_ratio, RESP).mean


@feature(unit="1", serves="abnormal data")
def serial_correlation_resp(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the responder.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.
    """
    return summary(flows, _correlation, RESP).mean


@feature(unit="1", serves="abnormal data")
def printable_share_resp(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the responder."""
    return summary(flows, _printable, RESP).mean


@feature(unit="1", serves="abnormal data")
def printable_first_resp(flows: Flows) -> F64:
    """Share of printable ASCII in the first payload from the responder."""
    return first(flows, of_side(flows, _printable(flows), RESP))


@feature(unit="1", serves="abnormal data")
def zero_share_resp(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the responder."""
    return _octets(flows, "zeros", RESP)


@feature(unit="1", serves="abnormal data")
def high_share_resp(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the responder."""
    return _octets(flows, "high", RESP)


@feature(unit="1", serves="abnormal data")
def base64_share_resp(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the responder in the base64 alphabet."""
    return _whole(flows, "base64", RESP)


@feature(unit="1", serves="abnormal data")
def repeat_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest run of one octet takes."""
    return _run(flows, "repeat", RESP)


@feature(unit="1", serves="abnormal data")
def ramp_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).
    """
    return _run(flows, "ramp", RESP)


@feature(unit="1", serves="abnormal data")
def payload_distinct_resp(flows: Flows) -> F64:
    """Distinct payloads from the responder over packets with payload, NaN below two."""
    return _distinct(flows, "payload_hash", 0, RESP)


@feature(unit="1", serves="abnormal data")
def tail_distinct_resp(flows: Flows) -> F64:
    """The same from the responder without the first 16 octets, where pings keep the time."""
    return _distinct(flows, "tail_hash", 16, RESP)


@feature(unit="1", serves="abnormal data")
def inner_ip_share(flows: Flows) -> F64:
    """Share of payloads that hold a plausible IP packet of just the length left.

    ICMP errors quote packets and are left out (RFC 792).
    """
    return share(flows, flows.column("inner_ip") > 0, with_payload(flows) & ~is_quote(flows))
