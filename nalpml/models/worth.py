"""What an alert is worth to whoever has to look at it."""

from __future__ import annotations

from nalpml.models.metrics import predictive_value

BASE_RATES = (1e-2, 1e-3, 1e-4, 1e-5)
HOSTS = 10_000
WINDOWS_PER_HOST = 1_000
"""Flow windows of a host in a day: an assumption, by which alerts a day scale. `nalpml scan` prints
how many windows a capture has."""


def base_rates(
    recall: float | None, fpr: float | None, *, per_host: int = WINDOWS_PER_HOST
) -> list[dict[str, float]]:
    """Probability that an alert is true, and alerts a day, at stated base rates.

    Parameters
    ----------
    recall, fpr : float or None
        At the threshold.
    per_host : int
        Windows of a host in a day.

    Returns
    -------
    list of dict
        ``base_rate`` (share of covert windows), ``ppv``, and, of ``HOSTS`` hosts,
        ``alerts_per_day`` and ``false_per_day``; empty when a rate is not known.

    Examples
    --------
    >>> row = base_rates(0.9, 1e-4)[1]
    >>> row["base_rate"], round(row["ppv"], 2), round(row["false_per_day"])
    (0.001, 0.9, 999)
    """
    if recall is None or fpr is None:
        return []
    windows = HOSTS * per_host
    return [
        {
            "base_rate": p,
            "ppv": predictive_value(recall, fpr, p),
            "alerts_per_day": windows * (p * recall + (1 - p) * fpr),
            "false_per_day": windows * (1 - p) * fpr,
        }
        for p in BASE_RATES
    ]
