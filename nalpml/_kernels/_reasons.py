"""Why a packet is in no flow: places in capture.packets.SKIP_REASONS."""

from __future__ import annotations

NOT_IP, TRUNCATED, BAD_LINK, BAD_IP, BAD_TRANSPORT, UNSUPPORTED = 1, 2, 3, 4, 5, 6
