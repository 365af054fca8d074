"""Why a window alerts: its features with the greatest contributions."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Contributions:
    """Exact SHAP values of some rows.

    Attributes
    ----------
    names : tuple of str
        Features.
    value : ndarray, shape (n, n_features), float32
        What the features were.
    contribution : ndarray, shape (n, n_features), float64
        To the log-odds of covert.
    """

    names: tuple[str, ...]
    value: F32
    contribution: F64

    def importance(self) -> list[tuple[str, float]]:
        """Features and their mean absolute contribution, the greatest first."""
        mean = np.abs(self.contribution).mean(axis=0)
        order = np.argsort(-mean, kind="stable").tolist()
        return [(self.names[i], float(mean[i])) for i in order]


def contributions(model: Model, X: F32) -> Contributions:
    """What each feature adds, row by row.

    Parameters
    ----------
    model : Model
        The model.
    X : ndarray, shape (n, n_features), float32
        Rows in schema order.

    Returns
    -------
    Contributions
        Of these rows.
    """
    return Contributions(model.schema.names, X, model.contributions(X))
