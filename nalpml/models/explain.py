"""Why a window alerts: its features with the greatest contributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.export import Model
from nalpml.export.reasons import top_reasons

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


def reasons(model: Model, X: F32, *, k: int = 5) -> list[list[dict[str, Any]]]:
    """Features that speak most for covert traffic, row by row.

    Parameters
    ----------
    model : Model
        The model.
    X : ndarray, shape (n, n_features), float32
        Rows in schema order.
    k : int
        Reasons a row at the most.

    Returns
    -------
    list of list of dict
        ``feature``, ``value`` (None where there is no evidence) and ``contribution`` (to the
        log-odds, above 0), the greatest first.
    """
    return top_reasons(model.schema.names, X, model.contributions(X), k=k)


def importance(model: Model, X: F32) -> list[tuple[str, float]]:
    """Mean absolute contribution of each feature.

    Parameters
    ----------
    model : Model
        The model.
    X : ndarray, shape (n, n_features), float32
        Rows to average over.

    Returns
    -------
    list of (str, float)
        The greatest first.
    """
    mean = np.abs(model.contributions(X)).mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    return [(model.schema.names[i], float(mean[i])) for i in order]
