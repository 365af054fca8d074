"""How fast labelled traffic is made: ``python -m benchmarks.crafting`` writes a part of README.md.

nalpml generates a mixture: it draws hosts, times and contents, lets the network have its way,
serialises and labels. scapy then crafts packets of that mixture from their fields, which it is
given ready-made, and only its constructors and its building of octets are timed. What it builds
must be the same octets, or the run fails. Alternating rounds, CPU seconds of one thread.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nalpml.generators import Entry, Generated, MixConfig, generate

README = Path(__file__).resolve().parent / "README.md"
BEGIN, END = "<!-- crafting: begin -->", "<!-- crafting: end -->"
PROFILES = (
    "tls.web", "tls.api", "http.api", "dns.client", "ping.linux", "ssh.interactive", "smb.files",
    "database.postgres", "vpn.wireguard", "icmp_tunnel.random", "tcp_c2.random", "udp_c2.random",
)  # fmt: skip

_FIELDS = {
    "IP": ("src", "dst", "ttl", "id", "flags", "tos"),
    "IPv6": ("src", "dst", "hlim", "fl", "tc"),
    "TCP": ("sport", "dport", "seq", "ack", "flags", "window", "urgptr", "options"),
    "UDP": ("sport", "dport"),
    "ICMP": ("type", "code", "id", "seq"),
}

Craft = Callable[[], bytes]


def mixture(episodes: int) -> MixConfig:
    """Web, names, pings, shells, files, private protocols and three kinds of channels."""
    entry = tuple(Entry(profile=name, weight=1.0) for name in PROFILES)
    return MixConfig(name="crafting", entry=entry, episodes=episodes, duration=600, hosts=200)


def _craft(layers: list[tuple[type, dict[str, Any]]], raw: type, load: bytes) -> bytes:
    (link, a), (network, b), (transport, c) = layers
    packet = link(**a) / network(**b) / transport(**c)
    return bytes(packet / raw(load) if load else packet)


def recipes(made: Generated, count: int, seed: int) -> list[tuple[Craft, bytes]]:
    """How scapy crafts some packets of a mixture, and the octets each must become."""
    from scapy.layers.inet import ICMP, IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether
    from scapy.packet import Raw

    frames = made.frames
    out: list[tuple[Craft, bytes]] = []
    rng = np.random.default_rng(seed)
    for i in rng.permutation(len(frames)).tolist():
        octets = frames.data[frames.offsets[i] : frames.offsets[i + 1]].tobytes()
        # Padding and fragments are other work; ICMPv6 has a class for every type.
        if octets[12:14] == b"\x08\0":
            size, proto, head = int.from_bytes(octets[16:18], "big"), octets[23], 34
            if int.from_bytes(octets[20:22], "big") & 0x3FFF:
                continue
        else:
            size, proto, head = int.from_bytes(octets[18:20], "big") + 40, octets[20], 54
        if size + 14 != len(octets) or proto not in (1, 6, 17):
            continue
        parsed = (IP if head == 34 else IPv6)(octets[14:])
        kind = {1: ICMP, 6: TCP, 17: UDP}[proto]
        layers = [
            (Ether, {"src": _mac(octets[6:12]), "dst": _mac(octets[:6])}),
            (
                type(parsed),
                {name: getattr(parsed, name) for name in _FIELDS[type(parsed).__name__]},
            ),
            (kind, {name: getattr(parsed[kind], name) for name in _FIELDS[kind.__name__]}),
        ]
        load = octets[
            head + {1: 8, 6: octets[min(head + 12, len(octets) - 1)] >> 4 << 2, 17: 8}[proto] :
        ]
        craft = partial(_craft, layers, Raw, load)
        if craft() != octets:
            continue  # a list of options that scapy pads in its own way
        out.append((craft, octets))
        if len(out) == count:
            break
    if len(out) < count:
        raise SystemExit(f"scapy built {len(out)} of {count} packets as they are")
    return out


def _mac(octets: bytes) -> str:
    return ":".join(f"{o:02x}" for o in octets)


def _timed(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> None:
    """Measure, and put the result between the marks in README.md."""
    parser = argparse.ArgumentParser(prog="benchmarks.crafting", description=__doc__)
    parser.add_argument("--episodes", type=int, default=3000)
    parser.add_argument("--crafted", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    config = mixture(given.episodes)
    generate(mixture(24), seed=2)
    made = generate(config, seed=1)
    crafts = [craft for craft, _ in recipes(made, given.crafted, 1)]
    ours, theirs = [], []
    for _ in range(given.rounds):
        ours.append(len(made.frames) / _timed(lambda: generate(config, seed=1)))
        theirs.append(len(crafts) / _timed(lambda: [craft() for craft in crafts]))
    rate, other = statistics.median(ours), statistics.median(theirs)
    day = datetime.datetime.now(tz=datetime.UTC).date()
    lines = [
        BEGIN,
        "## Making traffic",
        "",
        f"Written by `python -m benchmarks.crafting` on {day}; "
        f"{platform.machine()}, Python {platform.python_version()}, load average "
        f"{os.getloadavg()[0]:.1f}. {len(PROFILES)} kinds of traffic (`crafting.py`), one thread, "
        f"medians of {given.rounds} alternating rounds.",
        "",
        "| program | packets | packets / CPU s | times scapy |",
        "|---|---|---|---|",
        f"| nalpml: drawn, sent through the network, serialised, labelled | {len(made.frames):,} "
        f"| {rate:,.0f} | {rate / other:.0f} |",
        f"| scapy: the same packets from fields given to it | {len(crafts):,} | {other:,.0f} | 1 |",
        END,
    ]
    text = README.read_text(encoding="utf-8")
    part = "\n".join(lines)
    if BEGIN in text:
        text = text[: text.index(BEGIN)] + part + text[text.index(END) + len(END) :]
    else:
        text = text.rstrip("\n") + "\n\n" + part + "\n"
    README.write_text(text, encoding="utf-8")
    print(part)


if __name__ == "__main__":
    main()
