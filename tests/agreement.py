"""Decoded packets side by side with tshark's, by link type: writes ``docs/agreement.md``.

``NALPML_SHARED=FOLDER python -m tests.agreement`` takes up to 20 captures of each link type under
the folder and one of crafted frames, and compares addresses, protocol, ports and payload lengths of
the outermost packet. Every difference must have a reason from `REASONS`, which is checked on the
packet itself; one without makes the program fail.
"""

from __future__ import annotations

import collections
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nalpml.capture.address import address_text
from nalpml.capture.formats import open_walker
from nalpml.capture.packets import SKIP_REASONS
from nalpml.capture.reader import read
from nalpml.channels import VSOCK
from nalpml.errors import CaptureError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "agreement.md"
FILES, SIZE = 20, 200_000
"""Captures of a link type, and octets of one, at the most."""

NAMES = {
    0: "BSD loopback", 1: "Ethernet", 9: "PPP", 12: "raw IP", 14: "raw IP", 50: "PPP in HDLC",
    101: "raw IP", 104: "Cisco HDLC", 105: "802.11", 108: "OpenBSD loopback", 113: "Linux cooked",
    127: "802.11 with radiotap", 228: "IPv4", 229: "IPv6", 271: "VSOCK monitor",
    276: "Linux cooked 2",
}  # fmt: skip

FIELDS = [
    "frame.number", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto",
    "ipv6.nxt", "ipv6.hopopts.nxt", "ipv6.routing.nxt", "ipv6.dstopts.nxt", "ipv6.fraghdr.nxt",
    "ah.next_header", "mip6.proto", "tcp.srcport", "tcp.dstport",
    "udp.srcport", "udp.dstport", "tcp.len",
    "udp.length", "vsock.src_cid", "vsock.dst_cid", "vsock.src_port", "vsock.dst_port",
    "vsock.virtio.len", "ip.frag_offset", "ipv6.fraghdr.offset", "_ws.malformed", "_ws.short",
]  # fmt: skip

EXTENSIONS = {
    "0": "ipv6.hopopts.nxt", "43": "ipv6.routing.nxt", "60": "ipv6.dstopts.nxt",
    "44": "ipv6.fraghdr.nxt", "51": "ah.next_header", "135": "mip6.proto",
}  # fmt: skip

WITHIN_PPP = ("ppp:mpls", "ppp:chdlc")

Fields = dict[str, list[str]]

REASONS = {
    "tshark shows no IP": "nalpml decodes what tshark's dissector leaves as data or takes for "
    "another protocol before it comes to IP",
    **{
        text: f"refused by nalpml, and counted: {text}; tshark shows what can be seen"
        for text in SKIP_REASONS[1:]
    },
    "malformed for tshark too": "tshark marks the packet as malformed or cut short and shows the "
    "fields up to there",
    "within PPP": "refused by nalpml, and counted as not IP: MPLS labels and Cisco HDLC are not "
    "opened within PPP",
    "first fragment": "of the first fragment of a datagram nalpml takes what is in it; UDP's own "
    "length is that of the whole datagram",
    "later fragment": "a later fragment has no transport header; tshark repeats none, or that of "
    "the reassembled packet",
}


def tshark(path: Path) -> list[Fields]:
    """Every field of every packet, in order of the layers."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|", "-E"]
    command += ["aggregator=;", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"]
    command += ["-o", "tcp.desegment_tcp_streams:FALSE", "-o", "ip.use_geoip:FALSE"]
    command += [word for field in FIELDS for word in ("-e", field)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = []
    for line in done.stdout.splitlines():
        values = [v.split(";") if v else [] for v in line.split("|")]
        rows.append(dict(zip(FIELDS, values, strict=True)))
    return rows


def first(fields: Fields, name: str) -> str:
    return fields[name][0] if fields[name] else ""


def outermost(fields: Fields) -> dict[str, str]:
    """What tshark says about the outermost packet."""
    layers = first(fields, "frame.protocols").split(":")
    if "vsock" in layers:
        return {
            "src": first(fields, "vsock.src_cid"), "dst": first(fields, "vsock.dst_cid"),
            "sport": first(fields, "vsock.src_port"), "dport": first(fields, "vsock.dst_port"),
            "proto": str(VSOCK), "payload": first(fields, "vsock.virtio.len"),
        }  # fmt: skip
    version = next((layer for layer in layers if layer in ("ip", "ipv6")), "")
    if not version:
        return {}
    found = {"src": first(fields, f"{version}.src"), "dst": first(fields, f"{version}.dst")}
    if version == "ip":
        proto = first(fields, "ip.proto")
    else:
        chain = {name: list(fields[name]) for name in EXTENSIONS.values()}
        proto = first(fields, "ipv6.nxt")
        while proto in EXTENSIONS and chain[EXTENSIONS[proto]]:
            proto = chain[EXTENSIONS[proto]].pop(0)
    found["proto"] = proto
    name = {"6": "tcp", "17": "udp"}.get(proto)
    if name and name in layers:
        found["sport"] = first(fields, f"{name}.srcport")
        found["dport"] = first(fields, f"{name}.dstport")
        length = first(fields, "tcp.len" if name == "tcp" else "udp.length")
        if length:
            found["payload"] = length if name == "tcp" else str(int(length) - 8)
    return found


def ours(path: Path) -> list[dict[str, Any]]:
    """The same from nalpml, a row a frame."""
    rows = read(path).rows
    rows = rows[rows["depth"] == 0]
    is_vsock = rows["proto"] == VSOCK
    columns = {
        "src": address_text(rows["src_hi"], rows["src_lo"], is_vsock),
        "dst": address_text(rows["dst_hi"], rows["dst_lo"], is_vsock),
        "sport": rows["sport"], "dport": rows["dport"], "proto": rows["proto"],
        "payload": rows["payload_len"], "skip": rows["skip"], "frag": rows["ip_frag"] & 0x1FFF,
        "more": rows["ip_frag"] & 0x2000,
        "ip_len": rows["ip_len"],
    }  # fmt: skip
    return [{k: v[i] for k, v in columns.items()} for i in range(len(rows))]


def reason(mine: dict[str, Any], theirs: dict[str, str], fields: Fields, name: str) -> str:
    """Why a packet differs; empty where nothing here explains it."""
    if mine["skip"] and any(w in first(fields, "frame.protocols") for w in WITHIN_PPP):
        return "within PPP"
    if mine["skip"]:
        return SKIP_REASONS[mine["skip"]]
    if fields["_ws.malformed"] or fields["_ws.short"]:
        return "malformed for tshark too"
    if not theirs:
        return "tshark shows no IP"
    if mine["frag"] and name in ("sport", "dport", "payload"):
        return "later fragment"
    if mine["more"] and name == "payload":
        return "first fragment"
    return ""


def compare(path: Path) -> Iterator[tuple[str, str, int]]:
    """Differences of a capture: (field, reason, frame number); and ("", "", frame) where equal."""
    for number, (mine, fields) in enumerate(zip(ours(path), tshark(path), strict=True), 1):
        theirs = outermost(fields)
        if mine["skip"] and not theirs:
            yield "", "both none", number
            continue
        different = [k for k, v in theirs.items() if v and str(mine[k]) != v]
        if not theirs or (mine["skip"] and different):
            different = ["packet"]
        if not different:
            yield "", "equal", number
        for name in different:
            yield name, reason(mine, theirs, fields, name), number


def link_types(path: Path) -> set[int]:
    octets = np.fromfile(path, np.uint8)
    try:
        records = open_walker(octets, path.name).take(octets, 1 << 18, final=True)
    except CaptureError:
        return set()
    return set(records.links.tolist())


def crafted(folder: Path) -> list[Path]:
    """A capture for each link type of the decoder's tests."""
    from tests.fuzz.mutate import pcap
    from tests.unit.kernels.test_decode import LINKS

    frames: dict[int, list[bytes]] = collections.defaultdict(list)
    for link, frame in LINKS.values():
        frames[link].append(bytes(frame))
    paths = []
    for link, made in frames.items():
        paths.append(folder / f"crafted-{link}.pcap")
        paths[-1].write_bytes(pcap(link, made))
    return paths


def sample(shared: Path) -> dict[int, list[Path]]:
    """Captures by link type, of all sizes; those of several types are left out."""
    found: dict[int, list[Path]] = collections.defaultdict(list)
    files = [p for p in shared.rglob("*") if p.suffix in (".pcap", ".pcapng", ".cap")]
    for path in sorted(files, key=lambda p: (p.stat().st_size, p.name)):
        if path.stat().st_size <= SIZE and "robustness" not in path.parts:
            links = link_types(path)
            if len(links) == 1:
                found[min(links)].append(path)
    return {link: paths[:: -(-len(paths) // FILES)] for link, paths in found.items()}


def main() -> int:
    shared = Path(os.environ["NALPML_SHARED"])
    rows, reasons, unknown = [], collections.Counter[tuple[str, str]](), []
    with tempfile.TemporaryDirectory() as folder:
        files = sample(shared)
        for path in crafted(Path(folder)):
            files.setdefault(int(path.stem.split("-")[1]), []).append(path)
        for link in sorted(files):
            counts = collections.Counter[str]()
            for path in files[link]:
                for name, why, number in compare(path):
                    if name:
                        counts["differ"] += 1
                        reasons[name, why] += 1
                        if not why:
                            unknown.append(f"{path.name} frame {number}: {name}")
                    else:
                        counts[why] += 1
            rows.append(
                f"| {link} | {NAMES.get(link, 'other')} | {len(files[link])} | {counts['equal']:,} "
                f"| {counts['both none']:,} | {counts['differ']:,} |"
            )
    sys.stdout.write("\n".join([*rows, *unknown[:40], f"{len(unknown)} not explained", ""]))
    write(rows, reasons)
    return min(len(unknown), 1)


def write(rows: list[str], reasons: collections.Counter[tuple[str, str]]) -> None:
    version = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True)
    lines = [
        "# Agreement with tshark",
        "",
        "Written by `python -m tests.agreement` ("
        + version.stdout.split(".\n")[0].split(" (Git")[0]
        + "): up to "
        f"{FILES} public and lab captures of each link type and one of crafted frames. Compared "
        "are both addresses, protocol, ports and payload length of the outermost packet, as far "
        "as tshark shows them.",
        "",
        "| link type | name | captures | packets equal | no IP for both | differences |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "Every difference has one of these reasons, tested on the packet itself:",
        "",
        "| field | differences | reason |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {count:,} | {REASONS.get(why, 'not explained')} |"
        for (name, why), count in sorted(reasons.items())
    ]
    PAGE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
