"""What a remote shell prints for what is typed: the forms of Unix and Windows tools, any values.

The forms follow the manuals of coreutils, procps, iproute2 and net-tools and of Windows' own
commands; names, numbers and lengths are drawn. Typed lines hold arguments and slips of the finger.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nalpml.generators._content import hostname, loguniform, output, pick, sentence, word

__all__ = ["Terminal"]

Rng = np.random.Generator


def _address(rng: Rng) -> str:
    return f"10.{int(rng.integers(256))}.{int(rng.integers(256))}.{int(rng.integers(1, 255))}"


def _accounts(rng: Rng, n: int) -> str:
    shells = ("/bin/bash", "/usr/sbin/nologin", "/bin/false", "/bin/sh")
    return "\n".join(
        f"{word(rng)}:x:{int(rng.integers(1100))}:{int(rng.integers(1100))}:{word(rng)}:/home/"
        f"{word(rng)}:{pick(rng, shells)}"
        for _ in range(n)
    )


def _processes(rng: Rng, n: int) -> str:
    lines = ["USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"]
    for _ in range(n):
        a, b, c = (int(v) for v in rng.integers(1, 99999, 3))
        lines.append(
            f"{word(rng)[:8]:<8} {a:>7}  0.{a % 10}  {b % 9}.{c % 10} {b:>6} {c:>5} ?        Ss   "
            f"{a % 24:02}:{b % 60:02}   0:{c % 60:02} /usr/{pick(rng, ('bin', 'sbin'))}/{word(rng)}"
        )
    return "\n".join(lines)


def _files(rng: Rng, n: int) -> str:
    if rng.random() < 0.5:
        return pick(rng, ("\n", "  ")).join(
            f"{word(rng)}{pick(rng, ('', '.txt', '.conf', '.sh', '.log', '.py', '.db'))}"
            for _ in range(n)
        )
    lines = [f"total {int(rng.integers(4, 4000))}"]
    for _ in range(n):
        size, day = int(loguniform(rng, 1, 1e8)), int(rng.integers(1, 29))
        mode = pick(rng, ("-rw-r--r--", "drwxr-xr-x", "-rwxr-xr-x", "lrwxrwxrwx", "-rw-------"))
        lines.append(
            f"{mode} {int(rng.integers(1, 9))} {word(rng)[:8]} {word(rng)[:8]} {size:>9} "
            f"{pick(rng, ('Jan', 'Mar', 'Jun', 'Sep', 'Dec'))} {day:>2} "
            f"{day % 24:02}:{size % 60:02} {word(rng)}"
        )
    return "\n".join(lines)


def _interfaces(rng: Rng, n: int) -> str:
    out = []
    for k in range(1 + n % 4):
        mac = rng.bytes(6).hex(":")
        out.append(
            f"{k + 1}: {pick(rng, ('lo', 'eth', 'ens', 'wlan'))}{k}: <BROADCAST,MULTICAST,UP> mtu "
            f"1500 qdisc fq_codel state UP group default qlen 1000\n    link/ether {mac} brd "
            f"ff:ff:ff:ff:ff:ff\n    inet {_address(rng)}/24 brd 10.0.0.255 scope global eth{k}\n"
            f"       valid_lft {int(rng.integers(100000))}sec preferred_lft forever"
        )
    return "\n".join(out)


def _sockets(rng: Rng, n: int) -> str:
    lines = ["Proto Recv-Q Send-Q Local Address           Foreign Address         State"]
    for _ in range(n):
        here = f"{_address(rng)}:{int(rng.integers(1, 65536))}"
        lines.append(
            f"tcp        0      0 {here:<23} {_address(rng)}:{int(rng.integers(1, 65536))}    "
            f"{pick(rng, ('LISTEN', 'ESTABLISHED', 'TIME_WAIT'))}"
        )
    return "\n".join(lines)


def _disks(rng: Rng, n: int) -> str:
    lines = ["Filesystem      Size  Used Avail Use% Mounted on"]
    lines += [
        f"/dev/sd{chr(97 + k % 26)}{k % 5}       {int(rng.integers(1, 900))}G   "
        f"{int(rng.integers(1, 90))}G  {int(rng.integers(1, 90))}G  "
        f"{int(rng.integers(100))}% /{word(rng)}"
        for k in range(1 + n % 9)
    ]
    return "\n".join(lines)


def _variables(rng: Rng, n: int) -> str:
    return "\n".join(f"{word(rng).upper()}=/usr/{word(rng)}/{word(rng)}" for _ in range(n))


def _tasks(rng: Rng, n: int) -> str:
    lines = [
        "Image Name                     PID Session Name        Session#    Mem Usage",
        "=" * 78,
    ]
    for _ in range(n):
        name, pid = f"{word(rng)}.exe", int(rng.integers(4, 20000))
        lines.append(f"{name:<25} {pid:>8} Services                   0 {pid * 7 % 90000:>10,} K")
    return "\n".join(lines)


def _folder(rng: Rng, n: int) -> str:
    lines = [" Volume in drive C has no label.", f" Directory of C:\\Users\\{word(rng)}", ""]
    for _ in range(n):
        size = int(loguniform(rng, 1, 1e8))
        kind = "<DIR>         " if size % 3 == 0 else f"{size:>14,}"
        lines.append(
            f"{size % 28 + 1:02}/{size % 12 + 1:02}/2024  {size % 12:02}:{size % 60:02} AM    "
            f"{kind} {word(rng)}"
        )
    return "\n".join(lines)


def _adapters(rng: Rng, n: int) -> str:
    return "\n".join(
        f"Ethernet adapter {word(rng)}:\n\n   Connection-specific DNS Suffix  . : {hostname(rng)}\n"
        f"   IPv4 Address. . . . . . . . . . . : {_address(rng)}\n"
        f"   Subnet Mask . . . . . . . . . . . : 255.255.255.0\n"
        f"   Default Gateway . . . . . . . . . : {_address(rng)}\n"
        for _ in range(1 + n % 3)
    )


def _words(rng: Rng, n: int) -> str:
    return "\n".join(sentence(rng, int(rng.integers(1, 12))) for _ in range(n))


Show = Callable[[Rng, int], str]
_UNIX: tuple[tuple[str, Show | None], ...] = (
    ("id", lambda rng, n: f"uid={n}({word(rng)}) gid={n}({word(rng)}) groups={n}({word(rng)})"),
    ("whoami", lambda rng, n: pick(rng, ("root", "www-data", "nobody", word(rng)))),
    ("pwd", lambda rng, n: f"/{word(rng)}/{word(rng)}"),
    ("hostname", lambda rng, n: hostname(rng)),
    ("uname -a", lambda rng, n: (
        f"Linux {word(rng)} 5.{n}.0-{n}-generic #{n}-Ubuntu SMP x86_64 GNU/Linux")),
    ("date", lambda rng, n: f"Tue Mar {n % 28 + 1} {n % 24:02}:{n % 60:02}:07 UTC 2024"),
    ("ls", _files), ("ls -la", _files), ("ls /tmp", _files), ("cat /etc/passwd", _accounts),
    ("ps aux", _processes), ("ps -ef", _processes), ("ip a", _interfaces),
    ("ifconfig", _interfaces),
    ("netstat -ant", _sockets), ("ss -tn", _sockets), ("df -h", _disks), ("env", _variables),
    ("cat notes.txt", _words), ("head -20 log", _words), ("uptime", lambda rng, n: (
        f" {n % 24:02}:{n % 60:02}:01 up {n} days,  2 users,  load average: 0.{n % 99:02}, "
        "0.10, 0.05")),
    ("cd /tmp", None), ("cd ..", None), ("export A=1", None), ("mkdir x", None), ("rm x", None),
    ("echo ok", lambda rng, n: "ok"), ("lsx", lambda rng, n: f"sh: {n % 9}: lsx: not found"),
    ("which nc", lambda rng, n: "/usr/bin/nc"), ("w", _words), ("crontab -l", lambda rng, n: (
        f"no crontab for {word(rng)}")), ("sudo -l", lambda rng, n: (
        "sudo: a terminal is required to read the password")),
)  # fmt: skip
_WINDOWS: tuple[tuple[str, Show | None], ...] = (
    ("whoami", lambda rng, n: f"{word(rng)}\\{word(rng)}"),
    ("hostname", lambda rng, n: word(rng).upper()),
    ("dir", _folder), ("dir c:\\", _folder), ("tasklist", _tasks), ("ipconfig", _adapters),
    ("ipconfig /all", _adapters), ("netstat -an", _sockets), ("set", _variables), ("cd \\", None),
    ("ver", lambda rng, n: f"\nMicrosoft Windows [Version 10.0.{n}.1]"), ("md x", None),
    ("net user", _words), ("type a.txt", _words), ("del x", None), ("echo %cd%", lambda rng, n: (
        f"C:\\{word(rng)}")), ("foo", lambda rng, n: (
        "'foo' is not recognized as an internal or external command,\n"
        "operable program or batch file.")),
)  # fmt: skip


class Terminal:
    """A shell of one system in one session.

    Parameters
    ----------
    rng : numpy Generator
        Drawn from for every line.
    """

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self.windows = rng.random() < 0.35
        self.newline = b"\r\n" if self.windows else b"\n"
        name, host = word(rng), word(rng)
        unix = (
            "$ ",
            "# ",
            f"{name}@{host}:~$ ",
            f"[{name}@{host} tmp]$ ",
            "sh-5.1# ",
            "bash-4.2$ ",
            "% ",
        )
        dos = (f"C:\\Users\\{name}>", "C:\\>", f"PS C:\\{name}> ", "C:\\Windows\\system32>")
        bare = rng.random() < (0.15 if self.windows else 0.45)
        self.prompt = b"" if bare else pick(rng, dos if self.windows else unix).encode()
        """What stands before a line to be typed; empty without a terminal."""
        self.wordy = loguniform(rng, 0.4, 3)
        self._stock = _WINDOWS if self.windows else _UNIX

    def line(self) -> tuple[bytes, bytes]:
        """A typed line without its end, and what it prints, which may be nothing."""
        rng = self.rng
        typed, show = pick(rng, self._stock)
        if rng.random() < 0.15:
            typed = f"{typed.split()[0]} {pick(rng, ('-a', '/var', word(rng), '| head', '2>&1'))}"
        if rng.random() < 0.1:
            return typed.encode(), output(rng, int(loguniform(rng, 20, 8000))) + self.newline
        if show is None:
            return typed.encode(), b""
        count = max(1, int(loguniform(rng, 1, 60) * self.wordy))
        text = show(rng, min(count, 150)).encode()
        return typed.encode(), text.replace(b"\n", self.newline) + self.newline
