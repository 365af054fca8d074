#!/usr/bin/env python3
"""Run lab scenarios: ``run.py NAME... | --all | --missing``; ``--list`` shows them.

Needs root on Linux, iproute2, ethtool, gcc, tcpdump, tshark and each scenario's own packages.
A name may be a capture (``ping-default``) or a shell pattern (``'socks-*'``).
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import queue
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from labkit import compare, link, manifest, scenario, store, trim  # noqa: E402
from labkit.network import sweep  # noqa: E402
from labkit.process import LabError  # noqa: E402
from labkit.scenario import Scenario  # noqa: E402
from labkit.session import Session  # noqa: E402
from labkit.vm import VmSession  # noqa: E402

BASE = (
    "bind9-dnsutils", "curl", "dnsmasq-base", "ethtool", "gcc", "iproute2", "iputils-ping",
    "libc6-dev", "ncat", "openssh-client", "openssh-server", "openssl", "procps", "socat",
    "tcpdump", "tshark",
)  # fmt: skip
"""Debian packages that the lab itself and many scenarios' command lines need."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="captures to make, shell patterns allowed")
    parser.add_argument("--all", action="store_true", help="make every capture")
    parser.add_argument("--missing", action="store_true", help="only those not there yet")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--packages", action="store_true", help="list the Debian packages needed")
    parser.add_argument("--verify", action="store_true", help="check captures against labels")
    parser.add_argument("--compare", type=Path, help="check a second run in --out against this one")
    parser.add_argument("--cut", type=int, metavar="OCTETS", help="cut the tails of captures")
    parser.add_argument("--manifest", action="store_true", help="write manifest.csv")
    parser.add_argument("--out", type=Path, default=HERE.parent / "real", help="output folder")
    parser.add_argument("--work", type=Path, help="scratch folder (default: a new one)")
    parser.add_argument("--seed", type=int, default=1, help="draws addresses, payloads, pauses")
    parser.add_argument("-j", "--jobs", type=int, default=4, help="scenarios at once")
    return parser.parse_args()


def _select(known: dict[str, Scenario], args: argparse.Namespace) -> list[Scenario]:
    patterns = args.names or (["*"] if args.all or args.missing or args.list else [])
    chosen = [s for n, s in known.items() if any(fnmatch.fnmatch(n, p) for p in patterns)]
    for pattern in args.names:
        if not any(fnmatch.fnmatch(n, pattern) for n in known):
            raise LabError(f"no scenario {pattern!r}; see --list")
    if args.missing:
        chosen = [s for s in chosen if not (args.out / f"{s.name}.json").exists()]
    return chosen


def _run_all(chosen: list[Scenario], args: argparse.Namespace, work: Path) -> int:
    """Run scenarios side by side; return how many failed."""
    link.has_netem()
    if not link.has_netem():
        link.relay_binary(work)
    todo: queue.SimpleQueue[Scenario] = queue.SimpleQueue()
    for one in random.Random(args.seed).sample(chosen, len(chosen)):
        todo.put(one)
    failed: list[str] = []

    def worker(slot: int) -> None:
        while True:
            try:
                one = todo.get_nowait()
            except queue.Empty:
                return
            begun = time.monotonic()
            try:
                kind = VmSession if one.vm else Session
                done = kind(one, args.out, work, args.seed, slot).run()
            except (LabError, OSError, ValueError) as error:
                failed.append(one.name)
                print(f"FAILED {one.name}: {error}", flush=True)
                continue
            print(
                f"{one.name}: {done['packets']} packets, {done['labelled_packets']} labelled, "
                f"{time.monotonic() - begun:.0f} s",
                flush=True,
            )

    threads = [
        threading.Thread(target=worker, args=(slot,), daemon=True) for slot in range(args.jobs)
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        sweep()  # whatever an interrupted worker could not take down
    return len(failed)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Do what the command line asks and return the exit status."""
    args = _arguments()
    try:
        known = scenario.load(HERE / "scenarios")
        chosen = _select(known, args)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    if args.list:
        for one in chosen:
            label = one.flows[0].label if one.flows else str(one.rest or "unknown")
            print(f"{one.name}\t{label}\t{one.tool}\t{one.path_name}\t{one.workload}")
        return 0
    if args.packages:
        wanted = chosen or list(known.values())
        print("\n".join(sorted({*BASE, *(p for one in wanted for p in one.packages)})))
        return 0
    if args.verify:
        found = manifest.verify(args.out, [one.name for one in chosen])
        print("\n".join(found) or "labels and captures agree")
        return int(bool(found))
    if args.cut:
        for name in [one.name for one in chosen] or list(store.captures(args.out)):
            trim.trim(args.out, name, args.cut)
        if args.manifest:
            manifest.write(args.out)
        return 0
    if args.compare:
        found = compare.differences(args.compare, args.out, [one.name for one in chosen])
        print("\n".join(found) or "bytes differ, labels and shape agree")
        return int(bool(found))
    status = 0
    if chosen:
        if os.geteuid():
            print("lab: namespaces need root", file=sys.stderr)
            return 2
        args.out.mkdir(parents=True, exist_ok=True)
        work = args.work or Path(tempfile.mkdtemp(prefix="nalpml-lab-"))
        work.mkdir(parents=True, exist_ok=True)
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            status = int(bool(_run_all(chosen, args, work)))
        except KeyboardInterrupt:
            print("lab: interrupted, everything is taken down", file=sys.stderr)
            return 2
    if args.manifest:
        rows = manifest.write(args.out)
        print(f"manifest: {len(rows)} captures, {sum(int(r['bytes']) for r in rows)} bytes")
    return status


if __name__ == "__main__":
    sys.exit(main())
