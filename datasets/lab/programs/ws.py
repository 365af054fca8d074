"""A WebSocket: ``ws.py server PORT SEED`` / ``ws.py client PORT SEED HOST SECONDS``."""

from __future__ import annotations

import asyncio
import random
import sys
import time

import websockets
from text import make
from websockets.asyncio.server import ServerConnection


async def answer(socket: ServerConnection) -> None:
    """Answer messages, and push updates in between."""
    rng = random.Random(4)
    while True:
        try:
            await asyncio.wait_for(socket.recv(), rng.uniform(0.5, 2.5))
        except TimeoutError:
            pass
        except websockets.ConnectionClosed:
            return
        await socket.send(make("json", rng.randint(40, 600), rng.randrange(1 << 20)).decode())


async def main(argv: list[str]) -> None:
    """Run one side."""
    port = int(argv[1])
    if argv[0] == "server":
        async with websockets.serve(answer, "0.0.0.0", port, ping_interval=5):
            await asyncio.sleep(200)
        return
    rng = random.Random(int(argv[2]))
    end = time.monotonic() + float(argv[4])
    async with websockets.connect(f"ws://{argv[3]}:{port}/live") as socket:
        while time.monotonic() < end:
            await socket.send(make("json", rng.randint(30, 200), rng.randrange(1 << 20)).decode())
            until = time.monotonic() + rng.uniform(1, 5)
            while time.monotonic() < until:
                try:
                    await asyncio.wait_for(socket.recv(), max(0.05, until - time.monotonic()))
                except TimeoutError:
                    break


asyncio.run(main(sys.argv[1:]))
