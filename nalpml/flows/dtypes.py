"""Record layouts of the flow tracker's state."""

from __future__ import annotations

import numpy as np

__all__ = [
    "CONTEXT_DTYPE", "FRAGMENT_DTYPE", "MARK_DTYPE", "RING", "SLOT_DTYPE", "WINDOW_DTYPE",
]  # fmt: skip

RING = 16
"""Window starts remembered per pair and service."""

_ENDPOINTS = [("src_hi", "u8"), ("src_lo", "u8"), ("dst_hi", "u8"), ("dst_lo", "u8")]
_PORTS = [("sport", "u4"), ("dport", "u4")]
_APPS = [("app_orig", "u1"), ("app_resp", "u1"), ("app_orig_2", "u1"), ("app_resp_2", "u1")]
_HEADS = [
    ("ids", "i4"), ("id_round", "i4"), ("id_text", "i4"), ("id_rise", "i4"), ("id_same", "i4"),
    ("id_high", "i4"), ("id_low", "i4"),
    ("isns", "i4"), ("isn_round", "i4"), ("isn_text", "i4"), ("isn_high", "i4"),
    ("stamps", "i4"), ("stamp_law", "i4"), ("stamp_text", "i4"),
    ("ports", "i4"), ("port_rise", "i4"),
]  # fmt: skip
_PAYLOADS = [("payloads_orig", "i4"), ("payloads_resp", "i4")]

WINDOW_DTYPE = np.dtype(
    [
        # What every packet changes comes first, in one cache line.
        ("id", "i8"), ("start_ns", "i8"), ("end_ns", "i8"),
        ("bytes_orig", "i8"), ("bytes_resp", "i8"), ("packets_orig", "i4"), ("packets_resp", "i4"),
        ("first_index", "i8"), ("flow_start_ns", "i8"), ("flow_uid", "u8"), ("outer_uid", "u8"),
        *_ENDPOINTS,
        ("ctx_packets_orig", "i8"), ("ctx_packets_resp", "i8"),
        ("ctx_bytes_orig", "i8"), ("ctx_bytes_resp", "i8"),
        ("ctx_gap_mean", "f8"), ("ctx_gap_cv", "f8"), ("ctx_share", "f8"),
        ("pair_bytes_orig", "i8"), ("pair_bytes_resp", "i8"),
        ("pair_gap_mean", "f8"), ("pair_gap_cv", "f8"),
        ("pair_flows", "i4"), ("pair_services", "i4"),
        ("pair_answered", "i4"), ("pair_errors", "i4"), ("pair_first_payloads", "i4"),
        ("pair_same_size", "i4"), ("pair_same_prefix", "i4"), ("pair_same_payload", "i4"),
        ("pair_same_ttl", "i4"), ("pair_next_port", "i4"), ("ctx_flows", "i4"),
        *((f"pair_{name}", kind) for name, kind in _HEADS),
        *_PORTS,
        ("icmp_id", "i4"), ("window", "i4"),
        ("ctx_windows", "i4"), ("ctx_peers", "i4"),
        *_PAYLOADS,
        ("proto", "u2"), ("ip_version", "u1"), ("reason", "u1"), ("tcp_state", "u1"),
        *_APPS, ("depth", "u1"),
    ],
    align=True,
)  # fmt: skip
"""One flow window; the originator is ``src``. ``ctx_*`` and ``pair_*`` are what was
known when it opened: of originator, responder and service, and of the two whatever the port.
``depth`` counts the packets around the packets of this flow, and ``outer_uid`` is the ``flow_uid``
of the flow that carried the first of them (0: none did)."""

SLOT_DTYPE = np.dtype(
    [
        ("hash", "u8"), ("k0", "u8"), ("k1", "u8"), ("k2", "u8"), ("k3", "u8"), ("k4", "u8"),
        ("k5", "u8"), ("uid", "u8"), ("last_ns", "i8"), ("before", "i4"), ("after", "i4"),
        ("context", "i4"), ("pair", "i4"), ("generation", "i4"),
        *_PAYLOADS,
        ("proto", "u2"), ("orig_second", "u1"), ("tcp_state", "u1"), ("heard", "u1"),
        *_APPS,
        # Only looked at when a window opens.
        ("start_ns", "i8"), *_ENDPOINTS, *_PORTS, ("icmp_id", "i4"), ("number", "i4"),
    ],
    align=True,
)  # fmt: skip

CONTEXT_DTYPE = np.dtype(
    [
        ("hash", "u8"), ("windows", "i8"), ("packets_orig", "i8"), ("packets_resp", "i8"),
        ("bytes_orig", "i8"), ("bytes_resp", "i8"), ("peers", "i8"),
        ("identifiers", "i8"), ("identifier_ns", "i8"),
        ("begin_ns", "i8"), ("last_ns", "i8"), ("gap_mean", "f8"), ("gap_squares", "f8"),
        ("last_payload", "u8"), ("last_prefix", "u4"), ("last_size", "u4"), ("last_port", "u4"),
        ("flows", "i4"), ("services", "i4"), ("answered", "i4"), ("errors", "i4"),
        ("first_payloads", "i4"), ("same_size", "i4"), ("same_prefix", "i4"),
        ("same_payload", "i4"), ("same_ttl", "i4"), ("next_port", "i4"), ("last_ttl", "i4"),
        ("id_high_marks", "u8"), ("id_low_marks", "u8"), ("isn_marks", "u8"),
        ("last_stamp_ns", "i8"), ("last_stamp", "u4"), ("last_sport", "u4"), ("last_id", "u4"),
        *_HEADS,
    ],
    align=True,
)  # fmt: skip
"""What is remembered of a pair and service; from ``begin_ns`` on, of a pair whatever the port."""

FRAGMENT_DTYPE = np.dtype(
    [("hash", "u8"), ("time_ns", "i8"), ("sport", "u4"), ("dport", "u4"), ("identifier", "i8")],
    align=True,
)

MARK_DTYPE = np.dtype(
    [("window", "i8"), ("sport", "u4"), ("dport", "u4"), ("direction", "u1"), ("role", "u1")],
    align=True,
)
"""What the tracker says about a packet; written into its row when its window closes."""
