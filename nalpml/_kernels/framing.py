"""How the first octets of payloads are built: constants, counters, lengths, echoes."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = [
    "MESSAGES",
    "follow_length",
    "match_replies",
    "octet_at",
    "octet_positions",
    "residue_share",
    "states_length",
]

MESSAGES = 64
"""Messages of a side that octet positions are examined over, from the first on."""


@kernel
def octet_at(high, low, place):
    """Octet at a place of the first 16, which two big-endian words hold."""
    if place < 8:
        return np.int64((high >> np.uint64(56 - 8 * place)) & np.uint64(255))
    return np.int64((low >> np.uint64(120 - 8 * place)) & np.uint64(255))


@kernel
def octet_positions(high, low, lengths, used, sides, offsets, expected, least):
    """Classify each of the first 16 octet positions over the packets of a side.

    The first `MESSAGES` count. A position is constant when one value takes nine packets in ten;
    it counts when one step other than 0 (modulo 256) takes six steps in ten of four and more.
    Ciphertext has neither, the headers of a protocol have both.

    Parameters
    ----------
    high, low : uint64 (m,)
        Octets 0-7 and 8-15 of the payload, big-endian.
    lengths : int64 (m,)
        Captured payload octets.
    used : bool (m,)
        Packets that count.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.
    expected : float64 (k,)
        Entropy that as many random octets have on average, k > `MESSAGES`.
    least : int
        Packets that a position takes part with.

    Returns
    -------
    float64 (9, n)
        For side 0, then side 1: share of positions that are constant, share that count, mean
        entropy of a position over that of random octets, share of zero octets. Last: share of
        positions that are constant on both sides with the same value, among those that both
        have. NaN where no position has enough packets.
    """
    segments = len(offsets) - 1
    result = np.full((9, segments), np.nan)
    rows = np.empty(MESSAGES, np.int64)
    seen = np.empty(MESSAGES, np.int64)
    values = np.zeros(256, np.int64)
    steps = np.zeros(256, np.int64)
    modal = np.empty((2, 16), np.int64)
    weights = np.zeros(MESSAGES + 1)  # n log2 n
    for k in range(1, MESSAGES + 1):
        weights[k] = k * np.log2(k)
    for i in range(segments):
        modal[:] = -2  # not examined
        for side in range(2):
            taken = 0
            for j in range(offsets[i], offsets[i + 1]):
                if used[j] and sides[j] == side and taken < MESSAGES:
                    rows[taken] = j
                    taken += 1
            examined = constant = counting = zeros = octets = 0
            ratios = 0.0
            for place in range(16):
                n = 0
                for k in range(taken):
                    if lengths[rows[k]] > place:
                        seen[n] = octet_at(high[rows[k]], low[rows[k]], place)
                        zeros += seen[n] == 0
                        n += 1
                octets += n
                if n < least:
                    continue
                best = best_step = 0
                value_of_best = np.int64(0)
                for k in range(n):
                    values[seen[k]] += 1
                    if values[seen[k]] > best:
                        best = values[seen[k]]
                        value_of_best = seen[k]
                    if k and seen[k] != seen[k - 1]:
                        step = (seen[k] - seen[k - 1]) & 255
                        steps[step] += 1
                        best_step = max(best_step, steps[step])
                added = 0.0
                for k in range(n):
                    if k:
                        steps[(seen[k] - seen[k - 1]) & 255] = 0
                    added += weights[values[seen[k]]]
                    values[seen[k]] = 0
                examined += 1
                modal[side, place] = -1
                if 10 * best >= 9 * n:
                    constant += 1
                    modal[side, place] = value_of_best
                elif n >= 5 and 10 * best_step >= 6 * (n - 1):
                    counting += 1
                ratios += max((weights[n] - added) / n, 0.0) / expected[n]
            if octets:
                result[4 * side + 3, i] = zeros / octets
            if examined:
                result[4 * side, i] = constant / examined
                result[4 * side + 1, i] = counting / examined
                result[4 * side + 2, i] = ratios / examined
        both = equal = 0
        for place in range(16):
            if modal[0, place] >= -1 and modal[1, place] >= -1:
                both += 1
                equal += modal[0, place] >= 0 and modal[0, place] == modal[1, place]
        if both:
            result[8, i] = equal / both
    return result


@kernel
def _varint(high):
    # (value, octets) of a base-128 number of up to 3 octets at the start; 0 octets: none.
    value = np.int64(0)
    for place in range(3):
        octet = np.int64((high >> np.uint64(56 - 8 * place)) & np.uint64(255))
        value |= (octet & 127) << (7 * place)
        if octet < 128:
            return value, place + 1
    return value, 0


@kernel
def _field(high, kind):
    # 0-6: 16 bits big-endian from that octet; 7-13: little-endian; 14-17: one octet; 18: a
    # base-128 number with the octets it takes.
    if kind < 7:
        return np.int64((high >> np.uint64(48 - 8 * kind)) & np.uint64(0xFFFF))
    if kind < 14:
        word = np.int64((high >> np.uint64(48 - 8 * (kind - 7))) & np.uint64(0xFFFF))
        return ((word & 255) << 8) | (word >> 8)
    if kind < 18:
        return np.int64((high >> np.uint64(56 - 8 * (kind - 14))) & np.uint64(255))
    value, octets = _varint(high)
    return value + octets if octets else np.int64(-1)


@kernel
def follow_length(high, lengths, used, sides, offsets, least):
    """How well some field of the first octets follows the payload length.

    Over 16-bit fields at octets 0 to 6 in both byte orders, 8-bit fields at octets 0 to 3 and
    a base-128 number at octet 0: of the changes of length from a payload to the next of its
    side, the share that the field follows by the same difference; the best field counts.

    Parameters
    ----------
    high : uint64 (m,)
        Octets 0-7 of the payload, big-endian.
    lengths : int64 (m,)
        Payload length in octets.
    used : bool (m,)
        Packets that count: with 8 octets and more.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.
    least : int
        NaN below this many changes.

    Returns
    -------
    float64 (2, n)
        For side 0 and side 1.
    """
    segments = len(offsets) - 1
    result = np.full((2, segments), np.nan)
    followed = np.empty(19, np.int64)
    for i in range(segments):
        for side in range(2):
            followed[:] = 0
            changes = 0
            before = np.int64(-1)
            for j in range(offsets[i], offsets[i + 1]):
                if not used[j] or sides[j] != side:
                    continue
                if before >= 0 and lengths[j] != lengths[before]:
                    changes += 1
                    wanted = lengths[j] - lengths[before]
                    for kind in range(19):
                        step = _field(high[j], kind) - _field(high[before], kind)
                        followed[kind] += step == wanted
                before = np.int64(j)
            if changes >= least:
                result[side, i] = followed.max() / changes
    return result


@kernel
def states_length(high, lengths, used):
    """Whether the first octets of each payload state its length.

    A 16-bit field at octets 0 to 6, in either byte order, that is the payload's length or what
    is left of it behind the field (behind two octets more for 32-bit numbers), or a base-128
    number at octet 0 that is just what is left behind it. Random octets pass once in 1,500.

    Parameters
    ----------
    high : uint64 (m,)
        Octets 0-7 of the payload, big-endian.
    lengths : int64 (m,)
        Payload length in octets.
    used : bool (m,)
        Packets that count: with 8 octets and more.

    Returns
    -------
    float64 (m,)
        1 or 0, NaN for packets that do not count.
    """
    result = np.full(len(high), np.nan)
    for j in range(len(high)):
        if not used[j]:
            continue
        result[j] = 0.0
        for kind in range(14):
            left = lengths[j] - _field(high[j], kind)
            behind = kind % 7 + 2
            if left == 0 or left == behind or left == behind + 2:
                result[j] = 1.0
        value, octets = _varint(high[j])
        # One octet alone would be right by chance once in 256.
        if octets >= 2 and value + octets == lengths[j]:
            result[j] = 1.0
    return result


@kernel
def match_replies(high, low, lengths, hashes, used, sides, offsets):
    """Compare each reply with the request right before it.

    A reply is a payload of side 1 whose predecessor among payloads is of side 0.

    Parameters
    ----------
    high, low : uint64 (m,)
        Octets 0-7 and 8-15 of the payload, big-endian.
    lengths : int64 (m,)
        Captured payload octets.
    hashes : uint64 (m,)
        Payload hash.
    used : bool (m,)
        Packets with payload.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.

    Returns
    -------
    float64 (2, m)
        Share of the first 16 octets (of the shorter payload) in which reply and request agree,
        and 1 where the whole payloads agree, else 0; NaN where there is no reply.
    """
    result = np.full((2, len(sides)), np.nan)
    for i in range(len(offsets) - 1):
        before = -1
        for j in range(offsets[i], offsets[i + 1]):
            if not used[j]:
                continue
            if sides[j] == 1 and before >= 0 and sides[before] == 0:
                shorter = min(min(lengths[j], lengths[before]), 16)
                same = 0
                for place in range(shorter):
                    here = octet_at(high[j], low[j], place)
                    same += here == octet_at(high[before], low[before], place)
                result[0, j] = same / max(shorter, 1)
                result[1, j] = 1.0 if hashes[j] == hashes[before] else 0.0
            before = j
    return result


@kernel
def residue_share(sizes, sides, offsets, width, least):
    """Share of distinct sizes in the most frequent residue class.

    Parameters
    ----------
    sizes : float64 (m,)
        Whole numbers; NaN marks what is passed over.
    sides : uint8 (m,)
        0 or 1.
    offsets : int64 (n + 1,)
        Segments.
    width : int
        Modulus.
    least : int
        NaN below this many distinct sizes.

    Returns
    -------
    float64 (2, n)
        For side 0 and side 1.
    """
    segments = len(offsets) - 1
    result = np.full((2, segments), np.nan)
    residues = np.zeros(width, np.int64)
    for i in range(segments):
        for side in range(2):
            kept = np.empty(offsets[i + 1] - offsets[i], np.int64)
            n = 0
            for j in range(offsets[i], offsets[i + 1]):
                if sides[j] == side and sizes[j] == sizes[j]:
                    kept[n] = np.int64(sizes[j])
                    n += 1
            if n < least:
                continue
            kept = kept[:n]
            kept.sort()
            distinct = 0
            for j in range(n):
                if j == 0 or kept[j] != kept[j - 1]:
                    distinct += 1
                    residues[kept[j] % width] += 1
            if distinct >= least:
                result[side, i] = residues.max() / distinct
            residues[:] = 0
    return result
