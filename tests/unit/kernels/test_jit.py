from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
from nalpml._kernels import _jit, segments
print(_jit.is_cached(segments.maximum), end=" ")
segments.maximum(np.zeros(1), np.array([0, 1]))
print(_jit.is_cached(segments.maximum))
"""


def run(repository, **environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=repository, env={**os.environ, **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


def test_kernels_are_compiled_once_and_anew_where_bounds_are_checked(repository, tmp_path):
    ours = {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
    assert run(repository, **ours) == ["False", "True"]
    assert run(repository, **ours) == ["True", "True"]
    assert run(repository, NUMBA_BOUNDSCHECK="1", **ours) == ["False", "True"]


def test_a_machine_without_compiled_kernels_is_cold(repository, tmp_path):
    program = "from nalpml._kernels import is_warm; print(is_warm())"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "False\n"


def test_without_compilation_there_is_nothing_to_wait_for(repository):
    assert run(repository, NUMBA_DISABLE_JIT="1") == ["True", "True"]


def test_every_kernel_has_a_test(repository):
    folder = repository / "nalpml" / "_kernels"
    tests = "\n".join(
        p.read_text() for p in (repository / "tests" / "unit" / "kernels").glob("*.py")
    )
    modules = [p.stem for p in folder.glob("*.py") if not p.stem.startswith("_")]
    # The index of the tracker grows in the tests of windows.
    families = {m: "recognise_more" if m.startswith("recognise_more") else m for m in modules}
    missing = [m for m in modules if m != "tables" and families[m] not in tests]
    assert not missing, f"no test names {missing}"


@pytest.mark.parametrize("path", ["nalpml/_kernels/windows.py", "nalpml/_kernels/_ip.py"])
def test_the_stamp_covers_every_file(repository, path):
    from nalpml._kernels import _jit

    assert (repository / path).parent == (repository / "nalpml" / "_kernels")
    assert _jit._stamp() == _jit._STAMP
