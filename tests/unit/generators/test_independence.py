"""The same octets in another process, and of each profile whatever else is there."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from nalpml.generators import PROFILES, Entry, Generated, MixConfig, generate
from nalpml.generators.mix import mix

NAMES = ("tls.web", "tcp_c2.random", "udp_c2.ports", "icmp_tunnel.random", "bare.printer")
PROGRAM = """
import sys
from nalpml.generators import Entry, MixConfig, generate
entry = tuple(Entry(profile=n, count=2) for n in sys.argv[1:])
print(generate(MixConfig(entry=entry, duration=30, hosts=8), seed=7).card["sha256"])
"""


def _mixture(*names: str) -> MixConfig:
    entry = tuple(Entry(profile=n, count=2) for n in names)
    return MixConfig(entry=entry, duration=30, hosts=8)


def test_another_process_makes_the_same_octets() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[3])
    made = subprocess.run(
        [sys.executable, "-c", PROGRAM, *NAMES],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert made.stdout.strip() == generate(_mixture(*NAMES), seed=7).card["sha256"]


def _of(made: Generated, tool: str) -> list[tuple[int, bytes]]:
    frames = made.frames
    return [
        (int(frames.time_ns[i]), frames.data[frames.offsets[i] : frames.offsets[i + 1]].tobytes())
        for i in np.flatnonzero((made.labels["tool"] == tool).to_numpy()).tolist()
    ]


def test_another_profile_changes_no_others_octets() -> None:
    without = generate(_mixture(*NAMES), seed=7)
    new = dataclasses.replace(PROFILES["dns.client"], name="aaa.new")
    config = _mixture("aaa.new", *NAMES)
    within = mix(config, {"aaa.new": new, **PROFILES}, seed=7)
    assert _of(within, "aaa.new")
    for name in NAMES:
        assert _of(within, name) == _of(without, name), name
