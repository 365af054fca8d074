"""Slow, obvious twins of the kernels: plain Python over lists, one thing after the other."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import numpy as np

NAN = math.nan


def segment_lists(values, offsets):
    """The values of each segment that are not NaN."""
    return [[v for v in values[a:b].tolist() if v == v] for a, b in itertools.pairwise(offsets)]


def _each(function):
    return lambda values, offsets, *more: np.array(
        [function(kept, *more) for kept in segment_lists(values, offsets)], float
    )


SEGMENTS = {
    "total": _each(sum),
    "mean": _each(lambda kept: sum(kept) / len(kept) if kept else NAN),
    "maximum": _each(lambda kept: max(kept, default=NAN)),
}
"""Reductions with no further argument, by the name of the kernel."""

nth = _each(lambda kept, place: kept[place] if len(kept) > place else NAN)


def step(values, sides, offsets):
    result = np.full(len(values), NAN)
    for a, b in itertools.pairwise(offsets):
        before = {}
        for j in range(a, b):
            if values[j] == values[j]:
                if sides[j] in before:
                    result[j] = values[j] - before[sides[j]]
                before[sides[j]] = values[j]
    return result


def repeats(keys, used, sides, offsets):
    result = np.full(len(keys), NAN)
    for a, b in itertools.pairwise(offsets):
        before = {}
        for j in range(a, b):
            if used[j]:
                if sides[j] in before:
                    result[j] = float(keys[j] == before[sides[j]])
                before[sides[j]] = keys[j]
    return result


# ------------------------------------------------------------------------------------- payload
MASK = 2**64 - 1


def mix(state: int, word: int) -> int:
    state = ((state ^ word) * 0xBF58476D1CE4E5B9) & MASK
    return state ^ (state >> 29)


SEED = 0x9E3779B97F4A7C15


def hash_words(words, state: int = SEED) -> int:
    for word in words:
        state = mix(state, word)
    return state


def to_words(data: bytes) -> list[int]:
    return [int.from_bytes(data[i : i + 8], "big") for i in range(0, len(data), 8)]


def hash_payload(data: bytes, length: int) -> tuple[int, int]:
    """Hash of a payload, and of what stands behind its first 16 octets."""
    first = [int.from_bytes(data[i : i + 8].ljust(8, b"\0"), "big") for i in (0, 8)]
    if len(data) <= 16:
        return hash_words([length, *first]), 0
    head, rest = data[16:144], data[144:]
    chains: list[list[int]] = [[length], [], [], []]
    turns = len(head) // 32 * 32
    for place, word in enumerate(to_words(head[:turns])):
        chains[place % 4].append(word)
    chains[0] += to_words(head[turns:])
    if len(rest) >= 32:
        for chain, word in zip(chains, to_words(rest[-32:]), strict=True):
            chain.append(word)
    else:
        chains[0] += to_words(rest)
    a, *others = map(hash_words, chains)
    tail = hash_words(others, a)
    return hash_words(first, tail), tail


def entropy(values) -> float:
    shares = [count / len(values) for count in Counter(values).values()]
    return max(-sum(p * math.log2(p) for p in shares), 0.0) if len(values) else NAN


def longest_run(data: bytes, step: int) -> int:
    best = run = 1
    for a, b in itertools.pairwise(data):
        run = run + 1 if (b - a) % 256 == step else 1
        best = max(best, run)
    return best


def serial_correlation(data: bytes) -> float:
    n, after = len(data), data[1:] + data[:1]
    spread = n * sum(x * x for x in data) - sum(data) ** 2
    if not spread:
        return NAN
    return (n * sum(x * y for x, y in zip(data, after, strict=True)) - sum(data) ** 2) / spread


def chi_square(data: bytes) -> float:
    expected = len(data) / 256
    counts = Counter(data)
    return sum((counts[value] - expected) ** 2 / expected for value in range(256))


def copied(data: bytes) -> int:
    """Octets that repeat earlier ones, four in a row or more, by the last place of each hash."""
    last: dict[int, int] = {}
    i = total = 0
    while i + 4 <= len(data):
        key = (int.from_bytes(data[i : i + 4], "little") * 2654435761 >> 24) % 256
        before = last.get(key)
        last[key] = i
        if before is not None and data[before : before + 4] == data[i : i + 4]:
            size = 4
            while i + size < len(data) and data[before + size] == data[i + size]:
                size += 1
            total += size
            i += size
        else:
            i += 1
    return total


def inner_ip(data: bytes, length: int) -> int:
    for offset in range(0, 48, 2):
        rest = data[offset:]
        if len(rest) < 20:
            return 0
        if rest[0] == 0x45:
            total = int.from_bytes(rest[2:4], "big")
            if total == length - offset and rest[8] and rest[9] in (1, 6, 17):
                return offset + 1
        elif rest[0] >> 4 == 6 and len(rest) >= 40:
            total = 40 + int.from_bytes(rest[4:6], "big")
            if total == length - offset and rest[6] in (0, 6, 17, 44, 58):
                return offset + 1
    return 0


def payload(data: bytes, length: int) -> dict[str, Any]:
    """Every payload column of a packet with captured payload."""
    text = set(range(0x20, 0x7F)) | {9, 10, 13}
    base64 = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_")
    seen, head = data[:65535], data[:512]
    steps = [(b - a) % 256 for a, b in itertools.pairwise(head)]
    return {
        "entropy": entropy(seen),
        "delta_entropy": entropy(steps) if steps else NAN,
        "serial_corr": serial_correlation(head) if steps else NAN,
        "chi_square": chi_square(seen),
        "copied": copied(seen[:256]),
        "distinct": len(set(seen)),
        "zeros": seen.count(0),
        "printable": sum(x in text for x in seen),
        "base64": sum(x in base64 for x in seen),
        "hex": sum(x in b"0123456789abcdefABCDEF" for x in seen),
        "high": sum(x >= 128 for x in seen),
        "ramp": longest_run(head, 1),
        "repeat": longest_run(head, 0),
        "payload_hash": hash_payload(seen, length)[0],
        "tail_hash": hash_payload(seen, length)[1],
        "prefix_hi": int.from_bytes(seen[:8].ljust(8, b"\0"), "big"),
        "prefix_lo": int.from_bytes(seen[8:16].ljust(8, b"\0"), "big"),
        "inner_ip": inner_ip(seen, length),
    }


# ------------------------------------------------------------------------------------- pairing
def pair_echoes(kinds, identifiers, sequences, hashes, sides, offsets, times):
    state = np.zeros(len(kinds), np.int8)
    latency = np.full(len(kinds), NAN)
    for a, b in itertools.pairwise(offsets):
        for j in range(a, b):
            if kinds[j] == 1:
                state[j] = 1
            if kinds[j] != 2:
                continue
            matches = [
                k for k in range(max(a, j - 128), j)
                if kinds[k] == 1 and sides[k] != sides[j]
                and (identifiers[k], sequences[k]) == (identifiers[j], sequences[j])
            ]  # fmt: skip
            if not matches:
                state[j] = 6
            elif state[matches[-1]] != 1:
                state[matches[-1]], state[j] = 3, 7
            else:
                k = matches[-1]
                state[k], state[j] = 2, 4 if hashes[k] == hashes[j] else 5
                latency[j] = (times[j] - times[k]) / 1e9
    return state, latency


# ------------------------------------------------------------------------------- covert timing
def epsilon_similarity(values, offsets, epsilon, least):
    return _each(lambda kept: _similar(sorted(kept), 0, epsilon, max(least, 2)))(values, offsets)


def epsilon_similarity_top(values, offsets, epsilon, least):
    def top(kept):
        return _similar(sorted(kept), len(kept) - len(kept) // 3, epsilon, max(least, 6))

    return _each(top)(values, offsets)


def _similar(kept, first, epsilon, least):
    if len(kept) < least:
        return NAN
    pairs = list(itertools.pairwise(kept))[first:]
    return sum(a == 0 or (b - a) / a < epsilon for a, b in pairs) / len(pairs)


def conditional_entropy_of(symbols: list[int], longest: int) -> float:
    """Corrected conditional entropy of symbols; singletons among n - m + 1 patterns."""
    best, before, base = math.inf, 0.0, 0.0
    for m in range(1, longest + 1):
        patterns = Counter(tuple(symbols[i : i + m]) for i in range(len(symbols) - m + 1))
        n = sum(patterns.values())
        joint = -sum(c / n * math.log2(c / n) for c in patterns.values())
        base = joint if m == 1 else base
        once = sum(c == 1 for c in patterns.values()) / n
        best, before = min(best, joint - before + once * base), joint
    return max(best, 0.0)


def conditional_entropy(values, offsets, symbols, longest, least):
    def one(kept):
        n = len(kept)
        if n < max(least, longest + 1):
            return NAN
        edges = [sorted(kept)[(k + 1) * n // symbols] for k in range(symbols - 1)]
        return conditional_entropy_of([sum(v >= e for e in edges) for v in kept], longest)

    return _each(one)(values, offsets)
