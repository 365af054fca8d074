"""Software of ATT&CK T1095, as traffic shapes from public reports.

As in `actors`: shapes, not indicators; each `about` line has the ATT&CK identifier, what the
reports say and what is assumed.
"""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.covert.actors import SEALED, SHELLS
from nalpml.generators.covert.icmp_tunnel import IcmpTunnel
from nalpml.generators.covert.ip_tunnel import IpTunnel
from nalpml.generators.covert.knock import Knock, bpfdoor
from nalpml.generators.covert.socks import Socks
from nalpml.generators.covert.tcp_c2 import TcpC2
from nalpml.generators.covert.udp_c2 import UdpC2

__all__ = ["PROFILES"]

PROFILES: tuple[Profile, ...] = (
    IcmpTunnel(
        name="software.pingpull",
        about=(
            "S1031 PingPull: echo requests out, commands in replies, AES-CBC and base64 "
            "(Unit 42, 2022). Assumed: interval, sizes."
        ),
        kinds=("tasks", "shell"),
        carriers=("poll",),
        codings=("base64",),
        header="sequence",
        interval=(1.0, 15.0),
        chunk=(200, 1000),
        disguise=0.0,
        ident=("constant",),
        sequence=("counting", "constant"),
    ),
    IcmpTunnel(
        name="software.pingback",
        about=(
            "Pingback (Trustwave 2021): sequence numbers 1234 to 1236 in little-endian "
            "order, payloads of 788 octets, clear verbs. Assumed: interval."
        ),
        kinds=("tasks", "shell", "pull"),
        carriers=("free", "poll"),
        codings=("clear",),
        header="",
        chunk=(788, 788),
        fixed=(-1, 53764),
        ident=("constant",),
        sequence=("constant",),
        disguise=0.0,
        both=0.5,
    ),
    IcmpTunnel(
        name="software.regin",
        about="S0019 Regin: commands and data in ICMP (Symantec 2014). Assumed: sizes, framing.",
        kinds=("tasks", "pull"),
        codings=("encrypted", "xor"),
        header="magic",
        disguise=0.3,
        octets=(200, 8000),
    ),
    IcmpTunnel(
        name="software.anchor",
        about="S0504 Anchor: ICMP as an alternative channel (NTT, 2019). Assumed: polling, XOR.",
        kinds=("beacon", "tasks"),
        carriers=("poll",),
        codings=("xor",),
        chunk=(32, 256),
        disguise=0.2,
    ),
    IcmpTunnel(
        name="software.phoreal",
        about="S0158 PHOREAL: a reverse shell over ICMP (FireEye 2017). Assumed: sizes, encoding.",
        kinds=SHELLS,
        carriers=("poll", "free"),
        codings=("clear", "xor"),
        disguise=0.1,
    ),
    Knock(
        name="software.castletap",
        about=(
            "S1224 CASTLETAP: nine XORed octets in an echo request, then a TLS callback "
            "(Mandiant 2023). Assumed: session contents."
        ),
        triggers=("icmp",),
        size=(9, 9),
        back=1.0,
        tls=1.0,
        ports=(443, 8443),
    ),
    Knock(
        name="software.bpfdoor",
        about=(
            "S1161 BPFDoor: magic 0x7255 (UDP, ICMP) or 0x5293 (TCP) with a password, then "
            "a shell with RC4 (PwC, Sandfly 2022). Assumed: sizes beyond the structure."
        ),
        triggers=("udp", "icmp", "tcp"),
        magic=(bpfdoor(0x7255, b"justforfun\0\0\0\0"), bpfdoor(0x5293, b"socket\0\0\0\0\0\0\0\0")),
        size=(24, 24),
        knock_ports=(22, 80, 443, 53),
        ports=(42391, 42500, 43000, 443),
        codings=("arc4",),
        framings=("raw",),
        kinds=SHELLS,
        tls=0.0,
    ),
    Knock(
        name="software.penquin",
        about=(
            "S0587 Penquin: a magic TCP or UDP packet, then a reverse connection (Kaspersky "
            "2014). Assumed: encoding."
        ),
        triggers=("udp", "tcp"),
        back=1.0,
        tls=0.0,
        codings=("encrypted", "xor"),
    ),
    Knock(
        name="software.j_magic",
        about=(
            "S1203 J-magic: a TCP packet that meets one of five conditions, then a callback "
            "with a challenge inside TLS (Lumen 2025). Assumed: contents."
        ),
        triggers=("half", "syns"),
        back=1.0,
        tls=1.0,
        ports=(443, 8443, 4443),
    ),
    Knock(
        name="software.cd00r",
        about=(
            "S1204 cd00r: SYNs to 200, 80, 22, 53 and 3, then a listener. Assumed: session "
            "contents."
        ),
        triggers=("syns",),
        knock_ports=(200, 80, 22, 53, 3),
        back=0.0,
        tls=0.0,
        codings=("clear",),
        framings=("raw",),
        kinds=SHELLS,
    ),
    UdpC2(
        name="software.neteagle",
        about=(
            "S0034 NETEAGLE: a UDP beacon to port 6000, commands in clear TCP (FireEye "
            "2015). Assumed: interval; only the beacon is shown."
        ),
        ports=(6000,),
        kinds=("beacon",),
        codings=("clear",),
        framings=("raw", "typed"),
        inbound=0.0,
    ),
    UdpC2(
        name="software.plaintee",
        about=(
            "S0254 PLAINTEE: a custom UDP protocol with XORed fields (Unit 42, 2018). "
            "Assumed: interval."
        ),
        kinds=("beacon", "tasks"),
        codings=("xor",),
        framings=("typed", "magic"),
        inbound=0.0,
    ),
    UdpC2(
        name="software.plugx_udp",
        about="S0013 PlugX over UDP: RC4-like bodies on high ports. Assumed: interval, header.",
        kinds=("beacon", "tasks", "pull"),
        codings=("arc4",),
        framings=("session", "keyed"),
        inbound=0.0,
    ),
    UdpC2(
        name="software.keyplug",
        about="S1051 KEYPLUG: KCP over UDP (Mandiant 2022). Assumed: contents, interval.",
        kcp=True,
        codings=("xor", "encrypted"),
        kinds=("tasks", "shell", "proxy"),
        ports=(53, 443, 8443, 500),
        inbound=0.0,
    ),
    UdpC2(
        name="software.uroburos",
        about=(
            "S0022 Uroburos (Snake) over UDP: sessions with a value of the implant's own, "
            "CAST-128 (CISA 2023). Assumed: sizes, interval."
        ),
        codings=("encrypted",),
        framings=("session", "typed"),
        inbound=0.5,
        kinds=("tasks", "pull", "shell"),
    ),
    TcpC2(
        name="software.gh0st",
        about="S0032 gh0st RAT: five letters, two lengths, zlib, often XORed. Assumed: interval.",
        framings=("gh0st",),
        codings=("clear", "xor"),
        kinds=("beacon", "tasks", "shell", "pull"),
        ports=(8000, 80, 443, 8080, 1433, 53),
        inbound=0.0,
        per_beat=0.1,
    ),
    TcpC2(
        name="software.plugx",
        about="S0013 PlugX over TCP: RC4-like bodies behind a keyed header. Assumed: interval.",
        framings=("keyed", "session"),
        codings=("arc4",),
        ports=(443, 80, 8080, 53, 5000),
        inbound=0.0,
    ),
    TcpC2(
        name="software.derusbi",
        about=(
            "S0021 Derusbi: source ports 31800 to 31900, 4-octet XOR (RSA 2015). Assumed: framing."
        ),
        sports=(31800, 31900),
        codings=("xor",),
        framings=("length", "typed"),
        ports=(80, 443, 53, 8080),
        inbound=0.1,
    ),
    TcpC2(
        name="software.winnti_linux",
        about=(
            "S0430 Winnti for Linux: 4-octet XOR, passive magic or outbound (Chronicle "
            "2019). Assumed: framing."
        ),
        codings=("xor",),
        framings=("magic", "keyed"),
        inbound=0.4,
    ),
    TcpC2(
        name="software.sugarush",
        about="S1049 SUGARUSH: a reverse shell on TCP 4585 (Mandiant 2022). Assumed: typing pace.",
        ports=(4585,),
        kinds=("shell",),
        codings=("clear",),
        framings=("raw",),
        inbound=0.0,
    ),
    TcpC2(
        name="software.warzone",
        about="S0670 WarzoneRAT: TCP 5200 with RC4 (Uptycs 2020). Assumed: framing, interval.",
        ports=(5200, 5200, 5202),
        codings=("arc4",),
        framings=("magic", "length"),
        inbound=0.0,
        per_beat=0.1,
    ),
    TcpC2(
        name="software.mis_type",
        about="S0084 Mis-Type: base64 over raw TCP (Cylance 2016). Assumed: interval.",
        codings=("base64",),
        framings=("raw", "lines"),
        inbound=0.0,
        ports=(80, 443, 8080),
    ),
    TcpC2(
        name="software.reaver",
        about="S0172 Reaver over raw TCP (Unit 42, 2017). Assumed: interval, compression.",
        codings=("compressed", "xor"),
        framings=("typed", "length"),
        inbound=0.0,
    ),
    TcpC2(
        name="software.cryptoistic",
        about="S0498 Cryptoistic: encrypted TCP (SentinelOne 2020). Assumed: framing, interval.",
        codings=SEALED,
        framings=("raw", "typed"),
        inbound=0.0,
    ),
    TcpC2(
        name="software.invisibleferret",
        about=(
            "InvisibleFerret: JSON-like messages on 1245, 2245, 3001, 5000 (Unit 42, 2023). "
            "Assumed: rest."
        ),
        ports=(1245, 80, 2245, 3001, 5000),
        codings=("clear", "xor"),
        framings=("length", "lines"),
        kinds=("tasks", "log", "pull"),
        inbound=0.0,
    ),
    Socks(
        name="software.bubblewrap",
        about="S0043 BUBBLEWRAP: communication by SOCKS (FireEye 2015). Assumed: version, port.",
        inside=("raw", "http"),
        reverse=0.3,
        scope="wan",
    ),
    IpTunnel(
        name="software.prot11",
        about=(
            "The protocol-11 zombie: orders coded as running sums (Honeynet Project 2002). "
            "Assumed: sizes."
        ),
        protos=(11,),
        carries=("dialog",),
        running=1.0,
        inbound=1.0,
        kinds=("tasks",),
    ),
)
