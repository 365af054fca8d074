"""Path emulation: netem where the kernel has it, else a small relay in user space."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from labkit.process import LabError, command, inside

SOURCE = Path(__file__).with_name("linkem.c")


@dataclass(frozen=True)
class LinkPath:
    """A path between the router and the servers, the same both ways.

    Attributes
    ----------
    delay_ms, jitter_ms
        One-way delay and the standard deviation of its normal jitter, milliseconds.
    loss_pct
        Independent loss, percent of frames each way.
    rate_kbit
        Bottleneck, kbit/s; 0 for none.
    reorder
        Whether jitter may reorder frames.
    """

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss_pct: float = 0.0
    rate_kbit: float = 0.0
    reorder: bool = False


@cache
def has_netem() -> bool:
    """Say whether this kernel has netem (tried on the loopback of a throw-away namespace)."""
    probe = f"nlprobe{os.getpid()}"
    command("ip", "netns", "add", probe)
    try:
        inside(probe, "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms")
    except LabError:
        return False
    finally:
        with contextlib.suppress(LabError):
            command("ip", "netns", "del", probe)
    return True


@cache
def relay_binary(build: Path) -> Path:
    """Compile the relay once and return the program."""
    binary = build / "linkem"
    command("gcc", "-O2", "-Wall", "-o", binary, SOURCE, "-lm")
    return binary


def netem_arguments(path: LinkPath) -> list[str]:
    """Return the arguments of ``tc qdisc ... netem`` for a path."""
    out = ["delay", f"{path.delay_ms}ms"]
    if path.jitter_ms:
        out += [f"{path.jitter_ms}ms", "distribution", "normal"]
    if path.loss_pct:
        out += ["loss", f"{path.loss_pct}%"]
    if path.rate_kbit:
        out += ["rate", f"{path.rate_kbit:.0f}kbit"]
    return out


def relay_arguments(path: LinkPath, seed: int) -> list[str]:
    """Return the relay's arguments after the two interface names."""
    numbers = (path.delay_ms, path.jitter_ms, path.loss_pct, path.rate_kbit)
    return [*(f"{n:g}" for n in numbers), str(int(path.reorder)), str(seed)]
