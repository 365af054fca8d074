"""``blob.py KIND SIZE SEED``: write a payload to standard output."""

from __future__ import annotations

import sys

from text import make

sys.stdout.buffer.write(make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
