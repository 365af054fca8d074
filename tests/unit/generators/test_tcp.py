"""A TCP conversation adds up: every octet, every acknowledgement, in every direction."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._systems import SYSTEMS
from nalpml.generators._tcp import tcp_rows


def _conversation(seed: int, **path: object) -> Conversation:
    net = Network(np.random.default_rng(seed), hosts=10)
    rng = np.random.default_rng(seed + 1)
    ends = net.ends(rng, scope="wan", version=4)
    ends = dataclasses.replace(ends, path=dataclasses.replace(ends.path, **path))
    return Conversation(ends, 6, sport=40000, dport=443)


@pytest.mark.parametrize("loss", [0.0, 0.05])
@pytest.mark.parametrize("seed", range(5))
def test_every_octet_is_sent_and_acknowledged(seed: int, loss: float) -> None:
    conv = _conversation(seed, loss=loss, reorder=0.0)
    rng = np.random.default_rng(seed)
    sent = [b"", b""]
    for _ in range(30):
        d, text = int(rng.integers(2)), rng.bytes(int(rng.integers(1, 9000)))
        conv.say(d, text, 0.01)
        sent[d] += text
    rows, blob = tcp_rows([conv], np.random.default_rng(seed))
    rows = rows[np.argsort(rows["time"], kind="stable")]
    for d in (0, 1):
        own = rows[rows["dir"] == d]
        isn = int(own["seq"][(own["flags"] & 2) > 0][0])
        stream = bytearray(len(sent[d]))
        for row in own[own["pay_len"] > 0]:
            at = (int(row["seq"]) - isn - 1) & 0xFFFFFFFF
            stream[at : at + int(row["pay_len"])] = blob[
                row["pay_off"] : row["pay_off"] + row["pay_len"]
            ]
        assert bytes(stream) == sent[d]
        other = rows[(rows["dir"] == 1 - d) & ((rows["flags"] & 16) > 0)]
        ack = (other["ack"].astype(np.int64) - isn - 1) % (1 << 32)
        assert ack.max() == len(sent[d]) + 1, "the FIN is acknowledged at the end"
        assert (np.diff(ack[np.argsort(other["time"], kind="stable")]) >= 0).mean() > 0.95


def test_losses_are_sent_again() -> None:
    conv = _conversation(1, loss=0.1, reorder=0.0)
    conv.say(0, bytes(400_000))
    rows, _ = tcp_rows([conv], np.random.default_rng(0))
    data = rows[rows["pay_len"] > 0]
    assert len(data) > len(np.unique(data["seq"]))


@pytest.mark.parametrize(
    "opening, flags",
    [("syn", {2}), ("refused", {2, 20}), ("half", {2, 18, 4})],
)
def test_openings_that_fail(opening: str, flags: set[int]) -> None:
    conv = _conversation(2)
    conv.opening, conv.closing = opening, "none"
    rows, _ = tcp_rows([conv], np.random.default_rng(0))
    assert set(rows["flags"].tolist()) == flags


def test_handshake_comes_first_and_takes_a_round_trip() -> None:
    conv = _conversation(3, near=0.002)
    conv.say(0, b"hello")
    rows, _ = tcp_rows([conv], np.random.default_rng(0))
    rows = rows[np.argsort(rows["time"], kind="stable")]
    assert rows["flags"][:3].tolist() == [2, 18, 16]
    assert (rows["time"][1] - rows["time"][0]) / 1e9 == pytest.approx(conv.ends.path.rtt, rel=0.05)


def test_conversations_do_not_disturb_each_other() -> None:
    first, second = _conversation(4, loss=0.0), _conversation(5, loss=0.0)
    for conv in (first, second):
        conv.say(0, bytes(5000))
        conv.say(1, bytes(3000), 0.01)
    rows, _ = tcp_rows([first, second], np.random.default_rng(0))
    for k in (0, 1):
        assert rows["pay_len"][rows["conv"] == k].sum() == 8000


def test_ends_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        _conversation(0).ends.version = 6  # type: ignore[misc]
    assert Ends.__slots__


def test_what_arrived_beyond_a_gap_is_acknowledged_selectively() -> None:
    conv = _conversation(1, loss=0.05, reorder=0.0)
    ends = conv.ends
    linux = next(s for s in SYSTEMS if s.name == "linux")
    both = [dataclasses.replace(h, system=linux) for h in (ends.client, ends.server)]
    conv.ends = dataclasses.replace(ends, client=both[0], server=both[1])
    conv.say(0, bytes(300_000))
    rows, blob = tcp_rows([conv], np.random.default_rng(0))
    isn = int(rows["seq"][(rows["dir"] == 0) & (rows["flags"] == 2)][0])
    telling = rows[(rows["dir"] == 1) & (rows["opt_len"] > 0) & (rows["flags"] == 16)]
    assert len(telling)
    for row in telling:
        text = blob[row["opt_off"] : row["opt_off"] + row["opt_len"]]
        assert text[:3] == b"\x01\x01\x05"
        assert text[3] == len(text) - 2
        edges = [(int.from_bytes(text[k : k + 4], "big") - isn - 1) % 2**32
                 for k in range(4, len(text), 4)]  # fmt: skip
        acked = (int(row["ack"]) - isn - 1) % 2**32
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            assert acked < left < right <= 300_000
