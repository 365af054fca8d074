from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_mutated_captures_break_nothing(repository, tmp_path_factory):
    # A process of its own: bounds checking is set when kernels are compiled. Its cache of
    # compiled kernels is kept apart, where pytest clears it up with its other folders.
    seconds = os.environ.get("NALPML_FUZZ_SECONDS", "20")
    environment = {
        **os.environ,
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": os.environ.get(
            "NALPML_FUZZ_CACHE", str(tmp_path_factory.mktemp("checked"))
        ),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.mutate", "--seconds", seconds, "--seed", "7"],
        cwd=repository, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "no failure" in done.stdout
