"""Captures that libFuzzer makes up, guided by the branches that they reach in the kernels.

``NUMBA_DISABLE_JIT=1 python -m tests.fuzz.guided FOLDER -max_total_time=600`` needs atheris, which
is no dependency of the project (``pip install atheris``). Kernels run as plain Python, where a
place outside an array raises; FOLDER keeps what was found to be worth mutating, and the arguments
are libFuzzer's.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Hand libFuzzer what it calls."""
    import atheris  # here, so that what lists modules does not need it

    with atheris.instrument_imports(include=["nalpml"]):
        from tests.fuzz.mutate import check, seeds

    def one(data: bytes) -> None:
        with np.errstate(over="ignore"):
            check(data, 3)

    folder = next((Path(a) for a in sys.argv[1:] if not a.startswith("-")), None)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(seeds()):
            (folder / f"seed-{number}").write_bytes(data)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
