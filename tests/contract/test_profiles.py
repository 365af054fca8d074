"""What every profile promises: seeds, order, labels, and frames that others read."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from nalpml.channels import BENIGN, CHANNELS, LABELS
from nalpml.generators import PROFILES, Entry, Generated, MixConfig, generate

NAMES = list(PROFILES)

SEVERAL_LABELS = {name for name in NAMES if name.startswith("knock.")} | {
    "group.metador", "software.castletap", "software.bpfdoor", "software.penquin",
    "software.j_magic", "software.cd00r",
}  # fmt: skip
"""A trigger has the label of its own carrier, what follows that of another."""


@cache
def _made(name: str, seed: int = 1) -> Generated:
    entry = (Entry(profile=name, count=1),)
    config = MixConfig(entry=entry, duration=20, hosts=6, midstream=0, one_way=0)
    return generate(config, seed=seed)


@pytest.mark.parametrize("name", NAMES)
def test_profile(name: str) -> None:
    profile, made = PROFILES[name], _made(name)
    assert profile.name == name
    assert profile.label in LABELS
    assert profile.about.endswith("."), "what it stands for is a sentence"
    assert type(profile).__doc__
    assert not hasattr(profile, "__dict__"), "a profile has slots"
    assert len(made.frames) > 0
    assert (np.diff(made.frames.time_ns) >= 0).all()
    labels = set(made.labels["label"].unique())
    assert labels == {profile.label} or (name in SEVERAL_LABELS and BENIGN not in labels)
    assert set(made.labels["tool"]) == {name}
    assert made.linktype == (271 if profile.vsock else 1)
    assert _fresh(name, 1).card["sha256"] == made.card["sha256"], "same seed, same octets"
    assert _fresh(name, 2).card["sha256"] != made.card["sha256"], "other seed, other octets"


def _fresh(name: str, seed: int) -> Generated:
    return _made.__wrapped__(name, seed)


def _word_sum(octets: np.ndarray) -> int:
    padded = np.concatenate((octets, np.zeros(len(octets) % 2, np.uint8)))
    total = int(padded.view(">u2").sum())
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def _faults(frame: np.ndarray) -> str:
    """Check lengths and checksums of one Ethernet frame, the slow obvious way."""
    kind = frame[12:14].tobytes()
    if kind == b"\x08\x00":
        size, head = int.from_bytes(frame[16:18].tobytes(), "big"), 20
        if _word_sum(frame[14:34]) != 0xFFFF:
            return "IPv4 checksum"
        proto, addresses = int(frame[23]), frame[26:34]
        if int.from_bytes(frame[20:22].tobytes(), "big") & 0x3FFF:
            return ""  # a fragment: what it is a part of is checked when put together again
    elif kind == b"\x86\xdd":
        size, head = int.from_bytes(frame[18:20].tobytes(), "big") + 40, 40
        proto, addresses = int(frame[20]), frame[22:54]
    else:
        return ""
    packet = frame[14 : 14 + size]
    if len(packet) != size or (len(frame) > 14 + size and len(frame) != 60):
        return "length"
    body = packet[head:]
    pseudo = np.array([0, proto, *divmod(len(body), 256)], np.uint8)
    if proto == 44:
        return ""
    if proto == 17 and body[6:8].any() == 0:
        return ""
    if proto == 17 and int.from_bytes(body[4:6].tobytes(), "big") != len(body):
        return "UDP length"
    if proto in (6, 17, 58) and _word_sum(np.concatenate((addresses, pseudo, body))) != 0xFFFF:
        return f"checksum of protocol {proto}"
    if proto == 1 and _word_sum(body) != 0xFFFF:
        return "ICMP checksum"
    return ""


@pytest.mark.parametrize("name", [n for n in NAMES if not PROFILES[n].vsock])
def test_lengths_and_checksums(name: str) -> None:
    frames = _made(name).frames
    for i in np.linspace(0, len(frames) - 1, min(len(frames), 60)).astype(int):
        assert _faults(frames.data[frames.offsets[i] : frames.offsets[i + 1]]) == "", f"frame {i}"


@pytest.mark.parametrize("name", [n for n in NAMES if PROFILES[n].vsock])
def test_vsock_lengths(name: str) -> None:
    frames = _made(name).frames
    for i in range(min(len(frames), 200)):
        frame = frames.data[frames.offsets[i] : frames.offsets[i + 1]].tobytes()
        assert int.from_bytes(frame[56:60], "little") == len(frame) - 76
        assert frame[:24] == frame[32:56], "both copies of the addresses agree"


def test_every_label_has_named_profiles_and_a_random_one() -> None:
    for label in CHANNELS:
        names = [n for n in NAMES if PROFILES[n].label == label]
        assert len(names) >= 4, label
        assert any(n.endswith((".random", ".ipmi")) for n in names), label


def test_groups_and_software_of_the_technique() -> None:
    groups = {n.split(".")[1] for n in NAMES if n.startswith("group.")}
    assert groups >= {
        "ember_bear", "toddycat", "metador", "platinum", "fin6", "backdoordiplomacy", "apt3",
        "bitter", "hafnium", "unc3886",
    }  # fmt: skip
    assert sum(n.startswith("software.") for n in NAMES) >= 15
    for name in NAMES:
        if name.startswith(("group.", "software.")):
            assert "Assumed:" in PROFILES[name].about, "reports are silent on something"


def test_scapy_reads_every_packet(tmp_path: Path) -> None:
    scapy = pytest.importorskip("scapy.all")
    config = MixConfig(
        entry=tuple(Entry(profile=n, count=1) for n in NAMES if not PROFILES[n].vsock),
        duration=20, hosts=12,
    )  # fmt: skip
    made = generate(config, seed=3)
    made.write(tmp_path)
    with scapy.RawPcapReader(str(tmp_path / "traffic.pcap")) as reader:
        lengths = [len(octets) for octets, _ in reader]
    assert lengths == np.diff(made.frames.offsets).tolist()
    for i in range(0, len(made.frames), 97):
        octets = made.frames.data[made.frames.offsets[i] : made.frames.offsets[i + 1]].tobytes()
        packet = scapy.Ether(octets)
        if scapy.IP in packet:
            assert packet[scapy.IP].len == len(octets) - 14 or len(octets) == 60
        elif scapy.IPv6 in packet:
            assert packet[scapy.IPv6].plen == len(octets) - 54 or len(octets) == 60
        else:
            assert packet.type == 0x0806


FOREIGN = (
    "private.", "polls.", "bulk.", "multicast.", "noise.", "bare.", "lines.", "nodes.", "agent.",
    "series.", "vpn.own_port", "reporter.", "push.", "half.", "routes.",
)  # fmt: skip
"""Benign content on drawn ports, which tshark takes for what usually runs there."""


def _foreign(name: str) -> bool:
    """Whether tshark has no dissector for a profile: vendors' protocols have none by design."""
    module = type(PROFILES[name]).__module__.rsplit(".", 1)[-1]
    return name.startswith(FOREIGN) or module.startswith("vendor")


GUESSED = {
    "vendor.kafka": "any request of any version, with drawn octets for what only brokers read",
    "vendor.cassandra": "frames of the native protocol with drawn bodies",
    "vendor.elastic": "transport frames with drawn bodies",
    "vendor.lengths": "a messenger on the web's port",
    "vendor.raknet": "messages of games, which each define their own",
    "vendor.ticker": "a feed on the port of a file transfer",
    "vendor.gre": "an inner header whose checksum offloading left open",
}
"""Profiles of which tshark takes packets for what they are not, or knows more than they hold."""


@pytest.mark.skipif(which("tshark") is None, reason="tshark is not installed")
def test_tshark_finds_no_fault_in_protocols_without_a_dissector(tmp_path: Path) -> None:
    """No checksum is wrong and nothing malformed, but for the exceptions in `GUESSED`."""
    names = [
        n for n in NAMES
        if PROFILES[n].label == BENIGN and not PROFILES[n].vsock and _foreign(n)
    ]  # fmt: skip
    config = MixConfig(
        entry=tuple(Entry(profile=n, count=1) for n in names),
        duration=20, hosts=12, midstream=0, one_way=0,
    )  # fmt: skip
    tools = generate(config, seed=4).labels["tool"].astype(str).to_numpy()
    for malformed in (False, True):
        faults = _tshark(config, tmp_path, malformed=malformed)
        found = {str(tools[int(line.split()[0]) - 1]) for line in faults}
        assert found <= set(GUESSED), found - set(GUESSED)


@pytest.mark.skipif(which("tshark") is None, reason="tshark is not installed")
def test_tshark_finds_no_fault(tmp_path: Path) -> None:
    """Checksums are right everywhere; benign protocols dissect as what they are.

    Expected exceptions: covert content on borrowed ports is malformed by nature; benign content on
    drawn ports (`_foreign`) is guessed at; a lost segment leaves tshark out of step on TLS.
    """
    names = [n for n in NAMES if PROFILES[n].label != BENIGN and not PROFILES[n].vsock]
    covert = MixConfig(entry=tuple(Entry(profile=n, count=1) for n in names), duration=20, hosts=12)
    assert _tshark(covert, tmp_path, malformed=False) == []
    names = [
        n for n in NAMES
        if PROFILES[n].label == BENIGN and not PROFILES[n].vsock and not _foreign(n)
    ]  # fmt: skip
    benign = MixConfig(
        entry=tuple(Entry(profile=n, count=1) for n in names),
        duration=20, hosts=12, midstream=0, one_way=0,
    )  # fmt: skip
    assert _tshark(benign, tmp_path, malformed=False) == []
    faults = _tshark(benign, tmp_path, malformed=True)
    packets = len(generate(benign, seed=4).frames)
    assert len(faults) <= packets / 1000, faults[:5]


def _tshark(config: MixConfig, folder: Path, *, malformed: bool) -> list[str]:
    generate(config, seed=4).write(folder)
    protocols = ("ip", "tcp", "udp", "icmp", "icmpv6")
    faults = " || ".join(f"{p}.checksum.status == 0" for p in protocols)
    # Quoted packets inside errors are cut short, so their checksums cannot be told.
    shown = "_ws.malformed" if malformed else f"({faults}) && !(icmp.type in {{3, 11}})"
    checks = [x for p in ("ip", "tcp", "udp") for x in ("-o", f"{p}.check_checksum:TRUE")]
    found = subprocess.run(
        ["tshark", "-r", str(folder / "traffic.pcap"), *checks, "-Y", shown],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [
        line for line in found.stdout.splitlines()
        if "New fragment overlaps" not in line
    ]  # fmt: skip
