"""``paced.py KIND SIZE SEED GAP``: write a payload line by line, with pauses of about GAP s."""

from __future__ import annotations

import random
import sys
import time

from text import make

kind, size, seed, gap = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
rng = random.Random(seed)
for line in make(kind, size, seed).splitlines(keepends=True):
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
    time.sleep(rng.expovariate(1 / gap) if rng.random() < 0.7 else 0)
time.sleep(30)
