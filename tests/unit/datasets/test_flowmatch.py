"""Tables laid out as their publishers hand them out, and what a loop over rows would find."""

import numpy as np
import pandas as pd
import pytest

from nalpml import datasets
from nalpml.datasets import flowmatch
from nalpml.errors import ConfigError

from .crafted import talk, write
from .test_flowtables import CTU, MONCTON, PRAGUE, labels

# The publisher's columns around those that matter: spaces in front of most, and one name twice.
WIDE = (
    "Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp,"
    " Flow Duration, Total Fwd Packets,Flow Bytes/s, Flow Packets/s, Fwd Header Length,"
    " Bwd Header Length, Fwd Header Length,Idle Mean, Label\n"
)
TAIL = "2,Infinity,NaN,40,40,40,0.0"


def wide(src, sport, dst, dport, moment, lasted, label):
    return f"x,{src},{sport},{dst},{dport},6,{moment},{lasted},{TAIL},{label}\n"


def test_the_whole_cic_layout_with_its_faults(tmp_path):
    write(
        tmp_path / "PCAPs" / "Thursday-WorkingHours.pcap",
        talk(MONCTON, 6, "192.168.10.5", 40_000, "104.16.28.216", 443)
        + talk(MONCTON + 30, 6, "172.16.0.1", 41_000, "192.168.10.50", 80),
    )
    folder = tmp_path / "TrafficLabelling "  # the publisher's folder ends in a space
    folder.mkdir()
    text = WIDE + wide(
        "192.168.10.5", 40_000, "104.16.28.216", 443, "07/07/2017 02:02:00", -1, "BENIGN"
    )
    text += wide(
        "172.16.0.1", 41_000, "192.168.10.50", 80, "7/7/2017 2:02", 5, "Web Attack \x96 XSS"
    )
    table = folder / "Thursday-WorkingHours-Morning-WebAttacks.pcap_ISCX.csv"
    table.write_bytes((text + ("," * 15 + "\n") * 2_000 + "\n").encode("latin-1"))
    data = datasets.load_cic_ids2017(tmp_path)
    assert labels(data) == {("104.16.28.216", 443): ("benign", "")}
    named = datasets.load_cic_ids2017(tmp_path, labels={"Web Attack": "tcp_c2"})
    assert labels(named)[("192.168.10.50", 80)] == ("tcp_c2", "web-attack")


def test_ctu_names_of_normal_traffic_and_of_what_argus_sees_in_udp(tmp_path):
    write(
        tmp_path / "9" / "botnet-capture-20110817-bot.pcap",
        talk(PRAGUE, 6, "147.32.84.164", 3_000, "192.0.2.9", 80)
        + talk(PRAGUE + 1, 17, "147.32.84.164", 3_001, "192.0.2.8", 5_004)
        + talk(PRAGUE + 2, 17, "147.32.84.59", 3_002, "192.0.2.7", 53),
    )
    rest = "CON,0,0,2,214,81"
    (tmp_path / "9" / "capture20110817.binetflow").write_text(
        CTU + f"2011/08/10 09:46:53.1,1,tcp,147.32.84.164,3000,   ->,192.0.2.9,80,{rest},"
        "flow=Normal-V50-HTTP-windowsupdate\n"
        f"2011/08/10 09:46:54,1,rtp,147.32.84.164,3001,  <->,192.0.2.8,5004,{rest},"
        "flow=From-Normal-V50-Grill\n"
        f"2011/08/10 09:46:55,1,udp,147.32.84.59,3002,  <->,192.0.2.7,53,{rest},"
        "flow=To-Background-UDP-CVUT-DNS-Server\n"
        # Neighbours' questions have no ports, and addresses that are none of ours.
        f"2011/08/10 09:46:55,0,arp,147.32.84.164,,  who,147.32.84.1,,{rest},flow=Background\n"
    )
    found = labels(datasets.load_ctu13(tmp_path))
    assert found == {("192.0.2.9", 80): ("benign", ""), ("192.0.2.8", 5_004): ("benign", "")}


def slow(frame, rows):
    """What `label_windows` says, by loops."""
    out = []
    for w in frame.to_dict("records"):
        found = []
        for r in rows.to_dict("records"):
            theirs = [(r["src"], r["sport"]), (r["dst"], r["dport"])]
            ours = [(w["src"], w["sport"]), (w["dst"], w["dport"])]
            if w["proto"] not in ("tcp", "udp"):
                theirs, ours = ([(host, 0) for host, _ in ends] for ends in (theirs, ours))
            if r["proto"] == w["proto"] and sorted(theirs) == sorted(ours):
                found.append(r)
        kinds = {(r["label"], r["tool"]) for r in found}
        if len(kinds) > 1:
            near = flowmatch.SLACK
            kinds = {
                (r["label"], r["tool"])
                for r in found
                if r["start"] - near <= w["end"] and w["start"] <= r["end"] + near
            }
        label, tool = kinds.pop() if len(kinds) == 1 else ("", "")
        out.append((label, tool if label not in ("", "benign") else ""))
    return [label for label, _ in out], [tool for _, tool in out]


@pytest.mark.parametrize("seed", range(4))
def test_the_loop_and_the_columns_agree(seed):
    rng = np.random.default_rng(seed)

    def made(n):
        start = rng.uniform(0, 2_000, n)
        return pd.DataFrame(
            {
                "proto": rng.choice(["tcp", "udp", "icmp", "47"], n),
                "src": rng.choice(["10.0.0.1", "10.0.0.2", "fd00::1", "10.9.9.9"], n),
                "sport": rng.choice([80, 443, 40_000], n),
                "dst": rng.choice(["10.0.0.1", "10.0.0.2", "fd00::1"], n),
                "dport": rng.choice([80, 443, 40_000], n),
                "start": start,
                "end": start + rng.uniform(0, 100, n),
            }
        )

    rows, known = made(90), ["benign", "tcp_c2", ""]
    kind = rng.integers(0, 3, 90)
    rows["label"] = np.array(known)[kind]
    rows["tool"] = np.array(["benign", "bot", "scan"])[kind]
    frame = made(120)
    expected = slow(frame, rows)
    assert set(expected[0]) == set(known)
    given = rows.assign(label=rows["label"].astype(object).where(rows["label"] != "", None))
    assert flowmatch.label_windows(frame, given) == expected


def test_no_rows_and_no_windows():
    columns = ["proto", "src", "sport", "dst", "dport", "start", "end", "label", "tool"]
    none = pd.DataFrame(columns=columns)
    one = pd.DataFrame([["tcp", "a", 1, "b", 2, 0.0, 1.0, "benign", ""]], columns=columns)
    assert flowmatch.label_windows(one, none) == ([""], [""])
    assert flowmatch.label_windows(none, one) == ([], [])


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("a,c\n", r"no column 'b'; it has a, c"),
        ("", r"no column 'a'; it has "),
        ('a,b\n"1,2\n', r"not a table \(.*EOF inside string"),
    ],
)
def test_what_is_no_table_is_named(tmp_path, text, complaint):
    table = tmp_path / "t.csv"
    table.write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        flowmatch.read_table(table, ("a", "b"))


def test_a_line_that_ends_early_is_named(tmp_path):
    write(tmp_path / "Friday-x.pcap", talk(MONCTON, 6, "192.168.10.5", 40_000, "192.0.2.1", 443))
    whole = wide("192.168.10.5", 40_000, "192.0.2.1", 443, "7/7/2017 2:02", 1, "BENIGN")
    (tmp_path / "Friday.csv").write_text(WIDE + whole + whole[:30] + "\n")
    with pytest.raises(ConfigError, match="line 3: ports, Protocol and Flow Duration"):
        datasets.load_cic_ids2017(tmp_path)


def test_lines_keep_their_numbers(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("\ufeffa, b,b\n\n x ,1,9\n,,\ny,2,9\n", encoding="utf-8")
    found = flowmatch.read_table(table, ("a", "b"))
    assert found.to_dict("index") == {3: {"a": "x", "b": "1"}, 5: {"a": "y", "b": "2"}}
    with pytest.raises(ConfigError, match="cannot be read"):
        flowmatch.read_table(tmp_path / "none.csv", ("a",))
