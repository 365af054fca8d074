"""Header fields that should follow an operating system's law."""

from __future__ import annotations

import numpy as np

from .._kernels.fields import FIELDS, FLAGS, fields
from ..flows.table import Flows
from ._reduce import row
from ._registry import feature
from ._views import F64, ORIG, RESP, cached

__all__: list[str] = []


@cached
def _fields(flows: Flows) -> F64:
    # A row a statistic: the originator's, the responder's, those of both.
    sides, both = fields(flows.packets, flows.offsets)
    return np.concatenate([sides[ORIG], sides[RESP], both])


def _field(flows: Flows, name: str, side: int) -> F64:
    return row(_fields(flows), len(FIELDS) * side + FIELDS.index(name))


def _flag(flows: Flows, name: str) -> F64:
    return row(_fields(flows), 2 * len(FIELDS) + FLAGS.index(name))


@feature(unit="bit", serves="abnormal header fields")
def ttl_step_entropy_orig(flows: Flows) -> F64:
    """Entropy of steps of time to live or hop limit from the originator, NaN below four.

    >>> shown(ttl_step_entropy_orig, "ping", "knock")
    [0.0, 0.971]
    """
    return _field(flows, "ttl_step_entropy", ORIG)


@feature(unit="bit", serves="abnormal header fields")
def ttl_step_entropy_resp(flows: Flows) -> F64:
    """Entropy of steps of time to live or hop limit from the responder, NaN below four.

    >>> shown(ttl_step_entropy_resp, "ping")
    [0.0]
    """
    return _field(flows, "ttl_step_entropy", RESP)


@feature(unit="bit", serves="abnormal header fields")
def ip_id_step_entropy_orig(flows: Flows) -> F64:
    """Entropy of steps of IPv4 identification from the originator, NaN below four.

    >>> shown(ip_id_step_entropy_orig, "ping", "beacon")
    [0.0, 3.459]
    """
    return _field(flows, "ip_id_step_entropy", ORIG)


@feature(unit="bit", serves="abnormal header fields")
def ip_id_step_entropy_resp(flows: Flows) -> F64:
    """Entropy of steps of IPv4 identification from the responder, NaN below four.

    >>> shown(ip_id_step_entropy_resp, "ping", "sol")
    [0.0, 3.17]
    """
    return _field(flows, "ip_id_step_entropy", RESP)


@feature(unit="1", serves="abnormal header fields")
def ip_id_counting_orig(flows: Flows) -> F64:
    """Share of steps of IPv4 identification from the originator of 0 to 256, or a multiple of 256.

    What systems do: 0 (Linux with DF), a counter a socket or host, in either byte order
    (Windows); identifications drawn at random or filled with data have about none.

    >>> shown(ip_id_counting_orig, "ping", "beacon")
    [1.0, 0.0]
    """
    return _field(flows, "ip_id_counting", ORIG)


@feature(unit="1", serves="abnormal header fields")
def ip_id_counting_resp(flows: Flows) -> F64:
    """Share of steps of IPv4 identification from the responder of 0 to 256, or a multiple of 256.

    What systems do: 0 (Linux with DF), a counter a socket or host, in either byte order
    (Windows); identifications drawn at random or filled with data have about none.

    >>> shown(ip_id_counting_resp, "ping", "beacon")
    [1.0, 0.0]
    """
    return _field(flows, "ip_id_counting", RESP)


@feature(unit="1", serves="abnormal header fields")
def ip_id_zero_orig(flows: Flows) -> F64:
    """Share of IPv4 packets from the originator with identification 0 (as Linux sends with DF).

    >>> shown(ip_id_zero_orig, "ping", "shell")
    [0.08333, 0.0]
    """
    return _field(flows, "ip_id_zero", ORIG)


@feature(unit="1", serves="abnormal header fields")
def ip_id_zero_resp(flows: Flows) -> F64:
    """Share of IPv4 packets from the responder with identification 0 (as Linux sends with DF).

    >>> shown(ip_id_zero_resp, "ping", "shell")
    [0.08333, 0.0]
    """
    return _field(flows, "ip_id_zero", RESP)


@feature(unit="1", serves="abnormal header fields")
def tos_distinct_orig(flows: Flows) -> F64:
    """Distinct types of service (traffic classes) from the originator, NaN below four.

    >>> shown(tos_distinct_orig, "ping")
    [0.0]
    """
    return _field(flows, "tos_distinct", ORIG)


@feature(unit="1", serves="abnormal header fields")
def tos_distinct_resp(flows: Flows) -> F64:
    """Distinct types of service (traffic classes) from the responder, NaN below four.

    >>> shown(tos_distinct_resp, "ping")
    [0.0]
    """
    return _field(flows, "tos_distinct", RESP)


@feature(unit="1", serves="abnormal header fields")
def flow_label_distinct_orig(flows: Flows) -> F64:
    """Distinct IPv6 flow labels from the originator, NaN below four.

    One flow keeps one label (RFC 6437).

    >>> shown(flow_label_distinct_orig, "udp6")
    [0.25]
    """
    return _field(flows, "flow_label_distinct", ORIG)


@feature(unit="1", serves="abnormal header fields")
def flow_label_distinct_resp(flows: Flows) -> F64:
    """Distinct IPv6 flow labels from the responder, NaN below four.

    One flow keeps one label (RFC 6437).

    >>> shown(flow_label_distinct_resp, "udp6")
    [0.3333]
    """
    return _field(flows, "flow_label_distinct", RESP)


@feature(unit="1", serves="abnormal header fields")
def tcp_window_distinct_orig(flows: Flows) -> F64:
    """Distinct TCP window values from the originator, NaN below four.

    >>> shown(tcp_window_distinct_orig, "shell")
    [0.0]
    """
    return _field(flows, "tcp_window_distinct", ORIG)


@feature(unit="1", serves="abnormal header fields")
def tcp_window_distinct_resp(flows: Flows) -> F64:
    """Distinct TCP window values from the responder, NaN below four.

    >>> shown(tcp_window_distinct_resp, "shell")
    [0.0]
    """
    return _field(flows, "tcp_window_distinct", RESP)


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_odd_orig(flows: Flows) -> F64:
    """Share of odd TCP timestamp values from the originator, NaN below eight that carry one.

    >>> shown(tcp_timestamp_odd_orig, "framed", "socks")
    [1.0, 0.3333]
    """
    return _field(flows, "tcp_timestamp_odd", ORIG)


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_odd_resp(flows: Flows) -> F64:
    """Share of odd TCP timestamp values from the responder, NaN below eight that carry one.

    >>> shown(tcp_timestamp_odd_resp, "framed", "socks")
    [0.8889, 0.125]
    """
    return _field(flows, "tcp_timestamp_odd", RESP)


@feature(unit="1", serves="abnormal header fields")
def ip_id_text_orig(flows: Flows) -> F64:
    """Share of IPv4 identifications other than 0 from the originator that are text.

    Both octets printable ASCII, or one of them and a zero (covert_tcp sends 256 times a
    character).

    >>> shown(ip_id_text_orig, "ping", "knock")
    [0.0, 1.0]
    """
    return _field(flows, "ip_id_text", ORIG)


@feature(unit="1", serves="abnormal header fields")
def tcp_isn_round_share(flows: Flows) -> F64:
    """Share of SYN whose initial sequence number ends in 12 zero bits (RFC 6528: one in 4096).

    >>> shown(tcp_isn_round_share, "shell", "knock")
    [0.0, 1.0]
    """
    return _flag(flows, "isn_round")


@feature(unit="1", serves="abnormal header fields")
def tcp_urgent_idle_share(flows: Flows) -> F64:
    """Share of TCP packets with an urgent pointer and no URG flag.

    >>> shown(tcp_urgent_idle_share, "shell")
    [0.0]
    """
    return _flag(flows, "urgent_idle")


@feature(unit="1", serves="abnormal header fields")
def dont_fragment_share(flows: Flows) -> F64:
    """Share of IPv4 packets with DF.

    >>> shown(dont_fragment_share, "ping", "shell")
    [0.0, 1.0]
    """
    return _flag(flows, "dont_fragment")


@feature(unit="1", serves="abnormal header fields")
def evil_bit_share(flows: Flows) -> F64:
    """Share of IPv4 packets with the reserved flag.

    >>> shown(evil_bit_share, "ping")
    [0.0]
    """
    return _flag(flows, "evil_bit")


@feature(unit="bit", serves="abnormal header fields")
def icmp_sequence_entropy(flows: Flows) -> F64:
    """Entropy of steps between echo requests' sequence numbers, NaN below four requests.

    >>> shown(icmp_sequence_entropy, "ping")
    [0.0]
    """
    return _field(flows, "icmp_sequence_entropy", ORIG)


@feature(unit="1", serves="abnormal header fields")
def icmp_sequence_text(flows: Flows) -> F64:
    """Share of echo requests' sequence numbers above 255 that are text, both octets or one.

    >>> shown(icmp_sequence_text, "letters")
    [1.0]
    """
    return _flag(flows, "sequence_text")


@feature(unit="1", serves="extraneous packets")
def tcp_unanswered_syn_share(flows: Flows) -> F64:
    """Share of TCP packets that are a SYN without ACK (half-open knocks repeat them).

    >>> shown(tcp_unanswered_syn_share, "framed", "knock")
    [0.02703, 1.0]
    """
    return _flag(flows, "unanswered_syn")
