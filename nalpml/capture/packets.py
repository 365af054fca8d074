"""The packet table: one row a packet, every column with a dtype and a unit.

A packet inside another (GRE, IP in IP, VXLAN, GTP-U, Teredo) has a row of its own behind that of
its outer packet: both have the same ``index``, and ``depth`` tells them apart.

The rows are one structured array, so that decoding writes a packet in one place and putting
packets into flow order is one take; ``table["ttl"]`` is a column. Payload *statistics* stand
in the row, so the raw buffer can be let go while a capture streams through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..channels import VSOCK

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS", "PACKET_DTYPE", "SKIP_REASONS", "TUNNELS", "DecodeReport", "PacketTable",
]  # fmt: skip

# name: (dtype, unit, what it is)
_COLUMNS: dict[str, tuple[str, str, str]] = {
    "index": (
        "i8",
        "1",
        "frame number in the capture, from 0; inner packets have their frame's",
    ),
    "time_ns": ("i8", "ns", "capture time since the epoch"),
    "src_hi": ("u8", "1", "source address, upper half; IPv4 as ::ffff:a.b.c.d, VSOCK CID below"),
    "src_lo": ("u8", "1", "source address, lower half"),
    "dst_hi": ("u8", "1", "destination address, upper half"),
    "dst_lo": ("u8", "1", "destination address, lower half"),
    "payload_off": ("i8", "octet", "offset of the payload in the buffer of its chunk"),
    "payload_hash": ("u8", "1", "hash of the payload (length, first 144 and last 32 octets)"),
    "tail_hash": ("u8", "1", "the same without the first 16 octets, where pings keep the time"),
    "prefix_hi": ("u8", "1", "first 8 octets of the payload, big-endian, zero filled"),
    "prefix_lo": ("u8", "1", "octets 8-15 of the payload"),
    "sport": ("u4", "1", "source port; 0 where there is none"),
    "dport": ("u4", "1", "destination port"),
    "frame_len": ("u4", "octet", "length on the wire"),
    "frame_cap": ("u4", "octet", "captured length"),
    "ip_len": ("u4", "octet", "IP packet length from its header; VSOCK: payload octets"),
    "payload_len": ("u4", "octet", "transport payload length from the headers"),
    "payload_cap": ("u4", "octet", "captured share of it"),
    "flow_label": ("u4", "1", "IPv6 flow label"),
    "tcp_seq": ("u4", "1", "TCP sequence number; VSOCK: buffer space of the sender"),
    "tcp_ack": ("u4", "1", "TCP acknowledgement number; VSOCK: octets that the sender read"),
    "tcp_tsval": ("u4", "1", "TCP timestamp value; 0 where there is none"),
    "entropy": ("f4", "bit", "Shannon entropy of payload octets; NaN without payload"),
    "delta_entropy": ("f4", "bit", "entropy of differences of neighbouring payload octets"),
    "serial_corr": ("f4", "1", "lag-1 serial correlation of payload octets"),
    "chi_square": ("f4", "1", "chi-square of payload octets against uniform; NaN without payload"),
    "proto": ("u2", "1", "IANA protocol number; 256 is VSOCK"),
    "ip_id": ("u2", "1", "IPv4 identification; lower half of that of an IPv6 fragment"),
    "ip_frag": ("u2", "1", "IPv4 flags and fragment offset, or the same of an IPv6 fragment"),
    "tcp_flags": ("u2", "1", "reserved, NS and the eight TCP flags"),
    "tcp_window": ("u2", "1", "TCP window as sent; VSOCK: flags"),
    "tcp_urgent": ("u2", "1", "TCP urgent pointer"),
    "icmp_id": ("u2", "1", "ICMP echo identifier"),
    "icmp_seq": ("u2", "1", "ICMP echo sequence number"),
    "distinct": ("u2", "1", "distinct octet values in the payload"),
    "zeros": ("u2", "octet", "zero octets among those examined"),
    "printable": ("u2", "octet", "printable ASCII octets, tab and line ends included"),
    "base64": ("u2", "octet", "octets of the base64 alphabet"),
    "hex": ("u2", "octet", "octets that are hexadecimal digits"),
    "high": ("u2", "octet", "octets of 0x80 and above"),
    "ramp": ("u2", "octet", "longest run in which each octet is its predecessor plus one"),
    "repeat": ("u2", "octet", "longest run of one octet value"),
    "copied": (
        "u2",
        "octet",
        "octets of the first 256 that copy earlier ones, in fours or more",
    ),
    "ip_version": ("u1", "1", "4, 6, or 0"),
    "ttl": ("u1", "1", "time to live or hop limit"),
    "tos": ("u1", "1", "type of service or traffic class"),
    "tcp_header": ("u1", "octet", "TCP header length"),
    "icmp_type": ("u1", "1", "ICMP type; VSOCK: operation of the monitor header"),
    "icmp_code": ("u1", "1", "ICMP code; VSOCK: operation of the virtio header"),
    "app": ("u1", "1", "application protocol recognised in the payload; 0 none"),
    "inner_ip": ("u1", "1", "1 + offset in the payload of a plausible IP packet; 0 none"),
    "checksum": (
        "u1",
        "1",
        "ICMP checksum: 0 not checked, 1 right, 2 wrong; UDP: 3 absent; other protocols' body: "
        "4 as announced, 5 not",
    ),
    "direction": ("u1", "1", "0 originator to responder, 1 back; set when windows are assigned"),
    "role": ("u1", "1", "1 ICMP error that joined the flow it quotes; 2 later fragment"),
    "depth": ("u1", "1", "packets around this one: 0 outermost, at most 4"),
    "tunnel": ("u1", "1", "how the packet around this one carries it: a place in TUNNELS"),
    "skip": ("u1", "1", "0 decoded, else an index into SKIP_REASONS"),
}

COLUMNS: Mapping[str, tuple[str, str, str]] = MappingProxyType(_COLUMNS)
"""Column name -> (dtype, unit, meaning)."""

PACKET_DTYPE = np.dtype([(name, spec[0]) for name, spec in _COLUMNS.items()], align=True)

SKIP_REASONS = (
    "decoded",
    "not IP",
    "truncated before the transport header",
    "malformed link layer",
    "malformed IP header",
    "malformed transport header",
    "unsupported link type",
)


TUNNELS = ("", "ipip", "6in4", "gre", "vxlan", "gtp", "teredo")
"""Encapsulations whose inner packets are decoded."""


@dataclass(frozen=True, slots=True)
class DecodeReport:
    """What happened to every packet of a capture.

    Packets read are packets in flows plus packets skipped; inner packets come on top.

    Attributes
    ----------
    source : str
        Name of the capture.
    packets : int
        Packets read.
    skipped : mapping of str to int
        Packets that are in no flow, by reason.
    truncated : int
        Packets cut by the snap length (decoded all the same).
    backwards : int
        Packets with a time before their predecessor's.
    duplicates : int
        Packets that equal one of the four rows before them, in headers and payload hash, and
        came within 50 ms of it (IPv4 without identification and IPv6: only with payload).
    inner : int
        Packets inside others that were decoded, each in a row of its own.
    unread : int
        Packets inside others that were announced and could not be decoded.
    damage : str
        Why reading ended before the end of the file; empty when it did not.
    """

    source: str = ""
    packets: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    truncated: int = 0
    backwards: int = 0
    duplicates: int = 0
    inner: int = 0
    unread: int = 0
    damage: str = ""

    @property
    def decoded(self) -> int:
        """Packets that go into flows, inner ones not counted."""
        return self.packets - sum(self.skipped.values())

    def merge(self, other: DecodeReport) -> DecodeReport:
        """Add the counts of a later chunk of the same capture."""
        skipped = dict(self.skipped)
        for reason, count in other.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
        return DecodeReport(
            source=self.source or other.source,
            packets=self.packets + other.packets,
            skipped=skipped,
            truncated=self.truncated + other.truncated,
            backwards=self.backwards + other.backwards,
            duplicates=self.duplicates + other.duplicates,
            inner=self.inner + other.inner,
            unread=self.unread + other.unread,
            damage=self.damage or other.damage,
        )

    def __str__(self) -> str:
        parts = [f"{self.source}: {self.packets} packets, {self.decoded} decoded"]
        parts += [f"{count} {reason}" for reason, count in sorted(self.skipped.items()) if count]
        notes = {
            "inside others": self.inner,
            "inside others unreadable": self.unread,
            "cut by the snap length": self.truncated,
            "earlier than their predecessor": self.backwards,
            "duplicates": self.duplicates,
        }
        parts += [f"{count} {text}" for text, count in notes.items() if count]
        if self.damage:
            parts.append(self.damage)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class PacketTable:
    """Packets as columns.

    Parameters
    ----------
    rows : structured array (n,)
        Of `PACKET_DTYPE`; see `COLUMNS` for units.
    buffer : uint8 (k,)
        The octets that ``payload_off`` points into; empty once they were let go.
    report : DecodeReport
        Where every packet went.
    """

    rows: NDArray[Any]
    buffer: NDArray[np.uint8]
    report: DecodeReport

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self.rows[name]
        return column

    def payload(self, row: int) -> bytes:
        """Return the captured payload of one packet.

        Parameters
        ----------
        row : int
            Row number in this table.

        Returns
        -------
        bytes
            ``payload_cap`` octets.
        """
        start = int(self.rows["payload_off"][row])
        return self.buffer[start : start + int(self.rows["payload_cap"][row])].tobytes()

    def to_frame(self) -> pd.DataFrame:
        """Return a DataFrame for looking at: readable time, addresses and protocol first.

        Returns
        -------
        pandas.DataFrame
            One row a packet; columns as in `COLUMNS` without the address halves.
        """
        import pandas as pd

        from .address import address_text, proto_text

        rows = self.rows
        is_vsock = rows["proto"] == VSOCK
        columns: dict[str, Any] = {
            "time": pd.to_datetime(rows["time_ns"], utc=True),
            "proto": proto_text(rows["proto"]),
            "src": address_text(rows["src_hi"], rows["src_lo"], is_vsock),
            "dst": address_text(rows["dst_hi"], rows["dst_lo"], is_vsock),
        }
        for name in COLUMNS:
            if not name.endswith(("_hi", "_lo")) and name not in ("proto", "payload_off"):
                columns[name] = np.ascontiguousarray(rows[name])
        return pd.DataFrame(columns)
