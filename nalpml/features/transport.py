"""Laws of TCP, UDP, VSOCK and IP, and which transport a window is of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..channels import VSOCK
from ..flows.table import Flows
from ._reduce import from_count, maximum, ratio, share, summary, total
from ._registry import feature
from ._shared import is_tcp, segment_order
from ._views import (
    F64,
    BoolColumn,
    cached,
    is_icmp,
    is_proto,
    kept_where,
    own,
    side_steps,
    with_payload,
)

__all__: list[str] = []

_TUNNEL = (4, 41, 47, 50, 51, 97, 115)
_CONTROL = (2, 46, 88, 89, 103, 112, 132, 139)
_COMMON = (1, 6, 17, 58, VSOCK)


def _flags(flows: Flows, mask: int) -> BoolColumn:
    return np.asarray((flows.column("tcp_flags") & mask) > 0)


@feature(unit="1", serves="protocol conformance")
def tcp_handshake(flows: Flows) -> F64:
    """Share of the three-way handshake that was seen: 0, 0.5 or 1; NaN outside TCP.

    >>> shown(tcp_handshake, "shell", "knock")
    [1.0, 0.5]
    """
    state = flows.windows["tcp_state"]
    return kept_where(((state & 1) + ((state >> 1) & 1)) / 2.0, is_proto(flows, 6))


@feature(unit="1", serves="extraneous packets")
def tcp_data_without_handshake(flows: Flows) -> F64:
    """1 when TCP payload flows and no SYN was ever seen in the flow, else 0.

    >>> shown(tcp_data_without_handshake, "shell")
    [0.0]
    """
    data = flows.windows["payloads_orig"] + flows.windows["payloads_resp"] > 0
    return kept_where(data & ((flows.windows["tcp_state"] & 3) == 0), is_proto(flows, 6))


@feature(unit="1", serves="protocol conformance")
def tcp_reset(flows: Flows) -> F64:
    """1 when the flow was reset, else 0; NaN outside TCP.

    >>> shown(tcp_reset, "shell")
    [0.0]
    """
    return kept_where((flows.windows["tcp_state"] & 16) > 0, is_proto(flows, 6))


@feature(unit="1", serves="protocol conformance")
def tcp_push_share(flows: Flows) -> F64:
    """Share of TCP payload packets with PSH.

    >>> shown(tcp_push_share, "shell")
    [1.0]
    """
    return share(flows, _flags(flows, 8), with_payload(flows) & is_tcp(flows))


@feature(unit="1", serves="protocol conformance")
def tcp_syn_payload(flows: Flows) -> F64:
    """1 when a SYN carries payload, else 0; NaN outside TCP.

    >>> shown(tcp_syn_payload, "shell")
    [0.0]
    """
    odd = _flags(flows, 2) & (flows.column("payload_len") > 0) & is_tcp(flows)
    return kept_where(maximum(flows, odd.astype(np.float64)), is_proto(flows, 6))


@feature(unit="1", serves="protocol conformance")
def tcp_odd_flags_share(flows: Flows) -> F64:
    """Share of TCP packets with flags no stack sends.

    None at all, SYN with FIN, FIN alone, or reserved bits.

    >>> shown(tcp_odd_flags_share, "shell")
    [0.0]
    """
    flags = flows.column("tcp_flags")
    six = flags & 0x3F
    odd = (six == 0) | ((six & 3) == 3) | (six == 1) | ((flags & 0xE00) > 0)
    return share(flows, odd, is_tcp(flows))


@feature(unit="1", serves="extraneous packets")
def tcp_repeat_share(flows: Flows) -> F64:
    """Share of TCP packets that start before the end of what their sender has sent.

    Retransmissions, and segments made up by another program; keep-alives do not count.

    >>> shown(tcp_repeat_share, "shell")
    [0.0]
    """
    return share(flows, segment_order(flows) == 1, ~np.isnan(segment_order(flows)))


@feature(unit="1", serves="extraneous packets")
def tcp_jump_share(flows: Flows) -> F64:
    """Share of TCP packets that start beyond the end of what their sender has sent.

    Lost before the capture point, reordered, or not of this connection.

    >>> shown(tcp_jump_share, "shell")
    [0.0]
    """
    return share(flows, segment_order(flows) == 2, ~np.isnan(segment_order(flows)))


@feature(unit="1", serves="protocol conformance")
def udp_unchecked_share(flows: Flows) -> F64:
    """Share of UDP packets over IPv4 sent without a checksum.

    >>> shown(udp_unchecked_share, "beacon")
    [0.0]
    """
    among = (flows.column("proto") == 17) & (flows.column("ip_version") == 4) & own(flows)
    return share(flows, flows.column("checksum") == 3, among)


@feature(unit="1", serves="protocol conformance")
def transport_icmp(flows: Flows) -> F64:
    """1 for ICMP and ICMPv6.

    >>> shown(transport_icmp, "ping", "shell")
    [1.0, 0.0]
    """
    return is_icmp(flows).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_tcp(flows: Flows) -> F64:
    """1 for TCP.

    >>> shown(transport_tcp, "ping", "shell")
    [0.0, 1.0]
    """
    return is_proto(flows, 6).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_udp(flows: Flows) -> F64:
    """1 for UDP.

    >>> shown(transport_udp, "ping", "beacon")
    [0.0, 1.0]
    """
    return is_proto(flows, 17).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_vsock(flows: Flows) -> F64:
    """1 for VSOCK.

    >>> shown(transport_vsock, "ping", "vsock")
    [0.0, 1.0]
    """
    return is_proto(flows, VSOCK).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_tunnel(flows: Flows) -> F64:
    """1 for IP protocols that encapsulate.

    IPIP 4, 6in4 41, GRE 47, ESP 50, AH 51, EtherIP 97, L2TP 115.

    >>> shown(transport_tunnel, "ping", "gre")
    [0.0, 1.0]
    """
    return is_proto(flows, *_TUNNEL).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_unassigned(flows: Flows) -> F64:
    """1 for IP protocol numbers that IANA has not assigned or keeps for experiments.

    >>> shown(transport_unassigned, "ping", "odd")
    [0.0, 1.0]
    """
    number = flows.windows["proto"]
    return np.asarray((number >= 146) & (number <= 254), np.float64)


@feature(unit="1", serves="protocol conformance", revision=2)
def body_parses_share(flows: Flows) -> F64:
    """Share of IP packets whose body is what their protocol number announces.

    IPIP, 6in4 and EtherIP hold a packet whose length agrees, GRE flags without reserved bits and
    a known protocol that parses, SCTP chunks that fill the packet; so for DCCP, ESP (alignment
    alone), AH, IGMP, RSVP, EIGRP, OSPF, PIM, VRRP, HIP, IPComp, UDP-Lite and MPLS. NaN for TCP,
    UDP, ICMP and numbers without a test.

    >>> shown(body_parses_share, "gre", "shell")
    [1.0, nan]
    """
    value = flows.column("checksum")
    return share(flows, value == 4, own(flows) & (value >= 4))


@feature(unit="1", serves="protocol conformance")
def vsock_control_share(flows: Flows) -> F64:
    """Share of VSOCK packets that only manage credit.

    >>> shown(vsock_control_share, "vsock")
    [0.2]
    """
    return share(flows, flows.column("icmp_type") == 3, flows.column("proto") == VSOCK)


@feature(unit="1", serves="protocol conformance")
def vsock_privileged(flows: Flows) -> F64:
    """1 when the responder's VSOCK port is below 1024, else 0; NaN outside VSOCK.

    >>> shown(vsock_privileged, "vsock")
    [0.0]
    """
    return kept_where(flows.windows["dport"] < 1024, is_proto(flows, VSOCK))


@cached
def _read(flows: Flows) -> F64:
    # Octets that the sender read since its packet before: the step of its counter of 32 bits.
    among = (flows.column("proto") == VSOCK) & (flows.column("icmp_code") > 0)
    step = side_steps(flows, kept_where(flows.column("tcp_ack"), among))
    return np.asarray(np.mod(step, 2.0**32))


@feature(unit="1", serves="protocol conformance")
def vsock_consumed_share(flows: Flows) -> F64:
    """Octets that both ends of a VSOCK stream say they read over those that were sent.

    Near 1 where receivers give credit as they read (`fwd_cnt`), 0 where the counter stands still;
    a counter that carries something else is far beyond, and cut off at 4. NaN without payload
    or without virtio headers.

    Source: Virtual I/O Device (VIRTIO) 1.2, 5.10.6.3 (buffer space management).

    >>> shown(vsock_consumed_share, "vsock")
    [0.03226]
    """
    among = (flows.column("proto") == VSOCK) & (flows.column("icmp_code") > 0)
    sent = total(flows, kept_where(flows.column("payload_len"), among))
    read = total(flows, _read(flows))
    return np.minimum(ratio(read, np.where(sent > 0, sent, 0.0)), 4.0)


def _gre_flags(flows: Flows) -> NDArray[np.uint64]:
    return flows.column("prefix_hi") >> np.uint64(48)


@cached
def _is_gre(flows: Flows) -> BoolColumn:
    return np.asarray((flows.column("proto") == 47) & own(flows) & with_payload(flows))


@cached
def _gre_key(flows: Flows) -> F64:
    # RFC 2890: behind the checksum where there is one.
    flags = _gre_flags(flows)
    behind = (flags & np.uint64(0x8000)) > 0
    low = np.uint64(0xFFFFFFFF)
    key = np.where(
        behind, flows.column("prefix_lo") >> np.uint64(32), flows.column("prefix_hi") & low
    )
    keyed = ((flags & np.uint64(0x2007)) == 0x2000) & (flows.column("payload_cap") >= 12)
    return kept_where(key, _is_gre(flows) & keyed)


@feature(unit="1", serves="abnormal header fields")
def gre_key_distinct(flows: Flows) -> F64:
    """Distinct GRE keys of both directions, 0 for one and 1 for all different; NaN below four.

    A tunnel keeps one key or one for each direction (RFC 2890); version 1 has a length there.

    >>> shown(gre_key_distinct, "gre", "keyed")
    [nan, 0.25]
    """
    keys = summary(flows, _gre_key)
    return from_count(4, keys.count, (keys.distinct - 1) / np.maximum(keys.count - 1, 1))
