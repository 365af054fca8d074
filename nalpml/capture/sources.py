"""Where captures come from: files, compressed files, pipes, file objects."""

from __future__ import annotations

import io
import os
import sys
import zlib
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import CaptureError

__all__ = ["Source", "is_plain", "map_file", "open_stream", "read_piece", "source_name"]

Source = str | os.PathLike[str] | IO[bytes]
"""A path, ``-`` for standard input, or a binary file object."""

_PIECE = 1 << 20
"""Octets asked of a pipe at a time."""

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


def map_file(name: str) -> NDArray[np.uint8]:
    """Map a regular file into memory.

    Parameters
    ----------
    name : str
        Its path.

    Returns
    -------
    uint8 (n,)
        Read-only; pages are read when they are looked at.
    """
    if not Path(name).stat().st_size:
        return np.empty(0, np.uint8)
    # A plain view: kernels are compiled for ndarray, and the map lives on as its base.
    return np.memmap(name, np.uint8, "r").view(np.ndarray)


def open_stream(source: Source) -> IO[bytes]:
    """Open a source for reading piece by piece, decompressed.

    Parameters
    ----------
    source : path, ``-`` or binary file object

    Returns
    -------
    binary file object

    Raises
    ------
    CaptureError
        If it cannot be opened.
    """
    file: Any
    if not isinstance(source, str | os.PathLike):
        file = source
    elif os.fspath(source) == "-":
        file = sys.stdin.buffer
    else:
        file = _open(os.fspath(source))
    name = source_name(source)
    peekable = file if hasattr(file, "peek") else io.BufferedReader(file)
    try:
        magic = peekable.peek(4)[:4]
    except OSError as error:
        raise CaptureError(f"{name}: cannot be read ({error.strerror or error})") from error
    if magic.startswith(_GZIP):
        import gzip

        return cast(IO[bytes], gzip.GzipFile(fileobj=peekable))
    if magic == _ZSTD:
        import zstandard

        reader = zstandard.ZstdDecompressor().stream_reader(peekable, read_across_frames=True)
        return io.BufferedReader(reader)
    return cast(IO[bytes], peekable)


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
