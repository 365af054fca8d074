"""``lines.py SERVICE ROLE HOST PORT SECONDS``: laboratory channels (caproto, p4p), Ice objects."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROLE, HOST, PORT = sys.argv[2], sys.argv[3], int(sys.argv[4])
STOP = time.monotonic() + float(sys.argv[5])


def turns(low: float, high: float) -> Iterator[int]:
    """Count on until the time is up, with pauses."""
    count = 0
    while time.monotonic() < STOP:
        yield count
        count += 1
        time.sleep(random.uniform(low, high))


def channel() -> None:
    """EPICS Channel Access by caproto."""
    os.environ |= {"EPICS_CA_ADDR_LIST": HOST, "EPICS_CA_AUTO_ADDR_LIST": "NO"}
    if ROLE == "server":
        from caproto.server import PVGroup, pvproperty, run

        class Magnet(PVGroup):
            current = pvproperty(value=12.5)
            field = pvproperty(value=0.7)

        run(Magnet(prefix="sr:q1:").pvdb, interfaces=[HOST])
    from caproto.threading.client import Context

    current, field = Context().get_pvs("sr:q1:current", "sr:q1:field", timeout=10)
    current.wait_for_connection(timeout=10)
    field.subscribe().add_callback(print)
    for n in turns(0.3, 1.5):
        current.read() if n % 3 else field.write([random.random()])


def access() -> None:
    """EPICS PV Access by p4p."""
    os.environ |= {"EPICS_PVA_ADDR_LIST": HOST, "EPICS_PVA_AUTO_ADDR_LIST": "NO"}
    if ROLE == "server":
        os.environ["EPICS_PVAS_INTF_ADDR_LIST"] = HOST
        from p4p.nt import NTScalar
        from p4p.server import Server
        from p4p.server.thread import SharedPV

        pv = SharedPV(nt=NTScalar("d"), initial=0.0)
        with Server(providers=[{"sr:q1:x": pv}]):
            while True:
                pv.post(random.random())
                time.sleep(0.7)
    from p4p.client.thread import Context

    context = Context("pva")
    context.monitor("sr:q1:x", print)
    for _ in turns(0.5, 2):
        context.get("sr:q1:x", throw=False, timeout=3)


def ice() -> None:
    """A ZeroC Ice object."""
    import Ice

    Path("shelf.ice").write_text(
        "module Lab { interface Shelf { string find(string w, int n); } }\n"
    )
    Ice.loadSlice("shelf.ice")
    import Lab  # type: ignore[import-not-found]

    class Shelf(Lab.Shelf):  # type: ignore[misc,name-defined]
        def find(self, w: str, n: int, current: object = None) -> str:
            return w * n

    with Ice.initialize(["--Ice.ACM.Heartbeat=3", "--Ice.ACM.Timeout=10"]) as communicator:
        if ROLE == "server":
            adapter = communicator.createObjectAdapterWithEndpoints("S", f"tcp -h {HOST} -p {PORT}")
            adapter.add(Shelf(), Ice.stringToIdentity("shelf"))
            adapter.activate()
            communicator.waitForShutdown()
        proxy = communicator.stringToProxy(f"shelf:tcp -h {HOST} -p {PORT}")
        shelf = Lab.ShelfPrx.checkedCast(proxy)
        for n in turns(0.4, 3):
            shelf.find("bolt ", n % 20)


if __name__ == "__main__":
    {"channel": channel, "access": access, "ice": ice}[sys.argv[1]]()
