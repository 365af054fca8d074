"""The baselines by name, and one function that scores them all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.datasets import Dataset
from nalpml.models.baselines import beacon, feature_sets, learners, nfstream, rules

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

_log = logging.getLogger("nalpml")


@dataclass(frozen=True)
class Task:
    """What every baseline is given.

    Attributes
    ----------
    train, test : Dataset
        Windows to learn from and windows to score.
    detector : object, optional
        Unfitted `CovertChannelDetector` for other feature sets.
    nfstream : Path, optional
        NFStream's flows, see `nalpml.models.baselines.nfstream`.
    seed, n_jobs, max_rows : int
        Random state; threads; training rows of other learners at the most.
    """

    train: Dataset
    test: Dataset
    detector: Any = None
    nfstream: Path | None = None
    seed: int = 0
    n_jobs: int = 1
    max_rows: int = 20_000

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """Training rows of other learners, drawn evenly."""
        rows = np.arange(len(self.train))
        if len(rows) > self.max_rows:
            rng = np.random.default_rng(self.seed)
            rows = np.sort(rng.choice(rows, self.max_rows, replace=False))
        return rows

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """Columns with evidence in training: some learners stop at an empty one."""
        return np.asarray(~np.isnan(self.train.matrix[self.rows]).all(axis=0))

    @cached_property
    def flows(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """NFStream's flow of each training and of each test window."""
        assert self.nfstream is not None  # noqa: S101 - asked for by `Baseline.lacks` before
        flows = nfstream.read(self.nfstream)
        return nfstream.join(self.train, flows), nfstream.join(self.test, flows)


@dataclass(frozen=True)
class Baseline:
    """One row of the table.

    Attributes
    ----------
    name, note : str
        For tables.
    run : callable
        A task in, a score a test window out; greater is more covert.
    needs_flows : bool
        Whether it needs NFStream's flows.
    """

    name: str
    note: str
    run: Callable[[Task], F64] = field(repr=False)
    needs_flows: bool = False

    def lacks(self, task: Task) -> str:
        """Why this baseline cannot be scored here; empty when it can."""
        if not self.needs_flows:
            return ""
        if task.nfstream is None or not task.nfstream.is_file():
            where = "no file of NFStream's flows is named" if task.nfstream is None else (
                f"{task.nfstream}: no such file"
            )  # fmt: skip
            return f"{where}; benchmarks/nfstream_flows.py makes it"
        for data, joined in zip((task.train, task.test), task.flows, strict=True):
            seen = set(data.capture[joined["protocol"].notna().to_numpy()])
            if not seen & set(data.capture):
                return f"{task.nfstream}: no flow is of {data.name}"
        return ""


def _rule(rule: Callable[[pd.DataFrame], F64], task: Task) -> F64:
    return rule(task.test.X)


def _unusual_entropy(task: Task) -> F64:
    return rules.unusual_entropy(task.test.X, task.train.X[~task.train.covert])


def _labelled(name: str, task: Task) -> F64:
    train = task.train.matrix[task.rows][:, task.known]
    return learners.probability(
        name, train, task.train.covert[task.rows], task.test.matrix[:, task.known],
        seed=task.seed, n_jobs=task.n_jobs,
    )  # fmt: skip


def _ordinary(name: str, task: Task) -> F64:
    rows = task.rows[~task.train.covert[task.rows]]
    train = task.train.matrix[rows][:, task.known]
    known = ~np.isnan(train).all(axis=0)
    return learners.unlike(
        name, train[:, known], task.test.matrix[:, task.known][:, known],
        seed=task.seed, n_jobs=task.n_jobs,
    )  # fmt: skip


def _boosted(task: Task, train: pd.DataFrame, test: pd.DataFrame) -> F64:
    from sklearn.base import clone

    from nalpml.models.detector import CovertChannelDetector

    base = CovertChannelDetector() if task.detector is None else task.detector
    detector = clone(base).set_params(cv=0)
    detector.fit(train.to_numpy(np.float32), task.train.y, task.train.groups)
    score: F64 = detector.covert_score(test.to_numpy(np.float32))
    return score


def _cicflowmeter(task: Task) -> F64:
    names = [n for ours in feature_sets.CICFLOWMETER.values() for n in ours]
    return _boosted(task, task.train.X[names], task.test.X[names])


def _nfstream(task: Task) -> F64:
    train, test = (nfstream.statistics(joined) for joined in task.flows)
    return _boosted(task, train, test)


def _ndpi(task: Task) -> F64:
    return nfstream.verdict(task.flows[1])


_ROWS = (
    Baseline("payload size rule", "mean payload octets", partial(_rule, rules.payload_size)),
    Baseline("entropy rule", "mean payload entropy", partial(_rule, rules.payload_entropy)),
    Baseline("reply differs rule", "echo replies unlike requests",
             partial(_rule, rules.reply_differs)),
    Baseline("beacon score", "RITA's, by pair and port", lambda task: beacon.scores(task.test)),
    Baseline("ε-similarity", "of inter-arrival times", partial(_rule, rules.epsilon_similarity)),
    Baseline("conditional entropy", "of inter-arrival times, against benign training windows",
             _unusual_entropy),
    Baseline("nDPI verdict", "by NFStream: tunnel, unknown, guessed, named", _ndpi,
             needs_flows=True),
    Baseline("logistic regression", "our features", partial(_labelled, "logistic regression")),
    Baseline("random forest", "our features", partial(_labelled, "random forest")),
    Baseline("histogram boosting", "our features", partial(_labelled, "histogram boosting")),
    Baseline("isolation forest", "our features, benign alone",
             partial(_ordinary, "isolation forest")),
    Baseline("one-class SVM", "our features, benign alone", partial(_ordinary, "one-class SVM")),
    Baseline("Mahalanobis distance", "our features, benign alone",
             partial(_ordinary, "Mahalanobis distance")),
    Baseline("CICFlowMeter features", "with our LightGBM and windows", _cicflowmeter),
    Baseline("NFStream features", "with our LightGBM", _nfstream, needs_flows=True),
)  # fmt: skip

BASELINES: Mapping[str, Baseline] = MappingProxyType({row.name: row for row in _ROWS})
"""Every baseline by name, in the order of the table."""


def scores(
    train: Dataset,
    test: Dataset,
    *,
    detector: Any = None,
    nfstream: str | Path | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    max_rows: int = 20_000,
) -> tuple[dict[str, F64], dict[str, str]]:
    """Scores of every baseline on test windows.

    Parameters
    ----------
    train : Dataset
        Training windows, of both kinds.
    test : Dataset
        Windows to score.
    detector : CovertChannelDetector, optional
        Unfitted; learns from other feature sets. By default one with default parameters.
    nfstream : str or Path, optional
        NFStream's flows of both, for the two baselines that need them.
    seed : int
        Random state, and choice of training rows.
    n_jobs : int
        Threads.
    max_rows : int
        Training rows of other learners at the most, drawn evenly; LightGBM takes all.

    Returns
    -------
    found : dict of str to ndarray, shape (m,), float64
        Greater is more covert; only classifiers give probabilities.
    skipped : dict of str to str
        Baselines that could not be scored here, and why.

    Raises
    ------
    ConfigError
        When NFStream's flows are named and cannot be read.
    """
    from sklearn.utils.parallel import _get_threadpool_controller

    path = None if nfstream is None else Path(nfstream)
    task = Task(train, test, detector, path, seed, n_jobs, max_rows)
    found: dict[str, F64] = {}
    skipped: dict[str, str] = {}
    # Threads that spin for each other make boosting many times slower on busy cores.
    with _get_threadpool_controller().limit(limits=n_jobs):
        for name, row in BASELINES.items():
            if reason := row.lacks(task):
                skipped[name] = reason
                _log.info("baseline %s is left out: %s", name, reason)
            else:
                found[name] = row.run(task)
    return found, skipped
