"""Why a window alerts: its features with the greatest contributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["top_reasons"]


def top_reasons(
    names: tuple[str, ...],
    X: npt.NDArray[np.float32],
    contributions: npt.NDArray[np.float64],
    *,
    k: int = 5,
) -> list[list[dict[str, Any]]]:
    """Pick the features that speak most for covert traffic, row by row.

    Parameters
    ----------
    names : tuple of str
        Feature names.
    X : ndarray, shape (n, n_features), float32
        Values.
    contributions : ndarray, shape (n, n_features), float64
        From `nalpml.export.Model.contributions`.
    k : int
        Reasons a row at the most.

    Returns
    -------
    list of list of dict
        ``feature``, ``value`` (None where there is no evidence) and ``contribution`` (to the
        log-odds, above 0), the greatest first.

    Examples
    --------
    >>> X = np.array([[8.0, np.nan]], dtype=np.float32)
    >>> top_reasons(("a", "b"), X, np.array([[0.5, -0.1]]))
    [[{'feature': 'a', 'value': 8.0, 'contribution': 0.5}]]
    """
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :k]
    result = []
    for row, columns in enumerate(order):
        found = []
        for column in columns:
            contribution = float(contributions[row, column])
            if contribution <= 0:
                break
            value = float(X[row, column])
            found.append(
                {
                    "feature": names[column],
                    "value": None if np.isnan(value) else value,
                    "contribution": contribution,
                }
            )
        result.append(found)
    return result
