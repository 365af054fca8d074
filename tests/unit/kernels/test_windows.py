from __future__ import annotations

import itertools
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nalpml.capture.packets import DecodeReport, PacketTable
from nalpml.flows import WindowConfig
from nalpml.flows.dtypes import WINDOW_DTYPE
from nalpml.flows.window import Tracker
from tests.unit.kernels import naive_windows
from tests.unit.kernels.frames import bits, icmp, ipv4, table, tcp, udp

hosts = st.integers(1, 3)
ports = st.integers(1, 2)
ids = st.integers(0, 18)
RTP = b"\x80\0\0\1" + bytes(20)
data = st.sampled_from([b"", b"SSH-2.0-x", b"\0\1payload", RTP, RTP])
flags = st.sampled_from([0x02, 0x12, 0x10, 0x11, 0x04, 0x18])

bodies = st.one_of(
    st.tuples(st.just(17), st.builds(udp, ports, ports, data)),
    st.tuples(st.just(6), st.builds(tcp, ports, ports, flags, data)),
    st.tuples(st.just(1), st.builds(icmp, st.sampled_from([0, 8]), ids, data)),
    st.tuples(st.just(1), st.builds(icmp, st.sampled_from([13, 14, 9, 3, 40]), ids, data)),
    st.tuples(st.just(99), data),
)


def quoting(packet: bytes, cut: int) -> tuple[int, bytes]:
    return 1, icmp(3, data=packet[:cut])


@st.composite
def captures(draw):
    """Packets of few hosts, so that flows meet; times step on and sometimes back."""
    packets, times, now = [], [], 10**12
    for _ in range(draw(st.integers(0, 40))):
        kind = draw(st.integers(0, 9))
        if kind == 0 and packets:
            proto, body = quoting(
                draw(st.sampled_from(packets)), draw(st.sampled_from([60, 23, 9]))
            )
        else:
            proto, body = draw(bodies)
        frag = draw(st.sampled_from([0, 0, 0, 0x2000, 0x2001, 0x0001]))
        source, target = draw(hosts), draw(hosts)
        if kind == 1 and packets:  # in a tunnel
            proto, body = 4, draw(st.sampled_from(packets))
            frag = 0
        packets.append(ipv4(proto, source, target, body, frag=frag, ident=draw(st.integers(1, 2))))
        now += draw(st.sampled_from([0, 1, 10**9, 20 * 10**9, 61 * 10**9, -(10**9)]))
        times.append(now)
    return table(packets, link=101, times=times)


def ours(packets, config, cuts=()):
    tracker, closed, by_index = Tracker(config), [], []
    edges = [0, *sorted(min(c, len(packets)) for c in cuts), len(packets)]
    with np.errstate(over="ignore"):
        for a, b in itertools.pairwise(edges):
            part = PacketTable(packets.rows[a:b], packets.buffer, DecodeReport())
            flows = tracker.feed(part)
            closed.append(flows.windows)
            by_index.append(flows.packets)
        flows = tracker.finish()
    closed.append(flows.windows)
    by_index.append(flows.packets)
    return np.concatenate(closed), np.concatenate(by_index), tracker


def theirs(packets, config):
    idle, age, most, cap = config.limits.tolist()
    twin = naive_windows.Tracker(idle, age, most, cap)
    marks = []
    for number in range(len(packets)):
        row = {n: packets.rows[n][number].item() for n in packets.rows.dtype.names}
        marks.append(twin.take(row, packets.payload(number)))
    twin.finish()
    return twin.closed, marks


HEADS = ("pair_id", "pair_isn", "pair_stamp", "pair_port")
PLAIN = (
    "id", "first_index", "start_ns", "end_ns", "flow_start_ns", "flow_uid", "window", "icmp_id",
    "proto", "reason", "tcp_state", "depth", "outer_uid", "ctx_windows", "ctx_peers",
    "ctx_flows", "pair_flows", "pair_services", "pair_answered", "pair_errors",
    "pair_first_payloads", "pair_same_size", "pair_same_prefix", "pair_same_payload",
    "pair_same_ttl", "pair_next_port",
    *(name for name in WINDOW_DTYPE.names if name.startswith(HEADS)),
)  # fmt: skip


def compare(packets, config):
    windows, rows, tracker = ours(packets, config)
    wanted, marks = theirs(packets, config)
    assert len(windows) == len(wanted)
    for window, twin in zip(windows, wanted, strict=True):
        for name in PLAIN:
            assert window[name].item() == twin[name], name
        assert (window["src_hi"], window["src_lo"]) == twin["src"]
        assert (window["dst_hi"], window["dst_lo"]) == twin["dst"]
        assert (window["sport"], window["dport"]) == tuple(twin["ports"])
        for name in ("packets", "bytes", "payloads", "ctx_packets", "ctx_bytes", "pair_bytes"):
            assert [window[f"{name}_orig"], window[f"{name}_resp"]] == twin[name], name
        first, second = twin["apps"]
        assert [window["app_orig"], window["app_orig_2"]] == first
        assert [window["app_resp"], window["app_resp_2"]] == second
        for name in ("ctx_gap_mean", "ctx_gap_cv", "pair_gap_mean", "pair_gap_cv"):
            assert window[name] == pytest.approx(twin[name], nan_ok=True, abs=1e-4)
        assert window["ctx_share"] == pytest.approx(twin["ctx_share"])
    # Packets: in window order, each with what the twin says about it.
    expected = sorted(
        (place[mark["window"]], number)
        for place in [{w["id"]: i for i, w in enumerate(wanted)}]
        for number, mark in enumerate(marks)
        if mark
    )
    assert len(rows) == len(expected)
    for row, (_, number) in zip(rows, expected, strict=True):
        assert row["index"] == packets.rows["index"][number]
        for name in ("direction", "role", "sport", "dport"):
            assert row[name] == marks[number][name], name
    assert tracker.waiting == 0
    assert tracker.evicted == sum(w["reason"] == 6 for w in wanted)


@given(
    packets=captures(), most=st.sampled_from([1, 3, 1000]), flows=st.sampled_from([2, 1000]),
    age=st.sampled_from([30.0, 120.0]),
)  # fmt: skip
def test_windows_equal_those_of_the_twin(packets, most, flows, age):
    compare(packets, WindowConfig(packets=most, flows=flows, age=age))


def test_what_chance_seldom_draws_equals_the_twin_too():
    def talk(*flags):
        # 1 to 2 and back in turn.
        return [
            ipv4(6, 1 + i % 2, 2 - i % 2, tcp(1 + i % 2, 2 - i % 2, f, b"SSH-2.0"), ident=9)
            for i, f in enumerate(flags)
        ]

    echo = ipv4(1, 1, 2, icmp(8, 77))
    short_header = b"\x44" + echo[1:]
    frames = [
        *talk(0x02, 0x12, 0x11, 0x11, 0x02),  # both sides finish, then a new connection
        *talk(0x02, 0x14, 0x02),  # reset, then a new one
        *[ipv4(1, 1, 2, icmp(8, 100 + i)) for i in range(20)],
        ipv4(1, 1, 2, icmp(9)),
        ipv4(1, 2, 1, icmp(10)),
        ipv4(1, 3, 1, icmp(3, data=short_header)),
        ipv4(1, 3, 1, icmp(3, data=echo[:23])),
        ipv4(1, 3, 1, icmp(3, data=talk(2)[0][:22])),
        *talk(0x18, 0x18) * 4,
    ]
    step = np.full(len(frames), 10**9)
    compare(table(frames, link=101, times=10**12 + np.cumsum(step)), WindowConfig())
    # A clock that is set back and on again: the flow that waits longest is not the first in line.
    step[-8:] = [0, -500 * 10**9, 1, 450 * 10**9, 0, 61 * 10**9, 0, 0]
    compare(table(frames, link=101, times=10**12 + np.cumsum(step)), WindowConfig())


octet = st.sampled_from([0, 9, 0x41, 0x42, 0x7F, 0xC3])
values = st.integers(0, 0xFFFF) | st.builds(lambda a, b: a << 8 | b, octet, octet)
openings = st.tuples(
    st.sampled_from([6, 17, 47]), values, values, values, st.integers(1, 3),
    st.sampled_from([0x02, 0x12, 0x10]), st.sampled_from([10**6, 10**9, 601 * 10**9]),
)  # fmt: skip


def opening(proto, ident, high, low, port, flags):
    """A packet that may open a flow, with data in its header fields."""
    if proto != 6:
        return ipv4(proto, 1, 2, udp(high, port), ident=ident)
    stamp = struct.pack(">BBIIxx", 8, 10, low << 16 | high, 0) if port > 1 else b""
    head = struct.pack(
        ">HHIIBBHHH", low, port, high << 16 | low, 1, 0x80 if stamp else 0x50, flags, 100, 0, 0
    )
    return ipv4(6, 1, 2, head + stamp, ident=ident)


@given(drawn=st.lists(openings, max_size=30))
def test_headers_of_a_pair_equal_those_of_the_twin(drawn):
    frames = [opening(*one[:-1]) for one in drawn]
    times = 10**12 + np.cumsum([one[-1] for one in drawn])
    compare(table(frames, link=101, times=times), WindowConfig())


@given(packets=captures(), cuts=st.lists(st.integers(0, 40), max_size=5))
def test_windows_do_not_depend_on_chunks(packets, cuts):
    config = WindowConfig(packets=4)
    whole, rows, _ = ours(packets, config)
    parts, rows_of_parts, _ = ours(packets, config, cuts)
    assert bits(whole) == bits(parts)
    assert bits(rows) == bits(rows_of_parts)


def test_vsock_flows_and_their_originator():
    def frame(source, target, op):
        head = struct.pack("<QQIIHHHH", source, target, source, target, 1, 2, 44, 0)
        return head + struct.pack("<QQIIIHHIII", source, target, source, target, 0, 1, op, 0, 0, 0)

    packets = table([frame(2, 3, 2), frame(3, 2, 5)], link=271)
    (window,) = ours(packets, WindowConfig())[0]
    assert (window["src_lo"], window["dst_lo"], window["sport"]) == (3, 2, 3)
    assert (window["packets_orig"], window["packets_resp"]) == (1, 1)


def test_ipv6_errors_join_the_flow_they_quote():
    def ipv6(proto, source, target, body):
        head = struct.pack(">IHBB", 6 << 28, len(body), proto, 64)
        return head + source.to_bytes(16, "big") + target.to_bytes(16, "big") + body

    sent = ipv6(17, 1, 2, udp(5, 7, b"hello"))
    echo = ipv6(58, 1, 2, icmp(128, 9))
    frames = [sent, ipv6(58, 3, 1, icmp(1, data=sent)), echo, ipv6(58, 3, 1, icmp(3, data=echo)),
              ipv6(58, 1, 2, icmp(135)), ipv6(58, 2, 1, icmp(136)), ipv6(58, 3, 1, icmp(1)),
              ipv6(58, 2, 1, icmp(129, 77))]  # fmt: skip
    windows, rows, _ = ours(table(frames, link=101), WindowConfig())
    assert sorted(zip(windows["packets_orig"], windows["packets_resp"], strict=True)) == [
        (0, 1), (1, 0), (1, 1), (1, 1), (1, 1),
    ]  # fmt: skip
    assert rows["role"].sum() == 2


def test_many_flows_grow_the_tables(monkeypatch):
    monkeypatch.setattr("nalpml.flows.window._CONTEXTS", 64)
    packets = table([ipv4(17, 1, 2, udp(1 + i, 1 + i)) for i in range(300)], link=101)
    config = WindowConfig()
    whole = ours(packets, config)[0]
    parts = ours(packets, config, range(0, 300, 7))[0]
    assert len(whole) == 300
    assert bits(whole) == bits(parts)
    assert whole["ctx_peers"].max() < 300  # what was remembered is forgotten when it is too much
