"""Mutated captures through the whole engine: no crash, no hang, no octet out of bounds.

``NUMBA_BOUNDSCHECK=1 python -m tests.fuzz.mutate --count 1000000 --seed 1`` runs as long as it
takes: with the variable set, compiled kernels raise where they would read out of bounds. The first
octets of captures from folders given with ``--corpus`` are mutated beside those that are made here.
One input of 32 is compressed before it is mutated; with ``--features`` one of 100 goes on through
every feature. An input that takes a minute ends the program, wherever it hangs.
"""

from __future__ import annotations

import argparse
import faulthandler
import gzip
import io
import resource
import struct
import sys
import time
from pathlib import Path

import numpy as np
import zstandard

from nalpml.capture.reader import iter_chunks
from nalpml.errors import CaptureError
from nalpml.features import compute
from nalpml.flows.window import Tracker, WindowConfig
from tests.unit.kernels.frames import icmp, ipv4, tcp, udp

LINKS = (0, 1, 9, 12, 50, 101, 104, 105, 108, 113, 127, 228, 229, 271, 276)
ETHER = bytes(12) + b"\x08\x00"
START, HANG = 4096, 60
"""Octets of a capture that are kept as a seed; seconds after which an input is taken to hang."""

INTERESTING = (0, 1, 2, 4, 5, 6, 17, 40, 41, 44, 47, 58, 0x45, 0x60, 0x7F, 0x80, 0x81, 0x88, 0xFF)


def seeds() -> list[bytes]:
    """Small captures of every kind that the decoder has a branch for."""
    inner = ipv4(17, 1, 2, udp(53, 53, b"\0\1\1\0\0\1\0\0\0\0\0\0\3www\0\0\1\0\1"))
    six = struct.pack(">IHBB", 6 << 28, 16, 17, 64) + bytes(32) + udp(1, 2, b"x" * 8)
    monitor = struct.pack("<QQIIHHHH", 3, 2, 1, 2, 4, 2, 44, 0)
    packets = [
        inner,
        ipv4(6, 1, 2, tcp(1, 80, 0x18, b"GET / HTTP/1.1\r\n\r\n")),
        ipv4(1, 1, 2, icmp(8, 9, bytes(range(120)))),
        ipv4(1, 2, 1, icmp(3, data=inner)),
        ipv4(47, 1, 2, b"\x30\0\x08\0\0\0\0\1\0\0\0\2" + inner),
        ipv4(4, 1, 2, ipv4(41, 1, 2, six)),
        ipv4(17, 1, 2, udp(9, 4789, b"\x08\0\0\0\0\0\1\0" + ETHER + inner)),
        ipv4(17, 1, 2, udp(9, 2152, b"\x36\xff\0\0\0\0\0\1\0\1\0\x85\1\0\0\0" + inner)),
        ipv4(17, 1, 2, udp(3544, 9, b"\0\1\0\0" + bytes(9) + six)),
        ipv4(17, 1, 2, udp(623, 9, b"\x06\0\xff\x07\x06\x01" + bytes(40))),
        ipv4(17, 1, 2, udp(1, 2, b"abc"), frag=0x2000),
        ipv4(17, 1, 2, b"later", frag=1),
        struct.pack(">IHBB", 6 << 28, 40, 0, 64) + bytes(32) + b"\x2c\0" + bytes(6)
        + b"\x11\0\0\1" + bytes(4) + udp(1, 2, b"y" * 16),
    ]  # fmt: skip
    made = [(101, packets), (1, [ETHER + p for p in packets])]
    made.append((271, [monitor + monitor[:24] + bytes(20) + b"data"]))
    made.append((105, [b"\x88\0" + bytes(24) + b"\xaa\xaa\3\0\0\0\x08\0" + inner]))
    made.append((127, [bytes([0, 0, 8, 0] + [0] * 4) + b"\x08\0" + bytes(22)
                       + b"\xaa\xaa\3\0\0\0\x08\0" + inner]))  # fmt: skip
    made.append((276, [b"\x08\0" + bytes(18) + inner]))
    made.append((1, [bytes(12) + b"\x88\x64\x11\0\0\1\0\0\0\x21" + inner]))
    made.append((1, [bytes(12) + b"\x88\x47\0\0\0\0\0\0\1\0" + inner]))
    return [pcap(link, frames) for link, frames in made] + [pcapng(*made[0]), pcapng(*made[2])]


def pcap(link: int, frames: list[bytes]) -> bytes:
    head = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(
        struct.pack("<IIII", 1000 + i, i, len(f), len(f)) + f for i, f in enumerate(frames)
    )


def pcapng(link: int, frames: list[bytes]) -> bytes:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        total = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + total + body + total

    blocks = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    options = struct.pack("<HHI", 9, 1, 9) + struct.pack("<HHq", 14, 8, 5)
    blocks.append(block(1, struct.pack("<HHI", link, 0, 0) + options))
    for number, frame in enumerate(frames):
        head = struct.pack("<IIIII", 0, 0, number, len(frame), len(frame))
        blocks.append(block(6, head + frame))
    blocks.append(block(3, struct.pack("<I", len(frames[0])) + frames[0]))
    return b"".join(blocks)


def mutate(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Change a capture in one to eight places."""
    octets = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        if not octets:
            break
        place = int(rng.integers(0, len(octets)))
        kind = int(rng.integers(0, 8))
        if kind <= 1:
            octets[place] ^= 1 << int(rng.integers(0, 8))
        elif kind == 2:
            octets[place] = int(rng.integers(0, 256))
        elif kind == 3:
            octets[place] = int(rng.choice(INTERESTING))
        elif kind == 4:
            del octets[place : place + int(rng.integers(1, 40))]
        elif kind == 5:
            octets[place:place] = octets[place : place + int(rng.integers(1, 40))]
        elif kind == 6:
            start = int(rng.integers(0, max(len(other), 1)))
            piece = other[start : start + int(rng.integers(1, 80))]
            octets[place : place + len(piece)] = piece
        else:
            octets[20:22] = struct.pack("<H", int(rng.choice(LINKS)))
    return bytes(octets)


def pack(data: bytes, rng: np.random.Generator) -> bytes:
    """Compress one capture of 32, by gzip or zstd."""
    how = int(rng.integers(0, 64))
    if how == 0:
        return gzip.compress(data, 1, mtime=0)
    return zstandard.ZstdCompressor(level=1).compress(data) if how == 1 else data


def check(data: bytes, packets: int, *, features: bool = False) -> None:
    """Take one capture through reader, decoder and tracker, and check what must always hold."""
    tracker = Tracker(WindowConfig(packets=5, flows=8))
    rows = 0
    try:
        for chunk in iter_chunks(io.BytesIO(data), packets=packets):
            ends = chunk["payload_off"] + chunk["payload_cap"]
            assert (ends[chunk["skip"] == 0] <= len(chunk.buffer)).all(), "payload out of bounds"
            rows += len(tracker.feed(chunk).packets)
    except CaptureError:
        return
    last = tracker.finish()
    rows += len(last.packets)
    if features and len(last):
        compute(last)
    report = tracker.report
    assert rows == report.decoded + report.inner, "packets lost"
    packed = data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))
    assert packed or report.packets <= len(data) // 8, "more packets than octets allow"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, nargs="*", default=[])
    parser.add_argument("--features", action="store_true", help="compute them for one of 100")
    parser.add_argument("--save", type=Path, help="where an input that fails is written")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    pool = seeds()
    for folder in options.corpus:
        files = sorted(
            p for p in folder.rglob("*") if p.suffix in (".pcap", ".pcapng", ".cap", ".gz")
        )
        for path in files:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                pool.append(file.read(START))
    for data in pool:
        check(data, 100, features=options.features)  # kernels are compiled before the clock starts
    begin, count, slowest = time.monotonic(), 0, 0.0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while count < options.count and time.monotonic() - begin < options.seconds:
        first, second = rng.integers(0, len(pool), 2)
        data = mutate(pack(pool[first], rng), pool[second], rng)
        if count % 100 == 0:
            faulthandler.dump_traceback_later(HANG, exit=True)
        if count % 100_000 == 0:
            sys.stderr.write(f"{count} inputs, {time.process_time():.0f} CPU s\n")
        before = time.monotonic()
        try:
            check(
                data, int(rng.choice((1, 3, 1000))), features=options.features and count % 100 == 0
            )
        except BaseException:
            if options.save:
                options.save.write_bytes(data)
            sys.stderr.write(f"input {count} of seed {options.seed} fails: {data.hex()}\n")
            raise
        slowest = max(slowest, time.monotonic() - before)
        count += 1
    faulthandler.cancel_dump_traceback_later()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024
    sys.stdout.write(
        f"{count} mutated captures from {len(pool)} seeds, slowest {slowest:.2f} s, "
        f"memory grown by {grown} MiB, no failure\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
