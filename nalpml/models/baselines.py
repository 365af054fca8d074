"""What the detector must beat: rules of thumb in the field, and other learners.

A rule scores a window by one quantity, so that it can be held to the same false positive rate as
everything else; its own customary limit plays no part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

F64 = npt.NDArray[np.float64]
Rule = Callable[[pd.DataFrame], F64]


def _largest(X: pd.DataFrame, *names: str) -> F64:
    """Greatest of some columns, 0 where none has evidence."""
    columns = [X[name].to_numpy(dtype=np.float64) for name in names if name in X.columns]
    if not columns:
        return np.zeros(len(X))
    result: F64 = np.nan_to_num(np.stack(columns), nan=-np.inf).max(axis=0)
    return np.where(np.isfinite(result), result, 0.0)


def payload_size(X: pd.DataFrame) -> F64:
    """Mean payload length, the larger of the two directions ("large ICMP" rules).

    Parameters
    ----------
    X : DataFrame
        Features.

    Returns
    -------
    ndarray, shape (n,), float64
        Octets.
    """
    return _largest(X, "size_mean_orig", "size_mean_resp")


def payload_entropy(X: pd.DataFrame) -> F64:
    """Mean Shannon entropy of payloads, the larger of the two directions.

    Parameters
    ----------
    X : DataFrame
        Features.

    Returns
    -------
    ndarray, shape (n,), float64
        Bits an octet.
    """
    return _largest(X, "entropy_mean_orig", "entropy_mean_resp")


def reply_differs(X: pd.DataFrame) -> F64:
    """Share of echo replies whose payload is not their request's; 0 outside ICMP echo.

    Parameters
    ----------
    X : DataFrame
        Features.

    Returns
    -------
    ndarray, shape (n,), float64
        In [0, 1].
    """
    return _largest(X, "icmp_changed_share", "icmp_unsolicited_share")


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "payload size rule": payload_size,
        "entropy rule": payload_entropy,
        "reply differs rule": reply_differs,
    }
)
"""Rules by name: a data frame of features in, a score a row out."""


def learners(*, seed: int = 0, n_jobs: int = 1) -> dict[str, Any]:
    """Other learners, as scikit-learn pipelines that take NaN.

    Parameters
    ----------
    seed : int
        Random state of each.
    n_jobs : int
        Threads of the forest.

    Returns
    -------
    dict of str to estimator
        ``logistic regression``, ``random forest``, ``histogram boosting``, unfitted.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def fill() -> SimpleImputer:
        return SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)

    return {
        "logistic regression": make_pipeline(
            fill(), StandardScaler(), LogisticRegression(max_iter=500, class_weight="balanced")
        ),
        "random forest": make_pipeline(
            fill(),
            RandomForestClassifier(
                n_estimators=100,
                min_samples_leaf=3,
                class_weight="balanced_subsample",
                n_jobs=n_jobs,
                random_state=seed,
            ),
        ),
        "histogram boosting": HistGradientBoostingClassifier(
            class_weight="balanced", random_state=seed
        ),
    }


def scores(
    X_train: pd.DataFrame,
    covert: npt.NDArray[np.bool_],
    X_test: pd.DataFrame,
    *,
    seed: int = 0,
    n_jobs: int = 1,
    max_rows: int = 20_000,
) -> dict[str, F64]:
    """Scores of every rule and learner on test rows.

    Parameters
    ----------
    X_train : DataFrame
        Training features.
    covert : ndarray, shape (n,), bool
        Training truth; both kinds present.
    X_test : DataFrame
        Test features.
    seed : int
        Random state, and choice of training rows.
    n_jobs : int
        Threads.
    max_rows : int
        Training rows at the most, drawn evenly.

    Returns
    -------
    dict of str to ndarray, shape (m,), float64
        Greater is more covert; only logistic regression and trees give probabilities.
    """
    from sklearn.utils.parallel import _get_threadpool_controller

    found = {name: rule(X_test) for name, rule in RULES.items()}
    rows = np.arange(len(X_train))
    if len(rows) > max_rows:
        rows = np.sort(np.random.default_rng(seed).choice(rows, max_rows, replace=False))
    known = X_train.iloc[rows].notna().any().to_numpy()  # some learners stop at an empty column
    train = X_train.iloc[rows, known].to_numpy(dtype=np.float32)
    test = X_test.iloc[:, known].to_numpy(dtype=np.float32)
    # Threads that spin for each other make boosting many times slower on busy cores.
    with _get_threadpool_controller().limit(limits=n_jobs):
        for name, estimator in learners(seed=seed, n_jobs=n_jobs).items():
            estimator.fit(train, covert[rows])
            found[name] = estimator.predict_proba(test)[:, 1]
    return found
