"""How captures lie in a folder."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from labkit import store


def test_only_a_large_capture_that_shrinks_below_half_is_packed(tmp_path: Path) -> None:
    same = bytes(store.LARGE)
    assert store.put(tmp_path, "small", same).name == "small.pcap"
    assert store.put(tmp_path, "large", same + b"x").name == "large.pcap.gz"
    noise = np.random.default_rng(1).bytes(store.LARGE + 1)
    assert store.put(tmp_path, "noise", noise).name == "noise.pcap"
    found = store.captures(tmp_path)
    assert list(found) == ["large", "noise", "small"]
    assert all(store.find(tmp_path, name) == path for name, path in found.items())
    assert store.content(found["large"]) == same + b"x"
    assert store.content(found["noise"]) == noise
    assert {store.label_file(path).name for path in found.values()} == {
        "large.json", "noise.json", "small.json",
    }  # fmt: skip


def test_the_same_octets_each_time_and_no_second_file(tmp_path: Path) -> None:
    data = b"ab" * store.LARGE
    first = store.put(tmp_path, "a", data).read_bytes()
    assert first == store.put(tmp_path, "a", data).read_bytes()
    assert gzip.decompress(first) == data
    store.put(tmp_path, "a", b"short")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pcap"]
