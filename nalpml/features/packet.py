"""A row a packet."""

from __future__ import annotations

import numpy as np

from ..channels import VSOCK
from ..flows.table import Flows
from ._registry import feature
from ._views import (
    F64,
    expected_entropy,
    gap,
    kept_where,
    own,
    payload_size,
    per_octet,
    side_gap,
    side_steps,
    with_payload,
)

__all__: list[str] = []


@feature(level="packet", unit="1", serves="uncommon flows")
def packet_direction(flows: Flows) -> F64:
    """0 from the originator, 1 from the responder."""
    return np.asarray(flows.direction, np.float64)


@feature(level="packet", unit="packet", serves="uncommon flows")
def packet_place(flows: Flows) -> F64:
    """Place of the packet in its window, from 0."""
    start = np.repeat(flows.offsets[:-1], np.diff(flows.offsets))
    return (np.arange(len(flows.packets)) - start).astype(np.float64)


@feature(level="packet", unit="s", serves="anomalous traffic patterns")
def packet_gap(flows: Flows) -> F64:
    """Time since the packet before it in the window."""
    return np.array(gap(flows))


@feature(level="packet", unit="s", serves="anomalous traffic patterns")
def packet_gap_side(flows: Flows) -> F64:
    """Time since the packet before it in the same direction."""
    return np.array(side_gap(flows))


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_length(flows: Flows) -> F64:
    """IP packet length."""
    return kept_where(flows.column("ip_len"), np.ones(len(flows.packets), bool))


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_payload(flows: Flows) -> F64:
    """Transport payload length, 0 without any."""
    return flows.column("payload_len").astype(np.float64)


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_payload_step(flows: Flows) -> F64:
    """Difference to the payload before it in the same direction."""
    return side_steps(flows, payload_size(flows))


@feature(level="packet", unit="bit", serves="abnormal data")
def packet_entropy(flows: Flows) -> F64:
    """Shannon entropy of the payload."""
    return kept_where(flows.column("entropy"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_entropy_ratio(flows: Flows) -> F64:
    """Payload entropy over what random octets of that length give; NaN below 8 octets."""
    captured = flows.column("payload_cap")
    ratio = flows.column("entropy") / np.maximum(expected_entropy(captured), 1e-9)
    return kept_where(ratio, with_payload(flows) & (captured >= 8))


@feature(level="packet", unit="bit", serves="abnormal data")
def packet_delta_entropy(flows: Flows) -> F64:
    """Entropy of differences of neighbouring payload octets."""
    return kept_where(flows.column("delta_entropy"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_serial_correlation(flows: Flows) -> F64:
    """Lag-1 serial correlation of payload octets."""
    return kept_where(flows.column("serial_corr"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_printable_share(flows: Flows) -> F64:
    """Share of printable payload octets."""
    return per_octet(flows, "printable")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_zero_share(flows: Flows) -> F64:
    """Share of zero payload octets."""
    return per_octet(flows, "zeros")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_high_share(flows: Flows) -> F64:
    """Share of payload octets of 0x80 and above."""
    return per_octet(flows, "high")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_base64_share(flows: Flows) -> F64:
    """Share of payload octets of the base64 alphabet."""
    return per_octet(flows, "base64")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_hex_share(flows: Flows) -> F64:
    """Share of payload octets that are hexadecimal digits."""
    return per_octet(flows, "hex")


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_ramp(flows: Flows) -> F64:
    """Longest +1 ramp in the payload."""
    return kept_where(flows.column("ramp"), with_payload(flows))


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_repeat(flows: Flows) -> F64:
    """Longest run of one octet in the payload."""
    return kept_where(flows.column("repeat"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_inner_ip(flows: Flows) -> F64:
    """1 when the payload holds a plausible IP packet."""
    return kept_where(flows.column("inner_ip") > 0, with_payload(flows))


@feature(level="packet", unit="1", serves="protocol conformance")
def packet_recognised(flows: Flows) -> F64:
    """1 when the payload is of a known application protocol."""
    among = with_payload(flows) & np.isin(flows.column("proto"), (6, 17, VSOCK))
    return kept_where(flows.column("app") > 0, among)


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_ttl_step(flows: Flows) -> F64:
    """Change of TTL or hop limit since the packet before it in the same direction."""
    return side_steps(flows, kept_where(flows.column("ttl"), own(flows)))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_ip_id_step(flows: Flows) -> F64:
    """Step of IPv4 identification in the same direction, modulo 65536."""
    values = kept_where(flows.column("ip_id"), flows.column("ip_version") == 4)
    return side_steps(flows, values) % 65536


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_icmp_sequence_step(flows: Flows) -> F64:
    """Step of the ICMP echo sequence number in the same direction, modulo 65536."""
    echo = np.isin(flows.column("proto"), (1, 58)) & own(flows)
    return side_steps(flows, kept_where(flows.column("icmp_seq"), echo)) % 65536


@feature(level="packet", unit="1", serves="protocol conformance")
def packet_fragment(flows: Flows) -> F64:
    """1 for a fragment."""
    return np.asarray(((flows.column("ip_frag") & 0x3FFF) > 0).astype(np.float64))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_tcp_odd_flags(flows: Flows) -> F64:
    """1 for TCP flags that no stack sends: none, SYN with FIN, FIN alone, reserved bits."""
    flags = flows.column("tcp_flags")
    six = flags & 0x3F
    odd = (six == 0) | ((six & 3) == 3) | (six == 1) | ((flags & 0xE00) > 0)
    return kept_where(odd, (flows.column("proto") == 6) & own(flows))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_tos_changed(flows: Flows) -> F64:
    """1 where type of service or traffic class changes in the same direction, else 0."""
    steps = side_steps(flows, kept_where(flows.column("tos"), own(flows)))
    return kept_where(steps != 0, ~np.isnan(steps))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_flow_label_changed(flows: Flows) -> F64:
    """1 where the IPv6 flow label changes in the same direction (RFC 6437), else 0."""
    among = (flows.column("ip_version") == 6) & own(flows)
    steps = side_steps(flows, kept_where(flows.column("flow_label"), among))
    return kept_where(steps != 0, ~np.isnan(steps))


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_checksum_wrong(flows: Flows) -> F64:
    """1 for an ICMP packet, captured whole, with a wrong checksum, else 0."""
    value = flows.column("checksum")
    return kept_where(value == 2, (flows.column("proto") == 1) & ((value == 1) | (value == 2)))
