"""Where an alert begins, as a model carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nalpml.errors import BundleError


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where an alert begins, and how well that point is known.

    Attributes
    ----------
    value : float
        A window alerts when ``score >= value``.
    low, high : float
        95 % interval of the value, by resampling groups.
    target_fpr : float
        False positive rate it was chosen for.
    fpr : float or None
        Rate on the windows it was chosen on; None when there were none.
    negatives : int
        Benign windows it was chosen on, none of them trained on.
    estimable : bool
        Whether there were at least ``10 / target_fpr`` of them. Where not, the value is an upper
        order statistic and the stated rate is a hope.
    """

    value: float = 0.5
    low: float = 0.5
    high: float = 0.5
    target_fpr: float = 1e-4
    fpr: float | None = None
    negatives: int = 0
    estimable: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Threshold:
        """Read :meth:`to_dict` back.

        Raises
        ------
        BundleError
            When a field is missing or of the wrong kind.
        """
        try:
            return cls(
                value=float(value["value"]),
                low=float(value["low"]),
                high=float(value["high"]),
                target_fpr=float(value["target_fpr"]),
                fpr=None if value["fpr"] is None else float(value["fpr"]),
                negatives=int(value["negatives"]),
                estimable=bool(value["estimable"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"model.json: threshold is not complete ({error!r})") from error
