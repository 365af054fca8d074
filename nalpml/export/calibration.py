"""From tree margins to a calibrated probability: two numbers, one formula.

The margin of a model is the log-odds of covert traffic against benign, ``z = -r_benign``
(two classes: ``z = r``, the margin of covert), and the score is
``1 / (1 + exp(-(slope * z + intercept)))``. A logistic curve on log-odds (Platt 1999) is smooth
and strictly increasing, so it never changes the order of two windows, and it is one line in any
language and five nodes in ONNX; isotonic regression would tie scores together at the low false
positive rates that matter here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml.errors import BundleError

F64 = npt.NDArray[np.float64]

METHOD = "logistic on the benign margin"
"""Names the formula: a model made for another one is refused."""

FORMULA = (
    "z = -raw[benign] (two classes: z = raw); "
    "score = 1 / (1 + exp(-(slope * z + intercept))); P(benign) = 1 - score; "
    "P(k) = score * exp(raw[k]) / sum over covert j of exp(raw[j])"
)


def sigmoid(x: F64) -> F64:
    """Logistic function that neither overflows nor warns.

    Parameters
    ----------
    x : ndarray, float64
        Any shape.

    Returns
    -------
    ndarray, float64
        ``1 / (1 + exp(-x))``, same shape.
    """
    positive = x >= 0
    e = np.exp(np.where(positive, -x, x))
    return np.where(positive, 1.0 / (1.0 + e), e / (1.0 + e))


def log_odds(raw: F64) -> F64:
    """Log-odds of covert against benign from tree margins, benign being column 0.

    Parameters
    ----------
    raw : ndarray, shape (n, 1) or (n, K), float64
        Margins.

    Returns
    -------
    ndarray, shape (n,), float64
        ``z`` of the module's formula.
    """
    z: F64 = raw[:, 0] if raw.shape[1] == 1 else -raw[:, 0]
    return z


def covert_shares(raw: F64) -> F64:
    """P(class | covert) from tree margins.

    Parameters
    ----------
    raw : ndarray, shape (n, 1) or (n, K), float64
        Margins, benign first.

    Returns
    -------
    ndarray, shape (n, K - 1), float64
        Rows sum to 1.
    """
    if raw.shape[1] == 1:
        return np.ones((raw.shape[0], 1))
    covert = raw[:, 1:]
    e = np.exp(covert - covert.max(axis=1, keepdims=True))
    shares: F64 = e / e.sum(axis=1, keepdims=True)
    return shares


@dataclass(frozen=True, slots=True)
class Calibration:
    """The two numbers of the logistic curve and the base rate they were fitted at.

    Attributes
    ----------
    slope, intercept : float
        See the module's formula; ``slope`` > 0.
    prior : float
        Share of covert windows (weighted) where the curve was fitted. For another base rate p:
        ``logit(score') = logit(score) + logit(p) - logit(prior)``.
    """

    slope: float = 1.0
    intercept: float = 0.0
    prior: float = 0.5

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and self.slope > 0 and np.isfinite(self.intercept)):
            raise BundleError(
                f"calibration: slope {self.slope} and intercept {self.intercept} must be finite "
                "and the slope above 0"
            )

    def score(self, z: F64) -> F64:
        """Calibrated P(covert).

        Parameters
        ----------
        z : ndarray, float64
            Log-odds.

        Returns
        -------
        ndarray, float64
            In [0, 1], increasing in ``z``.
        """
        return sigmoid(self.slope * z + self.intercept)

    def probabilities(self, raw: F64) -> F64:
        """Calibrated class probabilities.

        Parameters
        ----------
        raw : ndarray, shape (n, 1) or (n, K), float64
            Margins, benign first.

        Returns
        -------
        ndarray, shape (n, K), float64
            Benign first; rows sum to 1; ``1 - column 0`` is :meth:`score`.
        """
        s = self.score(log_odds(raw))
        return np.column_stack([1.0 - s, s[:, None] * covert_shares(raw)])

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, with the formula beside the numbers."""
        return {
            "method": METHOD,
            "slope": self.slope,
            "intercept": self.intercept,
            "prior": self.prior,
            "formula": FORMULA,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Calibration:
        """Read :meth:`to_dict` back.

        Raises
        ------
        BundleError
            When the method is unknown or a number is missing.
        """
        if value.get("method") != METHOD:
            raise BundleError(
                f"model.json: calibration.method is {value.get('method')!r}, known is {METHOD!r}: "
                "train the model again with this version"
            )
        try:
            return cls(float(value["slope"]), float(value["intercept"]), float(value["prior"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"model.json: calibration needs slope, intercept and prior ({error!r})"
            ) from error


def fit(
    z: F64, covert: npt.NDArray[np.bool_], weight: F64 | None = None, *, floor: float = 0.05
) -> Calibration:
    """Fit the curve by Newton's method on the weighted logistic loss.

    Targets are smoothed as Platt proposed, so that separable data give finite numbers.

    Parameters
    ----------
    z : ndarray, shape (n,), float64
        Log-odds on data that the model was not trained on.
    covert : ndarray, shape (n,), bool
        Truth.
    weight : ndarray, shape (n,), float64, optional
        Weights of the samples.
    floor : float
        Least slope: the score must grow with the margin even where a fold went wrong.

    Returns
    -------
    Calibration
        The identity when only one class is present.
    """
    w = np.ones(len(z)) if weight is None else np.asarray(weight, dtype=np.float64)
    keep = w > 0
    z, covert, w = z[keep], covert[keep], w[keep]
    positive, negative = float(covert.sum()), float((~covert).sum())
    if positive == 0 or negative == 0:
        return Calibration()
    target = np.where(covert, (positive + 1) / (positive + 2), 1 / (negative + 2))
    w = w / w.mean()
    prior = float(np.average(covert, weights=w))
    slope, intercept = 1.0, float(np.log(prior / (1 - prior)))
    design = np.column_stack([z, np.ones(len(z))])

    def loss(a: float, b: float) -> float:
        m = a * z + b
        return float((w * (np.logaddexp(0.0, m) - target * m)).sum())

    current = loss(slope, intercept)
    for _ in range(100):
        p = sigmoid(slope * z + intercept)
        gradient = design.T @ (w * (p - target))
        hessian = (design * (w * p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        scale = 1.0
        while scale > 1e-6:
            trial = loss(slope - scale * step[0], intercept - scale * step[1])
            if trial < current:
                break
            scale /= 2
        else:
            break
        slope -= scale * float(step[0])
        intercept -= scale * float(step[1])
        if current - trial < 1e-10 * max(1.0, abs(current)):
            break
        current = trial
    if slope < floor:
        slope = floor
        intercept = _intercept(z, target, w, slope)
    return Calibration(float(slope), float(intercept), prior)


def _intercept(z: F64, target: F64, w: F64, slope: float) -> float:
    """Intercept for a fixed slope, by bisection (the gradient grows with the intercept)."""
    low, high = -50.0, 50.0
    for _ in range(80):
        middle = (low + high) / 2
        if float((w * (sigmoid(slope * z + middle) - target)).sum()) > 0:
            high = middle
        else:
            low = middle
    return (low + high) / 2
