"""Recall at stated false positive rates, with intervals that resample tools and captures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.models.metrics import wilson

F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Text = npt.NDArray[np.str_]


def recall_by(
    covert: Bool,
    score: F64,
    names: Text,
    groups: Text,
    *,
    fprs: Sequence[float],
    seed: int,
    n_boot: int = 200,
    everything: str = "(all)",
) -> dict[str, list[dict[str, Any]]]:
    """Recall of each name at the one threshold that gives a stated FPR over all negatives.

    Parameters
    ----------
    covert : ndarray, shape (n,), bool
        Truth.
    score : ndarray, shape (n,), float64
        Scores; ties alert together.
    names : ndarray, shape (n,), str
        Channel or tool of each row; those of negatives play no part.
    groups : ndarray, shape (n,), str
        What is resampled, threshold included.
    fprs : sequence of float
        Allowed rates.
    seed, n_boot : int
        Of the resampling.
    everything : str
        Name of the row over all positives, which comes first.

    Returns
    -------
    dict of str to list of dict
        A dict a rate: ``fpr``, ``recall``, ``low``, ``high`` (the wider of the resampled and the
        Wilson interval: few groups have no spread of their own), ``n`` positives,
        ``threshold``, ``negatives``, ``estimable`` (at least ``10 / fpr`` negatives).
        Empty without positives or negatives.
    """
    if not covert.any() or covert.all():
        return {}
    order = np.argsort(-score, kind="stable")
    score, covert = score[order], covert[order]
    kinds, kind = np.unique(names[order][covert], return_inverse=True)
    group = np.unique(groups[order], return_inverse=True)[1]
    where = np.flatnonzero(covert)
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True))
    n_groups, negatives = int(group.max()) + 1, int((~covert).sum())
    rng = np.random.default_rng(seed)
    even = np.full(n_groups, 1 / n_groups)

    def found(weight: F64) -> tuple[npt.NDArray[np.float64], list[int]]:
        """Recall, shape (1 + names, rates), and how many rows alert at each rate."""
        false = np.cumsum(weight * ~covert)
        if false[-1] <= 0:
            return np.full((len(kinds) + 1, len(fprs)), np.nan), [0] * len(fprs)
        rate = false[last] / false[-1]
        cuts = []
        for fpr in fprs:
            allowed = int(np.searchsorted(rate, fpr + 1e-12, side="right"))
            cuts.append(int(last[allowed - 1]) + 1 if allowed else 0)
        own = weight[where]
        total = np.bincount(kind, weights=own, minlength=len(kinds))
        table = np.full((len(kinds) + 1, len(fprs)), np.nan)
        for column, cut in enumerate(cuts):
            upto = int(np.searchsorted(where, cut))
            hit = np.bincount(kind[:upto], weights=own[:upto], minlength=len(kinds))
            with np.errstate(invalid="ignore", divide="ignore"):
                table[1:, column] = hit / total
                table[0, column] = hit.sum() / total.sum()
        return table, cuts

    value, cuts = found(np.ones(len(score)))
    draws = np.array(
        [found(rng.multinomial(n_groups, even)[group].astype(float))[0] for _ in range(n_boot)]
    ).reshape(n_boot, len(kinds) + 1, len(fprs))
    count = np.r_[len(where), np.bincount(kind, minlength=len(kinds))]
    result: dict[str, list[dict[str, Any]]] = {}
    for row, name in enumerate([everything, *kinds.tolist()]):
        result[str(name)] = []
        for column, fpr in enumerate(fprs):
            n, cut = int(count[row]), cuts[column]
            low, high = wilson(round(value[row, column] * n), n)
            usable = draws[:, row, column][~np.isnan(draws[:, row, column])]
            if len(usable):
                spread = np.quantile(usable, [0.025, 0.975])
                low, high = min(low, float(spread[0])), max(high, float(spread[1]))
            result[str(name)].append(
                {
                    "fpr": fpr,
                    "recall": float(value[row, column]),
                    "low": low,
                    "high": high,
                    "n": n,
                    "threshold": float(score[cut - 1]) if cut else None,
                    "negatives": negatives,
                    "estimable": negatives >= 10 / fpr,
                }
            )
    return result
