"""Generated conversations laid into a capture of the user's own.

The user's packets keep their octets, their times and their order; the conversations between them
run between hosts that the capture shows, at times that it covers, over its link type, its clock's
resolution and its snap length. Labels are given for both: what was generated as its profile says,
what was there as the user says.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nalpml.capture.formats import Records, open_walker
from nalpml.capture.reader import read
from nalpml.capture.sources import open_stream
from nalpml.channels import BENIGN, LABELS
from nalpml.errors import ConfigError
from nalpml.generators._adapt import observed_network, relinked
from nalpml.generators._network import Network
from nalpml.generators.config import MixConfig
from nalpml.generators.mix import Frames, Generated, stream

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Original", "inject", "merge", "open_original"]

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

ORIGINAL = -1
"""Conversation of packets that were in the capture before."""


@dataclass(frozen=True, slots=True)
class Original:
    """The user's capture.

    Attributes
    ----------
    frames : Frames
        As they were captured, in the order of the file.
    linktype : int
        Of all its packets.
    resolution : int
        Nanoseconds that divide all its times.
    snaplen : int
        Octets kept of each frame.
    network : Network
        Hosts that it shows.
    """

    frames: Frames
    linktype: int
    resolution: int
    snaplen: int
    network: Network


def open_original(path: str | Path, *, seed: int, v6: float = 0.15) -> Original:
    """Read a capture to inject into.

    Parameters
    ----------
    path : str or Path
        pcap or pcapng, perhaps compressed.
    seed : int
        Of what the capture does not tell about its hosts.
    v6 : float
        Share of conversations over IPv6, when the capture shows both versions.

    Raises
    ------
    CaptureError
        When it cannot be read.
    ConfigError
        When it is empty, has several link types, or one that generated packets cannot take.
    """
    with open_stream(path) as file:
        buffer = np.frombuffer(file.read(), np.uint8)
    records = _records(buffer, str(path))
    links = np.unique(records.links)
    if not records.count:
        raise ConfigError(f"{path}: has no packets, so nothing says when and where to inject")
    if len(links) > 1:
        raise ConfigError(f"{path}: has link types {links.tolist()}: split it by interface")
    index = np.repeat(records.offsets, records.captured)
    ends = np.concatenate(([0], np.cumsum(records.captured)))
    index += np.arange(len(index)) - np.repeat(ends[:-1], records.captured)
    frames = Frames(time_ns=records.times, offsets=ends, data=buffer[index], original=records.wire)
    cut = records.wire > records.captured
    return Original(
        frames=frames,
        linktype=int(links[0]),
        resolution=int(np.gcd.reduce(np.append(records.times, 1_000_000))),
        snaplen=int(records.captured[cut].max()) if cut.any() else 262_144,
        network=observed_network(read(path), stream(seed, "network"), records.times, v6=v6),
    )


def _records(buffer: U8, name: str) -> Records:
    walker = open_walker(buffer, name)
    batches = [walker.take(buffer, 1 << 16, final=True)]
    while not batches[-1].ended:
        batches.append(walker.take(buffer, 1 << 16, final=True))
    return Records.concatenate(batches)


def merge(original: Original, made: Generated, *, rest: str | None = BENIGN) -> Generated:
    """Lay generated packets between those of a capture.

    Parameters
    ----------
    original : Original
        Not changed.
    made : Generated
        Of the same time.
    rest : str or None
        Label of the capture's own packets; None when nobody knows: they get no row in `labels`.

    Returns
    -------
    Generated
        Frames of both. Conversations keep their numbers; the capture's own packets are of
        conversation -1, with an empty tool.
    """
    import pandas as pd

    if rest is not None and rest not in LABELS:
        raise ConfigError(f"rest: {rest!r} is not a label; use one of {', '.join(LABELS)}")
    ours = relinked(made.frames, made.linktype, original.linktype)
    ours = _snapped(ours, original.snaplen)
    theirs = original.frames
    # A capture may step back in time; its order stays, ours is laid in behind what came before.
    position = np.searchsorted(np.maximum.accumulate(theirs.time_ns), ours.time_ns, side="right")
    order = np.argsort(np.concatenate((np.arange(len(theirs)), position - 0.5)), kind="stable")
    frames = _joined(theirs, ours, order)
    new = order >= len(theirs)
    source = made.labels.iloc[order[new] - len(theirs)]
    labels = pd.DataFrame(
        {
            "packet": np.arange(len(order)),
            "conversation": _column(new, source["conversation"], ORIGINAL, np.int64),
            "label": _column(new, source["label"].astype(str), rest, object),
            "channel": _column(new, source["channel"].astype(object), _channel(rest), object),
            "tool": _column(new, source["tool"].astype(str), "", object),
            "direction": _column(new, source["direction"], 0, np.uint8),
        }
    )
    labels = _typed(labels[labels["label"].notna()].reset_index(drop=True))
    card = {**made.card, "injected": int(new.sum()), "original": len(theirs), "rest": rest}
    return Generated(frames, original.linktype, labels, made.conversations, card)


def _channel(rest: str | None) -> str | None:
    return None if rest == BENIGN else rest


def _column(new: npt.NDArray[np.bool_], values: Any, other: Any, dtype: Any) -> Any:
    out = np.full(len(new), other, dtype)
    out[new] = np.asarray(values)
    return out


def _typed(labels: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from nalpml.channels import CHANNELS

    labels["label"] = pd.Categorical(labels["label"], categories=list(LABELS))
    labels["channel"] = pd.Categorical(labels["channel"], categories=list(CHANNELS))
    labels["tool"] = pd.Categorical(labels["tool"])
    return labels


def _snapped(frames: Frames, snaplen: int) -> Frames:
    lengths = np.diff(frames.offsets)
    place = np.arange(len(frames.data)) - np.repeat(frames.offsets[:-1], lengths)
    kept = np.concatenate(([0], np.cumsum(np.minimum(lengths, snaplen))))
    return dataclasses.replace(frames, offsets=kept, data=frames.data[place < snaplen])


def _joined(first: Frames, second: Frames, order: I64) -> Frames:
    """Frames of two captures, in an order over both."""
    start = np.concatenate((first.offsets[:-1], len(first.data) + second.offsets[:-1]))[order]
    length = np.concatenate((np.diff(first.offsets), np.diff(second.offsets)))[order]
    offsets = np.concatenate(([0], np.cumsum(length)))
    index = np.arange(int(offsets[-1])) + np.repeat(start - offsets[:-1], length)
    return Frames(
        time_ns=np.concatenate((first.time_ns, second.time_ns))[order],
        offsets=offsets,
        data=np.concatenate((first.data, second.data))[index],
        original=np.concatenate((first.original, second.original))[order],
    )


def inject(
    config: MixConfig, capture: str | Path, *, seed: int, rest: str | None = BENIGN
) -> Generated:
    """Generate a mixture into a capture of the user's.

    Parameters
    ----------
    config : MixConfig
        Its `start`, `duration`, `hosts`, `resolution` and `snaplen` give way to the capture's.
    capture : str or Path
        Left as it is.
    seed : int
        Not negative. The same seed and capture give the same octets.
    rest : str or None
        Label of the capture's own packets; None when nobody knows.

    Returns
    -------
    Generated
        `write` makes a capture of both, with labels.

    Raises
    ------
    CaptureError
        When the capture cannot be read.
    ConfigError
        When an entry matches no profile, or the capture's link type cannot take the packets.
    """
    from nalpml.generators import PROFILES
    from nalpml.generators.mix import mix

    original = open_original(capture, seed=seed, v6=config.v6)
    times = original.frames.time_ns
    length = max(1.0, float(times.max() - times.min()) / 1e9)
    adapted = config.model_copy(
        update={
            "start": float(times.min()) / 1e9,
            "duration": min(length, 86400.0),
            "resolution": original.resolution,
            "vlan": 0.0,
            "snaplen": 262_144,
        }
    )
    span = (int(times.min()), int(times.max()))
    made = mix(adapted, PROFILES, seed=seed, network=original.network, span=span)
    return merge(original, made, rest=rest)
