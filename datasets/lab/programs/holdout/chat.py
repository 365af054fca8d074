"""``chat.py HOST PORT SECONDS SEED``: two people on an IRC server, until the time is up."""

from __future__ import annotations

import asyncio
import random
import sys

WORDS = [
    "well",
    "yes",
    "no",
    "maybe",
    "the",
    "build",
    "is",
    "green",
    "who",
    "broke",
    "it",
    "lunch",
    "at",
    "noon",
    "see",
    "ticket",
    "later",
    "thanks",
]


async def person(name: str, host: str, port: int, seconds: float, seed: str) -> None:
    """Join a channel, talk and answer PING."""
    rng = random.Random(seed + name)
    reader, writer = await asyncio.open_connection(host, port)

    async def hear() -> None:
        while line := await reader.readline():
            if line.startswith(b"PING"):
                writer.write(line.replace(b"PING", b"PONG", 1))

    ears = asyncio.ensure_future(hear())
    writer.write(f"NICK {name}\r\nUSER {name} 0 * :{name}\r\n".encode())
    await asyncio.sleep(2)
    writer.write(b"JOIN #lab\r\n")
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        await asyncio.sleep(rng.expovariate(0.4))
        text = " ".join(rng.choices(WORDS, k=rng.randrange(1, 15)))
        writer.write(f"PRIVMSG #lab :{text}\r\n".encode())
    writer.write(b"QUIT :bye\r\n")
    await asyncio.sleep(0.5)
    ears.cancel()


async def main(host: str, port: int, seconds: float, seed: str) -> None:
    """Run both."""
    await asyncio.gather(*(person(name, host, port, seconds, seed) for name in ("anna", "ben")))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
