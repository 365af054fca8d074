"""``typist.py MODE SECONDS SEED``: type on standard output as a person would.

MODE is ``keys`` (each key on its own), ``lines`` (whole command lines) or ``bursts`` (pasted
blocks now and then).  Standard output is meant to be a pipe into a network program.
"""

from __future__ import annotations

import random
import sys
import time

COMMANDS = (
    "ls -la", "cd /var/log", "tail -n 20 syslog", "ps aux", "df -h", "whoami", "uname -a",
    "cat /etc/hosts", "ip addr", "uptime", "free -m", "id", "netstat -an", "history", "date",
    "find . -name report", "grep error app.log", "systemctl status app", "hostname", "env",
)  # fmt: skip


def _emit(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main(mode: str, seconds: float, seed: int) -> None:
    """Type until the time is up."""
    rng = random.Random(seed)
    end = time.monotonic() + seconds
    pace = rng.uniform(0.08, 0.25)
    newline = "\r" if mode == "raw" else "\n"
    while time.monotonic() < end:
        line = rng.choice(COMMANDS)
        if mode in ("keys", "raw"):
            for key in line:
                _emit(key)
                time.sleep(min(1.5, rng.lognormvariate(0, 0.6) * pace))
                if time.monotonic() > end:
                    break
            _emit(newline)
        elif mode == "lines":
            _emit(line + newline)
        else:
            _emit("".join(f"{c}{newline}" for c in rng.choices(COMMANDS, k=rng.randint(2, 6))))
        time.sleep(min(6.0, rng.lognormvariate(0.3, 0.7)))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
