"""CPU time of features by group."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..flows.table import Flows
from . import FLOW_FEATURES, GROUPS

__all__ = ["costs"]


def costs(batches: Iterable[Flows]) -> dict[str, float]:
    """Measure what each group of flow features costs.

    Parameters
    ----------
    batches : iterable of Flows
        As `iter_windows` gives them; columns already computed cost nothing, so give them fresh.

    Returns
    -------
    dict of str to float
        CPU seconds of this process by group, in schema order. What several groups share is
        counted for the first of them.
    """
    spent = dict.fromkeys(GROUPS, 0.0)
    for flows in batches:
        for declared in FLOW_FEATURES.values():
            begin = time.process_time()
            declared.compute(flows)
            spent[declared.group] += time.process_time() - begin
    return {group: seconds for group, seconds in spent.items() if group in _of_flows()}


def _of_flows() -> set[str]:
    return {declared.group for declared in FLOW_FEATURES.values()}
