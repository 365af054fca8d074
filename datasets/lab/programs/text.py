"""Payloads and words for the lab's workloads: pseudo-random, from a seed."""

from __future__ import annotations

import base64
import json
import random
import zlib

WORDS = """
    the of and to in is for on that with as by at from this be it are or an was not which has
    report meeting project budget server network update version release customer invoice
    please review attached schedule tomorrow morning deploy backup storage database index
    query result table user account login session token request response error warning info
    service restart config default value memory disk usage percent total available monitor
    alert threshold window packet interface route address gateway mask policy rule group
""".split()  # noqa: SIM905
USERS = ("anna", "bo", "carla", "deniz", "erik", "fatima", "goran", "hana")


def sentence(rng: random.Random) -> str:
    """Return one sentence."""
    words = rng.choices(WORDS, k=rng.randint(5, 16))
    return " ".join(words).capitalize() + rng.choice((".", ".", "?", ";"))


def prose(rng: random.Random, size: int) -> bytes:
    """Return `size` octets of prose."""
    out: list[str] = []
    length = 0
    while length < size:
        line = " ".join(sentence(rng) for _ in range(rng.randint(1, 4))) + "\n"
        out.append(line)
        length += len(line)
    return "".join(out).encode()[:size]


def log_lines(rng: random.Random, size: int) -> bytes:
    """Return `size` octets that look like a system log."""
    out: list[str] = []
    length, clock = 0, 1_700_000_000 + rng.randrange(10_000_000)
    while length < size:
        clock += rng.randint(0, 40)
        line = (
            f"{clock} host{rng.randint(1, 30)} {rng.choice(('sshd', 'cron', 'kernel', 'app'))}"
            f"[{rng.randint(100, 32000)}]: {sentence(rng)}\n"
        )
        out.append(line)
        length += len(line)
    return "".join(out).encode()[:size]


def record(rng: random.Random) -> dict[str, object]:
    """Return a small record, as an API would."""
    return {
        "id": rng.randrange(1 << 31),
        "user": rng.choice(USERS),
        "value": round(rng.gauss(50, 12), 3),
        "tags": rng.sample(WORDS, rng.randint(0, 4)),
        "ok": rng.random() < 0.9,
    }


def make(kind: str, size: int, seed: int) -> bytes:
    """Return about `size` octets of a kind: text, log, json, random, zip, base64, hex, zero."""
    rng = random.Random(seed)
    if kind == "text":
        return prose(rng, size)
    if kind == "log":
        return log_lines(rng, size)
    if kind == "random":
        return rng.randbytes(size)
    if kind == "zip":
        return zlib.compress(prose(rng, size * 6), 6)[:size]
    if kind == "base64":
        return base64.b64encode(rng.randbytes(size * 3 // 4))[:size]
    if kind == "hex":
        return rng.randbytes(size // 2).hex().encode()
    if kind == "json":
        rows: list[bytes] = []
        while sum(map(len, rows)) < size:
            rows.append(json.dumps(record(rng)).encode() + b"\n")
        return b"".join(rows)[:size]
    if kind == "zero":
        return bytes(size)
    raise ValueError(f"kind {kind!r}: text, log, json, random, zip, base64, hex or zero")
