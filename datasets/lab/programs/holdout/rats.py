"""Conversations shaped like published analyses of remote access tools, over bare TCP.

``rats.py FAMILY bot|boss HOST PORT SECONDS SEED``; the bot connects.  The layouts (magic, length
fields, separators, compression) are those that public reports describe; commands and answers are
made up and nothing is ever executed.

``ghost`` 5-letter magic, two little-endian lengths, zlib; ``delim`` decimal length, NUL, text with
separators; ``hexkeep`` hexadecimal RC4 text with keep-alives; ``tagged`` fixed magic, length, RC4;
``blocks`` challenge of 256 octets, then 48-octet blocks; ``sealed`` little-endian length, tag, IV,
AES-sized body; ``stage`` a length and a large image, then XORed records; ``iot`` a four-octet
hello, then two-octet keep-alives and short orders; ``lines`` plain text orders in capitals.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import struct
import sys
import zlib
from collections.abc import Awaitable, Callable

from side import WINDOWS, Reader, Side, Writer, listing, scramble


def ghost(side: Side, magic: bytes, body: bytes) -> bytes:
    """Frame: magic, whole length, plain length, zlib."""
    packed = zlib.compress(body)
    return magic + struct.pack("<II", len(packed) + 13, len(body)) + packed


async def ghost_bot(side: Side) -> None:
    """Log in with a structure of system facts, then answer; screens are large."""
    magic = b"HoLdR"
    facts = (
        bytes([102])
        + struct.pack("<IIIIII", 148, 6, 1, 7601, 2, 0)
        + b"Service Pack 1".ljust(128, b"\0")
    )
    await side.say(
        ghost(side, magic, facts + b"WORKSTATION-07".ljust(50, b"\0") + b"\x01\0\0\0" * 4)
    )
    while side.left > 0:
        got = await side.hear(side.left)
        if not got:
            return
        await side.rest(0.02, 0.2)
        kind = side.rng.random()
        if kind < 0.3:
            await side.say(
                ghost(side, magic, b"\x6f" + side.rng.randbytes(side.rng.randrange(1500, 6000)))
            )
        elif kind < 0.8:
            await side.say(
                ghost(side, magic, b"\x69" + listing(side.rng, side.rng.randrange(3, 60)))
            )
        else:
            await side.say(ghost(side, magic, b"\x68\0"))


async def ghost_boss(side: Side) -> None:
    """Give one-octet orders with small arguments."""
    await side.hear(10)
    await side.say(ghost(side, b"HoLdR", b"\x00"))
    while side.left > 1:
        await side.say(
            ghost(
                side,
                b"HoLdR",
                bytes([side.rng.randrange(1, 60)])
                + listing(side.rng, 1)[: side.rng.randrange(1, 20)],
            )
        )
        end = side.rng.uniform(0.7, 4)
        while end > 0 and await side.hear(end):
            end /= 2


def delim(text: str) -> bytes:
    """Frame: decimal length, NUL, text."""
    raw = text.encode()
    return str(len(raw)).encode() + b"\0" + raw


async def delim_bot(side: Side) -> None:
    """Log in, tell the active window when it changes, answer keep-alives."""
    mark = "|'|'|"
    name = base64.b64encode(b"HacKed_3F1A09C2").decode()
    await side.say(
        delim(
            mark.join(
                (
                    "ll",
                    name,
                    "PC-ANNA",
                    "anna",
                    "24-03-14",
                    "",
                    "Win 10 Pro SP0 x64",
                    "No",
                    "0.7d",
                    "..",
                    "",
                )
            )
        )
    )
    await side.say(
        delim(
            "inf"
            + mark
            + base64.b64encode(b"lab\r\n10.0.0.4:5552\r\nTEMP\r\nsrv.exe\r\nFalse").decode()
        )
    )
    while side.left > 0:
        got = await side.hear(side.rng.uniform(1, 4))
        if b"CAP" in got:
            await side.say(delim("CAP" + mark) + side.rng.randbytes(side.rng.randrange(900, 3500)))
        elif got:
            await side.say(delim(""))
        elif side.rng.random() < 0.6:
            title = base64.b64encode(side.rng.choice(WINDOWS).encode()).decode()
            await side.say(delim("act" + mark + title))


async def delim_boss(side: Side) -> None:
    """Keep alive, and look at the screen now and then."""
    while side.left > 1:
        got = await side.hear(side.rng.uniform(2, 5))
        if not got:
            await side.say(delim(side.rng.choice(("", "", "CAP|'|'|64|'|'|48"))))


async def hexkeep_bot(side: Side) -> None:
    """Wait for the challenge, answer, keep alive every few seconds, all in hexadecimal."""
    key = b"#KCMDDC51#-890"

    def hexed(text: str) -> bytes:
        return scramble(key, text.encode()).hex().upper().encode()

    await side.hear(10)
    await side.say(hexed("SERVER"))
    await side.hear(10)
    await side.say(
        hexed(
            "infoesGuest16|10.0.0.9 / [10.0.0.9] : 1604|PC-ANNA / anna|0|0s|Windows 7|x||US|"
            "Program Manager|{8-8}|34%|English"
        )
    )
    n = 0
    while side.left > 0:
        got = await side.hear(2.0)
        n += 1
        if got:
            await side.say(hexed("FILES" + listing(side.rng, side.rng.randrange(2, 25)).decode()))
        else:
            await side.say(hexed(f"KEEPALIVE{n * 2000}"))


async def hexkeep_boss(side: Side) -> None:
    """Challenge, ask for facts, then order now and then."""
    await side.say(scramble(b"#KCMDDC51#-890", b"IDTYPE").hex().upper().encode())
    await side.hear(10)
    await side.say(scramble(b"#KCMDDC51#-890", b"GetSIN10.0.0.9|60134").hex().upper().encode())
    while side.left > 1:
        await side.hear(2.0)
        if side.rng.random() < 0.25:
            await side.say(
                scramble(b"#KCMDDC51#-890", b"ListFilesC:\\Users").hex().upper().encode()
            )


async def tagged_bot(side: Side) -> None:
    """Magic and length in clear, the rest RC4 over the connection; a large keylog at times."""
    key = side.rng.randbytes(16)

    async def put(kind: int, *fields: bytes) -> None:
        body = struct.pack("<I", kind) + b"\x1e\x1e\x1f|\x1e\x1e\x1f".join(fields)
        await side.say(b"\x24\x04\xff\x00" + struct.pack("<I", len(body)) + scramble(key, body))

    await put(
        0x4B,
        b"RemoteHost",
        b"PC-ANNA/anna",
        b"US",
        b"Windows 10 Pro (64 bit)",
        b"",
        b"8589934592",
        b"3.8.0 Pro",
        b"C:\\p\\s.exe",
        b"5",
        b"1",
        b"0",
    )
    while side.left > 0:
        got = await side.hear(side.rng.uniform(3, 6))
        if not got:
            await put(
                0x4C, str(side.rng.randrange(300)).encode(), side.rng.choice(WINDOWS).encode()
            )
        elif side.rng.random() < 0.5:
            await put(0x63, listing(side.rng, side.rng.randrange(5, 80)))


async def tagged_boss(side: Side) -> None:
    """Order and keep alive in small tagged records."""
    while side.left > 1:
        await side.hear(side.rng.uniform(2, 5))
        body = side.rng.randbytes(side.rng.choice((4, 4, 8, 27)))
        await side.say(b"\x24\x04\xff\x00" + struct.pack("<I", len(body)) + body)


async def blocks_bot(side: Side) -> None:
    """Send 256 octets, get 256, then code to load, then keep-alives of 48 octets each."""
    await side.say(side.rng.randbytes(256))
    await side.hear(10)
    await side.hear(10)
    while side.left > 0:
        got = await side.hear(5.0)
        await side.rest(0.05, 1.5)
        if got and len(got) != 48:
            await side.say(side.rng.randbytes(32 + 16 * side.rng.randrange(1, 120)))
        await side.say(side.rng.randbytes(48))


async def blocks_boss(side: Side) -> None:
    """Answer the challenge, send the code, keep alive."""
    await side.hear(10)
    await side.say(side.rng.randbytes(256))
    await side.rest(0.1, 0.3)
    await side.say(struct.pack("<I", 4624) + side.rng.randbytes(4624))
    while side.left > 1:
        await side.hear(4.0)
        await side.rest(0.5, 3)
        await side.say(side.rng.randbytes(side.rng.choice((48, 48, 48, 96, 144))))


async def sealed_bot(side: Side) -> None:
    """Length, HMAC, IV, AES blocks; a status every second and results."""

    async def put(size: int) -> None:
        body = side.rng.randbytes(48 + (size // 16 + 1) * 16)
        await side.say(struct.pack("<I", len(body)), body)

    await side.hear(10)
    await put(190)
    while side.left > 0:
        got = await side.hear(side.rng.uniform(1, 3))
        await put(side.rng.randrange(400, 4000) if got and side.rng.random() < 0.7 else 12)


async def sealed_boss(side: Side) -> None:
    """Ask to identify, then order."""
    while side.left > 1:
        body = side.rng.randbytes(48 + 16 * side.rng.randrange(1, 6))
        await side.say(struct.pack("<I", len(body)), body)
        await side.rest(1.5, 5)
        await side.hear(0.2)


async def stage_bot(side: Side) -> None:
    """Take the stage, then answer records: XOR key, session id, flags, length, type, TLVs."""
    want = struct.unpack("<I", await side.reader.readexactly(4))[0]
    await side.reader.readexactly(want)
    await side.rest(0.5, 1)
    session = side.rng.randbytes(16)
    while side.left > 0:
        head = await asyncio.wait_for(side.reader.readexactly(32), max(0.1, side.left))
        key = head[:4]
        plain = bytes(a ^ b for a, b in zip(head[4:], key * 7, strict=True))
        size = struct.unpack(">I", plain[20:24])[0]
        await side.reader.readexactly(size - 8)
        await side.rest(0.01, 0.15)
        await side.say(record(side.rng, session, side.rng.choice((60, 120, 300, 1500, 5000))))


def record(rng: random.Random, session: bytes, size: int) -> bytes:
    """Return one XORed record with `size` octets of TLVs."""
    body = struct.pack(">II", 12, 0x20001) + rng.randbytes(4)
    body += struct.pack(">II", size + 8, 0x40000) + rng.randbytes(size)
    head = session + struct.pack(">III", 1, len(body) + 8, 0)
    key = bytes(rng.randrange(1, 256) for _ in range(4))
    plain = head + body
    return key + bytes(octet ^ key[i & 3] for i, octet in enumerate(plain))


async def stage_boss(side: Side) -> None:
    """Send the stage's length and image, then order."""
    image = b"MZ" + zlib.compress(side.rng.randbytes(20_000)) + listing(side.rng, 400) + bytes(2000)
    await side.say(struct.pack("<I", len(image)), image)
    session = bytes(16)
    while side.left > 1:
        await side.say(record(side.rng, session, side.rng.randrange(20, 90)))
        await side.hear(1.0)
        await side.rest(0.3, 4)


async def iot_bot(side: Side) -> None:
    """Say hello and a name, then two zero octets on and on, echoed by the other side."""
    await side.say(b"\0\0\0\x01", b"\x06", b"router")
    while side.left > 0:
        with contextlib.suppress(TimeoutError):
            await side.hear(6.0)
        await side.say(b"\0\0")
        await asyncio.sleep(3.0)


async def iot_boss(side: Side) -> None:
    """Echo keep-alives; order at times."""
    while side.left > 1:
        got = await side.hear(side.left)
        if got[-2:] == b"\0\0":
            await side.say(b"\0\0")
        if side.rng.random() < 0.3:
            order = (
                struct.pack(">IBB", 30, side.rng.randrange(10), 1)
                + side.rng.randbytes(4)
                + b"\x20\x01\x07\x0280"
            )
            await side.say(struct.pack(">H", len(order) + 2) + order)


async def lines_bot(side: Side) -> None:
    """Answer PING with PONG and orders with a line."""
    await side.say(b"BUILD MIPS:UNKNOWN\n")
    while side.left > 0:
        for line in (await side.hear(side.left)).split(b"\n"):
            if line == b"PING":
                await side.say(b"PONG!\n")
            elif line.startswith(b"!*"):
                await side.say(
                    b"["
                    + line[3:20]
                    + b"] done, "
                    + str(side.rng.randrange(999)).encode()
                    + b" hosts\n"
                )


async def lines_boss(side: Side) -> None:
    """PING, and orders in capitals."""
    while side.left > 1:
        orders = ("SCANNER ON", "HOLD 10.0.0.8 80 30", "UDP 10.0.0.8 53 20", "KILLATTK")
        order = f"!* {side.rng.choice(orders)}\n"
        await side.say(b"PING\n" if side.rng.random() < 0.7 else order.encode())
        await side.rest(1, 4)
        await side.hear(0.1)


Talk = Callable[[Side], Awaitable[None]]


async def run(talk: Talk, reader: Reader, writer: Writer, seconds: float, seed: str) -> None:
    """Hold one conversation."""
    with contextlib.suppress(OSError, EOFError, TimeoutError, asyncio.IncompleteReadError):
        await talk(Side(reader, writer, random.Random(seed), seconds))
    writer.close()


async def main(family: str, role: str, host: str, port: int, seconds: float, seed: str) -> None:
    """Connect, or serve every connection."""
    talk: Talk = globals()[f"{family}_{role}"]
    if role == "bot":
        await run(talk, *await asyncio.open_connection(host, port), seconds, seed + role)
        return

    async def serve(reader: Reader, writer: Writer) -> None:
        await run(talk, reader, writer, seconds, seed + role)

    async with await asyncio.start_server(serve, host, port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    a = sys.argv
    asyncio.run(main(a[1], a[2], a[3], int(a[4]), float(a[5]), a[6]))
