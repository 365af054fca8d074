"""Do payloads look random: entropy, and measures that see the order of octets."""

from __future__ import annotations

from ..flows.table import Flows
from ._registry import feature
from ._shared import content
from ._views import F64, ORIG, RESP

__all__: list[str] = []


@feature(unit="bit", serves="abnormal data")
def entropy_mean_orig(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the originator.

    >>> shown(entropy_mean_orig, "raw", "datagram")
    [6.44, 0.0]
    """
    return content(flows, "entropy", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_orig(flows: Flows) -> F64:
    """Mean payload entropy from the originator over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits, exactly; Miller-Madow beyond 2048). NaN below 8 octets.

    >>> shown(entropy_ratio_orig, "clock", "ping6")
    [0.1729, 1.009]
    """
    return content(flows, "ratio", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_orig(flows: Flows) -> F64:
    """Smallest such ratio from the originator.

    >>> shown(entropy_ratio_min_orig, "clock", "ping6")
    [0.0, 1.009]
    """
    return content(flows, "ratio_min", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_orig(flows: Flows) -> F64:
    """Standard deviation of that ratio from the originator, NaN below two payloads.

    >>> shown(entropy_ratio_std_orig, "dns", "stamps")
    [0.0, 0.1905]
    """
    return content(flows, "ratio_std", ORIG)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_first_orig(flows: Flows) -> F64:
    """That ratio of the first payload of 8 octets and more from the originator.

    Protocols open with a header even where what follows is encrypted; raw ciphertext from the
    first octet on has no handshake.

    >>> shown(entropy_ratio_first_orig, "timing", "clock")
    [1.017, 0.0]
    """
    return content(flows, "ratio_first", ORIG)


@feature(unit="1", serves="abnormal data")
def delta_ratio_orig(flows: Flows) -> F64:
    """Entropy of steps between neighbouring octets from the originator over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.

    >>> shown(delta_ratio_orig, "clock", "ping6")
    [0.2801, 1.018]
    """
    return content(flows, "delta", ORIG)


@feature(unit="1", serves="abnormal data")
def serial_correlation_orig(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the originator.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.

    >>> shown(serial_correlation_orig, "web", "vsock")
    [0.5688, -0.5]
    """
    return content(flows, "correlation", ORIG)


@feature(unit="1", serves="abnormal data")
def chi_square_orig(flows: Flows) -> F64:
    """How far the octets from the originator are from uniform, against random ones.

    Chi-square of each payload of 8 octets and more over the 256 values, summed up; random octets
    give 255 a payload with variance 510 (n - 1) / n whatever their number n. z is the sum's
    distance from that in standard deviations; given is sign(z) log2(1 + |z|): about -1 to 1 for
    ciphertext, 5 and more for text. One packet too short to tell adds to the others.

    Source: Pearson, "On the criterion ...", 1900; moments of the multinomial law.

    >>> shown(chi_square_orig, "shell", "ping6")
    [nan, -0.8874]
    """
    return content(flows, "uneven", ORIG)


@feature(unit="1", serves="abnormal data")
def copied_share_orig(flows: Flows) -> F64:
    """Mean share of a payload from the originator that copies what stands before it in the payload.

    Four octets and more in a row, by a greedy parse with one candidate a hash, as in LZ77, over
    the first 256 octets of payloads of 16 and more: near 0 for ciphertext and what is compressed,
    as zlib finds it too.

    Source: Ziv and Lempel, "A universal algorithm for sequential data compression", 1977.

    >>> shown(copied_share_orig, "web", "beacon")
    [0.0, 0.0]
    """
    return content(flows, "copied", ORIG)


@feature(unit="bit", serves="abnormal data")
def octet_entropy_orig(flows: Flows) -> F64:
    """Entropy of all octets that the originator sent in the window, told by six classes.

    Zero, other control characters, hexadecimal digits, the rest of base64, the rest of what can be
    printed, 0x80 and above; inside a class octets count as even, so that 8 is what random octets
    give and the true entropy is no higher. NaN below 16 octets.

    >>> shown(octet_entropy_orig, "shell", "beacon")
    [nan, 7.993]
    """
    return content(flows, "classes", ORIG)


@feature(unit="bit", serves="abnormal data")
def entropy_mean_resp(flows: Flows) -> F64:
    """Mean Shannon entropy of payloads from the responder.

    >>> shown(entropy_mean_resp, "raw", "duplex")
    [6.601, 1.943]
    """
    return content(flows, "entropy", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_resp(flows: Flows) -> F64:
    """Mean payload entropy from the responder over what random octets of that length give.

    1 is indistinguishable from random; short payloads are judged by their own length (random
    56 octets have 5.60 bits, exactly; Miller-Madow beyond 2048). NaN below 8 octets.

    >>> shown(entropy_ratio_resp, "socks", "vsock")
    [0.6407, 1.019]
    """
    return content(flows, "ratio", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_min_resp(flows: Flows) -> F64:
    """Smallest such ratio from the responder.

    >>> shown(entropy_ratio_min_resp, "socks", "vsock")
    [0.2805, 1.019]
    """
    return content(flows, "ratio_min", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_std_resp(flows: Flows) -> F64:
    """Standard deviation of that ratio from the responder, NaN below two payloads.

    >>> shown(entropy_ratio_std_resp, "dns", "socks")
    [0.0, 0.3602]
    """
    return content(flows, "ratio_std", RESP)


@feature(unit="1", serves="abnormal data")
def entropy_ratio_first_resp(flows: Flows) -> F64:
    """That ratio of the first payload of 8 octets and more from the responder.

    Protocols open with a header even where what follows is encrypted; raw ciphertext from the
    first octet on has no handshake.

    >>> shown(entropy_ratio_first_resp, "socks", "udp6")
    [0.2805, 1.025]
    """
    return content(flows, "ratio_first", RESP)


@feature(unit="1", serves="abnormal data")
def delta_ratio_resp(flows: Flows) -> F64:
    """Entropy of steps between neighbouring octets from the responder over that of random ones.

    Sees the order that Shannon entropy is blind to: a counting pattern has 0. NaN below 9
    octets; the first 512 octets count.

    >>> shown(delta_ratio_resp, "ping", "ping6")
    [0.2819, 1.018]
    """
    return content(flows, "delta", RESP)


@feature(unit="1", serves="abnormal data")
def serial_correlation_resp(flows: Flows) -> F64:
    """Mean lag-1 serial correlation of payload octets from the responder.

    Source: Knuth, The Art of Computer Programming 2, 3.3.2.

    >>> shown(serial_correlation_resp, "web", "socks")
    [0.656, -0.38]
    """
    return content(flows, "correlation", RESP)


@feature(unit="1", serves="abnormal data")
def chi_square_resp(flows: Flows) -> F64:
    """How far the octets from the responder are from uniform, against random ones.

    Chi-square of each payload of 8 octets and more over the 256 values, summed up; random octets
    give 255 a payload with variance 510 (n - 1) / n whatever their number n. z is the sum's
    distance from that in standard deviations; given is sign(z) log2(1 + |z|): about -1 to 1 for
    ciphertext, 5 and more for text. One packet too short to tell adds to the others.

    Source: Pearson, "On the criterion ...", 1900; moments of the multinomial law.

    >>> shown(chi_square_resp, "shell", "tunnel")
    [3.007, 0.2922]
    """
    return content(flows, "uneven", RESP)


@feature(unit="1", serves="abnormal data")
def copied_share_resp(flows: Flows) -> F64:
    """Mean share of a payload from the responder that copies what stands before it in the payload.

    Four octets and more in a row, by a greedy parse with one candidate a hash, as in LZ77, over
    the first 256 octets of payloads of 16 and more: near 0 for ciphertext and what is compressed,
    as zlib finds it too.

    Source: Ziv and Lempel, "A universal algorithm for sequential data compression", 1977.

    >>> shown(copied_share_resp, "web", "tunnel")
    [0.0, 0.0]
    """
    return content(flows, "copied", RESP)


@feature(unit="bit", serves="abnormal data")
def octet_entropy_resp(flows: Flows) -> F64:
    """Entropy of all octets that the responder sent in the window, told by six classes.

    Zero, other control characters, hexadecimal digits, the rest of base64, the rest of what can be
    printed, 0x80 and above; inside a class octets count as even, so that 8 is what random octets
    give and the true entropy is no higher. NaN below 16 octets.

    >>> shown(octet_entropy_resp, "shell", "tunnel")
    [6.6, 7.992]
    """
    return content(flows, "classes", RESP)
