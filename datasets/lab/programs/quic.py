"""Requests over QUIC: ``quic.py server PORT SEED`` / ``quic.py client PORT SEED HOST SECONDS``."""

from __future__ import annotations

import asyncio
import random
import ssl
import sys
import time

from aioquic.asyncio import connect, serve
from aioquic.quic.configuration import QuicConfiguration
from text import make


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request with a page."""
    asked = await reader.read()
    writer.write(make("text", 200 + len(asked) * 97 % 9000, len(asked)))
    writer.write_eof()


def on_stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Start an answer for each stream."""
    task = asyncio.ensure_future(answer(reader, writer))
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)


TASKS: set[asyncio.Future[None]] = set()


async def main(argv: list[str]) -> None:
    """Run one side."""
    port = int(argv[1])
    configuration = QuicConfiguration(is_client=argv[0] == "client", alpn_protocols=["h3"])
    if argv[0] == "server":
        configuration.load_cert_chain("c.pem", "k.pem")
        await serve("0.0.0.0", port, configuration=configuration, stream_handler=on_stream)
        await asyncio.sleep(200)
        return
    configuration.verify_mode = ssl.CERT_NONE
    rng = random.Random(int(argv[2]))
    end = time.monotonic() + float(argv[4])
    async with connect(argv[3], port, configuration=configuration) as connection:
        while time.monotonic() < end:
            reader, writer = await connection.create_stream()
            writer.write(b"GET /" + make("hex", rng.randint(20, 200), rng.randrange(99)))
            writer.write_eof()
            await reader.read()
            await asyncio.sleep(rng.expovariate(1))


asyncio.run(main(sys.argv[1:]))
