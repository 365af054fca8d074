"""Remote calls between nodes in datagrams: hash tables, gossip, service registries.

One socket asks many peers (and is asked by them): a number of the call that the answer returns,
identifiers of 16 to 32 octets that come again and again, lists of contacts, calls to peers that
have gone. Encodings as such programs use them: bencode (BEP 5), MessagePack (OpenDHT, Serf),
protobuf-like records (IPFS), fixed binary (Kad, Ethereum's discovery), JSON. Every episode draws a
protocol; ports are any.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nalpml.generators._content import loguniform, pick, word
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Network
from nalpml.generators._ports import ephemeral
from nalpml.generators._profile import Profile

__all__ = ["ENCODINGS", "PROFILES", "NodeRpc"]

Rng = np.random.Generator
Fields = list[tuple[str, bytes | int]]
Pack = Callable[[Fields], bytes]

ENCODINGS = ("bencode", "msgpack", "tagged", "binary", "json")


def _bencode(fields: Fields) -> bytes:
    parts = []
    for name, value in sorted(fields, key=lambda field: field[0]):  # two may share a name
        key = f"{len(name)}:{name}".encode()
        parts.append(key + (b"i%de" % value if isinstance(value, int)
                            else b"%d:" % len(value) + value))  # fmt: skip
    return b"d" + b"".join(parts) + b"e"


def _msgpack(fields: Fields) -> bytes:
    out = bytes((0x80 | min(15, len(fields)),))
    for name, value in fields[:15]:
        out += bytes((0xA0 | len(name[:31]),)) + name[:31].encode()
        if isinstance(value, int):
            out += b"\xce" + struct.pack(">I", value & 0xFFFFFFFF)
        elif len(value) < 256:
            out += b"\xc4" + bytes((len(value),)) + value
        else:
            out += b"\xc5" + struct.pack(">H", len(value)) + value
    return out


def _tagged(fields: Fields) -> bytes:
    out = b""
    for k, (_, value) in enumerate(fields):
        if isinstance(value, int):
            out += bytes(((k + 1) << 3 | 5,)) + struct.pack("<I", value & 0xFFFFFFFF)
        else:
            n = len(value)
            size = bytes((n,)) if n < 128 else bytes((n & 127 | 128, n >> 7))
            out += bytes(((k + 1) << 3 | 2,)) + size + value
    return out


def _binary(fields: Fields) -> bytes:
    return b"".join(
        struct.pack(">I", v & 0xFFFFFFFF) if isinstance(v, int) else v for _, v in fields
    )


def _json(fields: Fields) -> bytes:
    return json.dumps({k: v if isinstance(v, int) else v.hex() for k, v in fields}).encode()


_PACK: dict[str, Pack] = {
    "bencode": _bencode, "msgpack": _msgpack, "tagged": _tagged, "binary": _binary, "json": _json,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRpc(Profile):
    """Calls of one node to its peers, all from one socket.

    Parameters
    ----------
    encodings : tuple of str
        Choices from `ENCODINGS`.
    peers, calls : tuple of int
        Bounds of the number of peers and of the calls to each, log-uniform.
    scope : {"lan", "wan"}
        Where the peers are.
    """

    encodings: tuple[str, ...] = ENCODINGS
    peers: tuple[int, int] = (1, 40)
    calls: tuple[int, int] = (1, 20)
    scope: str = "wan"

    def conversations(self, rng: Rng, net: Network) -> list[Conversation]:
        """Draw some minutes of one node."""
        first = net.ends(rng, scope=self.scope, new=0.7, inbound=False)
        port = int(rng.integers(1024, 65536))
        sport = port if rng.random() < 0.5 else ephemeral(rng, first)
        same = rng.random() < 0.5
        wide, mark = int(pick(rng, (20, 20, 32, 16, 8))), int(pick(rng, (2, 4, 4, 8, 20)))
        pack = _PACK[pick(rng, self.encodings)]
        head = rng.bytes(int(pick(rng, (0, 0, 1, 2, 4))))
        verbs = [word(rng)[:8] for _ in range(4)]
        short_names = rng.random() < 0.5
        names = list("tyqraivnkp") if short_names else [word(rng) for _ in range(10)]
        me, keys = rng.bytes(wide), [rng.bytes(wide) for _ in range(4)]
        contact = int(pick(rng, (6, 18, 26, 38, 54)))
        signed = int(pick(rng, (0, 0, 32, 64)))
        gap, period = loguniform(rng, 0.005, 5), loguniform(rng, 0.5, 60)
        out = []
        for k in range(round(loguniform(rng, *self.peers))):
            ends = first if k == 0 else self._peer(rng, net, first)
            there, other = rng.random() < 0.75, rng.bytes(wide)
            conv = Conversation(
                ends, 17, sport=sport,
                dport=port if same else int(rng.integers(1024, 65536)), start=k * gap,
            )  # fmt: skip
            for n in range(round(loguniform(rng, *self.calls))):
                d = 0 if n == 0 or rng.random() < 0.8 else 1
                token, verb = rng.bytes(mark), int(rng.integers(4))
                ask: Fields = [
                    (names[0], token), (names[1], ord("q")), (names[2], verbs[verb].encode()),
                    (names[3], me if d == 0 else other),
                ]  # fmt: skip
                if verb:
                    ask.append((names[4], pick(rng, keys)))
                if signed:
                    ask.append((names[8], rng.bytes(signed)))
                conv.say(d, head + pack(ask), period * float(rng.exponential()) if n else 1e-3)
                if not there:
                    if n > 2:
                        break
                    continue
                reply: Fields = [
                    (names[0], token), (names[1], ord("r")), (names[3], other if d == 0 else me)
                ]  # fmt: skip
                if verb == 1:
                    found = b"".join(
                        pick(rng, keys)[: contact // 3] + rng.bytes(contact - contact // 3)
                        for _ in range(int(rng.integers(1, 9)))
                    )
                    reply.append((names[5], found))
                elif verb == 2:
                    reply.append((names[6], int(rng.integers(1 << 16))))
                if signed:
                    reply.append((names[8], rng.bytes(signed)))
                conv.say(1 - d, head + pack(reply), loguniform(rng, 1e-4, 0.02))
                if conv.now > min(net.duration, 300.0):
                    break
            out.append(conv)
        return out

    def _peer(self, rng: Rng, net: Network, first: Ends) -> Ends:
        lan = self.scope == "lan"
        server = net.host(rng) if lan else net.outside(rng, new=0.8)
        while server is first.client:
            server = net.host(rng)
        path = net.path(rng, client=first.client, server=server)
        return Ends(client=first.client, server=server, version=first.version, path=path)


PROFILES: tuple[Profile, ...] = (
    NodeRpc(name="nodes.calls", about="Hash tables and registries of any encoding over UDP."),
    NodeRpc(name="nodes.text", about="Hash tables in bencode (BEP 5) or JSON.",
            encodings=("bencode", "json")),
    NodeRpc(name="nodes.binary", about="Hash tables in MessagePack and binary records.",
            encodings=("msgpack", "tagged", "binary")),
    NodeRpc(name="nodes.site", about="Gossip and registries inside a site.", scope="lan",
            peers=(1, 8), calls=(3, 60)),
)  # fmt: skip
