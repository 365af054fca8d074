"""Does the traffic follow the protocol of its port."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._kernels import segments
from ..capture.apps import APP_CODES, EXPECTED
from ..channels import VSOCK
from ..flows.table import Flows
from ._registry import feature
from ._views import (
    F64,
    BoolColumn,
    cached,
    is_icmp,
    is_proto,
    own,
    share,
    with_payload,
)

__all__: list[str] = []

_ENCRYPTED = ("tls", "dtls", "quic", "ssh", "ike", "wireguard", "openvpn")
_NO_PROTOCOL = (APP_CODES["none"], APP_CODES["text"])


def _is_binary(codes: NDArray[np.uint8]) -> BoolColumn:
    return ~np.isin(codes, _NO_PROTOCOL)


def _port_protocols(flows: Flows) -> BoolColumn:
    return np.isin(flows.column("proto"), (6, 17, VSOCK))


def _payloads(flows: Flows) -> NDArray[np.int64]:
    windows = flows.windows
    number = windows["payloads_orig"].astype(np.int64) + windows["payloads_resp"]
    return np.where(is_proto(flows, 6, 17, VSOCK), number, 0)


def _codes(flows: Flows, side: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return flows.windows[f"app_{side}"], flows.windows[f"app_{side}_2"]


def _opens(flows: Flows, *names: str) -> BoolColumn:
    wanted = [APP_CODES[name] for name in names]
    result = np.zeros(len(flows), bool)
    for side in ("orig", "resp"):
        for codes in _codes(flows, side):
            result |= np.isin(codes, wanted)
    return result


def _known(flows: Flows) -> BoolColumn:
    result = np.zeros(len(flows), bool)
    for side in ("orig", "resp"):
        for codes in _codes(flows, side):
            result |= _is_binary(codes)
    return result


def _has_expectation(flows: Flows) -> BoolColumn:
    result = np.zeros(len(flows), bool)
    for proto, ports in EXPECTED.items():
        result |= is_proto(flows, proto) & np.isin(flows.windows["dport"], list(ports))
    return result


@cached
def _agreement(flows: Flows) -> F64:
    result = np.full(len(flows), np.nan)
    seen = _payloads(flows) > 0
    firsts = np.stack([c for side in ("orig", "resp") for c in _codes(flows, side)])
    for proto, ports in EXPECTED.items():
        of_proto = is_proto(flows, proto) & seen
        for port in np.unique(flows.windows["dport"][of_proto]):
            if int(port) not in ports:
                continue
            here = of_proto & (flows.windows["dport"] == port)
            agrees = np.isin(firsts[:, here], ports[int(port)]).any(axis=0)
            other = _is_binary(firsts[:, here]).any(axis=0)
            result[here] = np.where(agrees, 1.0, np.where(other, -1.0, 0.0))
    return result


@feature(unit="1", serves="protocol conformance")
def port_agreement(flows: Flows) -> F64:
    """Whether first payloads are what the responder's port promises.

    1 agrees, 0 nothing recognised, -1 another protocol; NaN for a port without expectation or
    a flow without payload.
    """
    return _agreement(flows)


@feature(unit="1", serves="protocol conformance")
def port_expected(flows: Flows) -> F64:
    """1 when the responder's port is one that a known protocol is expected on, TCP and UDP only."""
    return np.where(is_proto(flows, 6, 17), _has_expectation(flows), np.nan)


@feature(unit="1", serves="protocol conformance")
def port_borrowed(flows: Flows) -> F64:
    """1 when a port with an expectation carries something that nothing recognises."""
    return np.where(is_proto(flows, 6, 17), _agreement(flows) == 0, np.nan)


@feature(unit="1", serves="protocol conformance")
def port_system(flows: Flows) -> F64:
    """1 when the responder's port is below 1024."""
    return np.where(is_proto(flows, 6, 17, VSOCK), flows.windows["dport"] < 1024, np.nan)


@feature(unit="1", serves="protocol conformance")
def port_ephemeral(flows: Flows) -> F64:
    """1 when the responder's port is one that systems hand out (32768 and above)."""
    return np.where(is_proto(flows, 6, 17), flows.windows["dport"] >= 32768, np.nan)


@feature(unit="1", serves="protocol conformance")
def port_both_low(flows: Flows) -> F64:
    """1 when both ports are below 1024 or equal (peers of one service)."""
    low = (flows.windows["sport"] < 1024) & (flows.windows["dport"] < 1024)
    return np.where(
        is_proto(flows, 6, 17), low | (flows.windows["sport"] == flows.windows["dport"]), np.nan
    )


@feature(unit="1", serves="protocol conformance")
def app_recognised(flows: Flows) -> F64:
    """1 when a first or second payload of either side is of a known protocol, plain text aside."""
    return np.where(_payloads(flows) > 0, _known(flows), np.nan)


@feature(unit="1", serves="protocol conformance")
def app_recognised_orig(flows: Flows) -> F64:
    """1 when the originator's first payloads are of a known protocol, plain text aside."""
    codes = _codes(flows, "orig")
    return np.where(
        flows.windows["payloads_orig"] > 0, (_is_binary(codes[0])) | _is_binary(codes[1]), np.nan
    )


@feature(unit="1", serves="protocol conformance")
def app_recognised_resp(flows: Flows) -> F64:
    """1 when the responder's first payloads are of a known protocol, plain text aside."""
    codes = _codes(flows, "resp")
    return np.where(
        flows.windows["payloads_resp"] > 0, (_is_binary(codes[0])) | _is_binary(codes[1]), np.nan
    )


@feature(unit="1", serves="protocol conformance")
def app_text_first(flows: Flows) -> F64:
    """1 when the flow's first payloads are plain text of no known protocol."""
    text = APP_CODES["text"]
    return np.where(
        _payloads(flows) > 0,
        (flows.windows["app_orig"] == text) | (flows.windows["app_resp"] == text),
        np.nan,
    )


@feature(unit="1", serves="protocol conformance")
def app_share(flows: Flows) -> F64:
    """Share of payload packets that are recognised by themselves, plain text aside."""
    return share(
        flows, _is_binary(flows.column("app")), with_payload(flows) & _port_protocols(flows)
    )


@feature(unit="1", serves="protocol conformance")
def app_text_share(flows: Flows) -> F64:
    """Share of payload packets that are plain text of no known protocol."""
    return share(
        flows,
        flows.column("app") == APP_CODES["text"],
        with_payload(flows) & _port_protocols(flows),
    )


@feature(unit="1", serves="protocol conformance")
def app_encrypted(flows: Flows) -> F64:
    """1 when the flow opens with a known encrypted protocol (TLS, DTLS, QUIC, SSH, IKE, VPNs)."""
    return np.where(_payloads(flows) > 0, _opens(flows, *_ENCRYPTED), np.nan)


@feature(unit="1", serves="protocol conformance")
def app_tls_share(flows: Flows) -> F64:
    """Share of payload packets that start with a TLS record."""
    return share(
        flows, flows.column("app") == APP_CODES["tls"], with_payload(flows) & _port_protocols(flows)
    )


@feature(unit="1", serves="protocol conformance")
def socks_greeting(flows: Flows) -> F64:
    """1 when one side opens with a SOCKS 5 greeting or SOCKS 4 request, else 0 (RFC 1928)."""
    return np.where(
        _payloads(flows) > 0, _opens(flows, "socks5_greeting", "socks4_request"), np.nan
    )


@feature(unit="1", serves="protocol conformance")
def socks_answer(flows: Flows) -> F64:
    """1 when one side opens with a SOCKS 5 method choice or SOCKS 4 reply, else 0."""
    return np.where(_payloads(flows) > 0, _opens(flows, "socks5_choice", "socks4_reply"), np.nan)


@feature(unit="1", serves="protocol conformance")
def socks_request(flows: Flows) -> F64:
    """1 when a second payload is a SOCKS 5 request or sub-negotiation (RFC 1928, 1929), else 0."""
    return np.where(_payloads(flows) > 0, _opens(flows, "socks5_request", "socks5_auth"), np.nan)


@feature(unit="1", serves="protocol conformance")
def socks_reversed(flows: Flows) -> F64:
    """1 when the responder speaks first in SOCKS: the tunnel was dialled from the other end."""
    codes = flows.windows["app_resp"]
    first = np.isin(codes, (APP_CODES["socks5_greeting"], APP_CODES["socks4_request"]))
    return np.where(flows.windows["payloads_resp"] > 0, first, np.nan)


@feature(unit="1", serves="protocol conformance")
def rmcp_share(flows: Flows) -> F64:
    """Share of payload packets that are RMCP (IPMI), Serial over LAN included.

    Source: IPMI 2.0 specification, 13.
    """
    return share(
        flows,
        np.isin(flows.column("app"), (APP_CODES["rmcp"], APP_CODES["rmcp_sol"])),
        with_payload(flows) & _port_protocols(flows),
    )


@feature(unit="1", serves="protocol conformance")
def sol_share(flows: Flows) -> F64:
    """Share of payload packets that are RMCP+ with Serial over LAN payload.

    Source: IPMI 2.0 specification, 13.28 (payload type 1) and 15.
    """
    return share(
        flows,
        flows.column("app") == APP_CODES["rmcp_sol"],
        with_payload(flows) & _port_protocols(flows),
    )


@feature(unit="1", serves="protocol conformance")
def amt_redirection(flows: Flows) -> F64:
    """1 when the flow opens with an Intel AMT redirection message, else 0."""
    return np.where(_payloads(flows) > 0, _opens(flows, "amt"), np.nan)


@feature(unit="1", serves="protocol conformance")
def tcp_handshake(flows: Flows) -> F64:
    """Share of the three-way handshake that was seen: 0, 0.5 or 1; NaN outside TCP."""
    state = flows.windows["tcp_state"]
    return np.where(is_proto(flows, 6), ((state & 1) + ((state >> 1) & 1)) / 2.0, np.nan)


@feature(unit="1", serves="extraneous packets")
def tcp_data_without_handshake(flows: Flows) -> F64:
    """1 when TCP payload flows and no SYN was ever seen in the flow, else 0."""
    data = flows.windows["payloads_orig"] + flows.windows["payloads_resp"] > 0
    return np.where(is_proto(flows, 6), data & ((flows.windows["tcp_state"] & 3) == 0), np.nan)


@feature(unit="1", serves="protocol conformance")
def tcp_reset(flows: Flows) -> F64:
    """1 when the flow was reset, else 0; NaN outside TCP."""
    return np.where(is_proto(flows, 6), (flows.windows["tcp_state"] & 16) > 0, np.nan)


@feature(unit="1", serves="protocol conformance")
def tcp_push_share(flows: Flows) -> F64:
    """Share of TCP payload packets with PSH."""
    return share(
        flows,
        (flows.column("tcp_flags") & 8) > 0,
        with_payload(flows) & (flows.column("proto") == 6),
    )


@feature(unit="1", serves="protocol conformance")
def tcp_syn_payload(flows: Flows) -> F64:
    """1 when a SYN carries payload, else 0; NaN outside TCP."""
    odd = ((flows.column("tcp_flags") & 2) > 0) & (flows.column("payload_len") > 0) & own(flows)
    return np.where(
        is_proto(flows, 6), segments.maximum(odd.astype(np.float64), flows.offsets), np.nan
    )


@feature(unit="1", serves="protocol conformance")
def tcp_odd_flags_share(flows: Flows) -> F64:
    """Share of TCP packets with flag combinations no stack sends (none, SYN+FIN, FIN alone, reserved bits)."""
    flags = flows.column("tcp_flags")
    six = flags & 0x3F
    odd = (six == 0) | ((six & 3) == 3) | (six == 1) | ((flags & 0xE00) > 0)
    return share(flows, odd, (flows.column("proto") == 6) & own(flows))


@feature(unit="1", serves="protocol conformance")
def udp_unchecked_share(flows: Flows) -> F64:
    """Share of UDP packets over IPv4 sent without a checksum."""
    return share(
        flows,
        flows.column("checksum") == 3,
        (flows.column("proto") == 17) & (flows.column("ip_version") == 4) & own(flows),
    )


@feature(unit="1", serves="protocol conformance")
def transport_icmp(flows: Flows) -> F64:
    """1 for ICMP and ICMPv6."""
    return is_icmp(flows).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_tcp(flows: Flows) -> F64:
    """1 for TCP."""
    return is_proto(flows, 6).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_udp(flows: Flows) -> F64:
    """1 for UDP."""
    return is_proto(flows, 17).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_vsock(flows: Flows) -> F64:
    """1 for VSOCK."""
    return is_proto(flows, VSOCK).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_tunnel(flows: Flows) -> F64:
    """1 for IP protocols that encapsulate: IPIP 4, 6in4 41, GRE 47, ESP 50, AH 51, EtherIP 97, L2TP 115."""
    return is_proto(flows, 4, 41, 47, 50, 51, 97, 115).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_control(flows: Flows) -> F64:
    """1 for routing and control protocols: IGMP 2, EIGRP 88, OSPF 89, PIM 103, VRRP 112, SCTP 132, HIP 139."""
    return is_proto(flows, 2, 46, 88, 89, 103, 112, 132, 139).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_unassigned(flows: Flows) -> F64:
    """1 for IP protocol numbers that IANA has not assigned or keeps for experiments."""
    number = flows.windows["proto"]
    return ((number >= 146) & (number <= 254)).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def transport_rare(flows: Flows) -> F64:
    """1 for any other IP protocol."""
    number = flows.windows["proto"]
    usual = (1, 6, 17, 58, VSOCK, 4, 41, 47, 50, 51, 97, 115, 2, 46, 88, 89, 103, 112, 132, 139)
    return (~np.isin(number, usual) & ((number < 146) | (number == 255))).astype(np.float64)


@feature(unit="1", serves="protocol conformance")
def vsock_control_share(flows: Flows) -> F64:
    """Share of VSOCK packets that only manage credit."""
    return share(flows, flows.column("icmp_type") == 3, flows.column("proto") == VSOCK)


@feature(unit="1", serves="protocol conformance")
def vsock_privileged(flows: Flows) -> F64:
    """1 when the responder's VSOCK port is below 1024, else 0; NaN outside VSOCK."""
    return np.where(is_proto(flows, VSOCK), flows.windows["dport"] < 1024, np.nan)


@feature(unit="1", serves="protocol conformance")
def vsock_message_share(flows: Flows) -> F64:
    """Share of VSOCK data packets that end a message (SEQPACKET)."""
    return share(
        flows,
        (flows.column("tcp_window") & 1) > 0,
        (flows.column("proto") == VSOCK) & (flows.column("icmp_code") == 5),
    )


@feature(unit="1", serves="protocol conformance")
def fragment_share(flows: Flows) -> F64:
    """Share of packets that are fragments."""
    return share(flows, (flows.column("ip_frag") & 0x3FFF) > 0, own(flows))
