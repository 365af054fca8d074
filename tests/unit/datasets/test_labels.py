from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nalpml.capture.address import address_halves
from nalpml.capture.packets import PACKET_DTYPE, DecodeReport, PacketTable
from nalpml.datasets import labels
from nalpml.errors import ConfigError
from nalpml.flows import Flows
from nalpml.flows.dtypes import WINDOW_DTYPE


def table(*packets):
    """Packets as (proto, src, sport, dst, dport, icmp_id)."""
    rows = np.zeros(len(packets), PACKET_DTYPE)
    for i, (proto, src, sport, dst, dport, icmp_id) in enumerate(packets):
        rows[i]["index"], rows[i]["proto"], rows[i]["icmp_id"] = i, proto, icmp_id
        rows[i]["src_hi"], rows[i]["src_lo"] = address_halves(src)
        rows[i]["dst_hi"], rows[i]["dst_lo"] = address_halves(dst)
        rows[i]["sport"], rows[i]["dport"] = sport, dport
    return PacketTable(rows, np.zeros(0, np.uint8), DecodeReport())


PACKETS = table(
    (1, "10.0.0.1", 0, "10.0.0.2", 0, 7),
    (1, "10.0.0.2", 0, "10.0.0.1", 0, 7),
    (1, "10.0.0.1", 0, "10.0.0.2", 0, 8),
    (17, "10.0.0.1", 5000, "10.0.0.2", 53, 0),
    (17, "10.0.0.2", 53, "10.0.0.1", 5000, 0),
    (6, "2001:db8::1", 4000, "2001:db8::2", 22, 0),
    (256, "3", 1024, "2", 9999, 0),
)


def read(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content))
    found = labels.read_labels(path, PACKETS)
    return [None if c < 0 else found.kinds[c] for c in found.code[:, 0]]


ICMP = {"proto": "icmp", "a": "10.0.0.2", "b": "10.0.0.1", "label": "icmp_tunnel", "tool": "t"}


def test_either_direction_and_the_rest(tmp_path):
    found = read(tmp_path, {"flows": [ICMP | {"icmp_id": 7}], "rest": "benign"})
    assert found == [("icmp_tunnel", "t")] * 2 + [("benign", "")] * 5


def test_null_is_any_and_rest_null_is_unknown(tmp_path):
    flow = ICMP | {"icmp_id": None, "a_port": None}
    found = read(tmp_path, {"flows": [flow], "rest": None})
    assert found == [("icmp_tunnel", "t")] * 3 + [None] * 4


def test_first_entry_holds_and_a_null_label_leaves_out(tmp_path):
    flows = [ICMP | {"icmp_id": 8, "label": None}, ICMP]
    found = read(tmp_path, {"flows": flows, "rest": "benign"})
    assert found[:3] == [("icmp_tunnel", "t")] * 2 + [None]


def test_ports_vsock_and_numbers(tmp_path):
    flows = [
        {"proto": "ip17", "a_port": 53, "b_port": 5000, "label": "udp_c2"},
        {"proto": "vsock", "a": "2", "b": "3", "a_port": 9999, "label": "vsock_c2", "tool": "v"},
        {"proto": "tcp", "a": "2001:db8::2", "a_port": 4000, "label": "tcp_c2"},
    ]
    found = read(tmp_path, {"flows": flows, "rest": "benign"})
    assert found[3:] == [("udp_c2", "")] * 2 + [("benign", ""), ("vsock_c2", "v")]


def test_skipped_packets_match_no_entry(tmp_path):
    rows = PACKETS.rows.copy()
    rows["skip"] = 1
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"flows": [ICMP], "rest": None}))
    found = labels.read_labels(path, PacketTable(rows, PACKETS.buffer, PACKETS.report))
    assert (found.code == -1).all()


@pytest.mark.parametrize(
    "content, message",
    [
        ([], "an object with a list"),
        ({"flows": {}, "rest": None}, "an object with a list"),
        ({"flows": [], "rest": "bengin"}, "rest: 'bengin' is not a label; use null or benign"),
        ({"flows": [1]}, r"flows\[0\]: an object"),
        ({"flows": [ICMP | {"tols": 1}]}, r"flows\[0\]: unknown key 'tols'"),
        ({"flows": [ICMP | {"label": "x"}]}, r"flows\[0\].label: 'x'"),
        ({"flows": [ICMP | {"proto": "http"}]}, r"flows\[0\].proto: unknown protocol 'http'"),
        ({"flows": [ICMP | {"a": "host"}]}, r"flows\[0\].a: 'host' is not an address"),
        ({"flows": [ICMP | {"a_port": "80"}]}, r"flows\[0\].a_port: '80' is not a whole number"),
        ({"flows": [ICMP | {"icmp_id": True}]}, r"flows\[0\].icmp_id: True"),
    ],
)
def test_mistakes_are_named(tmp_path, content, message):
    with pytest.raises(ConfigError, match=message) as caught:
        read(tmp_path, content)
    assert str(tmp_path / "x.json") in str(caught.value)


def test_unreadable_files_are_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        labels.read_labels(tmp_path / "none.json", PACKETS)
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(ConfigError, match="not JSON"):
        labels.read_labels(tmp_path / "x.json", PACKETS)


def test_label_file_beside_a_capture(tmp_path):
    capture = tmp_path / "x.pcap"
    assert labels.label_path(capture) is None
    (tmp_path / "x.json").write_text('{"card": 1}')  # something else
    assert labels.label_path(capture) is None
    (tmp_path / "x.pcap.json").write_text('{"flows": [], "rest": null}')
    assert labels.label_path(capture) == tmp_path / "x.pcap.json"
    (tmp_path / "x.json").write_text('{"rest": "benign"}')
    assert labels.label_path(capture) == tmp_path / "x.json"
    assert labels.label_path(tmp_path / "x.pcap.gz") == tmp_path / "x.json"
    (tmp_path / "y.pcap.zst.json").write_text('{"rest": null}')
    assert labels.label_path(tmp_path / "y.pcap.zst") == tmp_path / "y.pcap.zst.json"


def windows(lengths, index):
    rows = np.zeros(len(index), PACKET_DTYPE)
    rows["index"] = index
    offsets = np.r_[0, np.cumsum(lengths)].astype(np.int64)
    return Flows(np.zeros(len(lengths), WINDOW_DTYPE), rows, offsets)


KINDS = (("benign", ""), ("icmp_tunnel", "t"), ("socks", "s"))


@pytest.mark.parametrize(
    "code, label",
    [
        ([0, 0, 1], "benign"),
        ([0, 1], "icmp_tunnel"),
        ([-1, -1, 0], "benign"),
        ([-1, -1], ""),
        ([0, 0, 0, 1, 1, 2], "icmp_tunnel"),
        ([2, 2, 1, 0], "socks"),
        ([1, 2], "icmp_tunnel"),
    ],
)
def test_majority_covert_wins_ties(code, label):
    known = labels.PacketLabels(deep(code), KINDS)
    found, tool = known.windows(windows([len(code)], np.arange(len(code))))
    assert found.tolist() == [label]
    assert tool.tolist() == [{"icmp_tunnel": "t", "socks": "s"}.get(label, "")]


def deep(code):
    """The same label at every depth of encapsulation."""
    return np.repeat(np.asarray(code, dtype=np.int64)[:, None], labels.DEPTHS, axis=1)


def test_many_windows_equal_the_slow_way():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 6, 200)
    n = int(lengths.sum())
    code = rng.integers(-1, 3, n)
    index = rng.permutation(n)
    found, _ = labels.PacketLabels(deep(code), KINDS).windows(windows(lengths, index))
    ends = np.cumsum(lengths)
    for i, end in enumerate(ends):
        here = code[index[end - lengths[i] : end]]
        count = [int((here == k).sum()) for k in range(3)]
        if sum(count) == 0:
            expected = ""
        elif count[1] + count[2] >= count[0]:
            expected = "icmp_tunnel" if count[1] >= count[2] else "socks"
        else:
            expected = "benign"
        assert found[i] == expected


def test_no_windows_no_kinds_and_packets_beyond_the_labels():
    known = labels.PacketLabels(deep([1]), KINDS)
    assert known.windows(windows([], []))[0].tolist() == []
    assert known.windows(windows([1, 1], [0, 5]))[0].tolist() == ["icmp_tunnel", ""]
    assert labels.PacketLabels(deep([-1]), ()).windows(windows([1], [0]))[0].tolist() == [""]
    empty = labels.PacketLabels(deep([]), KINDS)
    assert empty.windows(windows([1], [0]))[0].tolist() == [""]


def test_generated_labels(tmp_path):
    frame = pd.DataFrame(
        {
            "packet": [2, 0, 1],
            "label": ["socks", "benign", "socks"],
            "tool": ["s", "dns", "s"],
            "conversation": [0, 1, 0],
        }
    )
    path = tmp_path / "labels.parquet"
    frame.to_parquet(path)
    found = labels.read_generated(path)
    assert [found.kinds[c] for c in found.code[:, 0]] == [
        ("benign", "dns"),
        ("socks", "s"),
        ("socks", "s"),
    ]
    frame.assign(label="x").to_parquet(path)
    with pytest.raises(ConfigError, match="'x' is not a label"):
        labels.read_generated(path)
    frame.assign(packet=-1).to_parquet(path)
    with pytest.raises(ConfigError, match="must not be negative"):
        labels.read_generated(path)
    frame.drop(columns="tool").to_parquet(path)
    with pytest.raises(ConfigError, match="columns packet, label, tool"):
        labels.read_generated(path)
    path.write_text("no")
    with pytest.raises(ConfigError, match="not a label table"):
        labels.read_generated(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        labels.read_generated(tmp_path / "none.parquet")


def test_what_a_covert_packet_carries_is_unknown_unless_named(tmp_path):
    from scapy.layers.inet import IP, TCP, UDP

    import nalpml as nl
    from nalpml.capture.scapy import from_scapy

    # A frame before the tunnels: labels must follow frames, not rows.
    plain = IP(src="10.0.0.1", dst="10.0.0.9") / UDP(sport=5, dport=7) / b"x"
    around = IP(src="10.0.0.1", dst="10.0.0.2", proto=4)
    inner = IP(src="10.9.0.1", dst="10.9.0.2") / TCP(sport=1, dport=2, flags="PA") / b"secret"
    packets = from_scapy([plain, around / inner, plain])
    assert packets["depth"].tolist() == [0, 0, 1, 0]

    def windows_of(content):
        path = tmp_path / "x.json"
        path.write_text(json.dumps(content))
        flows = nl.flows(packets)
        found, _ = labels.read_labels(path, packets).windows(flows)
        return dict(zip(flows.windows["proto"].tolist(), found.tolist(), strict=True))

    outer = {"proto": "4", "a": "10.0.0.1", "b": "10.0.0.2", "label": "ip_tunnel"}
    named = {"proto": "tcp", "a": "10.9.0.1", "b": "10.9.0.2", "label": "tcp_c2"}
    assert windows_of({"flows": [], "rest": "benign"}) == {17: "benign", 4: "benign", 6: "benign"}
    assert windows_of({"flows": [outer], "rest": "benign"}) == {17: "benign", 4: "ip_tunnel", 6: ""}
    assert windows_of({"flows": [outer, named], "rest": "benign"})[6] == "tcp_c2"
    assert windows_of({"flows": [named], "rest": "benign"}) == {
        17: "benign", 4: "benign", 6: "tcp_c2",
    }  # fmt: skip
