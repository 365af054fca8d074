"""Counters of hosts go on from one conversation to the next."""

from __future__ import annotations

import numpy as np

from nalpml.generators import Entry, MixConfig, Network, Profile, generate
from nalpml.generators._conversation import Conversation
from nalpml.generators._network import Ends, Host
from nalpml.generators.mix import mix, stream


class _Row(Profile):
    """A flow of one request every second between the same two hosts."""

    def conversations(self, rng: np.random.Generator, net: Network) -> list[Conversation]:
        """Ten flows from one host to another."""
        client, server = net.inside[:2]
        path = net.path(rng, client=client, server=server)
        ends = Ends(client=client, server=server, version=4, path=path)
        out = []
        for k in range(10):
            proto, start = (6, 17)[k % 2], float(k)
            low, _ = client.system.ports
            sport = low + 100 + int(rng.integers(1000))
            conv = Conversation(ends, proto, sport=sport, dport=80, start=start, closing="none")
            conv.say(0, b"x", 1e-3)
            conv.say(1, b"y", 1e-3)
            out.append(conv)
        return out


def _client_rows(system: str) -> tuple[Host, list[tuple[int, int, int, int]]]:
    """(protocol, IP ID, source port, time stamp or 0) of the client's packets, in order."""
    net = Network(stream(5, "network"), hosts=8, systems=(system,))
    config = MixConfig(entry=(Entry(profile="row", count=1),), midstream=0, one_way=0)
    made = mix(config, {"row": _Row(name="row", about="A row.")}, seed=5, network=net)
    out = []
    for i in np.flatnonzero((made.labels["direction"] == 0).to_numpy()).tolist():
        f = made.frames.data[made.frames.offsets[i] : made.frames.offsets[i + 1]].tobytes()
        stamp = int.from_bytes(f[58:62], "big") if f[23] == 6 and f[46] >> 4 == 8 else 0
        numbers = int.from_bytes(f[18:20], "big"), int.from_bytes(f[34:36], "big")
        out.append((f[23], *numbers, stamp))
    return net.inside[0], out


def test_windows_counts_all_it_sends() -> None:
    host, rows = _client_rows("windows_old")
    assert host.ip_id == "bg"
    for proto in (6, 17):
        steps = np.diff([number for p, number, _, _ in rows if p == proto]) % 65536
        assert (steps < 1000).all()
        assert (steps > 0).all()


def test_time_stamps_of_a_pair_are_one_clock_on_linux() -> None:
    host, rows = _client_rows("linux")
    stamps = [stamp for proto, _, _, stamp in rows if proto == 6 and stamp]
    assert len(stamps) >= 5
    steps = np.diff(stamps) % 2**32
    assert (steps <= 3 * host.stamp_hz).all(), "flows two seconds apart"


def test_ports_of_connections_follow_one_another_and_those_of_datagrams_do_not() -> None:
    found = {}
    for system in ("linux", "windows_old"):
        host, rows = _client_rows(system)
        tcp = list(dict.fromkeys(port for proto, _, port, _ in rows if proto == 6))
        udp = list(dict.fromkeys(port for proto, _, port, _ in rows if proto == 17))
        steps = np.diff(tcp)
        found[system] = bool((steps > 0).all() and (steps < 20).all())
        assert not (np.diff(udp) > 0).all() or (np.diff(udp) > 20).any()
        assert found[system] != (host.stamp_base % 4 == 0), system
    assert any(found.values())


def test_a_series_carries_its_message_in_the_field_it_names() -> None:
    """Read back from the packets, the identification or the port less one base an episode."""
    for name, field in (("series_id", 18), ("series_ports", 34)):
        entry = Entry(profile=f"header_storage.{name}", count=6)
        made = generate(MixConfig(entry=(entry,), hosts=10, midstream=0, one_way=0), seed=2)
        carried = made.conversations.set_index("conversation")["bits"]
        first = made.labels[made.labels["direction"] == 0].groupby("conversation")["packet"].min()
        read, f = [], made.frames
        for conversation, packet in first.items():
            octets = f.data[f.offsets[packet] : f.offsets[packet + 1]].tobytes()
            bits = int(carried[conversation], 16)
            if name == "series_ports" and octets[42:44] in (
                bits.to_bytes(2, "big"), (bits << 8 & 0xFFFF).to_bytes(2, "big")
            ):  # fmt: skip
                continue
            value = int.from_bytes(octets[field : field + 2], "big")
            read.append(value - bits if name == "series_ports" else value in (bits, value >> 8))
            if name == "series_id":
                assert value == bits or value >> 8 == bits
        assert len(read) > 20
        if name == "series_ports":
            assert len(set(read)) <= 6, "one base an episode"
