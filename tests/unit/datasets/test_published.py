"""Loaders of public sets on small files in the published layout, to the column."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from nalpml import datasets

from .crafted import talk, write

# The header of TrafficLabelling as published: 85 names, spaces as they are there, one name twice.
CIC = (
    "Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp,"
    " Flow Duration, Total Fwd Packets, Total Backward Packets,Total Length of Fwd Packets,"
    " Total Length of Bwd Packets, Fwd Packet Length Max, Fwd Packet Length Min,"
    " Fwd Packet Length Mean, Fwd Packet Length Std,Bwd Packet Length Max, Bwd Packet Length Min,"
    " Bwd Packet Length Mean, Bwd Packet Length Std,Flow Bytes/s, Flow Packets/s, Flow IAT Mean,"
    " Flow IAT Std, Flow IAT Max, Flow IAT Min,Fwd IAT Total, Fwd IAT Mean, Fwd IAT Std,"
    " Fwd IAT Max, Fwd IAT Min,Bwd IAT Total, Bwd IAT Mean, Bwd IAT Std, Bwd IAT Max, Bwd IAT Min,"
    "Fwd PSH Flags, Bwd PSH Flags, Fwd URG Flags, Bwd URG Flags, Fwd Header Length,"
    " Bwd Header Length,Fwd Packets/s, Bwd Packets/s, Min Packet Length, Max Packet Length,"
    " Packet Length Mean, Packet Length Std, Packet Length Variance,FIN Flag Count,"
    " SYN Flag Count, RST Flag Count, PSH Flag Count, ACK Flag Count, URG Flag Count,"
    " CWE Flag Count, ECE Flag Count, Down/Up Ratio, Average Packet Size, Avg Fwd Segment Size,"
    " Avg Bwd Segment Size, Fwd Header Length,Fwd Avg Bytes/Bulk, Fwd Avg Packets/Bulk,"
    " Fwd Avg Bulk Rate, Bwd Avg Bytes/Bulk, Bwd Avg Packets/Bulk,Bwd Avg Bulk Rate,"
    "Subflow Fwd Packets, Subflow Fwd Bytes, Subflow Bwd Packets, Subflow Bwd Bytes,"
    "Init_Win_bytes_forward, Init_Win_bytes_backward, act_data_pkt_fwd, min_seg_size_forward,"
    "Active Mean, Active Std, Active Max, Active Min,Idle Mean, Idle Std, Idle Max, Idle Min, Label"
)
CTU = (
    "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,"
    "SrcBytes,Label"
)
THURSDAY = datetime(2017, 7, 6, 12, 30, 0, tzinfo=UTC).timestamp()  # 9:30 in Moncton


def cic_row(ends: str, when: str, duration: int, label: str) -> str:
    """One line: the identity, what rates hold when nothing lasted, zeros, the label."""
    source, sport, destination, dport, proto = ends.split()
    head = [f"{source}-{destination}-{sport}-{dport}-{proto}", source, sport, destination, dport]
    zeros = ["0"] * (len(CIC.split(",")) - 8 - 1)
    zeros[12], zeros[13] = "Infinity", "NaN"  # Flow Bytes/s, Flow Packets/s
    return ",".join([*head, proto, when, str(duration), *zeros, label])


def kinds(data: datasets.Dataset) -> set[tuple[str, str, str]]:
    ends = zip(data.identity["dst"], data.identity["dport"], data.y, data.tool, strict=True)
    return {(str(dst), str(y), str(tool)) for dst, port, y, tool in ends if port}


def test_cic_ids2017_as_unpacked(tmp_path: Path) -> None:
    assert len(CIC.split(",")) == 85
    server, web = "192.168.10.50", ("172.16.0.1", 52_300)
    write(
        tmp_path / "PCAPs" / "Thursday-WorkingHours.pcap",
        talk(THURSDAY, 6, *web, server, 80)
        + talk(THURSDAY + 120, 17, "192.168.10.3", 61_000, "192.168.10.12", 53),
    )
    folder = tmp_path / "GeneratedLabelledFlows" / "TrafficLabelling "  # a space ends the name
    folder.mkdir(parents=True)
    lines = [
        CIC,
        cic_row(f"172.16.0.1 52300 {server} 80 6", "6/7/2017 9:30", 1, "Web Attack – XSS"),
        cic_row("192.168.10.3 61000 192.168.10.12 53 17", "6/7/2017 9:32", -1, "BENIGN"),
        "," * 84,
    ]
    name = "Thursday-WorkingHours-Morning-WebAttacks.pcap_ISCX.csv"
    (folder / name).write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))
    assert kinds(datasets.load_cic_ids2017(tmp_path)) == {("192.168.10.12", "benign", "")}
    found = kinds(datasets.load_cic_ids2017(tmp_path, labels={"XSS": "tcp_c2"}))
    assert {(dst, y) for dst, y, _ in found} == {(server, "tcp_c2"), ("192.168.10.12", "benign")}


def test_ctu13_as_unpacked(tmp_path: Path) -> None:
    begin = datetime(2011, 8, 18, 8, 40, 0, tzinfo=UTC).timestamp()  # 10:40 in Prague
    bot = "147.32.84.165"
    folder = tmp_path / "CTU-13-Dataset" / "10"
    write(
        folder / "botnet-capture-20110818-bot.pcap",
        talk(begin, 6, bot, 1_040, "91.190.218.66", 443)
        + talk(begin + 1, 1, bot, 7, "147.32.96.69", 0),
    )
    (folder / "capture20110818.binetflow").write_text(
        f"{CTU}\n"
        f"2011/08/18 10:40:00.100000,1.5,tcp,{bot},1040,   ->,91.190.218.66,443,"
        "FSPA_FSPA,0,0,9,900,500,flow=From-Botnet-V51-1-TCP-CC1-HTTP-Not-Encrypted\n"
        f"2011/08/18 10:40:01.000000,2.0,icmp,{bot},0x0303,   ->,147.32.96.69,0xe2ab,"
        "UNK,0,,4,4264,4264,flow=From-Botnet-V51-1-ICMP\n"
    )
    wanted = {"-CC": "tcp_c2", "-ICMP": "icmp_tunnel"}
    data = datasets.load_ctu13(tmp_path / "CTU-13-Dataset", labels=wanted)
    assert set(data.y) == {"tcp_c2", "icmp_tunnel"}
    assert set(data.capture) == {"10/botnet-capture-20110818-bot.pcap"}


def test_cic_bell_dns_exf_as_unpacked(tmp_path: Path) -> None:
    talked = talk(1_000.0, 17, "10.0.0.1", 5_000, "10.0.0.3", 53)
    for attack in ("Attack_heavy_Benign", "Attack_Light_Benign"):
        kind = attack.split("_")[1].lower()
        write(tmp_path / attack / "Attacks" / f"{kind}_compressed.pcap", talked)
        write(tmp_path / attack / "Benign" / f"benign_{kind}_1.pcap", talked)
        for part in ("stateful", "stateless"):
            table = tmp_path / attack / "Attacks" / f"{part}_features-{kind}_compressed.pcap.csv"
            table.write_text("rr,A_frequency,NS_frequency\n0,1,0\n")
    write(tmp_path / "Benign" / "benign_1.pcap", talked)
    plain = datasets.load_cic_bell_dns_exf(tmp_path)
    assert set(plain.y) == {"benign"}
    assert len(set(plain.capture)) == 3
    both = datasets.load_cic_bell_dns_exf(tmp_path, attack="udp_c2")
    assert {c for c, y in zip(both.capture, both.y, strict=True) if y == "udp_c2"} == {
        "Attack_heavy_Benign/Attacks/heavy_compressed.pcap",
        "Attack_Light_Benign/Attacks/light_compressed.pcap",
    }
