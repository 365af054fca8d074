"""SOCKS from outside in: ``socks_back.py agent HOST PORT`` inside, ``... boss PORT LOCAL`` outside.

The agent keeps three connections open towards the boss; each program that connects to the boss's
local port gets one of them, and the agent serves SOCKS5 on it.  ``mux`` as a last argument of both
carries all sessions in frames over one connection instead (stream number, length, data).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


async def copy(reader: Reader, writer: Writer) -> None:
    """Copy to the end."""
    with contextlib.suppress(OSError):
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    writer.close()


async def socks(reader: Reader, writer: Writer) -> None:
    """Serve one SOCKS5 session with addresses and names of IPv4."""
    head = await reader.readexactly(2)
    await reader.readexactly(head[1])
    writer.write(b"\x05\x00")
    ask = await reader.readexactly(4)
    size = 4 if ask[3] == 1 else (await reader.readexactly(1))[0]
    name = await reader.readexactly(size)
    host = ".".join(map(str, name)) if ask[3] == 1 else name.decode()
    port = int.from_bytes(await reader.readexactly(2), "big")
    try:
        far_reader, far_writer = await asyncio.open_connection(host, port)
    except OSError:
        writer.write(b"\x05\x05\0\x01" + bytes(6))
        writer.close()
        return
    writer.write(b"\x05\0\0\x01" + bytes(6))
    await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))


async def agent(host: str, port: int) -> None:
    """Keep connections towards the boss."""

    async def one() -> None:
        while True:
            try:
                await socks(*await asyncio.open_connection(host, port))
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(1)

    await asyncio.gather(*(one() for _ in range(3)))


async def boss(port: int, local: int) -> None:
    """Hand waiting connections to local programs."""
    spare: asyncio.Queue[tuple[Reader, Writer]] = asyncio.Queue()

    async def came(reader: Reader, writer: Writer) -> None:
        await spare.put((reader, writer))

    async def wanted(reader: Reader, writer: Writer) -> None:
        far_reader, far_writer = await spare.get()
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    await asyncio.start_server(came, "0.0.0.0", port)
    await asyncio.start_server(wanted, "127.0.0.1", local)
    await asyncio.Event().wait()


class Mux:
    """Streams in frames over one connection; an empty frame ends a stream."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self.reader, self.writer = reader, writer
        self.streams: dict[int, Reader] = {}

    def put(self, stream: int, data: bytes) -> None:
        """Write a frame."""
        self.writer.write(stream.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data)

    async def up(self, stream: int, reader: Reader) -> None:
        """Carry what is read into frames."""
        with contextlib.suppress(OSError):
            while data := await reader.read(2000):
                self.put(stream, data)
                await self.writer.drain()
        self.put(stream, b"")

    async def run(self, opened: object = None) -> None:
        """Take frames apart; call `opened` for a stream not seen before."""
        while True:
            head = await self.reader.readexactly(4)
            stream = int.from_bytes(head[:2], "big")
            data = await self.reader.readexactly(int.from_bytes(head[2:], "big"))
            if stream not in self.streams:
                if opened is None or not data:
                    continue
                self.streams[stream] = asyncio.StreamReader()
                opened(stream)  # type: ignore[operator]
            if data:
                self.streams[stream].feed_data(data)
            else:
                self.streams.pop(stream).feed_eof()


async def mux_agent(host: str, port: int) -> None:
    """Serve SOCKS on every stream, through a server of its own on the loopback interface."""
    mux = Mux(*await asyncio.open_connection(host, port))
    await asyncio.start_server(socks, "127.0.0.1", 19_080)
    tasks = set()

    def opened(stream: int) -> None:
        async def go() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", 19_080)
            await asyncio.gather(copy(mux.streams[stream], writer), mux.up(stream, reader))

        tasks.add(asyncio.ensure_future(go()))

    await mux.run(opened)


async def mux_boss(port: int, local: int) -> None:
    """One stream for every local program."""
    link: asyncio.Future[Mux] = asyncio.get_running_loop().create_future()
    count = iter(range(1, 60_000))

    async def came(reader: Reader, writer: Writer) -> None:
        mux = Mux(reader, writer)
        link.set_result(mux)
        with contextlib.suppress(asyncio.IncompleteReadError):
            await mux.run()

    async def wanted(reader: Reader, writer: Writer) -> None:
        mux, stream = await link, next(count)
        mux.streams[stream] = asyncio.StreamReader()
        await asyncio.gather(copy(mux.streams[stream], writer), mux.up(stream, reader))

    await asyncio.start_server(came, "0.0.0.0", port)
    await asyncio.start_server(wanted, "127.0.0.1", local)
    await asyncio.Event().wait()


if __name__ == "__main__":
    many = sys.argv[-1] == "mux"
    if sys.argv[1] == "agent":
        asyncio.run((mux_agent if many else agent)(sys.argv[2], int(sys.argv[3])))
    else:
        asyncio.run((mux_boss if many else boss)(int(sys.argv[2]), int(sys.argv[3])))
