"""Ordinary protocols by Python packages: ``plain.py NAME server|client HOST PORT SECONDS SEED``.

Each function is one side of one well-known protocol, spoken by the package that people use for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from typing import Any

HOST, PORT, SECONDS, DICE = "", 0, 20.0, random.Random(0)


def until() -> Any:
    """Yield until the time is up."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        yield


def rest(low: float, high: float) -> None:
    """Sleep a while."""
    time.sleep(DICE.uniform(low, high))


def modbus_server() -> None:
    """Serve registers."""
    from pymodbus.server import StartTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    block = [
        SimData(1, values=[DICE.randrange(1000) for _ in range(100)], datatype=DataType.UINT16)
    ]
    StartTcpServer(SimDevice(1, simdata=block), address=("", PORT))


def sacn_client() -> None:
    """Send lights' levels."""
    import sacn

    sender = sacn.sACNsender()
    sender.start()
    sender.activate_output(1)
    sender[1].destination = HOST
    for _ in until():
        sender[1].dmx_data = tuple(DICE.randrange(256) for _ in range(60))
        time.sleep(0.4)
    sender.stop()


def kad_server() -> None:
    """Be a node of a distributed hash table."""
    from kademlia.network import Server

    async def run() -> None:
        node = Server()
        await node.listen(PORT)
        await asyncio.Event().wait()

    asyncio.run(run())


def kad_client() -> None:
    """Join the table, set and get."""
    from kademlia.network import Server

    async def run() -> None:
        node = Server()
        await node.listen(PORT + 1)
        await node.bootstrap([(HOST, PORT)])
        for n, _ in enumerate(until()):
            await node.set(f"key{n}", DICE.randbytes(20).hex())
            await node.get(f"key{DICE.randrange(n + 1)}")
            await asyncio.sleep(DICE.uniform(0.3, 2))

    asyncio.run(run())


def dask_client() -> None:
    """Give work to a scheduler and its worker."""
    from distributed import Client

    with Client(f"tcp://{HOST}:{PORT}") as client:
        for _ in until():
            client.submit(pow, DICE.randrange(90), 7).result()
            rest(0.5, 2)


def ssh_server() -> None:
    """Serve a small command line over SSH by asyncssh."""
    import asyncssh

    async def serve(process: Any) -> None:
        process.stdout.write("lab> ")
        async for line in process.stdin:
            process.stdout.write(f"{line.strip()}: {DICE.randbytes(60).hex()}\r\nlab> ")

    class Open(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return False

    async def run() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        await asyncssh.create_server(Open, "", PORT, server_host_keys=[key], process_factory=serve)
        await asyncio.Event().wait()

    asyncio.run(run())


def ssh_client() -> None:
    """Type into it."""
    import asyncssh

    async def run() -> None:
        async with asyncssh.connect(HOST, PORT, known_hosts=None, username="lab") as link:
            process = await link.create_process(term_type="xterm")
            for _ in until():
                for key in DICE.choice(("show status", "list", "help", "log 10")) + "\n":
                    process.stdin.write(key)
                    await asyncio.sleep(DICE.uniform(0.05, 0.25))
                await asyncio.sleep(DICE.uniform(0.5, 3))

    asyncio.run(run())


def mllp_server() -> None:
    """Take HL7 messages and acknowledge them."""
    import hl7
    from hl7.mllp import start_hl7_server

    async def serve(reader: Any, writer: Any) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while not writer.is_closing():
                writer.writemessage((await reader.readmessage()).create_ack())
                await writer.drain()

    async def run() -> None:
        async with await start_hl7_server(serve, port=PORT) as server:
            await server.serve_forever()

    assert hl7
    asyncio.run(run())


def mllp_client() -> None:
    """Send admissions."""
    from hl7.client import MLLPClient

    with MLLPClient(HOST, PORT) as client:
        for n, _ in enumerate(until()):
            client.send_message(
                f"MSH|^~\\&|ADT|LAB|EPR|LAB|2024031409{n:04d}||ADT^A01|{n}|P|2.3\r"
                f"PID|1||{DICE.randrange(10**6)}||DOE^{'JANE' if n % 2 else 'JOHN'}||19700101|F\r"
                f"PV1|1|I|W{DICE.randrange(20)}^{DICE.randrange(9)}\r"
            )
            rest(0.5, 3)


def ping_client() -> None:
    """Ping by three Python packages in turn."""
    import icmplib
    import ping3
    import pythonping

    for _ in until():
        ping3.ping(HOST, timeout=2, size=DICE.choice((32, 56, 120)))
        rest(0.2, 0.8)
        icmplib.ping(HOST, count=2, interval=0.3, payload_size=DICE.choice((32, 56)))
        rest(0.2, 0.8)
        pythonping.ping(HOST, count=2, size=DICE.choice((1, 40, 64)))


if __name__ == "__main__":
    HOST, PORT, SECONDS = sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
    DICE = random.Random(sys.argv[6] + sys.argv[2])
    globals()[f"{sys.argv[1]}_{sys.argv[2]}"]()
