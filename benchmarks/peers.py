"""The programs that are compared: what to install, and what to run on a capture.

A driver prints one line: packets, flows, and the CPU seconds of its work without imports.
``{path}`` is the capture.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PEERS", "Peer"]


@dataclass(frozen=True)
class Peer:
    """One program.

    Parameters
    ----------
    name : str
    code : str
        Python code of the driver; or, with `command`, nothing.
    requires : tuple of str
        What pip installs for it, into an environment of its own.
    command : str
        A shell-free command line, for programs that are no Python packages; skipped where its
        first word is not on PATH.
    sample : bool
        Too slow for the whole capture: runs on a twentieth of it.
    note : str
        What it computes.
    """

    name: str
    code: str = ""
    requires: tuple[str, ...] = ()
    command: str = ""
    sample: bool = False
    note: str = ""


_CLOCK = "import time; begin = time.process_time()\n"
_END = "print(packets, flows, time.process_time() - begin)\n"

_NFSTREAM = (
    "from nfstream import NFStreamer\n" + _CLOCK
    + "packets = flows = 0\n"
    "for flow in NFStreamer(source='{path}', statistical_analysis=True, n_dissections=0,\n"
    "                       n_meters=1):\n"
    "    flows += 1; packets += flow.bidirectional_packets\n"
    "import resource; begin -= resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime\n"
    "begin -= resource.getrusage(resource.RUSAGE_CHILDREN).ru_stime\n" + _END
)  # fmt: skip

_DPKT = (
    "import dpkt\n" + _CLOCK + "packets = flows = 0\n"
    "for _, data in dpkt.pcap.Reader(open('{path}', 'rb')):\n"
    "    dpkt.ethernet.Ethernet(data); packets += 1\n" + _END
)

_SCAPY = (
    "from scapy.all import PcapReader\n" + _CLOCK + "packets = flows = 0\n"
    "for _ in PcapReader('{path}'): packets += 1\n" + _END
)

_NETFLOWER = (
    "from netflower import convert_pcap_to_csv\n" + _CLOCK
    + "convert_pcap_to_csv('{path}', '{path}.csv')\n"
    "packets = 0; flows = sum(1 for _ in open('{path}.csv')) - 1\n" + _END
)  # fmt: skip

_JOYFULJAY = (
    "import joyfuljay as jj\n" + _CLOCK + "flows = len(jj.extract('{path}')); packets = 0\n" + _END
)

_OURS = (
    "from nalpml.capture.reader import iter_chunks\nfrom nalpml.flows import iter_flows\n"
    "import nalpml._kernels.windows, nalpml._kernels.decode, nalpml._kernels.collect\n"
    "import nalpml._kernels.recognise, nalpml._kernels.payload\n"
    "packets = flows = 0\n"
    "for part in iter_flows(iter_chunks('{warm}')): pass\n" + _CLOCK
    + "for part in iter_flows(iter_chunks('{path}')):\n"
    "    flows += len(part); packets += len(part.packets)\n" + _END
)  # fmt: skip

_OURS_FEATURES = _OURS.replace(
    "import nalpml._kernels.windows,", "from nalpml.features import compute\nimport "
    "nalpml._kernels.windows,"
).replace("')): pass", "')): compute(part)").replace(
    "packets += len(part.packets)\n", "packets += len(part.packets); compute(part)\n"
)  # fmt: skip

PEERS = (
    Peer("nalpml", code=_OURS, note="decode, payload statistics, flow windows"),
    Peer("nalpml, all features", code=_OURS_FEATURES, note="the same and every flow feature"),
    Peer("NFStream", _NFSTREAM, ("nfstream",), note="statistics, no payload entropy, one meter"),
    Peer("netflower", _NETFLOWER, ("netflower",), note="82 columns, IPv4 TCP and UDP alone"),
    Peer("dpkt", _DPKT, ("dpkt",), note="a loop that parses, nothing else"),
    Peer("scapy", _SCAPY, ("scapy",), sample=True, note="decodes, nothing else"),
    Peer(
        "JoyfulJay", _JOYFULJAY, ("joyfuljay[fast,arrow,graphs]",), sample=True,
        note="387 features",
    ),
    Peer(
        "cicflowmeter 0.2", requires=("cicflowmeter==0.2.0", "scapy==2.5.0"),
        command="{bin}/cicflowmeter -f {path} -c {path}.csv", sample=True, note="82 columns",
    ),
    Peer("Argus", command="argus -F /dev/null -r {path} -w {path}.argus -J -Z -R", note="flows"),
    Peer("ndpiReader", command="ndpiReader -i {path} -q", note="flows and protocols"),
    Peer(
        "tshark", command="tshark -r {path} -T fields -e ip.src -e ip.dst -e ip.proto", sample=True,
        note="three fields",
    ),
)  # fmt: skip
