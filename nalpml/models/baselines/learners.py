"""Other learners on our features: with labels, and on benign traffic alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


def _fill() -> Any:
    from sklearn.impute import SimpleImputer

    return SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)


def _ranks(rows: int, seed: int) -> Any:
    from sklearn.preprocessing import QuantileTransformer

    return QuantileTransformer(
        n_quantiles=min(200, rows),
        output_distribution="normal",
        subsample=None,
        random_state=seed,
    )


def with_labels(name: str, *, seed: int = 0, n_jobs: int = 1) -> Any:
    """A classifier that takes NaN.

    Parameters
    ----------
    name : str
        ``logistic regression``, ``random forest`` or ``histogram boosting``.
    seed : int
        Random state.
    n_jobs : int
        Threads of the forest.

    Returns
    -------
    estimator
        Unfitted; with ``predict_proba``.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if name == "logistic regression":
        model = LogisticRegression(max_iter=500, class_weight="balanced")
        return make_pipeline(_fill(), StandardScaler(), model)
    if name == "random forest":
        forest = RandomForestClassifier(
            n_estimators=100,
            min_samples_leaf=3,
            class_weight="balanced_subsample",
            n_jobs=n_jobs,
            random_state=seed,
        )
        return make_pipeline(_fill(), forest)
    return HistGradientBoostingClassifier(class_weight="balanced", random_state=seed)


def of_benign(name: str, rows: int, *, seed: int = 0, n_jobs: int = 1) -> Any:
    """A model of ordinary traffic that takes NaN.

    Parameters
    ----------
    name : str
        ``isolation forest`` (Liu et al. 2008), ``one-class SVM`` (Schölkopf et al. 2001, with a
        Nyström kernel map) or ``Mahalanobis distance`` (covariance shrunk after Ledoit and Wolf
        2004).
    rows : int
        Training rows.
    seed : int
        Random state.
    n_jobs : int
        Threads of the forest.

    Returns
    -------
    estimator
        Unfitted; ``score_samples`` is greater for what is more ordinary.
    """
    from sklearn.covariance import LedoitWolf
    from sklearn.ensemble import IsolationForest
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import SGDOneClassSVM
    from sklearn.pipeline import make_pipeline

    if name == "isolation forest":
        forest = IsolationForest(n_estimators=200, n_jobs=n_jobs, random_state=seed)
        return make_pipeline(_fill(), forest)
    if name == "one-class SVM":
        kernel = Nystroem(n_components=min(200, rows), gamma=None, random_state=seed)
        svm = SGDOneClassSVM(nu=0.01, random_state=seed)
        return make_pipeline(_fill(), _ranks(rows, seed), kernel, svm)
    return make_pipeline(_fill(), _ranks(rows, seed), LedoitWolf())


def unlike(name: str, ordinary: F32, test: F32, *, seed: int = 0, n_jobs: int = 1) -> F64:
    """How unlike ordinary windows each test window is.

    Parameters
    ----------
    name : str
        See `of_benign`.
    ordinary : ndarray, shape (n, n_features), float32
        Benign training windows.
    test : ndarray, shape (m, n_features), float32
        Windows to score.
    seed, n_jobs : int
        Random state; threads.

    Returns
    -------
    ndarray, shape (m,), float64
        Greater is less ordinary.
    """
    model = of_benign(name, len(ordinary), seed=seed, n_jobs=n_jobs).fit(ordinary)
    if name == "Mahalanobis distance":
        distance: F64 = model[-1].mahalanobis(model[:-1].transform(test))
        return distance
    result: F64 = -np.asarray(model.score_samples(test), dtype=np.float64)
    return result


def probability(
    name: str, train: F32, covert: Bool, test: F32, *, seed: int = 0, n_jobs: int = 1
) -> F64:
    """P(covert) of test windows by a classifier.

    Parameters
    ----------
    name : str
        See `with_labels`.
    train : ndarray, shape (n, n_features), float32
        Training windows.
    covert : ndarray, shape (n,), bool
        Truth; both kinds present.
    test : ndarray, shape (m, n_features), float32
        Windows to score.
    seed, n_jobs : int
        Random state; threads.

    Returns
    -------
    ndarray, shape (m,), float64
        In [0, 1]; not calibrated.
    """
    model = with_labels(name, seed=seed, n_jobs=n_jobs).fit(train, covert)
    return np.asarray(model.predict_proba(test)[:, 1], dtype=np.float64)
