"""What gaps are said to have carried is read back from the times of the packets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from nalpml.generators import Entry, MixConfig, generate

Bits = npt.NDArray[np.int64]
Gaps = npt.NDArray[np.float64]


def _received(name: str) -> Iterator[tuple[Gaps, Bits]]:
    """Gaps between an originator's datagrams or echo requests, and what they are to carry."""
    config = MixConfig(
        entry=(Entry(profile=name, count=16),),
        duration=60, hosts=12, midstream=0, one_way=0, resolution=1,
    )  # fmt: skip
    made = generate(config, seed=4)
    side = made.labels["direction"].to_numpy() == 0
    for row in made.conversations.itertuples():
        if row.proto in ("udp", "icmp", "icmp6"):
            own = side & (made.labels["conversation"] == row.conversation).to_numpy()
            message = np.frombuffer(bytes.fromhex(row.bits), np.uint8)
            yield np.diff(made.frames.time_ns[own]) / 1e9, np.unpackbits(message).astype(np.int64)


@pytest.mark.parametrize("name", ["trctc", "mbctc", "fuzzed"])
def test_a_threshold_reads_the_message(name: str) -> None:
    found = 0
    for waits, bits in _received(f"timing.{name}"):
        if len(waits) != len(bits) - 1:
            continue  # a loss: a receiver would have to resynchronise
        cut = np.quantile(waits, 1 - bits[1:].mean())
        assert ((waits > cut) == bits[1:]).mean() > 0.9
        found += 1
    assert found >= 4


def test_intervals_with_and_without_a_packet_read_as_ones_and_zeros() -> None:
    exact = 0
    for waits, bits in _received("timing.ipctc"):
        if len(waits) != bits.sum() - 1:
            continue
        unit = np.quantile(waits, 0.02)
        silent = np.rint(waits / unit).astype(int) - 1
        read = "".join("0" * n + "1" for n in silent.tolist())
        sent = "".join(map(str, bits.tolist()))
        exact += read == sent[sent.index("1") + 1 :].rstrip("0")
    assert exact >= 3, "the others change the length of their interval, or jitter more"


def test_a_random_offset_hides_what_its_absence_shows() -> None:
    """The phase within the window splits by bit without the offset, and not with it."""
    best = {}
    for name in ("jitterbug", "jitterbug_offset"):
        scores = []
        for waits, bits in _received(f"timing.{name}"):
            if len(waits) == len(bits) - 1:
                phases = [(waits / w + 0.25) % 1 < 0.5 for w in (0.01, 0.02, 0.04)]
                scores.append(max((phase == (bits[1:] == 0)).mean() for phase in phases))
        best[name] = np.median(scores)
    assert best["jitterbug"] > 0.95
    assert best["jitterbug_offset"] < 0.65
