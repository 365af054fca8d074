"""Capturing with tcpdump, reading back with tshark."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from labkit.process import LabError, Program, command, start

LIMIT = 6000  # packets; a scenario that makes more is cut here, bulk is not what we need
SNAP = 9216  # octets, far above the lab's MTU

FIELDS = (
    "frame.number", "eth.type", "frame.len", "frame.cap_len", "ip.src", "ip.dst", "ipv6.src",
    "ipv6.dst", "ip.proto", "ipv6.nxt", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport",
    "icmp.type", "icmp.ident", "icmpv6.type", "icmpv6.echo.identifier", "frame.time_epoch",
    "vsock.src_cid", "vsock.dst_cid", "vsock.src_port", "vsock.dst_port",
)  # fmt: skip
# Ports of what travels inside a tunnel, or of what an ICMP error quotes, are not the packet's own.
OPTIONS = (
    "-o", "ip.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE",
    "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
    "-o", "udp.check_checksum:TRUE",
)  # fmt: skip


@dataclass(frozen=True)
class Packet:
    """What the labels need of one packet; ICMP carries its echo identifier or None."""

    number: int
    length: int
    captured: int
    src: str
    dst: str
    proto: str
    sport: int | None
    dport: int | None
    icmp_type: int | None
    icmp_id: int | None
    time: float


def begin(namespace: str, interface: str, pcap: Path, work: Path) -> Program:
    """Start tcpdump and return when it listens."""
    pcap.unlink(missing_ok=True)
    # No frame is longer than SNAP here; a small slot makes tcpdump's ring deep.
    argv = [
        "tcpdump", "--immediate-mode", "-i", interface, "-s", str(SNAP), "-U", "-n", "-Z", "root",
        "-B", "16384", "-c", str(LIMIT), "-w", str(pcap),
    ]  # fmt: skip
    program = start(namespace, argv, work / "tcpdump.log", work, os.environ)
    end = time.monotonic() + 10
    while "listening on" not in program.output():
        if time.monotonic() > end:
            raise LabError(f"tcpdump does not listen: {program.output().strip()[-200:]}")
        time.sleep(0.05)
    time.sleep(0.2)
    return program


def finish(program: Program) -> None:
    """Stop tcpdump, late enough for the last packets to be in the file."""
    time.sleep(1.3)
    program.stop(signal.SIGINT, 5.0)
    if "0 packets dropped by kernel" not in program.output():
        raise LabError("tcpdump dropped packets, the capture is not complete")


def tshark(pcap: Path, fields: tuple[str, ...], display_filter: str = "") -> list[list[str]]:
    """Return fields of the packets that a display filter selects, first occurrence each.

    Raises
    ------
    LabError
        tshark refuses the filter or the file.
    """
    argv = ["tshark", "-n", "-r", str(pcap), *OPTIONS, "-T", "fields", "-E", "occurrence=f"]
    for name in fields:
        argv += ["-e", name]
    if display_filter:
        argv += ["-Y", display_filter]
    rows = command(*argv).splitlines()
    return [(row.split("\t") + [""] * len(fields))[: len(fields)] for row in rows]


def _number(text: str) -> int | None:
    return int(text, 0) if text else None


def _vsock(value: dict[str, str]) -> Packet:
    return Packet(
        int(value["frame.number"]), int(value["frame.len"]), int(value["frame.cap_len"]),
        value["vsock.src_cid"], value["vsock.dst_cid"], "vsock",
        _number(value["vsock.src_port"]), _number(value["vsock.dst_port"]), None, None,
        float(value["frame.time_epoch"]),
    )  # fmt: skip


def packets(pcap: Path) -> list[Packet]:
    """Read a capture's IP packets."""
    found = []
    for row in tshark(pcap, FIELDS):
        value = dict(zip(FIELDS, row, strict=True))
        if value["vsock.src_cid"]:
            found.append(_vsock(value))
            continue
        outer = {0x0800: "ip", 0x86DD: "ipv6"}.get(int(value["eth.type"] or "0", 0))
        if outer is None:
            continue
        src, dst = value[f"{outer}.src"], value[f"{outer}.dst"]
        number = value["ip.proto" if outer == "ip" else "ipv6.nxt"]
        proto = {"1": "icmp", "58": "icmp6", "17": "udp", "6": "tcp"}.get(number, number)
        kind, sport, dport = None, None, None
        if proto in ("icmp", "icmp6"):
            kind = _number(value["icmp.type"] or value["icmpv6.type"])
        elif proto in ("tcp", "udp"):
            sport = _number(value[f"{proto}.srcport"])
            dport = _number(value[f"{proto}.dstport"])
        echo = kind in {"icmp": (0, 8), "icmp6": (128, 129)}.get(proto, ())
        ident = value["icmp.ident"] or value["icmpv6.echo.identifier"] if echo else ""
        found.append(
            Packet(
                int(value["frame.number"]),
                int(value["frame.len"]),
                int(value["frame.cap_len"]),
                src,
                dst,
                proto,
                sport,
                dport,
                kind,
                _number(ident),
                float(value["frame.time_epoch"]),
            )
        )
    return found
