"""One side of a made-up conversation: what it says, hears, and how long it goes on."""

from __future__ import annotations

import asyncio
import random

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
WINDOWS = (
    "Inbox - Mail",
    "report.docx - Writer",
    "Calculator",
    "",
    "prices.xlsx - Sheet",
    "Browser",
)


def scramble(key: bytes, data: bytes) -> bytes:
    """Apply RC4."""
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for octet in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(octet ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def listing(rng: random.Random, rows: int) -> bytes:
    """Return a made-up directory."""
    return "".join(
        f"{rng.choice('DF')}|{rng.getrandbits(32):08x}.{rng.choice(('txt', 'doc', 'jpg'))}|"
        f"{rng.randrange(10**6)}\r\n"
        for _ in range(rows)
    ).encode()


class Side:
    """What a coroutine needs: the stream, dice, and how long to go on."""

    def __init__(self, reader: Reader, writer: Writer, rng: random.Random, seconds: float) -> None:
        self.reader, self.writer, self.rng = reader, writer, rng
        self.stop = asyncio.get_running_loop().time() + seconds

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.stop - asyncio.get_running_loop().time()

    async def say(self, *parts: bytes) -> None:
        """Send each part by a write of its own."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def rest(self, low: float, high: float) -> None:
        """Sleep a while."""
        await asyncio.sleep(self.rng.uniform(low, high))

    async def hear(self, seconds: float) -> bytes:
        """Return what comes in time, else nothing; raise EOFError at the end of the stream."""
        try:
            data = await asyncio.wait_for(self.reader.read(65536), seconds)
        except TimeoutError:
            return b""
        if not data:
            raise EOFError
        return data
