"""Groups of ATT&CK T1095, as traffic shapes from public reports.

Nothing here is an indicator: sizes, ports, framing, direction and rhythm follow the cited reports;
where a report is silent the `about` line says what is assumed, and the value is drawn.
"""

from __future__ import annotations

from nalpml.generators._profile import Profile
from nalpml.generators.covert.icmp_tunnel import IcmpTunnel
from nalpml.generators.covert.knock import Knock
from nalpml.generators.covert.serial_over_lan import Amt
from nalpml.generators.covert.socks import Socks
from nalpml.generators.covert.tcp_c2 import TcpC2
from nalpml.generators.covert.udp_c2 import UdpC2
from nalpml.generators.covert.vsock_c2 import VsockC2

__all__ = ["PROFILES"]

SHELLS = ("shell", "keys")
SEALED = ("encrypted", "arc4")

PROFILES: tuple[Profile, ...] = (
    TcpC2(
        name="group.ember_bear",
        about=(
            "G1003 Ember Bear: netcat and GOST shells, Meterpreter reverse TCP on non- "
            "standard ports (CISA AA24-249A lists the ports). Assumed: typing pace, output "
            "sizes."
        ),
        ports=(1234, 1851, 443, 4444, 4688, 5432, 8080, 8085, 8090, 8443, 8487, 8888, 43221),
        kinds=("shell", "keys", "tasks"),
        codings=("clear", "clear", "encrypted"),
        framings=("raw", "raw", "tlv"),
        inbound=0.2,
        per_beat=0.0,
    ),
    UdpC2(
        name="group.toddycat",
        about=(
            "G1022 ToddyCat: a passive backdoor that takes commands in UDP (Kaspersky "
            "2023): rare inbound datagrams, short answers. Assumed: port, framing, "
            "encoding."
        ),
        inbound=1.0,
        kinds=("shell", "tasks"),
        codings=("encrypted", "xor", "base64"),
        framings=("raw", "session", "length"),
        acknowledged=0.0,
        octets=(200, 10_000),
        per_beat=0.0,
    ),
    Knock(
        name="group.metador",
        about=(
            "G1013 Metador: port knocking, then raw TCP with RC4 between implants "
            "(SentinelOne 2022). Assumed: number and order of the knocks, framing."
        ),
        triggers=("syns", "half"),
        codings=("arc4",),
        framings=("raw", "length", "session"),
        kinds=("tasks", "shell", "pull"),
        tls=0.0,
        back=0.3,
    ),
    Amt(
        name="group.platinum",
        about=(
            "G0068 PLATINUM: file transfer over Intel AMT SOL with a header of its own "
            "(Microsoft 2017). Assumed: chunk sizes, encoding; the header's 007 in clear is "
            "from secondary reports."
        ),
        kinds=("pull", "push"),
        tls=0.0,
        header=b"007\x00",
        codings=("clear", "encrypted", "xor"),
    ),
    TcpC2(
        name="group.fin6",
        about=(
            "G0037 FIN6: Metasploit bind and reverse TCP stagers: a length, a blob, then "
            "TLV packets. Assumed: ports, session contents."
        ),
        ports=(4444, 443, 53, 80, 8443, 3389),
        stage=(100_000, 400_000),
        framings=("tlv",),
        codings=("clear", "encrypted"),
        kinds=("tasks", "shell", "pull"),
        inbound=0.3,
        per_beat=0.0,
    ),
    Socks(
        name="group.backdoordiplomacy",
        about=(
            "G0135 BackdoorDiplomacy: EarthWorm reverse SOCKS5 and port transfer (ESET "
            "2021). Assumed: ports, what is proxied."
        ),
        versions=("5",),
        reverse=1.0,
        commands=(1,),
        auth=0.0,
        ports=(443, 80, 8888, 1080, 8081),
        inside=("raw", "tls", "ssh", "http"),
        scope="wan",
        prefix=(8, 16),
    ),
    Socks(
        name="group.apt3",
        about=(
            "G0022 APT3: SOCKS5 to port 1913, the answer checked, CONNECT to port 81 "
            "(FireEye 2014). Assumed: what is proxied, number of sessions."
        ),
        versions=("5",),
        commands=(1,),
        auth=0.0,
        reverse=0.0,
        ports=(1913,),
        target=81,
        inside=("raw",),
        scope="wan",
        sessions=(1, 3),
    ),
    TcpC2(
        name="group.bitter",
        about=(
            "G1002 BITTER: encrypted TCP from implants (Cisco Talos 2022). Assumed: ports, "
            "interval, framing."
        ),
        codings=SEALED,
        kinds=("beacon", "tasks", "pull"),
        inbound=0.0,
        framings=("raw", "length", "typed"),
    ),
    TcpC2(
        name="group.hafnium",
        about=(
            "G0125 HAFNIUM: TCP command and control in ASCII, PowerCat and one-line shells "
            "(Microsoft, Volexity 2021). Assumed: ports, typing pace."
        ),
        codings=("clear", "base64", "hex"),
        framings=("raw", "lines"),
        kinds=SHELLS,
        ports=(443, 80, 8080, 4444, 1337),
        inbound=0.0,
    ),
    VsockC2(
        name="group.unc3886",
        about=(
            "G1048 UNC3886: shells and commands between guests and ESXi hosts over VMCI "
            "(Mandiant 2023), shown over virtio, where a tap exists. Port 10086 from "
            "secondary reports. Assumed: framing."
        ),
        ports=(10086, 10086, 2233, 7475, 18098),
        kinds=("shell", "keys", "tasks", "pull", "push"),
        codings=("clear", "arc4", "xor"),
        inbound=1.0,
        framings=("raw", "length"),
    ),
    TcpC2(
        name="group.unc3886_tcp",
        about=(
            "G1048 UNC3886: VIRTUALPITA (S1217) on TCP 2233, 7475, 18098 and VIRTUALPIE "
            "(S1218) on IPv6 TCP 546 with RC4 (Mandiant 2022): listening implants. Assumed: "
            "message sizes."
        ),
        ports=(2233, 7475, 18098, 546),
        inbound=1.0,
        kinds=("shell", "tasks", "pull", "push"),
        codings=("arc4", "clear"),
        framings=("raw", "length", "typed"),
        scope="lan",
        per_beat=0.0,
    ),
    IcmpTunnel(
        name="group.unc3886_redpenguin",
        about=(
            "C0056 RedPenguin: magic echo requests that wake TINYSHELL variants on routers "
            "(Mandiant 2025). Assumed: sizes, numbers, that no reply differs."
        ),
        kinds=("log",),
        carriers=("exfil",),
        codings=("xor", "encrypted"),
        header="magic",
        chunk=(8, 64),
        inbound=1.0,
        octets=(16, 200),
        limit=4,
        disguise=0.0,
    ),
)
