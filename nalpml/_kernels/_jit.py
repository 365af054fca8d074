"""The one place that says how kernels are compiled."""

from __future__ import annotations

from typing import Any

import numba

# nogil: captures can be worked on in threads. cache: a command must not compile at every
# start. No fastmath and no parallel: the order of floating-point sums never changes.
kernel: Any = numba.njit(nogil=True, cache=True)
