"""``services.py SERVICE ROLE HOST PORT SECONDS SEED``: both ends of services of packages."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator

ROLE, HOST, PORT = sys.argv[2], sys.argv[3], int(sys.argv[4])
STOP = time.monotonic() + float(sys.argv[5])
RNG = random.Random(int(sys.argv[6]))


def turns(low: float, high: float) -> Iterator[int]:
    """Count on until the time is up, with pauses."""
    count = 0
    while time.monotonic() < STOP:
        yield count
        count += 1
        time.sleep(RNG.uniform(low, high))


def zerorpc() -> None:
    """Calls of a zerorpc service."""
    import zerorpc

    class Stock:
        def count(self, item: str) -> int:
            return len(item) * 7

        def listing(self, size: int) -> list[dict[str, object]]:
            return [{"id": i, "name": f"part {i}"} for i in range(size)]

    if ROLE == "server":
        server = zerorpc.Server(Stock())
        server.bind(f"tcp://{HOST}:{PORT}")
        server.run()
    client = zerorpc.Client()
    client.connect(f"tcp://{HOST}:{PORT}")
    for n in turns(0.5, 3):
        client.listing(RNG.randrange(9)) if n % 3 else client.count("bolt")


def tftpy() -> None:
    """Files by TFTP."""
    import tftpy as lib

    if ROLE == "server":
        lib.TftpServer(".").listen(HOST, PORT)
    client = lib.TftpClient(HOST, PORT)
    for _ in turns(1, 4):
        client.download("firmware.bin", "/dev/null")


def ads() -> None:
    """A Beckhoff controller's symbols."""
    import pyads
    from pyads.testserver import AdsTestServer, BasicHandler

    if ROLE == "server":
        server = AdsTestServer(handler=BasicHandler(), ip_address=HOST, port=PORT, logging=False)
        server.start()
        time.sleep(600)
    pyads.open_port()
    pyads.set_local_address("10.1.1.1.1.1")
    plc = pyads.Connection("10.2.2.2.1.1", 851, HOST)
    plc.open()
    for _ in turns(0.4, 1.5):
        try:
            plc.read(0xF020, RNG.randrange(9), pyads.PLCTYPE_DINT)
        except pyads.ADSError as error:
            print(error)


def thrift() -> None:
    """A Thrift service by thriftpy2."""
    from pathlib import Path

    import thriftpy2
    from thriftpy2.rpc import make_client, make_server

    Path("shop.thrift").write_text(
        "service Shop { string price(1: string item), list<i32> stock(1: i32 many) }\n"
    )
    module = thriftpy2.load("shop.thrift", module_name="shop_thrift")

    class Shop:
        def price(self, item: str) -> str:
            return f"{len(item)}.99 for {item}"

        def stock(self, many: int) -> list[int]:
            return list(range(many))

    if ROLE == "server":
        make_server(module.Shop, Shop(), HOST, PORT, client_timeout=None).serve()
    client = make_client(module.Shop, HOST, PORT, timeout=5000)
    for n in turns(0.3, 2):
        client.stock(RNG.randrange(60)) if n % 2 else client.price("lamp")


def capnp() -> None:
    """A Cap'n Proto service."""
    import asyncio
    from pathlib import Path

    import capnp as lib

    lib.remove_import_hook()
    Path("clock.capnp").write_text(
        "@0xb1c3e4f1a2d35577;\ninterface Clock { tick @0 (n :UInt32) -> (text :Text); }\n"
    )
    module = lib.load("clock.capnp")

    class Clock(module.Clock.Server):
        async def tick(self, n: int, **_: object) -> str:
            return f"tick {n} " + "x" * (n % 40)

    async def serve(stream: object) -> None:
        await lib.TwoPartyServer(stream, bootstrap=Clock()).on_disconnect()

    async def run() -> None:
        if ROLE == "server":
            server = await lib.AsyncIoStream.create_server(serve, HOST, PORT)
            async with server:
                await server.serve_forever()
        stream = await lib.AsyncIoStream.create_connection(host=HOST, port=PORT)
        clock = lib.TwoPartyClient(stream).bootstrap().cast_as(module.Clock)
        while time.monotonic() < STOP:
            await clock.tick(RNG.randrange(1000))
            await asyncio.sleep(RNG.uniform(0.3, 2))

    asyncio.run(lib.run(run()))


def zenoh() -> None:
    """Publish and subscribe by Zenoh."""
    import json

    import zenoh as lib

    conf = lib.Config()
    conf.insert_json5("scouting/multicast/enabled", "false")
    where = json.dumps([f"tcp/{HOST}:{PORT}"])
    conf.insert_json5("listen/endpoints" if ROLE == "server" else "connect/endpoints", where)
    session = lib.open(conf)
    if ROLE == "server":
        session.declare_subscriber("robot/**", lambda sample: None)
        time.sleep(600)
    for n in turns(0.1, 0.8):
        session.put(f"robot/{n % 3}/pose", json.dumps({"x": RNG.random(), "y": RNG.random()}))


def lifx() -> None:
    """A lamp's LAN protocol: queries answered with states."""
    import socket
    import struct

    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    target = bytes.fromhex("d073d5010203") + b"\0\0"
    if ROLE == "server":
        sock.bind((HOST, PORT))
        while True:
            data, peer = sock.recvfrom(600)
            kind = struct.unpack_from("<H", data, 32)[0]
            body = struct.pack("<HHHHhH32sQ", 0, 0, 40000, 3500, 0, 65535, b"Desk", 0)
            answer = {
                101: (107, body),
                2: (3, b"\1" + struct.pack("<I", PORT)),
                20: (22, b"\xff\xff"),
            }
            number, text = answer.get(kind, (45, b""))
            head = struct.pack("<HHI", 36 + len(text), 0x1400, struct.unpack_from("<I", data, 4)[0])
            sock.sendto(
                head
                + target
                + b"\0" * 6
                + data[22:24]
                + b"\0" * 8
                + struct.pack("<HH", number, 0)
                + text,
                peer,
            )
    for n in turns(0.4, 2.5):
        kind, text = RNG.choice(
            ((101, b""), (2, b""), (20, b""), (117, struct.pack("<HI", 65535, 400)))
        )
        head = struct.pack("<HHI", 36 + len(text), 0x1400, 77)
        sock.sendto(
            head
            + target
            + b"\0" * 6
            + bytes((1, n % 256))
            + b"\0" * 8
            + struct.pack("<HH", kind, 0)
            + text,
            (HOST, PORT),
        )


def kasa() -> None:
    """A smart plug: JSON under a running XOR, length first."""
    import json
    import socket
    import struct

    def cipher(data: bytes, back: bool = False) -> bytes:
        key, out = 171, bytearray()
        for octet in data:
            out.append(octet ^ key)
            key = octet if back else out[-1]
        return bytes(out)

    if ROLE == "server":
        server = socket.create_server((HOST, PORT))
        while True:
            line, _ = server.accept()
            while head := line.recv(4):
                line.recv(struct.unpack(">I", head)[0])
                info = {
                    "system": {
                        "get_sysinfo": {
                            "model": "HS110(EU)",
                            "relay_state": 1,
                            "rssi": -RNG.randrange(40, 80),
                            "on_time": int(time.time()),
                        }
                    },
                    "emeter": {"get_realtime": {"power_mw": RNG.randrange(90000), "err_code": 0}},
                }
                body = cipher(json.dumps(info).encode())
                line.sendall(struct.pack(">I", len(body)) + body)
    for n in turns(2, 6):
        line = socket.create_connection((HOST, PORT))
        order = (
            {"system": {"get_sysinfo": {}}}
            if n % 3
            else {"system": {"set_relay_state": {"state": n & 1}}}
        )
        body = cipher(json.dumps(order).encode())
        line.sendall(struct.pack(">I", len(body)) + body)
        line.recv(4096)
        line.close()


SERVICES: dict[str, Callable[[], None]] = {
    "zerorpc": zerorpc, "tftpy": tftpy, "ads": ads, "thrift": thrift, "capnp": capnp,
    "zenoh": zenoh, "lifx": lifx, "kasa": kasa,
}  # fmt: skip

if __name__ == "__main__":
    SERVICES[sys.argv[1]]()
