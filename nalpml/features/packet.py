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
    """0 from the originator, 1 from the responder.

    >>> shown(packet_direction, "ping")
    [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    """
    return np.asarray(flows.direction, np.float64)


@feature(level="packet", unit="packet", serves="uncommon flows")
def packet_place(flows: Flows) -> F64:
    """Place of the packet in its window, from 0.

    >>> shown(packet_place, "ping")
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    """
    start = np.repeat(flows.offsets[:-1], np.diff(flows.offsets))
    return (np.arange(len(flows.packets)) - start).astype(np.float64)


@feature(level="packet", unit="s", serves="anomalous traffic patterns")
def packet_gap(flows: Flows) -> F64:
    """Time since the packet before it in the window.

    >>> shown(packet_gap, "timing")
    [nan, 0.04045, 0.04061, 0.08021, 0.0404, 0.08071, 0.08089, 0.08044]
    """
    return np.array(gap(flows))


@feature(level="packet", unit="s", serves="anomalous traffic patterns")
def packet_gap_side(flows: Flows) -> F64:
    """Time since the packet before it in the same direction.

    >>> shown(packet_gap_side, "timing")
    [nan, 0.04045, 0.04061, 0.08021, 0.0404, 0.08071, 0.08089, 0.08044]
    """
    return np.array(side_gap(flows))


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_length(flows: Flows) -> F64:
    """IP packet length.

    >>> shown(packet_length, "udp6")
    [80.0, 81.0, 82.0, 83.0, 84.0, 85.0, 86.0, 87.0]
    """
    return kept_where(flows.column("ip_len"), np.ones(len(flows.packets), bool))


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_payload(flows: Flows) -> F64:
    """Transport payload length, 0 without any.

    >>> shown(packet_payload, "udp6")
    [32.0, 33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0]
    """
    return flows.column("payload_len").astype(np.float64)


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_payload_step(flows: Flows) -> F64:
    """Difference to the payload before it in the same direction.

    >>> shown(packet_payload_step, "sol")
    [nan, nan, 1.0, 12.0, -3.0, -5.0, -3.0, -3.0]
    """
    return side_steps(flows, payload_size(flows))


@feature(level="packet", unit="bit", serves="abnormal data")
def packet_entropy(flows: Flows) -> F64:
    """Shannon entropy of the payload.

    >>> shown(packet_entropy, "tunnel")
    [5.544, 5.664, 5.388, 5.767, 5.593, 5.821, 5.495, 5.914]
    """
    return kept_where(flows.column("entropy"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_entropy_ratio(flows: Flows) -> F64:
    """Payload entropy over what random octets of that length give; NaN below 8 octets.

    >>> shown(packet_entropy_ratio, "tunnel")
    [0.9897, 1.011, 0.9618, 1.01, 0.9985, 1.003, 0.9809, 1.004]
    """
    captured = flows.column("payload_cap")
    ratio = flows.column("entropy") / np.maximum(expected_entropy(captured), 1e-9)
    return kept_where(ratio, with_payload(flows) & (captured >= 8))


@feature(level="packet", unit="bit", serves="abnormal data")
def packet_delta_entropy(flows: Flows) -> F64:
    """Entropy of differences of neighbouring payload octets.

    >>> shown(packet_delta_entropy, "sol")
    [3.738, 3.844, 4.251, 4.837, 3.935, 4.632, 3.423, 4.453]
    """
    return kept_where(flows.column("delta_entropy"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_serial_correlation(flows: Flows) -> F64:
    """Lag-1 serial correlation of payload octets.

    >>> shown(packet_serial_correlation, "tunnel")
    [-0.01885, -0.02701, -0.1784, 0.1968, 0.1186, -0.1761, 0.04972, 0.03999]
    """
    return kept_where(flows.column("serial_corr"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_printable_share(flows: Flows) -> F64:
    """Share of printable payload octets.

    >>> shown(packet_printable_share, "tunnel")
    [0.5, 0.3929, 0.25, 0.377, 0.3571, 0.3939, 0.3393, 0.3521]
    """
    return per_octet(flows, "printable")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_zero_share(flows: Flows) -> F64:
    """Share of zero payload octets.

    >>> shown(packet_zero_share, "sol")
    [0.2222, 0.1852, 0.1786, 0.1282, 0.2, 0.1471, 0.2273, 0.1613]
    """
    return per_octet(flows, "zeros")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_high_share(flows: Flows) -> F64:
    """Share of payload octets of 0x80 and above.

    >>> shown(packet_high_share, "tunnel")
    [0.4464, 0.4821, 0.6429, 0.541, 0.5714, 0.4545, 0.4286, 0.5493]
    """
    return per_octet(flows, "high")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_base64_share(flows: Flows) -> F64:
    """Share of payload octets of the base64 alphabet.

    >>> shown(packet_base64_share, "tunnel")
    [0.3929, 0.2321, 0.1786, 0.2623, 0.25, 0.2879, 0.1964, 0.2394]
    """
    return per_octet(flows, "base64")


@feature(level="packet", unit="1", serves="abnormal data")
def packet_hex_share(flows: Flows) -> F64:
    """Share of payload octets that are hexadecimal digits.

    >>> shown(packet_hex_share, "udp6")
    [0.09375, 0.06061, 0.1471, 0.05714, 0.1389, 0.08108, 0.07895, 0.1026]
    """
    return per_octet(flows, "hex")


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_ramp(flows: Flows) -> F64:
    """Longest +1 ramp in the payload.

    >>> shown(packet_ramp, "tunnel")
    [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 1.0, 2.0]
    """
    return kept_where(flows.column("ramp"), with_payload(flows))


@feature(level="packet", unit="octet", serves="abnormal data")
def packet_repeat(flows: Flows) -> F64:
    """Longest run of one octet in the payload.

    >>> shown(packet_repeat, "ping")
    [12.0, 12.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0]
    """
    return kept_where(flows.column("repeat"), with_payload(flows))


@feature(level="packet", unit="1", serves="abnormal data")
def packet_inner_ip(flows: Flows) -> F64:
    """1 when the payload holds a plausible IP packet.

    >>> shown(packet_inner_ip, "ping")
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    return kept_where(flows.column("inner_ip") > 0, with_payload(flows))


@feature(level="packet", unit="1", serves="protocol conformance")
def packet_recognised(flows: Flows) -> F64:
    """1 when the payload is of a known application protocol.

    >>> shown(packet_recognised, "shell")
    [nan, nan, nan, 1.0, nan, 0.0, nan, 1.0]
    """
    among = with_payload(flows) & np.isin(flows.column("proto"), (6, 17, VSOCK))
    return kept_where(flows.column("app") > 0, among)


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_ttl_step(flows: Flows) -> F64:
    """Change of TTL or hop limit since the packet before it in the same direction.

    >>> shown(packet_ttl_step, "knock")
    [nan, 1.0, -1.0, 1.0, -1.0, 1.0]
    """
    return side_steps(flows, kept_where(flows.column("ttl"), own(flows)))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_ip_id_step(flows: Flows) -> F64:
    """Step of IPv4 identification in the same direction, modulo 65536.

    >>> shown(packet_ip_id_step, "beacon")
    [nan, 9902.0, 41650.0, nan, 17390.0, 39300.0, 28890.0, 55860.0]
    """
    values = kept_where(flows.column("ip_id"), flows.column("ip_version") == 4)
    return side_steps(flows, values) % 65536


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_icmp_sequence_step(flows: Flows) -> F64:
    """Step of the ICMP echo sequence number in the same direction, modulo 65536.

    >>> shown(packet_icmp_sequence_step, "letters")
    [nan, 4845.0, 61190.0]
    """
    echo = np.isin(flows.column("proto"), (1, 58)) & own(flows)
    return side_steps(flows, kept_where(flows.column("icmp_seq"), echo)) % 65536


@feature(level="packet", unit="1", serves="protocol conformance")
def packet_fragment(flows: Flows) -> F64:
    """1 for a fragment.

    >>> shown(packet_fragment, "ping")
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    return np.asarray(((flows.column("ip_frag") & 0x3FFF) > 0).astype(np.float64))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_tcp_odd_flags(flows: Flows) -> F64:
    """1 for TCP flags that no stack sends: none, SYN with FIN, FIN alone, reserved bits.

    >>> shown(packet_tcp_odd_flags, "shell")
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    flags = flows.column("tcp_flags")
    six = flags & 0x3F
    odd = (six == 0) | ((six & 3) == 3) | (six == 1) | ((flags & 0xE00) > 0)
    return kept_where(odd, (flows.column("proto") == 6) & own(flows))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_tos_changed(flows: Flows) -> F64:
    """1 where type of service or traffic class changes in the same direction, else 0.

    >>> shown(packet_tos_changed, "ping")
    [nan, nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    steps = side_steps(flows, kept_where(flows.column("tos"), own(flows)))
    return kept_where(steps != 0, ~np.isnan(steps))


@feature(level="packet", unit="1", serves="abnormal header fields")
def packet_flow_label_changed(flows: Flows) -> F64:
    """1 where the IPv6 flow label changes in the same direction (RFC 6437), else 0.

    >>> shown(packet_flow_label_changed, "udp6")
    [nan, nan, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    """
    among = (flows.column("ip_version") == 6) & own(flows)
    steps = side_steps(flows, kept_where(flows.column("flow_label"), among))
    return kept_where(steps != 0, ~np.isnan(steps))


@feature(level="packet", unit="1", serves="abnormal data in ICMP")
def packet_checksum_wrong(flows: Flows) -> F64:
    """1 for an ICMP packet, captured whole, with a wrong checksum, else 0.

    >>> shown(packet_checksum_wrong, "ping")
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    value = flows.column("checksum")
    return kept_where(value == 2, (flows.column("proto") == 1) & ((value == 1) | (value == 2)))
