"""The lab's network: two clients, a router, a wire that emulates a path, two servers.

::

    client, client2 == lan0 [router] wan0 -- (wire) == server, server2

Nothing is joined to the host's own interfaces: no packet can leave the lab, and none comes in.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from pathlib import Path

from labkit import link
from labkit.plan import HOSTS, LAN_HOSTS, Plan
from labkit.process import Program, command, inside, start

ROLES = (*HOSTS, "router", "wire")
QUIET = (
    "net.ipv6.conf.all.accept_dad=0",
    "net.ipv6.conf.default.accept_dad=0",
    "net.ipv6.conf.all.accept_ra=0",
    "net.ipv6.conf.default.accept_ra=0",
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv4.conf.default.rp_filter=0",
    "net.ipv4.ping_group_range=0 2147483647",
    "net.ipv4.ip_unprivileged_port_start=0",
)


class Network:
    """Namespaces and links of one scenario; a context manager that always tears down."""

    def __init__(self, plan: Plan, path: link.LinkPath, seed: int, slot: int, work: Path) -> None:
        self.plan, self.path, self.seed, self.work = plan, path, seed, work
        self.names = {role: f"nl{os.getpid()}-{slot}-{role}" for role in ROLES}
        self._relay: Program | None = None

    def __enter__(self) -> Network:
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _veth(self, left: tuple[str, str], right: tuple[str, str]) -> None:
        (role_a, if_a), (role_b, if_b) = left, right
        a, b = self.names[role_a], self.names[role_b]
        command(
            "ip", "link", "add", if_a, "netns", a, "type", "veth",
            "peer", "name", if_b, "netns", b,
        )  # fmt: skip
        for name, device in ((a, if_a), (b, if_b)):
            # Checksums and segment sizes must be those of a wire.
            off = [w for f in ("tx", "rx", "tso", "gso", "gro") for w in (f, "off")]
            inside(name, "ethtool", "-K", device, *off, check=False)
            command("ip", "-n", name, "link", "set", device, "up")

    def _bridge(self, role: str, bridge: str, ports: tuple[str, ...]) -> None:
        name = self.names[role]
        command("ip", "-n", name, "link", "add", bridge, "type", "bridge", "mcast_snooping", 0)
        # What the router sends by itself must leave with whole checksums too.
        inside(name, "ethtool", "-K", bridge, "tx", "off", check=False)
        command("ip", "-n", name, "link", "set", bridge, "up")
        for port in ports:
            command("ip", "-n", name, "link", "set", port, "master", bridge)

    def _address(self, role: str, device: str, key: str) -> None:
        side = "lan" if key in (*LAN_HOSTS, "lan") else "wan"
        name, plan = self.names[role], self.plan
        net = plan.lan if side == "lan" else plan.wan
        command(
            "ip", "-n", name, "addr", "add", f"{plan.v4[key]}/{net.prefixlen}",
            "brd", "+", "dev", device,
        )  # fmt: skip
        command("ip", "-n", name, "addr", "add", f"{plan.v6[key]}/64", "dev", device, "nodad")
        if role != "router":
            command("ip", "-n", name, "route", "add", "default", "via", plan.v4[side])
            command("ip", "-n", name, "-6", "route", "add", "default", "via", plan.v6[side])

    def _build(self) -> None:
        for role, name in self.names.items():
            command("ip", "netns", "add", name)
            command("ip", "-n", name, "link", "set", "lo", "up")
            inside(name, "sysctl", "-qw", *QUIET, check=False)
            if role in HOSTS:
                ttl = self.plan.ttl[role]
                inside(name, "sysctl", "-qw", f"net.ipv4.ip_default_ttl={ttl}")
                inside(name, "sysctl", "-qw", f"net.ipv6.conf.all.hop_limit={ttl}", check=False)
            self._name_files(name)
        self._veth(("client", "eth0"), ("router", "c1"))
        self._veth(("client2", "eth0"), ("router", "c2"))
        self._veth(("router", "wan0"), ("wire", "w0"))
        self._veth(("wire", "w1"), ("wire", "w1p"))
        self._veth(("server", "eth0"), ("wire", "s1"))
        self._veth(("server2", "eth0"), ("wire", "s2"))
        self._bridge("router", "lan0", ("c1", "c2"))
        self._bridge("wire", "brs", ("w1p", "s1", "s2"))
        for host in HOSTS:
            self._address(host, "eth0", host)
        self._address("router", "lan0", "lan")
        self._address("router", "wan0", "wan")
        router = self.names["router"]
        inside(
            router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
            "net.ipv4.conf.all.send_redirects=0",
        )  # fmt: skip
        for host, port in (("client", "c1"), ("client2", "c2")):
            for role, device in ((host, "eth0"), ("router", port)):
                command("ip", "-n", self.names[role], "link", "set", device, "mtu", self.plan.mtu)
        command("ip", "-n", router, "link", "set", "lan0", "mtu", self.plan.mtu)
        self._emulate()
        self._warm()

    def _name_files(self, name: str) -> None:
        """Give a namespace hosts and resolver files of its own."""
        folder, v4 = Path("/etc/netns") / name, self.plan.v4
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").write_text(
            f"nameserver {v4['server2']}\noptions timeout:1 attempts:1\n"
        )
        lines = [f"{v4[host]} {host} {host}.lab.test" for host in HOSTS]
        (folder / "hosts").write_text("127.0.0.1 localhost\n" + "\n".join(lines) + "\n")

    def _emulate(self) -> None:
        wire = self.names["wire"]
        if link.has_netem():
            self._bridge("wire", "brw", ("w0", "w1"))
            for device in ("w0", "w1"):
                arguments = link.netem_arguments(self.path)
                inside(wire, "tc", "qdisc", "add", "dev", device, "root", "netem", *arguments)
            return
        binary = link.relay_binary(self.work.parent)
        argv = [str(binary), "w0", "w1", *link.relay_arguments(self.path, self.seed)]
        self._relay = start(wire, argv, self.work / "linkem.log", self.work, os.environ)

    def _warm(self) -> None:
        """Resolve neighbours before the capture: networks in use are warm."""
        for source in LAN_HOSTS:
            for family in (self.plan.v4, self.plan.v6):
                for target in ("server", "server2"):
                    argv = ("ping", "-c1", "-W2", family[target])
                    inside(self.names[source], *argv, check=False)

    def add_farm(self, addresses: list[str]) -> None:
        """Give `server2` further addresses."""
        name = self.names["server2"]
        for address in addresses:
            command("ip", "-n", name, "addr", "add", f"{address}/22", "dev", "eth0")

    def close(self) -> None:
        """End every process in the namespaces and remove them."""
        if self._relay:
            self._relay.stop(grace=0.5)
        for name in self.names.values():
            _remove(name)


def _remove(name: str) -> None:
    for pid in command("ip", "netns", "pids", name, check=False).split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    command("ip", "netns", "del", name, check=False)
    shutil.rmtree(Path("/etc/netns") / name, ignore_errors=True)


def sweep() -> None:
    """Remove every namespace that this process has made and not removed."""
    for line in command("ip", "netns", "list", check=False).splitlines():
        if line.startswith(f"nl{os.getpid()}-"):
            _remove(line.split()[0])
