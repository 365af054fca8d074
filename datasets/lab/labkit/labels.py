"""Labels: from a scenario's rules to the concrete flows of a capture, and their checks."""

from __future__ import annotations

import ipaddress
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labkit.capture import Packet, tshark
from labkit.process import LabError
from labkit.scenario import Rule, Scenario

MANY_IDENTIFIERS = 16
ERRORS = (1, 3, 4, 11)  # unreachable, quench, too big, time exceeded (of ICMP and of ICMPv6)
NEIGHBOUR = (133, 134, 135, 136)


@dataclass(frozen=True)
class Flow:
    """One labelled flow; ends as the rule orders them, ports None where there are none."""

    proto: str
    a: str
    b: str
    a_port: int | None
    b_port: int | None
    icmp_id: int | None
    label: str
    tool: str

    def covers(self, packet: Packet) -> bool:
        """Say whether a packet, in either direction, belongs to this flow."""
        if packet.proto != self.proto:
            return False
        if self.icmp_id is not None and packet.icmp_id != self.icmp_id:
            return False
        if self.proto in ("icmp", "icmp6") and packet.icmp_type in ERRORS:
            return False  # errors that quote the flow are the network's own
        forth = (packet.src, packet.dst, packet.sport, packet.dport)
        back = (packet.dst, packet.src, packet.dport, packet.sport)
        return any(
            src == self.a
            and dst == self.b
            and self.a_port in (None, sport)
            and self.b_port in (None, dport)
            for src, dst, sport, dport in (forth, back)
        )


def _ends(rule: Rule, packet: Packet) -> tuple[str, str, int | None, int | None] | None:
    """Return the packet's ends in the rule's order, or None when the rule does not match."""
    forth = (packet.src, packet.dst, packet.sport, packet.dport)
    back = (packet.dst, packet.src, packet.dport, packet.sport)
    for a, b, a_port, b_port in (forth, back):
        if (
            rule.a in ("", a)
            and rule.b in ("", b)
            and rule.a_port in ("", str(a_port))
            and rule.b_port in ("", str(b_port))
        ):
            return a, b, a_port, b_port
    return None


def _resolve(rule: Rule, packets: Iterable[Packet], carrying: set[int] | None) -> list[Flow]:
    seen: dict[Flow, bool] = {}
    for packet in packets:
        if packet.proto != rule.proto or (rule.icmp_id and str(packet.icmp_id) != rule.icmp_id):
            continue
        if rule.proto in ("icmp", "icmp6") and packet.icmp_type in ERRORS + NEIGHBOUR:
            continue
        ends = _ends(rule, packet)
        if ends is None:
            continue
        a, b, a_port, b_port = ends
        flow = Flow(rule.proto, a, b, a_port, b_port, packet.icmp_id, rule.label, rule.tool)
        mirrored = replace(flow, a=b, b=a, a_port=b_port, b_port=a_port)
        if mirrored in seen:
            flow = mirrored
        hit = carrying is None or packet.number in carrying
        seen[flow] = seen.get(flow, False) or hit
    return [flow for flow, hit in seen.items() if hit]


def _merge_identifiers(flows: list[Flow]) -> list[Flow]:
    """Join the flows of a pair whose echo identifier is itself the channel."""
    count = Counter((f.proto, f.a, f.b) for f in flows if f.icmp_id is not None)
    wide = {key for key, n in count.items() if n > MANY_IDENTIFIERS}
    merged = [replace(f, icmp_id=None) if (f.proto, f.a, f.b) in wide else f for f in flows]
    return list(dict.fromkeys(merged))


def resolve(
    scenario: Scenario, env: Mapping[str, str], pcap: Path, packets: list[Packet]
) -> list[Flow]:
    """Find the concrete flows of a capture that the scenario's rules label.

    Raises
    ------
    LabError
        A rule matches fewer packets than it must.
    """
    found: list[Flow] = []
    for written in scenario.flows:
        fill: Callable[[str], str] = lambda text: scenario.fill(text, env)  # noqa: E731
        rule = replace(
            written, a=fill(written.a), b=fill(written.b), a_port=fill(written.a_port),
            b_port=fill(written.b_port), icmp_id=fill(written.icmp_id),
            carrying=fill(written.carrying), proto=fill(written.proto),
            label=fill(written.label), tool=fill(written.tool),
        )  # fmt: skip
        carrying = None
        if rule.carrying:
            carrying = {int(r[0]) for r in tshark(pcap, ("frame.number",), rule.carrying)}
        flows = _merge_identifiers(_resolve(rule, packets, carrying))
        matched = sum(any(flow.covers(p) for flow in flows) for p in packets)
        if matched < rule.least:
            raise LabError(f"{scenario.name}: {matched} packets match {rule}, want {rule.least}")
        found += [flow for flow in flows if flow not in found]
    return found


def dump(document: Mapping[str, Any]) -> str:
    """Return a label file's text, a flow a line."""
    body = {**document, "flows": []}
    flows = ",\n  ".join(json.dumps(flow) for flow in document["flows"])
    text = json.dumps(body, indent=1)
    return (
        text.replace('"flows": []', f'"flows": [\n  {flows}\n ]' if flows else '"flows": []', 1)
        + "\n"
    )


def count_flows(packets: Iterable[Packet]) -> int:
    """Count bidirectional flows: five-tuples, and echo identifiers."""
    keys = {
        (p.proto, *sorted(((p.src, p.sport or 0), (p.dst, p.dport or 0))), p.icmp_id)
        for p in packets
    }
    return len(keys)


def problems(document: Mapping[str, Any], pcap: Path, packets: list[Packet]) -> list[str]:
    """Return what is wrong with a capture and its labels; empty when all is well.

    Checks: no cut packets, private or reserved addresses only, good checksums, the number of
    labelled packets, each labelled flow with packets, packet times between start and stop.
    """
    out = []
    flows = [Flow(**flow) for flow in document["flows"]]
    if any(p.captured < p.length for p in packets):
        out.append("packets are cut")
    public = {
        address
        for p in packets
        for address in (p.src, p.dst)
        if p.proto != "vsock"
        and ipaddress.ip_address(address).is_global
        and not ipaddress.ip_address(address).is_multicast
    }
    if public:
        out.append(f"public address {min(public)}")
    labelled = sum(any(flow.covers(p) for flow in flows) for p in packets)
    if labelled != document["labelled_packets"]:
        out.append(f"{labelled} labelled packets, the file says {document['labelled_packets']}")
    empty = [flow for flow in flows if not any(flow.covers(p) for p in packets)]
    if empty:
        out.append(f"no packet of {empty[0]}")
    if document["packets"] != len(packets):
        out.append(f"{len(packets)} packets, the file says {document['packets']}")
    early, late = document["start"] - 2.0, document["stop"] + 2.0
    if packets and not (early <= packets[0].time and packets[-1].time <= late):
        out.append("packets outside the time of the run")
    bad = tshark(
        pcap,
        ("frame.number",),
        "(tcp.checksum.status==0 || udp.checksum.status==0 || ip.checksum.status==0)"
        " && !icmp && !icmpv6",
    )
    if bad and not document.get("odd_checksums"):
        out.append(f"{len(bad)} packets with a bad checksum, first {bad[0][0]}")
    return out
