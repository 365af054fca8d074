"""The bits a channel says it carried are in the packets."""

from __future__ import annotations

import numpy as np
import pytest

import nalpml.generators as gen
from nalpml.generators import Entry, Generated, MixConfig
from nalpml.generators.covert.timing import gaps


def _alone(name: str, count: int = 4, seed: int = 3) -> Generated:
    config = MixConfig(
        entry=(Entry(profile=name, count=count),),
        duration=60,
        hosts=10,
        midstream=0,
        one_way=0,
        resolution=1,
    )
    return gen.generate(config, seed=seed)


def _rows(made: Generated, conversation: int, direction: int = 0) -> list[bytes]:
    labels = made.labels
    index = labels["packet"][
        (labels["conversation"] == conversation) & (labels["direction"] == direction)
    ]
    f = made.frames
    return [f.data[f.offsets[i] : f.offsets[i + 1]].tobytes() for i in index]


def test_icmp_sequence_carries_the_message() -> None:
    made = _alone("header_storage.icmp_seq")
    for row in made.conversations.itertuples():
        frames = _rows(made, row.conversation)
        at = 14 + (40 if row.version == 6 else 20) + 6
        values = [int.from_bytes(frame[at : at + 2], "big") for frame in frames]
        sent = bytes.fromhex(row.bits)
        wide = b"".join(v.to_bytes(2, "big") for v in values)
        narrow = bytes(v & 0xFF for v in values)
        assert wide.startswith(sent[: len(wide)]) or narrow.startswith(sent[: len(narrow)])


def test_replies_mirror_what_the_request_brought() -> None:
    made = _alone("header_storage.icmp_id", count=3)
    for row in made.conversations.itertuples():
        at = 14 + (40 if row.version == 6 else 20) + 4
        asked = {frame[at : at + 4] for frame in _rows(made, row.conversation)}
        answered = {frame[at : at + 4] for frame in _rows(made, row.conversation, 1)}
        assert answered <= asked


def test_initial_sequence_numbers_carry_the_message() -> None:
    made = _alone("header_storage.isn", count=6)
    assert (made.conversations["bits"] != "").mean() > 0.9


@pytest.mark.parametrize("scheme", ["two_gaps", "threshold", "mbctc", "trctc", "fuzzed"])
def test_long_gaps_are_ones(scheme: str) -> None:
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, 600)
    waits = gaps(rng, scheme, bits)
    assert len(waits) == len(bits)
    assert np.median(waits[bits == 1]) > np.median(waits[bits == 0])


def test_jitterbug_gaps_modulo_the_window() -> None:
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2, 300)
    waits = gaps(rng, "jitterbug", bits)
    for w in (0.01, 0.02, 0.04):
        phase = (waits / w + 0.25) % 1
        if ((phase < 0.5) == (bits == 0)).all():
            return
    pytest.fail("no window explains the gaps")


def test_ipctc_sends_only_ones() -> None:
    rng = np.random.default_rng(3)
    bits = rng.integers(0, 2, 200)
    assert len(gaps(rng, "ipctc", bits)) == bits.sum()


def test_timing_survives_the_path() -> None:
    made = _alone("timing.ipctc", count=6)
    for row in made.conversations.itertuples():
        labels = made.labels
        own = (labels["conversation"] == row.conversation) & (labels["direction"] == 0)
        waits = np.diff(made.frames.time_ns[own.to_numpy()]) / 1e9
        assert len(waits) > 20
        assert waits.min() > 0


def test_triggers_carry_the_label_of_their_carrier() -> None:
    made = _alone("knock.icmp")
    by_proto = made.conversations.groupby("proto")["label"].unique()
    for proto, label in by_proto.items():
        expected = "tcp_c2" if proto == "tcp" else "icmp_tunnel"
        assert list(label) == [expected]


def test_vsock_counts_what_was_received() -> None:
    made = _alone("vsock_c2.shell", count=2)
    for row in made.conversations.itertuples():
        sent = [0, 0]
        labels = made.labels[made.labels["conversation"] == row.conversation]
        f = made.frames
        for i, d in zip(labels["packet"], labels["direction"], strict=True):
            frame = f.data[f.offsets[i] : f.offsets[i + 1]].tobytes()
            forwarded = int.from_bytes(frame[72:76], "little")
            assert forwarded <= sent[1 - d]
            sent[d] += len(frame) - 76
