"""``furnish.py ROOT SEED``: put made-up files into the root that the lab's shells see."""

from __future__ import annotations

import random
import sys
from pathlib import Path

NAMES = [
    "anna",
    "ben",
    "carla",
    "dev",
    "emil",
    "fatma",
    "georg",
    "hana",
    "igor",
    "julia",
    "karl",
    "lena",
]
UNITS = ["sshd", "cron", "nginx", "postgres", "backup", "app", "worker", "kernel"]
WORDS = (
    "connection closed by peer", "session opened for user", "request took", "checkpoint complete",
    "slow query", "link is up", "job finished", "renewed lease", "disk usage at", "restarting",
)  # fmt: skip


def log(rng: random.Random, lines: int) -> str:
    """Return lines of a made-up system log."""
    second = rng.randrange(3600)
    out = []
    for _ in range(lines):
        second += rng.randrange(90)
        stamp = f"Mar 14 {6 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        unit, text = rng.choice(UNITS), rng.choice(WORDS)
        out.append(f"{stamp} web-03 {unit}[{rng.randrange(300, 9000)}]: {text} {rng.random():.4f}")
    return "\n".join(out) + "\n"


def main(root: Path, seed: int) -> None:
    """Write the files."""
    rng = random.Random(seed)
    users = [f"{n}:x:{1000 + i}:{1000 + i}::/srv/{n}:/bin/sh" for i, n in enumerate(NAMES)]
    base = ["root:x:0:0:root:/root:/bin/sh", "daemon:x:1:1::/:/bin/false"]
    (root / "etc/passwd").write_text("\n".join(base + users) + "\n")
    (root / "etc/group").write_text("root:x:0:\nusers:x:100:\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n10.0.3.7 db-01\n10.0.3.9 web-03\n")
    (root / "etc/app.conf").write_text(
        f"[db]\nhost = db-01\nuser = app\npassword = {rng.getrandbits(64):x}\n[web]\nport = 8080\n"
    )
    (root / "var/log/messages").write_text(log(rng, 80))
    (root / "var/log/auth.log").write_text(log(rng, 60))
    rows = [
        f"{i},{rng.choice(NAMES)},{rng.randrange(10**6)},{rng.random():.3f}" for i in range(160)
    ]
    (root / "srv/data/accounts.csv").write_text("id,name,number,score\n" + "\n".join(rows) + "\n")
    (root / "srv/data/photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + rng.randbytes(4_000))
    (root / "srv/deploy/.ssh/known_hosts").write_text(f"db-01 ssh-rsa {rng.getrandbits(2000):x}\n")
    for number in range(rng.randrange(4, 12)):
        (root / f"srv/deploy/report-{number}.txt").write_text(log(rng, rng.randrange(2, 40)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
