"""``prompt.py SEED [STYLE] [ECHO]``: a simulated shell on standard input and output.

Answers every line with made-up text.  It never runs anything.  STYLE is ``sh``, ``root``,
``win``, ``ps`` or ``bare``; with ECHO = ``echo`` every key is echoed as it comes.
"""

from __future__ import annotations

import os
import random
import sys

from text import USERS, log_lines, prose


def prompt(style: str, user: str) -> str:
    """Return the prompt of a style."""
    return {
        "sh": f"{user}@web01:~$ ",
        "root": "# ",
        "win": f"\r\nC:\\Users\\{user}>",
        "ps": f"PS C:\\Users\\{user}> ",
        "bare": "",
        "router": "edge-sw1#",
    }[style]


def answer(line: str, rng: random.Random, newline: str) -> str:
    """Return made-up output for a command line."""
    word = line.split()[0] if line.split() else ""
    if word in ("whoami", "id", "hostname", "date", "uptime"):
        text = f"{rng.choice(USERS)} {rng.randrange(10_000)}\n"
    elif word in ("ls", "find"):
        text = "".join(
            f"-rw-r--r-- 1 {rng.choice(USERS)} users {rng.randrange(90_000):6d} "
            f"Mar {rng.randint(1, 28):2d} 10:{rng.randrange(60):02d} file{rng.randrange(99)}.txt\n"
            for _ in range(rng.randint(2, 14))
        )
    elif word in ("ps", "netstat", "tail", "grep", "history", "systemctl"):
        text = log_lines(rng, rng.randint(150, 1800)).decode() + "\n"
    elif word in ("cd", ""):
        text = ""
    else:
        text = prose(rng, rng.randint(20, 700)).decode() + "\n"
    return text.replace("\n", newline)


def main() -> None:
    """Serve one session."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    style = sys.argv[2] if len(sys.argv) > 2 else "sh"
    echo = len(sys.argv) > 3 and sys.argv[3] == "echo"
    rng = random.Random(seed ^ os.getpid())
    user = rng.choice(USERS)
    newline = "\r\n" if style in ("win", "router") or echo else "\n"

    def say(text: str) -> None:
        os.write(1, text.encode())

    if style == "win":
        say("Microsoft Windows [Version 10.0.19045.4291]\r\n(c) Microsoft Corporation.\r\n")
    say(prompt(style, user))
    line = b""
    while True:
        data = os.read(0, 1 if echo else 4096)
        if not data:
            return
        if echo:
            say(newline if data in (b"\r", b"\n") else data.decode("latin-1"))
        line += data
        while b"\n" in line or b"\r" in line:
            first, _, line = line.replace(b"\r", b"\n").partition(b"\n")
            if first.strip() in (b"exit", b"quit"):
                return
            say(answer(first.decode("latin-1"), rng, newline))
            say(prompt(style, user))


if __name__ == "__main__":
    main()
