"""Captures in: one door for every format, streamed in chunks."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from .decoding import Decoder
from .formats import Records, Walker, open_walker
from .packets import DecodeReport, PacketTable
from .sources import MappedFile, Source, is_plain, open_stream, read_piece, source_name

__all__ = ["Source", "iter_chunks", "iter_merged", "read", "source_name"]

_CHUNK = 1 << 15
"""Packets of a chunk, unless said otherwise."""


def read(source: Source, *, snaplen: int | None = None) -> PacketTable:
    """Read a whole capture.

    Parameters
    ----------
    source : path, ``-`` or binary file object
        pcap (µs, ns, either byte order) or pcapng, also gzip- or zstd-compressed.
    snaplen : int, optional
        Octets of each frame to look at, as if the capture had been made with this snap length.

    Returns
    -------
    PacketTable
        Every packet, decoded or with the reason why it is not; its buffer holds the capture.

    Raises
    ------
    CaptureError
        If the source cannot be opened or is no capture.
    """
    name = source_name(source)
    if is_plain(source):
        buffer = MappedFile(name).octets
    else:
        buffer = np.frombuffer(_read_all(source, name), np.uint8)
    walker = open_walker(buffer, name)
    batches: list[Records] = []
    while not batches or not batches[-1].ended:
        batches.append(walker.take(buffer, 1 << 18, final=True))
    records = Records.concatenate(batches)
    if snaplen is not None:
        records = dataclasses.replace(records, captured=np.minimum(records.captured, snaplen))
    return Decoder(name).decode(buffer, records)


def _read_all(source: Source, name: str) -> bytes:
    with open_stream(source) as file:
        pieces = [read_piece(file, name, partial=False)]
        while pieces[-1]:
            pieces.append(read_piece(file, name))
    return b"".join(pieces)


def iter_chunks(source: Source, *, packets: int = _CHUNK) -> Iterator[PacketTable]:
    """Stream a capture.

    Parameters
    ----------
    source : path, ``-`` or binary file object
        As for `read`. Pipes and compressed files are read piece by piece; what a pipe has is
        handed on at once, however little it is.
    packets : int
        Packets in a chunk at the most.

    Yields
    ------
    PacketTable
        Consecutive packets; ``index`` counts on from chunk to chunk.

    Raises
    ------
    CaptureError
        If the source cannot be opened or is no capture.
    """
    name = source_name(source)
    decoder = Decoder(name)
    if is_plain(source):
        yield from _tables(decoder, MappedFile(name), name, packets)
        return
    with open_stream(source) as file:
        yield from _pieces(decoder, file, name, packets)


def _pieces(decoder: Decoder, file: IO[bytes], name: str, packets: int) -> Iterator[PacketTable]:
    walker: Walker | None = None
    pending = b""
    while True:
        piece = read_piece(file, name, partial=walker is not None)
        final = not piece
        pending += piece
        if walker is None:
            if len(pending) < 32 and not final:
                continue
            walker = open_walker(np.frombuffer(pending, np.uint8), name)
        buffer = np.frombuffer(pending, np.uint8)
        while True:
            records = walker.take(buffer, packets, final=final)
            if records.count or records.damage:
                yield decoder.decode(buffer, records)
            if records.ended:
                return
            if records.count < packets:
                break
        pending = pending[walker.position :]
        walker.position = 0


def _tables(decoder: Decoder, file: MappedFile, name: str, packets: int) -> Iterator[PacketTable]:
    buffer = file.octets
    walker = open_walker(buffer, name)
    while True:
        records = walker.take(buffer, packets, final=True)
        if records.count or records.damage:
            yield decoder.decode(buffer, records)
        file.release(walker.position)
        if records.ended:
            return


def iter_merged(sources: Sequence[Source], *, packets: int = _CHUNK) -> Iterator[PacketTable]:
    """Stream several captures as one, in order of time.

    Parameters
    ----------
    sources : sequence of paths, ``-`` or binary file objects
        Each as for `iter_chunks`, and in order of time by itself.
    packets : int
        Packets read from one of them at a time.

    Yields
    ------
    PacketTable
        Packets of one capture that come before the next ones of all others, so chunks may be
        small where captures overlap. ``index`` counts over the merged stream.

    Raises
    ------
    CaptureError
        If a source cannot be opened or is no capture.
    """
    streams = [iter_chunks(source, packets=packets) for source in sources]
    waiting: list[tuple[int, int, PacketTable]] = []
    for number, stream in enumerate(streams):
        yield from _advance(waiting, number, stream)
    count = 0
    while waiting:
        _, number, table = heapq.heappop(waiting)
        rows = table.rows
        # Ties go to the source that was named first.
        upto = len(rows)
        if waiting:
            time, other = waiting[0][0], waiting[0][1]
            late = rows["time_ns"] > time if number < other else rows["time_ns"] >= time
            if late.any():
                upto = max(int(np.argmax(late)), 1)
            while upto < len(rows) and rows["depth"][upto] > 0:
                upto += 1
        taken = rows[:upto].copy()
        frames = np.cumsum(taken["depth"] == 0)
        taken["index"] = count + frames - 1
        count += int(frames[-1])
        whole = upto == len(rows)
        report = table.report if whole else DecodeReport(table.report.source)
        yield PacketTable(taken, table.buffer, report)
        if whole:
            yield from _advance(waiting, number, streams[number])
        else:
            rest = PacketTable(rows[upto:], table.buffer, table.report)
            heapq.heappush(waiting, (int(rest.rows["time_ns"][0]), number, rest))


def _advance(
    waiting: list[tuple[int, int, PacketTable]], number: int, stream: Iterator[PacketTable]
) -> Iterator[PacketTable]:
    # Put the next packets of a stream in the queue; tables without any only carry a report.
    for table in stream:
        if len(table):
            heapq.heappush(waiting, (int(table.rows["time_ns"][0]), number, table))
            return
        yield table
