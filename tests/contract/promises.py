"""What each kind of generated traffic promises to show, feature by feature.

(pattern of profiles' names or ``label:`` and a label, features, lowest, highest): of every profile
that the pattern matches, at least one window has one of the features within the bounds. Channels
promise what a detector is to see of them; ordinary traffic promises to be what it is called.
"""

from __future__ import annotations

Promise = tuple[str, tuple[str, ...], float, float]

PROMISES: tuple[Promise, ...] = (
    # Carriers.
    ("label:icmp_tunnel", ("transport_icmp",), 1, 1),
    ("label:udp_c2", ("transport_udp",), 1, 1),
    ("label:tcp_c2", ("transport_tcp",), 1, 1),
    *(("label:ip_tunnel", (f"transport_{name}",), 0, 0) for name in ("tcp", "udp")),
    ("label:vsock_c2", ("transport_vsock",), 1, 1),
    ("guest.*", ("transport_vsock",), 1, 1),
    ("knock.icmp", ("transport_icmp",), 1, 1),
    ("knock.udp", ("transport_udp",), 1, 1),
    ("knock.syn", ("tcp_unanswered_syn_share", "tcp_reset"), 0.5, 1),
    # ICMP tunnels.
    ("icmp_tunnel.ip", ("inner_ip_share",), 0.9, 1),
    ("icmp_tunnel.shell_poll", ("printable_share_resp", "printable_share_orig"), 0.9, 1),
    ("icmp_tunnel.door", ("icmp_requests_resp_share",), 0.01, 1),
    ("icmp_tunnel.det", ("base64_share_orig",), 0.9, 1),
    ("icmp_tunnel.stream", ("header_constant_orig",), 0.9, 1),
    ("icmp_tunnel.file", ("icmp_data_count_log",), 1, 99),
    ("icmp_tunnel.answered", ("reply_octets_share",), 0.9, 1),
    ("icmp_tunnel.answered", ("icmp_data_count_log",), 2, 99),
    ("icmp_tunnel.types*", ("icmp_echo_share",), 0, 0),
    ("icmp_tunnel.masks", ("icmp_echo_share",), 0, 0),
    ("icmp_tunnel.stamps", ("icmp_echo_share",), 0, 0),
    # Command and control.
    ("*_c2.pulse*", ("size_median_orig",), 0, 16),
    ("tcp_c2.rat_shell", ("printable_share_orig", "printable_share_resp"), 0.9, 1),
    ("ip_tunnel.pulse", ("size_median_orig",), 0, 16),
    ("tcp_c2.shell", ("printable_share_orig", "printable_share_resp"), 0.9, 1),
    ("tcp_c2.bind_shell", ("printable_share_orig", "printable_share_resp"), 0.9, 1),
    ("tcp_c2.drops", ("producer_consumer_ratio",), 0.9, 1),
    ("tcp_c2.encrypted", ("entropy_ratio_first_orig", "entropy_ratio_first_resp"), 0.9, 1.1),
    ("tcp_c2.gh0st", ("length_field_orig",), 1, 1),
    ("tcp_c2.bare_file", ("producer_consumer_ratio",), 0.8, 1),
    ("tcp_c2.beacon", ("context_windows",), 2, 999),
    ("udp_c2.ports", ("context_windows", "pair_flows_log"), 2, 999),
    ("udp_c2.sealed*", ("port_agreement",), -1, 0),
    ("udp_c2.borrowed", ("port_agreement",), -1, 0),
    ("udp_c2.kcp", ("header_counting_orig",), 0.1, 1),
    # Proxies, consoles, bare IP.
    ("label:socks", ("socks_greeting", "socks_request", "socks_answer"), 1, 1),
    ("label:serial_over_lan", ("rmcp_share", "amt_redirection"), 0.1, 1),
    ("socks.reverse", ("socks_reversed",), 1, 1),
    ("serial_over_lan.amt*", ("amt_redirection",), 1, 1),
    ("serial_over_lan.ipmi", ("rmcp_share",), 0.5, 1),
    ("serial_over_lan.console", ("sol_share",), 0.1, 1),
    ("serial_over_lan.clear", ("sol_share",), 0.1, 1),
    ("serial_over_lan.file", ("sol_share",), 0.1, 1),
    ("ip_tunnel.foreign*", ("body_parses_share",), 0, 0.5),
    *(("ip_tunnel.rare*", (f"transport_{name}",), 0, 0) for name in ("tcp", "udp")),
    ("vpn.gre", ("body_parses_share",), 1, 1),
    ("vpn.ipip", ("body_parses_share",), 1, 1),
    ("vpn.sit", ("body_parses_share",), 1, 1),
    # Header fields.
    ("header_storage.ttl", ("ttl_step_entropy_orig", "ttl_step_entropy_resp"), 0.3, 9),
    ("header_storage.tos", ("tos_distinct_orig", "tos_distinct_resp"), 0.02, 1),
    ("header_storage.ip_id", ("ip_id_step_entropy_orig", "ip_id_step_entropy_resp"), 1, 99),
    ("header_storage.flow_label", ("flow_label_distinct_orig", "flow_label_distinct_resp"),
     0.05, 1),
    ("header_storage.urgent", ("tcp_urgent_idle_share",), 0.05, 1),
    ("header_storage.reserved", ("tcp_odd_flags_share",), 0.05, 1),
    ("header_storage.fragment", ("evil_bit_share", "dont_fragment_share"), 0.05, 0.95),
    ("header_storage.window", ("tcp_window_distinct_orig", "tcp_window_distinct_resp"), 0.05, 1),
    ("header_storage.timestamps", ("tcp_timestamp_odd_orig", "tcp_timestamp_odd_resp"), 0.2, 0.8),
    ("header_storage.icmp_id", ("icmp_identifier_distinct",), 0.3, 1),
    ("header_storage.icmp_seq", ("icmp_sequence_entropy",), 2, 99),
    ("header_storage.checksum", ("udp_unchecked_share",), 0.1, 0.9),
    ("header_storage.isn", ("context_windows", "pair_flows_log"), 2, 999),
    ("header_storage.series*", ("pair_flows_log",), 3, 6),
    ("header_storage.series_id", ("pair_id_text_share",), 0.5, 1),
    ("header_storage.series_isn", ("pair_isn_text_share",), 0.5, 1),
    ("series.*", ("pair_flows_log",), 3, 6),
    # Gaps.
    ("timing.*", ("conditional_entropy_orig",), 1.4, 3),
    ("timing.ipctc", ("epsilon_similarity_orig",), 0.8, 1),
    # Pings and other ICMP.
    ("ping.*", ("transport_icmp",), 1, 1),
    ("ping.[!cefrps]*", ("icmp_echo_share",), 0.5, 1),
    ("ping.f[!r]*", ("icmp_echo_share",), 0.5, 1),
    ("ping.linux", ("icmp_plain_share",), 0.9, 1),
    ("ping.windows", ("icmp_fill_distance",), 0, 0.05),
    ("ping.linux", ("icmp_fill_distance",), 0, 0.1),
    ("ping.clocks", ("icmp_echo_share",), 0, 0),
    ("ping.library*", ("icmp_plain_share",), 0, 0.5),
    ("icmp.errors", ("icmp_error_count_log",), 0.5, 99),
    ("icmp.neighbours", ("transport_icmp",), 1, 1),
    ("net.icmp", ("transport_icmp",), 1, 1),
    ("traceroute.*", ("icmp_error_count_log",), 0.5, 99),
    # Services that are known by what they say.
    *(
        (f"{family}.*", ("app_recognised",), 1, 1)
        for family in (
            "bittorrent", "database", "dhcp", "dns", "ftp", "http", "industrial", "irc",
            "kerberos", "ldap", "mail", "management", "multicast", "ntp", "office", "quic",
            "radius", "rdp", "rtp", "smb", "snmp", "ssh", "stun", "syslog", "tftp", "tls", "vnc",
        )
    ),
    ("crypto.[!t]*", ("app_recognised",), 1, 1),
    ("p2p.[!dl]*", ("app_recognised",), 1, 1),
    ("polls.tls", ("app_tls_share",), 0.5, 1),
    ("tls.*", ("app_tls_share",), 1e-3, 1),
    ("lines.*", ("printable_share_orig", "printable_share_resp"), 0.8, 1),
    ("bulk.*", ("payload_log_orig", "payload_log_resp"), 15, 99),
    ("hello.*", ("producer_consumer_ratio",), 0.99, 1),
    ("icmp_tunnel.slow", ("transport_icmp",), 1, 1),
    ("icmp_tunnel.fill", ("reply_octets_share",), 0.9, 1),
    ("agent.*", ("size_median_orig", "size_median_resp"), 0, 24),
    ("nodes.*", ("transport_udp",), 1, 1),
)  # fmt: skip

SILENT = ("arp.*", "bare.*", "chat.*", "crypto.*", "desk.*", "game.*", "half.*",
          "iot.*", "net.*", "noise.*",
          "operator.*", "p2p.*", "plant.*", "polls.*", "private.*", "push.*",
          "reporter.*", "routes.*", "rpc.*", "stream.*", "telnet.*",
          "header_storage.random", "vendor.*", "vpn.*")  # fmt: skip
"""Families that are drawn widely on purpose, and promise only to be there."""
