"""What the parts cost: ``python -m benchmarks.parts``, on the captures that benchmarks.run made.

Memory above the imports, for one capture and for ten of them in a row as one stream, and CPU
seconds of each group of features. Writes its own section of README.md here, between markers.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.run import HERE, captures
from nalpml.capture.packets import PacketTable
from nalpml.capture.reader import iter_chunks
from nalpml.features.costs import costs
from nalpml.flows import iter_flows

BEGIN, END = "<!-- parts: begin -->", "<!-- parts: end -->"

MEMORY = """
import resource, sys
from benchmarks.parts import in_a_row
from nalpml.features import compute
from nalpml.flows import iter_flows
path, warm, times, features = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "yes"
for flows in iter_flows(in_a_row(warm, 1)):
    if features:
        compute(flows)
del flows
before = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
for flows in iter_flows(in_a_row(path, times)):
    if features:
        compute(flows)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before)
"""


def in_a_row(path: str, times: int) -> Iterator[PacketTable]:
    """A capture again and again as one stream, each time an hour later."""
    for turn in range(times):
        for chunk in iter_chunks(path):
            chunk.rows["time_ns"] += turn * 3_600_000_000_000
            yield chunk


def driver(code: str, *arguments: object) -> float:
    """The number that a program prints; NaN where it cannot run."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=HERE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return float(done.stdout) if done.returncode == 0 else float("nan")


def memory(path: Path, warm: Path) -> list[str]:
    """Rows of the table of memory."""
    rows = ["| | one capture | ten in a row |", "|---|---|---|"]
    for text, features in (("flow windows", "no"), ("and every feature", "yes")):
        one, ten = (driver(MEMORY, path, warm, times, features) for times in (1, 10))
        rows.append(f"| {text} | {one:.0f} MiB | {ten:.0f} MiB ({ten / one:.2f} times) |")
    return rows


def groups(path: Path, warm: Path, packets: int) -> list[str]:
    """Rows of the table of features' costs."""
    costs(iter_flows(iter_chunks(warm)))
    found = costs(iter_flows(iter_chunks(path)))
    rows = [f"| group | CPU s for {packets:,} packets |", "|---|---|"]
    rows += [f"| {name} | {spent:.3f} |" for name, spent in found.items()]
    return [*rows, f"| all | {sum(found.values()):.2f} |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=HERE.parent / "out" / "benchmarks")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    paths = captures(options.folder, options.packets, options.seed)
    today = datetime.datetime.now(datetime.UTC).date()
    lines = [
        "## Parts",
        "",
        f"Written by `python -m benchmarks.parts --packets {options.packets} --seed "
        f"{options.seed}` on {today}; {platform.machine()}, Python "
        f"{platform.python_version()}, load average {os.getloadavg()[0]:.1f}.",
        "",
        f"Greatest memory above that after imports and a small capture, {options.packets:,} "
        "packets:",
        "",
        *memory(paths[False], paths[True]),
        "",
        "Features by group; what several groups share is counted for the first:",
        "",
        *groups(paths[False], paths[True], options.packets),
    ]
    path = HERE / "README.md"
    before, _, rest = path.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    text = "\n".join(lines)
    path.write_text(f"{before.rstrip()}\n\n{BEGIN}\n{text}\n{END}\n{after.lstrip()}")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
