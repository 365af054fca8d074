"""VSOCK scenarios: a small virtual machine whose kernel has a loopback transport and vsockmon.

QEMU boots the kernel of Debian's ``linux-image-amd64`` with the host's own files, read only, as
its root over 9p; the steps run inside as root, and tcpdump captures on ``vsockmon0`` (link type
271). Nothing but the scenario's scratch folder can be written from inside, and there is no network.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from labkit.process import LabError, command
from labkit.session import Session, package_version

PACKAGES = ("qemu-system-x86", "linux-image-amd64", "busybox", "kmod", "cpio")
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "vsock_loopback", "vsockmon")
LOCK = threading.Lock()
BOOTS = 3

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc p /proc; mount -t sysfs s /sys; mount -t devtmpfs d /dev
for m in /mods/*.ko; do insmod $m; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose host /r
for d in proc sys dev; do mount --move /$d /r/$d; done
exec switch_root /r /bin/bash GUEST
"""

GUEST = """
mount -t tmpfs t /run
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 out /mnt
cd /mnt
ip link set lo up
ip link add vsockmon0 type vsockmon
ip link set vsockmon0 up
{start}
tcpdump --immediate-mode -i vsockmon0 -s 0 -B 16384 -U -Z root -w /run/c.pcap 2> /run/c.err &
until grep -q 'listening on' /run/c.err; do sleep 0.1; done
sleep 0.5
{run}
sleep 2
kill -INT $(pidof tcpdump)
sleep 1
cp /run/c.pcap {name}.pcap
sync
echo o > /proc/sysrq-trigger
sleep 20
"""


def _kernel() -> str:
    found = sorted(Path("/boot").glob("vmlinuz-*"))
    if not found:
        raise LabError("no kernel in /boot: apt-get install linux-image-amd64")
    return found[-1].name.removeprefix("vmlinuz-")


def _initrd(build: Path, guest: Path) -> Path:
    """Make the first file system: busybox, the modules, and an init that moves to the host's."""
    root = build / f"initrd-{guest.parent.name}"
    shutil.rmtree(root, ignore_errors=True)
    for folder in ("bin", "mods", "proc", "sys", "dev", "r"):
        (root / folder).mkdir(parents=True)
    binary = Path(shutil.which("busybox") or "/bin/busybox")
    shutil.copy(binary, root / "bin" / "busybox")
    for word in command("ldd", binary, check=False).split():
        if word.startswith("/"):
            target = root / word.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(word, target)
    files: list[str] = []
    for module in MODULES:
        listing = command("/sbin/modprobe", "-S", _kernel(), "--show-depends", module)
        files += [line.split()[1] for line in listing.splitlines() if line.startswith("insmod")]
    for number, file in enumerate(dict.fromkeys(files)):
        shutil.copy(file, root / "mods" / f"{number:02d}-{Path(file).name}")
    init = root / "init"
    init.write_text(INIT.replace("GUEST", str(guest)))
    init.chmod(0o755)
    archive = guest.with_name("initrd")
    names = "\n".join(str(p.relative_to(root)) for p in sorted(root.rglob("*")))
    packed = subprocess.run(
        ["cpio", "-o", "-H", "newc", "--quiet"],
        input=names.encode(),
        stdout=subprocess.PIPE,
        cwd=root,
        check=True,
    )
    archive.write_bytes(packed.stdout)
    shutil.rmtree(root)
    return archive


class VmSession(Session):
    """One run of one VSOCK scenario."""

    def _script(self) -> str:
        def lines(steps: Any, background: bool) -> str:
            out = []
            for step in steps:
                line = self.scenario.fill(step.run, self.own)
                quoted = f"timeout {step.timeout:.0f} bash -c {shlex.quote(line)}"
                out.append(f"{quoted} &" if background or step.background else quoted)
                out.append(f"sleep {max(step.sleep, 1.5 if background else 0)}")
            return "\n".join(out)

        env = {**self.env, "LAB_VSOCK": "1", "WORK": "/mnt", "HOME": "/mnt"}
        head = "\n".join(f"export {key}={shlex.quote(value)}" for key, value in env.items())
        return head + GUEST.format(
            start=lines(self.scenario.start, True),
            run=lines(self.scenario.run, False),
            name=self.scenario.name,
        )

    def run(self) -> dict[str, Any]:
        """Boot, run the steps, and write the capture and its label file."""
        for package in (*PACKAGES, *self.scenario.packages):
            package_version(package)
        self._write_files()
        guest = self.work / "guest.sh"
        guest.write_text(self._script())
        with LOCK:
            initrd = _initrd(self.work.parent, guest)
        share = "security_model=none,multidevs=remap"
        argv = [
            "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "1024", "-smp", "1",
            "-display", "none", "-nodefaults", "-no-reboot", "-serial", "stdio",
            "-kernel", f"/boot/vmlinuz-{_kernel()}", "-initrd", str(initrd),
            "-append", "console=ttyS0 quiet panic=-1",
            "-virtfs", f"local,path=/,mount_tag=host,readonly=on,{share}",
            "-virtfs", f"local,path={self.work},mount_tag=out,{share}",
        ]  # fmt: skip
        # On a busy machine an emulated timer may miss its test at boot; that one panics early.
        for _ in range(BOOTS):
            begun = time.time()
            self._boot(argv)
            if self.pcap.exists():
                return self._label(begun, time.time())
        raise LabError(f"no capture from inside, see {self.work}/console.log")

    def _boot(self, argv: list[str]) -> None:
        with (self.work / "console.log").open("wb") as console:
            machine = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=os.environ
            )
            try:
                machine.wait(240)
            except subprocess.TimeoutExpired:
                raise LabError("the virtual machine did not end in 240 s") from None
            finally:
                machine.kill()
                machine.wait()
