"""Rules of thumb in the field: one quantity a window, nothing learnt."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

F64 = npt.NDArray[np.float64]


def largest(X: pd.DataFrame, *names: str) -> F64:
    """Greatest of some columns, 0 where none has evidence.

    Parameters
    ----------
    X : DataFrame, shape (n, n_features)
        Features; a name that is not there counts as no evidence.
    *names : str
        Columns.

    Returns
    -------
    ndarray, shape (n,), float64
        In the columns' unit.
    """
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
    return largest(X, "size_mean_orig", "size_mean_resp")


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
    return largest(X, "entropy_mean_orig", "entropy_mean_resp")


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
    return largest(X, "icmp_changed_share", "icmp_unsolicited_share")


def epsilon_similarity(X: pd.DataFrame) -> F64:
    """Share of sorted inter-arrival times within 1 % of the next (Cabuk et al., CCS 2004).

    Parameters
    ----------
    X : DataFrame
        Features.

    Returns
    -------
    ndarray, shape (n,), float64
        In [0, 1]; the larger of the two directions, 0 below 50 times.
    """
    return largest(X, "epsilon_similarity_orig", "epsilon_similarity_resp")


def unusual_entropy(X: pd.DataFrame, ordinary: pd.DataFrame) -> F64:
    """How far the corrected conditional entropy of times lies from that of ordinary traffic.

    Both sides of ordinary are unusual: a clocked channel is too regular, one that replays
    recorded times in random order is too random (Gianvecchio and Wang, CCS 2007).

    Parameters
    ----------
    X : DataFrame
        Features.
    ordinary : DataFrame
        Features of benign training windows.

    Returns
    -------
    ndarray, shape (n,), float64
        In [0, 1]: 0 at the median of ordinary windows, 1 beyond all of them; the larger of the
        two directions, 0 without evidence.
    """
    found = [np.zeros(len(X))]
    for name in ("conditional_entropy_orig", "conditional_entropy_resp"):
        if name not in X or name not in ordinary:
            continue
        known = np.sort(ordinary[name].dropna().to_numpy(np.float64))
        if len(known):
            value = X[name].to_numpy(np.float64)
            low = np.searchsorted(known, value, side="left")
            high = np.searchsorted(known, value, side="right")
            rank = (low + high) / (2 * len(known))
            found.append(np.where(np.isnan(value), 0.0, np.abs(2 * rank - 1)))
    result: F64 = np.max(found, axis=0)
    return result
