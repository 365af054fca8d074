"""NFStream's statistics and nDPI's verdicts of captures, as Parquet, for two baselines.

Run with a Python that has nfstream (LGPL; it is no dependency of nalpml's)::

    python3 -m venv out/nfstream && out/nfstream/bin/pip install nfstream pyarrow
    out/nfstream/bin/python benchmarks/nfstream_flows.py -o out/baselines/nfstream.parquet \\
        datasets/real mix=out/baselines/data/mix/traffic.pcap

A folder gives every capture in it, named by its path in the folder; ``NAME=CAPTURE`` names one
capture. Names are those of the windows that the flows are joined to. Timeouts are those of our
windows; tunnels are not decoded, because NFStream then loses packets of ordinary traffic.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

SUFFIXES = (".pcap", ".pcapng", ".cap")
LEFT_OUT = (
    "mac",
    "oui",
    "fingerprint",
    "user_agent",
    "content_type",
    "expiration_id",
    "server_name",
)


def captures(words: list[str]) -> dict[str, Path]:
    """Name to file of everything that was named."""
    found: dict[str, Path] = {}
    for word in words:
        name, equals, path = word.rpartition("=")
        if equals:
            found[name] = Path(path)
        else:
            root = Path(path)
            files = sorted(p for p in root.rglob("*") if p.suffix in SUFFIXES)
            found |= {p.relative_to(root).as_posix(): p for p in files}
    return found


def flows(name: str, path: Path) -> Any:
    """NFStream's flows of one capture; None where it sees none."""
    from nfstream import NFStreamer

    try:
        frame = NFStreamer(
            source=str(path), statistical_analysis=True, n_dissections=20, idle_timeout=60,
            active_timeout=120, decode_tunnels=False, n_meters=1,
        ).to_pandas()  # fmt: skip
    except (ValueError, OSError, TypeError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return None
    if frame is None or not len(frame):
        return None
    kept = [column for column in frame.columns if not any(part in column for part in LEFT_OUT)]
    return frame[kept].assign(capture=name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captures", nargs="+", metavar="FOLDER|NAME=CAPTURE")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    import pandas as pd

    warnings.simplefilter("ignore")
    named = captures(options.captures)
    parts = [part for name, path in named.items() if (part := flows(name, path)) is not None]
    if not parts:
        sys.exit("no flows: name captures that NFStream can read")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.concat(parts, ignore_index=True)
    frame.to_parquet(options.output, compression="zstd", index=False)
    print(f"{options.output}: {len(frame)} flows of {len(parts)} of {len(named)} captures")


if __name__ == "__main__":
    main()
