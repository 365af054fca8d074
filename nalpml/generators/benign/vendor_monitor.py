"""Monitoring of machines: Zabbix agents, Munin nodes, collectd.

Framing after the Zabbix protocol pages, Munin's node protocol and collectd's binary protocol.
"""

from __future__ import annotations

import json
import struct

import numpy as np

from nalpml.generators._content import hostname, loguniform, pick, sentence, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._profile import Profile
from nalpml.generators.benign.vendor_bodies import document
from nalpml.generators.benign.vendor_named import Named, lot, short, wait

__all__ = ["PROFILES"]

Rng = np.random.Generator


def _zabbix(rng: Rng, conv: Conversation) -> None:
    def frame(text: bytes) -> bytes:
        return b"ZBXD\x01" + struct.pack("<Q", len(text)) + text

    if rng.random() < 0.5:
        key = f"{word(rng)}.{word(rng)}[{word(rng)}]"
        conv.say(0, frame(key.encode()) if rng.random() < 0.6 else key.encode() + b"\n", 1e-4)
        conv.say(
            1,
            frame(
                pick(
                    rng,
                    (
                        b"1",
                        b"0",
                        f"{float(rng.normal(50)):.6f}".encode(),
                        sentence(rng, 5).encode(),
                    ),
                )
            ),
            wait(rng),
        )
        return
    verb = pick(rng, ("agent data", "active checks", "sender data"))
    conv.say(
        0,
        frame(
            json.dumps(
                {
                    "request": verb,
                    "host": word(rng),
                    "data": document(rng, [word(rng)] * 5, lot(rng, 30, 2000)),
                }
            ).encode()
        ),
        1e-4,
    )
    conv.say(
        1,
        frame(
            b'{"response":"success","info":"processed: 1; '
            b'failed: 0; total: 1; seconds spent: 0.00004"}'
        ),
        wait(rng),
    )


def _munin(rng: Rng, conv: Conversation) -> None:
    conv.say(1, f"# munin node at {word(rng)}\n".encode(), wait(rng))
    conv.say(0, b"cap multigraph dirtyconfig\n", 1e-3)
    conv.say(1, b"cap multigraph dirtyconfig\n", 1e-3)
    for _ in range(lot(rng, 1, 30)):
        name = word(rng)
        conv.say(0, f"{pick(rng, ('fetch', 'config'))} {name}\n".encode(), 1e-3)
        lines = "".join(
            f"{word(rng)}.value {int(rng.integers(10**6))}\n"
            for _ in range(int(rng.integers(1, 8)))
        )
        conv.say(1, (lines + ".\n").encode(), loguniform(rng, 1e-3, 0.5))
    conv.say(0, b"quit\n", 1e-3)


def _collectd(rng: Rng, conv: Conversation) -> None:
    host = hostname(rng).encode() + b"\0"
    period = float(pick(rng, (10.0, 10.0, 30.0, 60.0)))
    for k in range(int(rng.integers(1, 12))):
        for _ in range(int(rng.integers(1, 4))):
            out = (
                short(0)
                + short(4 + len(host))
                + host
                + struct.pack(">HHQ", 8, 12, (1_700_000_000 + k * 10) << 30)
            )
            while len(out) < 1150:
                for part in (2, 3, 4, 5):
                    text = word(rng).encode() + b"\0"
                    out += short(part) + short(4 + len(text)) + text
                out += struct.pack(">HHHBd", 6, 15, 1, 1, float(rng.normal(50)))
            conv.say(0, out, period if len(conv.t) % 3 == 0 else 1e-3)


PROFILES: tuple[Profile, ...] = (
    Named(name="iot.zabbix", about="Zabbix agent and server.", write=_zabbix,
        ports=(10050, 10051), most=15),
    Named(name="iot.munin", about="Munin node.", write=_munin, ports=(4949,), most=3),
    Named(name="iot.collectd", about="collectd network plugin.", write=_collectd, ports=(25826,),
        over="udp"),
)  # fmt: skip
