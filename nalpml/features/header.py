"""Header fields that should follow an operating system's law."""

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
    kept_where,
    of_side,
    own,
    share,
    side_steps,
)

__all__: list[str] = []


def _distinct_share(flows: Flows, values: F64) -> F64:
    number = segments.count(values, flows.offsets)
    different = segments.distinct(values, flows.offsets)
    return np.where(number >= 4, (different - 1) / np.maximum(number - 1, 1), np.nan)


def _steps(flows: Flows, values: F64) -> F64:
    return side_steps(flows, values) % 65536


def _step_entropy(flows: Flows, values: F64) -> F64:
    steps = _steps(flows, values)
    enough = segments.count(steps, flows.offsets) >= 3
    return np.where(enough, segments.entropy(steps, flows.offsets), np.nan)


def _step_modal(flows: Flows, values: F64) -> F64:
    steps = _steps(flows, values)
    enough = segments.count(steps, flows.offsets) >= 3
    return np.where(enough, segments.modal_share(steps, flows.offsets), np.nan)


def _requests(flows: Flows) -> BoolColumn:
    proto, kind = flows.column("proto"), flows.column("icmp_type")
    return ((proto == 1) & (kind == 8)) | ((proto == 58) & (kind == 128))


@feature(unit="1", serves="abnormal header fields")
def ttl_distinct_orig(flows: Flows) -> F64:
    """Distinct values of time to live or hop limit from the originator over its packets, NaN below four."""
    return _distinct_share(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ttl"), own(flows) & (flows.column("ip_version") > 0)),
            ORIG,
        ),
    )


@feature(unit="bit", serves="abnormal header fields")
def ttl_step_entropy_orig(flows: Flows) -> F64:
    """Entropy of steps of time to live or hop limit from the originator, NaN below four."""
    return _step_entropy(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ttl"), own(flows) & (flows.column("ip_version") > 0)),
            ORIG,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ttl_step_modal_orig(flows: Flows) -> F64:
    """Share of the most frequent step of time to live or hop limit from the originator, NaN below four.

    1 for a constant or a counter.
    """
    return _step_modal(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ttl"), own(flows) & (flows.column("ip_version") > 0)),
            ORIG,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ttl_distinct_resp(flows: Flows) -> F64:
    """Distinct values of time to live or hop limit from the responder over its packets, NaN below four."""
    return _distinct_share(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ttl"), own(flows) & (flows.column("ip_version") > 0)),
            RESP,
        ),
    )


@feature(unit="bit", serves="abnormal header fields")
def ttl_step_entropy_resp(flows: Flows) -> F64:
    """Entropy of steps of time to live or hop limit from the responder, NaN below four."""
    return _step_entropy(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ttl"), own(flows) & (flows.column("ip_version") > 0)),
            RESP,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ttl_step_modal_resp(flows: Flows) -> F64:
    """Share of the most frequent step of time to live or hop limit from the responder, NaN below four.

    1 for a constant or a counter.
    """
    return _step_modal(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ttl"), own(flows) & (flows.column("ip_version") > 0)),
            RESP,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_distinct_orig(flows: Flows) -> F64:
    """Distinct values of IPv4 identification from the originator over its packets, NaN below four."""
    return _distinct_share(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ip_id"), (flows.column("ip_version") == 4) & own(flows)),
            ORIG,
        ),
    )


@feature(unit="bit", serves="abnormal header fields")
def ip_id_step_entropy_orig(flows: Flows) -> F64:
    """Entropy of steps of IPv4 identification from the originator, NaN below four."""
    return _step_entropy(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ip_id"), (flows.column("ip_version") == 4) & own(flows)),
            ORIG,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_step_modal_orig(flows: Flows) -> F64:
    """Share of the most frequent step of IPv4 identification from the originator, NaN below four.

    1 for a constant or a counter.
    """
    return _step_modal(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ip_id"), (flows.column("ip_version") == 4) & own(flows)),
            ORIG,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_distinct_resp(flows: Flows) -> F64:
    """Distinct values of IPv4 identification from the responder over its packets, NaN below four."""
    return _distinct_share(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ip_id"), (flows.column("ip_version") == 4) & own(flows)),
            RESP,
        ),
    )


@feature(unit="bit", serves="abnormal header fields")
def ip_id_step_entropy_resp(flows: Flows) -> F64:
    """Entropy of steps of IPv4 identification from the responder, NaN below four."""
    return _step_entropy(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ip_id"), (flows.column("ip_version") == 4) & own(flows)),
            RESP,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_step_modal_resp(flows: Flows) -> F64:
    """Share of the most frequent step of IPv4 identification from the responder, NaN below four.

    1 for a constant or a counter.
    """
    return _step_modal(
        flows,
        of_side(
            flows,
            kept_where(flows.column("ip_id"), (flows.column("ip_version") == 4) & own(flows)),
            RESP,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def ip_id_zero_orig(flows: Flows) -> F64:
    """Share of IPv4 packets from the originator with identification 0 (as Linux sends with DF)."""
    return share(
        flows,
        flows.column("ip_id") == 0,
        (flows.column("ip_version") == 4) & own(flows) & (flows.direction == ORIG),
    )


@feature(unit="1", serves="abnormal header fields")
def tos_distinct_orig(flows: Flows) -> F64:
    """Distinct values of type of service or traffic class from the originator, NaN below four."""
    return _distinct_share(flows, of_side(flows, kept_where(flows.column("tos"), own(flows)), ORIG))


@feature(unit="1", serves="abnormal header fields")
def flow_label_distinct_orig(flows: Flows) -> F64:
    """Distinct IPv6 flow labels from the originator, NaN below four.

    One flow keeps one label (RFC 6437).
    """
    return _distinct_share(
        flows,
        of_side(
            flows,
            kept_where(flows.column("flow_label"), (flows.column("ip_version") == 6) & own(flows)),
            ORIG,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def tcp_window_distinct_orig(flows: Flows) -> F64:
    """Distinct TCP window values from the originator, NaN below four."""
    return _distinct_share(
        flows,
        of_side(flows, kept_where(flows.column("tcp_window"), flows.column("proto") == 6), ORIG),
    )


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_odd_orig(flows: Flows) -> F64:
    """Share of odd TCP timestamp values from the originator, NaN below eight packets that carry one."""
    odd = kept_where(
        flows.column("tcp_tsval") & 1,
        (flows.column("proto") == 6) & (flows.column("tcp_tsval") > 0),
    )
    odd = of_side(flows, odd, ORIG)
    return np.where(
        segments.count(odd, flows.offsets) >= 8, segments.mean(odd, flows.offsets), np.nan
    )


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_repeat_orig(flows: Flows) -> F64:
    """Share of TCP timestamp values from the originator equal to the one before."""
    steps = side_steps(
        flows,
        of_side(
            flows,
            kept_where(
                flows.column("tcp_tsval"),
                (flows.column("proto") == 6) & (flows.column("tcp_tsval") > 0),
            ),
            ORIG,
        ),
    )
    return segments.mean(np.where(np.isnan(steps), np.nan, steps == 0), flows.offsets)


@feature(unit="1", serves="abnormal header fields")
def ip_id_zero_resp(flows: Flows) -> F64:
    """Share of IPv4 packets from the responder with identification 0 (as Linux sends with DF)."""
    return share(
        flows,
        flows.column("ip_id") == 0,
        (flows.column("ip_version") == 4) & own(flows) & (flows.direction == RESP),
    )


@feature(unit="1", serves="abnormal header fields")
def tos_distinct_resp(flows: Flows) -> F64:
    """Distinct values of type of service or traffic class from the responder, NaN below four."""
    return _distinct_share(flows, of_side(flows, kept_where(flows.column("tos"), own(flows)), RESP))


@feature(unit="1", serves="abnormal header fields")
def flow_label_distinct_resp(flows: Flows) -> F64:
    """Distinct IPv6 flow labels from the responder, NaN below four.

    One flow keeps one label (RFC 6437).
    """
    return _distinct_share(
        flows,
        of_side(
            flows,
            kept_where(flows.column("flow_label"), (flows.column("ip_version") == 6) & own(flows)),
            RESP,
        ),
    )


@feature(unit="1", serves="abnormal header fields")
def tcp_window_distinct_resp(flows: Flows) -> F64:
    """Distinct TCP window values from the responder, NaN below four."""
    return _distinct_share(
        flows,
        of_side(flows, kept_where(flows.column("tcp_window"), flows.column("proto") == 6), RESP),
    )


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_odd_resp(flows: Flows) -> F64:
    """Share of odd TCP timestamp values from the responder, NaN below eight packets that carry one."""
    odd = kept_where(
        flows.column("tcp_tsval") & 1,
        (flows.column("proto") == 6) & (flows.column("tcp_tsval") > 0),
    )
    odd = of_side(flows, odd, RESP)
    return np.where(
        segments.count(odd, flows.offsets) >= 8, segments.mean(odd, flows.offsets), np.nan
    )


@feature(unit="1", serves="abnormal header fields")
def tcp_timestamp_repeat_resp(flows: Flows) -> F64:
    """Share of TCP timestamp values from the responder equal to the one before."""
    steps = side_steps(
        flows,
        of_side(
            flows,
            kept_where(
                flows.column("tcp_tsval"),
                (flows.column("proto") == 6) & (flows.column("tcp_tsval") > 0),
            ),
            RESP,
        ),
    )
    return segments.mean(np.where(np.isnan(steps), np.nan, steps == 0), flows.offsets)


@feature(unit="1", serves="abnormal header fields")
def tcp_urgent_share(flows: Flows) -> F64:
    """Share of TCP packets with a non-zero urgent pointer."""
    return share(flows, flows.column("tcp_urgent") > 0, (flows.column("proto") == 6) & own(flows))


@feature(unit="1", serves="abnormal header fields")
def tcp_urgent_idle_share(flows: Flows) -> F64:
    """Share of TCP packets with an urgent pointer and no URG flag."""
    return share(
        flows,
        (flows.column("tcp_urgent") > 0) & ((flows.column("tcp_flags") & 32) == 0),
        (flows.column("proto") == 6) & own(flows),
    )


@feature(unit="1", serves="abnormal header fields")
def dont_fragment_share(flows: Flows) -> F64:
    """Share of IPv4 packets with DF."""
    return share(
        flows,
        (flows.column("ip_frag") & 0x4000) > 0,
        (flows.column("ip_version") == 4) & own(flows),
    )


@feature(unit="1", serves="abnormal header fields")
def evil_bit_share(flows: Flows) -> F64:
    """Share of IPv4 packets with the reserved flag."""
    return share(
        flows,
        (flows.column("ip_frag") & 0x8000) > 0,
        (flows.column("ip_version") == 4) & own(flows),
    )


@feature(unit="bit", serves="abnormal header fields")
def icmp_sequence_entropy(flows: Flows) -> F64:
    """Entropy of steps between echo requests' sequence numbers, NaN below four requests."""
    return _step_entropy(
        flows, of_side(flows, kept_where(flows.column("icmp_seq"), _requests(flows)), ORIG)
    )


@feature(unit="bit", serves="abnormal header fields")
def icmp_identifier_entropy(flows: Flows) -> F64:
    """Entropy of echo identifiers in a flow that shares them, NaN below four requests."""
    values = kept_where(flows.column("icmp_id"), _requests(flows))
    return np.where(
        segments.count(values, flows.offsets) >= 4, segments.entropy(values, flows.offsets), np.nan
    )


@feature(unit="1", serves="extraneous packets")
def tcp_unanswered_syn_share(flows: Flows) -> F64:
    """Share of TCP packets that are a SYN without ACK (half-open knocks repeat them)."""
    return share(
        flows, (flows.column("tcp_flags") & 0x12) == 2, (flows.column("proto") == 6) & own(flows)
    )
