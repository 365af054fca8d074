"""Order and repetition of packets as captured."""

from __future__ import annotations

from ._jit import kernel

__all__ = ["check_order"]

REACH = 4
WITHIN_NS = 50_000_000


@kernel
def _equal(a, b):
    return (
        a["payload_hash"] == b["payload_hash"]
        and a["ip_len"] == b["ip_len"]
        and a["ip_id"] == b["ip_id"]
        and a["ip_frag"] == b["ip_frag"]
        and a["ttl"] == b["ttl"]
        and a["depth"] == b["depth"]
        and a["proto"] == b["proto"]
        and a["src_hi"] == b["src_hi"]
        and a["src_lo"] == b["src_lo"]
        and a["dst_hi"] == b["dst_hi"]
        and a["dst_lo"] == b["dst_lo"]
        and a["sport"] == b["sport"]
        and a["dport"] == b["dport"]
        and a["tcp_seq"] == b["tcp_seq"]
        and a["tcp_ack"] == b["tcp_ack"]
        and a["tcp_flags"] == b["tcp_flags"]
        and a["icmp_type"] == b["icmp_type"]
        and a["icmp_id"] == b["icmp_id"]
        and a["icmp_seq"] == b["icmp_seq"]
    )


@kernel
def check_order(rows, before):
    """Count packets that came too early or twice.

    Parameters
    ----------
    rows : structured (n,)
        Of PACKET_DTYPE, decoded, with payload statistics.
    before : structured (k,)
        Up to 4 rows that precede them.

    Returns
    -------
    (int, int)
        Packets with a time before their predecessor's, and packets equal to one of the 4 rows
        before them and captured within 50 ms of it.
    """
    backwards = 0
    duplicates = 0
    known = len(before)
    for i in range(len(rows)):
        row = rows[i]
        if row["depth"] != 0:
            continue
        for back in range(1, min(REACH, i + known) + 1):
            other = rows[i - back] if i >= back else before[known + i - back]
            gap = row["time_ns"] - other["time_ns"]
            if back == 1 and gap < 0:
                backwards += 1
            if (
                row["skip"] == 0
                and other["skip"] == 0
                and (row["ip_id"] != 0 or row["payload_cap"] > 0)
                and -WITHIN_NS <= gap <= WITHIN_NS
                and _equal(row, other)
            ):
                duplicates += 1
                break
    return backwards, duplicates
