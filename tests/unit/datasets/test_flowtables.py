from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nalpml import datasets
from nalpml.errors import ConfigError

from .crafted import talk, write

CTU = (
    "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,"
    "TotPkts,TotBytes,SrcBytes,Label\n"
)
# The publisher's header: most names have a space in front.
CIC = (
    "Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp,"
    " Flow Duration, Total Fwd Packets, Label\n"
)
PRAGUE = datetime(2011, 8, 10, 7, 46, 53, tzinfo=UTC).timestamp()
MONCTON = datetime(2017, 7, 7, 17, 2, 0, tzinfo=UTC).timestamp()


def labels(data):
    """Destination and port of each window to its label and tool."""
    columns = (data.identity["dst"], data.identity["dport"], data.y.tolist(), data.tool.tolist())
    return {(dst, port): (y, tool) for dst, port, y, tool in zip(*columns, strict=True)}


@pytest.fixture
def ctu(tmp_path):
    bot, normal = ("147.32.84.165", 1_025), ("147.32.84.170", 2_000)
    write(
        tmp_path / "1" / "capture20110810.pcap",
        talk(PRAGUE, 6, *bot, "60.190.222.139", 65_520)
        + talk(PRAGUE + 2, 17, *normal, "147.32.80.9", 53)
        + talk(PRAGUE + 3, 6, *normal, "192.0.2.9", 443)
        + talk(PRAGUE + 4, 1, normal[0], 7, "192.0.2.8", 0)
        + talk(PRAGUE + 5, 6, *normal, "192.0.2.7", 9_999),
    )
    stamp = "2011/08/10 09:46:5"
    (tmp_path / "1" / "capture20110810.binetflow").write_text(
        CTU
        + f"{stamp}3.058760,2,tcp,147.32.84.165,1025,   ->,60.190.222.139,65520,S_RA,0,0,4,276,156,"
        "flow=From-Botnet-V42-TCP-CC6-Plain-HTTP-Encrypted-Data\n"
        # Argus may see the answer first, and writes ports in hexadecimal at times.
        f"{stamp}5.000000,1,udp,147.32.80.9,0x0035,  <->,147.32.84.170,2000,CON,0,0,2,214,81,"
        "flow=To-Normal-V42-UDP-NTP-server\n"
        f"{stamp}6.000000,1,tcp,147.32.84.170,2000,   ->,192.0.2.9,443,FSPA,0,0,9,900,400,"
        "flow=Background-Established-cmpgw-CVUT\n"
        f"{stamp}7.000000,1,icmp,147.32.84.170,0x0008,  <->,192.0.2.8,0x4b07,ECO,0,0,2,120,60,"
        "flow=From-Normal-V42-Stribrek\n"
    )
    return tmp_path


def test_ctu13(ctu):
    data = datasets.load_ctu13(ctu)
    assert data.name == "CTU-13"
    found = labels(data)
    assert found.pop(("147.32.80.9", 53)) == ("benign", "")
    # The crafted echoes are requests both ways: two windows, of the table's one row.
    assert {dst for dst, _ in found} == {"192.0.2.8", "147.32.84.170"}
    assert set(found.values()) == {("benign", "")}
    assert set(data.capture) == {"1/capture20110810.pcap"}


def test_ctu13_labels_can_be_named(ctu):
    wanted = {"-CC": "tcp_c2", "From-Botnet": None, "Background": "benign"}
    found = labels(datasets.load_ctu13(ctu / "1", labels=wanted))
    assert found[("60.190.222.139", 65_520)] == ("tcp_c2", "-cc")
    assert found[("192.0.2.9", 443)] == ("benign", "")
    assert ("192.0.2.7", 9_999) not in found
    with pytest.raises(ConfigError, match="'botnet' is not a label"):
        datasets.load_ctu13(ctu, labels={"From-Botnet": "botnet"})


@pytest.mark.parametrize(
    "row, complaint",
    [
        ("yesterday,1,tcp,1.1.1.1,1,->,2.2.2.2,2,,,,,,,x", "line 2: StartTime: 'yesterday'"),
        ("2011/08/10 09:46:53,a,tcp,1.1.1.1,1,->,2.2.2.2,2,,,,,,,x", "line 2: Dur: 'a'"),
        ("2011/08/10 09:46:53,1,tcp,1.1.1.1,http,->,2.2.2.2,2,,,,,,,x", "line 2: Sport: 'http'"),
    ],
)
def test_ctu13_mistakes_are_named(ctu, row, complaint):
    table = ctu / "1" / "capture20110810.binetflow"
    table.write_text(CTU + row + "\n")
    with pytest.raises(ConfigError, match=complaint):
        datasets.load_ctu13(ctu)
    table.write_text("StartTime,Dur\n")
    with pytest.raises(ConfigError, match="no column 'Proto'"):
        datasets.load_ctu13(ctu)
    table.write_text(CTU)
    with pytest.raises(ConfigError, match="is it of another day"):
        datasets.load_ctu13(ctu)
    table.unlink()
    with pytest.raises(ConfigError, match=r"no \.binetflow table for capture20110810\.pcap"):
        datasets.load_ctu13(ctu)


@pytest.fixture
def cic(tmp_path):
    write(
        tmp_path / "PCAPs" / "Friday-WorkingHours.pcap",
        talk(MONCTON, 6, "192.168.10.5", 40_000, "104.16.28.216", 443)
        # One pair of ports, twice: an afternoon apart, and of two kinds.
        + talk(MONCTON + 60, 6, "192.168.10.8", 41_000, "205.174.165.73", 8_080)
        + talk(MONCTON + 3_600, 6, "192.168.10.8", 41_000, "205.174.165.73", 8_080),
    )
    bot = "x,192.168.10.8,41000,205.174.165.73,8080,6"
    folder = tmp_path / "TrafficLabelling"
    folder.mkdir()
    (folder / "Friday-WorkingHours-Morning.pcap_ISCX.csv").write_text(
        CIC
        + "x,104.16.28.216,443,192.168.10.5,40000,6,7/7/2017 2:02,1300000,3,BENIGN\n"
        + f"{bot},7/7/2017 2:03,1300000,3,Bot\n"
    )
    (folder / "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX.csv").write_text(
        CIC + f"{bot},7/7/2017 3:02,1300000,3,BENIGN\n" + "," * 9 + "\n"
    )
    (folder / "Monday-WorkingHours.pcap_ISCX.csv").write_text("of another day\n")
    return tmp_path


def test_cic_ids2017(cic):
    data = datasets.load_cic_ids2017(cic)
    assert set(data.y) == {"benign"}
    assert sorted(data.identity["dport"]) == [443, 8_080]
    named = datasets.load_cic_ids2017(cic, labels={"Bot": "tcp_c2"})
    both = named.identity["dport"].to_numpy() == 8_080
    assert sorted(zip(named.y[both], named.tool[both], strict=True)) == [
        ("benign", ""),
        ("tcp_c2", "bot"),
    ]


def test_cic_ids2017_mistakes_are_named(cic):
    table = cic / "TrafficLabelling" / "Friday-WorkingHours-Morning.pcap_ISCX.csv"
    table.write_text(CIC + "x,1.1.1.1,80,2.2.2.2,90,6,noon,1,3,BENIGN\n")
    with pytest.raises(ConfigError, match="line 2: Timestamp: 'noon' is not a time"):
        datasets.load_cic_ids2017(cic)
    table.write_text(CIC + "x,1.1.1.1,80,2.2.2.2,90,six,7/7/2017 2:02,1,3,BENIGN\n")
    with pytest.raises(ConfigError, match="line 2: ports, Protocol and Flow Duration"):
        datasets.load_cic_ids2017(cic)
    table.write_text("Destination Port,Label\n80,BENIGN\n")  # MachineLearningCSV
    with pytest.raises(ConfigError, match="no column 'Source IP'"):
        datasets.load_cic_ids2017(cic)
    for path in table.parent.glob("Friday*"):
        path.unlink()
    with pytest.raises(ConfigError, match=r"no table friday\*\.csv for Friday-WorkingHours\.pcap"):
        datasets.load_cic_ids2017(cic)
