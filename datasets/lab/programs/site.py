"""``site.py FOLDER SEED``: write a small web site (pages, styles, scripts, images, data)."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from text import make, prose


def main(folder: Path, seed: int) -> None:
    """Write the site."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    for page in range(6):
        body = "".join(
            f"<p>{prose(rng, rng.randint(200, 2500)).decode()}</p>"
            for _ in range(rng.randint(1, 5))
        )
        (folder / f"page{page}.html").write_text(f"<html><body><h1>{page}</h1>{body}</body></html>")
    (folder / "index.html").write_text(
        "<html><body>" + prose(rng, 1500).decode() + "</body></html>"
    )
    (folder / "style.css").write_bytes(make("text", rng.randint(800, 6000), seed))
    (folder / "app.js").write_bytes(make("log", rng.randint(2000, 16000), seed))
    (folder / "logo.png").write_bytes(make("random", rng.randint(1500, 12000), seed))
    (folder / "photo.jpg").write_bytes(make("random", rng.randint(20000, 60000), seed + 1))
    (folder / "data.json").write_bytes(make("json", rng.randint(500, 5000), seed))
    (folder / "file.gz").write_bytes(make("zip", rng.randint(9000, 40000), seed))
    for file in folder.iterdir():
        file.chmod(0o644)


main(Path(sys.argv[1]), int(sys.argv[2]))
