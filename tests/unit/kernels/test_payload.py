from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nalpml._kernels._digest import hash_payload, inner_ip, prefix
from nalpml._kernels.payload import CLASSES, EXAMINED, LOG_TABLE, SHORT, payload_statistics
from nalpml.capture.packets import PACKET_DTYPE
from tests.unit.kernels import naive

IPV4 = bytes.fromhex("4500001c000000004011000001020304050607080000000000080000")
IPV6 = bytes([0x60, 0, 0, 0, 0, 0, 17, 64]) + bytes(32)

payloads = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.text(min_size=1, max_size=300).map(str.encode),
    st.tuples(st.integers(1, 3000), st.integers(0, 9)).map(
        lambda t: np.random.default_rng(t[1]).integers(0, 256, t[0], dtype=np.uint8).tobytes()
    ),
    st.tuples(st.integers(1, 1400), st.integers(0, 3), st.integers(0, 255)).map(
        lambda t: bytes((t[2] + t[1] * i) % 256 for i in range(t[0]))
    ),
    st.integers(1, 700).map(lambda n: (b"\1\1\2\3\4\0\0\0" * 100)[:n]),
)


def statistics(payloads):
    """Rows of payloads that lie behind one another."""
    rows = np.zeros(len(payloads), PACKET_DTYPE)
    lengths = [len(p) for p in payloads]
    rows["payload_cap"] = lengths
    rows["payload_len"] = lengths
    rows["payload_off"] = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    buffer = np.frombuffer(b"".join(payloads), np.uint8)
    with np.errstate(over="ignore"):
        payload_statistics(buffer, LOG_TABLE, CLASSES, rows)
    return rows


@given(data=st.lists(payloads, min_size=1, max_size=4))
@example(data=[bytes(SHORT), bytes(SHORT + 1), bytes(EXAMINED), bytes(EXAMINED + 1)])
@example(data=[IPV4, b"xy" + IPV4, IPV6, b"ab" + IPV6, bytes(100)])
def test_columns_equal_their_twins(data):
    # Several at once: histograms must be clean again after each payload.
    for row, payload in zip(statistics(data), data, strict=True):
        for name, wanted in naive.payload(payload, len(payload)).items():
            if isinstance(wanted, float):
                assert row[name] == pytest.approx(wanted, abs=1e-5, nan_ok=True), name
            else:
                assert int(row[name]) == wanted, name


def test_skipped_and_empty_packets_have_no_statistics():
    rows = np.zeros(2, PACKET_DTYPE)
    rows["skip"], rows["payload_cap"] = [1, 0], [3, 0]
    payload_statistics(np.zeros(3, np.uint8), LOG_TABLE, CLASSES, rows)
    assert np.isnan(rows["entropy"]).all()
    assert not rows["distinct"].any()


def test_only_the_captured_part_is_looked_at_and_the_length_is_in_the_hash():
    rows = np.zeros(2, PACKET_DTYPE)
    rows["payload_cap"], rows["payload_len"] = 4, [4, 900]
    with np.errstate(over="ignore"):
        payload_statistics(np.frombuffer(b"abcdefgh", np.uint8), LOG_TABLE, CLASSES, rows)
    assert rows["distinct"].tolist() == [4, 4]
    assert rows["payload_hash"][0] != rows["payload_hash"][1]


def test_counts_stay_within_16_bits():
    (row,) = statistics([bytes(65536)])
    assert row["zeros"] == 65535
    assert row["entropy"] == 0


@given(data=st.binary(max_size=300), extra=st.integers(0, 50))
def test_hash_prefix_and_mark_equal_their_twins(data, extra):
    octets = np.frombuffer(data, np.uint8)
    first, second = np.uint64(prefix(octets, 0)), np.uint64(prefix(octets, 8))
    with np.errstate(over="ignore"):
        digests = hash_payload(octets, len(data) + extra, first, second)
    assert digests == naive.hash_payload(data, len(data) + extra)
    assert first == int.from_bytes(data[:8].ljust(8, b"\0"), "big")
    assert second == int.from_bytes(data[8:16].ljust(8, b"\0"), "big")
    assert inner_ip(octets, len(data)) == naive.inner_ip(data, len(data))


def test_copies_go_with_what_zlib_makes_of_payloads():
    rng = np.random.default_rng(3)
    words = b"the quick brown fox jumps over a lazy dog and runs away from it".split()
    kinds = []
    for i in range(60):
        kinds.append(rng.bytes(256))
        kinds.append(b" ".join(words[k] for k in rng.integers(0, len(words), 60))[:256])
        kinds.append(bytes(rng.integers(0, 2 + i, 256, dtype=np.uint8)))
        kinds.append(rng.bytes(16 + 4 * i) * 16)
    kinds = [data[:256] for data in kinds]
    ours = statistics(kinds)["copied"].astype(float)
    theirs = np.array([len(zlib.compress(data, 9)) for data in kinds])
    ranks = [np.argsort(np.argsort(values)) for values in (ours, -theirs)]
    assert np.corrcoef(*ranks)[0, 1] > 0.8
    assert ours[::4].max() == 0  # random octets


def test_chi_square_of_random_octets_does_not_depend_on_their_number():
    rng = np.random.default_rng(4)
    for size in (8, 40, 300, 1400):
        found = statistics([rng.bytes(size) for _ in range(400)])["chi_square"].astype(float)
        assert found.mean() == pytest.approx(255, abs=5)
        assert found.std() == pytest.approx((510 * (size - 1) / size) ** 0.5, rel=0.15)
