"""What generated traffic must not give away: covert or benign, by fields that mean nothing.

A model is given link and network addresses, the time of day, the TTL's level, the source port and
the place in the file, of the first packet of each conversation, and asked what is covert. Which
protocol is spoken, and whether both ends are inside, does differ between channels and their twins,
and properly so; it is held equal by weights. Mixtures of other seeds are the judges.

Run: ``python -m nalpml.experiments.artefacts -o out/artefacts``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from nalpml.channels import BENIGN
from nalpml.generators import Generated, generate, training_mix
from nalpml.models.discriminator import cross_scores

__all__ = [
    "FIELDS", "VSOCK_FIELDS", "Finding", "fields", "main", "measure", "table", "vsock_fields",
]  # fmt: skip

F32 = npt.NDArray[np.float32]

FIELDS: dict[str, tuple[str, ...]] = {
    "link addresses": ("src_maker", "src_mac", "dst_maker", "dst_mac"),
    "network addresses": ("src_low", "dst_low"),
    "time": ("time",),
    "level of the TTL": ("ttl",),
    "source port": ("sport",),
    "place in the file": ("place",),
}
"""Fields by name; their columns are those of `fields`."""

VSOCK_FIELDS: dict[str, tuple[str, ...]] = {
    "context identifiers": ("src_cid", "dst_cid"),
    "time": ("time",),
    "source port": ("sport",),
    "buffer offered": ("buffer",),
    "place in the file": ("place",),
}
"""The same for VSOCK, which has no addresses of a link and no TTL."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How well one set of fields tells covert from benign; 0.5 is chance."""

    name: str
    auc: float
    permuted: float


def fields(made: Generated, *, most: int = 4) -> tuple[F32, npt.NDArray[np.bool_], list[str]]:
    """First packets of IP conversations between two hosts, as what should not matter.

    Parameters
    ----------
    made : Generated
    most : int
        Conversations taken of each profile.

    Returns
    -------
    X : float32 array [shape=(n, columns)]
    y : bool array [shape=(n,)]
        Whether it is covert.
    strata : list of str
        Protocol and which ends are inside.
    """
    labels, frames = made.labels, made.frames
    # Any of a profile's conversations: the earliest of many would be early for that alone.
    first = labels.drop_duplicates("conversation").sample(frac=1.0, random_state=1)
    rows, covert, strata = [], [], []
    taken: dict[str, int] = {}
    span = max(1, int(frames.time_ns[-1] - frames.time_ns[0]))
    columns = zip(first["packet"], first["label"], first["tool"], strict=True)
    for packet, label, tool in columns:
        at = int(frames.offsets[packet])
        head = frames.data[at : at + 60].tobytes()
        kind = head[12:14]
        if kind not in (b"\x08\x00", b"\x86\xdd") or taken.get(tool, 0) >= most:
            continue
        six = kind == b"\x86\xdd"
        proto, ttl = (head[20], head[21]) if six else (head[23], head[22])
        src, dst = (head[22:38], head[38:54]) if six else (head[26:30], head[30:34])
        if head[0] & 1 or (not six and head[14] != 0x45):
            continue  # to a group: a channel has one other end
        ports = head[54:58] if six else head[34:38]
        sport = int.from_bytes(ports[:2], "big") if proto in (6, 17) else 0
        # Servers that ask from their own port, as NTP's do, mean something by it.
        if sport and (sport < 1024 or ports[:2] == ports[2:]):
            continue
        taken[tool] = taken.get(tool, 0) + 1
        rows.append(
            (
                int.from_bytes(head[6:9], "big"),
                int.from_bytes(head[9:12], "big"),
                int.from_bytes(head[0:3], "big"),
                int.from_bytes(head[3:6], "big"),
                int.from_bytes(src[-2:], "big"),
                int.from_bytes(dst[-2:], "big"),
                (int(frames.time_ns[packet]) - int(frames.time_ns[0])) / span,
                # Hops are geography; what a system starts from is the level.
                next(level for level in (32, 64, 128, 255) if ttl <= level),
                sport,
                packet / len(labels),
            )
        )
        covert.append(label != BENIGN)
        strata.append(f"{proto} {six} {_inside(src)} {_inside(dst)}")
    return np.array(rows, np.float32), np.array(covert), strata


def vsock_fields(
    made: Generated, *, most: int = 12
) -> tuple[F32, npt.NDArray[np.bool_], list[str]]:
    """First packets of VSOCK conversations; as `fields`, with `VSOCK_FIELDS` as columns."""
    labels, frames = made.labels, made.frames
    first = labels.drop_duplicates("conversation").sample(frac=1.0, random_state=1)
    rows, covert, strata = [], [], []
    taken: dict[str, int] = {}
    span = max(1, int(frames.time_ns[-1] - frames.time_ns[0]))
    for packet, label, tool in zip(first["packet"], first["label"], first["tool"], strict=True):
        if taken.get(tool, 0) >= most:
            continue
        taken[tool] = taken.get(tool, 0) + 1
        head = frames.data[int(frames.offsets[packet]) :][:76].tobytes()
        src, dst = int.from_bytes(head[:8], "little"), int.from_bytes(head[8:16], "little")
        rows.append(
            (
                src,
                dst,
                (int(frames.time_ns[packet]) - int(frames.time_ns[0])) / span,
                int.from_bytes(head[16:20], "little"),
                int.from_bytes(head[68:72], "little"),
                packet / len(labels),
            )
        )
        covert.append(label != BENIGN)
        # Which of the two asks, and over which transport, is what a service is.
        strata.append(f"{min(src, 3)} {min(dst, 3)}")
    return np.array(rows, np.float32), np.array(covert), strata


def _inside(address: bytes) -> bool:
    if len(address) == 16:
        return address[0] in (0xFD, 0xFE) or address[:2] == b"\x20\x01"
    return address[0] == 10 or address[:2] in (b"\xc0\xa8", b"\xac\x10")


def _weights(y: npt.NDArray[np.bool_], strata: Sequence[str]) -> npt.NDArray[np.float64]:
    """Give both sides of every stratum the same weight, and none to strata of one side."""
    _, code = np.unique(np.array(strata), return_inverse=True)
    weight = np.zeros(len(y))
    for k in range(int(code.max()) + 1):
        sides = [(code == k) & (y == side) for side in (False, True)]
        total = min(side.sum() for side in sides)
        for side in sides:
            if total:
                weight[side] = total / side.sum()
    return weight


def measure(
    *,
    seed: int = 1,
    mixtures: int = 4,
    episodes: int = 1200,
    duration: float = 300.0,
    vsock: bool = False,
) -> list[Finding]:
    """Run the audit over mixtures such as models are trained on.

    Parameters
    ----------
    seed : int
        Of the first mixture; the others follow.
    mixtures, episodes : int
        How many, and how much in each.
    duration : float
        Seconds each lasts.
    vsock : bool
        Mixtures of VSOCK, and its fields.

    Returns
    -------
    list of Finding
        One a field, and one for all of them together.
    """
    given, read = (VSOCK_FIELDS, vsock_fields) if vsock else (FIELDS, fields)
    order = [column for columns in given.values() for column in columns]
    parts = []
    for k in range(mixtures):
        config = training_mix(episodes=episodes, duration=duration, hosts=120, vsock=vsock)
        parts.append(read(generate(config, seed=seed + k)))
    x = np.concatenate([p[0] for p in parts])
    y = np.concatenate([p[1] for p in parts])
    groups = np.repeat(np.arange(mixtures), [len(p[1]) for p in parts])
    weight = _weights(y, [s for p in parts for s in p[2]])
    keep = weight > 0
    x, y, groups, weight = x[keep], y[keep], groups[keep], weight[keep]
    shuffled = np.random.default_rng(seed).permutation(y)
    found = []
    for name, columns in (*given.items(), ("all of them", tuple(order))):
        index = [order.index(c) for c in columns]
        aucs = []
        for truth in (y, shuffled):
            scores = cross_scores(x[:, index], truth, groups, weight, seed=seed)
            aucs.append(float(roc_auc_score(truth, scores, sample_weight=weight)))
        found.append(Finding(name, aucs[0], aucs[1]))
    return found


def table(found: Sequence[Finding]) -> str:
    """Render findings as a Markdown table."""
    head = "| given only | AUC, covert against benign | labels permuted |\n|---|---|---|\n"
    return head + "".join(f"| {f.name} | {f.auc:.3f} | {f.permuted:.3f} |\n" for f in found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the audit from the command line; print the table."""
    parser = argparse.ArgumentParser(prog="nalpml.experiments.artefacts", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    text = table(measure(seed=given.seed))
    text += "\nVSOCK:\n\n" + table(measure(seed=given.seed, episodes=300, mixtures=16, vsock=True))
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / "artefacts.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
