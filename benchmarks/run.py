"""Side by side: ``python -m benchmarks.run`` measures everything and writes README.md here.

One seeded capture, every program on the same file, one after the other in rounds, so that what
else the machine does falls on all of them. CPU seconds are what counts; ``--only nalpml NFStream``
takes some programs.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import platform
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.mixture import mixture
from benchmarks.peers import PEERS, Peer
from nalpml.capture.writer import write_pcap

HERE = Path(__file__).resolve().parent
SAMPLE = 20


def captures(folder: Path, packets: int, seed: int) -> dict[bool, Path]:
    """The capture, and a small one of the same kind for slow programs and warm caches."""
    paths = {False: folder / f"mix-{packets}-{seed}.pcap", True: folder / f"small-{seed}.pcap"}
    for small, path in paths.items():
        if not path.exists():
            n = packets // SAMPLE if small else packets
            write_pcap(path, *mixture(n, max(n // 20, 1), seed=seed))
    return paths


def limit_program(folder: Path) -> list[str] | None:
    """Compile the C loop."""
    if not shutil.which("cc"):
        return None
    target = folder / "limit"
    options = ["-O3", "-march=x86-64-v3"] if platform.machine() == "x86_64" else ["-O3"]
    subprocess.run(["cc", *options, "-o", str(target), str(HERE / "limit.c"), "-lm"], check=True)
    return [str(target)]


def environment(peer: Peer, folder: Path) -> Path | None:
    """Make the environment of a program; None where it cannot be installed."""
    if not peer.requires:
        return Path(sys.executable).parent
    home = folder / ("venv-" + peer.name.lower().replace(" ", "-"))
    done = home / ".installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", *peer.requires]
        if subprocess.run(pip, check=False).returncode:
            return None
        done.touch()
    return home / "bin"


def command(peer: Peer, path: Path, warm: Path, folder: Path) -> list[str] | None:
    """What runs a program, or None."""
    binaries = environment(peer, folder)
    if binaries is None:
        return None
    if peer.code:
        code = peer.code.replace("{path}", str(path)).replace("{warm}", str(warm))
        return [str(binaries / "python"), "-c", code]
    words = shlex.split(peer.command.replace("{path}", str(path)).replace("{bin}", str(binaries)))
    return words if shutil.which(words[0]) else None


def measure(words: list[str]) -> dict[str, float]:
    """Run once: wall and CPU seconds and memory of the process, and what its driver printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=HERE.parent
    )
    last = ""
    for line in process.stdout or ():
        last = line
    _, status, usage = os.wait4(process.pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result = {"wall": time.monotonic() - begin, "cpu": cpu, "rss": usage.ru_maxrss / 1024}
    words_printed = last.split()
    # A driver of ours ends with three numbers; what a program itself prints is only read away.
    if status == 0 and len(words_printed) == 3:
        with contextlib.suppress(ValueError):
            packets, flows, inside = map(float, words_printed)
            result |= {"packets": packets, "flows": flows, "inside": inside}
    result["failed"] = float(status != 0)
    return result


def table(results: dict[str, list[dict[str, float]]], sizes: dict[str, int]) -> list[str]:
    """Rows of the report, medians over the rounds."""

    def middle(name: str, key: str) -> float:
        values = [r[key] for r in results[name] if key in r]
        return statistics.median(values) if values else float("nan")

    ours = middle("nalpml", "inside") / sizes["nalpml"]
    rows = [
        "| program | packets | flows | CPU s, work alone | CPU s, process | wall s, process "
        "| packets / CPU s | peak MiB | work: times nalpml |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in results:
        inside, cpu = middle(name, "inside"), middle(name, "cpu")
        work = inside if inside == inside else cpu
        shown = [f"{v:,.0f}" if v == v and v else "" for v in (middle(name, "flows"),)]
        rows.append(
            f"| {name} | {sizes[name]:,} | {shown[0]} | "
            + (f"{inside:.2f}" if inside == inside else "")
            + f" | {cpu:.2f} | {middle(name, 'wall'):.2f} | {sizes[name] / work:,.0f} | "
            f"{middle(name, 'rss'):.0f} | {work / sizes[name] / ours:.2f} |"
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--once", type=float, default=60.0, help="CPU seconds; longer runs are not repeated"
    )
    parser.add_argument("--only", nargs="*", help="names of programs")
    parser.add_argument("--folder", type=Path, default=HERE.parent / "out" / "benchmarks")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    paths = captures(options.folder, options.packets, options.seed)
    plans: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    notes: dict[str, str] = {}
    limit = limit_program(options.folder)
    if limit:
        plans["C loop (the limit)"] = [*limit, str(paths[False]), "1"]
        sizes["C loop (the limit)"] = options.packets
        notes["C loop (the limit)"] = "headers and payload entropy, nothing kept"
    for peer in PEERS:
        if options.only and peer.name not in options.only and peer.name != "nalpml":
            continue
        words = command(peer, paths[peer.sample], paths[True], options.folder)
        notes[peer.name] = peer.note
        if words is None:
            print(f"{peer.name}: not available here", file=sys.stderr)
            continue
        plans[peer.name] = words
        sizes[peer.name] = options.packets // SAMPLE if peer.sample else options.packets
    results: dict[str, list[dict[str, float]]] = {name: [] for name in plans}
    for turn in range(options.rounds):
        for name, words in plans.items():
            if any(found["cpu"] > options.once for found in results[name]):
                continue
            found = measure(words)
            print(turn, name, found, file=sys.stderr, flush=True)
            if not found.pop("failed"):
                results[name].append(found)
    results = {name: found for name, found in results.items() if found}
    packets = {name: found[0].get("packets") for name, found in results.items()}
    counted = packets.get("nalpml")
    assert counted == options.packets, f"nalpml counted {counted} packets"
    if "NFStream" in packets:
        assert abs(packets["NFStream"] - options.packets) <= options.packets * 1e-5, packets
    write(table(results, sizes), notes, options)


def write(rows: list[str], notes: dict[str, str], options: argparse.Namespace) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    only = f" --only {shlex.join(options.only)}" if options.only else ""
    text = (
        f"""# Speed

Written by `python -m benchmarks.run --packets {options.packets} --rounds {options.rounds} \
--seed {options.seed}{only}` on {today}; {os.cpu_count()} processors ({platform.machine()}), \
Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f} at the end. Medians of \
alternating rounds on one seeded capture (`mixture.py`: IPv4, IPv6, VLAN, TCP, UDP, ICMP). CPU \
seconds include the system's; where the machine does other work, wall seconds mean little.

"""
        + "\n".join(rows)
        + "\n\n"
    )
    text += "What each computes differs, and none computes the same as another:\n\n"
    text += "\n".join(f"- **{name}**: {note}" for name, note in notes.items()) + "\n"
    path = HERE / "README.md"
    # What the other programs here wrote stays.
    _, begin, rest = path.read_text().partition("<!-- ")
    path.write_text(text + (f"\n{begin}{rest}" if begin else ""))
    print(text)


if __name__ == "__main__":
    main()
