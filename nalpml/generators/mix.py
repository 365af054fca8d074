"""Mixtures: conversations of many profiles laid over one network and one stretch of time."""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nalpml import channels
from nalpml.capture.writer import write_pcap
from nalpml.errors import ConfigError
from nalpml.generators._common import Rows
from nalpml.generators._conversation import Conversation
from nalpml.generators._datagram import datagram_rows
from nalpml.generators._frames import ROW, VSOCK, joined, serialise
from nalpml.generators._network import Network
from nalpml.generators._profile import Profile
from nalpml.generators._source_ports import follow_ports
from nalpml.generators._tcp import tcp_rows
from nalpml.generators._vsock import vsock_rows
from nalpml.generators.config import MixConfig

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Frames", "Generated", "mix", "stream"]

_BATCH = 4096
_LINK_VSOCK = 271


@dataclass(frozen=True, slots=True)
class Frames:
    """Packets as they go into a capture.

    Attributes
    ----------
    time_ns : int64 array [shape=(n,)]
        Nanoseconds since the epoch, never going back.
    offsets : int64 array [shape=(n + 1,)]
        Octet of `data` at which each frame starts; the last is the end.
    data : uint8 array
        The frames one after another.
    original : int64 array [shape=(n,)]
        Octets of each frame on the wire; more than are in `data` where a snap length cut it.
    """

    time_ns: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]
    original: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.time_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Generated:
    """A generated capture and its ground truth.

    Attributes
    ----------
    frames : Frames
    linktype : int
        1 Ethernet, 271 VSOCK.
    labels : pandas DataFrame
        One row a packet in file order: `packet`, `conversation`, `label`, `channel`, `tool`,
        `direction` (0 originator to responder, 1 back). `channel` is null for benign packets.
    conversations : pandas DataFrame
        One row a conversation, with `bits`: what a storage or timing channel carried, as hex.
    card : dict
        What was asked for and what came out.
    """

    frames: Frames
    linktype: int
    labels: pd.DataFrame
    conversations: pd.DataFrame
    card: dict[str, Any]

    def write(self, directory: str | Path) -> Path:
        """Write ``traffic.pcap``, ``labels.parquet``, ``conversations.parquet``, ``card.json``.

        Returns
        -------
        Path
            The directory, made when missing.

        Raises
        ------
        ConfigError
            When the directory cannot be made or written to.
        """
        folder = Path(directory)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            frames = self.frames
            write_pcap(
                folder / "traffic.pcap",
                frames.time_ns,
                frames.offsets,
                frames.data,
                linktype=self.linktype,
                original=frames.original,
            )
            self.labels.to_parquet(folder / "labels.parquet", index=False)
            self.conversations.to_parquet(folder / "conversations.parquet", index=False)
            text = json.dumps(self.card, indent=2, sort_keys=True) + "\n"
            (folder / "card.json").write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{folder}: cannot be written ({error.strerror})") from error
        return folder


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one part of a mixture, keyed by its name and by nothing else.

    Examples
    --------
    >>> int(stream(7, "a").integers(100)) == int(stream(7, "a").integers(100))
    True
    """
    digest = hashlib.sha256(name.encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4))
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=key))


def _matching(pattern: str, profiles: Mapping[str, Profile]) -> list[str]:
    return [
        name
        for name, profile in profiles.items()
        if fnmatch.fnmatchcase(name, pattern) or pattern == f"label:{profile.label}"
    ]


def _counts(config: MixConfig, profiles: Mapping[str, Profile]) -> dict[str, int]:
    """Episodes by profile name."""
    total = sum(e.weight or 0 for e in config.entry)
    wanted: dict[str, int] = {}
    for entry in config.entry:
        # Mixtures of all profiles name each: no need to try every name on every entry.
        names = [entry.profile] if entry.profile in profiles else _matching(entry.profile, profiles)
        if not names:
            raise ConfigError(
                f"profile {entry.profile!r} matches none of the {len(profiles)} profiles: "
                "use a name or pattern of nalpml.generators.PROFILES, or label:LABEL"
            )
        if entry.count is not None:
            count = entry.count
        else:
            count = max(1, round(config.episodes * (entry.weight or 0) / total))
        share, rest = divmod(count, len(names))
        # The remainder goes round the names, so that few episodes still vary.
        for k, name in enumerate(names):
            extra = 1 if (k * rest) // len(names) != ((k + 1) * rest) // len(names) else 0
            wanted[name] = wanted.get(name, 0) + share + extra
    wanted = {name: count for name, count in wanted.items() if count}
    kinds = {profiles[name].vsock for name in wanted}
    if len(kinds) > 1:
        raise ConfigError("a mixture is all Ethernet or all VSOCK: split it in two")
    return wanted


def mix(
    config: MixConfig,
    profiles: Mapping[str, Profile],
    *,
    seed: int,
    network: Network | None = None,
    span: tuple[int, int] | None = None,
) -> Generated:
    """Generate a mixture from the given profiles; see `nalpml.generators.generate`.

    Parameters
    ----------
    config : MixConfig
    profiles : mapping of str to Profile
    seed : int
    network : Network, optional
        Hosts to use instead of drawn ones.
    span : tuple of int, optional
        Nanoseconds since the epoch: the start instead of `config.start`, and when nothing more
        is kept.
    """
    counts = _counts(config, profiles)
    vsock = profiles[next(iter(counts))].vsock
    rows_parts: list[Rows] = []
    blobs: list[bytes] = []
    records: list[dict[str, Any]] = []
    blob_size = 0
    net = network or Network(
        stream(seed, "network"),
        hosts=config.hosts,
        duration=config.duration,
        v6=config.v6,
        systems=config.systems,
    )
    for name, count in counts.items():
        profile = profiles[name]
        rng = stream(seed, name)
        for rows, blob, convs in _entry(profile, count, rng, net, config):
            rows["pay_off"] += blob_size
            rows["opt_off"] += blob_size
            rows["conv"] += len(records)
            blob_size += len(blob)
            rows_parts.append(rows)
            blobs.append(blob)
            records += [_record(c, profile) for c in convs]
    rows = joined(rows_parts) if rows_parts else np.zeros(0, ROW)
    begin = int(config.start * 10**9) if span is None else span[0]
    if span is not None:
        rows = rows[rows["time"] <= span[1] - begin]
    rows["time"] //= config.resolution
    rows["time"] *= config.resolution
    rows = rows[np.argsort(rows["time"], kind="stable")]
    time_ns = rows["time"] + begin
    blob_all = np.frombuffer(b"".join((*blobs, bytes(8))), np.uint8)
    offsets, data = serialise(rows, blob_all)
    original = np.diff(offsets)
    offsets, data = _snapped(offsets, data, config.snaplen)
    labels, table = _tables(rows, records, time_ns)
    card = _card(config, counts, profiles, seed, labels, data)
    frames = Frames(time_ns=time_ns, offsets=offsets, data=data, original=original)
    linktype = _LINK_VSOCK if vsock else 1
    return Generated(frames, linktype, labels, table, card)


def _snapped(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], snaplen: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Keep the first octets of every frame."""
    lengths = np.diff(offsets)
    if not lengths.size or lengths.max() <= snaplen:
        return offsets, data
    place = np.arange(len(data)) - np.repeat(offsets[:-1], lengths)
    kept = np.concatenate(([0], np.cumsum(np.minimum(lengths, snaplen))))
    return kept, data[place < snaplen]


def _entry(
    profile: Profile, count: int, rng: np.random.Generator, net: Network, config: MixConfig
) -> list[tuple[Rows, bytes, list[Conversation]]]:
    """Episodes of one profile, as batches of packet rows with times since the mixture's start."""
    convs: list[Conversation] = []
    for _ in range(count):
        start = float(rng.uniform(0, config.duration))
        episode = profile.conversations(rng, net)
        follow_ports(episode, rng)
        for conv in episode:
            conv.start += start
            convs.append(conv)
    engines = {6: tcp_rows, 256: vsock_rows}
    out = []
    for proto in sorted({c.proto if c.proto in engines else 0 for c in convs}):
        group = [c for c in convs if (c.proto if c.proto in engines else 0) == proto]
        for low in range(0, len(group), _BATCH):
            part = group[low : low + _BATCH]
            rows, blob = engines.get(proto, datagram_rows)(part, rng)
            rows = rows[np.lexsort((rows["time"], rows["conv"]))]
            _hooks(rows, part, rng)
            rows = _cut(rows, part, rng, config)
            if config.vlan:
                _tag(rows, part, config.vlan)
            starts = np.array([c.start for c in part])
            rows["time"] += np.rint(starts * 1e9).astype(np.int64)[rows["conv"]]
            out.append((rows, blob, part))
    return out


def _hooks(rows: Rows, convs: Sequence[Conversation], rng: np.random.Generator) -> None:
    """Let channels that live in header fields change the packets of their conversation."""
    bounds = np.searchsorted(rows["conv"], np.arange(len(convs) + 1))
    for i, conv in enumerate(convs):
        if conv.hook is not None:
            conv.bits = conv.hook(rows[bounds[i] : bounds[i + 1]], rng)


def _tag(rows: Rows, convs: Sequence[Conversation], share: float) -> None:
    """Give some pairs of hosts an 802.1Q tag; which one follows from their link addresses."""
    tags = np.zeros(len(convs), np.uint16)
    for i, conv in enumerate(convs):
        pair = "/".join(f"{mac:012x}" for mac in sorted(conv.ends.path.macs))
        digest = hashlib.sha256(pair.encode()).digest()
        if int.from_bytes(digest[:4], "big") < share * 2**32:
            tags[i] = 1 + int.from_bytes(digest[4:6], "big") % 4094
    rows["vlan"] = np.where(rows["kind"] == VSOCK, 0, tags[rows["conv"]])


def _cut(
    rows: Rows, convs: Sequence[Conversation], rng: np.random.Generator, config: MixConfig
) -> Rows:
    """Drop what the capture missed: the start of some conversations, a direction of others."""
    middle = rng.random(len(convs)) < config.midstream
    single = np.where(rng.random(len(convs)) < config.one_way, rng.integers(0, 2, len(convs)), -1)
    if not middle.any() and (single == -1).all():
        return rows
    end = np.zeros(len(convs), np.int64)
    np.maximum.at(end, rows["conv"], rows["time"])
    begin = np.where(middle, end * rng.uniform(0.1, 0.6, len(convs)), 0).astype(np.int64)
    conv = rows["conv"]
    kept: Rows = rows[(rows["time"] >= begin[conv]) & (rows["dir"] != 1 - single[conv])]
    return kept


def _record(conv: Conversation, profile: Profile) -> dict[str, Any]:
    ends = conv.ends
    return {
        "label": conv.label or profile.label,
        "tool": profile.name,
        "proto": channels.proto_name(conv.shown),
        "version": 0 if conv.proto in (0, 256) else ends.version,
        "sport": conv.sport,
        "dport": conv.dport,
        "bits": conv.bits,
    }


def _tables(
    rows: Rows, records: list[dict[str, Any]], time_ns: npt.NDArray[np.int64]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    conv = rows["conv"].astype(np.int64)
    table = pd.DataFrame.from_records(
        records, columns=["label", "tool", "proto", "version", "sport", "dport", "bits"]
    )
    table.insert(0, "conversation", np.arange(len(table)))
    table["packets"] = np.bincount(conv, minlength=len(table))
    first, last = np.full(len(table), np.iinfo(np.int64).max), np.zeros(len(table), np.int64)
    np.minimum.at(first, conv, time_ns)
    np.maximum.at(last, conv, time_ns)
    table["start_ns"], table["end_ns"] = np.minimum(first, last), last
    label, channel, tool = (
        pd.Categorical(table["label"], categories=list(channels.LABELS)),
        pd.Categorical(
            table["label"].where(table["label"] != channels.BENIGN),
            categories=list(channels.CHANNELS),
        ),
        pd.Categorical(table["tool"]),
    )
    labels = pd.DataFrame(
        {
            "packet": np.arange(len(rows)),
            "conversation": conv,
            "label": label[conv],
            "channel": channel[conv],
            "tool": tool[conv],
            "direction": rows["dir"],
        }
    )
    return labels, table


def _card(
    config: MixConfig,
    counts: Mapping[str, int],
    profiles: Mapping[str, Profile],
    seed: int,
    labels: pd.DataFrame,
    data: npt.NDArray[np.uint8],
) -> dict[str, Any]:
    packets = len(labels)
    by_label = {str(k): int(v) for k, v in labels["label"].value_counts(sort=False).items() if v}
    each = labels.drop_duplicates("conversation")["label"].value_counts(sort=False)
    conversations = {str(k): int(v) for k, v in each.items() if v}
    covert = packets - by_label.get(channels.BENIGN, 0)
    whole = sum(conversations.values())
    hidden = whole - conversations.get(channels.BENIGN, 0)
    return {
        "name": config.name,
        "seed": seed,
        "numpy": np.__version__,
        "config": config.model_dump(mode="json"),
        "episodes": dict(counts),
        "about": {name: profiles[name].about for name in counts},
        "packets": by_label,
        "conversations": conversations,
        "base_rate": {
            "packets": covert / packets if packets else 0.0,
            "conversations": hidden / whole if whole else 0.0,
        },
        "octets": len(data),
        "sha256": hashlib.sha256(data.tobytes()).hexdigest(),
    }
