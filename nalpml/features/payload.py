"""What payloads look like, octet by octet."""

from __future__ import annotations

import numpy as np

from .._kernels.contents import CONTENTS, contents
from ..flows.table import Flows
from ._reduce import row, share
from ._registry import feature
from ._shared import is_quote
from ._views import F64, ORIG, RESP, cached, entropy_table, with_payload

__all__: list[str] = []


@cached
def _contents(flows: Flows) -> F64:
    # A row a statistic, the originator's first.
    table = contents(flows.packets, with_payload(flows), flows.offsets, entropy_table())
    return np.concatenate([table[ORIG], table[RESP]])


def _statistic(flows: Flows, name: str, side: int) -> F64:
    return row(_contents(flows), len(CONTENTS) * side + CONTENTS.index(name))


@feature(unit="bit", serves="abnormal data")
def entropy_mean_orig(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the originator."""
    return _statistic(flows, "entropy", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_orig(flows: Flows) -> F64:
    """Mean payload entropy from the originator over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits, exactly; Miller-Madow beyond 2048). NaN below 8 octets.
    """
    return _statistic(flows, "ratio", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_orig(flows: Flows) -> F64:
    """Smallest such ratio from the originator."""
    return _statistic(flows, "ratio_min", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_orig(flows: Flows) -> F64:
    """Standard deviation of that ratio from the originator, NaN below two payloads."""
    return _statistic(flows, "ratio_std", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_first_orig(flows: Flows) -> F64:
    """That ratio of the first payload of 8 octets and more from the originator.

    Protocols open with a header even where what follows is encrypted; raw ciphertext from the
    first octet on has no handshake.
    """
    return _statistic(flows, "ratio_first", ORIG)


@feature(unit="1", serves="abnormal data")
def random_share_orig(flows: Flows) -> F64:
    """Share of payloads of 32 octets and more from the originator that look random.

    That ratio is 0.97 or more: compressed or encrypted as a whole. Random octets pass nearly
    always, text never.
    """
    return _statistic(flows, "random", ORIG)


@feature(unit="1", serves="abnormal data")
def delta_ratio_orig(flows: Flows) -> F64:
    """Entropy of steps between neighbouring octets from the originator over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.
    """
    return _statistic(flows, "delta", ORIG)


@feature(unit="1", serves="abnormal data")
def serial_correlation_orig(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the originator.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.
    """
    return _statistic(flows, "correlation", ORIG)


@feature(unit="1", serves="abnormal data")
def printable_share_orig(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the originator."""
    return _statistic(flows, "printable", ORIG)


@feature(unit="1", serves="abnormal data")
def printable_first_orig(flows: Flows) -> F64:
    """Share of printable ASCII in the first payload from the originator."""
    return _statistic(flows, "printable_first", ORIG)


@feature(unit="1", serves="abnormal data")
def zero_share_orig(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the originator."""
    return _statistic(flows, "zeros", ORIG)


@feature(unit="1", serves="abnormal data")
def high_share_orig(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the originator."""
    return _statistic(flows, "high", ORIG)


@feature(unit="1", serves="abnormal data")
def base64_share_orig(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the originator in the base64 alphabet."""
    return _statistic(flows, "base64", ORIG)


@feature(unit="1", serves="abnormal data")
def hex_share_orig(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the originator that are hexadecimal digits."""
    return _statistic(flows, "hex", ORIG)


@feature(unit="1", serves="abnormal data")
def repeat_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest run of one octet takes."""
    return _statistic(flows, "repeat", ORIG)


@feature(unit="1", serves="abnormal data")
def ramp_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).
    """
    return _statistic(flows, "ramp", ORIG)


@feature(unit="1", serves="abnormal data")
def payload_distinct_orig(flows: Flows) -> F64:
    """Distinct payloads from the originator over packets with payload, NaN below two."""
    return _statistic(flows, "distinct", ORIG)


@feature(unit="1", serves="abnormal data")
def tail_distinct_orig(flows: Flows) -> F64:
    """The same from the originator without the first 16 octets, where pings keep the time."""
    return _statistic(flows, "tail_distinct", ORIG)


@feature(unit="bit", serves="abnormal data")
def entropy_mean_resp(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the responder."""
    return _statistic(flows, "entropy", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_resp(flows: Flows) -> F64:
    """Mean payload entropy from the responder over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits, exactly; Miller-Madow beyond 2048). NaN below 8 octets.
    """
    return _statistic(flows, "ratio", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_resp(flows: Flows) -> F64:
    """Smallest such ratio from the responder."""
    return _statistic(flows, "ratio_min", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_resp(flows: Flows) -> F64:
    """Standard deviation of that ratio from the responder, NaN below two payloads."""
    return _statistic(flows, "ratio_std", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_first_resp(flows: Flows) -> F64:
    """That ratio of the first payload of 8 octets and more from the responder.

    Protocols open with a header even where what follows is encrypted; raw ciphertext from the
    first octet on has no handshake.
    """
    return _statistic(flows, "ratio_first", RESP)


@feature(unit="1", serves="abnormal data")
def random_share_resp(flows: Flows) -> F64:
    """Share of payloads of 32 octets and more from the responder that look random.

    That ratio is 0.97 or more: compressed or encrypted as a whole. Random octets pass nearly
    always, text never.
    """
    return _statistic(flows, "random", RESP)


@feature(unit="1", serves="abnormal data")
def delta_ratio_resp(flows: Flows) -> F64:
    """Entropy of steps between neighbouring octets from the responder over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.
    """
    return _statistic(flows, "delta", RESP)


@feature(unit="1", serves="abnormal data")
def serial_correlation_resp(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the responder.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.
    """
    return _statistic(flows, "correlation", RESP)


@feature(unit="1", serves="abnormal data")
def printable_share_resp(flows: Flows) -> F64:
    """Mean share of printable ASCII in payloads from the responder."""
    return _statistic(flows, "printable", RESP)


@feature(unit="1", serves="abnormal data")
def printable_first_resp(flows: Flows) -> F64:
    """Share of printable ASCII in the first payload from the responder."""
    return _statistic(flows, "printable_first", RESP)


@feature(unit="1", serves="abnormal data")
def zero_share_resp(flows: Flows) -> F64:
    """Mean share of zero octets in payloads from the responder."""
    return _statistic(flows, "zeros", RESP)


@feature(unit="1", serves="abnormal data")
def high_share_resp(flows: Flows) -> F64:
    """Mean share of octets of 0x80 and above in payloads from the responder."""
    return _statistic(flows, "high", RESP)


@feature(unit="1", serves="abnormal data")
def base64_share_resp(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the responder in the base64 alphabet."""
    return _statistic(flows, "base64", RESP)


@feature(unit="1", serves="abnormal data")
def hex_share_resp(flows: Flows) -> F64:
    """Share of payloads of 12 octets and more from the responder that are hexadecimal digits."""
    return _statistic(flows, "hex", RESP)


@feature(unit="1", serves="abnormal data")
def repeat_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest run of one octet takes."""
    return _statistic(flows, "repeat", RESP)


@feature(unit="1", serves="abnormal data")
def ramp_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that its longest +1 ramp takes.

    Ordinary pings count upwards (iputils, BSD) or through the alphabet (Windows).
    """
    return _statistic(flows, "ramp", RESP)


@feature(unit="1", serves="abnormal data")
def payload_distinct_resp(flows: Flows) -> F64:
    """Distinct payloads from the responder over packets with payload, NaN below two."""
    return _statistic(flows, "distinct", RESP)


@feature(unit="1", serves="abnormal data")
def tail_distinct_resp(flows: Flows) -> F64:
    """The same from the responder without the first 16 octets, where pings keep the time."""
    return _statistic(flows, "tail_distinct", RESP)


@feature(unit="1", serves="abnormal data")
def inner_ip_share(flows: Flows) -> F64:
    """Share of payloads that hold a plausible IP packet of just the length left.

    ICMP errors quote packets and are left out (RFC 792).
    """
    return share(flows, flows.column("inner_ip") > 0, with_payload(flows) & ~is_quote(flows))
