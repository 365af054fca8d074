from __future__ import annotations

import json

import pytest

from nalpml import datasets
from nalpml.datasets import public
from nalpml.errors import ConfigError

from .crafted import talk, write

WEB = talk(1_000.0, 6, "10.0.0.1", 40_000, "10.0.0.2", 80)
DNS = talk(1_000.0, 17, "10.0.0.1", 5_000, "10.0.0.3", 53)
SIX = talk(1_002.0, 17, "fd00::1", 6_000, "fd00::2", 7_000)


def kinds(data):
    """(capture, label, tool) of the windows."""
    return sorted(set(zip(data.capture.tolist(), data.y.tolist(), data.tool.tolist(), strict=True)))


def test_site_traffic_is_benign(tmp_path):
    write(tmp_path / "mon" / "a.pcap", WEB + DNS)
    write(tmp_path / "b.pcap", SIX)
    data = datasets.load_site(tmp_path)
    assert kinds(data) == [("b.pcap", "benign", ""), ("mon/a.pcap", "benign", "")]
    assert len(data) == 3
    assert set(data.groups) == {"capture:b.pcap", "capture:mon/a.pcap"}


def test_site_traffic_with_labels_is_refused(tmp_path):
    write(tmp_path / "a.pcap", WEB)
    (tmp_path / "a.json").write_text(json.dumps({"flows": [], "rest": "benign"}))
    with pytest.raises(ConfigError, match=r"a\.json: the capture has labels; use load_captures"):
        datasets.load_site(tmp_path)


@pytest.mark.parametrize(
    "load",
    [
        datasets.load_site,
        datasets.load_nefias,
        datasets.load_pcapstego,
        datasets.load_cic_bell_dns_exf,
        datasets.load_ctu13,
    ],
)
def test_empty_and_absent_folders_are_named(tmp_path, load):
    with pytest.raises(ConfigError, match="no capture"):
        load(tmp_path)
    with pytest.raises(ConfigError, match="nowhere: no such file"):
        load(tmp_path / "nowhere")


def test_nefias(tmp_path):
    recordings = tmp_path / "recordings"
    write(recordings / "TCC_SCC_ethernet" / "SCC_Faust_40.pcap", WEB + DNS)
    write(recordings / "TCC_SCC_internet_remotehost" / "remotehost_TCC_ABABAB_60_120.pcap", WEB)
    write(recordings / "Legitimate_flow_of_reading_newspaper" / "HTTPS_NWZ_Zeitung.pcap", WEB)
    write(recordings / "covert_channel_size_modulation_pattern" / "Size_Mod_1.pcap", WEB)
    (recordings / "TCC_SCC_ethernet" / "SCC_Faust_40.pcap.csv").write_text("not a capture")
    data = datasets.load_nefias(recordings)
    assert kinds(data) == [
        ("Legitimate_flow_of_reading_newspaper/HTTPS_NWZ_Zeitung.pcap", "benign", ""),
        ("TCC_SCC_ethernet/SCC_Faust_40.pcap", "timing", "cceap"),
        ("TCC_SCC_internet_remotehost/remotehost_TCC_ABABAB_60_120.pcap", "timing", "cceap"),
    ]
    # The datagrams beside the channel are not known to be benign.
    assert set(data.identity["proto"]) == {"tcp"}


def test_another_layout_is_refused(tmp_path):
    write(tmp_path / "other.pcap", WEB)
    with pytest.raises(ConfigError, match="the layout is another one"):
        datasets.load_nefias(tmp_path)
    with pytest.raises(ConfigError, match="the layout is another one"):
        datasets.load_pcapstego(tmp_path)


HEADER = "field,src,dst,p_src,p_dst,proto,length [packet],length [bit]\n"


def test_pcapstego(tmp_path):
    write(tmp_path / "reordered_output.pcap", WEB + DNS + SIX)
    (tmp_path / "injected_flows.csv").write_text(
        HEADER
        + "TIMING,10.0.0.1,10.0.0.2,40000,80,6,81,81\nFL,fd00::1,fd00::2,6000.0,7000.0,17,4,80\n"
    )
    data = datasets.load_pcapstego(tmp_path)
    found = {
        dst: (y, tool) for dst, y, tool in zip(data.identity["dst"], data.y, data.tool, strict=True)
    }
    assert found == {
        "10.0.0.2": ("timing", "pcapstego"),
        "fd00::2": ("header_storage", "pcapstego"),
        "10.0.0.3": ("benign", ""),
    }
    assert "benign" not in datasets.load_pcapstego(tmp_path, rest=None).y


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("field,src\nTTL,10.0.0.1\n", "no column 'dst'; it has field, src"),
        (HEADER + "WINDOW,10.0.0.1,10.0.0.2,1,2,6,1,1\n", "line 2: field 'WINDOW' is none of TOS"),
        (HEADER + "TTL,10.0.0.1,10.0.0.2,x,2,6,1,1\n", "line 2: p_src, p_dst and proto"),
        (HEADER + "TTL,10.0.0.1\n", "line 2: 2 of 8 columns"),
    ],
)
def test_pcapstego_mistakes_are_named(tmp_path, text, complaint):
    write(tmp_path / "output.pcap", WEB)
    (tmp_path / "injected_flows.csv").write_text(text)
    with pytest.raises(ConfigError, match=rf"injected_flows\.csv: {complaint}"):
        datasets.load_pcapstego(tmp_path)


def test_cic_bell(tmp_path):
    folder = tmp_path / "Attack_heavy_Benign"
    write(folder / "Benign" / "benign_heavy_1.pcap", DNS)
    write(folder / "Attacks" / "heavy_text.pcap", DNS + WEB)
    data = datasets.load_cic_bell_dns_exf(tmp_path)
    assert set(data.y) == {"benign"}
    both = datasets.load_cic_bell_dns_exf(tmp_path, attack="udp_c2")
    assert kinds(both) == [
        ("Attack_heavy_Benign/Attacks/heavy_text.pcap", "udp_c2", "dnsexfiltrator"),
        ("Attack_heavy_Benign/Benign/benign_heavy_1.pcap", "benign", ""),
    ]
    with pytest.raises(ConfigError, match="'dns_tunnel' is not a label"):
        datasets.load_cic_bell_dns_exf(tmp_path, attack="dns_tunnel")


def test_lab(tmp_path, monkeypatch):
    write(tmp_path / "ncat-shell-a.pcap", WEB + DNS)
    flow = {"proto": "tcp", "b": "10.0.0.2", "label": "tcp_c2", "tool": "ncat"}
    (tmp_path / "ncat-shell-a.json").write_text(json.dumps({"flows": [flow], "rest": "benign"}))
    data = datasets.load_lab(tmp_path)
    assert data.name == "lab"
    assert sorted(data.groups) == ["capture:ncat-shell-a.pcap", "tool:ncat"]
    assert data.X.shape == (2, len(data.schema.names))
    monkeypatch.setattr(public, "LAB", tmp_path)
    assert datasets.load_lab().digest == data.digest
    monkeypatch.setattr(public, "LAB", tmp_path / "site-packages")
    with pytest.raises(ConfigError, match="come with a clone of the repository"):
        datasets.load_lab()
