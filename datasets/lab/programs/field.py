"""Protocols of plants, laboratories and programs, each by a library that speaks it.

``field.py PROTOCOL server SEED`` and ``field.py PROTOCOL client SEED HOST SECONDS``.  The
libraries are Python packages (see the lab's README); messages and values are made up.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from text import make


def pauses(rng: random.Random, seconds: float, low: float, high: float) -> Any:
    """Yield numbers, with pauses in between, until the time is up."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        yield number
        number += 1
        time.sleep(rng.uniform(low, high))


async def steps(rng: random.Random, seconds: float, low: float, high: float) -> Any:
    """Yield numbers like :func:`pauses`, without blocking the loop."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        yield number
        number += 1
        await asyncio.sleep(rng.uniform(low, high))


def opcua(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """OPC UA: values read and subscribed to."""
    lib = importlib.import_module("asyncua")

    async def server() -> None:
        plant = lib.Server()
        await plant.init()
        plant.set_endpoint("opc.tcp://0.0.0.0:4840/")
        space = await plant.register_namespace("lab")
        tank = await plant.nodes.objects.add_object(space, "tank")
        level = await tank.add_variable(space, "level", 1.0)
        async with plant:
            async for _ in steps(rng, 600, 0.5, 1.0):
                await level.write_value(rng.gauss(40, 2))

    async def client() -> None:
        async with lib.Client(f"opc.tcp://{host}:4840/") as plant:
            space = await plant.get_namespace_index("lab")
            level = await plant.nodes.objects.get_child([f"{space}:tank", f"{space}:level"])
            watch = await plant.create_subscription(700, type("Sink", (), {})())
            async for number in steps(rng, seconds, 0.3, 1.5):
                await level.read_value()
                if number == 3:
                    await level.read_attributes([1, 2, 3, 13])
            await watch.delete()

    asyncio.run(server() if role == "server" else client())


def coap(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """CoAP: gets, puts and an observation, with blocks."""
    lib = importlib.import_module("aiocoap")
    resource = importlib.import_module("aiocoap.resource")

    class Sensor(resource.ObservableResource):  # type: ignore[name-defined, misc]
        async def render_get(self, _: Any) -> Any:
            return lib.Message(payload=make("json", rng.choice((60, 200, 1500)), rng.randrange(99)))

        async def render_put(self, _: Any) -> Any:
            self.updated_state()
            return lib.Message(code=lib.CHANGED)

    async def server() -> None:
        site = resource.Site()
        site.add_resource(["sensor"], Sensor())
        await lib.Context.create_server_context(site, bind=(os.environ["SERVER"], 5683))
        await asyncio.sleep(600)

    async def client() -> None:
        context = await lib.Context.create_client_context()
        uri = f"coap://{host}/sensor"
        watch = context.request(lib.Message(code=lib.GET, uri=uri, observe=0))
        await watch.response
        async for number in steps(rng, seconds, 0.4, 2.0):
            code = lib.PUT if number % 3 == 2 else lib.GET
            payload = make("hex", 40, number) if code == lib.PUT else b""
            await context.request(lib.Message(code=code, uri=uri, payload=payload)).response
        await context.shutdown()

    asyncio.run(server() if role == "server" else client())


def osc(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """Open Sound Control: faders and notes, one way."""
    if role == "server":
        lib = importlib.import_module("pythonosc.osc_server")
        dispatcher = importlib.import_module("pythonosc.dispatcher").Dispatcher()
        lib.ThreadingOSCUDPServer(("0.0.0.0", 9000), dispatcher).serve_forever()
    sender = importlib.import_module("pythonosc.udp_client").SimpleUDPClient(host, 9000)
    for number in pauses(rng, seconds, 0.02, 0.5):
        if number % 7:
            sender.send_message(f"/mixer/fader/{number % 8}", rng.random())
        else:
            sender.send_message("/synth/note", [rng.randrange(128), rng.random(), "on"])


def mavlink(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """MAVLink: a drone's heartbeats and attitude, a ground station's answers."""
    lib = importlib.import_module("pymavlink.mavutil")
    if role == "server":
        link = lib.mavlink_connection("udpin:0.0.0.0:14550")
        while True:
            message = link.recv_match(blocking=True, timeout=1)
            if message is not None and message.get_type() == "HEARTBEAT":
                link.mav.heartbeat_send(6, 8, 0, 0, 4)
                link.mav.param_request_read_send(1, 1, b"RATE_P", -1)
    link = lib.mavlink_connection(f"udpout:{host}:14550", source_system=1)
    for number in pauses(rng, seconds, 0.18, 0.22):
        clock = number * 200
        link.mav.attitude_send(clock, rng.gauss(0, 0.1), rng.gauss(0, 0.1), 1.2, 0.0, 0.0, 0.0)
        if number % 5 == 0:
            link.mav.heartbeat_send(2, 3, 81, 0, 4)
            link.mav.global_position_int_send(clock, 47, 8, 400, 30, 1, 1, 0, number)


class Levels:
    """Registered over rpyc and Pyro."""

    def read(self, count: int) -> list[float]:
        """Return readings."""
        return [random.random() for _ in range(count)]


def rpyc(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """RPyC: calls and netrefs."""
    lib = importlib.import_module("rpyc")
    if role == "server":
        server = importlib.import_module("rpyc.utils.server").ThreadedServer
        service = type("Service", (lib.Service,), {"exposed_read": Levels.read})
        server(service, hostname="0.0.0.0", port=18812).start()
    connection = lib.connect(host, 18812)
    for number in pauses(rng, seconds, 0.1, 1.3):
        list(connection.root.read(rng.randrange(1, 5)))
        if number % 4 == 0:
            connection.ping()


def pyro(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """Pyro: remote calls in serpent."""
    lib = importlib.import_module("Pyro5.api")
    if role == "server":
        daemon = lib.Daemon(host="0.0.0.0", port=9099)
        daemon.register(lib.expose(Levels)(), "levels")
        daemon.requestLoop()
    with lib.Proxy(f"PYRO:levels@{host}:9099") as levels:
        for _ in pauses(rng, seconds, 0.1, 1.3):
            levels.read(rng.randrange(1, 30))


def s7(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """S7comm over ISO-on-TCP: a data block read and written."""
    lib = importlib.import_module("snap7")
    if role == "server":
        plc = lib.Server()
        plc.register_area(lib.SrvArea.DB, 1, bytearray(rng.randbytes(200)))
        plc.start(tcp_port=102)
        time.sleep(600)
    plc = lib.Client()
    plc.connect(host, 0, 1, 102)
    for number in pauses(rng, seconds, 0.3, 1.2):
        plc.db_read(1, 0, rng.choice((4, 20, 100)))
        if number % 4 == 3:
            plc.db_write(1, 8, bytearray(rng.randbytes(4)))


def iec104(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """IEC 60870-5-104: interrogation, then measured values."""
    lib = importlib.import_module("c104")
    if role == "server":
        server = lib.Server(ip="0.0.0.0", port=2404)
        station = server.add_station(common_address=47)
        points = [
            station.add_point(io_address=n, type=lib.Type.M_ME_NC_1, report_ms=1000)
            for n in (11, 12, 13)
        ]
        server.start()
        for _ in pauses(rng, 600, 0.5, 1.0):
            for point in points:
                point.value = rng.gauss(230, 2)
    client = lib.Client()
    client.add_connection(ip=host, port=2404, init=lib.Init.ALL)
    client.start()
    time.sleep(seconds)
    client.stop()


def dicom(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """DICOM: associations and verification."""
    lib = importlib.import_module("pynetdicom")
    one = lib.AE(ae_title="LAB")
    verification = "1.2.840.10008.1.1"
    if role == "server":
        one.add_supported_context(verification)
        one.start_server(("0.0.0.0", 11112), block=True)
    one.add_requested_context(verification)
    for _ in pauses(rng, seconds, 0.5, 2.0):
        association = one.associate(host, 11112)
        for _ in range(rng.randint(1, 3)):
            association.send_c_echo()
        association.release()


def dds(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """DDS over RTPS: discovery of peers, samples, acknowledgements."""
    peer = host or os.environ["CLIENT"]
    os.environ["CYCLONEDDS_URI"] = (
        "<General><AllowMulticast>false</AllowMulticast></General><Discovery><Peers>"
        f"<Peer address='{peer}'/></Peers><ParticipantIndex>auto</ParticipantIndex></Discovery>"
    )
    idl = importlib.import_module("cyclonedds.idl")
    kind = idl.make_idl_struct("Reading", "Reading", {"number": int, "text": str})
    one = importlib.import_module("cyclonedds.domain").DomainParticipant()
    topic = importlib.import_module("cyclonedds.topic").Topic(one, "readings", kind)
    if role == "server":
        reader = importlib.import_module("cyclonedds.sub").DataReader(one, topic)
        for _ in pauses(rng, 600, 0.2, 0.2):
            reader.take(N=10)
    writer = importlib.import_module("cyclonedds.pub").DataWriter(one, topic)
    for number in pauses(rng, seconds, 0.2, 0.8):
        writer.write(kind(number=number, text=make("text", rng.randint(5, 120), number).decode()))


def nng(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """Scalability protocols of nng: a survey and its answers."""
    lib = importlib.import_module("pynng")
    if role == "server":
        with lib.Surveyor0(listen="tcp://0.0.0.0:5599", survey_time=400) as survey:
            for number in pauses(rng, 600, 0.3, 1.5):
                survey.send(make("json", 60, number))
                try:
                    survey.recv()
                except lib.Timeout:
                    continue
    with lib.Respondent0(dial=f"tcp://{host}:5599", recv_timeout=3000) as answering:
        for number in pauses(rng, seconds, 0.0, 0.02):
            answering.recv()
            answering.send(make("text", rng.randint(10, 300), number))


ZMQ = {
    "zmq-pub": ("PUB", "SUB", "tcp://{}:5556"),
    "zmq-req": ("REP", "REQ", "tcp://{}:5557"),
    "zmq-pgm": ("PUB", "SUB", "pgm://{};239.192.1.7:5558"),
    "zmq-epgm": ("PUB", "SUB", "epgm://{};239.192.1.7:5559"),
}


def zmq(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """ZeroMQ over TCP, and over PGM on a local network (the client publishes there)."""
    lib = importlib.import_module("zmq")
    name = sys.argv[1]
    there, here, where = ZMQ[name]
    multicast = "pgm" in name
    context = lib.Context()
    if role == "server":
        sock = context.socket(getattr(lib, here if multicast else there))
        if multicast:
            sock.setsockopt(lib.SUBSCRIBE, b"")
            sock.connect(where.format(os.environ["GATEWAY"]))
            while True:
                sock.recv()
        sock.bind(where.format("0.0.0.0"))
        for number in pauses(rng, 600, 0.1, 1.0 if there == "PUB" else 0.1):
            if there == "REP":
                sock.recv()
            sock.send(make("json", rng.randint(20, 400), number))
    sock = context.socket(getattr(lib, there if multicast else here))
    sock.setsockopt(lib.LINGER, 0)
    if multicast:
        sock.setsockopt(lib.RATE, 400)
        sock.bind(where.format(os.environ["CLIENT"]))
    else:
        sock.connect(where.format(host))
    if here == "SUB" and not multicast:
        sock.setsockopt(lib.SUBSCRIBE, b"")
        time.sleep(seconds)
        return
    for number in pauses(rng, seconds, 0.1, 1.0):
        sock.send(make("json", rng.randint(20, 300), number))
        if here == "REQ":
            sock.recv()


def webrtc(role: str, rng: random.Random, host: str, seconds: float) -> None:
    """WebRTC data channel: ICE, DTLS, SCTP; offer and answer go through files."""
    lib = importlib.import_module("aiortc")
    offer, answer = Path("offer.sdp"), Path("answer.sdp")

    def handed(file: Path) -> str:
        while not file.exists():
            time.sleep(0.1)
        time.sleep(0.2)
        return file.read_text()

    async def run() -> None:
        peer = lib.RTCPeerConnection(lib.RTCConfiguration(iceServers=[]))
        if role == "server":
            peer.on("datachannel", lambda c: c.on("message", lambda m: c.send(m[::-1])))
            text = await asyncio.to_thread(handed, offer)
            await peer.setRemoteDescription(lib.RTCSessionDescription(text, "offer"))
            await peer.setLocalDescription(await peer.createAnswer())
            await asyncio.to_thread(answer.write_text, peer.localDescription.sdp)
            await asyncio.sleep(600)
        channel = peer.createDataChannel("chat")
        await peer.setLocalDescription(await peer.createOffer())
        await asyncio.to_thread(offer.write_text, peer.localDescription.sdp)
        text = await asyncio.to_thread(handed, answer)
        await peer.setRemoteDescription(lib.RTCSessionDescription(text, "answer"))
        async for number in steps(rng, seconds, 0.2, 1.5):
            if channel.readyState == "open":
                channel.send(make("text", rng.randint(5, 200), number).decode())
        await peer.close()

    asyncio.run(run())


Run = Callable[[str, random.Random, str, float], None]
PROTOCOLS: dict[str, Run] = {
    "opcua": opcua, "coap": coap, "osc": osc, "mavlink": mavlink, "rpyc": rpyc, "pyro": pyro,
    "s7": s7, "iec104": iec104, "dicom": dicom, "dds": dds, "nng": nng, "webrtc": webrtc,
    **dict.fromkeys(ZMQ, zmq),
}  # fmt: skip


def main(argv: list[str]) -> None:
    """Run one side."""
    protocol, role, seed = argv[0], argv[1], argv[2]
    host, seconds = (argv[3], float(argv[4])) if role == "client" else ("", 0.0)
    PROTOCOLS[protocol](role, random.Random(f"{seed}{role}{protocol}"), host, seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
