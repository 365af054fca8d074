"""Ordinary protocols by Python packages: ``plain.py NAME server|client HOST PORT SECONDS SEED``.

Each function is one side of one well-known protocol, spoken by the package that people use for it.
"""

from __future__ import annotations

import asyncio
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


def pyro_server() -> None:
    """Serve a counter."""
    import Pyro5.api

    @Pyro5.api.expose
    class Counter:
        def add(self, number: int, note: str) -> int:
            return number + len(note)

    with Pyro5.api.Daemon(host=HOST, port=PORT) as daemon:
        daemon.register(Counter, "counter")
        daemon.requestLoop()


def pyro_client() -> None:
    """Call the counter."""
    import Pyro5.api

    proxy = Pyro5.api.Proxy(f"PYRO:counter@{HOST}:{PORT}")
    for _ in until():
        proxy.add(DICE.randrange(99), "n" * DICE.randrange(60))
        rest(0.3, 2)


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


if __name__ == "__main__":
    HOST, PORT, SECONDS = sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
    DICE = random.Random(sys.argv[6] + sys.argv[2])
    globals()[f"{sys.argv[1]}_{sys.argv[2]}"]()
