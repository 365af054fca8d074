"""Places in the flow tracker's arrays, and why a window closed."""

from __future__ import annotations

LIVE, FREE, HEAD, TAIL, NEXT_ID, CLOSED, EVICTED, PACKETS, CONTEXTS, GENERATION, FORGOTTEN, USED = (
    range(12)
)
"""Scalars of the state: flows open, list of freed slots, the flow idle longest and shortest, next
window number, windows closed in this call, flows evicted, packets so far, entries remembered,
times everything was forgotten (twice: as a mark and as a count), slots ever used."""

IDLE, AGE, FULL, ENDED, REOPENED, EVICT = 1, 2, 3, 4, 5, 6
"""Reasons: no packet for long, old, many packets, end of capture, new SYN, too many flows."""

SYN_ORIG, SYN_RESP, FIN_ORIG, FIN_RESP, RESET = 1, 2, 4, 8, 16
"""Bits of ``tcp_state``."""
