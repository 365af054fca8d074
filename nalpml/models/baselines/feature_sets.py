"""What the features of others would give: their feature sets, with our learner and our windows.

CICFlowMeter's are taken from our own columns, wherever ours measure what its columns do, over our
flow windows and with our flow key (which keeps ICMP sessions apart, where CICFlowMeter has no
ICMP at all): a kinder account of it than its own output. NFStream's are its own, see
`nalpml.models.baselines.nfstream`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CICFLOWMETER"]

CICFLOWMETER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Protocol": (
            "transport_icmp", "transport_tcp", "transport_udp", "transport_vsock",
            "transport_tunnel", "transport_unassigned",
        ),
        "Flow Duration": ("duration",),
        "Total Fwd Packets": ("packets_orig",),
        "Total Backward Packets": ("packets_resp",),
        "Total Length of Fwd Packets": ("payload_log_orig",),
        "Total Length of Bwd Packets": ("payload_log_resp",),
        "Fwd Packet Length Max, Min, Mean, Std": (
            "size_max_orig", "size_min_orig", "size_mean_orig", "size_std_orig",
        ),
        "Bwd Packet Length Max, Min, Mean, Std": (
            "size_max_resp", "size_min_resp", "size_mean_resp", "size_std_resp",
        ),
        "Flow Packets/s": ("packet_rate_log",),
        "Flow IAT Mean, Std, Min": ("iat_cv", "iat_min", "iat_log_std"),
        "Fwd IAT Mean, Std, Max": ("iat_mean_orig", "iat_cv_orig", "iat_max_orig"),
        "Bwd IAT Mean, Std, Max": ("iat_mean_resp", "iat_cv_resp", "iat_max_resp"),
        "PSH Flag Count": ("tcp_push_share",),
        "SYN Flag Count": ("tcp_handshake",),
        "RST Flag Count": ("tcp_reset",),
        "URG, CWE, ECE Flag Count": ("tcp_odd_flags_share",),
        "Down/Up Ratio": ("producer_consumer_ratio",),
        "act_data_pkt_fwd": ("payload_packet_share",),
        "Active Mean, Std": ("burst_rate_log",),
        "Idle Mean, Std": ("burst_gap_median", "burst_gap_cv"),
    }
)  # fmt: skip
"""CICFlowMeter's column: ours that measure the same, as a share or a logarithm where its column is
a count. Without one of ours: Flow Bytes/s (a quotient of two that are there), header lengths,
initial TCP windows, FIN and ACK counts, sub-flows and bulk rates; Destination Port is left out, as
is usual, because it names the experiment."""
