"""Choose where an alert begins, for a stated false positive rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.export import Threshold

F64 = npt.NDArray[np.float64]

FLOOR = 0.5
"""No alert below even odds: few clean negatives must not make a threshold of nearly zero."""

CEILING = 1.0 - 1e-6
"""An alert stays possible even when a benign window has reached 1."""


def choose(
    scores: F64,
    groups: npt.NDArray[Any] | None = None,
    *,
    target_fpr: float,
    seed: int,
    n_boot: int = 200,
) -> Threshold:
    """Least threshold at which at most ``target_fpr`` of benign windows alert.

    Parameters
    ----------
    scores : ndarray, shape (n,), float64
        Scores of benign windows by trees that had not seen their groups.
    groups : ndarray, shape (n,), optional
        What is resampled for the interval; without it, rows.
    target_fpr : float
        Wanted rate.
    seed : int
        Seed of the resampling.
    n_boot : int
        Number of resamples.

    Returns
    -------
    Threshold
        Kept within ``FLOOR`` and ``CEILING``; its ``fpr`` is what these scores then give.

    Examples
    --------
    >>> import numpy as np
    >>> t = choose(np.linspace(0, 0.999, 1000), target_fpr=1e-2, seed=0)
    >>> round(t.value, 2), t.fpr, t.estimable
    (0.99, 0.01, True)
    """
    n = len(scores)
    if n == 0:
        return Threshold(target_fpr=target_fpr)
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    value = _at(ordered, np.ones(n), target_fpr)
    rng = np.random.default_rng(seed)
    code = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_groups = int(code.max()) + 1
    even = np.full(n_groups, 1 / n_groups)
    times = (rng.multinomial(n_groups, even)[code[order]] for _ in range(n_boot))
    draws = [_at(ordered, weight, target_fpr) for weight in times]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Threshold(
        value=value,
        low=float(min(low, value)),
        high=float(max(high, value)),
        target_fpr=target_fpr,
        fpr=float((scores >= value).mean()),
        negatives=n,
        estimable=n >= 10 / target_fpr,
    )


def _at(ordered: F64, weight: npt.NDArray[Any], rate: float) -> float:
    """Threshold on scores in falling order, each counted ``weight`` times."""
    total = np.cumsum(weight)
    first = int(np.searchsorted(total, rate * total[-1], side="right"))
    first = min(first, len(ordered) - 1)
    return float(np.clip(np.nextafter(ordered[first], np.inf), FLOOR, CEILING))
