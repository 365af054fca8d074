"""Runtimes that score the model: ``python -m benchmarks.scoring``.

One table of windows a second and of the greatest difference from LightGBM's package, on rows like
those the model was trained on, on rows that lie on its split thresholds or one float32 step beside
them, and on rows without evidence. Writes its own section of README.md here, between markers.
``--tl2cgen PYTHON`` names an interpreter with tl2cgen and treelite (and a C compiler beside it).
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nalpml.export import Model, load, onnx, trees
from nalpml.export.calibration import log_odds

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- scoring: begin -->", "<!-- scoring: end -->"
LIMIT = 1e-6
Score = Callable[[Any], Any]

TL2CGEN = """
import sys, time
import numpy, tl2cgen, treelite
model, rows, out, folder, rounds = sys.argv[1:6]
X = numpy.load(rows)
library = folder + "/forest.so"
tl2cgen.export_lib(treelite.frontend.load_lightgbm_model(model), toolchain="gcc",
                   libpath=library, params={"parallel_comp": 2})
forest = tl2cgen.Predictor(library, nthread=1)
raw = forest.predict(tl2cgen.DMatrix(X), pred_margin=True)
numpy.save(out, raw.reshape(len(X), -1))
part = tl2cgen.DMatrix(X[:int(sys.argv[6])])
for _ in range(int(rounds)):
    begin = time.process_time()
    forest.predict(part, pred_margin=True)
    print("seconds", time.process_time() - begin)
"""


def numba_forest(model: Model) -> Score:
    """A loop over nodes in one array, forty lines: what writing it ourselves would give."""
    import numba

    parsed = trees.parse(model.model_text)
    root, leaf_at, at, leaf_total = [], [], 0, 0
    for tree in parsed:
        root.append(at)
        leaf_at.append(leaf_total)
        at += len(tree.feature)
        leaf_total += len(tree.leaf)
    join = np.concatenate
    feature = join([t.feature for t in parsed]).astype(np.int32)
    threshold = join([t.threshold for t in parsed])
    nan_left = join([t.nan_left for t in parsed])
    children = np.stack([join([t.left for t in parsed]), join([t.right for t in parsed])], axis=1)
    leaf = join([t.leaf for t in parsed])
    inner = np.array([len(t.feature) for t in parsed])
    outputs = model.booster.n_outputs

    @numba.njit(nogil=True)
    def run(X: Any, root: Any, first: Any, inner: Any, out: Any) -> None:
        for i in range(X.shape[0]):
            for t in range(len(root)):
                node = 0 if inner[t] else -1
                while node >= 0:
                    k = root[t] + node
                    x = X[i, feature[k]]
                    left = nan_left[k] if np.isnan(x) else x <= threshold[k]
                    node = children[k, 0] if left else children[k, 1]
                out[i, t % outputs] += leaf[first[t] - 1 - node]

    def score(X: Any) -> Any:
        out = np.zeros((len(X), outputs))
        run(X, np.array(root), np.array(leaf_at), inner, out)
        return model.calibration.score(log_odds(out))

    return score


def package(model: Model) -> Score:
    """LightGBM's Python package."""
    import lightgbm

    booster = lightgbm.Booster(model_str=model.model_text)

    def score(X: Any) -> Any:
        raw = booster.predict(X, raw_score=True, num_threads=1)
        return model.calibration.score(log_odds(np.asarray(raw).reshape(len(X), -1)))

    return score


def shipped(model: Model) -> Score:
    """LightGBM's library through ctypes, as `nalpml scan` scores."""
    from nalpml.export.lgbm import Booster

    booster = Booster(model.model_text, threads=1)
    return lambda X: model.calibration.score(log_odds(booster.raw(X)))


def onnx_runtime(model: Model) -> Score:
    """ONNX Runtime on the exported file, one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        onnx.to_onnx(model), options, providers=["CPUExecutionProvider"]
    )
    return lambda X: session.run(["score"], {"features": X})[0].astype(np.float64)


def rows(model: Model, n: int, seed: int) -> dict[str, Any]:
    """Rows by kind: like training's, at thresholds, without evidence."""
    rng = np.random.default_rng(seed)
    base = model.samples
    usual = base[rng.integers(0, len(base), (n, base.shape[1])), np.arange(base.shape[1])]
    at = trees.threshold_rows(trees.parse(model.model_text), base, seed=seed, n=n)
    return {"usual": usual, "thresholds": at, "empty": np.full((1, base.shape[1]), np.nan, "f4")}


def compiled(model: Model, X: Any, python: str, timed: int, rounds: int) -> tuple[Any, list[float]]:
    """Scores and seconds of tl2cgen's compiled C, in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "model.txt").write_text(model.model_text)
        (path / "run.py").write_text(TL2CGEN)
        np.save(path / "rows.npy", X)
        words = [python, "run.py", "model.txt", "rows.npy", "raw.npy", folder, str(rounds)]
        done = subprocess.run(
            [*words, str(timed)], cwd=folder, check=True, text=True, stdout=subprocess.PIPE
        )
        raw = np.load(path / "raw.npy")
    told = [line.split() for line in done.stdout.splitlines()]
    found = [float(words[1]) for words in told if words[:1] == ["seconds"]]
    return model.calibration.score(log_odds(raw)), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="model folder; by default the one shipped")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tl2cgen", metavar="PYTHON", help="interpreter that has it")
    options = parser.parse_args()
    model = load(options.model)
    kinds = rows(model, options.rows, options.seed)
    everything = np.concatenate(list(kinds.values()))
    runtimes = {
        "LightGBM library by ctypes (shipped)": shipped(model),
        "LightGBM package": package(model),
        "ONNX Runtime": onnx_runtime(model),
        "numba forest": numba_forest(model),
    }
    truth = runtimes["LightGBM package"](everything)
    seconds: dict[str, list[float]] = {name: [] for name in runtimes}
    found = {name: score(everything) for name, score in runtimes.items()}  # also compiles
    for _ in range(options.rounds):
        for name, score in runtimes.items():
            begin = time.process_time()
            score(kinds["usual"])
            seconds[name].append(time.process_time() - begin)
    if options.tl2cgen:
        name = "tl2cgen (C, compiled)"
        found[name], seconds[name] = compiled(
            model, everything, options.tl2cgen, options.rows, options.rounds
        )
    report(model, kinds, truth, found, seconds, options)


def report(
    model: Model,
    kinds: dict[str, Any],
    truth: Any,
    found: dict[str, Any],
    seconds: dict[str, list[float]],
    options: argparse.Namespace,
) -> None:
    """Write the section."""
    ends = np.cumsum([len(X) for X in kinds.values()])
    usual, at = slice(0, ends[0]), slice(ends[0], ends[-1])
    told = sorted(found, key=lambda name: statistics.median(seconds[name]))
    lines = []
    for name in told:
        off = np.abs(found[name] - truth)
        speed = options.rows / statistics.median(seconds[name])
        agrees = "yes" if off.max() <= LIMIT else "no"
        lines.append(
            f"| {name} | {speed:,.0f} | {off[usual].max():.1g} | {off[at].max():.1g} | {agrees} |"
        )
    today = datetime.datetime.now(datetime.UTC).date()
    text = f"""## Scoring

Written by `python -m benchmarks.scoring` on {today}; {platform.machine()}, Python \
{platform.python_version()}, load average {os.getloadavg()[0]:.1f}. Model `{model.id}`, \
{len(trees.parse(model.model_text)):,} trees; {options.rows:,} rows of one thread, CPU seconds, \
median of {options.rounds} alternating rounds. Differences are the greatest of two scores, from \
LightGBM's package: on usual rows, and on {options.rows:,} rows whose every feature lies on one of \
its split thresholds or a float32 step beside it, and one without evidence.

| runtime | windows / CPU s | usual rows | rows at thresholds | within 1e-6 |
|---|---|---|---|---|
""" + "\n".join(lines)
    if not options.tl2cgen:
        text += "\n\ntl2cgen was not asked for (`--tl2cgen PYTHON`)."
    path = HERE / "README.md"
    before, _, rest = path.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before.rstrip()}\n\n{BEGIN}\n{text}\n{END}\n{after.lstrip()}")
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
