"""``typed.py STYLE SECONDS SEED``: what somebody at the far end of a shell types, on stdout.

STYLE is ``look`` (one command after another, with time to read), ``loot`` (a few commands, then
files), ``paste`` (prepared blocks) or ``keys`` (every key as it is struck, carriage returns).
"""

from __future__ import annotations

import os
import random
import sys
import time

LOOK = (
    "id", "uname -a", "pwd", "ls -la", "ls /", "cat /etc/passwd", "ps", "df", "cd /srv/deploy",
    "ls -l", "cat report-1.txt", "cd /srv/data", "head -5 accounts.csv", "wc -l accounts.csv",
    "env", "date", "cat /etc/hosts", "grep password /etc/app.conf", "tail -15 /var/log/auth.log",
    "find / -name '*.conf'", "free", "echo $HOME", "whoami", "cd /", "uptime",
)  # fmt: skip
LOOT = (
    "cat /var/log/messages", "base64 /srv/data/photo.jpg", "cat /srv/data/accounts.csv",
    "tar cz /srv | base64", "od -x /srv/data/photo.jpg | head -200", "cat /srv/deploy/*.txt",
)  # fmt: skip


def say(text: str) -> None:
    """Write at once."""
    try:
        os.write(1, text.encode())
    except BrokenPipeError:
        sys.exit(0)


def main(style: str, seconds: float, seed: int) -> None:
    """Type until the time is up."""
    rng = random.Random(f"operator{seed}")
    stop = time.monotonic() + seconds
    time.sleep(rng.uniform(1.0, 2.5))
    script = list(LOOK) if style != "loot" else ["id", "ls -l /srv/data"]
    if style != "loot":
        cut = rng.randrange(8)
        script = script[cut:] + script[:cut]
    while time.monotonic() < stop:
        if not script:
            script = [rng.choice(LOOT if style == "loot" else LOOK)]
        if style == "paste":
            block, script = script[:5], script[5:]
            say("\n".join(block) + "\n")
            time.sleep(rng.uniform(3, 7))
            continue
        line = script.pop(0)
        if style == "keys":
            for key in line:
                say(key)
                time.sleep(rng.gammavariate(3, 0.045))
            say("\r")
        else:
            say(line + "\n")
        time.sleep(min(7.0, 0.6 + rng.expovariate(0.5)))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
