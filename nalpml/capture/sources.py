"""Where captures come from: files, compressed files, pipes, file objects."""

from __future__ import annotations

import io
import mmap
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import CaptureError

__all__ = ["Source", "is_plain", "MappedFile", "open_stream", "read_piece", "source_name"]

Source = str | os.PathLike[str] | IO[bytes]
"""A path, ``-`` for standard input, or a binary file object."""

_PIECE = 1 << 20
"""Octets asked of a pipe at a time."""

_RELEASE = 1 << 22
"""Octets of a mapped file that are let go at a time."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def source_name(source: Source) -> str:
    """Name a source in verdicts and messages.

    Parameters
    ----------
    source : path, ``-`` or binary file object

    Returns
    -------
    str
        The path as given, ``-``, or the file object's name.
    """
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return str(getattr(source, "name", "-"))


def is_plain(source: Source) -> bool:
    """Tell whether a source is a regular, uncompressed file: one that can be mapped.

    Parameters
    ----------
    source : path, ``-`` or binary file object

    Returns
    -------
    bool

    Raises
    ------
    CaptureError
        If it is a file that cannot be opened.
    """
    if not isinstance(source, str | os.PathLike) or os.fspath(source) == "-":
        return False
    if not Path(source).is_file():
        return False
    with _open(os.fspath(source)) as file:
        return not file.read(4).startswith((_GZIP, _ZSTD))


class MappedFile:
    """A regular file as octets in memory.

    Parameters
    ----------
    name : str
        Its path.

    Attributes
    ----------
    octets : uint8 (n,)
        Read-only; pages are read when they are looked at.
    """

    def __init__(self, name: str) -> None:
        self._map: mmap.mmap | None = None
        self._released = 0
        self.octets: NDArray[np.uint8] = np.frombuffer(b"", np.uint8)
        if Path(name).stat().st_size:
            with _open(name) as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self.octets = np.frombuffer(self._map, np.uint8)

    def release(self, upto: int) -> None:
        """Let go of the pages before a place; they are read anew if they are looked at again.

        Parameters
        ----------
        upto : int
            Octets from the start.
        """
        upto -= upto % mmap.PAGESIZE
        if (
            self._map is None
            or upto - self._released < _RELEASE
            or not hasattr(mmap, "MADV_DONTNEED")
        ):
            return
        self._map.madvise(mmap.MADV_DONTNEED, self._released, upto - self._released)
        self._released = upto


@contextmanager
def open_stream(source: Source) -> Iterator[IO[bytes]]:
    """Open a source for reading piece by piece, decompressed.

    Parameters
    ----------
    source : path, ``-`` or binary file object
        A file object stays open.

    Yields
    ------
    binary file object

    Raises
    ------
    CaptureError
        If it cannot be opened.
    """
    file: Any
    with ExitStack() as stack:
        if not isinstance(source, str | os.PathLike):
            file = source
        elif os.fspath(source) == "-":
            file = sys.stdin.buffer
        else:
            file = stack.enter_context(_open(os.fspath(source)))
        if not hasattr(file, "peek"):
            file = io.BufferedReader(file)
            stack.callback(file.detach)  # or it would close what it reads from
        try:
            magic = file.peek(4)[:4]
        except OSError as error:
            reason = error.strerror or error
            raise CaptureError(f"{source_name(source)}: cannot be read ({reason})") from error
        if magic.startswith(_GZIP):
            import gzip

            file = stack.enter_context(gzip.GzipFile(fileobj=file))
        elif magic == _ZSTD:
            import zstandard

            options = {"read_across_frames": True, "closefd": False}
            file = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file, **options))
        yield file


def _open(name: str) -> IO[bytes]:
    if Path(name).is_dir():
        raise CaptureError(f"{name}: is a folder; name a capture file")
    try:
        return open(name, "rb")
    except OSError as error:
        raise CaptureError(f"{name}: {error.strerror or error}; name a readable capture") from error


def read_piece(file: IO[bytes], name: str, *, partial: bool = True) -> bytes:
    """Read what a stream has now, waiting for the first octet.

    Parameters
    ----------
    file : binary file object
        As `open_stream` returns.
    name : str
        What messages call it.
    partial : bool
        Whether something was read before: then damage ends the stream, as a cut file does.

    Returns
    -------
    bytes
        Nothing at the end.

    Raises
    ------
    CaptureError
        If nothing can be read from the start on.
    """
    from zstandard import ZstdError

    # read1 returns what a pipe has: verdicts must not wait for a full buffer.
    read = getattr(file, "read1", file.read)
    try:
        return cast(bytes, read(_PIECE))
    except (OSError, EOFError, ValueError, zlib.error, ZstdError) as error:
        if not partial:
            raise CaptureError(f"{name}: cannot be read ({error})") from error
        return b""
