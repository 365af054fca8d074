"""Studies of the training itself: other seeds, and hyper-parameters searched on kindred folds.

Both are judged on held-out captures, which neither a training nor the search has seen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset, leave_kindred_out
from nalpml.errors import ConfigError
from nalpml.experiments.data import Prepared
from nalpml.experiments.studies import Study, measure, trained_score
from nalpml.models import CovertChannelDetector, metrics

F64 = npt.NDArray[np.float64]
Make = Callable[[], CovertChannelDetector]

_log = logging.getLogger("nalpml")

__all__ = ["REPEATS", "TRIALS", "search", "seeds"]

REPEATS = 3
TRIALS = 10
FOLDS = 3


def _judged(data: Prepared) -> Dataset:
    held = data.holdout
    if held is None or not held.covert.any() or held.covert.all():
        raise ConfigError("this study needs held-out captures, covert and ordinary")
    return held


def seeds(data: Prepared, make: Make, seed: int) -> Study:
    """Train again with other seeds: what differs is chance.

    Parameters
    ----------
    data : Prepared
        Of the experiment; with held-out captures.
    make : callable
        Gives an unfitted detector.
    seed : int
        The first; the others follow.

    Returns
    -------
    Study
        A row a seed, and then the mean score of all of them.

    Raises
    ------
    ConfigError
        When nothing is held out.
    """
    judged = _judged(data)
    scores = [
        trained_score(make().set_params(random_state=seed + k), data.whole, judged)
        for k in range(REPEATS)
    ]
    rows = [
        {"what": f"seed {seed + k}", **measure(judged, score, seed=seed)}
        for k, score in enumerate(scores)
    ]
    spread = np.std([row["pr_auc"] for row in rows], ddof=1)
    low, high = (f(row["pairs"][0]["recall"] for row in rows) for f in (min, max))
    rows.append({"what": "mean of these", **measure(judged, np.mean(scores, axis=0), seed=seed)})
    return Study(
        "seeds",
        f"The same training with {REPEATS} seeds, judged on held-out captures: average precision "
        f"has a standard deviation of {spread:.4f}, recall of pairs at the first rate lies between "
        f"{100 * low:.1f} % and {100 * high:.1f} %.",
        "training",
        tuple(rows),
    )


def _proposed(trial: Any, estimators: int) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int(
            "n_estimators", estimators // 2, 2 * estimators, log=True
        ),
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.3, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 7, 63, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 5, 80, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.1, 0.8),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "extra_trees": trial.suggest_categorical("extra_trees", [False, True]),
        "reg_lambda": trial.suggest_float("reg_lambda", 0.1, 30, log=True),
        "balance": trial.suggest_float("balance", 0.2, 1.0),
    }


def search(data: Prepared, make: Make, seed: int) -> Study:
    """Search hyper-parameters on folds that keep kindred tools together.

    Tree-structured Parzen estimators (optuna) maximise the average precision of real windows,
    each judged by a training without its family of tools; the held-out captures then say whether
    what was found is better anywhere else.

    Parameters
    ----------
    data : Prepared
        Of the experiment; real captures to learn from, and others held out.
    make : callable
        Gives an unfitted detector: where the search begins, and what it must beat.
    seed : int
        Of the search.

    Returns
    -------
    Study
        The beginning and the best, both judged on held-out captures.

    Raises
    ------
    ConfigError
        When nothing is held out, or optuna is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise ConfigError("study search needs optuna: pip install nalpml[search]") from error
    judged, train = _judged(data), data.train
    splits = list(leave_kindred_out(train, n_splits=FOLDS))

    def precision(parameters: dict[str, Any]) -> float:
        score = np.full(len(train), np.nan)
        for split in splits:
            learn, rest = train.take(split.train), train.take(split.test)
            score[split.test] = trained_score(make().set_params(**parameters), learn, rest)
        seen = ~np.isnan(score)
        return metrics.rank_measures(train.covert[seen], score[seen])["pr_auc"]

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    kept = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=4)
    )
    estimators = make().n_estimators
    kept.optimize(lambda trial: precision(_proposed(trial, estimators)), n_trials=TRIALS)
    begin, best = precision({}), kept.best_params
    _log.info("search: %.4f at first, %.4f with %s", begin, kept.best_value, best)
    rows = []
    for what, parameters in (("as configured", {}), ("best found", best)):
        score = trained_score(make().set_params(**parameters), data.whole, judged)
        rows.append({"what": what, **measure(judged, score, seed=seed)})
    told = ", ".join(f"{k} {v:.3g}" for k, v in best.items())
    return Study(
        "search",
        f"{TRIALS} trials on {FOLDS} folds without kindred tools: average precision there "
        f"{begin:.4f} as configured, {kept.best_value:.4f} with {told}. Below: both trained on "
        "everything and judged on held-out captures, which the search did not see.",
        "hyper-parameters",
        tuple(rows),
    )
