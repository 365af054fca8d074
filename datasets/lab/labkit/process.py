"""Programs inside namespaces: started in their own session, logged, and always ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class LabError(Exception):
    """The lab could not do what a scenario asks; the message says what and where."""


def command(*argv: str | int | Path, check: bool = True) -> str:
    """Run a short command to its end and return its standard output.

    Raises
    ------
    LabError
        The command failed and `check` is set.
    """
    words = [str(word) for word in argv]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise LabError(f"{' '.join(words)}: {done.stderr.strip()[-300:]}")
    return done.stdout


def inside(namespace: str, *argv: str | int | Path, check: bool = True) -> str:
    """Run a short command in a namespace."""
    return command("ip", "netns", "exec", namespace, *argv, check=check)


@dataclass
class Program:
    """One started program: its process, and the file with its output."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for the end; return the exit status, or None when the time is up."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def output(self) -> str:
        """Return what the program has written so far."""
        return self.log.read_text(errors="replace")

    def stop(self, how: signal.Signals = signal.SIGTERM, grace: float = 2.0) -> None:
        """End the program and its children (its own session), politely first."""
        for sign, patience in ((how, grace), (signal.SIGKILL, 2.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)
            if self.wait(patience) is not None:
                break


def start(
    namespace: str, argv: Sequence[str], log: Path, cwd: Path, env: Mapping[str, str]
) -> Program:
    """Start a program in a namespace, in a session of its own."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, *argv],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
        )
    return Program(process, log)


def _ready(namespace: str, what: str, where: str) -> bool:
    if what in ("tcp", "udp"):
        flag = "-Hlnt" if what == "tcp" else "-Hlnu"
        return bool(inside(namespace, "ss", flag, "sport", "=", f":{where}", check=False).strip())
    if what == "if":
        return bool(command("ip", "-n", namespace, "link", "show", where, check=False).strip())
    if what == "file":
        return Path(where).exists()
    raise LabError(f"wait = {what}/{where}: use tcp/PORT, udp/PORT, if/NAME or file/PATH")


def wait_ready(namespace: str, condition: str, seconds: float = 20.0) -> None:
    """Wait until a port listens (``tcp/22``), an interface (``if/tun0``) or a file is there.

    Raises
    ------
    LabError
        It did not happen in time.
    """
    what, _, where = condition.partition("/")
    end = time.monotonic() + seconds
    while not _ready(namespace, what, where):
        if time.monotonic() > end:
            raise LabError(f"{condition} was not there after {seconds:.0f} s")
        time.sleep(0.15)
