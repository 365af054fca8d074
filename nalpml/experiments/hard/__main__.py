"""Run: ``python -m nalpml.experiments.hard experiments/hard_cases/cases.toml -o FOLDER``."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from nalpml.errors import NalpmlError
from nalpml.experiments.hard.config import load_cases
from nalpml.experiments.hard.run import hard_cases
from nalpml.experiments.hard.told import pictures, tables
from nalpml.export import load


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a model on the hard cases; write RESULT.md, points.json and pictures."""
    parser = argparse.ArgumentParser(prog="nalpml.experiments.hard", description=main.__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="model folder; by default the one that ships")
    parser.add_argument("--cache", type=Path, help="folder for extracted features")
    parser.add_argument("--pictures", type=Path, help="folder for PNG; by default in the output")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        config = load_cases(given.config)
        found = hard_cases(
            config,
            load(given.model),
            base=given.config.resolve().parent,
            work=given.output / "data",
            cache=given.cache or given.output / "cache",
        )
        pictures(config, found, given.pictures or given.output / "pictures")
        (given.output / "RESULT.md").write_text(tables(config, found), encoding="utf-8")
        points = json.dumps([point.plain() for point in found.points], indent=1) + "\n"
        (given.output / "points.json").write_text(points, encoding="utf-8")
    except NalpmlError as error:
        sys.stderr.write(f"nalpml: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"nalpml: {error.filename}: cannot be written ({error.strerror})\n")
        return 2
    sys.stdout.write(tables(config, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
